"""``sinkron check``: a file against all rules, without a server and without loading anything."""

import argparse
import sys
from datetime import datetime

from flows import settings
from tasks.errors import Exit


def check_files(arguments: argparse.Namespace) -> int:
    """Tells the findings; exit code FINDINGS when there are any."""
    from tasks.check import Beside, check, check_out, told, write_findings
    from tasks.office import WIB, read_thresholds
    from tasks.passwords import zip_passwords

    if arguments.out:
        check_out(arguments.out)
    known = {"thresholds": read_thresholds(arguments.thresholds)} if arguments.thresholds else {}
    beside = Beside(arguments.baseline, arguments.deaths, arguments.moves, arguments.whole_families,
                    zip_passwords(settings.office(), arguments.files), **known)  # fmt: skip
    as_of = arguments.as_of or datetime.now(WIB).date()
    checked = check(arguments.files, as_of.isoformat(), beside)
    if arguments.out:
        write_findings(checked.findings, arguments.out)
    sys.stdout.write("".join(f"{line}\n" for line in told(checked)))
    return Exit.FINDINGS if checked.findings.height else Exit.OK
