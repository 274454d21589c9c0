"""Everything that goes out after step 6 or an undo: the Berita Acara, and of a batch its lists, letters and calls."""

import sqlite3

import duckdb

from tasks.documents.issue import Document
from tasks.documents.minutes import minutes
from tasks.office import Office


def papers_after(
    con: duckdb.DuckDBPyConnection, ledger: sqlite3.Connection, office: Office, agenda: str
) -> list[Document]:
    """All papers of a written batch or undo, made from store and ledger; again the same bytes.

    Raises UserError (USAGE) when it is not written.
    """
    from tasks.cases.call import call_letters
    from tasks.lists import lists_and_letters

    about = (con, ledger, office, agenda)
    return [*minutes(*about), *lists_and_letters(*about), *call_letters(*about)]
