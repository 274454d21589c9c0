"""The last part of a destruction: keys first, then what lies there to be read. Done again, it finds nothing."""

import contextlib
import os
import secrets
import shutil
from pathlib import Path

from tasks.errors import Exit, Problem, UserError, disk_says
from tasks.ledger import LedgerConnection
from tasks.office import Office
from tasks.private import sync_folder
from tasks.retention.due import destroyed
from tasks.retention.inventory import keys_of, readable


def left_of(office: Office, agenda: str) -> list[Path]:
    """What of a destroyed batch still lies there: keys, originals, worksheets, lists."""
    return [*keys_of(office, agenda), *readable(office, agenda)]


def finish_purges(office: Office, ledger: LedgerConnection) -> list[str]:
    """Destroys what the ledger says is destroyed and yet lies there: after a crash, or an older backup put back.

    One line for each batch. Raises UserError (OFFICE) when something can not be removed.
    """
    lines = []
    for agenda, entry in destroyed(ledger).items():
        if destroy(office, agenda):
            lines.append(f"agenda {agenda}: kunci dan berkasnya dimusnahkan ({entry.batch})")
    return lines


def destroy(office: Office, agenda: str) -> int:
    """Overwrites and removes keys, and removes files; how many. Raises UserError (OFFICE), and can be repeated.

    Overwriting is for disks that write in place; what makes it sure anywhere is that nothing but the key opens the
    archive, and that no copy of a key is left where the office put one.
    """
    found = left_of(office, agenda)
    try:
        for path in keys_of(office, agenda):
            _remove_key(path)
        for path in readable(office, agenda):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        for folder in {path.parent for path in found}:
            sync_folder(folder)
    except OSError as error:
        received, allowed = disk_says(error), "folder yang dapat ditulis"
        step = "beri izin atau sambungkan disknya, lalu: sinkron recover"
        raise UserError(Exit.OFFICE, Problem(f"data agenda {agenda}", received, allowed, step)) from None
    return len(found)


def _remove_key(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        size = path.stat().st_size
        with path.open("r+b") as file:
            file.write(secrets.token_bytes(size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
