"""``sinkron originals``: a batch's originals out of the sealed archive, for a person who says why; copies of keys."""

import argparse
import sys

from flows.commands.reading import existing_office, may_open
from tasks.errors import Exit, Problem, UserError


def originals_command(arguments: argparse.Namespace) -> int:
    """Takes out what the archive holds; exit code FINDINGS when it is not what was received."""
    from tasks.ledger import open_ledger
    from tasks.receipts import find_receipt
    from tasks.retention.due import check_there
    from tasks.retention.keys import copy_keys
    from tasks.retention.originals import Taken, take_out

    office = existing_office()
    if arguments.salin_kunci:
        sys.stdout.write(f"Kunci agenda: {copy_keys(office)} disalin.\n")
        return Exit.OK
    if not arguments.agenda or not arguments.ke:
        allowed = "AGENDA dan --ke FOLDER, atau --salin-kunci"
        raise UserError(Exit.USAGE, Problem("sinkron originals", "belum lengkap", allowed, "isi keduanya"))
    with open_ledger(office) as ledger:
        receipt = find_receipt(ledger, arguments.agenda)
        check_there(ledger, arguments.agenda)
    may_open(office, receipt.agenda, arguments, "berkas asal")
    told = take_out(office, receipt, arguments.ke)
    for name, state in told.items():
        sys.stdout.write(f"{state}  {name}\n")
    sys.stdout.write(f"Dikeluarkan ke {arguments.ke}. Berisi data pribadi penduduk: hapus sesudah diperiksa.\n")
    return Exit.OK if set(told.values()) <= {Taken.WHOLE, Taken.UNKNOWN} else Exit.FINDINGS
