"""The whole of the approvals against a small model of the office's rules: no order of calls gets round them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from office_kit.approval_machine import COUNTS, Approvals

TESTS = Path(__file__).parents[1]


def test_only_three_right_answers_approve() -> None:
    """If this fails, some order of calls writes residents' data without three people having said Ya to exactly it."""
    COUNTS.clear()
    run_state_machine_as_test(Approvals, settings=settings(max_examples=150, stateful_step_count=40))
    assert COUNTS["bypasses"] == COUNTS["mismatches"] == 0
    # The run is worth something only when it both approves and refuses, often.
    assert COUNTS["calls"] > 4_000
    assert min(COUNTS["accepted"], COUNTS["refused"], COUNTS["approved"]) > 1_000
    assert COUNTS["by_device"] > 20


@pytest.mark.skipif(not os.environ.get("SINKRON_TORTURE"), reason="a quarter of an hour: make torture")
def test_a_million_calls(record_property: Callable[[str, object], None]) -> None:
    """If this fails, an order of calls that the short run never meets gets round the three approvals."""
    around = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    command = [sys.executable, "-m", "office_kit.approval_torture", "1000000", "2"]
    ran = subprocess.run(command, cwd=TESTS, env=around, capture_output=True, text=True, check=False)
    record_property("facts", ran.stdout.strip())
    found = json.loads(ran.stdout)
    assert (found["bypasses"], found["mismatches"]) == (0, 0), ran.stderr
    assert found["calls"] >= 1_000_000
