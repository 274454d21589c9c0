"""Whether the copy is older than what the office has written since: one line of the ledger, no content of it."""

import contextlib
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tasks.ledger import Kind
from tasks.office import WIB

WAIT_SECONDS = 1.0


@dataclass(frozen=True)
class Written:
    """A batch or an undo that is written and not in the copy. ``at``: the office's clock, whole seconds."""

    agenda: str
    at: datetime


def missing_from(published: datetime | None, ledger: Path) -> Written | None:
    """The newest writing, when the copy is of before it (or there is none); None when all is in the copy.

    ``published``: WIB, as in the copy; every publishing follows a writing, so an older one is under way or failed.
    A ledger that is not there or can not be read says nothing here: telling so is ``sinkron verify``'s.
    """
    with contextlib.suppress(sqlite3.Error, ValueError):
        address = f"{ledger.resolve().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(address, uri=True, timeout=WAIT_SECONDS)) as con:
            found = con.execute(
                "select batch, at from entries where kind in (?, ?) order by seq desc limit 1",
                (Kind.WRITTEN, Kind.UNDONE),
            ).fetchone()
        if found:
            at = datetime.fromisoformat(found[1]).astimezone(WIB).replace(tzinfo=None, microsecond=0)
            return Written(found[0], at) if published is None or published < at else None
    return None
