"""Deciding with a device key: what counts, what is an attempt, and that an honest ledger verifies."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from office_kit.device_desk import Keyed, enrol, invited, keyed_desk
from office_kit.device_key import DeviceKey
from office_kit.signers import NIP, NOW, OTHER_DIGEST, Desk

from expectations.approvals import MAX_FAILURES
from tasks.approvals.answer import statement
from tasks.approvals.decide import PAST_THE_DOOR, TOO_LATE
from tasks.approvals.device import NOT_THIS_KEY, NOT_VERIFIED, WENT_BACK, challenge_of
from tasks.approvals.docket import DEVICE, FORM
from tasks.approvals.invite import WRONG_CODE, Claim, enrol_device, invite
from tasks.approvals.online import enrolled
from tasks.approvals.people import Mandate, disable, grant, people, rotate
from tasks.errors import UserError
from tasks.ledger import entries, open_ledger
from tasks.office import Office


@pytest.fixture
def keyed(desk: Desk) -> Keyed:
    return keyed_desk(desk)


def test_three_device_keys_approve_and_verify_later(keyed: Keyed) -> None:
    """If this fails, signatures of device keys do not count, or an auditor cannot verify them from the ledger alone."""
    for role in ("kasi", "kabid", "kadis"):
        verdict = keyed.say(role)
        assert verdict.accepted, verdict.reason
        facts = keyed.last()
        assert (facts["method"], facts["channel"], facts["login"]) == ("perangkat", DEVICE, NIP[role])
        assert set(facts["assertion"]) == {"credential", "client", "authenticator", "signature", "count"}
    assert keyed.faults() == []


def test_asked_again_the_same_stands(keyed: Keyed) -> None:
    """If this fails, a page that is sent twice counts twice, or its second sending locks the person out."""
    question, answer = keyed.asked("kasi")
    answer = replace(answer, assertion=keyed.keys["kasi"].sign(statement(question, answer)))
    first = keyed.decide(question, answer)
    count = _count(keyed.desk.office)
    assert keyed.decide(question, answer) == first
    assert _count(keyed.desk.office) == count


def _count(office: Office) -> int:
    with open_ledger(office) as ledger:
        return len(entries(ledger))


def test_a_signature_counts_for_its_own_statement_alone(keyed: Keyed) -> None:
    """If this fails, an old signature, or one given for another answer, approves something else."""
    question, answer = keyed.asked("kasi")
    signed = keyed.keys["kasi"].sign(statement(question, answer))
    for change in ({"decision": "Tidak", "note": "x"}, {"note": "lain"}, {"at": answer.at + timedelta(seconds=1)}):
        other = replace(answer, assertion=signed, **change)
        assert keyed.decide(replace(question, attempt=question.attempt + 1000), other).reason == NOT_THIS_KEY
        keyed.desk.attempts += 1
    assert keyed.say("kasi", signed).reason == NOT_THIS_KEY


@pytest.mark.parametrize(("lies", "reason"), [
    ({"flags": 0x01}, NOT_VERIFIED), ({"flags": 0x04}, NOT_THIS_KEY), ({"count": 0}, ""),
    ({"rp": "lain.example"}, NOT_THIS_KEY),
    ({"origin": "https://lain.example"}, NOT_THIS_KEY), ({"origin": "http://sinkron.kota.example"}, NOT_THIS_KEY),
    ({"type": "webauthn.create"}, NOT_THIS_KEY), ({"crossOrigin": True}, NOT_THIS_KEY),
    ({"topOrigin": "https://lain.example"}, NOT_THIS_KEY), ({"challenge": challenge_of(b"")}, NOT_THIS_KEY),
    ({"flags": 0x0D}, NOT_THIS_KEY), ({"tail": b"x"}, NOT_THIS_KEY),
])  # fmt: skip
def test_what_the_device_and_the_browser_must_say(keyed: Keyed, lies: dict[str, Any], reason: str) -> None:
    """If this fails, a stolen key without its PIN, or a page of another site, signs for an official."""
    verdict = keyed.say("kasi", lies=lies)
    assert (verdict.accepted, verdict.reason) == (reason == "", reason)
    if reason:
        assert (keyed.last()["guess"], "assertion" in keyed.last()) == (True, False)


def test_a_copied_device_is_noticed(keyed: Keyed) -> None:
    """If this fails, a copy of a key signs beside the original and nobody sees it."""
    keyed.keys["kasi"].count = 7
    assert keyed.say("kasi", file_code="0000-0000").reason.startswith("kode berkas")
    assert keyed.last()["assertion"]["count"] == 8
    for count in (8, 3, 0):
        assert keyed.say("kasi", lies={"count": count}).reason == WENT_BACK
    keyed.keys["kasi"].count = 8
    assert keyed.say("kasi").accepted
    assert keyed.faults() == []


def test_another_persons_device_signs_nothing(keyed: Keyed) -> None:
    """If this fails, an official signs with a colleague's key, or for a colleague with his own."""
    assert keyed.say("kasi", by="kabid").reason == NOT_THIS_KEY
    assert keyed.say("kasi", nip=NIP["kabid"], by="kasi").reason == NOT_THIS_KEY
    keyed.keys["kabid"].name = keyed.keys["kasi"].name
    assert keyed.say("kasi", by="kabid").reason == NOT_THIS_KEY


