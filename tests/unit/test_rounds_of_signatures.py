"""What ends a signature or a round: withdrawing, changing, voiding, refusing; and whose turn it is."""

import pytest
from office_kit.signers import AGENDA, DIGEST, NIP, OTHER_DIGEST, Desk, add_mandate

from expectations.approvals import Separation
from tasks.approvals.case import Case
from tasks.approvals.docket import DRAFT, FINAL, SYSTEM, UNDO, docket, fully_approved, record_proposal, signatures
from tasks.ledger import Kind, append, entries, open_ledger, writing

ORDER = ("staff", "kasi", "kabid", "kadis")
CASE = Case(AGENDA, 1, DIGEST)
FACTS = {"staff": True, "rows": 1, "changes": 1}


def approved(desk: Desk, case: Case = CASE, rule: Separation = Separation.STRICT) -> bool:
    with open_ledger(desk.office) as ledger:
        return fully_approved(ledger, case, rule)


def turn(desk: Desk) -> str | None:
    with open_ledger(desk.office) as ledger:
        return docket(ledger, AGENDA).turn()


def note(desk: Desk, kind: Kind, payload: dict[str, object]) -> None:
    with open_ledger(desk.office) as ledger, writing(ledger):
        append(ledger, desk.clock, (kind, AGENDA, SYSTEM), payload)


def rule_of(desk: Desk, text: str) -> None:
    desk.office.settings_file.write_text(f'pemisahan = "{text}"\n')


@pytest.mark.parametrize(("role", "gate"), [("kasi", "kabid"), ("kabid", "kadis")])
def test_a_level_takes_its_signature_back(desk: Desk, role: str, gate: str) -> None:
    """If this fails, who sees the mistake a minute later can not stop it."""
    desk.sign(*ORDER[: ORDER.index(gate)])
    assert desk.say(gate, "Cabut", who=role).accepted
    with open_ledger(desk.office) as ledger:
        entry = entries(ledger, AGENDA, Kind.WITHDRAWN)[0]
        assert (entry.actor, entry.payload["withdraws"]) == (NIP[role], role)
        assert role not in signatures(ledger, CASE)
    assert turn(desk) == role
    assert role in desk.say(gate).reason  # not signed for the same digest any more
    desk.sign(*ORDER[ORDER.index(role) :])
    assert approved(desk)


def test_staff_takes_the_proposal_back(desk: Desk) -> None:
    """If this fails, Staff can not work on a proposal again that nobody has signed yet."""
    desk.sign("staff")
    assert desk.say("kasi", "Cabut", who="staff").accepted
    with open_ledger(desk.office) as ledger:
        here = docket(ledger, AGENDA).current
        assert (bool(here.closed), here.leads_to) == (True, "staff")
    assert turn(desk) == SYSTEM
    assert "sudah ditutup" in desk.say("staff", "Ajukan").reason


@pytest.mark.parametrize("role", ["staff", "kasi", "kabid"])
def test_nobody_takes_back_what_the_next_acted_on(desk: Desk, role: str) -> None:
    """If this fails, a Kasi withdraws under the Kadis's signature."""
    desk.sign()
    for gate in ORDER[1:]:
        assert not desk.say(gate, "Cabut", who=role).accepted
    assert approved(desk)


@pytest.mark.parametrize("who", ["staff", "kabid", "kadis"])
def test_only_the_signer_takes_it_back(desk: Desk, who: str) -> None:
    """If this fails, a colleague with a mandate of the same kind undoes somebody's signature."""
    with open_ledger(desk.office) as ledger:
        add_mandate(ledger, who, "kasi")
    desk.sign("staff", "kasi")
    assert "hanya penanda tangan" in desk.say("kabid", "Cabut", who=who).reason
    assert desk.say("kabid", "Cabut", who="kasi").accepted


def test_a_withdrawal_is_proved_like_a_signature(desk: Desk) -> None:
    """If this fails, anybody at the form takes the Kasi's signature back."""
    desk.sign("staff", "kasi")
    for wrong in ({"code": "12345x"}, {"file_code": "0000-0000"}, {"digest": OTHER_DIGEST, "lay": False}):
        assert not desk.say("kabid", "Cabut", who="kasi", **wrong).accepted
    desk.sign("kabid", "kadis")


def test_where_nothing_is_signed_nothing_is_withdrawn(desk: Desk) -> None:
    """If this fails, a withdrawal of nothing closes the round."""
    assert "tidak ada tanda tangan" in desk.say("kasi", "Cabut").reason
    assert "tidak ada tanda tangan" in desk.say("staff", "Cabut").reason
    desk.sign()


def test_a_changed_change_set_voids_all_signatures(desk: Desk) -> None:
    """If this fails, signatures for one list approve another; or the old ones come back with the old list."""
    desk.sign()
    with open_ledger(desk.office) as ledger:
        record_proposal(ledger, Case(AGENDA, 1, OTHER_DIGEST), (FINAL, FACTS), desk.clock)
        assert signatures(ledger, CASE) == signatures(ledger, Case(AGENDA, 1, OTHER_DIGEST)) == {}
    assert not approved(desk, Case(AGENDA, 1, OTHER_DIGEST))
    assert "sudah berganti" in desk.say("kasi", lay=False).reason
    with open_ledger(desk.office) as ledger:
        record_proposal(ledger, CASE, (FINAL, FACTS), desk.clock)
    assert not approved(desk)
    desk.sign("kasi", "kabid", "kadis")
    assert approved(desk)


def test_the_same_proposal_twice_is_one(desk: Desk) -> None:
    """If this fails, a resumed flow voids the signatures by saying again what lies there."""
    desk.sign()
    with open_ledger(desk.office) as ledger:
        before = len(entries(ledger))
        desk.propose(ledger)
        assert len(entries(ledger)) == before
    assert approved(desk)


