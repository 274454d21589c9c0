"""Kills a destruction before any line of our code that carries it out, and opens the office again.

Run as a program: ``python -m office_kit.purge_kills <signed office> <work folder> <kills>``. One JSON line per kill.
"""

import json
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

from office_kit.crash import in_child, told
from office_kit.destroying import AFTER, do
from tasks.approvals.case import Case
from tasks.approvals.docket import FINAL, docket
from tasks.evidence.findings import Severity
from tasks.evidence.verify import verdict, verify_office
from tasks.ledger import Kind, entries, open_ledger
from tasks.office import Office
from tasks.retention.destroy import destroy, finish_purges, left_of
from tasks.store import open_store
from tasks.write.repair import repair

WATCHED = ("tasks/retention/purge.py", "tasks/retention/destroy.py", "tasks/retention/inventory.py", "tasks/steps.py",
           "tasks/ledger.py", "tasks/anchors.py", "tasks/atomic.py", "tasks/store.py")  # fmt: skip
NOW = AFTER + timedelta(minutes=10)


def tracer(kill: int, log: list[int]) -> Callable[[FrameType, str, Any], Any]:
    """Ends the process before the ``kill``-th line of ours."""

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if not frame.f_code.co_filename.endswith(WATCHED):
            return None
        if event == "line":
            log.append(frame.f_lineno)
            if len(log) == kill:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    return trace


def case_of(office: Office) -> tuple[Case, str]:
    """What was signed, and the batch."""
    with open_ledger(office) as ledger:
        (asked,) = entries(ledger, kind=Kind.PURGE)
        here = docket(ledger, asked.batch).current
        return Case(asked.batch, here.number, here.digest_for(FINAL)), str(asked.payload["destroys"])


def whole(home: Path, kill: int, log: list[int]) -> None:
    """What the flow's step does."""
    office = Office(home)
    case, agenda = case_of(office)
    sys.settrace(tracer(kill, log))
    do(office, case, NOW)
    with open_ledger(office) as ledger:
        destroy(office, ledger, agenda)
    sys.settrace(None)


def held(home: Path) -> dict[str, Any]:
    """What is there: whether the ledger says it is gone, whether the store and the folders have it."""
    office = Office(home)
    _, agenda = case_of(office)
    with open_ledger(office) as ledger, open_store(office) as con:
        rows = con.execute("select count(*) from extract_rows where nik is not null").fetchall()[0][0]
        return {
            "told": len(entries(ledger, kind=Kind.PURGED)),
            "rows": rows,
            "files": len(left_of(office, ledger, agenda)),
        }


def mended(home: Path) -> dict[str, Any]:
    """What the next start does, and the same request once more."""
    office = Office(home)
    case, agenda = case_of(office)
    with open_ledger(office) as ledger, open_store(office) as con:
        repair(con, ledger, NOW)
        finish_purges(office, ledger)
    after = held(home)
    do(office, case, NOW)
    with open_ledger(office) as ledger:
        destroy(office, ledger, agenda)
    right = verdict(verify_office(office, [])) is not Severity.WRONG
    return {"after": after, "end": held(home), "right": right}


def main(template: str, work: str, kills: str) -> None:
    """First without a kill, then every one."""
    home, answer = Path(work) / "kantor", Path(work) / "jawaban.json"
    log = Path(work) / "baris.json"
    shutil.copytree(template, home)

    def count() -> None:
        lines = list[int]()
        whole(home, 0, lines)
        log.write_text(str(len(lines)))

    in_child(count)
    lines = int(log.read_text())
    chance = random.Random(20261124)  # noqa: S311 (the same kills each time)
    wanted = min(int(kills), lines)
    for kill in sorted(chance.sample(range(1, lines + 1), wanted)):
        shutil.rmtree(home)
        shutil.copytree(template, home)
        status = in_child(lambda kill=kill: whole(home, kill, []))
        found = {"kill": kill, "of": lines, "killed": os.WIFSIGNALED(status)}
        in_child(lambda: answer.write_text(json.dumps({"now": told(lambda: held(home)), **told(lambda: mended(home))})))
        sys.stdout.write(json.dumps(found | json.loads(answer.read_text())) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
