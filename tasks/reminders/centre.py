"""What the Ditjen still waits for: batches that are not written, and cases of other regions without an answer."""

import sqlite3
from datetime import date, timedelta

import duckdb

from expectations.cases import CENTRE_DAYS, CaseKind
from tasks.approvals.waiting import open_batches
from tasks.documents.followed import clock_starts
from tasks.ledger import Kind, entries_of


def open_deadlines(con: duckdb.DuckDBPyConnection, ledger: sqlite3.Connection) -> list[tuple[str, date]]:
    """Agenda number and last of the Ditjen's days, one line a batch, in order; undos have no such day.

    Answers to cases have the days of those cases: their own receipt starts no new clock.
    """
    received = {entry.batch for entry in entries_of(ledger, (Kind.RECEIVED,))}
    last = {
        batch.agenda: clock_starts(con, ledger, batch.agenda).date() + timedelta(days=CENTRE_DAYS)
        for batch in open_batches(ledger) if batch.agenda in received
    }  # fmt: skip
    answered = con.execute(
        """select a.agenda, min(c.centre_due_on) from case_answers a
        join cases c on c.agenda = a.case_agenda and c.row_id = a.case_row
        where list_contains(?, a.agenda) group by a.agenda""",
        [list(last)],
    ).fetchall() if last else []  # fmt: skip
    last |= {agenda: min(due, last[agenda]) for agenda, due in answered if due}
    waiting = con.execute(
        "select agenda, min(centre_due_on) from cases where kind = ? and closed_on is null group by agenda",
        [CaseKind.OTHER_REGION],
    ).fetchall()
    for agenda, due in waiting:
        last[agenda] = min(due, last.get(agenda, due))
    return sorted(last.items())
