"""Signatures of device keys long after: what an auditor finds wrong, and how one is verified with openssl alone."""

import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from office_kit.device_desk import Keyed, enrol, keyed_desk
from office_kit.device_key import EDDSA, DeviceKey
from office_kit.door import ADDRESS, put_door
from office_kit.forger import Row, rewrite
from office_kit.signers import NIP, Desk

from flows import settings
from flows.cli import main
from tasks.approvals.answer import statement
from tasks.documents.facts_people import standing
from tasks.errors import Exit, UserError
from tasks.evidence.export import export
from tasks.evidence.findings import Severity
from tasks.evidence.replay import read_book
from tasks.ledger import Kind, append, entries, open_ledger, writing
from tasks.office import Office


@pytest.fixture
def keyed(desk: Desk) -> Keyed:
    return keyed_desk(desk)


def test_forged_entries_of_device_keys_are_found(keyed: Keyed) -> None:
    """If this fails, who writes to the ledger puts a device there, or a decision that no device signed."""
    office = keyed.desk.office
    assert keyed.say("kasi").accepted
    kept = keyed.last()
    forged = DeviceKey(name=b"kunci-palsu-palsu")
    with open_ledger(office) as ledger, writing(ledger):
        facts = {"nip": NIP["kabid"], "method": "device", "proof": forged.device().facts, "login": NIP["kabid"]}
        append(ledger, keyed.desk.clock, (Kind.CREDENTIAL, "", NIP["kabid"]), facts)
    assert any("tanpa kode pendaftaran" in text for text in keyed.faults())
    taken = kept | {"role": "kabid", "key": kept["key"].replace("kasi", "kabid")}
    with open_ledger(office) as ledger, writing(ledger):
        append(ledger, keyed.desk.clock, (Kind.DECISION, keyed.desk.case[0], NIP["kabid"]), taken)
    assert any("kabid" in text and "tanda tangan palsu" in text for text in keyed.faults())


def test_an_auditor_verifies_a_signature_with_openssl_alone(keyed: Keyed, tmp_path: Path) -> None:
    """If this fails, the commands in docs/auditor.md do not do what they say, or take a changed decision for signed."""
    key = DeviceKey(EDDSA, name=b"kunci-ed25519-kabid")
    enrol(keyed.desk.office, "kabid", key, keyed.desk.clock)
    keyed.keys["kabid"] = key
    assert keyed.say("kasi").accepted
    assert keyed.say("kabid").accepted
    folder = tmp_path / "bukti"
    with open_ledger(keyed.desk.office) as ledger:
        export(ledger, keyed.desk.office.anchors, folder)
        kasi, kabid = (entry.seq for entry in entries(ledger, kind=Kind.DECISION)[1:])
    page = (settings.REPOSITORY / "docs" / "auditor.md").read_text()
    commands = re.findall(r"^openssl .*$", page, re.MULTILINE)
    assert len(commands) == 4

    def run(command: str, seq: int) -> subprocess.CompletedProcess[str]:
        ours = command.replace("57.", f"{seq}.")
        return subprocess.run(
            ["bash", "-c", ours], cwd=folder / "perangkat", capture_output=True, text=True, check=False
        )

    verified, edwards, over, challenge = commands
    assert run(verified, kasi).stdout == "Verified OK\n"
    assert "Verified Successfully" in run(edwards, kabid).stdout
    for seq in (kasi, kabid):
        said = json.loads((folder / f"perangkat/{seq}.json").read_text())
        assert run(challenge, seq).stdout.strip() == said["challenge"]
        assert (folder / f"perangkat/{seq}.bin").read_bytes().hex().endswith(run(over, seq).stdout.split()[-1])
    signed = folder / f"perangkat/{kasi}.bin"
    signed.write_bytes(signed.read_bytes()[:-1] + b"x")
    assert run(verified, kasi).returncode != 0
    checked = [sys.executable, "-I", folder / "verifier.py", folder]
    assert subprocess.run(checked, capture_output=True, text=True, check=True).stdout.startswith("BENAR")


