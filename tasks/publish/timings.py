"""How long each step of the SOP took, from the ledger's entries alone.

A step begins when the batch comes into its performer's hands and ends when it leaves them, whatever the reason: a
signature, a Tidak, a withdrawal, a proposal that is void. Minutes are those in which the office works (tasks.clock).
"""

import itertools
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from expectations.approvals import CHAIN, LEVELS, STAFF
from expectations.published import STEPS
from tasks.approvals.docket import DRAFT, NO, UNDO
from tasks.approvals.pause import pauses, spans
from tasks.clock import WorkCalendar
from tasks.ledger import Entry, Kind, entries_of
from tasks.office import WIB

_TELLING = (
    Kind.RECEIVED, Kind.PROPOSED, Kind.DECISION, Kind.WITHDRAWN, Kind.VOIDED, Kind.UNDO, Kind.WRITTEN, Kind.UNDONE,
    Kind.PAUSED,
)  # fmt: skip
_RECEIVE, _WRITE = min(STEPS), max(STEPS)
_NEXT = dict(itertools.pairwise((*(level.step for level in CHAIN), _WRITE)))
Line = tuple[Any, ...]


@dataclass
class _Clock:
    """One batch or undo while its entries are read. ``step``: in whose hands it is, 0 for nobody's."""

    agenda: str
    step: int = 0
    round: int = 1
    since: str = ""
    is_undo: bool = False
    lines: list[tuple[int, int, str, str | None]] = field(default_factory=list)  # round, step, from, until

    def go(self, at: str, step: int, round_no: int) -> None:
        """The batch passes into other hands."""
        if self.step:
            self.lines.append((self.round, self.step, self.since, at))
        self.step, self.round, self.since = step, round_no, at

    def read(self, entry: Entry) -> None:
        """One entry."""
        number = entry.payload.get("round", self.round)
        if entry.kind == Kind.RECEIVED:
            self.go(entry.at, _RECEIVE, 1)
        elif entry.kind == Kind.UNDO:
            self.is_undo = True
        elif entry.kind == Kind.PROPOSED:
            self._propose(entry, number)
        elif entry.kind == Kind.DECISION:
            self._decide(entry, number)
        elif entry.kind == Kind.WITHDRAWN:
            self._withdraw(entry, number)
        elif entry.kind == Kind.VOIDED:
            self._close(entry.at, number)
        else:
            self.go(entry.at, 0, number)

    def _propose(self, entry: Entry, number: int) -> None:
        """A draft is Staff's to examine (step 2), a proposal the chain's to verify; an undo may need no Staff."""
        waits_for_staff = entry.payload["step"] == DRAFT or (entry.payload["step"] == UNDO and entry.payload["staff"])
        step = STAFF.step if waits_for_staff else CHAIN[0].step
        if (self.step, self.round) != (step, number):
            self.go(entry.at, step, number)

    def _decide(self, entry: Entry, number: int) -> None:
        step = LEVELS[entry.payload["role"]].step
        if entry.payload["decision"] == NO:
            self._close(entry.at, number)
        elif step == STAFF.step:
            self.go(entry.at, CHAIN[0].step if self.is_undo else 0, number)  # else the final proposal is made first
        else:
            self.go(entry.at, _NEXT[step], number)

    def _withdraw(self, entry: Entry, number: int) -> None:
        if entry.payload["withdraws"] == STAFF.role:
            self._close(entry.at, number)
        else:
            self.go(entry.at, LEVELS[entry.payload["withdraws"]].step, number)

    def _close(self, at: str, number: int) -> None:
        """A closed round goes back to Staff; a closed undo is finished."""
        self.go(at, 0 if self.is_undo else STAFF.step, number + 1)


def step_times(ledger: sqlite3.Connection, now: datetime, calendar: WorkCalendar) -> list[Line]:
    """Lines of table ``langkah``, in the order of agenda numbers and time; an open step counts until ``now``.

    Time in which the SOP's clock stood still (tasks.approvals.pause) is not counted.
    """
    lines = []
    for agenda, batch in _batches(ledger):
        clock = _Clock(agenda)
        for entry in batch:
            if entry.kind != Kind.PAUSED:
                clock.read(entry)
        open_step = [(clock.round, clock.step, clock.since, None)] if clock.step else []
        running = calendar.without(spans(pauses(batch), now))
        lines += [_line(agenda, found, (now, running)) for found in (*clock.lines, *open_step)]
    return lines


def _line(agenda: str, found: tuple[int, int, str, str | None], clock: tuple[datetime, WorkCalendar]) -> Line:
    (round_no, number, since, until), (now, calendar) = found, clock
    step, begun = STEPS[number], datetime.fromisoformat(since)
    ended = datetime.fromisoformat(until) if until else None
    minutes = calendar.minutes(begun, ended or now)
    return (
        agenda, round_no, number, step.role, step.activity, local(begun), local(ended) if ended else None,
        round(minutes, 2), step.minutes, minutes > step.minutes,
    )  # fmt: skip


def _batches(ledger: sqlite3.Connection) -> Iterator[tuple[str, list[Entry]]]:
    found = sorted(entries_of(ledger, _TELLING), key=lambda entry: (entry.batch, entry.seq))
    for agenda, batch in itertools.groupby(found, key=lambda entry: entry.batch):
        yield agenda, list(batch)


def decisions(ledger: sqlite3.Connection) -> list[Line]:
    """Lines of table ``keputusan``: every Ajukan, Ya, Tidak and Cabut that counted, by role and never by person.

    A Cabut is given at the gate of the next level, by the one who takes an own decision back.
    """
    found = sorted(entries_of(ledger, (Kind.DECISION, Kind.WITHDRAWN)), key=lambda entry: (entry.batch, entry.seq))
    return [
        (
            entry.batch,
            entry.payload["round"],
            entry.payload.get("withdraws") or entry.payload["role"],
            entry.payload["decision"],
            local(datetime.fromisoformat(entry.at)),
        )
        for entry in found
    ]


def receipt_days(ledger: sqlite3.Connection) -> list[tuple[str, str]]:
    """(agenda, day of receipt on the office's clock, ISO) of every receipt."""
    return [
        (entry.batch, local(datetime.fromisoformat(entry.at)).date().isoformat())
        for entry in entries_of(ledger, (Kind.RECEIVED,))
    ]


def local(at: datetime) -> datetime:
    """The office's wall clock, without a zone: analysts read WIB."""
    return at.astimezone(WIB).replace(tzinfo=None)
