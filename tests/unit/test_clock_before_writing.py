"""A clock set back is noticed before anything is written, not after."""

from datetime import timedelta

import pytest
from office_kit.small import Batch

from tasks.approvals.case import Case
from tasks.errors import Exit, UserError
from tasks.ledger import Kind, entries, open_ledger
from tasks.steps import find
from tasks.store import open_store
from tasks.write.apply import apply


def test_a_clock_set_back_writes_nothing(batch: Batch) -> None:
    """If this fails, the register changes and the Buku Agenda cannot say so until somebody mends the clock."""
    batch.sign()
    case = Case(batch.agenda, 1, batch.digest)
    about = (batch.desk.clock - timedelta(hours=1), batch.office.separation())
    with open_ledger(batch.office) as ledger, open_store(batch.office) as con:
        with pytest.raises(UserError, match="jam komputer") as caught:
            apply(con, ledger, case, about)
        assert caught.value.exit_code is Exit.OFFICE
        assert find(con, batch.agenda, "apply") is None
        assert not entries(ledger, batch.agenda, Kind.WRITTEN)
        assert apply(con, ledger, case, (batch.desk.clock, about[1]))[1]
