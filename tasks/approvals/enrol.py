"""Enrolment: the secret as a QR code that an authenticator reads, in the terminal or as a private PNG, shown once."""

import io
from pathlib import Path

import pyotp

from tasks.errors import Exit, Problem, UserError

ISSUER = "Sinkron"
PNG_SCALE = 8  # pixels per module: sharp on a screen, small enough to send nowhere


def provisioning_uri(secret: str, nip: str) -> str:
    """What the QR code says (otpauth, Key URI Format): account = NIP, issuer = Sinkron."""
    return pyotp.TOTP(secret).provisioning_uri(name=nip, issuer_name=ISSUER)


def qr_terminal(uri: str) -> str:
    """The QR code in half blocks, for a terminal."""
    import segno

    shown = io.StringIO()
    segno.make(uri, error="m").terminal(shown, compact=True)
    return shown.getvalue()


def check_png(target: Path) -> None:
    """Raises UserError (USAGE) when a QR image can not be written there; asked before anybody is registered."""
    if target.suffix.lower() != ".png" or target.exists() or not target.parent.is_dir():
        received = "sudah ada, bukan .png, atau foldernya tidak ada"
        raise UserError(Exit.USAGE, Problem(target.name, received, "berkas .png baru", "pilih nama lain"))


def write_png(uri: str, target: Path) -> None:
    """The QR code as a private PNG (0600). Raises FileExistsError rather than overwrite."""
    import segno

    from tasks.private import new_private

    with new_private(target) as file:
        segno.make(uri, error="m").save(file, kind="png", scale=PNG_SCALE)
