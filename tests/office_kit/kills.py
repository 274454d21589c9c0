"""Kills a process that writes, undoes, signs and publishes; at random moments, or between any two lines.

Run as a program: ``python -m office_kit.kills random <work folder> <kills> <seed>`` or ``... lines <work folder>
<job> <points>``. It forks, so imports are paid once; nothing that starts threads runs in the parent. One JSON line says
what was found. The office is as small as an office can be: three residents and one letter.
"""

import hashlib
import json
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from expectations.approvals import STAFF
from office_kit.crash import in_child, kill_at
from office_kit.histories import ABOUT, APPROVERS, COLUMNS, Change, add_residents, propose_changes, sign
from office_kit.signers import NOW
from tasks.approvals.case import Case
from tasks.approvals.docket import docket
from tasks.ledger import Kind, LedgerConnection, entries, open_ledger, verify
from tasks.office import Office
from tasks.propose.changeset import digest
from tasks.publish import PUBLISHED, publish
from tasks.steps import verify_marks
from tasks.store import open_store
from tasks.write.apply import apply
from tasks.write.conflicts import CHANGED, CONFLICT, void
from tasks.write.repair import repair
from tasks.write.undo import propose_undo, undo

AGENDA = "2026-0001"
CHANGES = [
    Change(1, 1, "nama_lgkp", "A", "B"), Change(1, 1, "tgl_lhr", date(1990, 2, 14), None),
    Change(2, 2, "usulan", None, "NONAKTIF"), Change(3, 3, "alamat", "", "JL BARU"),
]  # fmt: skip
BEFORE, AFTER = 0, 1  # the register, without and with the batch
NEW_OFFICE_AFTER = 20  # writings; then the chain of undos starts anew
Stores = tuple[duckdb.DuckDBPyConnection, LedgerConnection]
Facts = dict[str, Any]


@contextmanager
def both(office: Office) -> Iterator[Stores]:
    """Store and ledger, as every step opens them."""
    with open_ledger(office) as ledger, open_store(office) as con:
        yield con, ledger


def found(office: Office) -> None:
    """The small office, its letter signed by all and not written."""
    office.create()
    with both(office) as (con, ledger):
        rows = {
            who: dict.fromkeys(COLUMNS) | {"resident_id": who, "no_prop": "35", "no_kab": "76"} for who in (1, 2, 3)
        }
        for change in CHANGES:
            rows[change.resident][change.element] = change.held
        add_residents(con, rows)
        sign(ledger, propose_changes(con, ledger, AGENDA, CHANGES), *APPROVERS)


def case_of(con: duckdb.DuckDBPyConnection, agenda: str) -> Case:
    """Round 1 of a batch or undo, as it lies in the store."""
    return Case(agenda, 1, digest(con, agenda, 1))


def facts(stores: Stores) -> Facts:
    """What store and ledger hold; both chains are read."""
    con, ledger = stores
    verify(ledger)
    verify_marks(con)
    text = repr(con.execute("from penduduk order by resident_id").fetchall())
    steps = con.execute("select agenda, step from steps order by all").fetchall()
    return {
        "register": hashlib.sha256(text.encode()).hexdigest()[:12],
        "applied": [list(row) for row in con.execute("select agenda, undoes, n from applied order by n").fetchall()],
        "history": dict(con.execute("select agenda, count(*) from history group by 1 order by 1").fetchall()),
        "conflicts": con.execute("select count(*) from conflicts").fetchall()[0][0],
        "steps": {step: sorted(a for a, s in steps if s == step) for step in ("apply", "undo", "void")},
        "ledger": {
            kind.name: sorted(entry.batch for entry in entries(ledger, kind=kind))
            for kind in (Kind.UNDO, Kind.VOIDED, Kind.WRITTEN, Kind.UNDONE, Kind.PROPOSED, Kind.DECISION)
        },
    }


# --- between any two lines ---------------------------------------------------------------------------------------


def _write(stores: Stores) -> Any:
    return apply(*stores, case_of(stores[0], AGENDA), ABOUT)[1]


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
    "apply": ((), _write),
    "ask": ((_write,), _ask),
    "undo": ((_write, _ask, _sign_undo), _take_back),
    "void": ((_touch,), _void),
    "repair": ((_write, _ask, _sign_undo, _take_back), _repair),
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
        office = _copied(homes)
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


def _copied(homes: tuple[Path, Path]) -> Office:
    shutil.rmtree(homes[1], ignore_errors=True)
    shutil.copytree(*homes)
    return Office(homes[1])


