"""The registry: who may decide, from when, and whose code it is."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from office_kit.signers import AGENDA, NIP, NOW, Desk, add_mandate

from expectations.approvals import MandateKind
from tasks.approvals.people import Mandate, Person, disable, enrol_key, grant, people, register, rotate
from tasks.approvals.secrets import matching_step, secret_of, usable_key
from tasks.errors import Exit, UserError
from tasks.ledger import Kind, entries, open_ledger, writing
from tasks.office import Office

GOOD_NIP = "197501012000031901"
PUBLIC = "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c"  # of the private half 0101...01
# Points of order 1, 2, 4 and 8 on the curve of Ed25519.
SMALL_ORDER = (
    "01" + "00" * 31, "ec" + "ff" * 30 + "7f", "00" * 32, "00" * 31 + "80",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
)  # fmt: skip


def enrol(office: Office, person: Person, mandate: Mandate, at: datetime = NOW) -> str:
    with open_ledger(office) as ledger:
        return register(ledger, office.key("totp"), (person, mandate), at)


def holds(desk_or_office: Desk | Office, nip: str, role: str, day: str) -> bool:
    office = desk_or_office.office if isinstance(desk_or_office, Desk) else desk_or_office
    with open_ledger(office) as ledger:
        return people(ledger)[nip].mandate(role, day) is not None


@pytest.mark.parametrize(
    ("nip", "name", "role"),
    [("", "A", "kasi"), ("12345", "A", "kasi"), ("1" * 19, "A", "kasi"), ("1" * 17 + "x", "A", "kasi"),
     ("\u0661" * 18, "A", "kasi"), (GOOD_NIP, "  ", "kasi"), (GOOD_NIP, "A\nB", "kasi"), (GOOD_NIP, "A" * 101, "kasi"),
     (GOOD_NIP, "A", "bupati"), (GOOD_NIP, "A", "")],
)  # fmt: skip
def test_nobody_is_registered_by_mistake(office: Office, nip: str, name: str, role: str) -> None:
    """If this fails, a typing error makes a person who can approve and whom nobody can find again."""
    with pytest.raises(UserError) as caught:
        enrol(office, Person(nip, name), Mandate(role))
    assert caught.value.exit_code is Exit.IDENTITY
    with open_ledger(office) as ledger:
        assert people(ledger) == {}
        assert entries(ledger) == []
        assert ledger.execute("select count(*) from secrets").fetchone() == (0,)


def test_everything_wrong_is_told_at_once(office: Office) -> None:
    """If this fails, the operator mends one field, tries, and hears of the next."""
    with pytest.raises(UserError) as caught:
        enrol(office, Person("1", " "), Mandate("bupati", MandateKind.PLT, " ", "6 Oktober"))
    assert [p.place for p in caught.value.problems] == ["NIP", "nama", "peran", "surat", "sampai", "mulai/sampai"]


def test_registering_twice_is_refused_and_keeps_the_secret(desk: Desk) -> None:
    """If this fails, registering a person again silently replaces the code on their telephone."""
    with pytest.raises(UserError) as caught:
        enrol(desk.office, Person(NIP["kasi"], "Orang Lain"), Mandate("kadis"))
    assert caught.value.exit_code is Exit.IDENTITY
    with open_ledger(desk.office) as ledger:
        assert secret_of(ledger, desk.office.key("totp"), NIP["kasi"]) == desk.secrets["kasi"]
    assert not holds(desk, NIP["kasi"], "kadis", "2026-10-06")


def test_the_registry_is_what_the_entries_say(desk: Desk) -> None:
    """If this fails, somebody gets a mandate beside the chain, or an entry about a person has no effect."""
    with open_ledger(desk.office) as ledger:
        known = people(ledger)
        recorded = [entry.payload for entry in entries(ledger, kind=Kind.PERSON)]
        tables = {row[0] for row in ledger.execute("select name from sqlite_schema where type = 'table'")}
    assert list(known) == [facts["nip"] for facts in recorded] == list(NIP.values())
    assert [person.mandates[0].role for person in known.values()] == ["staff", "kasi", "kabid", "kadis"]
    assert tables == {"entries", "secrets"}


@pytest.mark.parametrize("kind", [MandateKind.PLH, MandateKind.PLT])
@pytest.mark.parametrize(("letter", "until", "missing"), [
    ("", "2026-10-09", ["surat"]), ("   ", "2026-10-09", ["surat"]), ("800/12", "", ["sampai"]),
    ("", "", ["surat", "sampai"]), ("x" * 61, "2026-10-09", ["surat"]), ("800/12", "2026-10-05", ["sampai"]),
    ("800/12", "9 Oktober", ["mulai/sampai"]),
])  # fmt: skip
def test_acting_needs_a_letter_and_an_end(
    desk: Desk, kind: MandateKind, letter: str, until: str, missing: list[str]
) -> None:
    """If this fails, somebody acts for the Kadis for ever, or without a surat perintah (UU 30/2014 ps 14)."""
    with open_ledger(desk.office) as ledger:
        with pytest.raises(UserError) as caught:
            grant(ledger, NIP["kabid"], Mandate("kadis", kind, letter, "2026-10-06", until), NOW)
        assert [problem.place for problem in caught.value.problems] == missing
        assert not entries(ledger, kind=Kind.MANDATE)


def test_the_letter_is_on_the_title(desk: Desk) -> None:
    """If this fails, a document names the acting head as if he were the head."""
    acting = Mandate("kadis", MandateKind.PLH, "800/12/2026", "2026-10-06", "2026-10-09")
    with open_ledger(desk.office) as ledger:
        grant(ledger, NIP["kabid"], acting, NOW)
        found = people(ledger)[NIP["kabid"]].mandate("kadis", "2026-10-09")
    assert found == acting
    assert (found.title, Mandate("kadis").title, Mandate("kasi", MandateKind.PLT).title) == (
        "Plh. Kadis", "Kadis", "Plt. Kasi")  # fmt: skip


def test_mandates_have_dates(desk: Desk) -> None:
    """If this fails, a Plh signs before or after the days of the letter that appointed him."""
    with open_ledger(desk.office) as ledger:
        plh = {"kind": MandateKind.PLH, "letter": "1/SP", "valid_to": "2026-10-12"}
        add_mandate(ledger, "kabid", "kadis", "2026-10-10", **plh)
        add_mandate(ledger, "kabid", "kasi", "2026-11-01")
    days = [f"2026-10-{day:02d}" for day in range(9, 14)]
    assert [holds(desk, NIP["kabid"], "kadis", day) for day in days] == [False, True, True, True, False]
    assert not holds(desk, NIP["kabid"], "kasi", "2026-10-31")
    assert holds(desk, NIP["kabid"], "kasi", "2030-01-01")


# 06-10 ends at 17:00 UTC in Mojokerto.
@pytest.mark.parametrize(("hour", "minute", "counts"), [(16, 59, True), (17, 0, False)])
def test_the_last_day_ends_at_midnight_of_the_office(desk: Desk, hour: int, minute: int, counts: bool) -> None:
    """If this fails, a Plh of the 6th signs on the 7th, or can not sign on the evening of the 6th."""
    plh = {"kind": MandateKind.PLH, "letter": "1/SP", "valid_to": "2026-10-06"}
    with open_ledger(desk.office) as ledger:
        add_mandate(ledger, "kadis", "kasi", "2026-10-06", **plh)
    desk.sign("staff")
    desk.clock = datetime(2026, 10, 6, hour, minute, tzinfo=UTC) - timedelta(seconds=31)
    verdict = desk.say("kasi", who="kadis")
    assert (verdict.accepted, "pada 07-10-2026" in verdict.reason) == (counts, not counts)


def test_a_mandate_begins_on_the_day_of_the_office(office: Office) -> None:
    """If this fails, a person registered on the morning of the 6th in Mojokerto had a mandate on the 5th."""
    at = datetime(2026, 10, 5, 20, 0, tzinfo=UTC)  # 03:00 WIB on the 6th
    enrol(office, Person(GOOD_NIP, "A"), Mandate("kasi"), at)
    assert holds(office, GOOD_NIP, "kasi", "2026-10-06")
    assert not holds(office, GOOD_NIP, "kasi", "2026-10-05")


def test_a_new_code_replaces_the_old_one(desk: Desk) -> None:
    """If this fails, the code of a lost telephone still signs; or the new telephone does not."""
    desk.sign("staff")
    old = desk.secrets["kasi"]
    with open_ledger(desk.office) as ledger:
        desk.secrets["kasi"] = rotate(ledger, desk.office.key("totp"), NIP["kasi"], desk.clock)
        assert [e.payload["method"] for e in entries(ledger, kind=Kind.CREDENTIAL)] == ["secret"]
    assert not desk.say("kasi", code=pyotp.TOTP(old).at(desk.clock + timedelta(seconds=31))).accepted
    desk.sign("kasi")


def test_a_new_code_lifts_a_lock(desk: Desk) -> None:
    """If this fails, somebody whose telephone broke is locked out although the operator helped."""
    desk.sign("staff")
    for _ in range(5):
        desk.say("kasi", code="000000")
    assert not desk.say("kasi").accepted
    with open_ledger(desk.office) as ledger:
        desk.secrets["kasi"] = rotate(ledger, desk.office.key("totp"), NIP["kasi"], desk.clock)
    desk.sign("kasi")


def test_whoever_leaves_signs_no_more(desk: Desk) -> None:
    """If this fails, a retired official goes on signing; or what was signed before stops counting."""
    desk.sign("staff", "kasi")
    with open_ledger(desk.office) as ledger:
        disable(ledger, NIP["kasi"], "pensiun", desk.clock)
        assert ledger.execute("select count(*) from secrets where nip = ?", (NIP["kasi"],)).fetchone() == (0,)
    assert not desk.say("kabid", who="kasi").accepted
    desk.sign("kabid", "kadis")
    with open_ledger(desk.office) as ledger:
        assert [e.actor for e in entries(ledger, AGENDA, Kind.DECISION)] == [
            NIP[role] for role in ("staff", "kasi", "kabid", "kadis")
        ]
        with pytest.raises(UserError, match="dinonaktifkan"):
            add_mandate(ledger, "kasi", "kasi")
        with pytest.raises(UserError, match="dinonaktifkan"):
            disable(ledger, NIP["kasi"], "lagi", desk.clock)


def test_whoever_comes_back_has_no_post_until_it_is_given(desk: Desk) -> None:
    """If this fails, a new code alone gives somebody who left the old post back."""
    with open_ledger(desk.office) as ledger:
        disable(ledger, NIP["kasi"], "pindah", NOW)
        desk.secrets["kasi"] = rotate(ledger, desk.office.key("totp"), NIP["kasi"], NOW)
    assert not holds(desk, NIP["kasi"], "kasi", "2026-10-06")
    with open_ledger(desk.office) as ledger:
        add_mandate(ledger, "kasi", "kasi", "2026-10-06")
    desk.sign("staff", "kasi")


@pytest.mark.parametrize("reason", ["", "  "])
def test_leaving_has_a_reason(desk: Desk, reason: str) -> None:
    """If this fails, the auditor can not know why somebody stopped signing."""
    with open_ledger(desk.office) as ledger, pytest.raises(UserError, match="alasan"):
        disable(ledger, NIP["kasi"], reason, NOW)


def test_nothing_is_given_to_nobody(office: Office) -> None:
    """If this fails, a mandate or a code hangs on a NIP that nobody has, and waits for whoever registers it."""
    with open_ledger(office) as ledger:
        for give in (
            lambda: grant(ledger, GOOD_NIP, Mandate("kasi"), NOW),
            lambda: rotate(ledger, office.key("totp"), GOOD_NIP, NOW),
            lambda: enrol_key(ledger, GOOD_NIP, PUBLIC, NOW),
            lambda: disable(ledger, GOOD_NIP, "x", NOW),
        ):
            with pytest.raises(UserError, match="tidak terdaftar"):
                give()
        assert entries(ledger) == []


@pytest.mark.parametrize("public", ["", "zz" * 32, PUBLIC[:-2], PUBLIC + "00", " " * 64, *SMALL_ORDER])
def test_what_is_no_key_is_not_enrolled(desk: Desk, public: str) -> None:
    """If this fails, a mistyped key locks its owner out; or under a weak one anybody signs (RFC 8032, 8.4)."""
    with open_ledger(desk.office) as ledger, pytest.raises(UserError, match="bukan kunci umum"):
        enrol_key(ledger, NIP["kasi"], public, NOW)


def test_a_key_has_one_owner(desk: Desk) -> None:
    """If this fails, one key file signs for two levels."""
    assert usable_key(PUBLIC)
    with open_ledger(desk.office) as ledger:
        enrol_key(ledger, NIP["kasi"], f" {PUBLIC.upper()}\n", NOW)
        with pytest.raises(UserError, match="sudah dipakai"):
            enrol_key(ledger, NIP["kabid"], PUBLIC, NOW)
        assert people(ledger)[NIP["kasi"]].public_key == PUBLIC


def test_secrets_are_sealed_to_the_person(desk: Desk) -> None:
    """If this fails, somebody with the file gives a colleague's code to himself, or reads it in plain text."""
    raw = desk.office.ledger.read_bytes()
    assert not [secret for secret in desk.secrets.values() if secret.encode() in raw]
    with open_ledger(desk.office) as ledger:
        ledger.execute(
            "update secrets set (nonce, sealed) = (select nonce, sealed from secrets where nip = ?) where nip = ?",
            (NIP["staff"], NIP["kadis"]),
        )
        with pytest.raises(UserError) as caught:
            secret_of(ledger, desk.office.key("totp"), NIP["kadis"])
    assert caught.value.exit_code is Exit.OFFICE