def test_without_the_library_nobody_signs_and_everybody_verifies(keyed: Keyed, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, an auditor needs the office's library; or half a check counts where it is missing."""
    assert keyed.say("kasi").accepted
    monkeypatch.setitem(sys.modules, "webauthn", None)
    assert keyed.faults() == []
    with open_ledger(keyed.desk.office) as ledger:
        before = len(entries(ledger))
    with pytest.raises(UserError, match="pustaka webauthn belum terpasang"):
        keyed.say("kabid")
    with open_ledger(keyed.desk.office) as ledger:
        assert len(entries(ledger)) == before


def test_the_operator_gets_a_code_where_a_device_can_sign(
    keyed: Keyed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If this fails, a code is handed out for a page that is not there, or nobody sees who has a device."""
    office = Office(keyed.desk.office.home)
    monkeypatch.setenv("SINKRON_HOME", str(office.home))
    asked = ["approver", "rotate", "--nip", NIP["kasi"], "--kunci-perangkat"]
    assert main(asked) == Exit.OFFICE
    assert "[pintu]" in capsys.readouterr().err
    assert main(["approver", "list"]) == Exit.OK
    assert capsys.readouterr().out.count("kunci perangkat") == 3
    put_door(office)
    assert main(asked) == Exit.OK
    told = capsys.readouterr().out
    assert re.search(r": [0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4} ", told)
    assert f"{ADDRESS}/kunci-perangkat" in told
    assert main(["approver", "list"]) == Exit.OK
    assert capsys.readouterr().out.count("kunci perangkat") == 2


def test_the_berita_acara_says_how_each_of_them_signed(keyed: Keyed) -> None:
    """If this fails, the paper says "kode sekali pakai" of a signature that a device made."""
    assert keyed.say("kasi").accepted
    keyed.desk.sign("kabid")
    with open_ledger(keyed.desk.office) as ledger:
        ways = [one.way for one in standing(ledger, keyed.desk.case[0], 1)]
    assert ways == ["kode sekali pakai", "kunci perangkat", "kode sekali pakai"]


@pytest.mark.parametrize(
    "note", ["\u200b x", "x \u200b", "\ufeff halo ", "x\n\x00", "x \x7f", " \u2060 NIK 3576010101909001 "]
)
def test_an_odd_note_stays_a_good_signature(keyed: Keyed, note: str) -> None:
    """If this fails, a blank that was pasted along makes an honest signature a forged one for ever."""
    assert keyed.say("kasi", note=note).accepted
    assert keyed.faults() == []


def filed(keyed: Keyed, kind: Kind, facts: dict[str, object]) -> list[str]:
    """What is found wrong once an entry with these facts was added by somebody who closes the chain."""
    with open_ledger(keyed.desk.office) as ledger, writing(ledger):
        append(ledger, keyed.desk.clock, (kind, keyed.desk.case[0], NIP["kasi"]), facts)
    return keyed.faults()


def test_a_refused_try_is_no_decision(keyed: Keyed) -> None:
    """If this fails, who rewrites the ledger makes a signature count that the office refused."""
    assert not keyed.say("kasi", file_code="0000-0000").accepted
    tried = keyed.last()
    assert keyed.faults() == []
    assert filed(keyed, Kind.DECISION, tried | {"reason": "", "key": tried["key"] + "1"})
    assert filed(keyed, Kind.DECISION, tried | {"reason": ""})


def test_a_signature_taken_back_does_not_come_back(keyed: Keyed) -> None:
    """If this fails, a signature that was withdrawn is filed again, and counts."""
    assert keyed.say("kasi").accepted
    signed = keyed.last()
    assert keyed.say("kabid", decision="Cabut", nip=NIP["kasi"], by="kasi").accepted
    assert keyed.faults() == []
    assert filed(keyed, Kind.DECISION, signed)


@pytest.mark.parametrize(
    "change",
    [
        {"withdraws": "kasi"}, {"decision": "Cabut"}, {"mandate": {"role": "kasi", "kind": "plh", "letter": "PALSU/1"}},
        {"submitted_at": "2026-10-06T02:00:31.000001+00:00"}, {"note": "lain"}, {"login": NIP["kabid"]},
    ],
)  # fmt: skip
def test_what_stands_beside_a_signature_is_checked(keyed: Keyed, change: dict[str, object]) -> None:
    """If this fails, a signed Ya is filed as something else, or under another post, and nothing is found."""
    question, answer = keyed.asked("kasi")
    assert keyed.decide(
        question, replace(answer, assertion=keyed.keys["kasi"].sign(statement(question, answer)))
    ).accepted

    def forge(rows: list[Row]) -> None:
        rows[-1][5] |= change
        if change.get("withdraws"):
            rows[-1][2] = Kind.WITHDRAWN

    rewrite(keyed.desk.office, forge)
    with closing(sqlite3.connect(keyed.desk.office.ledger)) as ledger:
        book = read_book(ledger)
    assert [one for one in book.found if one.severity is Severity.WRONG]
