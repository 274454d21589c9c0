"""What else an operator types: what doctor, remind, reference, status and disposisi tell, and their exit codes."""

import io
import sys
from pathlib import Path

import pytest
from office_kit.signers import NIP, Desk
from office_kit.small import Batch

from flows.cli import main
from tasks.doctor.state import State
from tasks.errors import Exit
from tasks.ledger import Kind, entries, head, open_ledger
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


@pytest.mark.parametrize(
    "words",
    [
        ["pause", "{agenda}", "--surat", "470/12/2026"],
        ["history", "{agenda}", "--terbuka", "--alasan", "audit"],
        ["originals", "{agenda}", "--ke", "asal", "--alasan", "audit"],
    ],
    ids=lambda words: words[0],
)
def test_no_code_at_all_is_nobodys_try(
    words: list[str], batch: Batch, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If this fails, a script without a terminal, or Enter at the prompt, locks a person for a quarter of an hour."""
    monkeypatch.setenv("SINKRON_HOME", str(batch.office.home))
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    with open_ledger(batch.office) as ledger:
        before = head(ledger)
    assert main([*(word.format(agenda=batch.agenda) for word in words), "--nip", NIP["staff"]]) == Exit.USAGE
    assert "kode sekali pakai: kosong" in capsys.readouterr().err
    with open_ledger(batch.office) as ledger:
        assert head(ledger) == before


@pytest.mark.parametrize("letter", ["", "  "])
def test_a_pause_without_a_letters_number_ends_none(
    letter: str, batch: Batch, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If this fails, an empty variable in a script lets the SOP's clock go on, signed by Staff."""
    monkeypatch.setenv("SINKRON_HOME", str(batch.office.home))
    assert main(["pause", batch.agenda, "--surat", letter, "--nip", NIP["staff"], "--kode", "1"]) == Exit.USAGE
    assert "--surat: kosong" in capsys.readouterr().err


def test_a_number_that_nobody_received_is_told_as_such(
    typed: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If this fails, a mistyped number is explained by what is wrong with another batch."""
    typed.office.settings_file.write_text("retensi_tahun = 1\n")
    asked = (["pause", "2026-9999", "--surat", "470/1/2026", "--nip", NIP["staff"]],
             ["purge", "2026-9999", "--alasan", "x"])  # fmt: skip
    for words in asked:
        assert main(words) == Exit.USAGE
        assert capsys.readouterr().err.startswith("sinkron: nomor agenda: 2026-9999.")


def test_purge_without_a_number_is_a_list(typed: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, who forgot the number thinks that the destruction is under way."""
    assert main(["purge"]) == Exit.OK
    assert capsys.readouterr().out == "Belum ada agenda yang selesai ditulis.\n"
    assert main(["purge", "--alasan", "JRA"]) == Exit.USAGE


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
