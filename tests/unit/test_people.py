"""The registry: who may decide, from when, and whose code it is."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from office_kit.signers import NIP, NOW, Desk, add_mandate

from tasks.errors import Exit, UserError
from tasks.ledger import Kind, entries, open_ledger
from tasks.office import Office
from tasks.people import Person, holds_mandate, matching_step, people, register, secret_of

GOOD_NIP = "197501012000031901"


def enrol(office: Office, person: Person, at: datetime = NOW) -> str:
    with open_ledger(office.ledger) as ledger:
        return register(ledger, office.key("totp"), person, at)


@pytest.mark.parametrize(
    ("nip", "name", "role"),
    [("", "A", "kasi"), ("12345", "A", "kasi"), ("1" * 19, "A", "kasi"), ("1" * 17 + "x", "A", "kasi"),
     ("\u0661" * 18, "A", "kasi"), (GOOD_NIP, "  ", "kasi"), (GOOD_NIP, "A", "bupati"), (GOOD_NIP, "A", "")],
)  # fmt: skip
def test_nobody_is_registered_by_mistake(office: Office, nip: str, name: str, role: str) -> None:
    """If this fails, a typing error makes a person who can approve and whom nobody can find again."""
    with pytest.raises(UserError) as caught:
        enrol(office, Person(nip, name, role))
    assert caught.value.exit_code is Exit.IDENTITY
    with open_ledger(office.ledger) as ledger:
        assert people(ledger) == []
        assert entries(ledger) == []


def test_registering_twice_is_refused_and_keeps_the_secret(desk: Desk) -> None:
    """If this fails, registering a person again silently replaces the code on their telephone."""
    with pytest.raises(UserError) as caught:
        enrol(desk.office, Person(NIP["kasi"], "Orang Lain", "kadis"))
    assert caught.value.exit_code is Exit.IDENTITY
    with open_ledger(desk.office.ledger) as ledger:
        assert secret_of(ledger, desk.office.key("totp"), NIP["kasi"]) == desk.secrets["kasi"]
        assert not holds_mandate(ledger, NIP["kasi"], "kadis", "2026-10-06")


def test_people_are_listed_in_the_order_of_the_sop(desk: Desk) -> None:
    """If this fails, the list of approvers hides who acts when."""
    with open_ledger(desk.office.ledger) as ledger:
        assert [person.role for person in people(ledger)] == ["staff", "kasi", "kabid", "kadis"]
        recorded = [entry.payload for entry in entries(ledger, kind=Kind.PERSON)]
    assert [facts["nip"] for facts in recorded] == list(NIP.values())


def test_secrets_are_sealed_to_the_person(desk: Desk) -> None:
    """If this fails, somebody with the file gives a colleague's code to himself, or reads it in plain text."""
    raw = desk.office.ledger.read_bytes()
    assert not [secret for secret in desk.secrets.values() if secret.encode() in raw]
    with open_ledger(desk.office.ledger) as ledger:
        ledger.execute(
            "update people set (secret, secret_nonce) = (select secret, secret_nonce from people where nip = ?) "
            "where nip = ?", (NIP["staff"], NIP["kadis"]))  # fmt: skip
        with pytest.raises(UserError) as caught:
            secret_of(ledger, desk.office.key("totp"), NIP["kadis"])
    assert caught.value.exit_code is Exit.OFFICE


def test_mandates_have_dates(desk: Desk) -> None:
    """If this fails, a Plh signs before or after the days of the letter that appointed him."""
    with open_ledger(desk.office.ledger) as ledger:
        ledger.execute("insert into mandates values (?, 'kadis', '2026-10-10', '2026-10-12')", (NIP["kabid"],))
        days = [f"2026-10-{day:02d}" for day in range(9, 14)]
        assert [holds_mandate(ledger, NIP["kabid"], "kadis", day) for day in days] == [False, True, True, True, False]
        add_mandate(ledger, "kabid", "kasi", "2026-11-01")
        assert not holds_mandate(ledger, NIP["kabid"], "kasi", "2026-10-31")
        assert holds_mandate(ledger, NIP["kabid"], "kasi", "2030-01-01")


def test_a_mandate_begins_on_the_day_of_the_office(office: Office) -> None:
    """If this fails, a person registered on the morning of the 6th in Mojokerto had a mandate on the 5th."""
    at = datetime(2026, 10, 5, 20, 0, tzinfo=UTC)  # 03:00 WIB on the 6th
    enrol(office, Person(GOOD_NIP, "A", "kasi"), at)
    with open_ledger(office.ledger) as ledger:
        assert holds_mandate(ledger, GOOD_NIP, "kasi", "2026-10-06")
        assert not holds_mandate(ledger, GOOD_NIP, "kasi", "2026-10-05")


@pytest.mark.parametrize(("seconds", "good"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)])
def test_codes_of_neighbouring_half_minutes_count(seconds: int, good: bool) -> None:
    """If this fails, a clock a few seconds off locks people out, or an old code works for minutes."""
    secret = pyotp.random_base32()
    at = datetime(2026, 10, 6, 2, 0, 15, tzinfo=UTC)
    code = pyotp.TOTP(secret).at(at + timedelta(seconds=seconds))
    assert (matching_step(secret, code, at) is not None) is good


@pytest.mark.parametrize("code", ["", "0", "abcdef", "000000\n", "\u0660\u0661\u0662\u0663\u0664\u0665", "1" * 1000])
def test_what_is_no_code_is_wrong(code: str) -> None:
    """If this fails, an odd character in the code field stops the flow instead of being a wrong code."""
    assert matching_step("JBSWY3DPEHPK3PXP" * 2, code, datetime(2026, 1, 1, tzinfo=UTC)) is None
