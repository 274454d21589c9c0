"""One sheet of an XLSX workbook, row by row as Excel shows it."""

from pathlib import Path
from typing import Any

import polars as pl

from tasks.errors import Exit, Problem, UserError
from tasks.read.container import check_container, refuse
from tasks.read.extract import HEADER_SEARCH_LINES, MAX_SHOWN
from tasks.read.workbook import MIDNIGHT, loaded, opened
from tasks.read.workbook_cells import column_letters
from tasks.read.workbook_parts import SheetFacts, xlsx_facts
from tasks.tables.headers import Wanted

EXCEL_DIGITS = 15  # Excel keeps no more of a number: the rest of a NIK became zeros
ROW = "_row"
FAMILY_LINE = r"(?i)^\s*(no\.?|nomor)\s*kk\b.*:"


def read_sheet(path: Path, scratch: Path, wanted: Wanted) -> tuple[pl.DataFrame, int]:
    """(the asked columns of the only sheet with known headers, as text; 1-based row of the header).

    A blank row between others is a data row; blank rows after the last filled one are not. Raises UserError: FILE for
    a damaged or dangerous workbook, several sheets of records, and numeric cells of more than 15 digits in a column of
    digits (Excel changed them); COLUMNS for headers.
    """
    del scratch  # read in place
    facts, book = xlsx_facts(path, check_container(path)), opened(path)
    sheets = [(name, _cells(path, book, name), checked) for name, checked in zip(book.sheet_names, facts, strict=True)]
    found = [(_header(cells, wanted), name, cells, checked) for name, cells, checked in sheets if cells.width]
    known = max((wanted.known(header[1]) for header, *_ in found), default=0)
    best = [each for each in found if wanted.known(each[0][1]) == known]
    if known and len(best) > 1:
        names = ", ".join(f"'{name}'" for _, name, *_ in best)
        raise refuse(path, f"{len(best)} lembar dengan judul yang sama ({names})", "simpan satu lembar per berkas")
    if not best:
        raise refuse(path, "buku kerja kosong", "periksa berkas itu")
    (at, headers), name, cells, checked = best[0]
    if checked.fault:
        raise refuse(path, f"lembar '{name}' {checked.fault}", "perbaiki sel itu lalu simpan ulang dengan Excel")
    places = wanted.places(path.name, headers)
    rows = _without_tail(cells).with_row_index(ROW, 1).slice(at + 1)
    if rows.select(pl.coalesce(pl.exclude(ROW)).str.contains(FAMILY_LINE).any()).item():
        step = "ekspor sebagai tabel datar; cetakan BIP dibaca oleh sinkron check dan sinkron receive"
        raise refuse(path, f"lembar '{name}' memuat baris KK di atas anggotanya (cetakan BIP)", step)
    _refuse_cut_numbers(path, rows.select(ROW, *(cells.columns[places[c]] for c in places if c in wanted.numbers)),
                        checked)  # fmt: skip
    text = [pl.col(cells.columns[place]).str.strip_suffix(MIDNIGHT).alias(column) for column, place in places.items()]
    return rows.select(text), at + 1


def _cells(path: Path, book: Any, sheet: str) -> pl.DataFrame:
    """All cells as text; columns are named by their position from 1."""
    cells, first = loaded(path, book, sheet)
    cells.columns = [str(first + at) for at in range(cells.width)]
    return cells


def _header(cells: pl.DataFrame, wanted: Wanted) -> tuple[int, list[str]]:
    """(0-based row, texts) of the row among the first thirty that names most columns."""
    rows = [[(cell or "").strip() for cell in row] for row in cells.head(HEADER_SEARCH_LINES).iter_rows()]
    at = max(range(len(rows)), key=lambda row: (wanted.known(rows[row]), -row))
    return at, rows[at]


def _without_tail(cells: pl.DataFrame) -> pl.DataFrame:
    filled = cells.select(pl.any_horizontal(pl.all().is_not_null())).to_series().arg_true()
    return cells.head(int(filled[-1]) + 1 if len(filled) else 0)


def _refuse_cut_numbers(path: Path, rows: pl.DataFrame, facts: SheetFacts) -> None:
    """``rows``: ROW and the columns of digits, named by their position."""
    numeric = set(facts.numbers.to_list()) if rows.width > 1 and len(facts.numbers) else set()
    problems = []
    for column in rows.columns[1:] if numeric else []:
        letters = column_letters(int(column))
        digits = pl.col(column).str.count_matches("[0-9]") > EXCEL_DIGITS
        long = rows.filter(digits | pl.col(column).str.contains(r"(?i)[0-9]e\+?[0-9]"))[ROW]
        if cut := [f"{letters}{row}" for row in long if f"{letters}{row}" in numeric]:
            shown = ", ".join(cut[:MAX_SHOWN]) + (" ..." if len(cut) > MAX_SHOWN else "")
            received = f"{len(cut)} sel angka lebih dari {EXCEL_DIGITS} angka (BRK-04), yaitu {shown}"
            problems.append(Problem(path.name, received, "sel teks", "minta kolom itu dikirim ulang sebagai teks"))
    if problems:
        raise UserError(Exit.FILE, *problems)
