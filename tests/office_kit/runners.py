"""The processes that run an office's batches, and what each has in hand."""

from collections import defaultdict

import psutil

from flows.inbox import RUN_ID
from tasks.office import Office


def runners(office: Office) -> dict[int, psutil.Process]:
    """The runners of this office by number."""
    found = {}
    for one in psutil.process_iter(["cmdline", "environ"]):
        command, environment = one.info["cmdline"] or [], one.info["environ"] or {}
        if "flows.serve" in command and environment.get("SINKRON_HOME") == str(office.home):
            found[int(command[command.index("flows.serve") + 1])] = one
    return found


def in_hand(office: Office) -> dict[int, set[str]]:
    """The runs that each runner works on now."""
    held: dict[int, set[str]] = defaultdict(set)
    for number, runner in runners(office).items():
        for child in runner.children(recursive=True):
            try:
                held[number].update(run for run in [child.environ().get(RUN_ID)] if run)
            except psutil.Error:
                continue
    return held
