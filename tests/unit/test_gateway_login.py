"""An office behind a door: only answers through a login count, roles come from the ledger, the settings are whole."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from office_kit.signers import NIP, NOW, Desk

from flows.gateway.roles import ANSWERED, NOT_WAITING, NOT_YOURS, OTHER_NIP, Roles, why_not
from flows.gateway.rules import Role
from flows.rest import Run
from tasks.approvals.case import Case
from tasks.approvals.decide import PAST_THE_DOOR, Judging, Question, Verdict, decide, judging
from tasks.approvals.docket import FORM, TERMINAL
from tasks.approvals.people import Mandate, Person, disable, register
from tasks.errors import UserError
from tasks.evidence import verifier
from tasks.evidence.export import export
from tasks.ledger import Kind, entries, open_ledger, verify
from tasks.office import Office
from tasks.office_settings import Door, read_settings

WHOLE = """
[pintu]
wajib = true
alamat = "https://sinkron.kota.example"
dasbor = "https://sinkron.kota.example:8443"
port = 4210
[pintu.orang]
"199001012015011001" = "teknisi"
"199001012015011002" = "pengamat"
"198502022010011902" = "teknisi"
"""


def say(desk: Desk, role: str, channel: str, login: str) -> Verdict:
    """One right answer in an office that demands a login."""
    desk.attempts += 1
    question = Question(Case(*desk.case), role, desk.attempts, channel)
    answer = replace(desk.answer(role, "Ajukan" if role == "staff" else "Ya"), login=login)
    office = desk.judging()
    with open_ledger(desk.office) as ledger:
        desk.propose(ledger)
        return decide(ledger, Judging(office.key, office.separation, office.now, needs_login=True), question, answer)


@pytest.mark.parametrize("login", ["", NIP["kabid"], "198502022010011902 "])
def test_a_form_without_the_signers_own_login_is_an_attempt(desk: Desk, login: str) -> None:
    """If this fails, who reaches Prefect past the door signs with a code read over a shoulder."""
    say(desk, "staff", FORM, NIP["staff"])
    verdict = say(desk, "kasi", FORM, login)
    assert (verdict.accepted, verdict.reason) == (False, PAST_THE_DOOR)
    with open_ledger(desk.office) as ledger:
        (attempt,) = entries(ledger, kind=Kind.ATTEMPT)
    assert (attempt.payload["proved"], attempt.payload["guess"]) == (True, False)


def test_a_login_stands_in_the_ledger_and_disturbs_no_verifier(desk: Desk, tmp_path: Path) -> None:
    """If this fails, nobody can tell later how an answer came, or honest ledgers are called wrong."""
    assert say(desk, "staff", FORM, NIP["staff"]).accepted
    for role in ("kasi", "kabid", "kadis"):
        assert say(desk, role, FORM, NIP[role]).accepted
    with open_ledger(desk.office) as ledger:
        assert [entry.payload["login"] for entry in entries(ledger, kind=Kind.DECISION)] == list(NIP.values())
        verify(ledger)
        export(ledger, desk.office.anchors, tmp_path / "bukti")
    checked = [sys.executable, "-I", Path(verifier.__file__), tmp_path / "bukti"]
    said = subprocess.run(checked, capture_output=True, text=True, check=False)
    assert said.stdout.startswith("BENAR"), said.stdout


def test_the_terminal_needs_no_login(desk: Desk) -> None:
    """If this fails, an office whose network is down cannot decide on the server itself."""
    assert say(desk, "staff", TERMINAL, "").accepted
    assert say(desk, "kasi", TERMINAL, "").accepted
    with open_ledger(desk.office) as ledger:
        assert all("login" not in entry.payload for entry in entries(ledger, kind=Kind.DECISION))


def test_the_office_decides_whether_a_login_is_needed(office: Office) -> None:
    """If this fails, an office on one desk is locked out, or a door stands open that was closed in kantor.toml."""
    assert judging(office, NOW).needs_login is False
    office.settings_file.write_text(WHOLE)
    assert judging(office, NOW).needs_login is True


def test_roles_come_from_mandates_and_from_the_list(desk: Desk) -> None:
    """If this fails, a mandate gives no entry, or one person starts runs as engineer and signs them as Kasi."""
    office = desk.office
    office.settings_file.write_text(WHOLE)
    roles = Roles(office)
    assert roles.of(NIP["staff"]) is Role.STAFF
    assert {roles.of(NIP[role]) for role in ("kasi", "kabid", "kadis")} == {Role.APPROVER}
    assert roles.of("199001012015011001") is Role.ENGINEER
    assert roles.of("199001012015011002") is Role.VIEWER
    assert roles.of("199001012015011003") is None


def test_who_holds_nothing_today_has_no_role(desk: Desk) -> None:
    """If this fails, somebody who left the office still looks into its work."""
    office = desk.office
    past = Mandate("kadis", valid_from="2020-01-01", valid_to="2020-12-31")
    with open_ledger(office) as ledger:
        register(ledger, office.key("totp"), (Person("197001012000011001", "UJI Lama"), past), NOW)
        disable(ledger, NIP["kabid"], "mutasi", datetime.now(UTC))
    roles = Roles(office)
    assert roles.of("197001012000011001") is None
    assert roles.of(NIP["kabid"]) is None


def test_only_whose_turn_it_is_may_answer(desk: Desk) -> None:
    """If this fails, the wrong person's form goes on and costs a try, or the right person is sent away."""
    with open_ledger(desk.office) as ledger:
        desk.propose(ledger)
    desk.sign("staff")
    run = Run("r", "", "Suspended", "kasi-r1-c1", "", desk.case[0])

    def asked(who: str, typed: tuple[object, object] = ("Ya", ""), gate: str | None = "kasi-r1-c1") -> str:
        return why_not(desk.office, replace(run, gate=gate), NIP[who], (typed[0], typed[1] or NIP[who]))

    assert asked("kasi") == ""
    assert asked("kabid") == NOT_YOURS.format("Kasi")
    assert asked("kasi", ("Ya", NIP["kabid"])) == OTHER_NIP
    assert asked("kasi", ("Ya", ["x"])) == OTHER_NIP
    assert asked("kasi", gate=None) == NOT_WAITING
    assert asked("kabid", gate="kabid-r1-c1") == asked("kasi", gate="kasi-r2-c1") == ANSWERED
    assert asked("kasi", gate="kasi-r1") == ANSWERED
    assert asked("staff", ("Cabut", "")) == ""
    assert asked("staff") == asked("kadis", ("Cabut", "")) == NOT_YOURS.format("Kasi")


