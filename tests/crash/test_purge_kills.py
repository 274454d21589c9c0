"""A destruction dies at any moment: either nothing of it happened, or the next start finishes it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from office_kit.destroying import asked, sign, written

TESTS = Path(__file__).parents[1]
KILLS = 400 if os.environ.get("SINKRON_TORTURE") else 16


def test_a_killed_destruction_is_finished_or_never_was(tmp_path: Path) -> None:
    """If this fails, a power cut leaves data that a Berita Acara calls destroyed, or destroys without a trace."""
    batch = written(tmp_path / "kantor")
    sign(batch, asked(batch))
    work = tmp_path / "kerja"
    work.mkdir()
    around = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    command = [sys.executable, "-m", "office_kit.purge_kills", str(batch.office.home), str(work), str(KILLS)]
    ran = subprocess.run(command, cwd=TESTS, env=around, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    found = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(found) == KILLS
    for one in found:
        assert one["killed"], one
        assert one["now"]["files"] == 2 or one["now"]["told"] == 1, one  # nothing goes before the ledger says so
        gone = {"told": 1, "rows": 0, "files": 0}
        assert one["after"] in ({"told": 0, "rows": 5, "files": 2}, gone), one
        assert one["end"] == gone, one
        assert one["right"], one
    assert {one["after"]["told"] for one in found} == {0, 1}
