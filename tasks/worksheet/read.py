"""The way back: Staff's filled worksheet is archived, checked cell by cell, and becomes decisions."""

import re
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl

from expectations.codes import CODED, REGION_WIDTHS, labels
from expectations.columns import BY_NAME, DATES, IDENTIFIERS
from expectations.outcomes import Outcome
from tasks.errors import Exit, Problem, UserError
from tasks.office import WIB, Office
from tasks.private import copy_private
from tasks.read.container import check_container
from tasks.read.workbook import opened, sheet_text
from tasks.steps import Summary, find, finish
from tasks.store import transaction
from tasks.worksheet.layout import (
    EDITABLE,
    LOCKED,
    OPEN,
    ROWS,
    STAFF_OUTCOMES,
    TITLE_ROW,
    banner,
    cell_text,
    worksheet_name,
)

FIRST_DAY = "1900-01-01"
NAMES = ("nama_lgkp", "nama_lgkp_ibu", "nama_lgkp_ayah")
COLUMNS = len(LOCKED) + len(OPEN)


def keep_worksheet(office: Office, name: str, question: tuple[str, str]) -> Path:
    """Copies what Staff names on the desk into the batch's archive, so that later edits change nothing.

    ``question``: (agenda, gate key). Raises UserError (WORKSHEET) when there is no such file.
    """
    agenda, key = question
    source, kept = office.desk / name, office.archive / agenda / f"lembar-kerja-{key}.xlsx"
    if kept.exists():
        return kept
    if Path(name).name != name or not source.is_file():
        raise UserError(
            Exit.WORKSHEET,
            Problem(
                name,
                "lembar kerja tidak ada di folder meja/",
                "nama berkas di meja/",
                "periksa nama berkas, atau kosongkan isian lembar kerja",
            ),
        )
    copy_private(source, kept)
    return kept


def parse_worksheet(con: duckdb.DuckDBPyConnection, path: Path, agenda: str, round_no: int) -> pl.DataFrame:
    """The decided rows of a filled worksheet: the sheet's columns as text. Other row orders are fine.

    Raises UserError (WORKSHEET) with every wrong cell at once.
    """
    cells = _table(_cells(path), agenda, round_no)
    rows = [[cell_text(value) for value in row] for row in con.execute(ROWS, [agenda, round_no]).fetchall()]
    written = pl.DataFrame(rows, schema=dict.fromkeys(LOCKED, pl.String), orient="row")
    submitted = datetime.fromtimestamp(path.stat().st_mtime, WIB).date().isoformat()  # nobody is born after that
    problems = [*_structure(cells, written), *_decisions(cells, submitted)]
    if problems:
        raise UserError(Exit.WORKSHEET, *problems)
    return cells.filter(pl.col("HASIL") != "")


def _table(filled: pl.DataFrame, agenda: str, round_no: int) -> pl.DataFrame:
    """The sheet below its headings, every cell trimmed text, ``at`` = row number in Excel."""
    if filled.is_empty() or filled.item(0, 0) != banner(agenda, round_no):
        right = worksheet_name(agenda, round_no)
        problem = Problem("sel A1", "lembar kerja agenda atau ronde lain", right, "pakai lembar kerja ronde ini")
        raise UserError(Exit.WORKSHEET, problem)
    names = [str(name) for name in filled.row(TITLE_ROW)[:COLUMNS]] if filled.height > TITLE_ROW else []
    if names != [*LOCKED, *OPEN]:
        wanted = ", ".join((*LOCKED, *OPEN))
        problem = Problem(f"baris {TITLE_ROW + 1}", "judul kolom diubah", wanted, "kembalikan judul kolom semula")
        raise UserError(Exit.WORKSHEET, problem)
    cells = filled[TITLE_ROW + 1 :, :COLUMNS]
    return (
        cells.rename(dict(zip(cells.columns, names, strict=True)))
        .with_columns(pl.all().fill_null("").str.strip_chars(" \u00a0"))
        .with_row_index("at", TITLE_ROW + 2)
        .with_columns(pl.col("HASIL").str.to_lowercase())
        .filter(pl.any_horizontal(pl.col(*LOCKED, *OPEN) != ""))
    )


