"""Many batches through all gates of one served office, its processes killed now and then: `make soak ARGS=200`.

`ARGS="200 --minutes 80"` takes in no more after that time: the figures are those of the batches that came in.

Each batch is a real receipt of 30 lines of the sample, worked on from the inbox to the papers by two runners. Two of ten
are sent back once with Tidak, at a level in turn, and go through a second round. Every tenth batch one process is killed
at a random moment. Four batches are in hand at a time, answered by two people for each role in turn: one person signs
once in 30 seconds at most. Then everything is counted: nothing lost, nothing twice, the chain whole;
and the first quarter is compared with the last in seconds, in processor time (which other work on the machine changes
less) and in memory. Figures in bench/soak.md.
"""

import argparse
import contextlib
import json
import os
import platform
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean, median
from typing import Any

import httpx
from auto_demo import pss_mib
from office_kit.clones import Clones
from office_kit.gate_kills import Office as Killed
from office_kit.gate_kills import serve
from office_kit.signers import NIP, staff_an_office

from expectations.approvals import MandateKind
from flows import settings
from tasks.approvals.docket import docket
from tasks.approvals.people import Mandate, Person, register
from tasks.ledger import Kind, entries, open_ledger, verify
from tasks.load import load_baseline
from tasks.office import Office
from tasks.receive import receive
from tasks.store import open_store

HERE = Path(__file__).resolve().parent
LINES, STRIDE, AT_ONCE, AIM_PERCENT = 30, 10, 4, 10
REFUSED_AT = {3: "kasi", 7: "kabid", 13: "kadis", 17: "kasi"}  # of twenty batches, each once
KILL_EVERY, WAIT_SECONDS = 10, 900.0
VICTIMS = ("runner", "flow", "server")
SECOND = {
    "staff": "199604042021012904", "kasi": "198603032011012905", "kabid": "197902022004011906",
    "kadis": "197105051996032907",
}  # fmt: skip


@dataclass
class Soak:
    """One run of it. ``took``: agenda -> seconds from its receipt to its papers; ``memory``: MiB after each batch.

    ``processor``: pid -> CPU seconds of a server or runner and of its ended flows; ``spent``: of all, after each batch.
    """

    office: Killed
    took: dict[str, float] = field(default_factory=dict)
    gates: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    memory: list[dict[str, float]] = field(default_factory=list)
    processor: dict[int, float] = field(default_factory=dict)
    spent: list[float] = field(default_factory=list)
    kills: int = 0

    @property
    def home(self) -> Office:
        """The office, as the tasks know it."""
        return self.office.clones.office

    def enter(self, number: int) -> str:
        """The next letter arrives."""
        lines = (settings.SAMPLES / "ditjen_ganda_2026_10.csv").read_bytes().splitlines(keepends=True)
        start = 1 + number * STRIDE % (len(lines) - LINES)
        path = self.home.inbox / f"soak{number}.csv"
        path.write_bytes(b"".join([lines[0], *lines[start : start + LINES]]))
        os.utime(path, (time.time() - 5,) * 2)
        return receive(self.home, [path], None, (datetime.now(UTC), "inbox")).agenda

    def decision(self, number: int, agenda: str, role: str) -> tuple[str, str]:
        """(decision, note) of a role: Tidak once where it is that batch's turn to be sent back."""
        with open_ledger(self.home) as ledger:
            first = docket(ledger, agenda).current.number == 1
        if first and REFUSED_AT.get(number % 20) == role:
            return "Tidak", "uji ketahanan"
        return ("Ajukan" if role == "staff" else "Ya"), ""

    def kill(self, victim: str) -> int:
        """SIGKILL of one of them; how many died."""
        with contextlib.suppress(IndexError, ProcessLookupError):
            os.kill(self.office.random.choice(self.office.pids(victim)), signal.SIGKILL)
            return 1
        return 0

    def look(self) -> None:
        """Memory of the processes that stay: server and runner."""
        pids = {name: self.office.pids(name) for name in ("server", "runner")}
        self.memory.append({name: round(sum(map(pss_mib, found)), 1) for name, found in pids.items()})
        for pid in (one for found in pids.values() for one in found):
            self.processor[pid] = max(self.processor.get(pid, 0.0), cpu_seconds(pid))
        self.spent.append(sum(self.processor.values()))


