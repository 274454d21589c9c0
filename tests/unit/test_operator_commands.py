"""What else an operator types: what doctor, remind, reference, status and disposisi tell, and their exit codes."""

from pathlib import Path

import pytest
from office_kit.signers import Desk
from office_kit.small import Batch

from flows.cli import main
from tasks.doctor.state import State
from tasks.errors import Exit
from tasks.ledger import Kind, entries, open_ledger
from tasks.private import sha256_of
from tasks.store import open_store

NIKS = ("3576014101909001", "3576014101909002")


@pytest.fixture
def typed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The office whose commands are typed."""
    monkeypatch.setenv("SINKRON_HOME", str(desk.office.home))
    return desk


def test_doctor_tells_the_worst_first_and_its_exit_code_says_how_bad(
    typed: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    """If this fails, a timer that asks every night never hears that the office's key lies open."""
    assert main(["doctor"]) == Exit.FINDINGS
    typed.office.key_file.chmod(0o644)
    capsys.readouterr()
    assert main(["doctor"]) == Exit.OFFICE
    lines = capsys.readouterr().out.splitlines()
    order = [State(line[:15].strip()) for line in lines]
    assert order == sorted(order, key=[State.BROKEN, State.SOON, State.GOOD].index)
    assert {*order} == {*State}
    assert all(" -> " in line for line, state in zip(lines, order, strict=True) if state is not State.GOOD)


def test_remind_says_when_there_is_nothing_to_send(typed: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, the operator who tries the timer's command does not know whether it did anything."""
    assert main(["remind"]) == Exit.OK
    assert capsys.readouterr().out == "Tidak ada yang perlu diingatkan sekarang.\n"
    with open_ledger(typed.office) as ledger:
        assert not entries(ledger, kind=Kind.NOTICE)


def test_a_list_of_the_dead_is_loaded_and_entered(
    typed: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """If this fails, nobody can show by which list a resident was called dead, or a broken one replaces a good one."""
    path = tmp_path / "akta.csv"
    path.write_text("\n".join(["NIK", *NIKS]))
    assert main(["reference", "kematian", str(path)]) == Exit.OK
    assert capsys.readouterr().out == "Daftar kematian: 2 NIK\n"
    path.write_text("NIK\n123")
    assert main(["reference", "kematian", str(path)]) == Exit.FILE
    assert "akta.csv, baris 2" in capsys.readouterr().err
    with open_ledger(typed.office) as ledger:
        assert [entry.payload["niks"] for entry in entries(ledger, kind=Kind.REFERENCE)] == [2]
    with open_store(typed.office) as con:
        held = con.execute("select nik from reference_lists where kind = 'kematian' order by nik").fetchall()
    assert [nik for (nik,) in held] == list(NIKS)


@pytest.mark.parametrize("command", [["reference", "kematian"], ["baseline"]], ids=lambda words: words[0])
def test_a_file_that_is_not_there_founds_no_office(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, a slip of the pen in SINKRON_HOME leaves a second, empty office with a key of its own."""
    monkeypatch.setenv("SINKRON_HOME", str(tmp_path / "kantor"))
    assert main([*command, str(tmp_path / "tidak-ada.csv")]) == Exit.USAGE
    assert not (tmp_path / "kantor").exists()


def test_status_of_a_new_office_says_so(typed: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, who looks at a new office sees an empty screen and thinks the command broken."""
    assert main(["status"]) == Exit.OK
    assert "Belum ada agenda" in capsys.readouterr().out


def test_the_lembar_disposisi_is_made_and_entered(
    batch: Batch, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If this fails, the sheet that goes round with the letter is missing, or nobody knows that it was printed."""
    monkeypatch.setenv("SINKRON_HOME", str(batch.office.home))
    assert main(["disposisi", batch.agenda]) == Exit.OK
    path = Path(capsys.readouterr().out.strip())
    assert path.read_bytes().startswith(b"%PDF")
    with open_ledger(batch.office) as ledger:
        facts = entries(ledger, batch.agenda, Kind.EXPORTED)[-1].payload
    assert facts == {"file": path.name, "sha256": sha256_of(path), "masked": True}
    assert main(["disposisi", "2026-0099"]) == Exit.USAGE
