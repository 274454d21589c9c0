"""Four fictional people of the office, and their answers at a gate with the code of the moment."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pyotp

from tasks.approvals.case import Case
from tasks.approvals.decide import Answer, Judging, Question, Verdict, decide
from tasks.approvals.docket import DRAFT, FINAL, TERMINAL, fully_approved, record_proposal
from tasks.approvals.people import Mandate, Person, grant, register
from tasks.ledger import Kind, LedgerConnection, append, entries, open_ledger, writing
from tasks.office import WIB, Office

NOW = datetime(2026, 10, 6, 2, 0, tzinfo=UTC)  # 09:00 WIB, a Tuesday
TEN = datetime(2026, 10, 6, 10, 0, tzinfo=WIB)
NIP = {
    "staff": "199503032020122901", "kasi": "198502022010011902", "kabid": "197801012003122903",
    "kadis": "197004041995031904",
}  # fmt: skip
DIGEST, OTHER_DIGEST = "a" * 64, "b" * 64
AGENDA = "2026-0001"


@dataclass
class Desk:
    """The gate as the tests use it. The clock moves one TOTP step per answer, so that no code is used twice."""

    office: Office
    secrets: dict[str, str]
    clock: datetime = NOW
    attempts: int = 0
    case: tuple[str, int, str] = (AGENDA, 1, DIGEST)
    rests_on: list[str] = field(default_factory=list)  # batches whose decisions what is laid down takes over
    seen: list[Verdict] = field(default_factory=list)

    def code(self, who: str, at: datetime | None = None) -> str:
        """The code that the authenticator of ``who`` (a role name) shows at a time."""
        return pyotp.TOTP(self.secrets[who]).at(at or self.clock)

    def question(self, role: str, round_no: int | None = None, digest: str | None = None) -> Question:
        """The next attempt at a gate of the desk's case."""
        self.attempts += 1
        case = Case(self.case[0], round_no or self.case[1], digest or self.case[2])
        return Question(case, role, self.attempts, TERMINAL)

    def answer(self, who: str, decision: str = "Ya", **changes: object) -> Answer:
        """What ``who`` types now; the clock then moves on."""
        self.clock += timedelta(seconds=31)
        fields = {"decision": decision, "note": "", "nip": NIP[who], "code": self.code(who), "at": self.clock,
                  "file_code": Case(*self.case).code} | changes  # fmt: skip
        return Answer(**fields)

    def judging(self) -> Judging:
        """What the office judges with at the desk's time."""
        return Judging(self.office.key("totp"), self.office.separation(), self.clock)

    def propose(
        self, ledger: LedgerConnection, case: Case | None = None, steps: tuple[str, ...] = (DRAFT, FINAL)
    ) -> None:
        """The desk's case (or another) lies before Staff and the chain."""
        facts = {"staff": True, "rows": 1, "changes": 1, "rests_on": self.rests_on}
        for step in steps:
            record_proposal(ledger, case or Case(*self.case), (step, facts), self.clock)

    def receive(self, at: datetime) -> None:
        """Staff got the desk's case at a time."""
        self.clock = at
        with open_ledger(self.office) as ledger:
            with writing(ledger):
                append(ledger, at, (Kind.RECEIVED, self.case[0], "sinkron"), {})
            self.propose(ledger, steps=(DRAFT,))

    def say(self, role: str, decision: str = "Ya", *, who: str | None = None, **changes: object) -> Verdict:
        """One answer at the gate of ``role``; ``round_no`` and ``digest`` may name another case.

        The case is laid before everybody first; ``lay=False``: only asked about.
        """
        lay = changes.pop("lay", True)
        place = {key: changes.pop(key) for key in ("round_no", "digest") if key in changes}
        question = self.question(role, **place)
        changes.setdefault("file_code", question.case.code)
        with open_ledger(self.office) as ledger:
            if lay:
                self.propose(ledger, question.case)
            answer = self.answer(who or role, decision, **changes)
            verdict = decide(ledger, self.judging(), question, answer)
        self.seen.append(verdict)
        return verdict

    def sign(self, *roles: str) -> None:
        """Ajukan or Ya by each role; fails when one does not count."""
        for role in roles or ("staff", "kasi", "kabid", "kadis"):
            verdict = self.say(role, "Ajukan" if role == "staff" else "Ya")
            assert verdict.accepted, verdict.reason


def staff_an_office(office: Office, at: datetime = NOW) -> Desk:
    """Registers one person per role and opens the desk."""
    with open_ledger(office) as ledger:
        secrets = {
            role: register(ledger, office.key("totp"), (Person(nip, f"UJI {role.title()}"), Mandate(role)), at)
            for role, nip in NIP.items()
        }
    return Desk(office, secrets)


def add_mandate(ledger: LedgerConnection, who: str, role: str, valid_from: str = "2026-01-01", **more: object) -> None:
    """``who`` also acts as ``role``."""
    grant(ledger, NIP[who], Mandate(role, valid_from=valid_from, **more), NOW)


def approved(desk: Desk, digest: str = DIGEST, round_no: int = 1) -> bool:
    """Whether a change-set of the usual batch is approved by all levels."""
    with open_ledger(desk.office) as ledger:
        return fully_approved(ledger, Case(AGENDA, round_no, digest))


def attempts(desk: Desk) -> list[dict[str, object]]:
    """What was tried at its gates and refused."""
    with open_ledger(desk.office) as ledger:
        return [entry.payload for entry in entries(ledger, AGENDA, Kind.ATTEMPT)]
