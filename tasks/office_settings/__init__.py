"""The office's own choices (``kantor.toml``): what may stand in it, and what holds when nothing does."""

import os
from pathlib import Path

from expectations.approvals import Separation
from tasks.errors import Exit, UserError
from tasks.office_settings.allowed import LEAST_MIB
from tasks.office_settings.faults import faults
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
from tasks.toml_file import read_toml

__all__ = [
    "LEAST_MIB", "Door", "Letterhead", "Machine", "Notices", "OfficeSettings", "Shape", "Signature", "Signing",
    "Watching", "read_settings",
]  # fmt: skip


def read_settings(path: Path) -> OfficeSettings:
    """The office's choices, the defaults without a file. Raises UserError (OFFICE) with all faults of the file."""
    if not os.path.lexists(path):  # a link into a disk that is not there is no choice of the defaults
        return OfficeSettings()
    chosen = read_toml(path)
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
