"""The facts of a written batch that its lists and letters share: receipt, counts, who signed, and its time."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from expectations.approvals import CHAIN, MandateKind
from expectations.outcomes import Outcome
from tasks.approvals.docket import docket
from tasks.approvals.people import mandate_of, people
from tasks.errors import Exit, Problem, UserError
from tasks.ledger import Entry, Kind, entries
from tasks.office import WIB
from tasks.receipts import Receipt, find_receipt


@dataclass(frozen=True)
class Batch:
    """A written batch. ``entry``: the ledger's entry of writing; every paper bears its time, never the clock's."""

    receipt: Receipt
    entry: Entry
    received_at: datetime

    @property
    def agenda(self) -> str:
        """Agenda number."""
        return self.receipt.agenda

    @property
    def round(self) -> int:
        """The round that was written."""
        return int(self.entry.payload["round"])

    @property
    def written_at(self) -> datetime:
        """Aware, on the office's clock."""
        return datetime.fromisoformat(self.entry.at).astimezone(WIB)

    @property
    def rejected(self) -> int:
        """Received lines that no reader could read."""
        return int(self.entry.payload["rejected"])

    @property
    def received(self) -> int:
        """Received lines."""
        return int(self.entry.payload["received"])

    def rows(self, outcome: Outcome) -> int:
        """Rows that ended so."""
        return int(self.entry.payload["outcomes"].get(outcome.value, 0))


def written_batch(ledger: sqlite3.Connection, agenda: str) -> Batch | None:
    """The batch, or None for an undo, which has no lists of its own.

    Raises UserError (USAGE) for an agenda number that is unknown or not written yet. Asserts that the five outcomes
    and the rejected lines are the received ones.
    """
    if entries(ledger, agenda, Kind.UNDO):
        return None
    receipt = find_receipt(ledger, agenda)
    written = entries(ledger, agenda, Kind.WRITTEN)
    if not written:
        problem = Problem(f"agenda {agenda}", "belum ditulis", "agenda yang sudah disetujui dan ditulis",
                          "lihat: sinkron waiting")  # fmt: skip
        raise UserError(Exit.USAGE, problem)
    received = entries(ledger, agenda, Kind.RECEIVED)[0]
    found = Batch(receipt, written[0], datetime.fromisoformat(received.at).astimezone(WIB))
    if sum(found.rows(outcome) for outcome in Outcome) + found.rejected != found.received:
        raise AssertionError("jumlah hasil dan baris ditolak tidak sama dengan jumlah diterima")
    return found


def signer(ledger: sqlite3.Connection, batch: Batch, post: str) -> dict[str, str]:
    """Who signs the letters: whoever approved as the last of the chain. ``post``: the head's post in words.

    {post, name, nip, letter (of an acting official), noted (separation of duties that was only noted, any level)}.
    """
    signed = docket(ledger, batch.agenda).rounds[batch.round].decisions
    entry = signed[CHAIN[-1].role]
    mandate = mandate_of(entry.payload["mandate"])
    acting = "" if mandate.kind is MandateKind.DEFINITIVE else f"{mandate.kind.value.capitalize()}. "
    noted = [f"{mandate_of(e.payload['mandate']).title}: {e.payload['noted']}" for e in signed.values()
             if e.payload["noted"]]  # fmt: skip
    return {
        "post": acting + post, "name": people(ledger)[entry.actor].name, "nip": entry.actor, "letter": mandate.letter,
        "noted": "; ".join(noted),
    }  # fmt: skip
