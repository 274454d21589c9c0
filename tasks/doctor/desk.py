"""The office's people, clocks, evidence and unfinished work, from the ledger."""

import sqlite3
from datetime import date, datetime, timedelta

from expectations.approvals import LEVELS
from tasks.approvals.docket import SYSTEM
from tasks.approvals.people import people
from tasks.approvals.waiting import waiting
from tasks.clock import WorkCalendar, read_calendar
from tasks.clock.working import is_decreed
from tasks.doctor.state import Line, broken, good, soon
from tasks.errors import UserError
from tasks.ledger import CLOCK_TOLERANCE, Kind, entries_of
from tasks.office import WIB, Office

MANDATE_DAYS, BACKUP_DAYS = 7, 7
NEXT_YEAR_FROM = 10  # month: from then on deadlines reach into the next year
SYSTEM_MINUTES, TURN_MINUTES = 15, 90  # what nobody has to decide is done by itself long before; with its turn to wait
Clock = tuple[WorkCalendar, datetime]


def clock(con: sqlite3.Connection, now: datetime) -> Line:
    """The machine's clock against the newest entry: one that runs behind makes expired mandates valid."""
    newest = con.execute("select max(at) from entries").fetchone()[0]
    behind = datetime.fromisoformat(newest) - now if newest else timedelta()
    if behind > CLOCK_TOLERANCE:
        minutes = int(behind.total_seconds() // 60)
        return broken("jam", f"{minutes} menit di belakang entri terbaru", "betulkan jam komputer (NTP)")
    return good("jam", f"{now.astimezone(WIB):%d-%m-%Y %H.%M} WIB; bandingkan dengan jam lain")


def calendar(office: Office, now: datetime) -> tuple[Line, WorkCalendar]:
    """The office's own calendar can be read, and the decree of the year is known."""
    try:
        read = read_calendar(office.calendar_file)
    except UserError as error:
        return broken("kalender", str(error), "betulkan kalender.csv"), WorkCalendar()
    today = now.astimezone(WIB).date()
    years = [today.year] + ([today.year + 1] if today.month >= NEXT_YEAR_FROM else [])
    unknown = ", ".join(str(year) for year in years if not is_decreed(year))
    if unknown:
        step = "perbarui paket holidays, atau tulis cuti bersama dalam kalender.csv"
        return soon("kalender", f"cuti bersama {unknown} belum dikenal: batas waktu adalah perkiraan", step), read
    return good("kalender", f"libur nasional dan cuti bersama {', '.join(map(str, years))} dikenal"), read


def mandates(con: sqlite3.Connection, now: datetime) -> list[Line]:
    """Every level has somebody who may decide today and next week."""
    today = now.astimezone(WIB).date()
    found = [line for role in LEVELS if (line := _mandate(con, role, today))]
    return found or [good("mandat", f"setiap jenjang terisi, juga {MANDATE_DAYS} hari ke depan")]


def _mandate(con: sqlite3.Connection, role: str, today: date) -> Line | None:
    def holders(day: date) -> int:
        return sum(not one.disabled and one.mandate(role, day.isoformat()) is not None for one in people(con).values())

    title, later = LEVELS[role].title, today + timedelta(days=MANDATE_DAYS)
    if not holders(today):
        return broken("mandat", f"tidak ada {title} yang berwenang hari ini", "sinkron approver mandate (Plh atau Plt)")
    if not holders(later):
        return soon("mandat", f"tidak ada {title} yang berwenang pada {later:%d-%m-%Y}", "sinkron approver mandate")
    return None


def backup(con: sqlite3.Connection, now: datetime) -> Line:
    """When the newest backup was made; one from before an upgrade burns with the office, and does not count."""
    here = {entry.payload["sha256"] for entry in entries_of(con, (Kind.MIGRATED,))}
    taken = [entry for entry in entries_of(con, (Kind.BACKUP,)) if entry.payload.get("sha256") not in here]
    made = [datetime.fromisoformat(entry.at) for entry in taken]
    if not made:
        return soon("cadangan", "belum pernah dibuat", "sinkron backup ke disk lain")
    age = (now - max(made)).days
    text = f"terakhir {max(made).astimezone(WIB):%d-%m-%Y} ({age} hari)"
    return soon("cadangan", text, "sinkron backup ke disk lain") if age > BACKUP_DAYS else good("cadangan", text)


def second_file(office: Office) -> Line:
    """The second file should not burn with the first."""
    if not office.anchors.exists():
        return broken("jangkar", "berkas kedua hilang", "lihat docs/operator.md, bagian Jangkar")
    if office.anchors.stat().st_dev == office.home.stat().st_dev:
        step = "pindahkan ke disk lain: jangkar = ... dalam kantor.toml"
        return soon("jangkar", "berkas kedua di disk yang sama dengan Buku Agenda", step)
    return good("jangkar", "berkas kedua di disk lain")


def unfinished(con: sqlite3.Connection, about: Clock) -> list[Line]:
    """Approved and not written, or waiting for the system longer than it ever takes; and steps past their limit."""
    calendar_read, now = about
    found: list[Line] = []
    for case in waiting(con, now):
        agenda, age = case.batch.agenda, now - case.since
        if case.role == SYSTEM:
            if age > timedelta(minutes=SYSTEM_MINUTES):
                text = f"agenda {agenda} menunggu sistem sejak {case.since.astimezone(WIB):%d-%m-%Y %H.%M}"
                tell = broken if age > timedelta(minutes=TURN_MINUTES) else soon  # it may only wait for the store
                found.append(tell("pekerjaan", text, "jalankan sinkron serve, lalu sinkron recover"))
        elif case.role in LEVELS and case.passed(calendar_read, now) > LEVELS[case.role].minutes:
            text = f"agenda {agenda} melewati batas {LEVELS[case.role].title}"
            found.append(soon("pekerjaan", text, "sinkron waiting; lihat juga sinkron remind"))
    return found or [good("pekerjaan", "tidak ada yang tertinggal")]


def copy(office: Office, con: sqlite3.Connection) -> Line:
    """The analysts' copy holds what was written."""
    from tasks.publish import PUBLISHED
    from tasks.publish.stale import missing

    behind = missing(office.published / PUBLISHED, con)
    if behind is not None:
        return soon("salinan analis", f"belum memuat agenda {behind.batch}", "sinkron recover menerbitkannya lagi")
    return good("salinan analis", "memuat semua yang sudah ditulis")


def notices(office: Office) -> Line:
    """Reminders leave the office."""
    chosen = office.settings.pemberitahuan
    if not chosen.surel and not chosen.webhook:
        return soon("pengingat", "tidak ada saluran", "isi [pemberitahuan] dalam kantor.toml")
    silent = [LEVELS[role].title for role in LEVELS if role not in {*chosen.alamat, *chosen.obrolan}]
    if silent and not (chosen.webhook and chosen.bentuk == "json"):
        return soon("pengingat", f"tanpa alamat: {', '.join(silent)}", "isi [pemberitahuan.alamat] atau [.obrolan]")
    return good("pengingat", "saluran diisi")
