"""``sinkron purge``: which batches are past their retention period, and the request to destroy one of them."""

import argparse
import contextlib
import sys
from datetime import UTC, datetime

from flows.commands.reading import existing_office
from tasks.errors import Exit, Problem, UserError
from tasks.ledger import head, open_ledger
from tasks.office import WIB, Office


def purge_command(arguments: argparse.Namespace) -> int:
    """Without an agenda number: the list. Else the request; it is decided like any other change-set."""
    office = existing_office()
    if not arguments.agenda and arguments.alasan:
        step = "sebut nomornya, atau tanpa --alasan untuk daftarnya"
        raise UserError(Exit.USAGE, Problem("sinkron purge", "alasan tanpa nomor", "AGENDA dan --alasan", step))
    if not arguments.agenda:
        return _list(office)
    import httpx

    from flows.supervisor import running_api
    from tasks.receipts import find_receipt
    from tasks.retention.purge import propose_purge
    from tasks.store import open_store

    with open_ledger(office) as ledger, open_store(office) as con:
        find_receipt(ledger, arguments.agenda)
        before = head(ledger)
        case = propose_purge(con, ledger, office, (arguments.agenda, arguments.alasan, datetime.now(UTC)))
        asked = "diminta" if head(ledger) != before else "sudah diminta sebelumnya"
    sys.stdout.write(f"Pemusnahan {asked}: {case.agenda} (data agenda {arguments.agenda}), kode berkas {case.code}\n")
    sys.stdout.write(f"Menunggu Staff, Kasi, Kabid, Kadis: di Prefect UI, atau sinkron decide {case.agenda}\n")
    with contextlib.suppress(UserError, httpx.HTTPError):
        running_api(office).start(case.agenda)
    return Exit.OK


def _list(office: Office) -> int:
    """Every finished batch that is still there, the oldest first; nothing is destroyed by itself."""
    from tasks.retention.due import destroyed, retained

    today = datetime.now(UTC).astimezone(WIB).date()
    with open_ledger(office) as ledger:
        gone = destroyed(ledger)
        kept = retained(ledger, office)
        sys.stdout.write("" if kept or gone else "Belum ada agenda yang selesai ditulis.\n")
        for one in kept:
            state = "HABIS masa simpannya" if one.until <= today else "disimpan"
            sys.stdout.write(f"{one.agenda}  selesai {one.written}  boleh dimusnahkan mulai {one.until}  {state}\n")
        for agenda, entry in gone.items():
            sys.stdout.write(f"{agenda}  dimusnahkan ({entry.batch}, entri {entry.seq})\n")
    return Exit.OK
