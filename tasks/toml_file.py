"""A TOML file that people write: what it holds, or where it cannot be read."""

import re
import tomllib
from pathlib import Path
from typing import Any

from tasks.errors import Exit, Problem, UserError

STEP = "perbaiki isian itu, lihat docs/operator.md"


def read_toml(path: Path) -> dict[str, Any]:
    """The file as it stands; a byte order mark, as Windows' Notepad writes it, is none of the office's words.

    Raises UserError (OFFICE) with the line where reading stopped, never with what stands there.
    """
    place, form = path.name, "nama = nilai pada setiap baris, tiap nama sekali, teks dalam tanda kutip (TOML)"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError:
        received, form = "tidak dapat dibuka", "berkas yang dapat dibaca oleh kantor"
    except UnicodeDecodeError:
        received, form = "bukan UTF-8", "teks UTF-8; pada Notepad: Simpan Sebagai, Pengodean UTF-8"
    except tomllib.TOMLDecodeError as error:
        received = "bukan TOML yang terbaca"
        place += _where(str(error))
    raise UserError(Exit.OFFICE, Problem(place, received, form, STEP))


def _where(told: str) -> str:
    """Where the library stopped, in our words."""
    if found := re.search(r"at line (\d+), column (\d+)", told):
        return f", baris {found[1]} huruf ke-{found[2]}"
    return ", akhir berkas" if "end of document" in told else ""
