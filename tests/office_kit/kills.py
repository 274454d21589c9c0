"""Kills a process that writes, undoes, signs and publishes; at random moments, or between any two lines.

Run as a program: ``python -m office_kit.kills random <work folder> <kills> <seed>`` or ``... lines <work folder>
<job> <points>``. It forks, so imports are paid once; nothing that starts threads runs in the parent. One JSON line says
what was found, in an office as small as an office can be.
"""

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from expectations.approvals import STAFF
from office_kit.crash import in_child
from office_kit.histories import ABOUT, APPROVERS, sign
from office_kit.killed_office import AGENDA, CHANGES, Facts, Stores, both, case_of, copied, facts, found, write
from office_kit.line_kills import kill_line, points_of, template
from office_kit.signers import NOW
from tasks.approvals.docket import docket
from tasks.office import Office
from tasks.publish import PUBLISHED, publish
from tasks.write.apply import apply
from tasks.write.conflicts import CHANGED, void
from tasks.write.repair import repair
from tasks.write.undo import propose_undo, undo

NEW_OFFICE_AFTER = 20  # writings; then the chain of undos starts anew
ROLES = (STAFF.role, *APPROVERS)  # in the order in which they sign


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
        signed = len(docket(ledger, case.agenda).current.decisions)
        if signed < len(ROLES):  # each for himself: a power cut between two people leaves the first one's signature
            return "sign", lambda: [sign(ledger, case, ROLES[signed]), f"{case.agenda} {ROLES[signed]}"][1]
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


def signed_by(seen: Facts) -> dict[str, list[str]]:
    """Who signed each batch and undo, in the ledger's order."""
    hands: dict[str, list[str]] = {}
    for agenda, role in seen["signed"]:
        hands.setdefault(agenda, []).append(role)
    return hands


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
        ledger, hands = seen["ledger"], signed_by(seen)
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
            "hands": any(tuple(roles) != ROLES[: len(roles)] for name, roles in hands.items() if name != AGENDA),
            "lost": not (self.done["apply"] | self.done["undo"] <= set(agendas))
            or not self.done["ask"] <= set(ledger["UNDO"])
            or not self.done["sign"] <= {f"{agenda} {role}" for agenda, role in seen["signed"]}
            or not self.done["void"] <= set(ledger["VOIDED"]),
            "too much": len(agendas) > len(self.done["apply"] | self.done["undo"]) + 1,
            "copy": len(seen["published"] or ()) < self.copied or not set(seen["published"] or ()) <= set(agendas),
        }
        if found_wrong := [name for name, is_so in wrong.items() if is_so]:
            self.faults.append([found_wrong, self.doing, seen])
        # What was in flight either happened or did not: from now on it counts as seen.
        for name, there in (("apply", agendas), ("ask", ledger["UNDO"]), ("void", ledger["VOIDED"])):
            self.done[name] |= set(there)
        self.done["sign"] |= {f"{agenda} {role}" for agenda, role in seen["signed"]}
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
        office = copied((home, work / "lihat"))
        with both(office) as stores:
            first = facts(stores)["register"]
            write(stores)
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
            office = copied((home, work / "kantor"))
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
