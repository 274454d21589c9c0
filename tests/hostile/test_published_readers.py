"""Analysts keep the copy open while the office publishes, and publishing dies: nobody waits or reads half a file."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from office_kit.small import Batch

from tasks.ledger import open_ledger
from tasks.publish import PUBLISHED, publish
from tasks.store import open_store

PUBLISHES = 50

# An analyst's program: opens the copy once and asks it again and again; and each time a colleague opens it anew.
READER = """
import duckdb, json, sys, time
path = sys.argv[1]
question = "select diterbitkan_pada::varchar, (select count(*) from hasil), " \
  "(select count(*) from penduduk) from terbitan"
kept = duckdb.connect(path, read_only=True)
first = kept.execute(question).fetchall()
print("open", flush=True)
asked, seen, slowest = 0, set(), 0.0
while not sys.stdin.readline().strip():
    started = time.perf_counter()
    assert kept.execute(question).fetchall() == first
    slowest = max(slowest, time.perf_counter() - started)
    asked += 1
    print("asked", flush=True)
print(json.dumps({"asked": asked, "first": first, "last": kept.execute(question).fetchall(), "slowest": slowest}))
"""
LATE_READER = """
import duckdb, sys
con = duckdb.connect(sys.argv[1], read_only=True)
print(con.execute("select diterbitkan_pada::varchar from terbitan").fetchall()[0][0])
"""

# Publishes again and again, writing to the store in between.
WRITER = """
import sys
from datetime import timedelta
from pathlib import Path
from office_kit.signers import NOW
from tasks.ledger import open_ledger
from tasks.office import Office
from tasks.publish import publish
from tasks.store import open_store
office = Office(Path(sys.argv[1]))
with open_store(office) as con, open_ledger(office) as ledger:
    print("ready", flush=True)
    for minute in range(int(sys.argv[2])):
        con.execute("update penduduk set alamat = ? where resident_id = 1", [f"JL UJI {minute}"])
        publish(con, office, ledger, ("2026-0001", NOW + timedelta(minutes=minute)))
        print(minute, flush=True)
"""


def run(code: str, *arguments: object) -> subprocess.Popen[str]:
    """A process of its own, with the tests' office kit."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, text=True, env=environment)  # fmt: skip


def published(batch: Batch) -> Path:
    """A first copy."""
    with open_store(batch.office) as con, open_ledger(batch.office) as ledger:
        publish(con, batch.office, ledger, (batch.agenda, batch.desk.clock))
    return batch.office.published / PUBLISHED


def test_a_reader_stays_open_through_fifty_publishes(batch: Batch) -> None:
    """If this fails, an analyst with the file open stops the office, or is disturbed by it."""
    path = published(batch)
    with run(READER, path) as reader, run(WRITER, batch.office.home, PUBLISHES) as writer:
        assert reader.stdout.readline() == "open\n"
        assert writer.stdout.readline() == "ready\n"
        inodes = set()
        for minute in range(PUBLISHES):
            assert writer.stdout.readline() == f"{minute}\n"
            inodes.add(path.stat().st_ino)
            reader.stdin.write("\n")
            reader.stdin.flush()
            assert reader.stdout.readline() == "asked\n"
        assert writer.wait(180) == 0
        told, _ = reader.communicate("stop\n", 180)
    facts = json.loads(told)
    assert facts["asked"] == PUBLISHES
    assert facts["last"] == facts["first"] == [["2026-10-06 09:00:00", 20, 41]]
    assert len(inodes) > 1  # other files came in its place meanwhile
    late = subprocess.run([sys.executable, "-c", LATE_READER, path], capture_output=True, text=True, check=True).stdout
    assert late == "2026-10-06 09:49:00\n"
    assert [one.name for one in path.parent.iterdir()] == [PUBLISHED]


@pytest.mark.parametrize("after", range(6))
def test_a_killed_publish_leaves_the_copy_before_it(batch: Batch, after: int) -> None:
    """If this fails, a power cut leaves analysts half a file, or none."""
    path = published(batch)
    with run(WRITER, batch.office.home, PUBLISHES) as writer:
        assert writer.stdout.readline() == "ready\n"
        beside = path.with_name(f".{PUBLISHED}.baru")
        deadline = time.monotonic() + 60
        while not beside.exists() and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(after * 0.06)
        os.kill(writer.pid, signal.SIGKILL)
    question = "select (select count(*) from hasil), (select count(*) from penduduk), (select count(*) from terbitan)"
    with duckdb.connect(str(path), read_only=True) as con:
        assert con.execute(question).fetchall() == [(20, 41, 1)]
    assert published(batch) == path
    assert [one.name for one in path.parent.iterdir()] == [PUBLISHED]


def test_a_full_disk_leaves_the_copy_before_it(batch: Batch) -> None:
    """If this fails, a full disk takes the copy away, or its message is a traceback."""
    path = published(batch)
    before = path.read_bytes()
    code = WRITER.replace(
        "import sys\n", "import resource, signal, sys\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n", 1
    )
    code = code.replace(
        '    print("ready"', '    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000,) * 2)\n    print("ready"'
    )
    done = subprocess.run([sys.executable, "-c", code, batch.office.home, "1"], capture_output=True, text=True,
                          check=False, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)})  # fmt: skip
    assert "disk kantor: penuh" in done.stderr.splitlines()[-1]
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == [PUBLISHED]
