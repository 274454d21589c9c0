"""``sinkron waiting`` names who can act now."""

import argparse

import pytest
from office_kit.signers import NIP, OTHER_DIGEST, Desk, add_mandate

from flows.commands.waiting import show_waiting
from tasks.approvals.case import Case
from tasks.approvals.docket import DRAFT, FINAL, docket, record_proposal
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


def test_who_decided_before_what_is_repeated_may_only_refuse(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If this fails, a batch is stuck with a Kasi who was its Staff two lists ago, and nobody is told whom to ask."""
    desk.sign("staff")
    desk.case = ("2026-0002", 1, OTHER_DIGEST)
    facts = {"staff": False, "rows": 1, "changes": 1, "rests_on": ["2026-0001"]}
    with open_ledger(desk.office) as ledger:
        with writing(ledger):
            append(ledger, desk.clock, (Kind.RECEIVED, desk.case[0], "sinkron"), {"files": [], "origin": "cli"})
        for step in (DRAFT, FINAL):
            record_proposal(ledger, Case(*desk.case), (step, facts), desk.clock)
        add_mandate(ledger, "staff", "kasi")
        sheet = Document(sheet_name(desk.case[0], 1), b"%PDF-1.7 lembar uji", masked=True)
        issue(desk.office, ledger, (desk.case[0], desk.clock), sheet)
    said = told(desk, monkeypatch, capsys)
    assert f"yang berwenang hari ini: Kasi UJI Kasi ({NIP['kasi']})\n" in said
    assert f"hanya dapat menjawab Tidak: Kasi UJI Staff ({NIP['staff']}) menyusun agenda 2026-0001" in said
    refused = desk.say("kasi", "Ya", who="staff", lay=False)
    assert not refused.accepted
    assert refused.reason == "menyusun keputusan agenda 2026-0001 yang dipakai lagi; minta Plh/Plt"
    assert desk.say("kasi", "Tidak", who="staff", note="dahulu keliru", lay=False).accepted
    with open_ledger(desk.office) as ledger:
        assert docket(ledger, "2026-0002").current.leads_to == "staff"
