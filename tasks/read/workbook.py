"""XLSX workbooks: the container is checked first (a flipped bit can change a NIK silently), then read as text."""

import zipfile
from pathlib import Path

import fastexcel
import polars as pl

from expectations.columns import canonical_name
from tasks.errors import Exit, Problem, UserError
from tasks.read.extract import LINE, Extract, map_headers, no_rejects, to_contract

MAX_INFLATED_BYTES = 1 << 30
CHUNK_BYTES = 1 << 20
HEADER_SEARCH_ROWS = 20
HEADER_MIN_KNOWN = 3
FORBIDDEN = ("vbaProject", "externalLinks/")


def check_container(path: Path) -> None:
    """Every member inflates to what it declares, within a bound, with the right CRC; no macros or outside links.

    Raises UserError (FILE). Streams, so a bomb costs no memory.
    """
    inflated = 0
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if any(part in member.filename for part in FORBIDDEN) or ".." in member.filename:
                    raise _refuse(path, "buku kerja memuat makro atau tautan luar")
                with archive.open(member) as stream:  # reading to the end checks the CRC
                    while chunk := stream.read(CHUNK_BYTES):
                        inflated += len(chunk)
                        if inflated > MAX_INFLATED_BYTES:
                            raise _refuse(path, "isi buku kerja melebihi 1 GiB")
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, ValueError):
        raise _refuse(path, "berkas XLSX rusak atau terpotong") from None


def _refuse(path: Path, received: str) -> UserError:
    return UserError(
        Exit.FILE, Problem(path.name, received, "XLSX utuh tanpa makro", "minta pengirim mengirim ulang berkas")
    )


def read_workbook(path: Path, scratch: Path) -> Extract:
    """Reads the first sheet of a flat workbook; the header row is the first with three known headers."""
    del scratch  # a workbook needs no re-encoded copy
    check_container(path)
    try:
        sheet = fastexcel.read_excel(str(path)).load_sheet(0, header_row=None, dtypes="string")
    except fastexcel.FastExcelError:
        raise _refuse(path, "berkas XLSX tidak dapat dibaca") from None
    raw = sheet.to_polars()
    header_at = _header_row(path, raw)
    cells = raw.row(header_at)
    used = [(name, str(cell)) for name, cell in zip(raw.columns, cells, strict=True) if cell]
    mapping = map_headers(path.name, [header for _, header in used])
    rows = (
        raw.with_columns(pl.int_range(1, raw.height + 1, dtype=pl.Int64).alias(LINE))
        .slice(header_at + 1)
        .filter(pl.any_horizontal(pl.col([name for name, _ in used]).is_not_null()))
        .select(LINE, *(pl.col(name).alias(header) for name, header in used))
    )
    frame = to_contract(rows, mapping)
    ignored = tuple(header for header, name in mapping.items() if name not in frame.columns)
    layout = f"buku kerja datar, judul pada baris {header_at + 1}"
    return Extract(path.name, layout, frame, no_rejects(), mapping, ignored)


def _header_row(path: Path, raw: pl.DataFrame) -> int:
    for index, cells in enumerate(raw.head(HEADER_SEARCH_ROWS).iter_rows()):
        if sum(1 for cell in cells if cell and canonical_name(str(cell))) >= HEADER_MIN_KNOWN:
            return index
    raise UserError(
        Exit.COLUMNS,
        Problem(
            f"{path.name}, baris 1-{HEADER_SEARCH_ROWS}",
            "tidak ada baris judul yang dikenal",
            "satu baris judul dengan nama kolom SIAK (NIK, Nomor KK, Nama ...)",
            "periksa apakah ini berkas data penduduk",
        ),
    )