def cpu_seconds(pid: int) -> float:
    """Of a process and of its children that ended; 0 once it is gone."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def work(soak: Soak, batches: int, seconds: float) -> None:
    """All batches that come in before the time is over, AT_ONCE in hand."""
    in_hand: dict[str, tuple[int, float]] = {}
    answered: dict[str, tuple[str, float]] = {}
    number, last, end = 0, time.monotonic(), time.monotonic() + seconds
    while in_hand or number < batches:
        batches = batches if time.monotonic() < end else number
        while len(in_hand) < AT_ONCE and number < batches:
            in_hand[soak.enter(number)] = (number, time.monotonic())
            number += 1
            if number % KILL_EVERY == 0:
                soak.kills += soak.kill(VICTIMS[number // KILL_EVERY % len(VICTIMS)])
        for agenda, (place, since) in list(in_hand.items()):
            if finished(soak, agenda):
                soak.took[agenda] = time.monotonic() - since
                soak.look()
                del in_hand[agenda]
                sys.stdout.write(f"{agenda} {soak.took[agenda]:.0f} s {soak.memory[-1]}\n")
                sys.stdout.flush()
            elif (run := soak.office.waiting(agenda)) and answered.get(agenda, ("",))[0] != run.gate:
                if agenda in answered:
                    soak.gates[agenda].append(time.monotonic() - answered[agenda][1])
                role = str(run.role)
                who = (NIP, SECOND)[place % 2][role]
                if soak.office.answer(agenda, run, *soak.decision(place, agenda, role), who):
                    answered[agenda] = (str(run.gate), time.monotonic())
            else:
                continue
            last = time.monotonic()
        if time.monotonic() - last > WAIT_SECONDS:
            sys.exit(f"stands still: {sorted(in_hand)}, see {soak.home.home}")
        time.sleep(0.5)


def finished(soak: Soak, agenda: str) -> bool:
    """Whether a batch is written and its run has done all that follows."""
    with open_ledger(soak.home) as ledger:
        if not docket(ledger, agenda).written:
            return False
    with contextlib.suppress(httpx.HTTPError, OSError, ValueError):
        return any(run.state == "Completed" for run in soak.office.api().runs_of(agenda))
    return False


def counted(soak: Soak) -> dict[str, object]:
    """What ledger and store say at last."""
    with open_ledger(soak.home) as ledger, open_store(soak.home) as con:
        verify(ledger)
        received = [entry.batch for entry in entries(ledger, kind=Kind.RECEIVED)]
        written = [entry.batch for entry in entries(ledger, kind=Kind.WRITTEN)]
        refused = sum(entry.payload["decision"] == "Tidak" for entry in entries(ledger, kind=Kind.DECISION))
        applied = con.execute("select agenda from applied order by n").fetchall()
        ends = con.execute("""select count(*) from extract_rows r join applied a using (agenda)
            anti join outcomes o on o.agenda = r.agenda and o.row_id = r.row_id and o.round = a.round""").fetchall()
    return {
        "received": len(received), "written": len(written), "written twice": len(written) - len(set(written)),
        "sent back": refused, "in the store": len(applied), "rows without an end": ends[0][0], "killed": soak.kills,
    }  # fmt: skip


def quarters(values: list[float]) -> tuple[float, float, float]:
    """Means of the first and the last quarter, and the growth in percent."""
    part = max(1, len(values) // 4)
    first, last = mean(values[:part]), mean(values[-part:])
    return first, last, 100 * (last - first) / first


def told(soak: Soak, facts: dict[str, object], checked: str) -> str:
    """The table for bench/soak.md."""
    rows = {
        "seconds, receipt to papers": list(soak.took.values()),
        "seconds between an answer and the next form (median of a batch)": [
            median(each) for each in soak.gates.values() if each
        ],
        "server, MiB": [one["server"] for one in soak.memory if one["server"]],
        "runner, MiB": [one["runner"] for one in soak.memory if one["runner"]],
    }
    steps = [late - early for early, late in zip([0.0, *soak.spent], soak.spent, strict=False)]
    rows["CPU seconds of server, runner and flows for a batch"] = steps
    lines = ["| | first quarter | last quarter | growth |", "|---|---|---|---|"]
    for name, values in rows.items():
        first, last, growth = quarters(values)
        lines.append(f"| {name} | {first:.1f} | {last:.1f} | {growth:+.0f} % |")
    home = soak.home.home
    sizes = {name: (home / path).stat().st_size / 2**20 for name, path in (
        ("Prefect's database", "prefect/prefect.db"), ("store", soak.home.store), ("ledger", soak.home.ledger))}  # fmt: skip
    when = (
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.processor() or platform.machine()}, {os.cpu_count()} cores, load "
        f"{os.getloadavg()[2]:.1f} at the end. Aim: nothing lost, growth within {AIM_PERCENT} %."
    )
    return "\n".join([
        "# Soak", "", f"`make soak ARGS={len(soak.took)}`: {__doc__.split(chr(10) * 2)[2]}".replace("\n", " "), "",
        when, "", *lines, "",
        "; ".join(f"{name} {value}" for name, value in facts.items()) + f". `sinkron verify`: {checked}.", "",
        "; ".join(f"{name} {size:.1f} MiB" for name, size in sizes.items()) + ".", "",
    ])  # fmt: skip


def found(home: Office) -> None:
    """An office with two people for each role and two runners."""
    home.create()
    home.settings_file.write_text("[mesin]\npekerja = 2\n")
    staff_an_office(home, datetime.now(UTC))
    now = datetime.now(UTC)
    span = {"valid_from": f"{now - timedelta(2):%Y-%m-%d}", "valid_to": f"{now + timedelta(9):%Y-%m-%d}"}
    acting: dict[str, Any] = {"kind": MandateKind.PLH, "letter": "800/9/2026"} | span
    with open_ledger(home) as ledger:
        for role, nip in SECOND.items():
            mandate = Mandate(role, **({} if role == "staff" else acting))
            register(ledger, home.key("totp"), (Person(nip, f"UJI KEDUA {role.title()}"), mandate), now)


def main() -> None:
    """Runs it and writes the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("batches", nargs="?", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=600.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Office(Path(folder) / "kantor")
        found(home)
        with open_store(home) as con:
            load_baseline(con, home, settings.SAMPLES / "penduduk_dkb_semester1_2026.csv")
        process = serve(home.home)
        soak = Soak(Killed(Clones(home, [], {}), process, random.Random(1)))  # noqa: S311 (moments, not secrets)
        try:
            while not (home.home / "server.json").exists() or not soak.office.api().healthy():
                time.sleep(0.5)
            work(soak, given.batches, 60 * given.minutes)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(120)
        facts = counted(soak)
        checked = subprocess.run(
            [Path(sys.executable).parent / "sinkron", "verify"], env=os.environ | {"SINKRON_HOME": str(home.home)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        text = told(soak, facts, f"exit code {checked.returncode}")
    (HERE / "soak.md").write_text(text)
    sys.stdout.write(text + json.dumps(facts) + "\n")
    whole = facts["received"] == facts["written"] == facts["in the store"] == len(soak.took)
    if not whole or facts["written twice"] or facts["rows without an end"] or checked.returncode:
        sys.exit("not everything that came in went out once")


if __name__ == "__main__":
    main()
