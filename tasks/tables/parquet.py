"""Parquet: only the asked columns, every type as the text people would write."""

from pathlib import Path

import polars as pl

from tasks.errors import Exit, Problem, UserError
from tasks.tables.headers import Wanted

EXACT = 2**53  # from here on a float no longer holds every whole number: a NIK of provinces 91-97 lost a digit
MIDNIGHT = " 00:00:00"


def read_parquet(path: Path, scratch: Path, wanted: Wanted) -> tuple[pl.DataFrame, int]:
    """(the asked columns that the file has, as text; 0: there is no header line).

    Whole numbers and dates become plain text (3576014107809001, 1980-04-11), also when a tool stored whole numbers as
    floats. Raises UserError: FILE for a damaged file, a nested column, or numbers too large for a float; COLUMNS.
    """
    del scratch  # read in place
    try:
        lazy = pl.scan_parquet(path, glob=False, hive_partitioning=False)
        schema = lazy.collect_schema()
        places = wanted.places(path.name, schema.names())
        chosen = {column: schema.names()[at] for column, at in places.items()}
        frame = lazy.select(pl.col(header).alias(column) for column, header in chosen.items()).collect()
    except (pl.exceptions.PolarsError, OSError):  # its message could quote the file
        raise _refuse(path, "berkas Parquet rusak atau terpotong", "tulis ulang berkas itu") from None
    problems = [problem for column in places if (problem := _wrong(path, frame[column]))]
    if problems:
        raise UserError(Exit.FILE, *problems)
    return frame.select(_text(frame[column]) for column in places), 0


def _wrong(path: Path, column: pl.Series) -> Problem | None:
    place, kind = f"{path.name}, kolom {column.name}", column.dtype
    if kind.is_nested() or kind in (pl.Binary, pl.Object):
        return Problem(place, f"jenis {kind}", "teks, bilangan atau tanggal", "tulis kolom itu sebagai teks")
    if kind.is_float() and (cut := int((column.is_finite() & (column.abs() >= EXACT)).sum() or 0)):
        received = f"{cut} bilangan pecahan lebih dari 15 angka; angka terakhirnya sudah berubah"
        return Problem(place, received, "teks atau bilangan bulat 64 bit", "tulis kolom itu sebagai teks dari asalnya")
    return None


def _text(column: pl.Series) -> pl.Series:
    if column.dtype.is_float():
        whole = column.is_finite() & (column == column.round())
        digits = column.set(~whole.fill_null(value=False), None).cast(pl.Int64).cast(pl.String)
        other = column.fill_nan(None).cast(pl.String)
        return digits.to_frame().select(pl.coalesce(digits, other).alias(column.name)).to_series()
    if isinstance(column.dtype, pl.Datetime):
        return column.dt.strftime("%Y-%m-%d %H:%M:%S").str.strip_suffix(MIDNIGHT)
    return column.cast(pl.String)


def _refuse(path: Path, received: str, step: str) -> UserError:
    return UserError(Exit.FILE, Problem(path.name, received, "berkas Parquet utuh", step))
