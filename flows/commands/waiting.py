"""``sinkron waiting``: who must do what, since when, and until when."""

import argparse
import sys
from datetime import UTC, datetime, timedelta

from expectations.approvals import LEVELS, STAFF
from flows.asking import device_link, signing_page
from flows.commands.reading import existing_office
from tasks.approvals.waiting import Waiting, waiting
from tasks.clock import WorkCalendar, read_calendar
from tasks.errors import Exit, UserError
from tasks.ledger import LedgerConnection, open_ledger
from tasks.office import WIB, Office


def show_waiting(_: argparse.Namespace) -> int:
    """Who must do what, since when."""
    office, now = existing_office(), datetime.now(UTC)
    clock = read_calendar(office.calendar_file), now
    with open_ledger(office) as ledger:
        found = [(case, _ready(office, ledger, case)) for case in waiting(ledger, now, office.separation())]
        pages = {case.batch.agenda: signing_links(office, ledger, case) for case, ready in found if ready}
    lines = [
        line for case, ready in found for line in _told(case, clock, ready=ready) + pages.get(case.batch.agenda, [])
    ] or ["Tidak ada yang menunggu."]
    lines += _inboxes(office, {case.role for case, ready in found if ready})
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return Exit.OK


def signing_links(office: Office, ledger: LedgerConnection, case: Waiting) -> list[str]:
    """Where a device key signs, if somebody who may decide has one."""
    if not device_link(office, ledger, (case.batch.agenda, case.role)):
        return []
    return [f"  kunci perangkat: {signing_page(office, case.batch.agenda)}"]


def _inboxes(office: Office, roles: set[str]) -> list[str]:
    """Where each role sees all that waits for it, while the office is running."""
    from flows.supervisor import running_api

    try:
        api = running_api(office)
    except UserError:
        return []
    return [f"Kotak {level.title}: {api.inbox(level.title)}" for role, level in LEVELS.items() if role in roles]


def _ready(office: Office, ledger: LedgerConnection, case: Waiting) -> bool:
    """Whether an approver has the lembar verifikasi to decide by; Staff decides by the worksheet."""
    from tasks.documents.issue import is_out
    from tasks.documents.verification_sheet import sheet_name

    name = sheet_name(case.batch.agenda, case.batch.current.number)
    return case.role == STAFF.role or is_out(office, ledger, case.batch.agenda, name)


def _told(case: Waiting, clock: tuple[WorkCalendar, datetime], *, ready: bool) -> list[str]:
    now = clock[1]
    level = LEVELS.get(case.role) if ready else None
    next_one = f" untuk {LEVELS[case.role].title}: lembar verifikasi" if case.role in LEVELS else ""
    waits = (
        f"menunggu {level.title}: {level.activity}" if level else f"menunggu sistem{next_one} (kantor harus berjalan)"
    )
    tried = sum(count for (role, _), count in case.batch.current.tries.items() if role == case.role)
    lines = [
        f"{case.batch.agenda}  ronde {case.batch.current.number}  {waits}",
        f"  sejak {case.since.astimezone(WIB):%d-%m-%Y %H.%M} WIB ({_age(now - case.since)})"
        + (f", {tried} isian tidak berlaku" if tried else ""),
    ]
    if level:
        lines.append(f"  batas {level.minutes} menit kerja: {_until(case, level.minutes, clock)}")
        lines.append(f"  yang berwenang hari ini: {'; '.join(case.people) or 'TIDAK ADA (sinkron approver mandate)'}")
        if case.barred:
            lines.append(f"  hanya dapat menjawab Tidak: {'; '.join(case.barred)}, yang dipakai lagi (minta Plh/Plt)")
    return lines


def _until(case: Waiting, minutes: int, clock: tuple[WorkCalendar, datetime]) -> str:
    """The limit, or why there is none now."""
    calendar, now = clock
    late = ", SUDAH LEWAT" if case.passed(calendar, now) > minutes else ""
    if case.pause:
        since = f"{case.pause.begun.astimezone(WIB):%d-%m-%Y %H.%M}"
        return f"dijeda sejak {since} WIB, luar kota ({case.pause.rows} baris), surat {case.pause.letter}{late}"
    due = case.clock(calendar, now).after(case.since, minutes)
    return f"{due:%d-%m-%Y %H.%M} WIB{late}"


def _age(passed: timedelta) -> str:
    hours, minutes = divmod(max(0, int(passed.total_seconds())) // 60, 60)
    days, hours = divmod(hours, 24)
    return f"{days} hari {hours} jam" if days else f"{hours} jam {minutes} menit"
