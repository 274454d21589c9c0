"""Answers that are no decision: wrong, spent or guessed codes, empty forms, odd letters. Each is an attempt."""

from datetime import timedelta

import pytest
from office_kit.signers import AGENDA, DIGEST, NIP, NOW, Desk, approved, attempts

from expectations.approvals import LOCK_MINUTES, MAX_FAILURES
from tasks.approvals.case import Case
from tasks.approvals.decide import Answer, decide, recorded
from tasks.approvals.prove import NO_FORM, SAME_WORDS
from tasks.ledger import Kind, entries, open_ledger, verify

STRANGER = "190001011900011001"


def test_a_wrong_code_is_an_attempt(desk: Desk) -> None:
    """If this fails, a wrong code decides, or leaves no trace."""
    desk.sign("staff")
    verdict = desk.say("kasi", code="000000")
    assert (verdict.accepted, verdict.reason) == (False, SAME_WORDS)
    assert [facts["reason"] for facts in attempts(desk)] == [SAME_WORDS]
    with open_ledger(desk.office) as ledger:
        assert entries(ledger, AGENDA, Kind.ATTEMPT)[0].actor == NIP["kasi"]
        assert "000000" not in str([entry.payload for entry in entries(ledger)])


def test_an_unknown_person_hears_the_same_words(desk: Desk) -> None:
    """If this fails, anybody can find out at the form who works in the office; or a made-up NIP enters the ledger."""
    verdict = desk.say("kasi", nip=STRANGER)
    assert (verdict.accepted, verdict.reason) == (False, SAME_WORDS)
    with open_ledger(desk.office) as ledger:
        entry = entries(ledger, AGENDA, Kind.ATTEMPT)[0]
    assert entry.actor.startswith("?")
    assert STRANGER not in str(entry)


def test_a_code_works_once(desk: Desk) -> None:
    """If this fails, somebody who reads a code over a shoulder answers the next gate with it."""
    desk.sign("staff")
    first = desk.answer("kasi", "Tidak", note="periksa")
    with open_ledger(desk.office) as ledger:
        assert decide(ledger, desk.judging(), desk.question("kasi"), first).accepted
        desk.propose(ledger, Case(AGENDA, 2, DIGEST))
        again = decide(ledger, desk.judging(), desk.question("kasi", 2), first)
    assert not again.accepted
    assert "sudah dipakai" in again.reason


def test_a_code_is_spent_by_a_refused_answer_too(desk: Desk) -> None:
    """If this fails, a right code with an impossible answer can be tried on other answers until one counts."""
    desk.sign("staff")
    answer = desk.answer("kasi", "Setuju")
    with open_ledger(desk.office) as ledger:
        assert "Ya, Tidak atau Cabut" in decide(ledger, desk.judging(), desk.question("kasi"), answer).reason
        good = Answer("Ya", "", answer.nip, answer.code, answer.at, answer.file_code)
        assert "sudah dipakai" in decide(ledger, desk.judging(), desk.question("kasi"), good).reason


def test_an_older_code_does_not_work_after_a_newer_one(desk: Desk) -> None:
    """If this fails, the code of the half minute before can be replayed."""
    desk.sign("staff")
    old, at = desk.code("kasi"), desk.clock
    desk.say("kasi", "Tidak", note="x")
    assert not desk.say("kasi", round_no=2, code=old, at=at).accepted


def test_five_wrong_codes_lock_for_a_while(desk: Desk) -> None:
    """If this fails, a code of six digits can be guessed; or a locked person never gets in again."""
    desk.sign("staff")
    for _ in range(MAX_FAILURES):
        assert desk.say("kasi", code="000000").reason == SAME_WORDS
    assert "coba lagi sesudah" in desk.say("kasi").reason
    desk.clock += timedelta(minutes=LOCK_MINUTES)
    assert desk.say("kasi").accepted


