"""`sinkron verify` where somebody works, a process died or a part is lost: no forgery."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from office_kit.auditor import found, told, wrong
from office_kit.signers import Desk
from office_kit.small import Batch

from expectations.approvals import Separation
from flows.prefect_states import from_database
from tasks.approvals.case import Case
from tasks.evidence.findings import Check, Severity
from tasks.evidence.verify import verdict
from tasks.ledger import open_ledger
from tasks.office import Office
from tasks.store import open_store
from tasks.write.apply import apply


def test_states_from_the_database_of_a_killed_server(tmp_path: Path) -> None:
    """If this fails, the newest states, which lie in the log of a killed server, are not seen."""
    home = tmp_path / "prefect"
    home.mkdir()
    script = f"""
import os, sqlite3
con = sqlite3.connect({str(home / "prefect.db")!r})
con.execute("pragma journal_mode = wal")
con.execute("create table flow_run (id text, parameters text, tags text, state_name text)")
con.execute("insert into flow_run values ('a', '{{\\"agenda\\": \\"2026-0001\\"}}', '[]', 'Completed')")
con.execute("insert into flow_run values ('b', '{{}}', '[\\"agenda:2026-0002\\"]', 'Suspended')")
con.execute("insert into flow_run values ('c', '{{}}', null, null)")
con.commit()
os._exit(9)
"""
    subprocess.run([sys.executable, "-c", script], check=False)
    assert (home / "prefect.db-wal").stat().st_size
    states = [("2026-0001", "Completed"), ("2026-0002", "Suspended"), ("run:c", "None")]
    assert from_database(home / "prefect.db") == states
    assert from_database(home / "tidak-ada.db") is None
    (home / "rusak.db").write_bytes(b"bukan basis data" * 99)
    assert from_database(home / "rusak.db") is None


def test_the_store_may_be_absent_or_locked_away(written: Batch, tmp_path: Path) -> None:
    """If this fails, `sinkron verify` ends in a crash just when something is lost."""
    office = written.office
    office.key_file.rename(tmp_path / "kunci")
    assert "store tidak dibandingkan" in told(found(Office(office.home)), Severity.WARN)
    (tmp_path / "kunci").rename(office.key_file)
    office.store.rename(tmp_path / "store")
    assert "store hilang" in wrong(office)
    office.store.write_bytes(os.urandom(4096))
    assert "store.duckdb" in wrong(office)


def test_writing_before_the_ledger_knows_is_told(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, a crash between store and ledger looks like a forgery, or like nothing."""
    batch.sign()
    with open_ledger(batch.office) as ledger, open_store(batch.office) as con:
        case = Case(batch.agenda, 1, batch.digest)
        with monkeypatch.context() as dying:
            dying.setattr("tasks.write.apply.record_written", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):  # between store and ledger
                apply(con, ledger, case, (batch.desk.clock, Separation.STRICT))
    assert "belum tercatat di Buku Agenda; jalankan sinkron recover" in told(found(batch.office), Severity.WARN)
    assert not wrong(batch.office)


def test_an_office_at_work_is_not_accused(signed: Desk, tmp_path: Path) -> None:
    """If this fails, verifying during working hours finds forgeries that are none."""
    script = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from tasks.ledger import Kind, append, open_ledger, writing
from tasks.office import Office
office = Office(Path(sys.argv[1]))
for number in range(120):
    with open_ledger(office) as con, writing(con):
        append(con, datetime.now(UTC), (Kind.PUBLISHED, "", "sinkron"), {"no": number})
"""
    worker = subprocess.Popen([sys.executable, "-c", script, signed.office.home])
    looked = 0
    while worker.poll() is None:
        findings = [f for f in found(signed.office) if f.check is not Check.STORE]
        assert verdict(findings) is not Severity.WRONG, told(findings)
        looked += 1
    assert looked > 1
    assert worker.returncode == 0


def test_a_journal_left_by_a_killed_writer(signed: Desk) -> None:
    """If this fails, `sinkron verify` reads half a transaction, or refuses, after a power cut."""
    script = f"""
import os, sqlite3
con = sqlite3.connect({str(signed.office.ledger)!r}, isolation_level=None)
con.execute("pragma cache_size = 1")
con.execute("begin immediate")
con.execute("create table besar (x)")
con.executemany("insert into besar values (?)", [("x" * 900,)] * 500)
os._exit(9)
"""
    subprocess.run([sys.executable, "-c", script], check=False)
    assert Path(f"{signed.office.ledger}-journal").exists()
    assert not wrong(signed.office)
