"""One line per agenda number of a year, with the columns of the office's Buku Agenda; and what was sent back."""

import sqlite3
from dataclasses import astuple, dataclass
from datetime import datetime

from expectations.approvals import CHAIN, LEVELS, STAFF
from tasks.approvals.docket import DRAFT, FINAL, Docket, docket
from tasks.documents.words import letter_date, number
from tasks.errors import Exit
from tasks.ledger import Entry, Kind, entries, entries_of
from tasks.office import WIB
from tasks.privacy import scrub
from tasks.write.conflicts import base_of

# What the book tells of: entries of other kinds (printing it, backups) do not change a page of it.
TELLING = (Kind.RECEIVED, Kind.REFUSED, Kind.PROPOSED, Kind.DECISION, Kind.WITHDRAWN, Kind.VOIDED, Kind.WRITTEN,
           Kind.UNDO, Kind.UNDONE, Kind.PURGE, Kind.PURGED)  # fmt: skip
RECEIVERS = {"cli": "Sinkron, terminal", "inbox": "Sinkron, inbox", "run": "Sinkron, Prefect"}
REASONS = {
    int(Exit.FILE): "berkas tidak terbaca atau memuat yang terlarang", int(Exit.COLUMNS): "kolom tidak lengkap",
    int(Exit.TOTALS): "jumlah berbeda dari surat", int(Exit.ALREADY_RECEIVED): "sudah pernah diterima",
}  # fmt: skip
NO_LETTER = "(tanpa surat)"
LONGEST = 300  # letters of a fact of a letter


@dataclass(frozen=True)
class Line:
    """One line of the book: texts, in the order of the handbook's columns (7)."""

    number: str
    received: str
    letter: str
    letter_date: str
    sender: str
    subject: str
    receiver: str
    disposition: str
    to: str
    forwarded: str
    note: str


COLUMNS = ("No. urut", "Tgl terima", "No. surat", "Tgl surat", "Dari", "Perihal", "Diterima oleh", "Disposisi",
           "Kepada", "Tgl diteruskan", "Catatan")  # fmt: skip


@dataclass(frozen=True)
class Returned:
    """A delivery that was not taken: day, names of its files, why in words."""

    day: str
    files: str
    why: str


def day_time(at: str) -> str:
    """A ledger time as the book writes it: ``06-10-2026 09.00``, WIB."""
    return f"{datetime.fromisoformat(at).astimezone(WIB):%d-%m-%Y %H.%M}"


def year_of(at: str) -> int:
    """The office's year of a ledger time."""
    return datetime.fromisoformat(at).astimezone(WIB).year


def years(ledger: sqlite3.Connection) -> list[int]:
    """Every year that has a line or a returned delivery."""
    return sorted({year_of(entry.at) for entry in entries_of(ledger, (Kind.RECEIVED, Kind.REFUSED))})


def book_lines(ledger: sqlite3.Connection, year: int) -> list[Line]:
    """The lines of one year, by agenda number, as they stand now."""
    asked = entries_of(ledger, (Kind.UNDO, Kind.PURGE))
    return [
        _line(entry, docket(ledger, entry.batch), _undos(ledger, asked, entry.batch))
        for entry in entries(ledger, kind=Kind.RECEIVED) if entry.batch.startswith(f"{year}-")
    ]  # fmt: skip


def returned(ledger: sqlite3.Connection, year: int) -> list[Returned]:
    """Deliveries of one year that went back, in order: they got no agenda number."""
    return [
        Returned(
            day_time(entry.at), ", ".join(scrub(file["name"]) for file in entry.payload["files"])[:LONGEST],
            REASONS.get(entry.payload["exit"], "lihat rejected/"),
        )
        for entry in entries(ledger, kind=Kind.REFUSED) if year_of(entry.at) == year
    ]  # fmt: skip


def matching(lines: list[Line], text: str) -> list[Line]:
    """Lines in which every word of ``text`` stands somewhere, whatever the case."""
    words = text.casefold().split()
    return [line for line in lines if all(word in "\n".join(astuple(line)).casefold() for word in words)]


def newest(ledger: sqlite3.Connection, year: int) -> Entry | None:
    """The newest entry that a page of this year's book tells of; None for an empty year."""
    numbered = {entry.batch for entry in entries(ledger, kind=Kind.RECEIVED) if entry.batch.startswith(f"{year}-")}
    told = [
        entry for entry in entries_of(ledger, TELLING)
        if base_of(entry.batch) in numbered or (entry.kind == Kind.REFUSED and year_of(entry.at) == year)
    ]  # fmt: skip
    return told[-1] if told else None


def _line(entry: Entry, batch: Docket, undos: list[str]) -> Line:
    letter = {name: scrub(text)[:LONGEST] for name, text in (entry.payload["letter"] or {}).items()}
    disposition, to, forwarded = _forwarded(batch)
    return Line(
        entry.batch, day_time(entry.at), letter.get("number", NO_LETTER), letter_date(letter.get("date", "-")),
        letter.get("sender", "-"), letter.get("subject", "-"),
        RECEIVERS.get(entry.payload["origin"].partition(":")[0], "Sinkron"), disposition, to, forwarded,
        "; ".join([_rows(entry), _state(batch), *undos]),
    )  # fmt: skip


def _forwarded(batch: Docket) -> tuple[str, str, str]:
    """What was asked first, of whom, when: Staff, or the chain where nothing needed Staff."""
    first = batch.rounds.get(1)
    if first is None or not first.proposed:
        return "-", "-", "-"
    level, step = (STAFF, DRAFT) if first.needs_staff else (CHAIN[0], FINAL)
    if step not in first.proposed:
        return "-", "-", "-"
    entry = first.proposed[step]
    return level.activity, level.title, day_time(entry.at)


def _rows(entry: Entry) -> str:
    files = entry.payload["files"]
    return f"{number(sum(facts['received'] for facts in files))} baris dalam {number(len(files))} berkas"


def _state(batch: Docket) -> str:
    """Where the case stands, by the ledger."""
    if batch.written is not None:
        facts = batch.written.payload
        return f"ditulis {day_time(batch.written.at)} WIB, {number(facts['written'])} elemen, entri {batch.written.seq}"
    role = batch.turn() if batch.rounds else None
    return f"menunggu {LEVELS[role].title}, ronde {batch.current.number}" if role in LEVELS else "dalam proses"


def _undos(ledger: sqlite3.Connection, asked: list[Entry], agenda: str) -> list[str]:
    """What became of the requests to undo a batch, of those to undo these, and of those to destroy it."""
    return [
        f"{_asked(entry)}: {_undo_state(docket(ledger, entry.batch))}"
        for entry in asked if base_of(entry.batch) == agenda
    ]  # fmt: skip


def _asked(entry: Entry) -> str:
    if entry.kind == Kind.UNDO:
        return f"pembatalan {entry.batch} atas {entry.payload['undoes']}"
    return f"pemusnahan {entry.batch}"


def _undo_state(undo: Docket) -> str:
    if undo.written is not None:
        done = "dimusnahkan" if undo.destroys else "ditulis"
        return f"{done} {day_time(undo.written.at)} WIB, entri {undo.written.seq}"
    return _state(undo) if undo.is_open else "tidak disetujui"