def test_a_conflict_voids_the_round(desk: Desk) -> None:
    """If this fails, a list that went back because a resident was changed is written after all."""
    desk.sign()
    note(desk, Kind.VOIDED, {"round": 1, "digest": DIGEST, "why": "konflik", "rows": 3})
    assert not approved(desk)
    assert turn(desk) == SYSTEM
    with open_ledger(desk.office) as ledger:
        assert docket(ledger, AGENDA).current.leads_to == "staff"
    assert "sudah ditutup" in desk.say("kasi").reason
    desk.case = (AGENDA, 2, DIGEST)
    desk.sign()
    assert approved(desk, Case(AGENDA, 2, DIGEST))
    assert not approved(desk)


def test_a_new_round_ends_the_old_one(desk: Desk) -> None:
    """If this fails, the old list can still be signed and written beside the new one."""
    desk.sign("staff", "kasi", "kabid")
    with open_ledger(desk.office) as ledger:
        desk.propose(ledger, Case(AGENDA, 2, OTHER_DIGEST))
    assert "sudah ditutup" in desk.say("kadis").reason
    assert not approved(desk)


def test_nothing_is_decided_about_what_nobody_proposed(desk: Desk) -> None:
    """If this fails, a forged run collects three signatures for a digest of its own."""
    for role in ORDER:
        assert "sudah berganti" in desk.say(role, "Ajukan" if role == "staff" else "Ya", lay=False).reason
    with open_ledger(desk.office) as ledger:
        record_proposal(ledger, CASE, (DRAFT, FACTS), desk.clock)
    desk.say("staff", "Ajukan", lay=False)
    assert "sudah berganti" in desk.say("kasi", lay=False).reason


def test_turns(desk: Desk) -> None:
    """If this fails, `sinkron waiting` sends people to the wrong desk, or calls nobody."""
    assert turn(desk) == SYSTEM
    with open_ledger(desk.office) as ledger:
        record_proposal(ledger, CASE, (DRAFT, FACTS), desk.clock)
    assert turn(desk) == "staff"
    desk.say("staff", "Ajukan", lay=False)
    assert turn(desk) == SYSTEM
    for role in ("kasi", "kabid", "kadis"):
        with open_ledger(desk.office) as ledger:
            desk.propose(ledger)
        assert turn(desk) == role
        desk.sign(role)
    assert turn(desk) == SYSTEM
    note(desk, Kind.WRITTEN, {})
    assert turn(desk) is None
    assert "sudah ditutup" in desk.say("kasi").reason


def test_a_refused_undo_is_over_and_a_refused_batch_is_not(desk: Desk) -> None:
    """If this fails, a refused undo is asked for ever, or a refused batch is forgotten."""
    desk.sign("staff")
    desk.say("kasi", "Tidak", note="baris 3")
    assert turn(desk) == SYSTEM
    desk.case = (f"{AGENDA}-U1", 1, OTHER_DIGEST)
    with open_ledger(desk.office) as ledger:
        with writing(ledger):
            append(ledger, desk.clock, (Kind.UNDO, f"{AGENDA}-U1", SYSTEM), {"undoes": AGENDA})
        record_proposal(ledger, Case(*desk.case), (UNDO, FACTS), desk.clock)
        assert docket(ledger, f"{AGENDA}-U1").turn() == "staff"
    assert desk.say("staff", "Ajukan", lay=False).accepted
    assert desk.say("kasi", "Tidak", note="biarkan", lay=False).accepted
    with open_ledger(desk.office) as ledger:
        assert docket(ledger, f"{AGENDA}-U1").turn() is None
    assert "sudah ditutup" in desk.say("kabid", lay=False).reason


@pytest.mark.parametrize(("first", "second"), [("staff", "kasi"), ("kasi", "kabid"), ("kabid", "kadis")])
def test_two_hands_are_refused_or_noted(desk: Desk, first: str, second: str) -> None:
    """If this fails, a small office can not work, or its two hands are not on the documents."""
    with open_ledger(desk.office) as ledger:
        add_mandate(ledger, first, second)
    desk.sign(*ORDER[: ORDER.index(second)])
    assert not desk.say(second, who=first).accepted
    rule_of(desk, "dicatat")
    assert desk.say(second, who=first).accepted
    for role in ORDER[ORDER.index(second) + 1 :]:
        desk.sign(role)
    with open_ledger(desk.office) as ledger:
        noted = [e.payload["noted"] for e in entries(ledger, AGENDA, Kind.DECISION) if e.payload["role"] == second]
    assert len(noted) == 1
    assert "tidak boleh" in noted[0]
    assert approved(desk, rule=Separation.NOTED)
    assert not approved(desk, rule=Separation.STRICT)  # an office that is strict again does not write it


def test_different_people_are_not_noted(desk: Desk) -> None:
    """If this fails, every document says that somebody held two hands, and nobody reads it any more."""
    rule_of(desk, "dicatat")
    desk.sign()
    with open_ledger(desk.office) as ledger:
        assert {entry.payload["noted"] for entry in entries(ledger, AGENDA, Kind.DECISION)} == {""}
    assert approved(desk)


def test_a_preparer_of_an_earlier_round_does_not_approve(desk: Desk) -> None:
    """If this fails, who made the first proposal approves the second, made from it."""
    with open_ledger(desk.office) as ledger:
        add_mandate(ledger, "kabid", "staff")
    assert desk.say("staff", "Ajukan", who="kabid").accepted
    assert desk.say("kasi", "Tidak", note="x").accepted
    desk.case = (AGENDA, 2, OTHER_DIGEST)
    desk.sign("staff", "kasi")
    assert "penyusun" in desk.say("kabid").reason