def test_a_login_of_another_does_not_count(keyed: Keyed) -> None:
    """If this fails, one login hands in what another person's device signed."""
    for login in ("", NIP["kabid"]):
        assert keyed.say("kasi", login=login).reason == PAST_THE_DOOR
    assert keyed.last()["proved"] is True


def test_a_device_signs_on_its_own_page_alone(keyed: Keyed) -> None:
    """If this fails, a form or a code passes for a device's signature, which is then missing in the ledger."""
    assert keyed.say("kasi", channel=FORM).reason == PAST_THE_DOOR
    question, answer = keyed.asked("kasi")
    answer = replace(answer, code=keyed.desk.code("kasi", answer.at))
    assert keyed.decide(question, answer).reason == PAST_THE_DOOR


@pytest.mark.parametrize(("minutes", "accepted"), [(4, True), (6, False)])
def test_what_was_asked_long_ago_is_not_signed(keyed: Keyed, minutes: int, accepted: bool) -> None:
    """If this fails, a statement prepared before a mandate ended is signed after it."""
    verdict = keyed.say("kasi", after=timedelta(minutes=minutes))
    assert (verdict.accepted, verdict.reason) == (accepted, "" if accepted else TOO_LATE)


def test_failed_signatures_lock_like_wrong_codes(keyed: Keyed) -> None:
    """If this fails, somebody tries devices on an official's login without end."""
    for _ in range(MAX_FAILURES):
        assert keyed.say("kasi", by="kabid").reason == NOT_THIS_KEY
    assert keyed.say("kasi").reason.startswith("terlalu banyak percobaan")
    assert keyed.desk.say("kasi", lay=False).reason.startswith("terlalu banyak percobaan")


def test_every_other_rule_holds_as_well(keyed: Keyed) -> None:
    """If this fails, a device key is a way around kode berkas, digest, order, separation or mandate."""
    assert "kode berkas" in keyed.say("kasi", file_code="").reason
    assert "sudah berganti" in keyed.say("kasi", digest=OTHER_DIGEST).reason
    assert "belum disetujui" in keyed.say("kabid").reason
    assert keyed.say("kasi", decision="Tidak").reason == "Tidak wajib disertai catatan"
    assert "tidak memegang jabatan" in keyed.say("kasi", nip=NIP["kadis"], by="kadis").reason
    with open_ledger(keyed.desk.office) as ledger:
        grant(ledger, NIP["kasi"], Mandate("kabid", valid_from="2026-01-01"), keyed.desk.clock)
    assert keyed.say("kasi").accepted
    assert "dua jenjang" in keyed.say("kabid", nip=NIP["kasi"], by="kasi").reason
    assert keyed.say("kabid", nip=NIP["kasi"], by="kasi", decision="Cabut").accepted
    assert keyed.faults() == []


