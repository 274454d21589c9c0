"""The one-page summaries that the door shows: one opening of the store at a time, kept while the ledger stands still.

DuckDB's lock on its file is the whole process's (POSIX): two openings in this one would not see each other. And who
reloads a page again and again must not keep the store from the runs.
"""

import threading
from datetime import UTC, datetime

from tasks.approvals.docket import Docket
from tasks.errors import Exit, UserError
from tasks.ledger import head, open_ledger
from tasks.office import WIB, Office

MOST_KEPT, PATIENCE_SECONDS = 50, 1.0
State = tuple[int, str, int]  # round, day (WIB), number of the ledger's newest entry


class Summaries:
    """The masked pages of one office's open batches."""

    def __init__(self, office: Office) -> None:
        self._office, self._alone = office, threading.Lock()
        self._kept: dict[str, tuple[State, str]] = {}

    def of(self, batch: Docket) -> str | None:
        """The same page that stands above the form (Markdown), None while another is made. Raises UserError."""
        if not self._alone.acquire(timeout=PATIENCE_SECONDS):
            return None
        try:
            now = datetime.now(UTC)
            with open_ledger(self._office) as ledger:
                state = (batch.current.number, f"{now.astimezone(WIB):%Y-%m-%d}", head(ledger)[0])
            kept = self._kept.get(batch.agenda)
            if kept is None or kept[0] != state:
                if len(self._kept) >= MOST_KEPT:
                    self._kept.clear()
                kept = self._kept[batch.agenda] = (state, self._made(batch, now))
            return kept[1]
        except UserError as error:
            if error.exit_code is not Exit.OFFICE:
                raise
            return None  # a long step of a run holds the store
        finally:
            self._alone.release()

    def _made(self, batch: Docket, now: datetime) -> str:
        from tasks.page_of import page_of
        from tasks.store import open_store

        with open_ledger(self._office) as ledger, open_store(self._office) as con:
            return page_of(con, ledger, (batch.agenda, batch.current.number), (now, False))
