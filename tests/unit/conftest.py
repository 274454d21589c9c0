"""What several files about one subject share: batches that went all the way, worksheet, backup, open cases, lists."""

from pathlib import Path

import pytest
from office_kit.auditor import receive, write
from office_kit.backups import LATER, Drill, everything, work_on
from office_kit.cases import ANSWERS, ROWS
from office_kit.casework import answered_office, later
from office_kit.signers import Desk
from office_kit.small import Batch, Opened, copy_of
from office_kit.written import Papers, papers, write_batch, written_office

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


@pytest.fixture(scope="session")
def waiting_cases(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """A written batch with rows that wait. Do not write to it: take a copy of ``later``."""
    return written_office(tmp_path_factory.mktemp("kasus") / "kantor", ROWS)


@pytest.fixture(scope="session")
def answered_cases(waiting_cases: Batch, tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """The same office after seven cases were answered, one of them by the answer to its other half."""
    return answered_office(later(waiting_cases, tmp_path_factory.mktemp("jawaban") / "kantor"), ANSWERS)


@pytest.fixture(scope="session")
def sent_batch(small: Batch, tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """The small office with its batch written. Do not write to it."""
    return write_batch(copy_of(small, tmp_path_factory.mktemp("daftar") / "kantor"))


@pytest.fixture(scope="session")
def lists(sent_batch: Batch) -> Papers:
    """Every list and letter of that batch."""
    return papers(sent_batch)
