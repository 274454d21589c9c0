"""Batches that went all the way, as far as the ledger tells or really; and the worksheet of one that did not."""

from pathlib import Path

import pytest
from office_kit.auditor import receive, write
from office_kit.signers import Desk
from office_kit.small import Batch, Opened
from office_kit.written import write_batch

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
