"""``sinkron status`` and ``history``: what the office has done, masked; unmasked only for a person who says why."""

import argparse
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flows import settings
from tasks.errors import Exit, Problem, UserError
from tasks.office import WIB, Office

if TYPE_CHECKING:
    import sqlite3

    from tasks.ledger import Entry


def existing_office() -> Office:
    """The office, which must have a ledger. Raises UserError (OFFICE)."""
    office = settings.office()
    if not office.ledger.exists() and not office.anchors.exists():
        allowed, step = "kantor yang sudah dibuat", "jalankan sinkron demo atau sinkron baseline"
        raise UserError(Exit.OFFICE, Problem(str(office.ledger), "Buku Agenda belum ada", allowed, step))
    return office


def status(_: argparse.Namespace) -> int:
    """Every agenda number and where it stands; and whether the analysts' copy holds all that was written."""
    from tasks.approvals.docket import docket
    from tasks.ledger import Kind, entries_of, open_ledger
    from tasks.publish import PUBLISHED
    from tasks.publish.stale import standing
    from tasks.retention.due import destroyed

    office = existing_office()
    with open_ledger(office) as ledger:
        gone = destroyed(ledger)
        found = entries_of(ledger, (Kind.RECEIVED, Kind.UNDO, Kind.PURGE))
        sys.stdout.write("" if found else "Belum ada agenda: taruh berkas di inbox/, atau sinkron receive.\n")
        for entry in found:
            batch = docket(ledger, entry.batch)
            last = list(batch.current.decisions) or ["belum ada keputusan"]
            done = "dimusnahkan" if batch.destroys else "ditulis"
            state = f"{done} {_day(batch.written.at)}" if batch.written else f"keputusan terakhir: {last[-1]}"
            if not batch.is_open and not batch.written:
                state = "tidak disetujui"
            state += f", datanya dimusnahkan {_day(gone[entry.batch].at)}" if entry.batch in gone else ""
            sys.stdout.write(f"{entry.batch}  {_what(entry)}  {state}\n")
        copy = standing(office.published / PUBLISHED, ledger)
        sys.stdout.write(f"{copy}\n" if copy else "")
    return Exit.OK


def _what(entry: "Entry") -> str:
    """What was received, or is asked for."""
    facts = entry.payload
    if "files" in facts:
        return f"{sum(file['received'] for file in facts['files'])} baris"
    return f"membatalkan {facts['undoes']}" if "undoes" in facts else f"memusnahkan {facts['destroys']}"


def _day(at: str) -> str:
    return datetime.fromisoformat(at).astimezone(WIB).date().isoformat()


def show_history(arguments: argparse.Namespace) -> int:
    """Semula - menjadi - dasar of what was written."""
    from tasks.ledger import open_ledger
    from tasks.report import history
    from tasks.store import open_store

    office = existing_office()
    with open_ledger(office) as ledger:
        _known(ledger, arguments.agenda)
    if arguments.terbuka:
        may_open(office, arguments.agenda, arguments, "riwayat")
    with open_store(office) as con:
        for line in history(con, arguments.agenda, masked=not arguments.terbuka):
            sys.stdout.write(f"{line}\n")
    return Exit.OK


def _known(ledger: "sqlite3.Connection", agenda: str) -> None:
    from tasks.ledger import Kind, entries
    from tasks.receipts import find_receipt

    if not entries(ledger, agenda, Kind.UNDO):
        find_receipt(ledger, agenda)


def may_open(office: Office, agenda: str, arguments: argparse.Namespace, what: str) -> None:
    """Unmasked data are opened by a registered person with a code and a reason, and the ledger says so first.

    ``what``: a value of ``tasks.approvals.opening.Unmasked``.
    Raises UserError (IDENTITY, or USAGE without NIP or reason).
    """
    from flows.commands.people import ask_code
    from tasks.approvals.coded import Coded
    from tasks.approvals.opening import Unmasked, record_opening
    from tasks.ledger import open_ledger

    code = ask_code(arguments.kode)
    coded = Coded(agenda, arguments.nip or "", code, datetime.now(UTC))
    with open_ledger(office) as ledger:
        record_opening(ledger, office.key("totp"), coded, (Unmasked(what), arguments.alasan or ""))
