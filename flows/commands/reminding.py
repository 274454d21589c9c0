"""``sinkron remind``: sends the notices that are due now; started by a timer of the system, every ten minutes."""

import argparse
import sys
from datetime import UTC, datetime

from flows.commands.reading import existing_office
from flows.reminding import remind, undelivered
from tasks.errors import Exit


def remind_command(_: argparse.Namespace) -> int:
    """One look at the clocks. Raises UserError (OFFICE) when a channel could not deliver."""
    sent, failed = remind(existing_office(), datetime.now(UTC))
    sys.stdout.write("".join(f"{line}\n" for line in sent) or "Tidak ada yang perlu diingatkan sekarang.\n")
    if failed:
        raise undelivered(failed)
    return Exit.OK
