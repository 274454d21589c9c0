"""Whatever Staff decides about rows of the same residents: refused exactly when they contradict, else written as said.

The model reads the filled sheet cell by cell with openpyxl and knows who is who from how the files were made.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from office_kit.one_person import PEOPLE, drafted, files_of_one_person, row_of
from office_kit.sheets import FIRST_ROW, HEADS, LATER, SOME_DAY, Cells, fill, letter, work_round
from office_kit.small import SCENARIOS, Batch, Opened, copy_of
from office_kit.writing import write

from tasks.errors import UserError
from tasks.store import open_store
from tasks.worksheet import parse_worksheet, write_worksheet

AKTA = {"DASAR": "kutipan akta kelahiran", "NOMOR": "1/2026", "TANGGAL": SOME_DAY, "ELEMEN 2": None, "MENJADI 2": None}
VALUES = {"ALAMAT": ("JL MAWAR NO 1", "JL MELATI NO 2"), "TGL_LHR": ("1991-02-14", "1991-03-03"),
          "NAMA_LGKP": ("WIDURI UJI", "JATMIKA ADIWANGSA")}  # fmt: skip
one = st.sampled_from(sorted(VALUES)).flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(VALUES[name])))
corrected = one.map(lambda said: {"HASIL": "diperbaiki", "ELEMEN": said[0], "MENJADI": said[1], **AKTA})
twice = st.tuples(corrected, one).filter(lambda both: both[0]["ELEMEN"] != both[1][0]).map(
    lambda both: both[0] | {"ELEMEN 2": both[1][0], "MENJADI 2": both[1][1]}
)  # fmt: skip
NONE = {"ELEMEN": None, "MENJADI": None}
ends = st.sampled_from([
    {"HASIL": "usul nonaktif", **AKTA, **NONE}, {"HASIL": "tidak terbukti", **AKTA, **NONE},
    {"HASIL": "ditunda", "TUNDA SAMPAI": LATER, **NONE}, {"CATATAN": "sudah ditelepon"},
])  # fmt: skip
ROWS = [row_of(person, file) for file in (1, 2) for person in PEOPLE]
decided = st.dictionaries(st.sampled_from(ROWS), st.one_of(corrected, twice, ends), max_size=6)


@pytest.fixture(scope="module")
def twofold(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """Do not write to it."""
    return drafted(tmp_path_factory.mktemp("dua") / "kantor", files_of_one_person())


@pytest.fixture(scope="module")
def blank(twofold: Batch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its worksheet; every example works on a copy."""
    kept = tmp_path_factory.mktemp("lembar") / "lembar.xlsx"
    with open_store(twofold.office) as con:
        shutil.copy(write_worksheet(con, twofold.office, twofold.agenda, 1), kept)
    return kept


def effects(path: Path) -> dict[int, dict[str, tuple[str, str]]]:
    """row_id -> what it would do: element or "nonaktif" -> (value, the cell that says so)."""
    found: dict[int, dict[str, tuple[str, str]]] = {}
    page = openpyxl.load_workbook(path)["Keputusan"]
    for at, line in enumerate(page.iter_rows(min_row=FIRST_ROW, values_only=True), FIRST_ROW):
        row = dict(zip(HEADS, line, strict=True))
        mine = found.setdefault(int(row["KUNCI"]), {})
        if row["HASIL"] == "usul nonaktif":
            mine["nonaktif"] = ("", f"Keputusan!{letter('HASIL')}{at}")
        for element, value in (("ELEMEN", "MENJADI"), ("ELEMEN 2", "MENJADI 2")):
            if row["HASIL"] == "diperbaiki" and row[element]:
                mine[row[element]] = (row[value], f"Keputusan!{letter(value)}{at}")
    return found


def contradictions(path: Path, touched: set[int]) -> set[str]:
    """Cells of touched rows that say otherwise than the other row of that person."""
    said, wrong = effects(path), set()
    for person in PEOPLE:
        pair = [row_of(person, 1), row_of(person, 2)]
        for row_id, other in (pair, pair[::-1]):
            mine, theirs = said[row_id], said[other]
            for element, (value, cell) in mine.items():
                apart = element in theirs and theirs[element][0] != value
                ends_otherwise = bool(theirs) and (element == "nonaktif") != ("nonaktif" in theirs)
                if row_id in touched and (apart or ends_otherwise):
                    wrong.add(cell)
    return wrong


def faults(twofold: Batch, path: Path) -> set[str]:
    with open_store(twofold.office) as con:
        try:
            parse_worksheet(con, path, twofold.agenda, 1)
        except UserError as error:
            return {
                problem.place if "orang yang sama" in problem.received else str(problem) for problem in error.problems
            }
    return set()


@settings(max_examples=60)
@given(decided)
def test_refused_exactly_when_rows_of_one_person_contradict(
    twofold: Batch, blank: Path, cells: Mapping[int, Cells]
) -> None:
    """If this fails, a batch is signed that nobody can write, or Staff is sent back for nothing."""
    path = blank.with_name("isi.xlsx")
    shutil.copy(blank, path)
    fill(path, cells)
    assert faults(twofold, path) == contradictions(path, set(cells))


@pytest.mark.parametrize("decisions", [
    {}, {("document", 1): ("TGL_LHR", 0), ("document", 2): ("TGL_LHR", 0)},
    {("document", 1): ("TGL_LHR", 0), ("document", 2): ("ALAMAT", 1), ("biometric", 2): ("ALAMAT", 0)},
    {("symbol", 1): ("NAMA_LGKP", 1), ("loser", 1): None, ("biometric", 1): ("TGL_LHR", 1)},
])  # fmt: skip
def test_what_was_accepted_is_written_as_it_was_said(
    twofold: Batch, tmp_path: Path, decisions: dict[tuple[str, int], tuple[str, int] | None]
) -> None:
    """If this fails, the property above lets something through that stops at writing."""
    batch = copy_of(twofold, tmp_path / "kantor")
    cells = {
        row_of(*key): {"CATATAN": "ya"} if said is None else
        {"HASIL": "diperbaiki", "ELEMEN": said[0], "MENJADI": VALUES[said[0]][said[1]], **AKTA}
        for key, said in decisions.items()
    }  # fmt: skip
    with open_store(batch.office) as con:
        batch.done["propose"] = work_round(con, batch.office, (batch.agenda, 1), cells)
        said = effects(next(batch.office.desk.glob("lembar-kerja-*.xlsx")))
        batch.sign()
        assert write(Opened(batch, con))[1]
        for person in PEOPLE:
            nik = SCENARIOS[person][0]["NIK"]
            (held,) = con.execute("select * from penduduk where nik = ?", [nik]).pl().to_dicts()
            for file in (1, 2):
                for element, (value, _) in said[row_of(person, file)].items():
                    name = "usulan" if element == "nonaktif" else element.lower()
                    assert str(held[name]) == (value or "NONAKTIF")
