"""The XLSX container, checked before any reader sees it: a flipped bit can change a NIK, a bomb fills memory."""

import re
import zipfile
from pathlib import Path

from tasks.errors import Exit, Problem, UserError

MAX_INFLATED_BYTES = 1 << 30
MAX_CELLS = 20_000_000  # readers allocate the whole rectangle up to the farthest cell
CHUNK_BYTES = 1 << 20
FORBIDDEN = ("vbaProject", "externalLinks/")
CELL = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3})([0-9]{1,7})["']""")
REFERENCE_BYTES = 32  # a reference cut in two by a chunk's end is seen again in the next


def check_container(path: Path) -> None:
    """Every member inflates within a bound and has the right CRC; no macros, outside links or far stray cells.

    Raises UserError (FILE). Streams, so a bomb costs no memory.
    """
    try:
        _inflate(path)
    except UserError:
        raise
    except Exception:  # noqa: BLE001 (a damaged ZIP raises almost anything)
        raise refuse(path, "berkas XLSX rusak atau terpotong") from None


def refuse(path: Path, received: str) -> UserError:
    """The refusal of one workbook."""
    return UserError(
        Exit.FILE, Problem(path.name, received, "XLSX utuh tanpa makro", "minta pengirim mengirim ulang berkas")
    )


def _inflate(path: Path) -> None:
    inflated = 0
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if any(part in member.filename for part in FORBIDDEN) or ".." in member.filename:
                raise refuse(path, "buku kerja memuat makro atau tautan luar")
            farthest, tail = [1, 1], b""
            with archive.open(member) as stream:  # reading to the end checks the CRC
                while chunk := stream.read(CHUNK_BYTES):
                    inflated += len(chunk)
                    if inflated > MAX_INFLATED_BYTES:
                        raise refuse(path, "isi buku kerja melebihi 1 GiB")
                    if member.filename.endswith(".xml"):  # a sheet may lie in any folder
                        _note_farthest(tail + chunk, farthest)
                        tail = chunk[-REFERENCE_BYTES:]
            if farthest[0] * farthest[1] > MAX_CELLS:
                raise refuse(path, f"ada sel terisi terlalu jauh (baris {farthest[1]}, kolom {farthest[0]})")


def _note_farthest(text: bytes, farthest: list[int]) -> None:
    """Widens ``farthest`` = [column, row] by the cell references in a piece of a sheet."""
    for letters, row in set(CELL.findall(text)):
        column = 0
        for letter in letters:
            column = column * 26 + letter - ord("A") + 1
        farthest[0], farthest[1] = max(farthest[0], column), max(farthest[1], int(row))