def test_the_door_is_read_from_kantor_toml(office: Office) -> None:
    """If this fails, the office's own choice of door is taken for another."""
    assert office.settings.pintu == Door()
    office.settings_file.write_text(WHOLE)
    door = office.settings.pintu
    assert (door.wajib, door.alamat, door.port) == (True, "https://sinkron.kota.example", 4210)
    assert dict(door.orang)["199001012015011001"] == "teknisi"


@pytest.mark.parametrize(("line", "told"), [
    ("wajib = true", "pintu.alamat"), ('wajib = "ya"', "pintu.wajib"), ('alamat = "http://x"', "pintu.alamat"),
    ('alamat = "https://x/y"', "pintu.alamat"), ('alamat = "https://x y"', "pintu.alamat"), ("port = 80", "pintu.port"),
    ("port = true", "pintu.port"), ("port = 65535", "pintu.port"), ('dasbor = "x"', "pintu.dasbor"),
    ('[pintu.orang]\n"1" = "teknisi"', "pintu.orang"), ('[pintu.orang]\n"199001012015011001" = "kadis"', "pintu.orang"),
    ('orang = "x"', "pintu.orang"), ("warna = 1", "pintu.warna"),
])  # fmt: skip
def test_faults_of_the_door_are_told(tmp_path: Path, line: str, told: str) -> None:
    """If this fails, a slip of the pen leaves the office without a door."""
    path = tmp_path / "kantor.toml"
    path.write_text(f"[pintu]\n{line}\n")
    with pytest.raises(UserError, match=told):
        read_settings(path)
