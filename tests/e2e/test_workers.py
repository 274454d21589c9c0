"""An office with two runners and more batches than they may have in hand; one of them is ended at its work, twice."""

import os
import signal
import time
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from office_kit.runners import in_hand, runners

from flows import settings, supervisor
from flows.rest import Api
from tasks.ledger import Kind, entries, open_ledger
from tasks.office import Office
from tasks.store import open_store

pytestmark = pytest.mark.server
BATCHES, LINES, HANDS, WAIT_SECONDS = 6, 60, 2, 400
STEPS = {"load", "validate", "resolve", "reconcile", "draft"}


def receive_all(office: Office) -> None:
    """Every file is a receipt of its own."""
    lines = (settings.SAMPLES / "ditjen_ganda_2026_10.csv").read_bytes().splitlines(keepends=True)
    for number in range(BATCHES):
        path = office.inbox / f"kiriman{number}.csv"
        path.write_bytes(b"".join([lines[0], *lines[1 + number * LINES : 1 + (number + 1) * LINES]]))
        os.utime(path, (time.time() - 3600,) * 2)  # waited for its letter long enough


def until_all_wait(office: Office, api: Api) -> tuple[dict[int, set[str]], int]:
    """Ends the second runner when it works, politely, then not; returns what each ever had in hand, and the most."""
    ever: dict[int, set[str]] = defaultdict(set)
    ends = [signal.SIGKILL, signal.SIGTERM]
    ended: set[int] = set()
    most, deadline = 0, time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        for number, held in in_hand(office).items():
            ever[number] |= held
            most = max(most, len(held))
            second = runners(office).get(2)
            if number == 2 and held and ends and second and second.pid not in ended:
                os.kill(second.pid, ends.pop())
                ended.add(second.pid)
        waiting = [run for run in api.runs() if run.gate == "staff-r1-c1"]
        if len({run.agenda for run in waiting}) == BATCHES:
            assert not ends
            return ever, most
        time.sleep(0.2)
    return pytest.fail(f"tidak semua sampai di Staf: {[(run.agenda, run.state) for run in api.runs()]}", pytrace=False)


def test_two_runners_share_the_batches_and_one_may_die(tmp_path: Path) -> None:
    """If this fails, a second runner works on what the first has in hand, or a killed one takes its batches along."""
    office = Office(tmp_path / "kantor")
    office.create()
    office.settings_file.write_text(f"[mesin]\npekerja = 2\nserentak = {HANDS}\n")
    receive_all(office)
    with supervisor.running_office(office) as api:
        ever, most = until_all_wait(office, api)
        assert set(ever) == {1, 2}
        assert most <= HANDS
        assert set(runners(office)) == {1, 2}  # the killed one was started again
    with open_ledger(office) as ledger:
        assert len(entries(ledger, kind=Kind.RECEIVED)) == BATCHES
    with open_store(office) as con:
        done = Counter(con.execute("select agenda, step from steps").fetchall())
        rows = con.execute("select agenda, count(*) from extract_rows group by agenda").fetchall()
    assert set(done.values()) == {1}
    assert {step for _, step in done} == STEPS
    assert len(done) == BATCHES * len(STEPS)
    assert [count for _, count in rows] == [LINES] * BATCHES