def test_a_new_code_ends_the_older_device(keyed: Keyed) -> None:
    """If this fails, a lost security key signs on until a new one comes."""
    office = keyed.desk.office
    invited(office, "kasi", keyed.desk.clock)
    assert keyed.say("kasi").reason == NOT_THIS_KEY
    with pytest.raises(UserError, match="sudah pernah terdaftar"):
        enrol(office, "kasi", keyed.keys["kasi"], keyed.desk.clock)
    keyed.keys["kasi"] = DeviceKey(name=b"kunci-baru-milik-kasi")
    enrol(office, "kasi", keyed.keys["kasi"], keyed.desk.clock)
    assert keyed.say("kasi").accepted
    assert keyed.faults() == []


def test_who_is_disabled_signs_no_more(keyed: Keyed) -> None:
    """If this fails, somebody who left the office signs with the key in his pocket; or comes back with it."""
    office = keyed.desk.office
    with open_ledger(office) as ledger:
        disable(ledger, NIP["kasi"], "mutasi", keyed.desk.clock)
        with pytest.raises(UserError, match="dinonaktifkan"):
            invite(ledger, office.key("device"), NIP["kasi"], keyed.desk.clock)
    assert keyed.say("kasi").reason == NOT_THIS_KEY
    with open_ledger(office) as ledger:
        rotate(ledger, office.key("totp"), NIP["kasi"], keyed.desk.clock)
        assert people(ledger)[NIP["kasi"]].device is None


def test_a_code_enrols_one_device_of_one_person_within_an_hour(desk: Desk) -> None:
    """If this fails, a code that lies about, or one for a colleague, puts a stranger's device beside a mandate."""
    office, key = desk.office, DeviceKey()
    code = invited(office, "kasi")
    device, minute = key.device(), timedelta(minutes=1)

    def claimed(who: str, typed: str, at: Any) -> str:
        with open_ledger(office) as ledger:
            try:
                enrol_device(ledger, office.key("device"), Claim(NIP[who], typed), (device, at))
            except UserError as error:
                return str(error)
        return ""

    assert WRONG_CODE in claimed("kasi", code[:-1] + ("0" if code[-1] != "0" else "1"), NOW + minute)
    assert WRONG_CODE in claimed("kabid", code, NOW + minute)
    assert WRONG_CODE in claimed("kasi", "", NOW + minute)
    assert WRONG_CODE in claimed("kasi", code, NOW + 60 * minute)
    assert claimed("kasi", code.lower().replace("-", " "), NOW + 59 * minute) == ""
    assert WRONG_CODE in claimed("kasi", code, NOW + 59 * minute)
    other = invited(office, "kabid", NOW + 59 * minute)
    assert "sudah pernah terdaftar" in claimed("kabid", other, NOW + 59 * minute)
    with open_ledger(office) as ledger:
        assert code not in str(entries(ledger))
        assert code.replace("-", "") not in str(entries(ledger))
        assert people(ledger)[NIP["kasi"]].device.credential == device.credential


@pytest.mark.parametrize("lies", [
    {"challenge": challenge_of(b"lain")}, {"origin": "https://lain.example"}, {"type": "webauthn.get"}, {"flags": 0x41},
    {"flags": 0x45 & ~0x40},
])  # fmt: skip
def test_an_odd_enrolment_is_none(lies: dict[str, Any]) -> None:
    """If this fails, a device without PIN, or made on another site's page, becomes an official's."""
    key = DeviceKey()
    made = key.make("eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg", **lies)
    assert enrolled(made, b"x" * 32, key.origin) is None


@pytest.mark.parametrize("origin", ["", "https://10.0.0.7", "https://[::1]:8443", "http://sinkron.kota.example"])
def test_an_address_without_a_name_is_told(origin: str) -> None:
    """If this fails, people in an office that is reached by its number try in vain and are not told why."""
    with pytest.raises(UserError, match="nama host"):
        enrolled({}, b"", origin)
