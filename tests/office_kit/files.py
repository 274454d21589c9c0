"""Files as they arrive: SIAK extracts as CSV and XLSX, cover letters. Their time is old, so nothing must settle."""

import json
import os
from collections.abc import Iterable
from pathlib import Path

import openpyxl

from office_kit.residents import COLUMNS
from tasks.office import Office
from tasks.retention.originals import original

SETTLED = 1_760_000_000  # a file time long past
Row = dict[str, str | None]


def settle(path: Path) -> Path:
    """Makes a file look finished long ago."""
    os.utime(path, (SETTLED, SETTLED))
    return path


def write(path: Path, content: bytes | str) -> Path:
    """A settled file with this content (text as UTF-8)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return settle(path)


def csv_text(rows: Iterable[Row], columns: Iterable[str] = COLUMNS, delimiter: str = ";", end: str = "\n") -> str:
    """An extract as text; missing values are empty."""
    columns = tuple(columns)
    lines = [delimiter.join(columns), *(delimiter.join(row.get(c) or "" for c in columns) for row in rows)]
    return "".join(line + end for line in lines)


def write_csv(path: Path, rows: Iterable[Row], **style: str) -> Path:
    """A settled CSV extract."""
    return write(path, csv_text(rows, **style))


def write_xlsx(path: Path, lines: Iterable[Iterable[object]]) -> Path:
    """A settled workbook with one sheet; an empty line stays an empty row."""
    book = openpyxl.Workbook()
    for at, line in enumerate(lines, start=1):
        for column, value in enumerate(line, start=1):
            if value is not None:
                book.active.cell(at, column, value)
    book.save(path)
    return settle(path)


def archived(office: Office, agenda: str, name: str) -> bytes:
    """What a batch's archive holds under a name, in plain."""
    with original(office, agenda, name) as path:
        return path.read_bytes()


def write_letter(path: Path, totals: dict[str, dict[str, int]], **changes: object) -> Path:
    """A settled cover letter naming files and their control totals."""
    letter = {"dari": "Direktur Jenderal Dukcapil", "nomor": "400.8.1/0000/UJI", "tanggal": "2026-10-05",
              "perihal": "Penyelesaian data anomali dan data ganda", "berkas": totals}  # fmt: skip
    return write(path, json.dumps(letter | changes))
