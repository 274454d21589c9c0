"""What a batch of answers follows up: the centre's own receipts whose open cases Staff answered on a case workbook.

The centre sent nothing for such a batch, so its papers name the letters, files and lines that the cases came from, and
its clock is that of the earliest of those receipts (Ditjen SOP 7.4.3.3, 2011: 60 days from the receipt of the data).
"""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

import duckdb

from tasks.cases.view import ROWS
from tasks.documents.words import wib_time
from tasks.ledger import Kind, entries
from tasks.receipts import Receipt, find_receipt

# SQL, after ``with recursive``: every case behind a row of $agenda (origins: row_id, case_agenda, case_row), and the
# row of the centre's that the oldest of them is (sources): a case may have been opened by answers in its turn.
ORIGINS = """
origins as (
  select row_id, case_agenda, case_row from case_answers where agenda = $agenda
  union all
  select o.row_id, c.case_agenda, c.case_row from origins o
    join case_answers c on c.agenda = o.case_agenda and c.row_id = o.case_row),
sources as (
  select o.row_id, o.case_agenda, o.case_row from origins o
  anti join case_answers c on c.agenda = o.case_agenda and c.row_id = o.case_row)"""
_RECEIPTS = f"""
with recursive {ORIGINS}
select case_agenda, case_row // {ROWS} as file_no, count(*) as n from sources group by all order by all
"""


@dataclass(frozen=True)
class Followed:
    """A receipt that is followed up. ``received``: on the office's clock; ``rows``: file number -> its rows here."""

    receipt: Receipt
    received: datetime
    rows: dict[int, int]


def followed(con: duckdb.DuckDBPyConnection, ledger: sqlite3.Connection, agenda: str) -> list[Followed]:
    """The receipts that a batch of answers follows up, the earliest first; none for what the centre sent itself."""
    rows: dict[str, dict[int, int]] = {}
    for source, file_no, count in con.execute(_RECEIPTS, {"agenda": agenda}).fetchall():
        rows.setdefault(str(source), {})[int(file_no)] = int(count)
    found = [
        Followed(find_receipt(ledger, source), wib_time(entries(ledger, source, Kind.RECEIVED)[0].at), files)
        for source, files in rows.items()
    ]
    return sorted(found, key=lambda one: (one.received, one.receipt.agenda))


def clock_starts(con: duckdb.DuckDBPyConnection, ledger: sqlite3.Connection, agenda: str) -> datetime:
    """When the centre's clock began, on the office's clock: at the receipt, or at the earliest that is followed up."""
    earlier = followed(con, ledger, agenda)
    return earlier[0].received if earlier else wib_time(entries(ledger, agenda, Kind.RECEIVED)[0].at)
