"""What a signature in a Berita Acara has to say: whose it is, for which change-set and paper, as the ledger tells."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from expectations.approvals import CHAIN, Level
from tasks.approvals.docket import YES, docket
from tasks.approvals.people import mandate_of, people
from tasks.documents.minutes import minutes_name
from tasks.errors import Exit, NotApprovedError, Problem, UserError
from tasks.ledger import Entry, Kind, entries

FIELDS = {level.role: level.role.upper() for level in CHAIN}  # role -> signature field: KASI, KABID, KADIS


@dataclass(frozen=True)
class Signatory:
    """Who decided at one level. ``title``: "Kadis", "Plh. Kadis"; ``letter``: of an acting official, else ""."""

    role: str
    nip: str
    name: str
    title: str
    letter: str
    meaning: str

    @property
    def field(self) -> str:
        """Name of the signature field."""
        return FIELDS[self.role]


@dataclass(frozen=True)
class Expected:
    """What the ledger says of one written batch (or undo) and its Berita Acara.

    ``signatories``: of the whole chain, in order; ``written_at``: when its entry was made; ``papers``: SHA-256 of every
    Berita Acara that the office issued unsigned; ``known``: SHA-256 of a signed file -> when the ledger noted it.
    """

    agenda: str
    digest: str
    signatories: tuple[Signatory, ...]
    written_at: datetime
    papers: frozenset[str]
    known: dict[str, str]

    def reason(self, who: Signatory) -> str:
        """The signature's ``/Reason``: binds it to the change-set and says what it means."""
        return f"sinkron {self.agenda} {self.digest} {who.meaning}"


def signed_name(agenda: str) -> str:
    """File name of the same with the electronic signatures made so far."""
    return f"berita-acara-{agenda}-ttd.pdf"


def expected_of(ledger: sqlite3.Connection, agenda: str) -> Expected:
    """What a signed Berita Acara of this batch has to bear. Raises UserError (USAGE) when nothing was written."""
    batch = docket(ledger, agenda)
    if batch.written is None:
        allowed, step = "agenda yang sudah ditulis", "lihat: sinkron status"
        raise UserError(Exit.USAGE, Problem("AGENDA", "belum ditulis, atau tidak dikenal", allowed, step))
    digest = str(batch.written.payload["digest"])
    signed = {
        role: entry
        for role, entry in batch.current.decisions.items()
        if entry.payload["digest"] == digest and entry.payload["decision"] == YES
    }
    if any(level.role not in signed for level in CHAIN):
        raise NotApprovedError(f"agenda {agenda} ditulis tanpa persetujuan yang lengkap: jalankan sinkron verify")
    names = {nip: person.name for nip, person in people(ledger).items()}
    issued = [(entry.at, entry.payload) for entry in entries(ledger, agenda, Kind.EXPORTED) if "file" in entry.payload]
    return Expected(
        agenda, digest, tuple(_signatory(level, signed[level.role], names) for level in CHAIN),
        datetime.fromisoformat(batch.written.at),
        frozenset(facts["sha256"] for _, facts in issued if facts["file"] == minutes_name(agenda)),
        {facts["sha256"]: at for at, facts in issued if facts["file"] == signed_name(agenda)},
    )  # fmt: skip


def _signatory(level: Level, entry: Entry, names: dict[str, str]) -> Signatory:
    mandate = mandate_of(entry.payload["mandate"])
    return Signatory(level.role, entry.actor, names[entry.actor], mandate.title, mandate.letter, level.meaning)
