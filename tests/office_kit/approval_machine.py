"""Every call of the approvals in every order, on an office and on its model."""

from collections import Counter
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from expectations.approvals import MandateKind
from office_kit.approval_model import ORDER
from office_kit.approval_office import AGENDAS, DIGESTS, PEOPLE, Template
from office_kit.approval_tries import (
    TWISTS,
    by_device,
    by_person,
    either_way,
    faulty_device,
    play,
    right_try,
    withdrawal,
)
from office_kit.approval_world import World
from tasks.approvals.docket import DRAFT, FINAL
from tasks.ledger import Kind, check_whole, verify

PICK, LEVEL = st.integers(0, 11), st.integers(0, 4)
TWIST = st.sampled_from(list(TWISTS))
AGENDA = st.sampled_from([AGENDAS[0], *AGENDAS])
ROLE = st.sampled_from(["staff", "kasi", "kabid", "kadis"])
WHO = st.sampled_from(PEOPLE)
WAIT = st.sampled_from([31, 31, 31, 0, 5])
DAYS = st.sampled_from([(0, None), (0, 0), (-3, -1), (1, 5), (-1, 2), (2, 1)])
CLOCK = st.sampled_from([1, 29, 60, 890, 3_600, 40_000, 86_400, 300_000, -30, -119, -121, -4_000, -200_000])
REPEATS = st.sampled_from([(), AGENDAS[:1], AGENDAS[1:2], AGENDAS[:2]])  # the batches whose decisions are repeated
COUNTS: Counter[str] = Counter()
TEMPLATE: list[Template] = []


