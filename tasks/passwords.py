"""Passwords of encrypted ZIPs, kept by the office in a private file: never on a command line, never in a log."""

import os
from collections.abc import Iterable
from pathlib import Path

from tasks.errors import Exit, Problem, UserError
from tasks.office import Office

PASSWORDS = "zip-passwords.txt"  # beside the office key, one password per line
PASSWORDS_VARIABLE = "SINKRON_ZIP_PASSWORDS_FILE"  # another place for the same file
MAX_PASSWORDS = 50  # each is tried on each member


def zip_passwords(office: Office, paths: Iterable[Path]) -> tuple[str, ...]:
    """The office's ZIP passwords when one of ``paths`` is a ZIP; none when there is no such file.

    Raises UserError (OFFICE) for a file that others can read, is too long, or is no text.
    """
    if not any(path.suffix.lower() == ".zip" for path in paths):
        return ()
    elsewhere = os.environ.get(PASSWORDS_VARIABLE)
    path = Path(elsewhere) if elsewhere else office.key_file.parent / PASSWORDS
    if not path.is_file():
        if elsewhere:
            raise _refuse(path, "tidak ada")
        return ()
    if path.stat().st_mode & 0o077 or path.parent.stat().st_mode & 0o077:
        raise _refuse(path, "terbuka untuk orang lain")
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeError):
        raise _refuse(path, "tidak dapat dibaca") from None
    passwords = tuple(dict.fromkeys(line for line in lines if line))
    if len(passwords) > MAX_PASSWORDS:
        raise _refuse(path, f"memuat {len(passwords)} kata sandi")
    return passwords


def _refuse(path: Path, received: str) -> UserError:
    return UserError(
        Exit.OFFICE,
        Problem(
            f"{path.parent.name}/{path.name}",
            f"berkas kata sandi ZIP {received}",
            f"teks UTF-8, paling banyak {MAX_PASSWORDS} baris, mode 0600 dalam folder mode 0700",
            "jalankan chmod 700 untuk foldernya dan chmod 600 untuk berkasnya, atau perbaiki isinya",
        ),
    )
