"""Which notices are due now, read from the ledger: whose turn it is, since when, and what was sent already.

A notice is sent in the office's hours only. After a silence of days the newest one of a step is sent, not all that
were missed. What was sent stands in the ledger, so that a restart repeats nothing.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from expectations.approvals import LEVELS
from expectations.reminders import ABOVE, AGAIN_EVERY, CENTRE_AT, CENTRE_TO, ESCALATE_AT, SOON_AT, Stage
from tasks.approvals.docket import SYSTEM
from tasks.approvals.waiting import Waiting, waiting
from tasks.clock import WorkCalendar
from tasks.ledger import Entry, Kind, LedgerConnection, append, entries_of, utc, writing
from tasks.office import WIB

_RANK = (Stage.SOON, Stage.DUE, Stage.AGAIN)
NEVER = max(CENTRE_AT) + 1


@dataclass(frozen=True)
class Notice:
    """One notice. ``to``: the role addressed; ``role``: the one whose turn it is, "" for the Ditjen's clock.

    ``since``: UTC, when it became that role's turn; ``due``: WIB; ``count``: which of the AGAIN ones, or days left.
    """

    agenda: str
    round: int
    stage: Stage
    to: str
    role: str
    since: str
    due: datetime
    count: int = 0

    @property
    def text(self) -> str:
        """What the person reads; agenda number, step and limit, no personal data."""
        until = f"{self.due:%d-%m-%Y pukul %H.%M} WIB"
        if self.stage is Stage.CENTRE:
            left = f"{self.count} hari lagi" if self.count > 0 else "SUDAH LEWAT" if self.count else "hari ini"
            return f"Agenda {self.agenda}: batas 60 hari jawaban ke Ditjen Dukcapil {left} ({self.due:%d-%m-%Y})."
        level = LEVELS[self.role]
        turn = f"Agenda {self.agenda} (ronde {self.round}) menunggu {level.title}: {level.activity}."
        limit = f"Batas SOP {level.minutes} menit kerja"
        said = {
            Stage.SOON: f"{limit} habis {until}.",
            Stage.DUE: f"{limit} sudah lewat sejak {until}.",
            Stage.AGAIN: f"{limit} sudah lewat sejak {until}; ini pengingat ke-{self.count}.",
            Stage.ESCALATED: f"{limit} sudah lewat dua kali ({until}); mohon tindak lanjut {LEVELS[self.to].title}.",
        }
        return f"{turn} {said[self.stage]}"


def due_notices(con: sqlite3.Connection, calendar: WorkCalendar, now: datetime) -> list[Notice]:
    """Notices about the SOP's limits that are due and were not sent, in order of the batches; none at night.

    While a batch's clock stands still none falls due; the time it stood is not counted afterwards.
    """
    if calendar.opening(now) is None:
        return []
    sent = [entry for entry in entries_of(con, (Kind.NOTICE,)) if entry.payload["stage"] != Stage.CENTRE]
    late = [case for case in waiting(con, now) if case.role in LEVELS]
    return [notice for case in late for notice in _of(case, sent, (case.clock(calendar, now), now))]


def _of(case: Waiting, sent: Iterable[Entry], clock: tuple[WorkCalendar, datetime]) -> list[Notice]:
    """At most two of a step: the newest to its performer, and the escalation."""
    calendar, now = clock
    level, since = LEVELS[case.role], utc(case.since)
    here = case.batch.current.number
    known = [
        (Stage(entry.payload["stage"]), int(entry.payload["count"])) for entry in sent
        if (entry.batch, entry.payload["round"], entry.payload["role"], entry.payload["since"])
        == (case.batch.agenda, here, case.role, since)
    ]  # fmt: skip
    passed, due = calendar.minutes(case.since, now), calendar.after(case.since, level.minutes)

    def notice(stage: Stage, to: str, count: int = 0) -> Notice:
        return Notice(case.batch.agenda, here, stage, to, case.role, since, due, count)

    found = []
    reached = _reached(passed, level.minutes)
    if reached and _place(*reached) > max((_place(*one) for one in known if one[0] in _RANK), default=(-1, 0)):
        found.append(notice(reached[0], case.role, reached[1]))
    above = ABOVE[case.role]
    if above != case.role and passed >= ESCALATE_AT * level.minutes and (Stage.ESCALATED, 0) not in known:
        found.append(notice(Stage.ESCALATED, above))
    return found


def _reached(passed: float, limit: int) -> tuple[Stage, int] | None:
    """The furthest stage after so many working minutes."""
    again = int((passed - limit) // AGAIN_EVERY)
    if again > 0:
        return Stage.AGAIN, again
    if passed >= limit:
        return Stage.DUE, 0
    return (Stage.SOON, 0) if passed >= SOON_AT * limit else None


def _place(stage: Stage, count: int) -> tuple[int, int]:
    return _RANK.index(stage), count


def centre_notices(
    con: sqlite3.Connection, deadlines: Iterable[tuple[str, date]], clock: tuple[WorkCalendar, datetime]
) -> list[Notice]:
    """Notices about the Ditjen's clock: ``deadlines`` = (agenda number, last day) of all that is not answered yet."""
    calendar, now = clock
    if calendar.opening(now) is None:
        return []
    today = now.astimezone(WIB).date()
    sent = [entry for entry in entries_of(con, (Kind.NOTICE,)) if entry.payload["stage"] == Stage.CENTRE]
    found = []
    for agenda, last in sorted(deadlines):
        left = (last - today).days
        told = [_step(entry.payload["count"]) for entry in sent if entry.batch == agenda]
        if _step(left) < min(told, default=NEVER):
            due = datetime.combine(last, time.max, WIB)
            found.append(Notice(agenda, 0, Stage.CENTRE, CENTRE_TO, "", "", due, left))
    return found


def _step(left: int) -> int:
    """The mark of CENTRE_AT that so many days have reached, NEVER before the first."""
    return next((mark for mark in CENTRE_AT if max(left, -1) <= mark), NEVER)


def record(con: LedgerConnection, notice: Notice, delivered: list[str], now: datetime) -> None:
    """That a notice was sent, and by which channels; [] where the office has none."""
    payload = {"round": notice.round, "stage": notice.stage, "to": notice.to, "role": notice.role,
               "since": notice.since, "due": notice.due.isoformat(), "count": notice.count,
               "delivered": delivered}  # fmt: skip
    with writing(con):
        append(con, now, (Kind.NOTICE, notice.agenda, SYSTEM), payload)
