"""Writers of the ledger die at any moment: nothing that was told as written is lost, nothing counts twice."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

TESTS = Path(__file__).parents[1]
KILLS = 5_000 if os.environ.get("SINKRON_TORTURE") else 100


def test_killed_writers_lose_nothing(record_property: Callable[[str, object], None]) -> None:
    """If this fails, a worker that dies takes a signature along, counts it twice, or leaves a ledger nobody opens."""
    around = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    command = [sys.executable, "-m", "office_kit.ledger_kills", str(KILLS), "20261006"]
    ran = subprocess.run(command, cwd=TESTS, env=around, capture_output=True, text=True, check=True)
    record_property("facts", ran.stdout.strip())
    found = json.loads(ran.stdout)
    wrong = {name: found[name] for name in ("lost", "doubled", "broken", "miscounted")}
    assert not any(wrong.values()), (wrong, ran.stderr)
    assert found["kills"] >= KILLS
    assert found["acknowledged"] > KILLS  # they did write before they died
    assert found["beyond"] > 0  # and some died between writing and telling, where it matters
