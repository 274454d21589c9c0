"""SIGKILL of the flow, the runner or the server of a served office, at random moments around every gate.

Run as a program: ``python -m office_kit.gate_kills <new home> <kills> [seed]``; prints one JSON line per kill and a
last one with the sums. Each batch goes through its four gates, with one kill somewhere between each answer and the
moment the next form waits. What a person submitted and the server accepted must count exactly once.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from flows.recover import asked_gate
from flows.rest import Api, RefusedError, Run
from office_kit.clones import Clones, asked, found, fresh_code
from office_kit.signers import NIP
from tasks.approvals.docket import FORM, docket
from tasks.ledger import Kind, entries, open_ledger, verify
from tasks.store import open_store

SINKRON = Path(sys.executable).parent / "sinkron"
ROLES = ("staff", "kasi", "kabid", "kadis")
WAIT_SECONDS = 240.0
LONGEST_DELAY = {"flow": 4.0, "runner": 8.0, "server": 8.0}  # seconds, of a flow from its start: its whole life
FLOW_STARTS_SECONDS = 30.0
VICTIMS = ("flow", "flow", "runner", "server")  # the flow's own process is the one that works
COMMANDS = {"runner": b"flows.serve", "server": b"prefect\0server"}


@dataclass
class Office:
    """A served office whose processes are killed, and what came of it."""

    clones: Clones
    process: subprocess.Popen[bytes]
    random: random.Random
    facts: list[dict[str, Any]] = field(default_factory=list)

    @property
    def home(self) -> Path:
        return self.clones.office.home

    def api(self) -> Api:
        return Api(json.loads((self.home / "server.json").read_text())["api"])

    def pids(self, victim: str) -> list[int]:
        """The victim's processes: children of this office and of nobody else."""
        found_pids = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                command = (folder / "cmdline").read_bytes()
                wanted = b"prefect.engine" in command if victim == "flow" else COMMANDS[victim] in command
                if wanted and f"SINKRON_HOME={self.home}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                    found_pids.append(int(folder.name))
        return found_pids

    def kill(self, victim: str) -> int:
        """SIGKILL; a runner takes the flows it runs with it. How many processes died."""
        pids = self.pids(victim) + (self.pids("flow") if victim == "runner" else [])
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return len(pids)

    def waiting(self, agenda: str) -> Run | None:
        """The run that shows the form due now; None while there is none, or the server is down."""
        with open_ledger(self.clones.office) as ledger:
            gate = asked_gate(ledger, docket(ledger, agenda))
        with contextlib.suppress(httpx.HTTPError, OSError, ValueError):
            runs = [run for run in self.api().runs_of(agenda) if gate and run.gate == gate]
            return next((run for run in runs if self.api().has_form(run)), None)
        return None

    def until_flow(self, before: set[int]) -> None:
        """Until the answered flow has a process; ``before``: those that were ending when it was answered."""
        deadline = time.monotonic() + FLOW_STARTS_SECONDS
        while not set(self.pids("flow")) - before and time.monotonic() < deadline:
            time.sleep(0.05)

    def turn(self, agenda: str) -> str:
        with open_ledger(self.clones.office) as ledger:
            return str(docket(ledger, agenda).turn())

    def until(self, agenda: str) -> Run | None:
        """Until a form waits that is to be answered now; None when all is written."""
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            if self.turn(agenda) == "None":
                return None
            run = self.waiting(agenda)
            if run:
                return run
            time.sleep(0.1)
        raise TimeoutError(f"{agenda} stands still: {self.turn(agenda)}, {self.api().runs_of(agenda)}")

    def answer(self, agenda: str, run: Run, decision: str = "", note: str = "", nip: str = "") -> bool:
        """One honest answer, Ajukan or Ya unless told, of the role's first person unless told; whether it was taken."""
        with open_ledger(self.clones.office) as ledger:
            role, code = str(run.role), asked(ledger, agenda, FORM).case.code
            nip = nip or NIP[role]
            typed, at = fresh_code(self.clones.office, ledger, nip)
        time.sleep(max(0.0, (at - datetime.now(UTC)).total_seconds() - 25))  # one step ahead is accepted
        choice = decision or ("Ajukan" if role == "staff" else "Ya")
        said = {"keputusan": choice, "catatan": note, "nip": nip}
        try:
            self.api().resume(run, said | {"kode": typed, "kode_berkas": code})
        except (httpx.HTTPError, RefusedError, OSError, ValueError):
            return False
        return True

    def one(self, agenda: str, role: str) -> None:
        """One gate: answered, killed at some moment, until the next form waits; asked again as often as needed."""
        started, number = time.monotonic(), len(self.facts)
        victim = VICTIMS[(number + number // len(ROLES)) % len(VICTIMS)]
        delay = self.random.uniform(0, LONGEST_DELAY[victim])
        accepted, killed, asked_again = 0, 0, 0
        while self.turn(agenda) == role:
            run = self.until(agenda)
            if run is None or run.role != role:
                break
            asked_again += accepted  # the server took an answer, and yet this form is here
            before = set(self.pids("flow"))
            accepted += self.answer(agenda, run)
            if not killed:
                if victim == "flow":
                    self.until_flow(before)
                time.sleep(delay)
                killed = self.kill(victim)
            if accepted:
                self.until(agenda)
        self.until(agenda)
        with open_ledger(self.clones.office) as ledger:
            counted = [e for e in entries(ledger, agenda, Kind.DECISION) if e.payload["role"] == role]
        fact = {"agenda": agenda, "role": role, "victim": victim, "delay": round(delay, 2), "killed": killed,
                "accepted": accepted, "asked_again": asked_again, "counted": len(counted),
                "seconds": round(time.monotonic() - started, 1)}  # fmt: skip
        self.facts.append(fact)
        sys.stdout.write(json.dumps(fact) + "\n")
        sys.stdout.flush()

    def _killed(self) -> list[str]:
        return [str(fact["victim"]) for fact in self.facts if fact["killed"]]

    @property
    def kills(self) -> int:
        """Gates at which something was killed: not those where the flow was quicker."""
        return len(self._killed())

    def end(self) -> dict[str, Any]:
        """The sums, and what ledger and store say at last."""
        used = {str(fact["agenda"]) for fact in self.facts if fact["role"] == "kadis"}
        with open_ledger(self.clones.office) as ledger, open_store(self.clones.office) as con:
            verify(ledger)
            written = [entry.batch for entry in entries(ledger, kind=Kind.WRITTEN)]
            applied = [agenda for (agenda,) in con.execute("select agenda from applied order by n").fetchall()]
            history = con.execute("select count(*), count(distinct agenda) from history where written").fetchall()[0]
        return {
            "kills": self.kills, "gates": len(self.facts), "victims": dict(Counter(self._killed())),
            "counted_other_than_once": sum(fact["counted"] != 1 for fact in self.facts),
            "asked_again": sum(fact["asked_again"] for fact in self.facts), "batches": len(used),
            "written_once": sorted(written) == sorted(applied) == sorted(used) and history == (len(used), len(used)),
            "seconds_per_kill": round(sum(fact["seconds"] for fact in self.facts) / max(1, self.kills), 1),
        }  # fmt: skip


def serve(home: Path) -> subprocess.Popen[bytes]:
    """``sinkron serve``."""
    return subprocess.Popen([SINKRON, "serve"], env=os.environ | {"SINKRON_HOME": str(home)}, stdout=sys.stderr)


def main(home: str, kills: str, seed: str = "1") -> None:
    """At least as many kills as asked; the last batch is always brought to its end."""
    clones = found(Path(home), int(kills) // 2 + 2)
    office = Office(clones, serve(clones.office.home), random.Random(seed))  # noqa: S311 (moments, not secrets)
    try:
        for agenda in clones.agendas:
            if office.kills >= int(kills):
                break
            clones.enter(agenda)
            for role in ROLES:
                office.one(agenda, role)
    finally:
        office.process.send_signal(signal.SIGINT)
        office.process.wait(180)
    sys.stdout.write(json.dumps(office.end()) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
