"""The office is told when the analysts' copy is behind what was written: nobody decides by last month's figures."""

from datetime import UTC, timedelta

import pytest
from office_kit.small import Opened
from office_kit.writing import take_back, write

from flows.commands.reading import status
from flows.recover import renew_copy
from tasks.ledger import open_ledger
from tasks.publish import PUBLISHED, publish
from tasks.publish.stale import standing


def told(opened: Opened) -> str | None:
    office = opened.batch.office
    with open_ledger(office) as ledger:
        return standing(office.published / PUBLISHED, ledger)


def publish_now(opened: Opened) -> None:
    office, batch = opened.batch.office, opened.batch
    batch.desk.clock += timedelta(minutes=1)
    with open_ledger(office) as ledger:
        publish(opened.con, office, ledger, (batch.agenda, batch.desk.clock.astimezone(UTC)))


def test_nothing_is_missed_before_the_first_writing(opened: Opened) -> None:
    """If this fails, a new office is sent after a copy that nobody needs yet."""
    assert told(opened) is None


def test_a_copy_that_failed_is_told_until_it_is_made(opened: Opened) -> None:
    """If this fails, publishing fails and analysts go on with figures of before the writing, or are warned for ever."""
    publish_now(opened)
    opened.batch.desk.clock += timedelta(minutes=5)
    opened.batch.sign()
    write(opened)
    behind = told(opened)
    assert behind is not None
    assert "TERTINGGAL: terbit 06-10-2026" in behind
    assert f"agenda {opened.batch.agenda} ditulis" in behind
    assert "sinkron recover" in behind
    publish_now(opened)
    assert "memuat semua" in str(told(opened))


def test_an_undo_must_be_in_it_too(opened: Opened) -> None:
    """If this fails, analysts count corrections that were taken back."""
    opened.batch.sign()
    write(opened)
    publish_now(opened)
    opened.batch.desk.clock += timedelta(minutes=5)
    case = take_back(opened, opened.batch.agenda)
    assert f"agenda {case.agenda} ditulis" in str(told(opened))


@pytest.mark.parametrize("content", [None, b"", b"bukan salinan"])
def test_a_copy_that_is_gone_or_broken_is_told(opened: Opened, content: bytes | None) -> None:
    """If this fails, a removed or broken file counts as up to date, or `sinkron status` ends in a traceback."""
    opened.batch.sign()
    write(opened)
    path = opened.batch.office.published / PUBLISHED
    path.unlink(missing_ok=True)
    if content is not None:
        path.write_bytes(content)
    assert "belum ada atau tidak terbaca" in str(told(opened))


def test_status_says_so(opened: Opened, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, `sinkron status` is silent about a copy that is behind."""
    import argparse

    opened.batch.sign()
    write(opened)
    monkeypatch.setenv("SINKRON_HOME", str(opened.batch.office.home))
    status(argparse.Namespace())
    assert "Salinan analis TERTINGGAL" in capsys.readouterr().out


def test_a_lost_copy_is_made_again(opened: Opened) -> None:
    """If this fails, analysts have nothing after a restore until somebody writes the next batch."""
    office = opened.batch.office
    assert renew_copy(office, opened.batch.desk.clock) == []
    opened.batch.sign()
    write(opened)
    opened.con.close()
    later = opened.batch.desk.clock + timedelta(minutes=5)
    assert opened.batch.agenda in renew_copy(office, later)[0]
    assert "memuat semua" in str(told(opened))
    assert renew_copy(office, later) == []
    (office.published / PUBLISHED).unlink()
    assert renew_copy(office, later)
