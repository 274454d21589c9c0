"""Whether an answer comes from the person it names: codes, keys, replay, guessing, locks."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from office_kit.signers import AGENDA, DIGEST, NIP, OTHER_DIGEST, Desk

from expectations.approvals import LOCK_MINUTES, MAX_FAILURES
from tasks.approvals.case import Case
from tasks.approvals.decide import Answer, Question, Verdict, decide, legible, statement
from tasks.approvals.people import enrol_key
from tasks.approvals.prove import NO_FORM, SAME_WORDS
from tasks.ledger import Kind, entries, open_ledger

STRANGERS = ("190001011900011001", "190001011900011002")
KEYS = {who: Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n, who in enumerate(NIP, start=1)}
WRONG = "12345x"


def last_attempt(desk: Desk) -> dict[str, object]:
    with open_ledger(desk.office) as ledger:
        return entries(ledger, kind=Kind.ATTEMPT)[-1].payload


def guess_until_locked(desk: Desk, nip: str) -> list[str]:
    """Five wrong codes and one more try; what was told each time, the times in it left out."""
    told = [desk.say("kasi", nip=nip, code=WRONG).reason for _ in range(MAX_FAILURES + 1)]
    return [reason.split("sesudah")[0] for reason in told]


def test_strangers_and_officials_are_told_and_locked_alike(desk: Desk) -> None:
    """If this fails, whoever tries NIPs at the form learns which of them belong to officials."""
    desk.sign("staff")
    told = [guess_until_locked(desk, nip) for nip in (NIP["kasi"], *STRANGERS)]
    assert told[0] == [SAME_WORDS] * MAX_FAILURES + ["terlalu banyak percobaan; coba lagi "]
    assert told[1:] == [told[0]] * 2
    desk.clock += timedelta(minutes=LOCK_MINUTES)
    assert [desk.say("kasi", nip=nip, code=WRONG).reason for nip in (NIP["kasi"], *STRANGERS)] == [SAME_WORDS] * 3
    with open_ledger(desk.office) as ledger:
        assert not [entry for entry in entries(ledger) if any(nip in str(entry) for nip in STRANGERS)]


def test_tries_while_locked_do_not_lengthen_the_lock(desk: Desk) -> None:
    """If this fails, anybody keeps an official out for ever by typing on."""
    desk.sign("staff")
    guess_until_locked(desk, NIP["kasi"])
    locked_at = desk.clock - timedelta(seconds=31)
    while desk.clock < locked_at + timedelta(minutes=LOCK_MINUTES - 1):
        assert not desk.say("kasi").accepted
    desk.clock = locked_at + timedelta(minutes=LOCK_MINUTES)
    desk.sign("kasi")


def test_the_third_lock_of_a_day_lasts_a_day(desk: Desk) -> None:
    """If this fails, a program guesses codes all night, fifteen minutes apart."""
    desk.sign("staff")
    for lock in range(3):
        guess_until_locked(desk, NIP["kasi"])
        desk.clock += timedelta(minutes=LOCK_MINUTES)
        assert (desk.say("kasi", "?").reason.startswith("terlalu banyak")) is (lock == 2)
    desk.clock += timedelta(hours=23)
    assert not desk.say("kasi").accepted
    desk.clock += timedelta(hours=1)
    desk.sign("kasi")


def test_locks_of_different_days_stay_short(desk: Desk) -> None:
    """If this fails, somebody who slips once a week is kept out for a whole day."""
    desk.sign("staff")
    for _ in range(4):
        guess_until_locked(desk, NIP["kasi"])
        desk.clock += timedelta(hours=25)
    desk.sign("kasi")


def test_a_right_code_forgives_the_slips_before_it(desk: Desk) -> None:
    """If this fails, four slips a month add up to a lock."""
    desk.sign("staff")
    for _ in range(3):
        for _ in range(MAX_FAILURES - 1):
            desk.say("kasi", code=WRONG)
        assert "keputusan harus" in desk.say("kasi", "Mungkin").reason
    desk.sign("kasi")


def test_going_on_without_a_form_is_nobodys_guess(desk: Desk) -> None:
    """If this fails, forcing a run on five times locks an official out, or counts as an answer."""
    desk.sign("staff")
    for _ in range(MAX_FAILURES + 1):
        assert desk.say("kasi", "", nip="", code="").reason == NO_FORM
    with open_ledger(desk.office) as ledger:
        assert {entry.actor for entry in entries(ledger, kind=Kind.ATTEMPT)} == {"tidak dikenal"}
    desk.sign("kasi")


def test_a_right_answer_that_waited_for_the_worker_counts(desk: Desk) -> None:
    """If this fails, a form sent in time is refused because the worker was slow."""
    desk.sign("staff")
    question, answer = desk.question("kasi"), desk.answer("kasi")
    desk.clock += timedelta(hours=3)
    with open_ledger(desk.office) as ledger:
        assert decide(ledger, desk.judging(), question, answer).accepted
        assert entries(ledger, AGENDA, Kind.DECISION)[-1].payload["submitted_at"] < entries(ledger)[-1].at


@pytest.mark.parametrize(("seconds", "reason"), [(-3600, "lebih tua"), (-180, "lebih tua"), (180, "di depan")])
def test_the_time_of_submission_must_be_possible(desk: Desk, seconds: int, reason: str) -> None:
    """If this fails, an answer from before the proposal signs it, or one from a clock in the future."""
    desk.sign("staff")
    at = desk.clock + timedelta(seconds=seconds)
    assert reason in desk.say("kasi", at=at, code=desk.code("kasi", at)).reason


def key_answer(desk: Desk, question: Question, who: str, **changes: object) -> Answer:
    """An answer signed with the key of ``who``; ``changes`` are made after the signature."""
    signed_by, about = changes.pop("signed_by", who), changes.pop("about", question)
    answer = desk.answer(who, code="", **{k: changes.pop(k) for k in ("decision",) if k in changes})
    made = replace(answer, signature=KEYS[str(signed_by)].sign(statement(about, legible(answer))).hex())
    return replace(made, **changes)


@pytest.fixture
def keyed(desk: Desk) -> Desk:
    """The office with Staff's signature given and a key file for everybody."""
    with open_ledger(desk.office) as ledger:
        for who, key in KEYS.items():
            public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
            enrol_key(ledger, NIP[who], public, desk.clock)
    desk.sign("staff")
    return desk


