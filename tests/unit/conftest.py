"""Batches that went all the way: as far as the ledger tells, or really written."""

import pytest
from office_kit.auditor import receive, write
from office_kit.signers import Desk
from office_kit.small import Batch
from office_kit.written import write_batch


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
