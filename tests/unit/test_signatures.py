"""``fully_approved`` believes the ledger's entries only when they make a chain of three people, whoever wrote them."""

from itertools import permutations

import pytest
from office_kit.signers import AGENDA, DIGEST, NIP, NOW, OTHER_DIGEST, Desk

from expectations.approvals import Separation
from tasks.approvals.case import Case
from tasks.approvals.docket import DRAFT, FINAL, fully_approved, record_proposal
from tasks.ledger import Kind, append, entries, open_ledger, writing

CHAIN = ("kasi", "kabid", "kadis")


def record(desk: Desk, role: str, who: str, decision: str = "Ya", **changes: object) -> None:
    """An entry as ``decide`` writes it, but past all of its checks."""
    case = Case(str(changes.pop("agenda", AGENDA)), int(changes.pop("round", 1)), str(changes.pop("digest", DIGEST)))
    payload = {
        "key": role, "role": role, "channel": "t", "round": case.round, "digest": case.digest, "decision": decision,
        "note": "", "noted": "", "proved": True, "guess": False, "totp_step": 0,
    } | changes  # fmt: skip
    with open_ledger(desk.office) as ledger:
        if not entries(ledger, AGENDA, Kind.PROPOSED):
            for step in (DRAFT, FINAL):
                record_proposal(ledger, Case(AGENDA, 1, DIGEST), (step, {"staff": False}), NOW)
        with writing(ledger):
            append(ledger, NOW, (Kind.DECISION, case.agenda, NIP[who]), payload)


def approved(desk: Desk, rule: Separation = Separation.STRICT) -> bool:
    with open_ledger(desk.office) as ledger:
        return fully_approved(ledger, Case(AGENDA, 1, DIGEST), rule)


@pytest.mark.parametrize("order", list(permutations(CHAIN)))
def test_signatures_count_in_the_order_of_the_chain(desk: Desk, order: tuple[str, ...]) -> None:
    """If this fails, the Kadis may sign first and the Kasi initial it afterwards."""
    for role in order:
        record(desk, role, role)
    assert approved(desk) is (order == CHAIN)


@pytest.mark.parametrize("people", [("kasi", "kasi", "kadis"), ("kasi", "kabid", "kasi"), ("kadis", "kadis", "kadis")])
def test_three_levels_are_three_people(desk: Desk, people: tuple[str, ...]) -> None:
    """If this fails, one person with three posts approves alone."""
    for role, who in zip(CHAIN, people, strict=True):
        record(desk, role, who)
    assert not approved(desk)
    assert not approved(desk, Separation.NOTED)  # no entry says that somebody held two hands


@pytest.mark.parametrize("role", CHAIN)
def test_no_preparer_among_them(desk: Desk, role: str) -> None:
    """If this fails, whoever submitted the proposal, in whatever round, approves it too."""
    for level in CHAIN:
        record(desk, level, level)
    assert approved(desk)
    record(desk, "staff", role, "Ajukan", round=3)
    assert not approved(desk)


@pytest.mark.parametrize("missing", CHAIN)
def test_no_level_is_optional(desk: Desk, missing: str) -> None:
    """If this fails, two signatures are enough."""
    for role in CHAIN:
        if role != missing:
            record(desk, role, role)
    record(desk, "staff", "staff", "Ajukan")
    assert not approved(desk)


@pytest.mark.parametrize("wrong", [{"digest": OTHER_DIGEST}, {"round": 2}, {"agenda": "2026-0002"}])
def test_a_signature_under_something_else(desk: Desk, wrong: dict[str, object]) -> None:
    """If this fails, a signature of another letter, round or change-set is counted."""
    record(desk, "kasi", "kasi", **wrong)
    record(desk, "kabid", "kabid")
    record(desk, "kadis", "kadis")
    assert not approved(desk)


@pytest.mark.parametrize("place", range(4))
def test_a_tidak_anywhere_in_the_round_counts(desk: Desk, place: int) -> None:
    """If this fails, a refusal is outvoted by what was signed before or after it."""
    for at in range(4):
        if at == place:
            record(desk, "kadis", "kadis", "Tidak")
        if at < len(CHAIN):
            record(desk, CHAIN[at], CHAIN[at])
    assert not approved(desk)
