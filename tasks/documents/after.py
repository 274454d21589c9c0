"""What goes out after step 6, an undo or a destruction: the Berita Acara; of a batch its lists and letters, too."""

import sqlite3

import duckdb

from tasks.documents.issue import Document
from tasks.documents.minutes import minutes
from tasks.ledger import Kind, entries
from tasks.office import Office


def papers_after(
    con: duckdb.DuckDBPyConnection, ledger: sqlite3.Connection, office: Office, agenda: str
) -> list[Document]:
    """All papers of a written batch, undo or destruction, made from store and ledger; again the same bytes.

    Raises UserError (USAGE) when it is not written.
    """
    from tasks.cases.call import call_letters
    from tasks.lists import lists_and_letters

    about = (con, ledger, office, agenda)
    if entries(ledger, agenda, Kind.PURGE):
        return minutes(*about)
    return [*minutes(*about), *lists_and_letters(*about), *call_letters(*about)]
