"""One look at the office's clocks: what is due is sent, what was sent is recorded; nothing is decided."""

import contextlib
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import httpx

from expectations.approvals import LEVELS
from flows.supervisor import running_api
from tasks.clock import read_calendar
from tasks.errors import Exit, Problem, UserError
from tasks.ledger import open_ledger
from tasks.office import Office
from tasks.reminders.centre import open_deadlines
from tasks.reminders.due import Notice, centre_notices, due_notices, record
from tasks.reminders.send import Channel, Links, deliver, subject_of, told
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
    api, chosen = _api(office), office.settings.pemberitahuan
    blocks = {"blok": _block(api, chosen.blok)} if chosen.blok else {}
    sent: list[str] = []
    broken: set[str] = set()
    for notice in due:
        delivered, failed = deliver(chosen, notice, _links(api, notice), blocks)
        broken |= set(failed)
        if delivered or not failed:
            with open_ledger(office) as ledger:
                record(ledger, notice, delivered, now)
            sent.append(notice.text)
    return sent, sorted(broken)


def undelivered(failed: list[str]) -> UserError:
    """What is told of channels that could not deliver."""
    return UserError(
        Exit.OFFICE,
        Problem(
            "pemberitahuan", f"tidak terkirim lewat {', '.join(failed)}", "saluran yang menjawab",
            "periksa [pemberitahuan] dalam kantor.toml; dicoba lagi pada pemeriksaan berikutnya",
        ),
    )  # fmt: skip


def _api(office: Office) -> "Api | None":
    try:
        return running_api(office)
    except UserError:
        return None


def _block(api: "Api | None", name: str) -> Channel:
    """A notification block of Prefect as a channel; an office that is not running has none at hand."""

    def send(notice: Notice, links: Links) -> None:
        if api is None:
            raise OSError
        from prefect.blocks.core import Block
        from prefect.settings import PREFECT_API_URL, PREFECT_CLIENT_CUSTOM_HEADERS, temporary_settings

        try:
            with temporary_settings({PREFECT_API_URL: api.url, PREFECT_CLIENT_CUSTOM_HEADERS: api.headers}):
                cast("Any", Block.load(name)).notify(told(notice, links), subject_of(notice))
        except Exception:  # noqa: BLE001 (any service may stand behind a block, each fails in its own way)
            raise OSError from None  # its text could quote the service's secret

    return send


def _links(api: "Api | None", notice: Notice) -> Links:
    """Where colleagues open the run and answer; none while the office is not running."""
    if api is None:
        return {}
    with contextlib.suppress(httpx.HTTPError):
        runs = sorted(api.runs_of(notice.agenda), key=lambda run: run.gate is None)  # the one that waits, before others
        found = {"Buka": api.page(runs[0]), "Dengan tombol Resume": api.page_with_button(runs[0])} if runs else {}
        if notice.role:
            found["Semua yang menunggu"] = api.inbox(LEVELS[notice.role].title)
        return found
    return {}
