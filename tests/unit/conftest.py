"""What several rooms of one subject share: batches that went all the way, a worksheet, an office with its backup."""

from pathlib import Path

import pytest
from office_kit.auditor import receive, write
from office_kit.backups import LATER, Drill, everything, work_on
from office_kit.signers import Desk
from office_kit.small import Batch, Opened, copy_of
from office_kit.written import write_batch

from tasks.backup import backup
from tasks.worksheet import write_worksheet


@pytest.fixture
def signed(desk: Desk) -> Desk:
    """A batch received, approved by three and written, as far as the ledger tells."""
    receive(desk)
    desk.sign()
    write(desk)
    return desk


@pytest.fixture
def written(batch: Batch) -> Batch:
    """The small office with its batch approved and really written."""
    return write_batch(batch)


@pytest.fixture
def sheet(opened: Opened) -> Path:
    """Staff's worksheet for the small office, as it is written."""
    return write_worksheet(opened.con, opened.batch.office, opened.batch.agenda, 1)


@pytest.fixture(scope="session")
def drilled(small: Batch, tmp_path_factory: pytest.TempPathFactory) -> Drill:
    """An office with a written batch and an open one, its backup, and all it held then. Copy it before you write."""
    folder = tmp_path_factory.mktemp("cadangan")
    batch = copy_of(small, folder / "kantor")
    agenda = work_on(batch)
    backup(batch.office, folder / "kantor.zip", LATER)
    return batch, agenda, folder / "kantor.zip", everything(batch.office)
