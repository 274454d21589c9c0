"""The office's own choices (``kantor.toml``): what may stand in it, and what holds when nothing does."""

import re
import tomllib
from pathlib import Path
from typing import Any

from expectations.approvals import Separation
from tasks.errors import Exit, Problem, UserError
from tasks.office_settings.allowed import LEAST_MIB
from tasks.office_settings.faults import FILE, STEP, faults
from tasks.office_settings.sections import (
    Door,
    Letterhead,
    Machine,
    Notices,
    OfficeSettings,
    Shape,
    Signature,
    Signing,
    Watching,
)

__all__ = [
    "LEAST_MIB", "Door", "Letterhead", "Machine", "Notices", "OfficeSettings", "Shape", "Signature", "Signing",
    "Watching", "read_settings",
]  # fmt: skip


def read_settings(path: Path) -> OfficeSettings:
    """The office's choices, the defaults without a file. Raises UserError (OFFICE) with all faults of the file."""
    if not path.exists():
        return OfficeSettings()
    chosen = _read(path)
    if wrong := faults(chosen):
        raise UserError(Exit.OFFICE, *wrong)
    signing, notices = dict(chosen.get("tanda_tangan", {})), dict(chosen.get("pemberitahuan", {}))
    signing["cara"] = Signature(signing.get("cara", Signature.INK))
    notices["bentuk"] = Shape(notices.get("bentuk", Shape.JSON))
    return OfficeSettings(
        chosen.get("jangkar", ""), Separation(chosen.get("pemisahan", Separation.STRICT)),
        tuple(chosen.get("penerima", ())), Letterhead(**chosen.get("kop", {})), Signing(**signing), Notices(**notices),
        Door(**chosen.get("pintu", {})), Machine(**chosen.get("mesin", {})),
        chosen.get("salinan_kunci", ""), chosen.get("retensi_tahun", 0),
    )  # fmt: skip


def _read(path: Path) -> dict[str, Any]:
    """The file as it stands; a byte order mark, as Windows' Notepad writes it, is none of the office's words."""
    place, form = FILE, "nama = nilai pada setiap baris, tiap nama sekali, teks dalam tanda kutip (TOML)"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError:
        received, form = "tidak dapat dibuka", "berkas yang dapat dibaca oleh kantor"
    except UnicodeDecodeError:
        received, form = "bukan UTF-8", "teks UTF-8; pada Notepad: Simpan Sebagai, Pengodean UTF-8"
    except tomllib.TOMLDecodeError as error:
        received = "bukan TOML yang terbaca"
        place += "".join(f", {word}" for word in _where(str(error)))
    raise UserError(Exit.OFFICE, Problem(place, received, form, STEP))


def _where(told: str) -> list[str]:
    """Where the reader of TOML stopped, in our words; never what stands there."""
    if found := re.search(r"at line (\d+), column (\d+)", told):
        return [f"baris {found[1]} huruf ke-{found[2]}"]
    return ["akhir berkas"] if "end of document" in told else []
