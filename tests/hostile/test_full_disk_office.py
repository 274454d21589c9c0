"""A full disk and a read-only one under the office itself: words and a next step, nothing half, nothing lost."""

import os
import re
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from office_kit.small import Batch

from expectations.approvals import Separation
from tasks.approvals.case import Case
from tasks.errors import Exit, UserError
from tasks.ledger import Kind, append, entries, head, open_ledger, verify, writing
from tasks.office import Office
from tasks.steps import verify_marks
from tasks.store import open_store
from tasks.write.apply import apply
from tasks.write.repair import repair

TORTURE = bool(os.environ.get("SINKRON_TORTURE"))

WORK = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from expectations.approvals import Separation
from tasks.approvals.case import Case
from tasks.errors import UserError
from tasks.ledger import Kind, append, open_ledger, writing
from tasks.office import Office
from tasks.store import open_store
from tasks.write.apply import apply
now = datetime(2026, 10, 6, 3, tzinfo=UTC)
what, office, limit = sys.argv[1], Office(Path(sys.argv[2])), int(sys.argv[3])
if limit >= 0:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    if what == "open":
        with open_store(office):
            pass
    if what == "ledger":
        with open_ledger(office) as ledger, writing(ledger):
            append(ledger, now, (Kind.EXPORTED, "2026-0001", "sinkron"), {"x": "y" * 9000})
    if what == "apply":
        with open_ledger(office) as ledger, open_store(office) as con:
            apply(con, ledger, Case("2026-0001", 1, sys.argv[4]), (now, Separation.STRICT))
except UserError as error:
    print(error)
    sys.exit(int(error.exit_code))
"""
# Root may write everywhere: without these two powers it is as anybody else.
AS_ANYBODY = ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner"] if os.geteuid() == 0 else []


def work(what: str, office: Office, limit: int = -1, *more: str) -> subprocess.CompletedProcess[str]:
    """One piece of work in a process whose files can not grow beyond ``limit`` bytes, as on a full disk."""
    # Without coverage's own file: it would not fit on the full disk either.
    around = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    command = [*AS_ANYBODY, sys.executable, "-c", WORK, what, office.home, str(limit), *more]
    return subprocess.run(command, env=around, capture_output=True, text=True, check=False)


FULL = "penuh|tempat kosong"  # SQLite does not tell a full disk from a broken one when a file may not grow


def told(done: subprocess.CompletedProcess[str], words: str) -> bool:
    """Whether it ended in words a person can act on."""
    said = re.search(words, done.stdout) and "Langkah: " in done.stdout
    return done.returncode == Exit.OFFICE and bool(said) and not done.stderr


@pytest.mark.parametrize("limit", [0, 1, 5_000])
def test_a_full_disk_leaves_no_half_store(office: Office, limit: int) -> None:
    """If this fails, an office founded on a full disk has half a store in its way for ever."""
    done = work("open", office, limit)
    assert told(done, FULL), (done.returncode, done.stdout, done.stderr)
    assert not list(office.scratch.iterdir())
    with open_store(office) as con:
        assert verify_marks(con)[0] == 0


def state(office: Office) -> dict[str, Any]:
    """What apply changes, in store and ledger."""
    with open_ledger(office) as ledger, open_store(office) as con:
        verify(ledger)
        marks = verify_marks(con)[0]
        register = con.execute("select sum(hash(p)) from penduduk p").fetchall()
        applied = con.execute("select count(*) from applied").fetchall()
        return {"register": register, "applied": applied, "marks": marks}


def test_a_full_disk_while_writing_loses_nothing(batch: Batch, tmp_path: Path) -> None:
    """If this fails, a disk that fills up while an approved batch is written leaves half of it, or loses the rest."""
    batch.sign()
    template = shutil.copytree(batch.office.home, tmp_path / "asli")
    before = state(batch.office)
    ledger_size = batch.office.ledger.stat().st_size
    step = 2_000 if TORTURE else 25_000
    ends = []
    for limit in range(0, ledger_size + 80_000, step):
        shutil.rmtree(batch.office.home)
        shutil.copytree(template, batch.office.home)
        done = work("apply", batch.office, limit, batch.digest)
        ends.append(done.returncode)
        assert done.returncode == 0 or told(done, FULL), (limit, done.returncode, done.stdout, done.stderr)
        after = state(batch.office)
        assert (after == before) or after["applied"] == [(1,)], limit
        with open_ledger(batch.office) as ledger, open_store(batch.office) as con:
            now = batch.desk.clock + timedelta(hours=1)  # after the clock of the process that met the full disk
            repair(con, ledger, now)
            apply(con, ledger, Case(batch.agenda, 1, batch.digest), (now, Separation.STRICT))
            assert len(entries(ledger, kind=Kind.WRITTEN)) == 1
        whole = state(batch.office)
        assert whole["applied"] == [(1,)]
        assert whole["register"] != before["register"]
        if after != before:
            assert after["register"] == whole["register"], limit
    assert {0, int(Exit.OFFICE)} <= set(ends)


def test_a_full_disk_under_the_ledger_loses_nothing(batch: Batch) -> None:
    """If this fails, an entry is half written, or the ledger does not open until somebody repairs it by hand."""
    size = batch.office.ledger.stat().st_size
    with open_ledger(batch.office) as ledger:
        before = head(ledger)
    for limit in (0, 100, size, size + 3_000):
        done = work("ledger", batch.office, limit)
        assert told(done, FULL), (limit, done.returncode, done.stdout, done.stderr)
        with open_ledger(batch.office) as ledger:
            assert head(ledger) == before
            assert verify(ledger) == before
    with open_ledger(batch.office) as ledger, writing(ledger):
        append(ledger, batch.desk.clock, (Kind.EXPORTED, "2026-0001", "sinkron"), {})


@pytest.mark.parametrize("what", ["open", "ledger", "apply"])
def test_a_read_only_office_says_so(batch: Batch, what: str) -> None:
    """If this fails, a disk that went read-only is told as a fault of the program, or as a damaged store."""
    batch.sign()
    office = batch.office
    paths = [office.home, *office.home.rglob("*")]
    content = {path: path.read_bytes() for path in paths if path.is_file()}
    modes = {path: path.stat().st_mode for path in paths}
    for path in paths:
        path.chmod(modes[path] & 0o555)
    try:
        done = work(what, office, -1, batch.digest)
    finally:
        for path in paths:
            path.chmod(modes[path])
    assert told(done, "hanya dapat dibaca"), (done.returncode, done.stdout, done.stderr)
    assert {path: path.read_bytes() for path in office.home.rglob("*") if path.is_file()} == content


def test_an_anchor_on_a_disk_that_is_gone_is_told(batch: Batch, tmp_path: Path) -> None:
    """If this fails, an office whose second disk is not mounted writes without its second file, and nobody notices."""
    away = tmp_path / "disk lain"
    away.mkdir()
    shutil.move(batch.office.anchors, away / "kepala.log")
    (batch.office.home / "kantor.toml").write_text(f'jangkar = "{away}/kepala.log"\n')
    with open_store(batch.office):
        pass
    away.rename(tmp_path / "dicabut")
    with pytest.raises(UserError, match="berkas jangkar: hilang"), open_store(batch.office):
        pass
    assert not away.exists()