def test_wrong_codes_are_counted_from_the_last_right_one(desk: Desk) -> None:
    """If this fails, four slips over a year lock a person out, or failures are never counted at all."""
    for _ in range(2):
        for _ in range(MAX_FAILURES - 1):
            desk.say("kasi", code="000000")
        assert desk.say("kasi", "Tidak", note="x", round_no=desk.attempts + 5).reason not in (SAME_WORDS, "")
    assert desk.say("kasi", code="000000").reason == SAME_WORDS


def test_one_locked_person_does_not_lock_the_others(desk: Desk) -> None:
    """If this fails, anybody can stop the whole office by typing wrong codes."""
    desk.sign("staff")
    for _ in range(MAX_FAILURES + 1):
        desk.say("kabid", code="000000")
    desk.sign("kasi")


def test_a_refused_attempt_is_remembered_under_its_key(desk: Desk) -> None:
    """If this fails, a resumed flow judges an old wrong code again, now perhaps as right."""
    question = desk.question("kasi")
    with open_ledger(desk.office) as ledger:
        first = decide(ledger, desk.judging(), question, desk.answer("kasi", code="000000"))
        assert decide(ledger, desk.judging(), question, desk.answer("kasi")) == first
        assert recorded(ledger, desk.question("kasi")) is None


def test_the_code_is_judged_at_the_time_of_submission(desk: Desk) -> None:
    """If this fails, a slow worker makes right answers wrong; or a code is kept for later."""
    code, at = desk.code("kasi", NOW), NOW
    desk.sign("staff")
    late = desk.say("kasi", "Tidak", note="x", code=code, at=at + timedelta(minutes=10))
    assert not late.accepted
    assert desk.say("kasi", "Tidak", note="x", code=code, at=at).accepted


def test_an_empty_forced_answer_is_an_attempt(desk: Desk) -> None:
    """If this fails, forcing the run on in the Prefect UI without a form counts as an answer (promise 4)."""
    for role in ("staff", "kasi", "kabid", "kadis"):
        verdict = desk.say(role, "", who="kasi", nip="", code="")
        assert (verdict.accepted, verdict.reason) == (False, NO_FORM)
    assert not approved(desk)


@pytest.mark.parametrize("field", ["note", "nip", "code", "decision"])
def test_no_text_stops_the_gate(desk: Desk, field: str) -> None:
    """If this fails, one odd character in a form ends the run with a traceback instead of an attempt."""
    desk.sign("staff")
    for text in ("\x00", "\u202e'; drop table people;--", "é\u2028" * 5000):
        desk.say("kasi", **{field: text})
    with open_ledger(desk.office) as ledger:
        verify(ledger)


def test_half_characters_do_not_stop_the_gate(desk: Desk) -> None:
    """If this fails, a planted answer that is no text ends the run, and nothing is in the book."""
    desk.sign("staff")
    for field in ("note", "nip", "code", "decision", "file_code", "signature", "worksheet"):
        assert not desk.say("kasi", **{"decision": "Setuju", field: "\ud800"}).accepted
    with open_ledger(desk.office) as ledger:
        assert len(entries(ledger, AGENDA, Kind.ATTEMPT)) == 7
        verify(ledger)


def test_what_is_no_decision_is_kept_short_and_masked(desk: Desk) -> None:
    """If this fails, a NIK typed into the wrong field lies in the book for ever."""
    desk.sign("staff")
    nik = "357601" + "410780" + "9001"
    desk.say("kasi", f"{nik} setuju saja", note=f"lihat {nik}")
    assert nik not in str(attempts(desk))
    assert len(str(attempts(desk)[0]["decision"])) <= 20


def test_a_try_at_a_round_that_does_not_exist_opens_none(desk: Desk) -> None:
    """If this fails, one planted question about round 99 makes every signature of the batch worthless."""
    desk.sign("staff", "kasi", "kabid", "kadis")
    for code in ("000000", desk.code("kasi", desk.clock + timedelta(seconds=31))):
        assert not desk.say("kasi", round_no=99, lay=False, code=code).accepted
    assert approved(desk)