def store_decisions(con: duckdb.DuckDBPyConnection, office: Office, kept: str, about: tuple[str, int]) -> Summary:
    """Stores the decisions of an accepted worksheet (``kept``: its name in the archive). Returns {decided}."""
    agenda, round_no = about
    if done := find(con, agenda, "worksheet", round_no):
        return done
    decided = parse_worksheet(con, office.archive / agenda / kept, agenda, round_no)
    rows = [
        (agenda, int(key), round_no, outcome, element.lower() or None, after or None, basis)
        for key, outcome, element, after, basis in decided.select("KUNCI", *OPEN).iter_rows()
    ]
    with transaction(con):
        if rows:
            con.executemany("insert into decisions values (?, ?, ?, ?, ?, ?, ?)", rows)
        return finish(con, agenda, ("worksheet", round_no), {"decided": len(rows)})


def _cells(path: Path) -> pl.DataFrame:
    check_container(path)
    return sheet_text(path, opened(path), 0)


def _structure(cells: pl.DataFrame, written: pl.DataFrame) -> list[Problem]:
    """Rows missing, added or doubled, and locked cells that differ from what we wrote."""
    problems = []
    keys, ours = cells["KUNCI"], set(written["KUNCI"])
    for at, key in cells.filter(keys.is_duplicated() | ~keys.is_in(list(ours))).select("at", "KUNCI").iter_rows():
        problems.append(
            Problem(
                f"sel A{at}",
                f"kunci baris {key or 'kosong'} ganda atau tidak dikenal",
                "setiap kunci tepat satu kali",
                "pulihkan baris itu dari lembar semula",
            )
        )
    missing = sorted(ours - set(keys))
    if missing:
        problems.append(
            Problem(
                "kolom A",
                f"{len(missing)} baris hilang, misalnya kunci {missing[0]}",
                "semua baris tetap ada",
                "pulihkan baris itu dari lembar semula",
            )
        )
    joined = cells.join(written, on="KUNCI", how="inner", suffix=" kami")
    for letter, column in zip("BCDEFGH", LOCKED[1:], strict=True):
        changed = joined.filter(pl.col(column) != pl.col(f"{column} kami").str.strip_chars(" \u00a0"))
        problems += [
            Problem(f"sel {letter}{at}", f"kolom {column} diubah", "kolom abu-abu tidak diubah", "pulihkan sel itu")
            for at in changed["at"]
        ]
    return problems


def _decisions(cells: pl.DataFrame, until: str) -> list[Problem]:
    """Impossible outcomes, and corrections without element, value or basis."""
    problems = []
    for at, outcome, element, after, basis in cells.select("at", *OPEN).iter_rows():
        filled = {"I": outcome, "J": element, "K": after, "L": basis}
        if not any(filled.values()):
            continue
        wrong = []
        if outcome not in STAFF_OUTCOMES:
            wrong.append(("I", outcome or "kosong", ", ".join(STAFF_OUTCOMES)))
        if not basis:
            wrong.append(("L", "dasar kosong", "dokumen, nomor dan tanggal"))
        if outcome == Outcome.CORRECTED.value:
            if element.upper() not in EDITABLE:
                wrong.append(("J", element or "kosong", "nama kolom SIAK selain NIK, misalnya TGL_LHR"))
            elif expected := _expected(element.lower(), after, until):
                wrong.append(("K", "nilai tidak sah" if after else "nilai kosong", expected))
        elif element or after:
            wrong.append(("J", "elemen diisi", f"kosong bila hasil bukan {Outcome.CORRECTED.value}"))
        problems += [
            Problem(f"sel {column}{at}", received, allowed, "perbaiki sel itu") for column, received, allowed in wrong
        ]
    return problems


def _expected(element: str, value: str, until: str) -> str:
    """What the element allows when ``value`` is not it; empty when the value can be written."""
    label = BY_NAME[element].label
    if element in DATES and not (_is_date(value) and FIRST_DAY <= value <= until):
        return f"{label}, tanggal YYYY-MM-DD antara {FIRST_DAY} dan {until}"
    if element in NAMES and not re.fullmatch("[A-Z .,'`-]+", value):
        return f"{label}, huruf besar tanpa angka"
    if element in IDENTIFIERS and not re.fullmatch("[0-9]{16}", value):
        return f"{label}, 16 angka"
    if element in CODED and value not in labels(element):
        return f"{label}, kode SIAK (lembar Petunjuk): {', '.join(list(labels(element))[:13])}"
    width = REGION_WIDTHS.get(element)
    if width and not re.fullmatch(f"[0-9]{{{width}}}", value):
        return f"{label}, {width} angka"
    return "" if value else f"{label}, tidak kosong"


def _is_date(text: str) -> bool:
    return pl.Series([text]).str.to_date("%Y-%m-%d", strict=False)[0] is not None
