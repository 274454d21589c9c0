"""``sinkron pause``: the SOP's clock of Staff's step stands still while another region is asked."""

import argparse
import sys
from datetime import UTC, datetime

from expectations.outcomes import Outcome
from flows.commands.people import ask_code
from flows.commands.reading import existing_office
from tasks.approvals.coded import Coded
from tasks.approvals.docket import docket
from tasks.approvals.pause import record_pause
from tasks.errors import Exit, Problem, UserError
from tasks.ledger import open_ledger
from tasks.office import Office
from tasks.receipts import find_receipt
from tasks.store import open_store


def pause_command(arguments: argparse.Namespace) -> int:
    """Stops the clock, or lets it go on. Raises UserError (USAGE, IDENTITY)."""
    office, agenda = existing_office(), arguments.agenda
    letter = "" if arguments.selesai else arguments.surat.strip()
    if not letter and not arguments.selesai:
        step = "isi --surat, atau --selesai bila jam SOP berjalan lagi"
        raise UserError(Exit.USAGE, Problem("--surat", "kosong", "nomor surat konfirmasi seperti 470/12/2026", step))
    with open_ledger(office) as ledger:
        find_receipt(ledger, agenda)
    rows = _rows(office, agenda) if letter else 0  # before the code is asked: it is good for a minute
    code = ask_code(arguments.kode)
    with open_ledger(office) as ledger:
        record_pause(ledger, office.key("totp"), Coded(agenda, arguments.nip, code, datetime.now(UTC)), (letter, rows))
    if letter:
        sys.stdout.write(f"Jam SOP agenda {agenda} dijeda: luar kota, {rows} baris, surat {letter}.\n")
        sys.stdout.write("Batas 60 hari jawaban ke Ditjen tetap berjalan.\n")
    else:
        sys.stdout.write(f"Jam SOP agenda {agenda} berjalan lagi.\n")
    return Exit.OK


def _rows(office: Office, agenda: str) -> int:
    """How many rows of the present proposal are referred to another region."""
    with open_ledger(office) as ledger, open_store(office) as con:
        about = [agenda, docket(ledger, agenda).current.number, Outcome.OTHER_REGION]
        query = "select count(*) from outcomes where agenda = ? and round = ? and outcome = ?"
        return int(con.execute(query, about).fetchall()[0][0])
