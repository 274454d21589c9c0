"""Step 2 begins: a received file becomes rows of text. No row is lost, no value is guessed.

``read_extract`` is the only door. CSV and XLSX are read here; other containers are refused by name.
"""

from pathlib import Path

from tasks.errors import Exit, Problem, UserError
from tasks.read.extract import Extract
from tasks.read.text import read_text
from tasks.read.workbook import read_workbook

READERS = {".csv": read_text, ".tsv": read_text, ".txt": read_text, ".xlsx": read_workbook}


def read_extract(path: Path, scratch: Path) -> Extract:
    """Reads one extract completely.

    ``scratch`` is a private folder for a re-encoded copy, removed before returning. Raises UserError with every
    problem of the file at once (exit code FILE or COLUMNS); then nothing of the file is loaded.
    """
    if path.stat().st_size == 0:
        raise UserError(
            Exit.FILE,
            Problem(
                path.name,
                "berkas kosong (0 byte)",
                "berkas berisi baris judul dan data",
                "minta pengirim mengirim ulang",
            ),
        )
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise UserError(
            Exit.FILE,
            Problem(
                path.name,
                f"jenis berkas {path.suffix or 'tanpa akhiran'}",
                ", ".join(READERS),
                "simpan sebagai CSV atau XLSX lalu kirim ulang",
            ),
        )
    extract = reader(path, scratch)
    if extract.frame.height == 0:
        raise UserError(
            Exit.FILE,
            Problem(
                path.name,
                "tidak ada baris data yang dapat dibaca",
                "sekurangnya satu baris",
                "periksa isi berkas, minta kirim ulang",
            ),
        )
    return extract


__all__ = ["Extract", "read_extract"]
