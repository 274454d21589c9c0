"""What a person is told before a decision: what the level means, why somebody is asked again, the one-page summary.

The same words stand above Prefect's form and on the page where a device key signs.
"""

import sqlite3
from datetime import UTC, datetime
from typing import Any

from expectations.approvals import LEVELS, STAFF, Level
from tasks.approvals.answer import Question
from tasks.approvals.docket import Round, docket
from tasks.approvals.people import people
from tasks.ledger import Kind, entries
from tasks.office import WIB, Office
from tasks.privacy import markdown, scrub

VOIDED = {
    "konflik": "data penduduk berubah sejak diusulkan, atau dua baris satu orang bertentangan; tidak ada yang ditulis",
    "berubah": "isi usulan berubah sesudah disusun; tidak ada yang ditulis",
    "pemisahan": "tanda tangannya tidak memenuhi aturan pemisahan tugas kantor sekarang; tidak ada yang ditulis",
    "dasar dibatalkan": "keputusan terdahulu yang dipakainya sudah dibatalkan; tidak ada yang ditulis",
}


def notices(ledger: sqlite3.Connection, question: Question, reason: str) -> list[str]:
    """What the person must know first: why the last answer did not count, why somebody is asked again."""
    case, title = question.case, LEVELS[question.role].title
    before = docket(ledger, case.agenda).rounds.get(case.round - 1)
    told = [f"**Isian sebelumnya ditolak: {reason}.**"] if reason else []
    taken_back = [
        entry.payload for entry in entries(ledger, case.agenda, Kind.WITHDRAWN)
        if (entry.payload["round"], entry.payload["withdraws"]) == (case.round, question.role)
    ]  # fmt: skip
    if taken_back:
        told.append(f"**{title} mencabut tanda tangannya:** {markdown(scrub(taken_back[-1]['note']), 500) or '-'}")
    return told + ([_why_again(before)] if before and before.closed else [])


def _why_again(before: Round) -> str:
    closed = before.closed
    facts: dict[str, Any] = closed.payload if closed else {}
    if closed and closed.kind == Kind.VOIDED:
        rows = f" ({facts['rows']} elemen; daftarnya di folder meja/)" if facts["rows"] else ""
        return f"**Ronde {before.number} gugur:** {VOIDED[facts['why']]}{rows}."
    note = markdown(scrub(facts["note"]), 500)
    if closed and closed.kind == Kind.WITHDRAWN:
        return f"**Staff menarik usulan ronde {before.number}:** {note}"
    return f"**{LEVELS[facts['role']].title} menjawab Tidak pada ronde {before.number}:** {note}"


def description(level: Level, page: str, notices: list[str]) -> str:
    """All that stands above the fields, as Markdown; ``page``: the one-page summary."""
    meaning = f"Arti keputusan Anda: **{level.meaning}**. Waktu baku: {level.minutes} menit."
    return "\n\n".join([f"## Langkah {level.step}, {level.title}: {level.activity}", *notices, meaning, page])


def signing_page(office: Office, agenda: str) -> str:
    """Where a device key signs for an agenda number, "" for an office without a door."""
    door = office.settings.pintu
    return f"{door.alamat}/tanda-tangan/{agenda}" if door.wajib else ""


def device_link(office: Office, ledger: sqlite3.Connection, asked: tuple[str, str]) -> list[str]:
    """The way to that page, for whoever of this role has a device key today; ``asked`` = (agenda, role)."""
    agenda, role = asked
    day = datetime.now(UTC).astimezone(WIB).date().isoformat()
    has_one = any(person.device and person.mandate(role, day) for person in people(ledger).values())
    where = signing_page(office, agenda) if has_one and role != STAFF.role else ""
    return [f"[Tanda tangani dengan kunci perangkat]({where})"] if where else []
