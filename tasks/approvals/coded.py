"""What a registered person does with a one-time code outside of a gate: entered, whether it was granted or refused."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tasks.approvals.people import Person, people
from tasks.approvals.prove import prove
from tasks.ledger import Kind, LedgerConnection, append, utc
from tasks.office import WIB


@dataclass(frozen=True)
class Coded:
    """Who does something about a batch, with which code. ``at``: now (aware)."""

    agenda: str
    nip: str
    code: str
    at: datetime
    signature: str = ""
    assertion: None = None  # a device key signs decisions alone


@dataclass(frozen=True)
class Act:
    """What is done. ``facts``: for the ledger; ``may``: whether a person may on a day (WIB, ISO), or ``else_told``."""

    kind: Kind
    facts: dict[str, object]
    may: Callable[[Person, str], bool]
    else_told: str


def enter(con: LedgerConnection, key: bytes, coded: Coded, act: Act) -> str:
    """Enters the act, or the refused try, in the caller's transaction; returns why it is refused, else ""."""
    person = people(con).get(coded.nip)
    proof = prove(con, key, person, (coded, b""))
    day = coded.at.astimezone(WIB).date().isoformat()
    refused = proof.reason or ("" if person and act.may(person, day) else act.else_told)
    facts = {**act.facts, "refused": refused, "submitted_at": utc(coded.at), **proof.facts}
    append(con, coded.at, (act.kind, coded.agenda, proof.actor), facts)
    return refused
