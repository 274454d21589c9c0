"""The office's own choices (``kantor.toml``): what may stand in it, and what holds when nothing does."""

import tomllib
from pathlib import Path

from expectations.approvals import Separation
from tasks.errors import Exit, Problem, UserError
from tasks.office_settings.faults import LEAST_MIB, faults
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
    try:
        chosen = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise UserError(Exit.OFFICE, _problem("bukan berkas TOML yang terbaca")) from None
    wrong = faults(chosen)
    if wrong:
        raise UserError(Exit.OFFICE, *(_problem(received) for received in wrong))
    signing, notices = dict(chosen.get("tanda_tangan", {})), dict(chosen.get("pemberitahuan", {}))
    signing["cara"] = Signature(signing.get("cara", Signature.INK))
    notices["bentuk"] = Shape(notices.get("bentuk", Shape.JSON))
    return OfficeSettings(
        chosen.get("jangkar", ""), Separation(chosen.get("pemisahan", Separation.STRICT)),
        tuple(chosen.get("penerima", ())), Letterhead(**chosen.get("kop", {})), Signing(**signing), Notices(**notices),
        Door(**chosen.get("pintu", {})), Machine(**chosen.get("mesin", {})),
        chosen.get("salinan_kunci", ""), chosen.get("retensi_tahun", 0),
    )  # fmt: skip


def _problem(received: str) -> Problem:
    allowed = (
        'pemisahan = "ketat" atau "dicatat"; jangkar = "/jalur/lengkap/kepala.log"; penerima = ["age1..."]; '
        "bagian [kop], [tanda_tangan], [pemberitahuan], [pintu], dan [mesin]"
    )
    return Problem("kantor.toml", received, allowed, "perbaiki baris itu, lihat docs/operator.md")
