"""Who must do what, and since when: the open batches as the ledger has them."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from expectations.approvals import LEVELS, STAFF, Separation
from tasks.approvals.case import Case
from tasks.approvals.docket import FINAL, Docket, docket
from tasks.approvals.pause import Pause, pauses, spans
from tasks.approvals.people import people
from tasks.clock import WorkCalendar
from tasks.ledger import Kind, entries, entries_of
from tasks.office import WIB


@dataclass(frozen=True)
class Waiting:
    """One open batch. ``role``: whose turn, or SYSTEM; ``since``: aware; ``people``: "Kadis name (NIP)" of today.

    ``barred``: those of today who decided in an earlier batch what this one takes over, each with that batch: they may
    only refuse it where duties are separated strictly, and are not among ``people`` then. ``pauses``: of the batch.
    """

    batch: Docket
    role: str
    since: datetime
    people: tuple[str, ...]
    barred: tuple[str, ...] = ()
    pauses: tuple[Pause, ...] = ()

    @property
    def pause(self) -> Pause | None:
        """The stretch in which the SOP's clock stands still now, if it does."""
        return self.pauses[-1] if self.pauses and self.pauses[-1].ended is None else None

    def clock(self, calendar: WorkCalendar, now: datetime) -> WorkCalendar:
        """The office's calendar without the stretches in which this batch's clock stood still."""
        return calendar.without(spans(self.pauses, now))

    def passed(self, calendar: WorkCalendar, now: datetime) -> float:
        """Working minutes since it became this role's turn."""
        return self.clock(calendar, now).minutes(self.since, now)

    @property
    def case(self) -> Case:
        """What is asked about."""
        here = self.batch.current
        role = self.role if self.role in LEVELS else FINAL
        return Case(self.batch.agenda, here.number, here.digest_for(role))


def open_batches(con: sqlite3.Connection) -> list[Docket]:
    """Every batch received, every undo and destruction requested that is not finished, in order of their entries."""
    known = dict.fromkeys(entry.batch for entry in entries_of(con, (Kind.RECEIVED, Kind.UNDO, Kind.PURGE)))
    return [batch for batch in (docket(con, agenda) for agenda in known) if batch.is_open]


def waiting(con: sqlite3.Connection, now: datetime, separation: Separation = Separation.STRICT) -> list[Waiting]:
    """The open batches with whoever may answer today by the office's separation of duties."""
    day = now.astimezone(WIB).date().isoformat()
    registry = people(con).values()
    found = []
    for batch in open_batches(con):
        role = str(batch.turn())
        holders = [(person, person.mandate(role, day)) for person in registry]
        named = {person.nip: f"{mandate.title} {person.name} ({person.nip})" for person, mandate in holders if mandate}
        theirs = batch.decided_before if separation is Separation.STRICT and role != STAFF.role else {}
        free = tuple(words for nip, words in named.items() if nip not in theirs)
        barred = tuple(f"{words} menyusun agenda {theirs[nip]}" for nip, words in named.items() if nip in theirs)
        still = tuple(pauses(entries(con, batch.agenda)))
        found.append(Waiting(batch, role, datetime.fromisoformat(batch.since), free, barred, still))
    return found