def say_with_key(desk: Desk, role: str, **changes: object) -> Verdict:
    question = desk.question(role)
    with open_ledger(desk.office) as ledger:
        return decide(ledger, desk.judging(), question, key_answer(desk, question, role, **changes))


def test_three_keys_approve(keyed: Desk) -> None:
    """If this fails, an office without telephones can not sign; or its signatures can not be checked afterwards."""
    for role in ("kasi", "kabid", "kadis"):
        assert say_with_key(keyed, role).accepted
    with open_ledger(keyed.office) as ledger:
        for entry in entries(ledger, AGENDA, Kind.DECISION)[1:]:
            facts = entry.payload
            case = Case(entry.batch, facts["round"], facts["digest"])
            question = Question(case, facts["role"], int(facts["key"].rsplit("t", 1)[1]), facts["channel"])
            at = datetime.fromisoformat(facts["submitted_at"])
            told = statement(question, Answer(facts["decision"], facts["note"], entry.actor, "", at))
            KEYS[facts["role"]].public_key().verify(bytes.fromhex(facts["signature"]), told)
            assert facts["method"] == "kunci"


@pytest.mark.parametrize("change", [
    {"decision": "Tidak", "note": "x"}, {"note": "lain"}, {"nip": NIP["kabid"]}, {"signature": "00" * 64},
    {"signature": "zz"}, {"signature": "\u0661"}, {"signed_by": "kabid"},
])  # fmt: skip
def test_a_key_signs_exactly_what_was_said(keyed: Desk, change: dict[str, object]) -> None:
    """If this fails, a signature over Ya is used for something else, or by somebody else."""
    question = keyed.question("kasi")
    first = {key: value for key, value in change.items() if key == "signed_by"}
    answer = key_answer(keyed, question, "kasi", **first)
    answer = replace(answer, **{key: value for key, value in change.items() if key != "signed_by"})
    with open_ledger(keyed.office) as ledger:
        verdict = decide(ledger, keyed.judging(), question, answer)
    assert (verdict.accepted, verdict.reason) == (False, SAME_WORDS)
    assert (last_attempt(keyed)["guess"], last_attempt(keyed)["signature"]) == (True, "")


@pytest.mark.parametrize("other", [
    {"attempt": 999}, {"channel": "c"}, {"role": "kabid"}, {"case": Case(AGENDA, 1, OTHER_DIGEST), "attempt": 999},
    {"case": Case(AGENDA, 2, DIGEST)}, {"case": Case("2026-0002", 1, DIGEST)},
])  # fmt: skip
def test_a_signature_is_about_one_question(keyed: Desk, other: dict[str, object]) -> None:
    """If this fails, a signature once given is played again at another try, round, level, batch or change-set."""
    question = keyed.question("kasi")
    answer = key_answer(keyed, question, "kasi")
    with open_ledger(keyed.office) as ledger:
        assert decide(ledger, keyed.judging(), replace(question, **other), answer).reason == SAME_WORDS
        assert decide(ledger, keyed.judging(), question, answer).accepted


def test_wrong_signatures_lock_like_wrong_codes(keyed: Desk) -> None:
    """If this fails, a program tries signatures without end."""
    for _ in range(MAX_FAILURES):
        assert say_with_key(keyed, "kasi", signature="00" * 64).reason == SAME_WORDS
    assert "terlalu banyak" in say_with_key(keyed, "kasi").reason


def test_a_key_does_not_replace_the_kode_berkas(keyed: Desk) -> None:
    """If this fails, a key signs a sheet that its owner never had in hand."""
    assert "kode berkas" in say_with_key(keyed, "kasi", file_code="").reason


def test_without_a_key_nothing_is_signed(desk: Desk) -> None:
    """If this fails, a signature counts for somebody who never gave the office a key."""
    desk.sign("staff")
    assert say_with_key(desk, "kasi").reason == SAME_WORDS
    assert Case(AGENDA, 1, DIGEST).code != ""
