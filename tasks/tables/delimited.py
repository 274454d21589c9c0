"""Delimited text by DuckDB's strict parser: fast, in the file's order, and a damaged line is told, never dropped."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import BinaryIO

import duckdb
import numpy as np
import polars as pl

from tasks.errors import Exit, Problem, UserError
from tasks.read.extract import HEADER_SEARCH_LINES, MAX_SHOWN
from tasks.read.lines import CHUNK_BYTES, MAX_LINE_BYTES, Lines
from tasks.read.text import REASONS, readable
from tasks.read.text_header import DELIMITERS, MAX_HEADER_BYTES
from tasks.read.text_layout import BLANKS
from tasks.tables.headers import Wanted

MAX_HEADER_LINES = 8  # a quoted header may hold line breaks
FAULTS = "select line::bigint as line, error_type::varchar as reason, csv_line as text from reject_errors"


@dataclass(frozen=True)
class _Header:
    """``at``: 0-based physical line the header begins on; ``lines``: how many it takes."""

    at: int
    lines: int
    delimiter: str
    cells: tuple[str, ...]


def read_delimited(path: Path, scratch: Path, wanted: Wanted) -> tuple[pl.DataFrame, int]:
    """(the asked columns that the file has, as text; 1-based line of the header). Encodings as the office's reader.

    The header is the line among the first thirty that names most asked columns; lines above it are titles. Raises
    UserError (FILE) when a line has other than the header's number of cells or a quote is not closed: a file from
    which a row is missing would move every later position. COLUMNS for headers.
    """
    lines, _ = readable(path, scratch / "utf8.csv")
    header = _find_header(lines, wanted)
    places = wanted.places(path.name, header.cells)
    begins = _from(lines, header.at, scratch / "tabel.csv") if header.at else lines.path
    rows, faults = _parse(path.name, begins, header, places)
    damaged = faults.filter(pl.col("text").str.strip_chars(BLANKS) != "")
    if damaged.height:
        raise UserError(Exit.FILE, *_told(path.name, damaged, header.at))
    rows = rows.slice(1)  # the header
    below = int(np.count_nonzero(lines.filled[header.at + header.lines :])) - faults.height
    if rows.height > below or (not lines.quoted and rows.height < below):
        received, step = f"{rows.height} dari {below} baris terbaca", "simpan ulang sebagai CSV (UTF-8)"
        raise UserError(Exit.FILE, Problem(path.name, received, "setiap baris terbaca", step))
    return rows, header.at + header.lines


def _find_header(lines: Lines, wanted: Wanted) -> _Header:
    """The first of the lines that name most columns; when none does, the first that holds something."""
    found = []
    with lines.path.open("rb") as file:
        for at in np.flatnonzero(lines.filled)[:HEADER_SEARCH_LINES].tolist():
            text, used = _record(lines, file, at)
            found += [_Header(at, used, delimiter, _cells(text, delimiter)) for delimiter in DELIMITERS]
    if not found:
        return _Header(0, 1, DELIMITERS[0], ())
    return max(found, key=lambda header: (wanted.known(header.cells), -header.at, len(header.cells)))


def _record(lines: Lines, file: BinaryIO, at: int) -> tuple[str, int]:
    """(text of the record that begins on a line, how many lines it takes): quoted cells may hold line breaks."""
    text, used = "", 0
    for line in range(at, min(at + MAX_HEADER_LINES, len(lines))):
        file.seek(int(lines.starts[line]))
        raw = file.read(min(int(lines.stops[line] - lines.starts[line]), MAX_HEADER_BYTES))
        text, used = text + "\n" * (used > 0) + raw.decode("utf-8", "ignore"), used + 1
        if text.count('"') % 2 == 0:
            return text, used
    return text.partition("\n")[0], 1


def _cells(text: str, delimiter: str) -> tuple[str, ...]:
    cells = next(csv.reader(text.splitlines(keepends=True), delimiter=delimiter), [])
    return tuple(cell.strip().strip('"') for cell in cells)


def _from(lines: Lines, at: int, copy: Path) -> Path:
    """The file from one line on."""
    with lines.path.open("rb") as source, copy.open("wb") as target:
        source.seek(int(lines.starts[at]))
        while chunk := source.read(CHUNK_BYTES):
            target.write(chunk)
    return copy


def _parse(name: str, path: Path, header: _Header, places: dict[str, int]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(rows as text, the header the first of them; line, reason and text of what is no row)."""
    con = duckdb.connect(config={"threads": 1})  # keeps the order of lines, in half the memory of two
    try:
        con.execute("set produce_arrow_string_view = true")  # the layout polars keeps: no copy on the way
        read = con.read_csv(
            escape(str(path)), columns={f"c{at}": "varchar" for at in range(len(header.cells))}, auto_detect=False,
            delimiter=header.delimiter, header=False, quotechar='"', strict_mode=True, store_rejects=True,
            rejects_limit=0, null_padding=False, max_line_size=MAX_LINE_BYTES, compression="none",
            hive_partitioning=False,
        )  # fmt: skip
        rows = read.select(", ".join(f'c{at} as "{column}"' for column, at in places.items())).pl()
        return rows, con.execute(FAULTS).pl().unique("line").sort("line")
    except duckdb.OperationalError:  # memory or disk: the machine's fault, not the file's
        raise
    except duckdb.Error:  # its message quotes the file: never shown
        problem = Problem(name, "isi tidak dapat dipisah menjadi kolom", "CSV dengan tanda kutip yang ditutup",
                          "simpan ulang sebagai CSV (UTF-8) atau Parquet")  # fmt: skip
        raise UserError(Exit.FILE, problem) from None
    finally:
        con.close()


def _told(name: str, damaged: pl.DataFrame, above: int) -> Iterable[Problem]:
    """One problem per reason, with the first line numbers."""
    kinds = damaged.with_columns(pl.col("reason").replace(REASONS), pl.col("line") + above).partition_by(
        "reason", maintain_order=True
    )
    for kind in kinds:
        places = ", ".join(map(str, kind["line"].head(MAX_SHOWN)))
        more = " ..." if kind.height > MAX_SHOWN else ""
        received = f"{kind.height} baris: {kind['reason'][0]}"
        yield Problem(f"{name}, baris {places}{more}", received, "jumlah kolom yang sama pada setiap baris",
                      "perbaiki baris itu; setiap baris harus tetap pada tempatnya")  # fmt: skip
