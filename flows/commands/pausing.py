"""``sinkron pause``: the SOP's clock of Staff's step stands still while another region is asked."""

import argparse
import sys
from datetime import UTC, datetime

from expectations.outcomes import Outcome
from flows.commands.people import ask_secret
from flows.commands.reading import existing_office
from tasks.approvals.docket import docket
from tasks.approvals.pause import Asked, record_pause
from tasks.errors import Exit
from tasks.ledger import open_ledger
from tasks.store import open_store


def pause_command(arguments: argparse.Namespace) -> int:
    """Stops the clock, or lets it go on. Raises UserError (USAGE, IDENTITY)."""
    office, agenda = existing_office(), arguments.agenda
    code = arguments.kode or ask_secret("Kode sekali pakai: ")
    with open_ledger(office) as ledger, open_store(office) as con:
        about = [agenda, docket(ledger, agenda).current.number, Outcome.OTHER_REGION]
        (rows,) = con.execute(
            "select count(*) from outcomes where agenda = ? and round = ? and outcome = ?", about
        ).fetchall()[0]
        letter = "" if arguments.selesai else arguments.surat
        record_pause(ledger, office.key("totp"), Asked(agenda, arguments.nip, code, letter, rows, datetime.now(UTC)))
    if letter:
        sys.stdout.write(f"Jam SOP agenda {agenda} dijeda: luar kota, {rows} baris, surat {letter}.\n")
        sys.stdout.write("Batas 60 hari jawaban ke Ditjen tetap berjalan.\n")
    else:
        sys.stdout.write(f"Jam SOP agenda {agenda} berjalan lagi.\n")
    return Exit.OK