def test_an_exchanged_secret_stops_the_gate(desk: Desk) -> None:
    """If this fails, whoever knows the office key puts a secret of his own beside the chain and signs as the Kadis."""
    from tasks.approvals.secrets import new_secret

    desk.sign("staff")
    with open_ledger(desk.office) as ledger, writing(ledger):
        desk.secrets["kasi"], _ = new_secret(ledger, desk.office.key("totp"), NIP["kasi"])
    with pytest.raises(UserError) as caught:
        desk.say("kasi")
    assert caught.value.exit_code is Exit.OFFICE
    assert "rahasia TOTP" in str(caught.value)


@pytest.mark.parametrize(("seconds", "good"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)])
def test_codes_of_neighbouring_half_minutes_count(seconds: int, good: bool) -> None:
    """If this fails, a clock a few seconds off locks people out, or an old code works for minutes."""
    secret = "JBSWY3DPEHPK3PXP" * 2
    at = datetime(2026, 10, 6, 2, 0, 15, tzinfo=UTC)
    code = pyotp.TOTP(secret).at(at + timedelta(seconds=seconds))
    assert (matching_step(secret, code, at) is not None) is good


@pytest.mark.parametrize("code", ["", "0", "abcdef", "000000\n", "\u0660\u0661\u0662\u0663\u0664\u0665", "1" * 1000])
def test_what_is_no_code_is_wrong(code: str) -> None:
    """If this fails, an odd character in the code field stops the flow instead of being a wrong code."""
    assert matching_step("JBSWY3DPEHPK3PXP" * 2, code, datetime(2026, 1, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o701, 0o710])
def test_a_key_in_an_open_folder_is_not_used(office: Office, mode: int) -> None:
    """If this fails, somebody exchanges the key file in a folder that is not the office's alone."""
    office.key_file.parent.chmod(mode)
    with pytest.raises(UserError, match="terbuka untuk orang lain") as caught:
        Office(office.home).key("totp")
    assert caught.value.exit_code is Exit.OFFICE


def test_codes_sealed_under_another_key_are_not_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, an office started with the wrong key takes every right code for a wrong one, and locks."""
    desk.sign("staff")
    monkeypatch.setenv("SINKRON_KEY", "cd" * 32)
    other = Desk(Office(desk.office.home), desk.secrets, desk.clock, desk.attempts)
    with pytest.raises(UserError, match="rahasia TOTP"):
        other.say("kasi")
    monkeypatch.delenv("SINKRON_KEY")
    desk.sign("kasi")
