"""Whatever Staff writes into open cells is read as exactly that, compared with a second reading by openpyxl."""

import datetime as dt
import os
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from office_kit.sheets import FIRST_ROW, HEADS, OPEN, edit, letter
from office_kit.small import Opened

from tasks.errors import UserError
from tasks.worksheet import parse_worksheet, write_worksheet

EXAMPLES = 300 if os.environ.get("SINKRON_TORTURE") else 25
EDITS = {
    "HASIL": ["diperbaiki", "usul nonaktif", "tidak terbukti", "ditunda", "rujuk luar kota", "", "selesai"],
    "ELEMEN": ["TGL_LHR", "ALAMAT", "NIK_IBU", "NIK", ""],
    "MENJADI": ["1991-02-14", "JL MAWAR NO 1", "3576024102709002", ""],
    "ELEMEN 2": ["ALAMAT", "AGAMA", ""],
    "MENJADI 2": ["JL MELATI", "1", ""],
    "DASAR": ["kutipan akta kelahiran", "KTP-el", "kartu keluarga", "surat jawaban daerah lain", "koran", ""],
    "NOMOR": ["1/2026", ""],
    "TANGGAL": ["2026-01-05", "05-01-2026", "2026-02-30", ""],
    "KEJADIAN": ["warga datang", "jawaban daerah: tetap di sini", "jawaban daerah: warga sana", ""],
    "TUNDA SAMPAI": ["2099-12-31", "2020-01-01", ""],
    "CATATAN": ["menunggu akta", "=bukan rumus?", " ", ""],
}
# Whole decisions, so that not every example is refused.
RIGHT = [
    {"HASIL": "diperbaiki", "ELEMEN": "ALAMAT", "MENJADI": "JL MAWAR NO 1", "DASAR": "KTP-el", "KEJADIAN": "",
     "ELEMEN 2": "", "MENJADI 2": ""},
    {"HASIL": "ditunda", "TUNDA SAMPAI": "2099-12-31"},
    {"HASIL": "tidak terbukti", "DASAR": "kartu keluarga", "TANGGAL": "05-01-2026", "KEJADIAN": "warga datang"},
    {"CATATAN": "menunggu akta"},
]  # fmt: skip
cell = st.sampled_from(OPEN).flatmap(lambda head: st.tuples(st.just(head), st.sampled_from(EDITS[head])))
edits = st.dictionaries(
    st.integers(0, 12), st.one_of(st.sampled_from(RIGHT), st.lists(cell, min_size=1, max_size=4).map(dict)), max_size=5
)


@pytest.fixture(scope="module")
def written(reading: Opened, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One worksheet of the small office; every example works on a copy."""
    path = write_worksheet(reading.con, reading.batch.office, reading.batch.agenda, 1)
    kept = tmp_path_factory.mktemp("lembar") / "lembar.xlsx"
    shutil.move(path, kept)
    return kept


def cells(path: Path) -> dict[str, dict[str, str]]:
    """Key -> heading -> text, cell by cell, as openpyxl reads it."""
    page = openpyxl.load_workbook(path)["Keputusan"]
    rows = page.iter_rows(min_row=FIRST_ROW, values_only=True)
    return {
        str(row[0]): {head: str(value or "").strip() for head, value in zip(HEADS, row, strict=True)} for row in rows
    }


def expected(before: dict[str, str], now: dict[str, str]) -> dict[str, Any]:
    """What a changed row decides, worked out by hand from its cells; for rows that were accepted."""
    letters = now["KEJADIAN"].startswith("jawaban daerah")
    said = any(before[head] != now[head] for head in ("HASIL", "ELEMEN", "MENJADI", "ELEMEN 2", "MENJADI 2"))
    own = said or letters or any(before[head] != now[head] for head in ("DASAR", "NOMOR", "TANGGAL"))
    corrected = now["HASIL"] == "diperbaiki"
    found: dict[str, Any] = {"outcome": now["HASIL"], "event": now["KEJADIAN"] or None, "note": now["CATATAN"] or None}
    found["until"] = (
        dt.date.fromisoformat(now["TUNDA SAMPAI"]) if now["HASIL"] == "ditunda" and now["TUNDA SAMPAI"] else None
    )
    for suffix, head, value in (("", "ELEMEN", "MENJADI"), ("_2", "ELEMEN 2", "MENJADI 2")):
        mine = corrected and own and now[head]
        found[f"element{suffix}"] = now[head].lower() if mine else None
        found[f"after{suffix}"] = now[value] if mine else None
    kept = [now[head].lower() for head in ("ELEMEN", "ELEMEN 2") if corrected and not own and now[head]]
    return found | {"kept": kept, "number": now["NOMOR"] or None}


@settings(max_examples=EXAMPLES)
@given(edits)
def test_what_is_written_is_what_is_read(reading: Opened, written: Path, changed: dict[int, dict[str, str]]) -> None:
    """If this fails, approvers sign something else than what Staff wrote, or an untouched row becomes a decision."""
    path = written.with_name("isi.xlsx")
    shutil.copy(written, path)

    def change(page: Any) -> None:
        for at, row in changed.items():
            for head, value in row.items():
                page[f"{letter(head)}{FIRST_ROW + at}"].value = value or None
                page[f"{letter(head)}{FIRST_ROW + at}"].data_type = "s" if value else "n"

    edit(path, change)
    before, now = cells(written), cells(path)
    touched = {key for key, row in now.items() if any(row[head] != before[key][head] for head in OPEN)}
    try:
        found = parse_worksheet(reading.con, path, reading.batch.agenda, 1).decisions
    except UserError as error:
        lines = {int(problem.place.split("!")[1].lstrip("ABCDEFGHIJKLMNOPQRSTU")) for problem in error.problems}
        keys = list(now)
        assert lines
        assert {keys[line - FIRST_ROW] for line in lines} <= touched  # nobody is blamed for what was not touched
        return
    rows = {str(row.pop("row_id")): row for row in found.iter_rows(named=True)}
    assert set(rows) == touched
    for key, row in rows.items():
        wanted = expected(before[key], now[key])
        assert {name: row[name] for name in wanted} == wanted


def test_right_decisions_are_accepted(reading: Opened, written: Path) -> None:
    """If this fails, the property above holds because everything is refused."""
    path = written.with_name("benar.xlsx")
    for at, row in enumerate(RIGHT):
        shutil.copy(written, path)

        def change(page: Any, row: dict[str, str] = row) -> None:
            for head, value in row.items():
                page[f"{letter(head)}{FIRST_ROW + 1}"].value = value or None

        edit(path, change)
        assert parse_worksheet(reading.con, path, reading.batch.agenda, 1).decisions.height == 1, at
