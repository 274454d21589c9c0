"""A paper or list leaves the store: written into its batch's folder, and entered in the ledger with its hash, once.

Draft, entry, name, in this order: a signed paper can not be made again, so what the ledger knows must already be on the
disk. A draft that a killed process left gets its name when its entry is the newest one, and is removed when it is not.
"""

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tasks.errors import Exit, Problem, UserError, disk_says
from tasks.ledger import Kind, LedgerConnection, append, entries, writing
from tasks.office import PRIVATE_FOLDER, Office
from tasks.private import new_private, sha256_of, sync_folder

DESK = "meja"  # where an exported file lies that people work on
DRAFT = ".terbit-"  # before the name of a paper that has none yet: no such file is served or taken for a paper


@dataclass(frozen=True)
class Document:
    """One file. ``masked``: without NIK and name of a resident; masked papers are served to the Prefect UI's links."""

    name: str
    content: bytes
    masked: bool

    @property
    def facts(self) -> dict[str, Any]:
        """What its entry says."""
        return {"file": self.name, "sha256": hashlib.sha256(self.content).hexdigest(), "masked": self.masked}


def folder_of(office: Office, agenda: str, *, masked: bool) -> Path:
    """Where a batch's papers lie: masked ones in ``dokumen/``, those with personal data in ``outbox/``."""
    return (office.documents if masked else office.outbox) / agenda


def issue(office: Office, ledger: LedgerConnection, about: tuple[str, datetime], document: Document) -> Path:
    """Writes the file and its entry {file, sha256, masked}; again with the same bytes it changes nothing.

    ``about``: (agenda, now). Raises UserError (OFFICE) when the folder can not be written.
    """
    with alone(office, ledger, about[0], masked=document.masked):
        return put_out(office, ledger, about, document)


def issue_once(office: Office, ledger: LedgerConnection, about: tuple[str, datetime], document: Document) -> Path:
    """The same, but a paper of that name that lies as it was put out stays, whatever kantor.toml says by now."""
    agenda, _ = about
    with alone(office, ledger, agenda, masked=document.masked) as folder:
        path, known = folder / document.name, _newest(ledger, agenda).get(document.name, {})
        if known.get("masked") is document.masked and _holds(path, known["sha256"]):
            return path
        return put_out(office, ledger, about, document)


def put_out(office: Office, ledger: LedgerConnection, about: tuple[str, datetime], document: Document) -> Path:
    """``issue`` for a caller that already holds the folder (``alone``): it looked at something there before."""
    agenda, now = about
    folder = folder_of(office, agenda, masked=document.masked)
    path, facts = folder / document.name, document.facts
    entered = _newest(ledger, agenda).get(path.name) == facts
    if entered and _holds(path, facts["sha256"]):
        return path
    with _disk_told(office, folder):
        try:
            _write_durably(folder / f"{DRAFT}{path.name}", document.content)
            if not entered:
                with writing(ledger):
                    append(ledger, now, (Kind.EXPORTED, agenda, "sinkron"), facts)
        finally:
            _settle(ledger, agenda, folder, masked=document.masked)
    return path


@contextlib.contextmanager
def alone(office: Office, ledger: LedgerConnection, agenda: str, *, masked: bool) -> Iterator[Path]:
    """A batch's folder, made when missing and held against everybody else who puts papers there.

    The kernel lets go when we die. What another one left there when it died is finished or removed first.
    """
    folder = _made(office, folder_of(office, agenda, masked=masked))
    with contextlib.ExitStack() as held:
        with _disk_told(office, folder):
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            held.callback(os.close, handle)
            fcntl.flock(handle, fcntl.LOCK_EX)
            _settle(ledger, agenda, folder, masked=masked)
        yield folder


def finish(office: Office, ledger: LedgerConnection, agenda: str) -> None:
    """Before somebody reads a batch's folders: what a killed process left there is finished, or removed."""
    for masked in (True, False):
        if folder_of(office, agenda, masked=masked).exists():
            with alone(office, ledger, agenda, masked=masked):
                pass


def _settle(ledger: LedgerConnection, agenda: str, folder: Path, *, masked: bool) -> None:
    """Each draft whose entry is the newest of its name gets that name; the ledger does not know the others."""
    drafts = sorted(folder.glob(f"{DRAFT}*"))
    known = _newest(ledger, agenda) if drafts else {}
    for draft in drafts:
        name = draft.name.removeprefix(DRAFT)
        if known.get(name) == {"file": name, "sha256": sha256_of(draft), "masked": masked}:
            draft.replace(folder / name)
        else:
            draft.unlink()
    if drafts:
        sync_folder(folder)


def _newest(ledger: LedgerConnection, agenda: str) -> dict[str, dict[str, Any]]:
    """Name -> what its newest entry says."""
    found = [entry.payload for entry in entries(ledger, agenda, Kind.EXPORTED)]
    return {facts["file"]: facts for facts in found if "file" in facts}


def _holds(path: Path, digest: str) -> bool:
    return path.is_file() and sha256_of(path) == digest


def _write_durably(draft: Path, content: bytes) -> None:
    with new_private(draft) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(draft.parent)


def _made(office: Office, folder: Path) -> Path:
    """The batch's folder inside the office: a link would carry residents' lists out of it."""
    with _disk_told(office, folder):
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    if folder.is_symlink():
        raise _unwritable(office, folder, "tautan ke tempat lain")
    return folder


@contextlib.contextmanager
def _disk_told(office: Office, folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _unwritable(office, folder, disk_says(error)) from None


def _unwritable(office: Office, folder: Path, received: str) -> UserError:
    step = "beri izin dan tempat, lalu ulangi perintah ini; yang belum ada dibuat lagi oleh sinkron documents"
    place = str(folder.relative_to(office.home))
    return UserError(Exit.OFFICE, Problem(place, received, "folder kantor yang dapat ditulis", step))


def is_out(office: Office, ledger: LedgerConnection, agenda: str, name: str) -> bool:
    """Whether a masked paper was put out and lies where it was put."""
    return name in issued(ledger, agenda) and (folder_of(office, agenda, masked=True) / name).exists()


def issued(ledger: LedgerConnection, agenda: str) -> dict[str, dict[str, Any]]:
    """Name -> newest facts {file, sha256, masked} of every paper and list of a batch.

    Without what lies on the desk to be worked on: a worksheet is to be filled in.
    """
    return {name: facts for name, facts in _newest(ledger, agenda).items() if facts.get("place") != DESK}
