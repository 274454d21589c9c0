"""``decide``: the one place where an answer becomes a decision, or does not."""

from datetime import timedelta

import pytest
from office_kit.signers import AGENDA, DIGEST, NIP, NOW, OTHER_DIGEST, Desk, add_mandate

from expectations.approvals import LOCK_MINUTES, MAX_FAILURES
from tasks.approvals.case import Case
from tasks.approvals.decide import Answer, decide, next_question, recorded
from tasks.approvals.docket import docket, fully_approved, signatures
from tasks.approvals.prove import NO_FORM, SAME_WORDS
from tasks.ledger import Kind, entries, open_ledger, verify

STRANGER = "190001011900011001"


def approved(desk: Desk, digest: str = DIGEST, round_no: int = 1) -> bool:
    with open_ledger(desk.office) as ledger:
        return fully_approved(ledger, Case(AGENDA, round_no, digest))


def attempts(desk: Desk) -> list[dict[str, object]]:
    with open_ledger(desk.office) as ledger:
        return [entry.payload for entry in entries(ledger, AGENDA, Kind.ATTEMPT)]


def test_the_straight_way(desk: Desk) -> None:
    """If this fails, four right answers do not approve a change-set, or fewer do."""
    for role in ("staff", "kasi", "kabid", "kadis"):
        assert not approved(desk)
        desk.sign(role)
    assert approved(desk)
    assert not approved(desk, OTHER_DIGEST)
    assert not approved(desk, round_no=2)
    with open_ledger(desk.office) as ledger:
        signed = signatures(ledger, Case(AGENDA, 1, DIGEST))
        assert {role: entry.actor for role, entry in signed.items()} == {r: NIP[r] for r in ("kasi", "kabid", "kadis")}
        verify(ledger)


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


@pytest.mark.parametrize("role", ["staff", "kasi", "kabid", "kadis"])
def test_the_wrong_role_does_not_decide(desk: Desk, role: str) -> None:
    """If this fails, a Kasi signs for the Kadis with his own code."""
    desk.sign("staff")
    other = "kadis" if role != "kadis" else "kasi"
    verdict = desk.say(role, "Ajukan" if role == "staff" else "Ya", who=other)
    assert not verdict.accepted
    assert f"jabatan {role.title()} pada 06-10-2026" in verdict.reason


def test_levels_answer_in_order(desk: Desk) -> None:
    """If this fails, the Kadis signs what nobody initialled before (paraf hierarki)."""
    desk.sign("staff")
    assert "kasi" in desk.say("kabid").reason
    assert "kasi, kabid" in desk.say("kadis").reason
    desk.sign("kasi")
    assert "kabid" in desk.say("kadis").reason
    desk.sign("kabid", "kadis")
    assert approved(desk)


def test_all_levels_sign_the_same_digest(desk: Desk) -> None:
    """If this fails, the Kadis signs something else than what the Kasi saw."""
    desk.sign("staff", "kasi")
    assert not desk.say("kabid", digest=OTHER_DIGEST, lay=False).accepted
    desk.sign("kabid")
    assert not desk.say("kadis", digest=OTHER_DIGEST, lay=False).accepted
    assert not approved(desk)
    assert not approved(desk, OTHER_DIGEST)


def test_signatures_of_one_round_do_not_serve_the_next(desk: Desk) -> None:
    """If this fails, a proposal that was changed after a Tidak goes on with old signatures."""
    desk.sign("staff", "kasi", "kabid")
    assert not desk.say("kadis", round_no=2).accepted


@pytest.mark.parametrize("note", ["", "   ", "\n"])
def test_tidak_needs_a_note(desk: Desk, note: str) -> None:
    """If this fails, Staff gets a proposal back and nobody tells them why."""
    desk.sign("staff")
    verdict = desk.say("kasi", "Tidak", note=note)
    assert not verdict.accepted
    assert "catatan" in verdict.reason
    assert desk.say("kasi", "Tidak", note=" baris 3 ").note == "baris 3"


def test_tidak_voids_the_round(desk: Desk) -> None:
    """If this fails, two signatures survive a refusal and the third is enough."""
    desk.sign("staff", "kasi", "kabid")
    assert desk.say("kadis", "Tidak", note="salah").accepted
    with open_ledger(desk.office) as ledger:
        assert signatures(ledger, Case(AGENDA, 1, DIGEST)) == {}
        closed = docket(ledger, AGENDA).rounds[1].closed
        assert closed is not None
        assert closed.actor == NIP["kadis"]
    assert not desk.say("kadis").accepted
    assert not approved(desk)