def kill_line(job: str, homes: tuple[Path, Path], number: int) -> Facts:
    """Kills the job before one line; looks, repairs, looks, does the job again, looks."""
    office, answer, step = _copied(homes), homes[1].parent / "jawaban.json", JOBS[job][1]

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


# --- at random moments -------------------------------------------------------------------------------------------


@dataclass
class Life:
    """One process: it says what it begins and what is done, until it is killed."""

    stores: Stores
    office: Office
    pipe: int
    dice: random.Random

    def say(self, what: str, value: Any) -> None:
        os.write(self.pipe, json.dumps([what, value]).encode() + b"\n")

    def run(self) -> None:
        """Repairs, tells what is there, then works until death."""
        self.say("repaired", repair(*self.stores, NOW))
        self.say("facts", facts(self.stores) | {"published": published(self.office)})
        while True:
            name, step = self.next_step()
            self.say("go", name)
            self.say("done", [name, step()])

    def next_step(self) -> tuple[str, Callable[[], Any]]:
        """Write, ask, sign, undo, ask, ...; sometimes publish, sometimes void an undo."""
        con, ledger = self.stores
        newest = con.execute("select agenda from applied order by n desc limit 1").fetchall()
        if not newest:
            return "apply", lambda: [apply(con, ledger, case_of(con, AGENDA), ABOUT), AGENDA][1]
        if self.dice.random() < 0.1:
            return "publish", lambda: publish(con, self.office, ledger, (AGENDA, NOW))["tables"]["batch"]
        waiting = con.execute(
            "select agenda from steps where step = 'undo' and agenda not in "
            "(select agenda from steps where step in ('apply', 'void'))"
        ).fetchall()
        if not waiting:
            return "ask", lambda: propose_undo(con, ledger, newest[0][0], ("keliru", NOW)).agenda
        case = case_of(con, waiting[0][0])
        if len(docket(ledger, case.agenda).current.decisions) <= len(APPROVERS):
            return "sign", lambda: [sign(ledger, case, STAFF.role, *APPROVERS), case.agenda][1]
        if self.dice.random() < 0.1:
            return "void", lambda: [void(con, ledger, case, (CHANGED, NOW)), case.agenda][1]
        return "undo", lambda: [undo(con, ledger, case, ABOUT), case.agenda][1]


def published(office: Office) -> list[str] | None:
    """The batches of the analysts' copy, read as they read it."""
    path = office.published / PUBLISHED
    if not path.exists():
        return None
    with duckdb.connect(str(path), read_only=True) as con:
        return sorted(agenda for (agenda,) in con.execute("select agenda from batch").fetchall())


@dataclass
class Watch:
    """What the office must hold after a kill: everything that was done, and nothing by halves."""

    registers: list[str] = field(default_factory=list)
    done: dict[str, set[str]] = field(default_factory=dict)  # kind of act -> agenda numbers that were told as done
    doing: str = ""  # the act in which the last process died
    copied: int = 0
    at: Counter[str] = field(default_factory=Counter)
    repaired: int = 0
    faults: list[Any] = field(default_factory=list)

    def begin(self, registers: list[str]) -> None:
        self.registers, self.doing, self.copied = registers, "", 0
        self.done = {name: set() for name in ("apply", "undo", "ask", "sign", "void", "publish")}

    def look(self, seen: Facts) -> None:
        """Compares what is there with what was told; every difference is a fault."""
        agendas = [agenda for agenda, _, _ in seen["applied"]]
        ledger = seen["ledger"]
        wrong = {
            "half written": seen["register"] != self.registers[len(agendas) % 2]
            or set(seen["history"]) != set(agendas)
            or any(rows != len(CHANGES) for rows in seen["history"].values()),
            "written twice": [n for _, _, n in seen["applied"]] != [*range(1, len(agendas) + 1)]
            or len({*agendas}) != len(agendas)
            or seen["steps"]["apply"] != sorted(agendas),
            "ledger": sorted(ledger["WRITTEN"] + ledger["UNDONE"]) != sorted(agendas)
            or ledger["UNDO"] != seen["steps"]["undo"]
            or ledger["PROPOSED"] != sorted([AGENDA, *seen["steps"]["undo"]])
            or ledger["VOIDED"] != seen["steps"]["void"],
            "half signed": any(count % 4 for name, count in Counter(ledger["DECISION"]).items() if name != AGENDA),
            "lost": not (self.done["apply"] | self.done["undo"] <= set(agendas))
            or not self.done["ask"] <= set(ledger["UNDO"])
            or not self.done["sign"] <= set(ledger["DECISION"])
            or not self.done["void"] <= set(ledger["VOIDED"]),
            "too much": len(agendas) > len(self.done["apply"] | self.done["undo"]) + 1,
            "copy": len(seen["published"] or ()) < self.copied or not set(seen["published"] or ()) <= set(agendas),
        }
        if found_wrong := [name for name, is_so in wrong.items() if is_so]:
            self.faults.append([found_wrong, self.doing, seen])
        # What was in flight either happened or did not: from now on it counts as seen.
        for name, there in (("apply", agendas), ("ask", ledger["UNDO"]), ("sign", ledger["DECISION"])):
            self.done[name] |= set(there) - {AGENDA} if name == "sign" else set(there)
        self.done["void"] |= set(ledger["VOIDED"])
        self.copied = len(seen["published"] or ())

    def hear(self, lines: list[bytes]) -> int:
        """What a life told before its end; returns how many writings stand. A life that told no facts died opening."""
        self.doing, writings = "opening", 0
        for line in lines:
            what, value = json.loads(line)
            if what == "repaired":
                self.repaired += len(value)
            elif what == "facts":
                self.look(value)
                self.doing, writings = "between", len(value["applied"])
            elif what == "go":
                self.doing = value
            elif what == "done":
                name, agenda = value
                self.doing = "between"
                if name == "publish":
                    self.copied = agenda
                else:
                    self.done[name].add(agenda)
            else:
                self.faults.append([what, value])
        self.at[self.doing] += 1
        return writings


