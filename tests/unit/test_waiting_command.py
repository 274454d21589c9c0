"""``sinkron waiting`` names who can act now."""

import argparse

import pytest
from office_kit.signers import Desk

from flows.commands.waiting import show_waiting
from tasks.documents.issue import Document, issue
from tasks.documents.verification_sheet import sheet_name
from tasks.ledger import Kind, append, open_ledger, writing


def told(desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """What the command prints about the desk's office."""
    monkeypatch.setenv("SINKRON_HOME", str(desk.office.home))
    show_waiting(argparse.Namespace())
    return capsys.readouterr().out


def test_nobody_is_named_before_the_sheet_is_there(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If this fails, the Kasi is told to decide by a sheet that does not lie there yet."""
    with open_ledger(desk.office) as ledger, writing(ledger):
        append(ledger, desk.clock, (Kind.RECEIVED, desk.case[0], "sinkron"), {"files": [], "origin": "cli"})
    with open_ledger(desk.office) as ledger:
        desk.propose(ledger)
    said = told(desk, monkeypatch, capsys)
    assert "menunggu Staff: Meneliti" in said
    assert "batas 450 menit kerja: 07-10-2026 09.00 WIB, SUDAH LEWAT" in said
    desk.sign("staff")
    said = told(desk, monkeypatch, capsys)
    assert "menunggu sistem untuk Kasi: lembar verifikasi" in said
    assert "yang berwenang" not in said
    with open_ledger(desk.office) as ledger:
        sheet = Document(sheet_name(desk.case[0], 1), b"%PDF-1.7 lembar uji", masked=True)
        issue(desk.office, ledger, (desk.case[0], desk.clock), sheet)
    said = told(desk, monkeypatch, capsys)
    assert "menunggu Kasi: Memverifikasi" in said
    assert "yang berwenang hari ini: Kasi" in said
