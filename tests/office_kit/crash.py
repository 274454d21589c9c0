"""Kills a process between any two lines of our own code, as a power cut would, and lets the same step run again.

Run as a program: ``python -m office_kit.crash receive <template home> <work folder> <points>``. It forks once
per point (imports are paid once; nothing that starts threads has run before the fork) and prints one JSON line each.
"""

import json
import linecache
import os
import shutil
import signal
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from types import FrameType
from typing import Any

from office_kit.files import archived
from office_kit.signers import NOW
from tasks.errors import UserError
from tasks.ledger import Kind, entries, open_ledger, verify
from tasks.office import Office
from tasks.receive import receive, sha256_of
from tasks.retention.originals import names

WATCHED = tuple(
    f"tasks/{name}.py"
    for name in ("receive", "ledger", "anchors", "store", "steps", "atomic", "propose/changeset", "write/apply",
                 "write/conflicts", "write/undo", "write/repair", "retention/keys",
                 "retention/originals", "retention/sealed")
)  # fmt: skip
UNINTERESTING = ("_open_for_writing",)  # looks at every process of the machine, line by line
Step = Callable[[Office], Any]


def receive_step(office: Office) -> str:
    """Everything in the inbox is received; "ditolak: ..." when it had been before."""
    paths = sorted(office.inbox.glob("*.csv"))
    letter = next(office.inbox.glob("*.json"), None)
    if not paths:
        return "kosong"
    try:
        return receive(office, paths, letter, (NOW, "inbox")).agenda
    except UserError as error:
        return f"ditolak: {error}"


def receive_facts(office: Office) -> dict[str, Any]:
    """What the office holds after a crash: numbers, and every file's hash wherever it lies."""
    with open_ledger(office) as ledger:
        verify(ledger)
        received = {e.batch: [f["sha256"] for f in e.payload["files"]] for e in entries(ledger, kind=Kind.RECEIVED)}
    kept = {agenda: [archived(office, agenda, name) for name in names(office, agenda) if name.endswith(".csv")]
            for agenda in received}  # fmt: skip
    archived_hashes = {agenda: sorted(sha256(one).hexdigest() for one in files) for agenda, files in kept.items()}
    anywhere = {sha256_of(path) for path in office.home.rglob("*.csv")}.union(*archived_hashes.values())
    return {"received": received, "archived": archived_hashes, "anywhere": sorted(anywhere)}


STEPS: dict[str, tuple[Step, Step]] = {"receive": (receive_step, receive_facts)}


def kill_at(number: int, log: list[bool] | None) -> Callable[[FrameType, str, Any], Any]:
    """A tracer that ends the process, uncatchably, before the ``number``-th line of our code.

    With a ``log``: one entry per line, whether it follows the store's commit at once.
    """
    seen, committing = 0, False

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal seen, committing
        if not frame.f_code.co_filename.endswith(WATCHED) or frame.f_code.co_name in UNINTERESTING:
            return None
        if event == "line":
            seen += 1
            if seen == number:
                os.kill(os.getpid(), signal.SIGKILL)
            if log is not None:
                log.append(committing)
                line = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
                begin = frame.f_locals.get("begin")
                committing = line == 'con.execute("commit")' and begin == "begin transaction"
        return trace

    return trace


def in_child(action: Callable[[], Any]) -> int:
    """Runs ``action`` in a forked process; returns its wait status."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            action()
            code = 0
        except BaseException as error:  # noqa: BLE001 (told through the file it writes)
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1]


def told(action: Callable[[], Any]) -> Any:
    """What ``action`` returns, or "mati" when it raises (then stderr tells why)."""
    try:
        return action()
    except Exception as error:  # noqa: BLE001 (a failing recovery is what we look for)
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return "mati"


def crash_once(name: str, homes: tuple[Path, Path], number: int) -> dict[str, Any]:
    """Kills the step before line ``number``, looks, runs it again, looks."""
    template, home = homes
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(template, home)
    office, (step, facts) = Office(home), STEPS[name]
    answer = home.parent / "jawaban.json"

    def killed() -> None:
        sys.settrace(kill_at(number, None))
        step(office)

    def recovered() -> None:
        found = {
            "after": told(lambda: facts(office)),
            "again": told(lambda: step(office)),
            "end": told(lambda: facts(office)),
        }
        answer.write_text(json.dumps(found))

    status = in_child(killed)
    in_child(recovered)
    return {"line": number, "killed": os.WIFSIGNALED(status), **json.loads(answer.read_text())}


def count_lines(name: str, homes: tuple[Path, Path]) -> int:
    """How many lines of our code the step runs."""
    template, home = homes
    shutil.copytree(template, home)
    log = home.parent / "baris.txt"

    def counted() -> None:
        lines: list[bool] = []
        sys.settrace(kill_at(0, lines))
        STEPS[name][0](Office(home))
        sys.settrace(None)
        log.write_text(str(len(lines)))

    in_child(counted)
    return int(log.read_text())


def main(name: str, template: str, work: str, points: str) -> None:
    """Crashes spread over the whole step, densest at its end, where everything is written."""
    homes = (Path(template), Path(work) / "kantor")
    total, wanted = count_lines(name, homes), int(points)
    spread = {round(1 + (total - 1) * (1 - (1 - at / wanted) ** 2)) for at in range(wanted + 1)}
    for number in sorted(spread):
        sys.stdout.write(json.dumps(crash_once(name, homes, number) | {"of": total}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
