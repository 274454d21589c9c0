"""What the Ditjen still waits for: batches that are not written, and cases of other regions without an answer."""

import sqlite3
from datetime import date, datetime, timedelta

import duckdb

from expectations.cases import CENTRE_DAYS, CaseKind
from tasks.approvals.waiting import open_batches
from tasks.ledger import Kind, entries_of
from tasks.office import WIB


def open_deadlines(con: duckdb.DuckDBPyConnection, ledger: sqlite3.Connection) -> list[tuple[str, date]]:
    """Agenda number and last of the Ditjen's days, one line a batch, in order; undos have no such day."""
    received = {entry.batch: datetime.fromisoformat(entry.at) for entry in entries_of(ledger, (Kind.RECEIVED,))}
    last = {
        batch.agenda: received[batch.agenda].astimezone(WIB).date() + timedelta(days=CENTRE_DAYS)
        for batch in open_batches(ledger) if batch.agenda in received
    }  # fmt: skip
    waiting = con.execute(
        "select agenda, min(centre_due_on) from cases where kind = ? and closed_on is null group by agenda",
        [CaseKind.OTHER_REGION],
    ).fetchall()
    for agenda, due in waiting:
        last[agenda] = min(due, last.get(agenda, due))
    return sorted(last.items())
