"""Random answers at the gates against a small model: approval is three right Ya, in order, by three people."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st
from office_kit.signers import AGENDA, DIGEST, NIP, OTHER_DIGEST, Desk, add_mandate, staff_an_office

from tasks.approve import Answer, Question, decide, fully_approved
from tasks.ledger import open_ledger, verify
from tasks.office import Office

ORDER = ("kasi", "kabid", "kadis")
# Some people hold a second post: the Kasi is Plh Kabid, the Staff is Plh Kasi, the Kabid is Plh Kadis.
POSTS = {"staff": {"staff", "kasi"}, "kasi": {"kasi", "kabid"}, "kabid": {"kabid", "kadis"}, "kadis": {"kadis"}}


@dataclass(frozen=True)
class Act:
    who: str
    role: str
    round_no: int
    digest: str
    decision: str
    code: str  # good, wrong, old
    note: str


ACTS = st.builds(
    Act, st.sampled_from([*POSTS]), st.sampled_from(["staff", *ORDER]), st.sampled_from([1, 1, 2]),
    st.sampled_from([DIGEST, DIGEST, DIGEST, OTHER_DIGEST]), st.sampled_from(["Ya", "Ya", "Ya", "Tidak", ""]),
    st.sampled_from(["good", "good", "good", "good", "wrong", "old"]), st.sampled_from(["", "x"]),
)  # fmt: skip
# Most sequences walk the chain; the rest of the acts disturb it.
WALK = st.builds(lambda n: [Act(r, r, 1, DIGEST, "Ya", "good", "") for r in ("staff", *ORDER)][:n], st.integers(0, 4))


@dataclass
class Model:
    """The rules of the office in twenty lines, written from the handbook and not from ``approve.py``."""

    signed: dict[tuple[int, str], dict[str, str]] = field(default_factory=dict)
    refused: set[int] = field(default_factory=set)
    preparers: set[str] = field(default_factory=set)
    judges: set[tuple[int, str]] = field(default_factory=set)

    def accepts(self, act: Act) -> bool:
        if act.code != "good" or act.role not in POSTS[act.who]:
            return False
        if act.role == "staff":
            if (act.round_no, act.who) in self.judges:
                return False  # who approved or refused does not become the preparer of that round
            self.preparers.add(act.who)
            return True
        if act.decision not in ("Ya", "Tidak") or (act.decision == "Tidak" and not act.note):
            return False
        here = {} if act.round_no in self.refused else self.signed.get((act.round_no, act.digest), {})
        before = ORDER[: ORDER.index(act.role)]
        if any(role not in here for role in before) or act.who in here.values() or act.who in self.preparers:
            return False
        self.judges.add((act.round_no, act.who))
        if act.decision == "Tidak":
            self.refused.add(act.round_no)
        elif act.round_no not in self.refused:
            self.signed.setdefault((act.round_no, act.digest), {})[act.role] = act.who
        return True

    def approved(self, round_no: int, digest: str) -> bool:
        here = self.signed.get((round_no, digest), {})
        people = set(here.values())
        complete = set(here) == set(ORDER) and len(people) == len(ORDER) and not people & self.preparers
        return complete and round_no not in self.refused


@settings(max_examples=60)
@example(walk=[Act(r, r, 1, DIGEST, "Ya", "good", "") for r in ("staff", *ORDER)], acts=[], at=4)
@given(walk=WALK, acts=st.lists(ACTS, max_size=10), at=st.integers(0, 4))
def test_only_three_right_answers_approve(tmp_path_factory: object, walk: list[Act], acts: list[Act], at: int) -> None:
    """If this fails, some order of answers writes residents' data without three people having said Ya to it."""
    office = Office(Path(tmp_path_factory.mktemp("gerbang")) / "kantor")
    office.create()
    desk, model = staff_an_office(office), Model()
    with open_ledger(office.ledger) as ledger:
        for who, roles in POSTS.items():
            for role in roles - {who}:
                add_mandate(ledger, who, role)
    for act in [*walk[:at], *acts, *walk[at:]]:
        assert _play(desk, act) is model.accepts(act), act
        with open_ledger(office.ledger) as ledger:
            for round_no in (1, 2):
                for digest in (DIGEST, OTHER_DIGEST):
                    assert fully_approved(ledger, AGENDA, round_no, digest) is model.approved(round_no, digest)
    with open_ledger(office.ledger) as ledger:
        verify(ledger)


def _play(desk: Desk, act: Act) -> bool:
    old = desk.code(act.who, desk.clock - timedelta(hours=1))
    desk.clock += timedelta(minutes=30)  # no lock lasts into the next act
    desk.attempts += 1
    code = {"good": desk.code(act.who), "wrong": "000000", "old": old}[act.code]
    decision = "Ajukan" if act.role == "staff" else act.decision
    question = Question(AGENDA, act.round_no, act.role, act.digest, desk.attempts)
    with open_ledger(desk.office.ledger) as ledger:
        answer = Answer(decision, act.note, NIP[act.who], code, desk.clock)
        return decide(ledger, desk.office.key("totp"), question, answer).accepted
