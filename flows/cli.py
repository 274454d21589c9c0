"""The command ``sinkron``. Answers at once: everything heavy is imported by the command that needs it."""

import importlib
import os
import sys

from flows.arguments import parser
from tasks.errors import Exit, SinkronError, UserError

# command -> module and function that carry it out; nothing is imported before it is asked for
COMMANDS = {
    "demo": "flows.commands.office:demo",
    "serve": "flows.commands.office:serve",
    "receive": "flows.commands.office:receive_files",
    "baseline": "flows.commands.office:baseline",
    "reference": "flows.commands.office:reference",
    "recover": "flows.commands.office:recover_office",
    "approver": "flows.commands.people:approver",
    "waiting": "flows.commands.waiting:show_waiting",
    "pause": "flows.commands.pausing:pause_command",
    "remind": "flows.commands.reminding:remind_command",
    "doctor": "flows.commands.doctor:doctor_command",
    "decide": "flows.commands.decisions:decide_command",
    "undo": "flows.commands.decisions:undo_command",
    "purge": "flows.commands.retention:purge_command",
    "check": "flows.commands.checking:check_files",
    "link": "flows.link:link_command",
    "prepare": "flows.link:prepare_command",
    "status": "flows.commands.reading:status",
    "dashboard": "flows.commands.dashboard:dashboard_command",
    "cases": "flows.commands.cases:cases_command",
    "memory": "flows.commands.memory:memory_command",
    "verify": "flows.commands.evidence:verify_command",
    "anchor": "flows.commands.evidence:anchor_command",
    "backup": "flows.commands.office:backup_office",
    "restore": "flows.commands.office:restore_office",
    "documents": "flows.commands.papers:documents_command",
    "sign": "flows.commands.signing:sign_command",
    "pack": "flows.commands.packing:pack_command",
    "agenda": "flows.commands.book:agenda_command",
    "disposisi": "flows.commands.book:disposition_command",
    "originals": "flows.commands.originals:originals_command",
    "breach": "flows.commands.breach:breach_command",
    "history": "flows.commands.reading:show_history",
}


def main(argv: list[str] | None = None) -> int:
    """Entry point; returns the exit code (see tasks.errors.Exit)."""
    arguments = parser().parse_args(argv)
    os.umask(0o077)
    module, function = COMMANDS[arguments.command].split(":")
    try:
        return int(getattr(importlib.import_module(module), function)(arguments))
    except UserError as error:
        for problem in error.problems:
            sys.stderr.write(f"sinkron: {problem}\n")
        return error.exit_code
    except SinkronError as error:
        sys.stderr.write(f"sinkron: {error}\n")
        return error.exit_code
    except BrokenPipeError:  # `sinkron history ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 (a fault of ours: its text could quote data, its kind can not)
        sys.stderr.write(f"sinkron: kesalahan sistem ({type(error).__name__}); laporkan ke pengelola\n")
        return Exit.SYSTEM


if __name__ == "__main__":
    sys.exit(main())
