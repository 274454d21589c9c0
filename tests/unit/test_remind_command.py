"""``remind`` on an office with a batch: sent once, recorded, and tried again when nobody took it."""

from datetime import datetime, timedelta

import pytest
from office_kit.small import Batch

from flows.reminding import remind
from tasks.ledger import Kind, entries_of, open_ledger, verify
from tasks.office import WIB


@pytest.fixture
def laid(batch: Batch) -> Batch:
    """The small office's batch lies before Staff."""
    batch.desk.case = (batch.agenda, 1, batch.digest)
    with open_ledger(batch.office) as ledger:
        batch.desk.propose(ledger)
    return batch


def at(days: int) -> datetime:
    """A working morning so many days after the batch came."""
    return datetime(2026, 10, 6, 9, 30, tzinfo=WIB) + timedelta(days=days)


def sent_before(batch: Batch) -> int:
    with open_ledger(batch.office) as ledger:
        verify(ledger)
        return len(entries_of(ledger, (Kind.NOTICE,)))


def test_an_office_without_channels_keeps_that_a_limit_passed(laid: Batch) -> None:
    """If this fails, nobody can show that a step was late, or the same is written every ten minutes."""
    first, failed = remind(laid.office, at(1))
    assert not failed
    assert [line for line in first if f"Agenda {laid.agenda}" in line and "menunggu Staff" in line]
    known = sent_before(laid)
    assert known == len(first)
    assert remind(laid.office, at(1) + timedelta(minutes=10)) == ([], [])
    assert sent_before(laid) == known


def test_the_ditjens_days_of_an_open_batch(laid: Batch) -> None:
    """If this fails, the sixty days of a batch that lies on a desk run out unseen."""
    told, _ = remind(laid.office, at(59))
    assert [line for line in told if "batas 60 hari" in line]


def test_what_nobody_took_is_sent_again(laid: Batch) -> None:
    """If this fails, a reminder that a broken relay swallowed counts as sent."""
    laid.office.settings_file.write_text(
        '[pemberitahuan]\nsurel = "127.0.0.1:1"\ndari = "a@b.example"\n[pemberitahuan.alamat]\nstaff = "c@b.example"\n'
        'kasi = "d@b.example"\n'
    )
    for _ in range(2):
        assert remind(laid.office, at(1)) == ([], ["surel"])
    assert sent_before(laid) == 0
    laid.office.settings_file.unlink()
    assert remind(laid.office, at(1))[0]
