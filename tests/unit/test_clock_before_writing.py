"""A clock set back is noticed before anything is written, not after."""

import contextlib
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pytest
from office_kit.small import Batch

from flows import steps
from tasks.approvals.case import Case
from tasks.errors import Exit, UserError
from tasks.ledger import Kind, append, entries, open_ledger, writing
from tasks.office import Office
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


def test_a_step_that_waited_for_its_turn_writes(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, what the Kadis signed while a large batch held the store ends Failed: "jam komputer mundur"."""

    class Clock:
        moment = batch.desk.clock

        @classmethod
        def now(cls, zone: Any) -> datetime:
            return cls.moment.astimezone(zone)

    @contextlib.contextmanager
    def late_turn(office: Office) -> Iterator[duckdb.DuckDBPyConnection]:
        Clock.moment += timedelta(minutes=10)
        with open_ledger(office) as ledger, writing(ledger):
            append(ledger, Clock.moment - timedelta(seconds=1), (Kind.EXPORTED, "2026-0009", "sinkron"), {"file": "a"})
        with open_store(office) as con:
            yield con

    batch.sign()
    Clock.moment = batch.desk.clock
    monkeypatch.setenv("SINKRON_HOME", str(batch.office.home))
    monkeypatch.setattr(steps, "open_store", late_turn)
    monkeypatch.setattr(steps, "datetime", Clock)
    monkeypatch.setattr(steps, "get_run_logger", logging.getLogger)
    assert steps.apply_changes.fn(batch.agenda, 1, batch.digest)["newly"]
