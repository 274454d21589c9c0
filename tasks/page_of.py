"""Which one-page summary belongs to an agenda number: of a batch, of an undo, or of a destruction."""

import sqlite3
from datetime import datetime

import duckdb

from tasks.approvals.docket import docket
from tasks.purge_page import purge_page
from tasks.summary import one_page
from tasks.undo_page import undo_page


def page_of(
    con: duckdb.DuckDBPyConnection, ledger: sqlite3.Connection, about: tuple[str, int], shown: tuple[datetime, bool]
) -> str:
    """The masked summary of one round as Markdown; arguments as of ``one_page``."""
    batch = docket(ledger, about[0])
    make = undo_page if batch.undoes else purge_page if batch.destroys else one_page
    return make(con, ledger, about, shown)
