"""A batch's archive: what was received and what Staff handed in, sealed under the batch's key; read through here alone.

Archives of batches from before there were such keys lie there in plain, and are read as they are.
"""

import contextlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tasks.errors import Exit, Problem, UserError
from tasks.office import PRIVATE_FOLDER, Office
from tasks.private import copy_private, sha256_of
from tasks.receipts import Receipt
from tasks.retention.keys import key_of
from tasks.retention.sealed import SUFFIX, seal, unseal


def sealed_name(folder: Path, name: str) -> Path:
    """Where a file of an archive folder lies sealed."""
    return folder / f"{name}{SUFFIX}"


def is_kept(office: Office, agenda: str, name: str) -> bool:
    """Whether the archive holds a file of that name, sealed or from before there were keys."""
    folder = office.archive / agenda
    return sealed_name(folder, name).is_file() or (folder / name).is_file()


def is_sealed(office: Office, agenda: str) -> bool:
    """Whether a batch's archive is under a key of its own: the newer ones all are."""
    return any((office.archive / agenda).glob(f"*{SUFFIX}"))


def seal_into(folder: Path, source: Path, name: str, key: bytes) -> str:
    """One file into an archive folder, durably; it appears there whole or not at all. Returns SHA-256 of its bytes."""
    draft = folder / f".{name}-{secrets.token_hex(4)}"
    try:
        digest = seal(source, draft, (key, name))
        draft.rename(sealed_name(folder, name))
    finally:
        draft.unlink(missing_ok=True)
    return digest


def keep(office: Office, agenda: str, source: Path, name: str) -> None:
    """One more file into a batch's archive, as the others lie there; it appears there whole or not at all.

    Raises UserError (OFFICE) without the batch's key.
    """
    folder = office.archive / agenda
    if is_sealed(office, agenda):
        seal_into(folder, source, name, key_of(office, agenda))
        return
    draft = folder / f".{name}-{secrets.token_hex(4)}"
    try:
        copy_private(source, draft)
        draft.rename(folder / name)
    finally:
        draft.unlink(missing_ok=True)


@contextlib.contextmanager
def original(office: Office, agenda: str, name: str) -> Iterator[Path]:
    """A file of a batch's archive in plain, for as long as it is read; of a sealed one a private copy in scratch.

    Raises UserError: OFFICE without the batch's key, FILE when it was changed. A path that does not exist when the
    archive has no such file.
    """
    sealed = sealed_name(office.archive / agenda, name)
    if not sealed.is_file():
        yield office.archive / agenda / name
        return
    with tempfile.TemporaryDirectory(dir=office.scratch) as folder:
        plain = Path(folder) / name
        unseal(sealed, plain, (key_of(office, agenda), name))
        at = sealed.stat().st_mtime  # a worksheet's is the day it was handed in
        os.utime(plain, (at, at))
        yield plain


def take_out(office: Office, receipt: Receipt, target: Path) -> dict[str, bool]:
    """Everything of a batch's archive in plain into a new or empty folder (0700, files 0600).

    Name -> whether its SHA-256 is the one the ledger has; True for what is no received file. The caller has entered the
    opening before. Raises UserError: USAGE when the folder holds something, OFFICE without the key, FILE for a change.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        allowed = "folder baru atau kosong"
        raise UserError(Exit.USAGE, Problem(f"--ke {target.name}", "sudah berisi", allowed, "pilih nama lain"))
    target.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    known, told = {facts["archived"]: facts["sha256"] for facts in receipt.files}, {}
    for name in names(office, receipt.agenda):
        with original(office, receipt.agenda, name) as path:
            copy_private(path, target / name)
        told[name] = name not in known or sha256_of(target / name) == known[name]
    return told | {name: False for name in known if name not in told}


def names(office: Office, agenda: str) -> list[str]:
    """Everything in a batch's archive by its plain name, sorted."""
    lying = [path.name for path in (office.archive / agenda).glob("*") if not path.name.startswith(".")]
    return sorted(name.removesuffix(SUFFIX) for name in lying)