class Approvals(RuleBasedStateMachine):
    """Every rule is one call (or two); ``World`` makes it on the office and on the model."""

    def __init__(self) -> None:
        super().__init__()
        if not TEMPLATE:
            TEMPLATE.append(Template.make())
        self.world = World(TEMPLATE[0], COUNTS)

    def teardown(self) -> None:
        verify(self.world.con)
        check_whole(self.world.con)
        self.world.closing.close()

    @initialize(staff=st.booleans(), walked=st.integers(0, 5))
    def a_batch_on_its_way(self, staff: bool, walked: int) -> None:
        self.world.propose(AGENDAS[0], 1, (DRAFT, DIGESTS[0]), staff=staff)
        self.world.propose(AGENDAS[0], 1, (FINAL, DIGESTS[0]), staff=staff)
        for _ in range(walked):
            self.answer_rightly(AGENDAS[0])

    @rule(agenda=AGENDA)
    def answer_rightly(self, agenda: str) -> None:
        self.world.now += timedelta(seconds=31)
        play(self.world, either_way(self.world, agenda))

    def bring_to(self, agenda: str, level: int, hand: int) -> None:
        """Opens a round where none is open, and signs rightly up to a level, by one person where ``hand`` is 1."""
        world = self.world
        file = world.model.files.get(agenda)
        if agenda != AGENDAS[2] and (file is None or (file.sheet(file.number).over and not file.finished)):
            repeats = AGENDAS[:1] if hand and agenda == AGENDAS[1] else ()
            self.begin_a_round(agenda, DIGESTS[level % 3], staff=level != 3, repeats=repeats)
        for _ in range(len(ORDER)):
            turn = world.model.turn(agenda)
            if turn not in ORDER or ORDER.index(turn) >= level:
                return
            world.now += timedelta(seconds=31)
            one = hand and world.model.holds("serba", turn, world.now)
            made = by_person(world, right_try(world, agenda), "serba") if one else either_way(world, agenda)
            play(world, made)

    @rule(agenda=AGENDA, level=LEVEL, hand=st.integers(0, 1), one=TWIST, pick=PICK)
    def one_fault_at_a_level(self, agenda: str, level: int, hand: int, one: str, pick: int) -> None:
        self.bring_to(agenda, level, hand)
        self.answer(agenda, one, "nothing", (pick, 0), 31)

    @rule(agenda=AGENDA, level=LEVEL, pick=PICK,
          one=st.sampled_from(["tidak", "clicked too soon or too late", "used code"]))  # fmt: skip
    def likely_fault(self, agenda: str, level: int, one: str, pick: int) -> None:
        self.bring_to(agenda, level, 0)
        self.answer(agenda, one, "nothing", (pick, 0), 31)

    @rule(agenda=AGENDA, level=LEVEL, locks=st.integers(1, 3))
    def guess_again_and_again(self, agenda: str, level: int, locks: int) -> None:
        self.bring_to(agenda, level, 0)
        for _ in range(locks):
            self.guess(agenda, self.world.right(agenda).person, 5, 1)
            self.world.now += timedelta(minutes=16)
        self.answer_rightly(agenda)

    @rule(agenda=AGENDA, level=LEVEL)
    def two_hands(self, agenda: str, level: int) -> None:
        self.bring_to(agenda, level, 1)
        self.answer(agenda, "everybody's hand", "nothing", (0, 0), 31)

    @rule(agenda=AGENDA, seconds=st.sampled_from([-40, 5]))
    def evening(self, agenda: str, seconds: int) -> None:
        """Midnight in Mojokerto is 17:00 UTC: the Plh of three days at the edge of one of them."""
        self.bring_to(agenda, 3, 0)
        at = self.world.now.replace(hour=17, minute=0, second=0)
        self.world.now = at + timedelta(days=at <= self.world.now, seconds=seconds)
        play(self.world, by_person(self.world, right_try(self.world, agenda), "plh"))

    @rule(agenda=AGENDA, level=LEVEL, one=TWIST, other=TWIST, picks=st.tuples(PICK, PICK))
    def two_faults_at_a_level(self, agenda: str, level: int, one: str, other: str, picks: tuple[int, int]) -> None:
        self.bring_to(agenda, level, 0)
        self.answer(agenda, one, other, picks, 31)

    @rule(agenda=AGENDA, level=LEVEL, one=TWIST, pick=PICK)
    def withdraw_at_a_level(self, agenda: str, level: int, one: str, pick: int) -> None:
        self.bring_to(agenda, level, 0)
        self.withdraw(agenda, one, pick)

    @rule(agenda=AGENDA, one=TWIST, other=TWIST, picks=st.tuples(PICK, PICK), wait=WAIT)
    def answer(self, agenda: str, one: str, other: str, picks: tuple[int, int], wait: int) -> None:
        self.world.now += timedelta(seconds=wait)
        made = right_try(self.world, agenda)
        for name, pick in zip((one, other), picks, strict=True):
            made = TWISTS[name](self.world, made, pick)
        play(self.world, made)

    @rule(agenda=AGENDA, one=TWIST, pick=PICK)
    def answer_with_one_fault(self, agenda: str, one: str, pick: int) -> None:
        self.answer(agenda, one, "nothing", (pick, 0), 31)

    @rule(agenda=AGENDA, one=TWIST, pick=PICK)
    def withdraw(self, agenda: str, one: str, pick: int) -> None:
        self.world.now += timedelta(seconds=31)
        play(self.world, TWISTS[one](self.world, withdrawal(self.world, agenda), pick))

    @rule(agenda=AGENDA, who=WHO, times=st.integers(4, 6), wait=st.sampled_from([1, 31, 400]))
    def guess(self, agenda: str, who: str, times: int, wait: int) -> None:
        for _ in range(times):
            self.world.now += timedelta(seconds=wait)
            made = TWISTS["person"](self.world, right_try(self.world, agenda), PEOPLE.index(who))
            play(self.world, TWISTS["wrong code"](self.world, made, 0))

    @rule(agenda=st.sampled_from(AGENDAS[:2]), step=st.sampled_from([DRAFT, FINAL]), digest=st.sampled_from(DIGESTS),
          later=st.sampled_from([0, 0, 1, -1]), terms=st.tuples(st.booleans(), REPEATS))  # fmt: skip
    def lay_down(self, agenda: str, step: str, digest: str, later: int, terms: tuple[bool, tuple[str, ...]]) -> None:
        number = self.world.model.files[agenda].number if agenda in self.world.model.files else 1
        self.world.propose(agenda, max(1, number + later), (step, digest), staff=terms[0], repeats=terms[1])

    @rule(agenda=st.sampled_from(AGENDAS[:2]), digest=st.sampled_from(DIGESTS), staff=st.booleans(), repeats=REPEATS)
    def begin_a_round(self, agenda: str, digest: str, staff: bool, repeats: tuple[str, ...]) -> None:
        file = self.world.model.files.get(agenda)
        number = file.number + file.sheet(file.number).over if file else 1
        for step in (DRAFT, FINAL):
            self.world.propose(agenda, number, (step, digest), staff=staff, repeats=repeats)

    @rule()
    def ask_for_an_undo(self) -> None:
        self.world.open_undo(AGENDAS[2])

    @rule(agenda=AGENDA)
    def void(self, agenda: str) -> None:
        self.world.void(agenda)

    @rule(agenda=AGENDA)
    def write(self, agenda: str) -> None:
        self.world.write(agenda)

    @rule(who=WHO, role=ROLE)
    def register(self, who: str, role: str) -> None:
        self.world.register(who, role)

    @rule(who=WHO, role=ROLE, days=DAYS, kind=st.sampled_from(MandateKind))
    def grant(self, who: str, role: str, days: tuple[int, int | None], kind: MandateKind) -> None:
        self.world.grant(who, role, days, kind)

    @rule(who=WHO)
    def rotate(self, who: str) -> None:
        self.world.rotate(who)

    @rule(who=WHO, pair=st.integers(0, 2))
    def enrol_key(self, who: str, pair: int) -> None:
        self.world.enrol(who, pair)

    @rule(who=WHO)
    def invite(self, who: str) -> None:
        self.world.devices.invite(who)

    @rule(who=WHO, code_of=WHO, number=st.integers(0, 3), honest=st.booleans())
    def enrol_a_device(self, who: str, code_of: str, number: int, honest: bool) -> None:
        self.world.devices.enrol(who, number, who if honest else code_of)

    @rule(agenda=AGENDA, level=LEVEL, fresh=st.booleans(), one=TWIST, picks=st.tuples(PICK, PICK))
    def sign_by_device(self, agenda: str, level: int, fresh: bool, one: str, picks: tuple[int, int]) -> None:
        """With one thing wrong or none; then rightly."""
        self.bring_to(agenda, level, 0)
        world = self.world
        world.devices.bring(world.right(agenda).person, fresh=fresh)
        for twist, (pick, other) in ((one, picks), ("nothing", (0, 0))):
            world.now += timedelta(seconds=31)
            made = by_device(world, right_try(world, agenda), pick)
            play(world, TWISTS[twist](world, made, other))

    @rule(agenda=AGENDA, level=LEVEL, fault=st.sampled_from(["late", "ended", "count", "form"]))
    def likely_fault_of_a_device(self, agenda: str, level: int, fault: str) -> None:
        self.bring_to(agenda, level, 0)
        world, who = self.world, self.world.right(agenda).person
        world.devices.bring(who, fresh=False)
        world.now += timedelta(minutes=8)  # what it is about lies there for longer than a signature counts
        made = faulty_device(world, right_try(world, agenda), fault)
        if fault == "ended":
            world.devices.invite(who)
        play(world, made)

    @rule()
    def change_the_door(self) -> None:
        self.world.model.door = not self.world.model.door

    @precondition(lambda self: len(self.world.model.people) > 4)
    @rule(who=WHO)
    def disable(self, who: str) -> None:
        self.world.disable(who)

    @rule()
    def change_the_separation(self) -> None:
        self.world.strict = not self.world.strict

    @rule(seconds=CLOCK)
    def set_the_clock(self, seconds: int) -> None:
        self.world.now += timedelta(seconds=seconds)

    @precondition(lambda self: not self.world.model.clock_ok(self.world.now))
    @rule()
    def mend_the_clock(self) -> None:
        self.world.entry(Kind.CLOCK, "", {"why": "betul"})

    @rule(statement=st.sampled_from([
        "update entries set actor = 'lain' where kind = 'keputusan'", "delete from entries where seq > 3",
        "insert or replace into entries select 3, at, kind, batch, 'lain', payload, prev, hash from entries limit 1",
        "insert into entries select seq + 2, at, kind, batch, actor, payload, hash, hash from entries",
    ]))  # fmt: skip
    def write_past_the_chain(self, statement: str) -> None:
        # An UPDATE or DELETE that meets no row fires no trigger and changes nothing.
        before = self.world.con.execute("select count(*), group_concat(hash) from entries").fetchone()
        decided = self.world.con.execute("select count(*) from entries where kind = 'keputusan'").fetchone()[0]
        self.world.call(lambda: self.world.con.execute(statement),
                        expected=statement.startswith("update") and not decided)  # fmt: skip
        assert self.world.con.execute("select count(*), group_concat(hash) from entries").fetchone() == before
