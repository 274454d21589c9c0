"""Any table as text columns of a model, every data row in its place."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tasks.errors import Exit, Problem, UserError
from tasks.tables.delimited import read_delimited
from tasks.tables.headers import Wanted
from tasks.tables.parquet import read_parquet
from tasks.tables.sheet import read_sheet

READERS: dict[str, Callable[[Path, Path, Wanted], tuple[pl.DataFrame, int]]] = {
    ".csv": read_delimited, ".tsv": read_delimited, ".txt": read_delimited, ".parquet": read_parquet,
    ".xlsx": read_sheet,
}  # fmt: skip
ACCEPTED = tuple(READERS)


@dataclass(frozen=True)
class Table:
    """A file as read.

    ``frame``: one String column per asked column, all null when the file has none of it, one row per data row in the
    file's order, values as received. ``found``: the columns the file has.
    ``header_line``: 1-based line of the header row as an editor or Excel shows it, 0 for a Parquet.
    """

    name: str
    frame: pl.DataFrame
    found: tuple[str, ...]
    header_line: int


def read_table(path: Path, wanted: Wanted) -> Table:
    """Reads the asked columns of a CSV, TSV, TXT, Parquet or XLSX file.

    A wholly blank line of a text file is no data row and is not counted; a line of separators alone, and a blank row
    of a workbook between others, is one. Raises UserError: USAGE for no file, FILE for one that cannot be read whole,
    COLUMNS for headers.
    """
    if not path.is_file():
        problem = Problem(path.name, "berkas tidak ditemukan", "berkas yang ada", "periksa nama berkas")
        raise UserError(Exit.USAGE, problem)
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        received = f"jenis berkas {path.suffix or 'tanpa akhiran'}"
        step = "simpan ulang sebagai Parquet atau CSV"
        raise UserError(Exit.FILE, Problem(path.name, received, ", ".join(ACCEPTED), step))
    if not path.stat().st_size:
        problem = Problem(path.name, "berkas kosong (0 byte)", "baris judul dan data", "periksa berkas itu")
        raise UserError(Exit.FILE, problem)
    with tempfile.TemporaryDirectory() as scratch:
        frame, header_line = reader(path, Path(scratch), wanted)
    found = tuple(name for name in wanted.names if name in frame.columns)
    missing = [pl.lit(None, pl.String).alias(name) for name in wanted.names if name not in found]
    return Table(path.name, frame.with_columns(missing).select(wanted.names), found, header_line)
