"""Flat XLSX workbooks, read as text: one sheet of residents, its header row found by three known headers."""

from pathlib import Path
from typing import Any

import fastexcel
import polars as pl

from expectations.columns import IDENTIFIERS, canonical_name
from tasks.errors import Exit, Problem, UserError
from tasks.read.container import check_container, refuse
from tasks.read.extract import LINE, Extract, map_headers, no_rejects, to_contract

HEADER_SEARCH_ROWS = 20
HEADER_MIN_KNOWN = 3


def read_workbook(path: Path, scratch: Path) -> Extract:
    """Reads the only sheet of residents. Line numbers are Excel's row numbers.

    Raises UserError: FILE for a damaged or dangerous workbook, numeric NIK cells (BRK-04: Excel kept 15 digits) or
    residents on several sheets; COLUMNS for headers.
    """
    del scratch  # a workbook needs no re-encoded copy
    check_container(path)
    book = opened(path)
    raw, header_at, at_sheet = _sheet_of_residents(path, book)
    first = _first_column(path, book, at_sheet)
    cells = dict(enumerate(raw.row(header_at), start=first))
    headers = {position: str(cell) for position, cell in cells.items() if cell}
    mapping = map_headers(path.name, headers)
    _refuse_numbers(path, book, (at_sheet, header_at), {p: mapping[h] for p, h in headers.items()})
    used = {raw.columns[position - first]: header for position, header in headers.items()}
    rows = (
        raw.with_columns(pl.int_range(1, raw.height + 1, dtype=pl.Int64).alias(LINE))
        .slice(header_at + 1)
        .filter(pl.any_horizontal(pl.col(list(used)).is_not_null()))
        .select(LINE, *(pl.col(name).alias(header) for name, header in used.items()))
    )
    frame = to_contract(rows, mapping)
    ignored = tuple(header for header, name in mapping.items() if name not in frame.columns)
    layout = f"buku kerja datar, judul pada baris {header_at + 1}"
    return Extract(path.name, layout, frame, no_rejects(), mapping, ignored)


def opened(path: Path) -> Any:
    """The workbook of a checked container. Raises UserError (FILE), also when the reader itself breaks."""
    return _guarded(path, lambda: fastexcel.read_excel(str(path)))


def sheet_text(path: Path, book: Any, sheet: int) -> pl.DataFrame:
    """All cells of a sheet as text, from row 1 and column A on, empty ones null."""
    options = {"header_row": None, "skip_rows": 0, "dtypes": "string"}
    frame: pl.DataFrame = _guarded(path, lambda: book.load_sheet(sheet, **options).to_polars())
    return frame


def _first_column(path: Path, book: Any, sheet: int) -> int:
    """Position (from 1) of the first used column: the reader leaves empty columns in front out."""
    loaded = _guarded(path, lambda: book.load_sheet(sheet, header_row=None, skip_rows=0, n_rows=1))
    return int(loaded.selected_columns[0].absolute_index) + 1


def _guarded(path: Path, read: Any) -> Any:
    try:
        return read()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # noqa: BLE001 (a panic of the Rust reader is no Exception)
        raise refuse(path, "berkas XLSX tidak dapat dibaca") from None


def _sheet_of_residents(path: Path, book: Any) -> tuple[pl.DataFrame, int, int]:
    """(cells, header row, sheet number) of the one sheet with a header row."""
    found = []
    for number in range(len(book.sheet_names)):
        cells = sheet_text(path, book, number)
        header_at = _header_row(cells)
        if header_at is not None:
            found.append((cells, header_at, number))
    if not found:
        place = f"{path.name}, baris 1-{HEADER_SEARCH_ROWS}"
        allowed = "satu baris judul dengan nama kolom SIAK (NIK, Nomor KK, Nama ...)"
        problem = Problem(place, "tidak ada baris judul yang dikenal", allowed, "periksa apakah ini data penduduk")
        raise UserError(Exit.COLUMNS, problem)
    if len(found) > 1:
        raise refuse(path, f"{len(found)} lembar berisi data penduduk; satu berkas memuat satu lembar")
    return found[0]


def _header_row(cells: pl.DataFrame) -> int | None:
    for index, row in enumerate(cells.head(HEADER_SEARCH_ROWS).iter_rows()):
        if sum(1 for cell in row if cell and canonical_name(str(cell))) >= HEADER_MIN_KNOWN:
            return index
    return None


def _refuse_numbers(path: Path, book: Any, place: tuple[int, int], names: dict[int, str]) -> None:
    """Identifiers must be text cells: Excel keeps 15 digits of a number, so a numeric NIK is another person's."""
    sheet, header_at = place
    for position, name in names.items():
        if name not in IDENTIFIERS:
            continue
        options = {"header_row": None, "skip_rows": header_at + 1, "use_columns": [position - 1]}
        try:
            loaded = book.load_sheet(sheet, schema_sample_rows=None, dtype_coercion="strict", **options)
            numeric = any(column.dtype not in {"string", "null"} for column in loaded.selected_columns)
        except fastexcel.FastExcelError:  # strict: text and numbers mixed
            numeric = True
        if numeric:
            received = f"kolom {name.upper()} (kolom ke-{position}) memuat sel angka, bukan teks (BRK-04)"
            raise refuse(path, received)
