"""A paper or list leaves the store: written into its batch's folder, and entered in the ledger with its hash, once."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tasks.ledger import Kind, LedgerConnection, append, entries, writing
from tasks.office import PRIVATE_FOLDER, Office
from tasks.private import replace_private


@dataclass(frozen=True)
class Document:
    """One file. ``masked``: without NIK and name of a resident; masked papers are served to the Prefect UI's links."""

    name: str
    content: bytes
    masked: bool


def folder_of(office: Office, agenda: str, *, masked: bool) -> Path:
    """Where a batch's papers lie: masked ones in ``dokumen/``, those with personal data in ``outbox/``."""
    return (office.documents if masked else office.outbox) / agenda


def issue(office: Office, ledger: LedgerConnection, about: tuple[str, datetime], document: Document) -> Path:
    """Writes the file and its entry {file, sha256, masked}; again with the same bytes it changes nothing.

    ``about``: (agenda, now). The entry comes first: no file with personal data lies about that the ledger knows not of.
    """
    agenda, now = about
    folder = folder_of(office, agenda, masked=document.masked)
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    path = folder / document.name
    facts = {
        "file": document.name, "sha256": hashlib.sha256(document.content).hexdigest(), "masked": document.masked
    }  # fmt: skip
    with writing(ledger):
        known = [
            entry.payload for entry in entries(ledger, agenda, Kind.EXPORTED) if entry.payload.get("file") == path.name
        ]
        if not known or known[-1] != facts:
            append(ledger, now, (Kind.EXPORTED, agenda, "sinkron"), facts)
    if not path.exists() or path.read_bytes() != document.content:
        replace_private(path, document.content)
    return path


def issued(ledger: LedgerConnection, agenda: str) -> dict[str, dict[str, str]]:
    """Name -> newest facts {file, sha256, masked} of everything that left the store for a batch."""
    found = [entry.payload for entry in entries(ledger, agenda, Kind.EXPORTED)]
    return {facts["file"]: facts for facts in found if "file" in facts}
