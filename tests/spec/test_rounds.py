"""What happens when people change their minds or the register changes under a proposal, on a real Prefect server."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from office_kit.small import Batch

from flows.cli import main
from tasks.approvals.docket import docket
from tasks.ledger import Kind, entries, open_ledger
from tasks.store import open_store
from tests.spec.conftest import NIP, Driver

pytestmark = pytest.mark.server


def fingerprint(batch: Batch) -> Any:
    with open_store(batch.office) as con:
        return con.execute(
            "select md5(string_agg(p::varchar, chr(10) order by resident_id)) from penduduk p"
        ).fetchone()


def kinds(batch: Batch, agenda: str) -> list[str]:
    with open_ledger(batch.office) as ledger:
        return [entry.kind for entry in entries(ledger, agenda)]


def test_a_signature_is_withdrawn_in_the_next_form(small_batch: Batch) -> None:
    """If this fails, a Kasi who sees his mistake a minute later can only watch it being signed on."""
    run = Driver(small_batch.office, agenda=small_batch.agenda)
    run.answer()
    run.answer()
    assert run.gate == "kabid-r1-c1"
    run.answer("Cabut", who="kadis")  # not his signature
    assert run.gate == "kabid-r1-c2"
    assert "tidak memegang jabatan" in run.form()
    run.answer("Cabut", who="kasi")
    assert run.gate == "kasi-r1-c2"
    for _ in range(3):
        run.answer()
    assert run.state == "Completed"


def test_staff_withdraws_the_proposal(small_batch: Batch) -> None:
    """If this fails, Staff who forgot a document cannot get the proposal back before the Kasi has seen it."""
    run = Driver(small_batch.office, agenda=small_batch.agenda)
    run.answer()
    run.answer("Cabut", who="staff", catatan="lupa akta")
    assert run.gate == "staff-r2-c1"
    assert "Staff menarik usulan ronde 1" in run.form()
    assert "lupa akta" in run.form()


def test_a_conflict_goes_back_to_staff_with_the_list(small_batch: Batch) -> None:
    """If this fails, a correction overwrites what was changed at the counter yesterday, or is stuck for good."""
    run = Driver(small_batch.office, agenda=small_batch.agenda)
    for _ in range(3):
        run.answer()
    with open_store(small_batch.office) as con:
        row, resident = con.execute(
            "select row_id, resident_id from changes where element = 'nama_lgkp' and resident_id is not null "
            "order by row_id limit 1").fetchone()  # fmt: skip
        con.execute("update penduduk set nama_lgkp = 'UJI LOKET' where resident_id = ?", [resident])
    before = fingerprint(small_batch)
    run.answer()
    assert run.gate == "staff-r2-c1"
    assert "data penduduk berubah sejak diusulkan" in run.form()
    listing = (small_batch.office.desk / f"konflik-{small_batch.agenda}-r1.txt").read_text()
    assert f"baris {row}: nama_lgkp" in listing
    assert "UJI LOKET" not in listing
    assert fingerprint(small_batch) == before
    for _ in range(4):
        run.answer()
    assert run.state == "Completed"
    assert kinds(small_batch, small_batch.agenda).count(Kind.WRITTEN) == 1


def test_the_terminal_and_the_form_are_one_chain(small_batch: Batch, capsys: Any) -> None:
    """If this fails, a decision from the terminal counts less, twice, or not for the run that waits."""
    run = Driver(small_batch.office, agenda=small_batch.agenda)
    run.answer()
    assert run.gate == "kasi-r1-c1"
    said = ["decide", small_batch.agenda, "Ya", "--nip", NIP["kasi"], "--kode-berkas", run.file_code()]
    assert main([*said, "--kode", "000000"]) == 9
    assert "NIP atau kode tidak cocok" in capsys.readouterr().err
    assert main([*said, "--kode", run.code("kasi")]) == 0
    force(run)
    assert run.gate == "kabid-r1-c1"
    for _ in range(2):
        run.answer()
    assert run.state == "Completed"


def force(run: Driver) -> None:
    """The watcher of a running office sees that the ledger has answered."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.objects import State, StateType

    with get_client(sync_client=True) as client:
        client.set_flow_run_state(run.id, State(type=StateType.SCHEDULED), force=True)
    run.go()


def test_a_written_batch_is_undone_by_the_same_chain(small_batch: Batch, capsys: Any) -> None:
    """If this fails, a wrong batch stays in the register, or one person alone takes it back."""
    from flows.undo import pembatalan

    before = fingerprint(small_batch)
    run = Driver(small_batch.office, agenda=small_batch.agenda)
    for _ in range(4):
        run.answer()
    assert fingerprint(small_batch) != before
    assert main(["undo", small_batch.agenda, "--alasan", "surat dicabut"]) == 0
    name = f"{small_batch.agenda}-U1"
    assert name in capsys.readouterr().out
    back = Driver(small_batch.office, pembatalan, agenda=name)
    for gate in ("staff-r1-c1", "kasi-r1-c1", "kabid-r1-c1", "kadis-r1-c1"):
        assert back.gate == gate
        assert fingerprint(small_batch) != before
        back.answer()
    assert back.state == "Completed"
    assert fingerprint(small_batch) == before
    assert Kind.UNDONE in kinds(small_batch, name)


def test_a_refused_undo_changes_nothing(small_batch: Batch) -> None:
    """If this fails, an undo that the Kasi refused hangs in the list for ever, or happens all the same."""
    from flows.undo import pembatalan

    run = Driver(small_batch.office, agenda=small_batch.agenda)
    for _ in range(4):
        run.answer()
    after = fingerprint(small_batch)
    assert main(["undo", small_batch.agenda, "--alasan", "ragu"]) == 0
    back = Driver(small_batch.office, pembatalan, agenda=f"{small_batch.agenda}-U1")
    back.answer()
    back.answer("Tidak", catatan="tidak perlu")
    assert back.state == "Completed"
    assert fingerprint(small_batch) == after
    with open_ledger(small_batch.office) as ledger:
        assert not docket(ledger, f"{small_batch.agenda}-U1").is_open
    assert main(["undo", small_batch.agenda, "--alasan", "jadi"]) == 0  # asked again: another case
    with open_ledger(small_batch.office) as ledger:
        assert docket(ledger, f"{small_batch.agenda}-U2").turn() == "staff"


def test_who_waits_is_told_from_the_ledger(small_batch: Batch, capsys: Any, tmp_path: Path) -> None:
    """If this fails, nobody knows on whose desk a batch lies and since when."""
    run = Driver(small_batch.office, agenda=small_batch.agenda)
    run.answer()
    run.answer(kode="000000")
    assert main(["waiting"]) == 0
    told = capsys.readouterr().out
    assert small_batch.agenda in told
    assert "menunggu Kasi" in told
    assert f"{datetime.now(UTC):%Y}" in told
    assert NIP["kasi"] in told
    assert "1 isian tidak berlaku" in told
