"""A second file that was lost is begun anew, from a ledger that is whole; what is lost with it, only paper replaces."""

import contextlib
import sqlite3
from datetime import datetime

from tasks.anchors import LEDGER, Anchor, create, note
from tasks.errors import Exit, Problem, UserError
from tasks.ledger import check_whole, head, utc, verify
from tasks.office import Office
from tasks.store import open_store


def renew_anchors(office: Office, now: datetime) -> Anchor:
    """Makes the file and notes the heads that ledger and store have now; returns the ledger's.

    Whoever took the old file away could have changed both: the head must be compared with paper. Raises UserError
    (OFFICE) when there is a file, LedgerBrokenError when the chain is broken.
    """
    if office.anchors.exists():
        step = "sinkron verify; untuk mencetak kepala: sinkron anchor tanpa --baru"
        raise UserError(Exit.OFFICE, Problem(office.anchors.name, "sudah ada", "berkas jangkar yang hilang", step))
    with contextlib.closing(sqlite3.connect(f"{office.ledger.resolve().as_uri()}?mode=rw", uri=True)) as con:
        check_whole(con)
        verify(con)
        anchor = Anchor(LEDGER, *head(con), utc(now))
    create(office.anchors)
    note(office.anchors, anchor)
    if office.store.exists():
        with open_store(office):
            pass  # opening notes the newest mark
    return anchor