def test_one_person_signs_one_level(desk: Desk) -> None:
    """If this fails, a Kasi who is also Plh Kabid approves alone for two."""
    with open_ledger(desk.office) as ledger:
        add_mandate(ledger, "kasi", "kabid")
    desk.sign("staff", "kasi")
    verdict = desk.say("kabid", who="kasi")
    assert (verdict.accepted, "dua jenjang" in verdict.reason) == (False, True)
    desk.sign("kabid", "kadis")
    assert approved(desk)


@pytest.mark.parametrize("role", ["kasi", "kabid", "kadis"])
def test_the_preparer_does_not_approve(desk: Desk, role: str) -> None:
    """If this fails, whoever made the proposal also approves it: no four eyes."""
    with open_ledger(desk.office) as ledger:
        add_mandate(ledger, "staff", role)
    desk.sign("staff", *["kasi", "kabid", "kadis"][: ["kasi", "kabid", "kadis"].index(role)])
    verdict = desk.say(role, who="staff")
    assert (verdict.accepted, "penyusun" in verdict.reason) == (False, True)


def test_an_approver_does_not_become_the_preparer_afterwards(desk: Desk) -> None:
    """If this fails, approving first and submitting afterwards gets round the rule of four eyes."""
    with open_ledger(desk.office) as ledger:
        add_mandate(ledger, "staff", "kasi")
    desk.say("kasi", who="staff")
    submitted = desk.say("staff", "Ajukan")
    desk.say("kabid")
    desk.say("kadis")
    assert not (submitted.accepted and approved(desk))


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


def test_the_same_question_is_answered_once(desk: Desk) -> None:
    """If this fails, a resumed flow decides twice, or a second answer overwrites the first."""
    desk.sign("staff")
    question = desk.question("kasi")
    with open_ledger(desk.office) as ledger:
        first = decide(ledger, desk.judging(), question, desk.answer("kasi", "Tidak", note="salah"))
        again = decide(ledger, desk.judging(), question, desk.answer("kasi", "Ya"))
        assert first == again == recorded(ledger, question)
        assert len(entries(ledger, AGENDA, Kind.DECISION)) == 2


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


@pytest.mark.parametrize("decision", ["", "ya", "YA", "Ajukan", "Setuju", "true"])
def test_nothing_but_ya_is_yes(desk: Desk, decision: str) -> None:
    """If this fails, an answer that is not Ya approves."""
    desk.sign("staff")
    assert not desk.say("kasi", decision).accepted
    assert not desk.say("staff", "Ya").accepted


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


def test_an_objection_keeps_staff_at_the_desk(desk: Desk) -> None:
    """If this fails, a worksheet full of faults is submitted as if it were empty."""
    verdict = desk.say("staff", "Ajukan", objection="lembar kerja: 3 masalah", worksheet="")
    assert (verdict.accepted, verdict.reason) == (False, "lembar kerja: 3 masalah")
    assert desk.say("staff", "Ajukan", worksheet="lembar.xlsx").worksheet == "lembar.xlsx"


def test_faults_of_a_worksheet_are_told_to_staff_only(desk: Desk) -> None:
    """If this fails, anybody who types a wrong code reads what is in Staff's worksheet."""
    assert desk.say("staff", "Ajukan", objection="rahasia", code="000000").reason == SAME_WORDS


def test_the_next_question_counts_attempts_and_says_why(desk: Desk) -> None:
    """If this fails, the next form has the key of the last one (Prefect returns the old answer), or gives no reason."""
    case = Case(AGENDA, 1, DIGEST)
    with open_ledger(desk.office) as ledger:
        first, reason = next_question(ledger, case, "kasi")
    assert (first.key, reason) == ("kasi-r1-c1", "")
    desk.sign("staff")
    desk.say("kasi", code="000000")
    desk.say("kabid", code="000000")
    with open_ledger(desk.office) as ledger:
        assert next_question(ledger, case, "kasi", "t")[0].key == "kasi-r1-t2"
        question, reason = next_question(ledger, case, "kasi")
        assert (question.key, reason) == ("kasi-r1-c1", SAME_WORDS)  # forms and the command line count apart
    desk.sign("kasi")
    with open_ledger(desk.office) as ledger:
        assert next_question(ledger, case, "kasi", "t")[1] == ""


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
