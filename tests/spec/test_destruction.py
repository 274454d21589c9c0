"""The destruction of a batch as people do it: a run of its own, four gates, and nothing left but the proof."""

from pathlib import Path
from typing import Any

import pytest
from office_kit import destroying
from office_kit.small import Batch

from flows.cli import main
from flows.recover import mend
from tasks.approvals.docket import docket
from tasks.ledger import open_ledger
from tasks.publish import PUBLISHED
from tasks.retention.destroy import left_of as left
from tests.spec.conftest import Driver


def left_of(batch: Batch) -> list[Path]:
    with open_ledger(batch.office) as ledger:
        return left(batch.office, ledger, batch.agenda)


@pytest.fixture
def old(tmp_path: Path, prefect_server: None, monkeypatch: pytest.MonkeyPatch) -> Batch:
    """An office of this process with a batch whose retention period is over."""
    batch = destroying.written(tmp_path / "kantor")
    monkeypatch.setenv("SINKRON_HOME", str(batch.office.home))
    return batch


def test_four_people_destroy_a_batch(old: Batch, capsys: Any) -> None:
    """If this fails, data are destroyed by one person, or never, or without a Berita Acara."""
    from flows.purge import pemusnahan

    office, number = old.office, f"{old.agenda}-P1"
    assert main(["purge"]) == 0
    assert "HABIS masa simpannya" in capsys.readouterr().out
    assert main(["purge", old.agenda, "--alasan", destroying.REASON]) == 0
    assert number in capsys.readouterr().out
    run = Driver(office, pemusnahan, agenda=number)
    for gate in ("staff-r1-c1", "kasi-r1-c1", "kabid-r1-c1", "kadis-r1-c1"):
        assert run.gate == gate
        assert "Tidak dapat dibatalkan" in run.form()
        assert left_of(old)
        run.answer()
    assert run.state == "Completed"
    assert left_of(old) == []
    assert (office.documents / number / f"berita-acara-{number}.pdf").exists()
    assert (office.published / PUBLISHED).exists()
    assert main(["verify"]) == 0
    capsys.readouterr()
    assert main(["purge"]) == 0
    assert "dimusnahkan" in capsys.readouterr().out
    for command in (["documents", old.agenda], ["documents", number], ["status"], ["agenda"]):
        assert main(command) == 0, command
    assert f"memusnahkan {old.agenda}" in capsys.readouterr().out
    assert main(["originals", old.agenda, "--ke", str(office.scratch / "x")]) == 2
    assert "dimusnahkan" in capsys.readouterr().err
    assert mend(office, destroying.AFTER) == []


def test_a_tidak_keeps_everything(old: Batch) -> None:
    """If this fails, a destruction that the Kabid refused happens all the same, or its run never ends."""
    from flows.purge import pemusnahan

    assert main(["purge", old.agenda, "--alasan", destroying.REASON]) == 0
    number = f"{old.agenda}-P1"
    run = Driver(old.office, pemusnahan, agenda=number)
    run.answer()
    run.answer()
    run.answer("Tidak", catatan="masih diperiksa")
    assert run.state == "Completed"
    assert left_of(old)
    with open_ledger(old.office) as ledger:
        assert not docket(ledger, number).is_open
