"""When a batch's retention period is over, by kantor.toml; and what was destroyed already, by the ledger."""

import sqlite3
from dataclasses import dataclass
from datetime import date, datetime

from tasks.approvals.docket import docket
from tasks.errors import Exit, Problem, UserError
from tasks.ledger import Entry, Kind, entries, entries_of
from tasks.office import WIB, Office


@dataclass(frozen=True)
class Due:
    """A written batch whose data are still there. ``written``, ``until``: days on the office's clock."""

    agenda: str
    written: date
    until: date


def retained_until(office: Office, written: date) -> date:
    """The first day on which a batch written that day may be destroyed. Raises UserError (OFFICE) without a period."""
    years = office.settings.retensi_tahun
    if not years:
        allowed = "retensi_tahun = masa simpan menurut jadwal retensi arsip kantor, dalam tahun"
        raise UserError(Exit.OFFICE, Problem("kantor.toml", "masa simpan belum ditetapkan", allowed, "isi baris itu"))
    try:
        return written.replace(year=written.year + years)
    except ValueError:  # 29 February
        return date(written.year + years, 3, 1)


def retained(ledger: sqlite3.Connection, office: Office) -> list[Due]:
    """Every finished batch that was not destroyed, in order of its number. Raises UserError as ``retained_until``."""
    gone = destroyed(ledger)
    return [
        Due(entry.batch, day, retained_until(office, day))
        for entry in entries(ledger, kind=Kind.RECEIVED)
        if entry.batch not in gone and (day := written_on(ledger, entry.batch)) is not None
    ]


def written_on(ledger: sqlite3.Connection, agenda: str) -> date | None:
    """The day a batch was written on, or its newest undo; None while it is open."""
    done = [entry for entry in entries_of(ledger, (Kind.WRITTEN, Kind.UNDONE))
            if entry.batch == agenda or entry.batch.startswith(f"{agenda}-U")]  # fmt: skip
    if not docket(ledger, agenda).written:
        return None
    return datetime.fromisoformat(done[-1].at).astimezone(WIB).date()


def destroyed(ledger: sqlite3.Connection) -> dict[str, Entry]:
    """Batch -> the entry by which its data were destroyed."""
    return {str(entry.payload["destroys"]): entry for entry in entries(ledger, kind=Kind.PURGED)}


def check_there(ledger: sqlite3.Connection, agenda: str) -> None:
    """Raises UserError (USAGE) when what the batch was made from is destroyed."""
    if entry := destroyed(ledger).get(agenda):
        day = datetime.fromisoformat(entry.at).astimezone(WIB).date()
        received, allowed = f"dimusnahkan pada {day:%d-%m-%Y} ({entry.batch})", "agenda yang datanya masih disimpan"
        step = f"yang tersisa: sinkron documents {entry.batch}, sinkron history {agenda}"
        raise UserError(Exit.USAGE, Problem(f"agenda {agenda}", received, allowed, step))
