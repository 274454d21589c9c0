"""Kills processes that write to the ledger, at random moments, and looks at what is left.

``python -m office_kit.ledger_kills <kills> <seed>`` prints one JSON object: kills, entries acknowledged, entries found
beyond those (written, and killed before it could be told), lost, doubled, broken (ledger or second file do not open or
verify), decisions that were counted twice or not at all after the same answers were given once more, and seconds.
"""

import contextlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from office_kit.approval_office import ROOM
from office_kit.signers import NOW, Desk, staff_an_office
from tasks.anchors import LEDGER, anchors
from tasks.approvals.case import Case
from tasks.approvals.decide import Answer, Judging, Question, decide
from tasks.approvals.docket import fully_approved
from tasks.errors import SinkronError
from tasks.ledger import Kind, append, check_whole, entries, open_ledger, verify, writing
from tasks.office import Office

WRITERS, FRESH_AFTER = 2, 40
LONGEST_SECONDS = 0.012
Told = Callable[[str], None]


@dataclass
class Work:
    """An office with signers, copied afresh for every case."""

    template: Desk
    rng: random.Random
    counts: Counter[str]

    def copy(self, place: Path) -> Office:
        """The office as it was."""
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self.template.office.home, place)
        return Office(place)


def killed(actions: list[Callable[[Told], None]], rng: random.Random) -> list[str]:
    """Runs each action in a process of its own, kills all at one random moment; returns what they had told."""
    children, pipes = [], []
    for action in actions:
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read)
            with contextlib.suppress(BaseException):
                action(lambda text, to=write: os.write(to, f"{text}\n".encode()))
            os._exit(0)
        os.close(write)
        children.append(child)
        pipes.append(read)
    os.read(pipes[0], 1)  # the first has its ledger open
    time.sleep(rng.random() * LONGEST_SECONDS)
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    told = []
    for read in pipes:
        with os.fdopen(read) as opened:
            told += [line for line in opened.read().splitlines() if line not in ("siap", "iap")]
    return told


def appending(office: Office, name: str) -> Callable[[Told], None]:
    """Appends numbered entries without end and tells each once it is written."""

    def action(tell: Told) -> None:
        with open_ledger(office) as con:
            tell("siap")
            for number in range(10**6):
                with writing(con):
                    append(con, NOW, (Kind.ATTEMPT, name, "sinkron"), {"id": f"{name}-{number}", "x": "y" * 300})
                tell(f"{name}-{number}")

    return action


def appends(work: Work, place: Path, kills: int) -> None:
    """Two writers at a time, killed together; the ledger goes on with what they left."""
    acknowledged: set[str] = set()
    for number in range(kills):
        if number % FRESH_AFTER == 0:
            office, acknowledged = work.copy(place), set()
        acknowledged |= set(killed([appending(office, f"{number}{w}") for w in "ab"[:WRITERS]], work.rng))
        work.counts["kills"] += WRITERS
        try:
            with open_ledger(office) as con:
                verify(con)
                check_whole(con)
                found = [entry.payload["id"] for entry in entries(con, kind=Kind.ATTEMPT)]
            noted = {anchor.number: anchor.hash for anchor in anchors(office.anchors) if anchor.what == LEDGER}
            with open_ledger(office) as con:
                chain = {entry.seq: entry.hash for entry in entries(con)}
            work.counts["broken"] += any(chain.get(seq, digest) != digest for seq, digest in noted.items())
        except SinkronError as error:
            sys.stderr.write(f"{error}\n")
            work.counts["broken"] += 1
            continue
        work.counts["lost"] += len(acknowledged - set(found))
        work.counts["doubled"] += len(found) - len(set(found))
        if number % FRESH_AFTER == FRESH_AFTER - 1 or number == kills - 1:
            work.counts["acknowledged"] += len(acknowledged)
            work.counts["beyond"] += len(set(found) - acknowledged)


def decisions(work: Work, place: Path, kills: int) -> None:
    """Four right answers in a row, killed somewhere between; then the same answers once more, as a resumed run does."""
    desk = work.template
    said = answers(replace(desk, clock=desk.clock))
    case = Case(*desk.case)
    for _ in range(kills):
        office = work.copy(place)

        def action(tell: Told, office: Office = office) -> None:
            with open_ledger(office) as con:
                tell("siap")
                for question, answer, judging in said:
                    tell(str(decide(con, judging, question, answer).accepted))

        told = killed([action], work.rng)
        work.counts["kills"] += 1
        work.counts["acknowledged"] += len(told)
        try:
            with open_ledger(office) as con:
                verify(con)
                before = len(entries(con, case.agenda, Kind.DECISION))
                again = [decide(con, judging, question, answer).accepted for question, answer, judging in said]
                made, approved = entries(con, case.agenda, Kind.DECISION), fully_approved(con, case)
                tries = entries(con, case.agenda, Kind.ATTEMPT)
        except SinkronError as error:
            sys.stderr.write(f"{error}\n")
            work.counts["broken"] += 1
            continue
        work.counts["beyond"] += before - len(told)
        work.counts["lost"] += max(0, len(told) - before)
        work.counts["miscounted"] += not (approved and all(again) and len(made) == len(said) and not tries)


def answers(desk: Desk) -> list[tuple[Question, Answer, Judging]]:
    """The four right answers, with the office's clock of each."""
    made = []
    for role in ("staff", "kasi", "kabid", "kadis"):
        answer = desk.answer(role, "Ajukan" if role == "staff" else "Ya")
        made.append((desk.question(role), answer, desk.judging()))
    return made


def main(kills: str, seed: str) -> None:
    """Half of the kills among writers, half among deciders."""
    begun, room = time.monotonic(), Path(tempfile.mkdtemp(prefix="sinkron-mati-", dir=ROOM))
    try:
        office = Office(room / "contoh")
        office.create()
        desk = staff_an_office(office)
        with open_ledger(office) as con:
            desk.propose(con)
        work = Work(desk, random.Random(int(seed)), Counter())  # noqa: S311 (to be repeated)
        appends(work, room / "catat", -(-int(kills) // (2 * WRITERS)))
        decisions(work, room / "putus", -(-int(kills) // 2))
    finally:
        shutil.rmtree(room)
    names = ("kills", "acknowledged", "beyond", "lost", "doubled", "broken", "miscounted")
    found = {name: work.counts[name] for name in names} | {"seconds": round(time.monotonic() - begun, 1)}
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
