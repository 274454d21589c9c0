"""A batch's archive: what was received and what Staff handed in, sealed under the batch's key; read through here alone.

Archives of batches from before there were such keys lie there in plain, and are read as they are.
"""

import contextlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from enum import StrEnum
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


class Taken(StrEnum):
    """What became of one file of an archive that was taken out."""

    WHOLE = "utuh"  # the bytes that the ledger has the SHA-256 of
    UNKNOWN = "tanpa pembanding"  # a letter or worksheet: sealed as it was kept, but no hash of it is in the receipt
    CHANGED = "LAIN DARI YANG DITERIMA"
    DAMAGED = "RUSAK, TIDAK TERBUKA"
    LOST = "HILANG"


def take_out(office: Office, receipt: Receipt, target: Path) -> dict[str, Taken]:
    """Everything of a batch's archive in plain into a new or empty folder (0700, files 0600); name -> what it is.

    A damaged file is told, the others come out. The caller has entered the opening before. Raises UserError: USAGE when
    the folder holds something, OFFICE without the key.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        allowed = "folder baru atau kosong"
        raise UserError(Exit.USAGE, Problem(f"--ke {target.name}", "sudah berisi", allowed, "pilih nama lain"))
    target.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    known = {facts["archived"]: facts["sha256"] for facts in receipt.files}
    told = {
        name: _taken(office, receipt.agenda, target / name, known.get(name)) for name in names(office, receipt.agenda)
    }
    return told | {name: Taken.LOST for name in known if name not in told}


def _taken(office: Office, agenda: str, target: Path, known: str | None) -> Taken:
    try:
        with original(office, agenda, target.name) as path:
            copy_private(path, target)
    except UserError as error:
        if error.exit_code is not Exit.FILE:
            raise
        return Taken.DAMAGED
    if known is None:
        return Taken.UNKNOWN
    return Taken.WHOLE if sha256_of(target) == known else Taken.CHANGED


def names(office: Office, agenda: str) -> list[str]:
    """Everything in a batch's archive by its plain name, sorted."""
    lying = [path.name for path in (office.archive / agenda).glob("*") if not path.name.startswith(".")]
    return sorted(name.removesuffix(SUFFIX) for name in lying)
