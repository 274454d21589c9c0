"""The desk of tests with a device key for everybody of the chain, enrolled as people do it, and their answers."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from office_kit.device_key import DeviceKey
from office_kit.signers import NIP, NOW, Desk
from tasks.approvals.answer import Answer, Question, legible, statement
from tasks.approvals.case import Case
from tasks.approvals.decide import Verdict, decide
from tasks.approvals.device import Assertion
from tasks.approvals.docket import DEVICE
from tasks.approvals.invite import Claim, enrol_device, invite
from tasks.approvals.online import enrolled
from tasks.evidence.findings import Severity
from tasks.evidence.replay import read_book
from tasks.ledger import entries, open_ledger
from tasks.office import Office


def invited(office: Office, who: str, at: Any = NOW) -> str:
    with open_ledger(office) as ledger:
        return invite(ledger, office.key("device"), NIP[who], at)


def enrol(office: Office, who: str, key: DeviceKey, at: Any = NOW) -> None:
    """An operator's code, then the person's browser."""
    code = invited(office, who, at)
    challenge = b"x" * 32
    device = enrolled(key.make("eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg"), challenge, key.origin)
    assert device is not None
    with open_ledger(office) as ledger:
        enrol_device(ledger, office.key("device"), Claim(NIP[who], code), (device, at))


@dataclass
class Keyed:
    """The desk, with a device key for everybody of the chain; Staff has submitted."""

    desk: Desk
    keys: dict[str, DeviceKey]

    def asked(self, role: str, **changes: Any) -> tuple[Question, Answer]:
        """What lies before a person at the page: the question, and the answer without its signature."""
        self.desk.attempts += 1
        self.desk.clock += timedelta(seconds=31)
        place = (changes.pop("round_no", 1), changes.pop("digest", self.desk.case[2]))
        question = Question(Case(self.desk.case[0], *place), role, self.desk.attempts, changes.pop("channel", DEVICE))
        nip = changes.pop("nip", NIP[role])
        given = {"decision": "Ya", "note": "", "nip": nip, "code": "", "at": self.desk.clock, "login": nip,
                 "file_code": question.case.code} | changes  # fmt: skip
        return question, Answer(**given)

    def say(self, role: str, assertion: Assertion | None = None, by: str = "", **changes: Any) -> Verdict:
        """One answer signed by the device of ``by`` (the role's own), or with another signature."""
        lies = changes.pop("lies", {})
        after = changes.pop("after", timedelta(seconds=8))
        question, answer = self.asked(role, **changes)
        signed = assertion or self.keys[by or role].sign(statement(question, legible(answer)), **lies)
        return self.decide(question, replace(answer, assertion=signed), after)

    def decide(self, question: Question, answer: Answer, after: timedelta = timedelta(seconds=8)) -> Verdict:
        self.desk.clock += after
        with open_ledger(self.desk.office) as ledger:
            return decide(ledger, self.desk.judging(), question, answer)

    def last(self) -> dict[str, Any]:
        """What the newest entry keeps."""
        with open_ledger(self.desk.office) as ledger:
            return entries(ledger)[-1].payload

    def faults(self) -> list[str]:
        """What ``sinkron verify`` finds wrong in the ledger."""
        with open_ledger(self.desk.office) as ledger:
            book = read_book(ledger)
        book.con.close()
        return [found.text for found in book.found if found.severity is Severity.WRONG]


def keyed_desk(desk: Desk) -> Keyed:
    """A device key for each of the chain; Staff has submitted."""
    with open_ledger(desk.office) as ledger:
        desk.propose(ledger)
    keys = {role: DeviceKey(name=f"kunci-{role}".encode() * 3) for role in ("kasi", "kabid", "kadis")}
    desk.sign("staff")
    for role, key in keys.items():
        enrol(desk.office, role, key, desk.clock)
    return Keyed(desk, keys)
