"""``decide``: the one place where an answer becomes a decision, or does not."""

import pytest
from office_kit.signers import AGENDA, DIGEST, NIP, OTHER_DIGEST, Desk, add_mandate, approved

from tasks.approvals.case import Case
from tasks.approvals.decide import decide, next_question, recorded
from tasks.approvals.docket import docket, signatures
from tasks.approvals.prove import SAME_WORDS
from tasks.ledger import Kind, entries, open_ledger, verify


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


def test_the_same_question_is_answered_once(desk: Desk) -> None:
    """If this fails, a resumed flow decides twice, or a second answer overwrites the first."""
    desk.sign("staff")
    question = desk.question("kasi")
    with open_ledger(desk.office) as ledger:
        first = decide(ledger, desk.judging(), question, desk.answer("kasi", "Tidak", note="salah"))
        again = decide(ledger, desk.judging(), question, desk.answer("kasi", "Ya"))
        assert first == again == recorded(ledger, question)
        assert len(entries(ledger, AGENDA, Kind.DECISION)) == 2


@pytest.mark.parametrize("decision", ["", "ya", "YA", "Ajukan", "Setuju", "true"])
def test_nothing_but_ya_is_yes(desk: Desk, decision: str) -> None:
    """If this fails, an answer that is not Ya approves."""
    desk.sign("staff")
    assert not desk.say("kasi", decision).accepted
    assert not desk.say("staff", "Ya").accepted


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
