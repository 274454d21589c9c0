"""A small office with a written batch, a year later: its destruction asked for, signed, done."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from office_kit.files import Row, write_csv
from office_kit.signers import staff_an_office
from office_kit.small import RESIDENTS, SCENARIOS, Batch, run_steps
from tasks.approvals.case import Case
from tasks.evidence.findings import Severity
from tasks.evidence.verify import verify_office
from tasks.ledger import LedgerConnection, open_ledger
from tasks.load import load_baseline
from tasks.office import Office
from tasks.propose import propose
from tasks.receive import receive
from tasks.retention.destroy import destroy, left_of
from tasks.retention.purge import propose_purge, purge
from tasks.steps import Summary
from tasks.store import open_store
from tasks.write.apply import apply

ROWS = tuple(row for name in ("clean", "spelling", "symbol", "copy") for row in SCENARIOS[name])
AT = datetime(2025, 10, 6, 2, 0, tzinfo=UTC)
AFTER = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)
REASON = "masa simpan menurut jadwal retensi arsip sudah habis"


def written(home: Path, rows: tuple[Row, ...] = ROWS) -> Batch:
    """Received, decided and written in October 2025, to be kept for a year; the desk's clock stands after that."""
    office = Office(home)
    office.create()
    desk = staff_an_office(office, AT)
    desk.clock = AT
    with open_store(office) as con:
        load_baseline(con, office, write_csv(home / "scratch" / "awal.csv", RESIDENTS, delimiter=","))
    receipt = receive(office, [write_csv(office.inbox / "ganda.csv", rows)], None, (AT, "inbox"))
    with open_store(office) as con:
        done = run_steps(con, office, receipt)
        done["propose"] = propose(con, receipt.agenda, 1)
    batch = Batch(office, desk, receipt, done)
    batch.sign()
    with open_ledger(office) as ledger, open_store(office) as con:
        case = Case(batch.agenda, 1, batch.digest)
        assert apply(con, ledger, case, (desk.clock, office.separation()))[1]
    office.settings_file.write_text("retensi_tahun = 1\n")
    office.settings_file.chmod(0o600)
    desk.clock = AFTER
    return batch


def ask(batch: Batch, con: duckdb.DuckDBPyConnection, ledger: LedgerConnection, reason: str = REASON) -> Case:
    """Somebody asks for the destruction."""
    return propose_purge(con, ledger, batch.office, (batch.agenda, reason, batch.desk.clock))


def asked(batch: Batch) -> Case:
    """The same, with the office opened for it."""
    with open_ledger(batch.office) as ledger, open_store(batch.office) as con:
        return ask(batch, con, ledger)


def sign(batch: Batch, case: Case, *roles: str) -> None:
    """All levels approve it, or these."""
    batch.desk.case = (case.agenda, case.round, case.digest)
    for role in roles or ("staff", "kasi", "kabid", "kadis"):
        verdict = batch.desk.say(role, "Ajukan" if role == "staff" else "Ya", lay=False)
        assert verdict.accepted, verdict.reason


def do(office: Office, case: Case, now: datetime = AFTER) -> tuple[Summary, bool]:
    """Step one of the destruction: store and ledger."""
    with open_ledger(office) as ledger, open_store(office) as con:
        return purge(con, ledger, office, (case, now, office.separation()))


def destroyed(batch: Batch) -> str:
    """Asked, signed and done; its agenda number."""
    case = asked(batch)
    sign(batch, case)
    assert do(batch.office, case, batch.desk.clock + timedelta(seconds=1))[1]
    assert wiped(batch)
    return case.agenda


def wiped(batch: Batch) -> int:
    """The last part: keys and files."""
    with open_ledger(batch.office) as ledger:
        return destroy(batch.office, ledger, batch.agenda)


def lying(batch: Batch) -> list[Path]:
    """What of it still lies there."""
    with open_ledger(batch.office) as ledger:
        return left_of(batch.office, ledger, batch.agenda)


def wrongs(office: Office) -> list[str]:
    """What ``sinkron verify`` finds wrong."""
    return [one.text for one in verify_office(office, []) if one.severity is Severity.WRONG]
