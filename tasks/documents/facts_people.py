"""Who decided what of a batch, when, in which post and how long it took: read from the ledger alone."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from expectations.approvals import LEVELS
from tasks.approvals.docket import ASIDE, WITHDRAW, docket
from tasks.approvals.pause import Pause, pauses, spans
from tasks.approvals.people import mandate_of, people
from tasks.documents.words import one_line
from tasks.ledger import Entry, Kind, entries
from tasks.privacy import scrub

DECIDING = (Kind.DECISION, Kind.WITHDRAWN)
BY_CODE = "kode sekali pakai"
WAYS = {"kode": BY_CODE, "kunci": "kunci Ed25519", "perangkat": "kunci perangkat"}  # methods of a proof


@dataclass(frozen=True)
class Decided:
    """One decision of one person.

    ``seq``: number in the ledger; ``at``: when the button was pressed (UTC, ISO 8601); ``post``: "Kasi", "Plh. Kadis";
    ``letter``: of an acting post, else ""; ``withdrawn``: the post whose Ya was withdrawn, else ""; ``noted``: a
    separation of duties that was not kept, else ""; ``minutes``: since it was this person's turn, round the clock
    but for pauses;
    ``way``: with what the person proved to be that person.
    """

    seq: int
    at: str
    role: str
    post: str
    letter: str
    nip: str
    name: str
    decision: str
    withdrawn: str
    round: int
    noted: str
    note: str
    minutes: int
    way: str


def decided(ledger: sqlite3.Connection, agenda: str, before: int | None = None) -> list[Decided]:
    """Everything decided about a batch, in order; ``before``: only entries before that number of the ledger."""
    names = {nip: person.name for nip, person in people(ledger).items()}
    batch = entries(ledger, agenda)
    still = pauses(batch)
    found, since = [], ""
    for entry in batch:
        if before is not None and entry.seq >= before:
            break
        if entry.kind in DECIDING:
            found.append(_decided(entry, names.get(entry.actor, ""), (since, still)))
        if entry.kind not in ASIDE:
            since = entry.at
    return found


def standing(ledger: sqlite3.Connection, agenda: str, round_no: int) -> list[Decided]:
    """The decisions that hold in a round, Staff first, then in the order of the chain."""
    held = {entry.seq for entry in docket(ledger, agenda).rounds[round_no].decisions.values()}
    return [one for one in decided(ledger, agenda) if one.seq in held]


def _decided(entry: Entry, name: str, clock: tuple[str, list[Pause]]) -> Decided:
    facts, (since, still) = entry.payload, clock
    mandate = mandate_of(facts["mandate"])
    withdrawn = LEVELS[facts["withdraws"]].title if facts["decision"] == WITHDRAW else ""
    pressed = datetime.fromisoformat(facts["submitted_at"])
    begun = datetime.fromisoformat(since) if since else pressed
    stood = [min(end, pressed) - max(start, begun) for start, end in spans(still, pressed)]
    waited = pressed - begun - sum((one for one in stood if one > timedelta()), timedelta())
    minutes = max(0, int(waited.total_seconds()) // 60)
    return Decided(
        entry.seq, facts["submitted_at"], facts["role"], mandate.title, mandate.letter, entry.actor, name,
        facts["decision"], withdrawn, facts["round"], facts["noted"] or "", one_line(scrub(facts["note"])), minutes,
        WAYS[facts["method"]],
    )  # fmt: skip
