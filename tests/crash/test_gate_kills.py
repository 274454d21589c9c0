"""SIGKILL of flow, runner and server around the gates: every decision counts once, every run goes on by itself.

SINKRON_TORTURE=1 makes at least a hundred kills; see ``office_kit.gate_kills`` for running it as a program.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.server
TESTS = Path(__file__).resolve().parents[1]
KILLS = 100 if os.environ.get("SINKRON_TORTURE") == "1" else 3


def test_kills_around_every_gate(tmp_path: Path) -> None:
    """If this fails, a crash makes people sign twice, loses what they signed, or leaves a batch standing for good."""
    command = [sys.executable, "-m", "office_kit.gate_kills", tmp_path / "kantor", str(KILLS)]
    environment = os.environ | {"PYTHONPATH": f"{TESTS}:{TESTS.parent}"}
    done = subprocess.run(command, cwd=TESTS, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-2000:]
    *each, sums = [json.loads(line) for line in done.stdout.splitlines()]
    assert sums["kills"] >= KILLS
    assert [fact for fact in each if fact["counted"] != 1 or fact["asked_again"]] == []
    assert set(sums["victims"]) == {"flow", "runner", "server"}
    assert sums["written_once"], sums
