"""Kills the upgrade of an old office before any line of our code, and at random moments; then opens the office again.

Run as a program: ``python -m office_kit.migration_kills <old office> <work folder> <kills>``. One JSON line per kill.
The parent opens nothing: it forks, and what starts threads must not have run before.
"""

import hashlib
import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from office_kit.crash import in_child, told
from office_kit.old_office import contents, raw_store
from tasks.evidence.findings import Severity
from tasks.evidence.verify import verdict, verify_office
from tasks.ledger import Kind, entries, open_ledger, verify
from tasks.ledger_tables import version_of as ledger_version
from tasks.migrations.store import version_of
from tasks.office import Office
from tasks.steps import verify_marks
from tasks.store import open_store

EVERY = "tasks/migrations/run.py"  # killed before each of its lines
WATCHED = (EVERY, "tasks/migrations/store.py", "tasks/ledger_tables.py", "tasks/ledger.py", "tasks/anchors.py",
           "tasks/atomic.py", "tasks/steps.py", "tasks/schema.py", "tasks/store.py", "tasks/backup/make.py",
           "tasks/private.py")  # fmt: skip
MARKS = "marks"


def tracer(kill: int, log: list[bool]) -> Callable[[FrameType, str, Any], Any]:
    """Ends the process before the ``kill``-th line of ours; logs for each line whether it is one of the upgrade."""

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if not frame.f_code.co_filename.endswith(WATCHED):
            return None
        if event == "line":
            log.append(frame.f_code.co_filename.endswith(EVERY))
            if len(log) == kill:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    return trace


def open_both(home: Path, kill: int, log: list[bool]) -> None:
    """What any command does first."""
    sys.settrace(tracer(kill, log))
    with open_ledger(Office(home)), open_store(Office(home)):
        pass
    sys.settrace(None)


def held(home: Path) -> dict[str, Any]:
    """What lies in the store, without its marks of migrations: (version, digest of all rows)."""
    with raw_store(Office(home)) as con:
        rows = contents(con)
        marks = [mark for mark in rows.pop(MARKS) if not str(mark[1]).startswith("skema ")]
        return {"version": version_of(con), "rows": hashlib.sha256(repr((rows, marks)).encode()).hexdigest()}


def reopened(home: Path) -> dict[str, Any]:
    """What an office says that is opened again after the kill."""
    office = Office(home)
    with open_store(office) as con, open_ledger(office) as ledger:
        verify(ledger)
        verify_marks(con)
        facts = {"store": version_of(con), "ledger": ledger_version(ledger)}
        facts["told"] = len(entries(ledger, kind=Kind.MIGRATED))
        facts["sums"] = [entry.payload["sha256"] for entry in entries(ledger, kind=Kind.BACKUP)]
    lying = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (home / "cadangan").glob("*.zip")]
    facts["backups"] = set(facts.pop("sums")) <= set(lying)
    facts["verdict"] = verdict(verify_office(office, [])) is not Severity.WRONG
    return facts


def kill_once(template: Path, home: Path, kill: float) -> dict[str, Any]:
    """One kill: ``kill`` is the number of a line, or seconds."""
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(template, home)
    answer = home.parent / "jawaban.json"
    answer.unlink(missing_ok=True)
    if isinstance(kill, int):
        status = in_child(lambda: open_both(home, kill, []))
    else:
        child = os.fork()
        if child == 0:
            open_both(home, 0, [])
            os._exit(0)
        time.sleep(kill)
        os.kill(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]

    def look() -> None:
        found = {"after": told(lambda: held(home)), "again": told(lambda: reopened(home)),
                 "end": told(lambda: held(home))}  # fmt: skip
        answer.write_text(json.dumps(found))

    in_child(look)
    return {"kill": kill, "killed": os.WIFSIGNALED(status), **json.loads(answer.read_text())}


def main(template: str, work: str, kills: str) -> None:
    """First the office as it is, then every kill."""
    home, wanted, log = Path(work) / "kantor", int(kills), Path(work) / "baris.json"
    shutil.copytree(template, home)

    def count() -> None:
        before, lines, began = held(home), list[bool](), time.monotonic()
        open_both(home, 0, lines)
        log.write_text(json.dumps([before, lines, time.monotonic() - began]))

    in_child(count)
    before, lines, seconds = json.loads(log.read_text())
    sys.stdout.write(json.dumps({"before": before, "lines": len(lines)}) + "\n")
    chance = random.Random(20261123)  # noqa: S311 (the same kills each time)
    ours = [number for number, one in enumerate(lines, start=1) if one]
    count, late = wanted // 2, ours[len(ours) // 2 :]  # few kills: spread over what is done from about the entry on
    spread = list(ours) if count >= len(ours) else late[:: -max(1, len(late) // count)][:count]
    spread += chance.sample(range(1, len(lines) + 1), wanted // 4)
    moments = [chance.uniform(0, seconds) for _ in range(wanted - len(spread))]
    for kill in (*sorted(spread), *moments):
        sys.stdout.write(json.dumps(kill_once(Path(template), home, kill)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
