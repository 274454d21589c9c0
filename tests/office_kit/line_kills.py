"""Kills a process that writes, undoes, voids or repairs before any line of our own code, and looks at what is left."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from expectations.approvals import STAFF
from office_kit.crash import in_child, kill_at
from office_kit.histories import ABOUT, APPROVERS, sign
from office_kit.killed_office import AGENDA, Facts, Stores, both, case_of, copied, facts, found, write
from office_kit.signers import NOW
from tasks.approvals.case import Case
from tasks.ledger import Kind, entries, open_ledger
from tasks.office import Office
from tasks.write.conflicts import CONFLICT, void
from tasks.write.repair import repair
from tasks.write.undo import propose_undo, undo


def _ask(stores: Stores) -> Any:
    return propose_undo(*stores, AGENDA, ("keliru", NOW)).agenda


def _take_back(stores: Stores) -> Any:
    return undo(*stores, case_of(stores[0], f"{AGENDA}-U1"), ABOUT)[1]


def _void(stores: Stores) -> Any:
    return void(*stores, case_of(stores[0], AGENDA), (CONFLICT, NOW))["rows"]


def _repair(stores: Stores) -> Any:
    return len(repair(*stores, NOW))


def _touch(stores: Stores) -> Any:
    stores[0].execute("update penduduk set alamat = 'LAIN' where resident_id = 3")


def _sign_undo(stores: Stores) -> Any:
    sign(stores[1], case_of(stores[0], f"{AGENDA}-U1"), STAFF.role, *APPROVERS)


# Job -> what happened before it, and what is killed.
JOBS: dict[str, tuple[tuple[Callable[[Stores], Any], ...], Callable[[Stores], Any]]] = {
    "apply": ((), write),
    "ask": ((write,), _ask),
    "undo": ((write, _ask, _sign_undo), _take_back),
    "void": ((_touch,), _void),
    "repair": ((write, _ask, _sign_undo, _take_back), _repair),
}


def template(office: Office, job: str) -> None:
    """An office at the moment before the job; for "repair" with all that crashes could have kept from the ledger."""
    found(office)
    old = (office.ledger.read_bytes(), office.anchors.read_text())
    for step in JOBS[job][0]:
        with both(office) as stores:
            step(stores)
    if job == "repair":
        _forget(office, old)


def _forget(office: Office, old: tuple[bytes, str]) -> None:
    """The ledger of before, as if none of its later entries had been written, but for the signatures."""
    with open_ledger(office) as ledger:
        signed = entries(ledger, f"{AGENDA}-U1", Kind.DECISION)
    later = office.anchors.read_text().removeprefix(old[1]).splitlines(keepends=True)
    office.ledger.write_bytes(old[0])
    office.anchors.write_text(old[1] + "".join(line for line in later if line.startswith("store")))
    with open_ledger(office) as ledger:
        sign(ledger, Case(f"{AGENDA}-U1", 1, signed[0].payload["digest"]), STAFF.role, *APPROVERS)


def points_of(job: str, homes: tuple[Path, Path], wanted: int) -> tuple[list[int], int]:
    """Lines to kill before: ``wanted`` of those after the store's commit, three before it; and the commit's line."""
    log = homes[1].parent / "baris.json"

    def counted() -> None:
        office = copied(homes)
        with both(office) as stores:
            seen: list[bool] = []
            sys.settrace(kill_at(0, seen))
            JOBS[job][1](stores)
            sys.settrace(None)
        log.write_text(json.dumps([len(seen), max((at for at, commit in enumerate(seen, 1) if commit), default=1)]))

    in_child(counted)
    total, commit = json.loads(log.read_text())
    after = range(commit, total + 1)
    chosen = {after[round(at * (len(after) - 1) / max(wanted - 1, 1))] for at in range(wanted)}
    return sorted(chosen | {1, max(commit // 2, 1), commit}), commit


def kill_line(job: str, homes: tuple[Path, Path], number: int) -> Facts:
    """Kills the job before one line; looks, repairs, looks, does the job again, looks."""
    office, answer, step = copied(homes), homes[1].parent / "jawaban.json", JOBS[job][1]

    def killed() -> None:
        with both(office) as stores:
            sys.settrace(kill_at(number, None))
            step(stores)
            sys.settrace(None)

    def recovered() -> None:
        with both(office) as stores:
            told = {"after": facts(stores), "repaired": repair(*stores, NOW), "then": facts(stores)}
            again = step(stores)
            answer.write_text(json.dumps(told | {"again": again, "end": facts(stores)}))

    answer.unlink(missing_ok=True)
    status = in_child(killed)
    in_child(recovered)
    read = json.loads(answer.read_text()) if answer.exists() else {"after": "mati"}
    return {"line": number, "killed": os.WIFSIGNALED(status), **read}
