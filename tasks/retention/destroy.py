"""The last part of a destruction: keys first, then what lies there to be read. Done again, it finds nothing."""

import contextlib
import os
import secrets
import shutil
import sqlite3
from pathlib import Path

from tasks.errors import Exit, Problem, UserError, disk_says
from tasks.ledger import LedgerConnection
from tasks.office import PRIVATE_FOLDER, Office
from tasks.private import sync_folder
from tasks.retention.due import destroyed
from tasks.retention.inventory import hashes_of, keys_of, readable
from tasks.retention.keys import SUFFIX, folders


def left_of(office: Office, ledger: sqlite3.Connection, agenda: str) -> list[Path]:
    """What of a destroyed batch still lies there: keys, originals, worksheets, lists."""
    return [*keys_of(office, agenda), *readable(office, agenda, hashes_of(ledger, agenda))]


def finish_purges(office: Office, ledger: LedgerConnection) -> list[str]:
    """Destroys what the ledger says is destroyed and yet lies there: after a crash, or an older folder put back.

    One line for each batch. Raises UserError (OFFICE) when something can not be removed.
    """
    lines = []
    for agenda, entry in destroyed(ledger).items():
        if left_of(office, ledger, agenda):
            destroy(office, ledger, agenda)
            lines.append(f"agenda {agenda}: kunci dan berkasnya dimusnahkan ({entry.batch})")
    return lines


def destroy(office: Office, ledger: sqlite3.Connection, agenda: str) -> int:
    """Overwrites and removes keys, and removes files; how many. Raises UserError (OFFICE), and can be repeated.

    Overwriting is for disks that write in place; what makes it sure anywhere is that nothing but the key opens the
    archive, and that no copy of a key is left where the office put one.
    """
    check_folders(office)
    found = left_of(office, ledger, agenda)
    try:
        for path in found:
            _remove(path)
        for folder in {path.parent for path in found if path.parent.is_dir()}:
            sync_folder(folder)
    except OSError as error:
        received, allowed = disk_says(error), "folder yang dapat ditulis"
        step = "beri izin atau sambungkan disknya, lalu: sinkron recover"
        raise UserError(Exit.OFFICE, Problem(f"data agenda {agenda}", received, allowed, step)) from None
    return len(found)


def check_folders(office: Office) -> None:
    """Raises UserError (OFFICE) when the folder of key copies is not there: a key in a drawer is not destroyed."""
    office.batch_keys.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    for folder in folders(office):
        if not folder.is_dir():
            received, allowed = "folder tidak ada", "disk salinan kunci yang terpasang"
            raise UserError(Exit.OFFICE, Problem(f"kunci agenda dalam {folder.name}/", received, allowed,
                                                 "sambungkan disknya, lalu ulangi: sinkron recover"))  # fmt: skip


def _remove(path: Path) -> None:
    """A folder may have gone with the one that held it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif path.suffix == SUFFIX and not path.is_symlink():
        _remove_key(path)
    else:
        path.unlink(missing_ok=True)


def _remove_key(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        size = path.stat().st_size
        with path.open("r+b") as file:
            file.write(secrets.token_bytes(size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
