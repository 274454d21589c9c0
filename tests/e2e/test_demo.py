"""The main job: one command shows the whole SOP, answers itself, and leaves written data with history."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flows import settings
from tasks.office import Office
from tasks.store import open_store

pytestmark = pytest.mark.server
SINKRON = Path(sys.executable).parent / "sinkron"
GOLDEN = settings.REPOSITORY / "tests" / "golden" / "sample.json"
WAIT_SECONDS = 300
OTHER_DAY = 25  # ages are judged on the day of receipt, and the golden batch was received on 6 October 2026


def test_auto_demo_and_waiting_demo(tmp_path: Path) -> None:
    """If this fails, the first thing anybody tries does not work, or shows data that was never written."""
    home = tmp_path / "kantor demo"  # a space in the path, started from another folder
    environment = os.environ | {"SINKRON_HOME": str(home)}
    done = subprocess.run(
        [SINKRON, "demo", "--auto"], env=environment, cwd="/", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told = {m[1].strip(): int(m[2]) for m in re.finditer(r"^  ([a-z ]{16}) +(\d+)$", done.stdout, re.MULTILINE)}
    for outcome, rows in json.loads(GOLDEN.read_text())["propose"]["outcomes"].items():
        assert abs(told[outcome] - rows) <= OTHER_DAY, outcome
    assert sum(told.values()) == json.loads(GOLDEN.read_text())["load"]["received"]
    assert "rantai utuh" in done.stdout
    with open_store(Office(home)) as con:
        changed = con.execute("""select count(*) from history h join penduduk p using (resident_id)
            where h.written and h.element = 'nik_ibu' and p.nik_ibu = h.after""").fetchone()
        assert changed == con.execute("select count(*) from history where written").fetchone()
        assert changed != (0,)


def children_of(home: Path) -> list[str]:
    """Command lines of processes that still work for an office."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"SINKRON_HOME={home}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "cmdline").read_text())
    return found


def test_demo_waits_and_shuts_down(tmp_path: Path) -> None:
    """If this fails, `make demo` does not say whose turn it is, or leaves servers behind after Ctrl-C."""
    environment = os.environ | {"SINKRON_HOME": str(tmp_path / "kantor")}
    output = tmp_path / "layar.txt"
    with output.open("w") as screen:
        process = subprocess.Popen([SINKRON, "demo"], env=environment, stdout=screen, cwd="/")
        deadline = time.monotonic() + WAIT_SECONDS
        while "Kode DEMO" not in output.read_text() and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)  # as `make` and a terminal do: everybody is told, some twice
        assert process.wait(180) == 0
    shown = output.read_text()
    for words in ("menunggu Staff", "http://127.0.0.1:", "/v2/runs/flow-run/", "NIP", "Kode DEMO"):
        assert words in shown
    assert not (tmp_path / "kantor" / "server.json").exists()
    assert not children_of(tmp_path / "kantor")