def live_and_die(office: Office, dice: random.Random) -> list[bytes]:
    """One life: killed some moment after it began to work, or, one in eight, while it opens the office."""
    reader, writer = os.pipe()
    seed = dice.random()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            with both(office) as stores:
                Life(stores, office, writer, random.Random(seed)).run()  # noqa: S311
        except BaseException as error:  # noqa: BLE001 (told to the parent, which counts it as a fault)
            os.write(writer, json.dumps(["died", f"{type(error).__name__}: {error}"]).encode() + b"\n")
        os._exit(1)
    os.close(writer)
    told = b""
    if dice.random() < 1 / 8:
        time.sleep(dice.uniform(0, 0.15))
    else:
        while b'["go"' not in told and (part := os.read(reader, 65536)):
            told += part
        time.sleep(dice.uniform(0, 0.12))
    os.kill(child, signal.SIGKILL)
    while part := os.read(reader, 65536):
        told += part
    os.close(reader)
    os.waitpid(child, 0)
    return told.split(b"\n")[:-1]


def registers_of(home: Path, work: Path) -> list[str]:
    """The register's hash before and after the batch."""
    answer = work / "isi.json"

    def looked() -> None:
        office = _copied((home, work / "lihat"))
        with both(office) as stores:
            first = facts(stores)["register"]
            _write(stores)
            answer.write_text(json.dumps([first, facts(stores)["register"]]))

    in_child(looked)
    return list(json.loads(answer.read_text()))


def kill_at_random(work: Path, kills: int, seed: int) -> Facts:
    """``kills`` lives of one office after another."""
    home, dice, watch = work / "asli", random.Random(seed), Watch()  # noqa: S311 (moments, not secrets)
    in_child(lambda: found(Office(home)))
    registers, office, writings = registers_of(home, work), None, 0
    start = time.monotonic()
    for _ in range(kills):
        if office is None or writings >= NEW_OFFICE_AFTER:
            office = _copied((home, work / "kantor"))
            watch.begin(registers)
        writings = watch.hear(live_and_die(office, dice))
    seconds = time.monotonic() - start
    return {"kills": kills, "ms": round(1000 * seconds / kills), "at": watch.at, "repaired": watch.repaired,
            "faults": watch.faults}  # fmt: skip


def main(mode: str, work: str, *more: str) -> None:
    """See above."""
    folder = Path(work)
    if mode == "random":
        found_facts = kill_at_random(folder, int(more[0]), int(more[1]))
    else:
        homes = (folder / "asli", folder / "kantor")
        in_child(lambda: template(Office(homes[0]), more[0]))
        points, commit = points_of(more[0], homes, int(more[1]))
        found_facts = {"commit": commit, "points": [kill_line(more[0], homes, number) for number in points]}
    sys.stdout.write(json.dumps(found_facts) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
