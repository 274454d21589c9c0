"""Files of the office, readable by its own user alone from their first byte on."""

import hashlib
import os
import secrets
import shutil
from pathlib import Path
from typing import BinaryIO

from tasks.office import PRIVATE_FILE


def new_private(target: Path) -> BinaryIO:
    """A new file (0600) open for writing. Raises FileExistsError rather than overwrite."""
    return os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE), "wb")


def replace_private(target: Path, content: bytes) -> None:
    """Writes or replaces a private file durably: a reader sees the old one or the new one, never half of one."""
    draft = target.with_name(f".{target.stem}-{secrets.token_hex(4)}")
    try:
        with new_private(draft) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def copy_private(source: Path, target: Path) -> None:
    """Copies bytes durably into a new private file."""
    with source.open("rb") as read, new_private(target) as write:
        shutil.copyfileobj(read, write)
        write.flush()
        os.fsync(write.fileno())


def sync_folder(folder: Path) -> None:
    """Makes new and renamed names inside a folder durable: a name outlives a power cut only with its folder."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256_of(path: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
