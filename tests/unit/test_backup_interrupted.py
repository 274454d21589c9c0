"""Backups and restores that break: killed, on a full disk, or damaged on the way. Never half an office (promise 3)."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from office_kit.backups import LATER, Drill, destroy, everything, untouched
from office_kit.small import copy_of

from tasks.backup import backup, restore
from tasks.backup.sealed import password, unsealed
from tasks.errors import Exit, UserError
from tasks.ledger import Kind, entries, open_ledger
from tasks.office import Office
from tasks.store import open_store

TORTURE = bool(os.environ.get("SINKRON_TORTURE"))
FLIPS = 2_000 if TORTURE else 20


@pytest.fixture
def office(drilled: Drill, tmp_path: Path) -> Office:
    """A copy of that office, for one test to destroy."""
    return copy_of(drilled[0], tmp_path / "kantor").office


@pytest.fixture
def source(drilled: Drill) -> Path:
    """Its backup."""
    return drilled[2]


def test_a_damaged_backup_is_refused_whole(drilled: Drill, office: Office) -> None:
    """If this fails, a flipped byte of the backup becomes the office's data, or half an office is put in place."""
    raw, held, chance = drilled[2].read_bytes(), drilled[3], random.Random(5)  # noqa: S311
    office = destroy(office, anchors_too=True)
    bad = office.home.parent / "buruk.zip"
    for turn in range(FLIPS):
        at = chance.randrange(len(raw)) if turn % 2 else len(raw) - 1 - chance.randrange(2_000)  # and its directory
        bad.write_bytes(raw[:at] + bytes([raw[at] ^ (1 << chance.randrange(8))]) + raw[at + 1 :])
        try:
            restore(office, bad, LATER)
        except UserError as error:
            refused = error
        else:  # a byte that says nothing, as a date in the directory
            assert everything(office)["rows"] == held["rows"], at
            office = destroy(office, anchors_too=True)
            continue
        assert refused.exit_code in {Exit.FILE, Exit.OFFICE}, at
        assert "cadangan" in str(refused)
        assert untouched(office), at
    for length in (0, 10, len(raw) // 2, len(raw) - 1):
        bad.write_bytes(raw[:length])
        with pytest.raises(UserError, match="rusak"):
            restore(office, bad, LATER)
        assert untouched(office)


FULL = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from tasks.backup import backup, restore
from tasks.backup.sealed import password, unsealed
from tasks.errors import UserError
from tasks.office import Office
import pyzipper, duckdb
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), int(sys.argv[4])))
now = datetime(2026, 10, 6, 3, tzinfo=UTC)
try:
    {"backup": backup, "restore": restore}[sys.argv[1]](Office(Path(sys.argv[2])), Path(sys.argv[3]), now)
except UserError as error:
    print(error)
    sys.exit(int(error.exit_code))
"""


def limited(what: str, office: Office, path: Path, limit: int) -> subprocess.CompletedProcess[str]:
    """Runs in a process whose files can not grow beyond ``limit`` bytes, as on a full disk."""
    around = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    command = [sys.executable, "-c", FULL, what, office.home, path, str(limit)]
    return subprocess.run(command, env=around, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("limit", [0, 5_000, 500_000])
def test_a_full_disk_leaves_no_half_backup(office: Office, tmp_path: Path, limit: int) -> None:
    """If this fails, half a backup lies there under the name of a whole one."""
    before = sorted(office.home.rglob("*"))
    done = limited("backup", office, tmp_path / "a.zip", limit)
    assert done.returncode == Exit.OFFICE, done.stderr
    assert "penuh" in done.stdout
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == []
    assert sorted(office.home.rglob("*")) == before
    with open_ledger(office) as ledger:
        assert len(entries(ledger, kind=Kind.BACKUP)) == 1  # the one of before


@pytest.mark.parametrize("limit", [0, 5_000, 500_000])
def test_a_full_disk_leaves_no_half_office(office: Office, source: Path, limit: int) -> None:
    """If this fails, an interrupted restore leaves an office that looks alive and is not."""
    office = destroy(office, anchors_too=True)
    done = limited("restore", office, source, limit)
    assert done.returncode == Exit.OFFICE, done.stderr
    assert "penuh" in done.stdout
    assert untouched(office)
    restore(office, source, LATER)


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from tasks.backup import backup, restore
from tasks.office import Office
import duckdb, pyzipper
what, office, path, at = sys.argv[1], Office(Path(sys.argv[2])), Path(sys.argv[3]), int(sys.argv[4])
seen = 0
def trace(frame, event, _):
    global seen
    if "/tasks/backup/" not in frame.f_code.co_filename or frame.f_code.co_name == "<module>":
        return None
    if event == "line":
        seen += 1
        if seen == at:
            os.kill(os.getpid(), signal.SIGKILL)
    return trace
sys.settrace(trace)
{"backup": backup, "restore": restore}[what](office, path, datetime(2026, 10, 6, 3, tzinfo=UTC))
sys.settrace(None)
print(seen)
"""
POINTS = 200 if TORTURE else 5


def killed_at(what: str, office: Office, path: Path, at: int) -> str:
    """Runs until the ``at``-th line of the backup's own code, then SIGKILL; or whole, and tells how many lines."""
    command = [sys.executable, "-c", KILLED, what, office.home, path, str(at)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == (-9 if at else 0), done.stderr
    return done.stdout


def points(lines: int) -> list[int]:
    """Spread over the work, densest at its end, where everything is put in place."""
    return sorted({round(1 + (lines - 1) * (1 - (1 - at / POINTS) ** 2)) for at in range(POINTS + 1)})


def test_a_killed_restore_is_begun_again(drilled: Drill, office: Office, source: Path) -> None:
    """If this fails, a power cut while an office is restored leaves one that looks whole and is not."""
    held, seen = drilled[3], set()
    lines = int(killed_at("restore", destroy(office, anchors_too=True), source, 0))
    for at in points(lines):
        office = destroy(office, anchors_too=True)
        killed_at("restore", office, source, at)
        there = (office.ledger.exists(), office.store.exists())
        seen.add(there)
        if there != (True, True):
            if there[0] or office.anchors.exists():
                with pytest.raises(UserError), open_store(office):
                    pass
            office.ledger.unlink(missing_ok=True)
            restore(office, source, LATER)
        assert everything(office) == held, at
    assert {(False, False), (True, True)} <= seen


def test_a_killed_backup_leaves_the_office_as_it_was(drilled: Drill, office: Office, tmp_path: Path) -> None:
    """If this fails, a power cut during a backup harms the office, or leaves half of one under its name."""
    held = drilled[3]
    target = tmp_path / "baru.zip"
    lines = int(killed_at("backup", office, tmp_path / "pertama.zip", 0))
    for at in points(lines):
        killed_at("backup", office, target, at)
        assert everything(office)["rows"] == held["rows"], at
        if target.exists():
            with unsealed(target, password(office)) as whole:
                whole.check()
            target.unlink()
    backup(office, target, LATER)
