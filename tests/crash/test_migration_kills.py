"""The upgrade of an office dies at any moment: nothing is half, nothing is lost, the next opening finishes it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from office_kit import small
from office_kit.old_office import age

from tasks.migrations.versions import CURRENT

TESTS = Path(__file__).parents[1]
KILLS = 200 if os.environ.get("SINKRON_TORTURE") else 12


def test_a_killed_upgrade_leaves_nothing_half(batch: small.Batch, tmp_path: Path) -> None:
    """If this fails, a power cut during an update leaves an office that no program of any version opens."""
    age(batch.office)
    work = tmp_path / "kerja"
    work.mkdir()
    around = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    command = [sys.executable, "-m", "office_kit.migration_kills", str(batch.office.home), str(work), str(KILLS)]
    ran = subprocess.run(command, cwd=TESTS, env=around, capture_output=True, text=True, check=True)
    first, *found = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(found) == KILLS
    assert sum(one["killed"] for one in found) > KILLS * 3 // 4, ran.stderr
    for one in found:
        assert one["after"]["version"] in {0, CURRENT}, one
        assert one["after"]["rows"] == one["end"]["rows"] == first["before"]["rows"], one
        assert one["end"]["version"] == one["again"]["store"] == one["again"]["ledger"] == CURRENT, one
        assert one["again"]["told"] >= 1, one
        assert one["again"]["backups"], one
        assert one["again"]["verdict"], one
    assert {one["after"]["version"] for one in found} == {0, CURRENT}  # killed before the store was raised, and after
    assert {one["again"]["told"] for one in found} > {1}  # some had told it, and tell it again
