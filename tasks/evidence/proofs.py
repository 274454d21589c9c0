"""Whether each person's proof still holds, judged anew from the entries alone: codes used once, signatures right.

Signatures of device keys are verified here without py_webauthn and without a network, by tasks.approvals.device.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from tasks.approvals.answer import Answer, Question, statement
from tasks.approvals.case import Case
from tasks.approvals.decide import SIGNED_WITHIN
from tasks.approvals.device import Assertion, count_of, judge, public_key
from tasks.approvals.docket import DEVICE
from tasks.approvals.people import DEVICE as ENROLLED
from tasks.approvals.people import Person
from tasks.approvals.prove import BY_DEVICE
from tasks.approvals.secrets import STEP_SECONDS, signed_by
from tasks.ledger import CLOCK_TOLERANCE, Entry, Kind, utc


@dataclass
class Used:
    """What was used up so far: gate keys, the newest code of each person, the newest count of each device key."""

    codes: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    counts: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    gates: set[tuple[str, str]] = field(default_factory=set)

    def note(self, entry: Entry) -> None:
        """What one entry used up."""
        facts = entry.payload
        self.codes[entry.actor] = max(self.codes[entry.actor], facts["totp_step"])
        if "assertion" in facts:
            name = facts["assertion"]["credential"]
            self.counts[name] = max(self.counts[name], count_of(assertion_of(entry)))
        if "key" in facts:
            self.gates.add((entry.batch, facts["key"]))


def proof_holds(used: Used, entry: Entry, person: Person | None) -> bool:
    """A code of that time that was not used before; or a signature, verified again over the statement."""
    facts = entry.payload
    at = datetime.fromisoformat(facts["submitted_at"])
    if (entry.batch, facts["key"]) in used.gates:  # each asking is answered once, and a signature is over its key
        return False
    if (facts["method"] == BY_DEVICE) != (facts["channel"] == DEVICE):
        return False
    if facts["method"] == "kode":
        near = abs(int(facts["totp_step"]) - int(at.timestamp()) // STEP_SECONDS) <= 1
        return near and facts["totp_step"] > used.codes[entry.actor]
    signed = signed_statement(entry)
    if signed is None or person is None:
        return False
    if facts["method"] == "kunci":
        return signed_by(person.public_key, signed, facts["signature"])
    return facts["method"] == BY_DEVICE and _by_device(used, entry, (person, signed, at))


def _by_device(used: Used, entry: Entry, about: tuple[Person, bytes, datetime]) -> bool:
    """The device that was enrolled then, through that person's own login, within five minutes of the asking."""
    (person, signed, at), facts = about, entry.payload
    if person.device is None or facts.get("login") != entry.actor:
        return False
    assertion = assertion_of(entry)
    last = max(person.device.count, used.counts[assertion.credential])
    told = facts["assertion"]["count"] == count_of(assertion)
    in_time = datetime.fromisoformat(entry.at) - at <= SIGNED_WITHIN + CLOCK_TOLERANCE
    return told and in_time and judge(person.device, assertion, signed, last) == ""


def assertion_of(entry: Entry) -> Assertion:
    """The signature of a device key as an entry keeps it. Raises KeyError."""
    kept = entry.payload["assertion"]
    return Assertion(kept["credential"], kept["client"], kept["authenticator"], kept["signature"])


def signed_statement(entry: Entry) -> bytes | None:
    """What a decision's signature is over, made again from its entry; None when its key or time is no honest one."""
    facts = entry.payload
    attempt = re.search(r"[0-9]+$", facts["key"])
    if attempt is None:
        return None
    case = Case(entry.batch, facts["round"], facts["digest"])
    question = Question(case, facts["role"], int(attempt[0]), facts["channel"])
    at = datetime.fromisoformat(facts["submitted_at"])
    answer = Answer(facts["decision"], facts["note"], entry.actor, "", at, case.code)
    honest = question.key == facts["key"] and utc(at) == facts["submitted_at"]
    return statement(question, answer) if honest else None


def enrolment_holds(entry: Entry, person: Person | None) -> bool:
    """A device key came by an operator's code that was open then; ``person``: as known before the entry."""
    facts = entry.payload
    if facts.get("method") != ENROLLED:
        return True
    invited = person is not None and not person.disabled and bool(person.invitation)
    if person is None or not invited or entry.kind != Kind.CREDENTIAL or facts["login"] != facts["nip"]:
        return False
    proof = facts["proof"]
    public_key(bytes.fromhex(proof["key"]))
    place = urlsplit(proof["origin"])
    named = (place.scheme, place.hostname) == ("https", proof["rp"])
    return named and datetime.fromisoformat(entry.at) <= datetime.fromisoformat(person.invited_until)
