"""A published copy of a small batch, made by the real steps."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows import settings
from tasks.ledger import open_ledger
from tasks.load import load, load_baseline
from tasks.office import Office
from tasks.propose import propose
from tasks.publish import PUBLISHED, publish
from tasks.receive import receive
from tasks.resolve.run import resolve
from tasks.store import open_store
from tasks.validate import Terms, validate


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    office = Office(tmp_path_factory.mktemp("kantor-docs"))
    office.create()
    extract = office.home / "ganda.csv"
    lines = (settings.SAMPLES / "ditjen_ganda_2026_10.csv").read_bytes().splitlines(keepends=True)
    extract.write_bytes(b"".join(lines[:101]))
    now = datetime.now(UTC)
    receipt = receive(office, [extract], None, (now, "cli"))
    with open_ledger(office) as ledger, open_store(office) as con:
        load_baseline(con, office, settings.SAMPLES / "penduduk_dkb_semester1_2026.csv")
        load(con, office, receipt)
        validate(con, receipt.agenda, Terms(now.date().isoformat()))
        resolve(con, receipt.agenda)
        propose(con, receipt.agenda, 1)
        publish(con, office, ledger, (receipt.agenda, now))
    return office.published / PUBLISHED
