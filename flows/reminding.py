"""One look at the office's clocks: what is due is sent, what was sent is recorded; nothing is decided."""

import contextlib
from datetime import datetime
from typing import TYPE_CHECKING

import httpx

from flows.supervisor import running_api
from tasks.clock import read_calendar
from tasks.errors import UserError
from tasks.ledger import open_ledger
from tasks.office import Office
from tasks.reminders.centre import open_deadlines
from tasks.reminders.due import centre_notices, due_notices, record
from tasks.reminders.send import deliver
from tasks.store import open_store

if TYPE_CHECKING:
    from flows.rest import Api


def remind(office: Office, now: datetime) -> tuple[list[str], list[str]]:
    """Sends what is due; returns the texts of what was sent and the names of channels that could not deliver.

    A notice that no channel could deliver is not recorded, so that the next look sends it. Without any channel it is
    recorded all the same: that a limit passed stands in the ledger.
    """
    clock = read_calendar(office.calendar_file), now
    with open_store(office) as con, open_ledger(office) as ledger:
        deadlines = open_deadlines(con, ledger)
    with open_ledger(office) as ledger:
        due = [*due_notices(ledger, *clock), *centre_notices(ledger, deadlines, clock)]
    api = _api(office)
    sent: list[str] = []
    broken: set[str] = set()
    for notice in due:
        delivered, failed = deliver(office.settings.pemberitahuan, notice, _link(api, notice.agenda))
        broken |= set(failed)
        if delivered or not failed:
            with open_ledger(office) as ledger:
                record(ledger, notice, delivered, now)
            sent.append(notice.text)
    return sent, sorted(broken)


def _api(office: Office) -> "Api | None":
    try:
        return running_api(office)
    except UserError:
        return None


def _link(api: "Api | None", agenda: str) -> str:
    """Where colleagues open the run and answer; "" while the office is not running."""
    with contextlib.suppress(httpx.HTTPError):
        runs = api.runs_of(agenda) if api else []
        return api.page(runs[0]) if api and runs else ""
    return ""
