"""What the ledger says of one batch: its rounds, whose word stands in each, what closed them, whose turn it is.

Everything here is read from the entries in their order and from nothing else: a Prefect run can be lost or forged.
"""

import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from expectations.approvals import CHAIN, LEVELS, STAFF, Separation
from tasks.approvals.case import Case
from tasks.ledger import Entry, Kind, LedgerConnection, append, entries, writing

YES, NO, SUBMIT, WITHDRAW = "Ya", "Tidak", "Ajukan", "Cabut"
DRAFT, FINAL, UNDO, PURGE = "draft", "propose", "undo", "purge"  # proposed to Staff, to the chain, or to both at once
SYSTEM = "sinkron"  # nobody has to decide: the next step of the flow is due
# Entries that change nobody's turn.
ASIDE = frozenset({Kind.ATTEMPT, Kind.EXPORTED, Kind.OPENED, Kind.NOTICE, Kind.PAUSED})
FORM, TERMINAL, DEVICE = "c", "t", "d"  # how an answer came: a form of Prefect, the command line, a device key


@dataclass
class Round:
    """One round of a batch. ``closed``: the entry that voided all its signatures, or None."""

    number: int
    proposed: dict[str, Entry] = field(default_factory=dict)  # DRAFT and FINAL
    decisions: dict[str, Entry] = field(default_factory=dict)  # role -> its valid decision
    tries: Counter[tuple[str, str]] = field(default_factory=Counter)  # (role asked, channel)
    reasons: dict[str, str] = field(default_factory=dict)  # role -> why its last answer did not count
    closed: Entry | None = None

    def digest_for(self, role: str) -> str:
        """The digest a role decides about: Staff the draft, the chain the proposal; "" when there is none."""
        entry = self.proposed.get(DRAFT if role == STAFF.role else FINAL)
        return str(entry.payload["digest"]) if entry else ""

    @property
    def leads_to(self) -> str | None:
        """The role that gets the case after this round was closed."""
        if self.closed is None:
            return None
        return LEVELS[self.closed.payload["role"]].no_leads_to if self.closed.kind == Kind.DECISION else STAFF.role

    @property
    def rests_on(self) -> list[str]:
        """The batches whose decisions the chain's proposal takes over."""
        return list(self.proposed[FINAL].payload.get("rests_on", ())) if FINAL in self.proposed else []

    @property
    def needs_staff(self) -> bool:
        """Whether Staff has to submit the draft before the chain is asked."""
        return DRAFT in self.proposed and bool(self.proposed[DRAFT].payload["staff"])


@dataclass
class Docket:
    """One batch, undo or destruction. ``written``: the entry that finished it.

    ``undoes``: the batch it takes back; ``destroys``: the batch whose data it destroys.

    ``preparers``: NIP of everybody who submitted it as Staff in any round, or one of the batches that it rests on;
    ``decided_before``: of the latter alone, each with the first of those batches: they do not approve it, but may
    refuse it, for a round in which nobody of Staff is asked could not go back to Staff otherwise.
    """

    agenda: str
    rounds: dict[int, Round] = field(default_factory=dict)
    preparers: set[str] = field(default_factory=set)
    decided_before: dict[str, str] = field(default_factory=dict)
    undoes: str | None = None
    destroys: str | None = None
    written: Entry | None = None
    since: str = ""  # UTC: when it became the turn of whoever is asked now

    @property
    def current(self) -> Round:
        """The newest round in which something was proposed: a try at a round that does not exist opens none."""
        proposed = [number for number, here in self.rounds.items() if here.proposed]
        return self.rounds[max(proposed)] if proposed else Round(1)

    @property
    def is_open(self) -> bool:
        """Whether anything is left to do. A refused undo or destruction is finished; a batch goes another round."""
        once = self.undoes is not None or self.destroys is not None
        return self.written is None and not (once and self.current.closed is not None)

    def turn(self) -> str | None:
        """The role that is asked now, SYSTEM when the flow has to go on, None when all is done."""
        if not self.is_open:
            return None
        now = self.current
        if now.closed:
            return SYSTEM
        if now.needs_staff and STAFF.role not in now.decisions:
            return STAFF.role
        if FINAL not in now.proposed:
            return SYSTEM
        return next((level.role for level in CHAIN if level.role not in now.decisions), SYSTEM)


def docket(con: sqlite3.Connection, agenda: str) -> Docket:
    """Reads one batch from the ledger."""
    made = Docket(agenda)
    for entry in entries(con, agenda):
        _take(made, entry)
    for earlier in made.current.rests_on:
        for one in entries(con, earlier, Kind.DECISION):
            if _submits(one) and one.actor not in made.preparers:
                made.decided_before.setdefault(one.actor, earlier)
    made.preparers |= {*made.decided_before}
    return made


def _take(made: Docket, entry: Entry) -> None:
    if entry.kind not in ASIDE:
        made.since = entry.at
    if entry.kind == Kind.UNDO:
        made.undoes = entry.payload["undoes"]
    elif entry.kind == Kind.PURGE:
        made.destroys = entry.payload["destroys"]
    elif entry.kind in (Kind.WRITTEN, Kind.UNDONE, Kind.PURGED):
        made.written = entry
    elif entry.kind in (Kind.PROPOSED, Kind.VOIDED, Kind.DECISION, Kind.ATTEMPT, Kind.WITHDRAWN):
        number = entry.payload["round"]
        here = made.rounds.get(number) or made.rounds.setdefault(number, Round(number))
        {
            Kind.PROPOSED: _propose, Kind.VOIDED: _close, Kind.DECISION: _decide, Kind.ATTEMPT: _attempt,
            Kind.WITHDRAWN: _withdraw,
        }[Kind(entry.kind)](here, entry)  # fmt: skip
        if entry.kind == Kind.DECISION and _submits(entry):
            made.preparers.add(entry.actor)


def _submits(entry: Entry) -> bool:
    return bool(entry.payload["role"] == STAFF.role)


def _propose(here: Round, entry: Entry) -> None:
    """Another digest than before voids what was signed on the earlier one."""
    steps = (DRAFT, FINAL) if entry.payload["step"] in (UNDO, PURGE) else (entry.payload["step"],)
    for step in steps:
        here.proposed[step] = entry
    here.decisions = {r: e for r, e in here.decisions.items() if e.payload["digest"] == here.digest_for(r)}


def _decide(here: Round, entry: Entry) -> None:
    facts = entry.payload
    _count(here, entry)
    here.reasons.pop(facts["role"], None)
    if facts["decision"] == NO:
        _close(here, entry)
    if facts["digest"] == here.digest_for(facts["role"]):
        here.decisions.setdefault(facts["role"], entry)


def _attempt(here: Round, entry: Entry) -> None:
    _count(here, entry)
    here.reasons[entry.payload["role"]] = entry.payload["reason"]


def _withdraw(here: Round, entry: Entry) -> None:
    _count(here, entry)
    here.reasons.pop(entry.payload["role"], None)
    here.decisions.pop(entry.payload["withdraws"], None)
    if entry.payload["withdraws"] == STAFF.role:
        _close(here, entry)


def _close(here: Round, entry: Entry) -> None:
    here.closed = here.closed or entry


def _count(here: Round, entry: Entry) -> None:
    here.tries[entry.payload["role"], entry.payload["channel"]] += 1


def record_proposal(con: LedgerConnection, case: Case, made: tuple[str, dict[str, Any]], now: datetime) -> None:
    """Writes what can be signed from now on, once; ``made`` = (DRAFT, FINAL or UNDO, {staff, rows, changes, rests_on}).

    ``rests_on`` of a FINAL: the batches whose decisions it takes over; their preparers may not approve it.
    """
    step, facts = made
    with writing(con):
        here = docket(con, case.agenda).rounds.get(case.round, Round(case.round))
        known = here.proposed.get(FINAL if step == UNDO else step)
        if known is None or known.payload["digest"] != case.digest:
            payload = {"round": case.round, "digest": case.digest, "step": step} | facts
            append(con, now, (Kind.PROPOSED, case.agenda, SYSTEM), payload)


def signatures(con: sqlite3.Connection, case: Case) -> dict[str, Entry]:
    """Role -> Ya of the chain for exactly this change-set; nothing when its round was closed."""
    return _signatures(docket(con, case.agenda), case)


def _signatures(batch: Docket, case: Case) -> dict[str, Entry]:
    here = batch.rounds.get(case.round, Round(case.round))
    if here.closed or here.digest_for(CHAIN[0].role) != case.digest:
        return {}
    return {role: entry for role, entry in here.decisions.items() if role != STAFF.role}


def fully_approved(con: sqlite3.Connection, case: Case, separation: Separation = Separation.STRICT) -> bool:
    """All levels of the chain, in order, by different people who did not prepare it, for exactly this change-set.

    With ``separation`` NOTED one person may hold two hands, where the entry itself is marked so.
    """
    batch = docket(con, case.agenda)
    signed = _signatures(batch, case)
    if batch.current.number != case.round or [level.role for level in CHAIN if level.role in signed] != [
        level.role for level in CHAIN
    ]:
        return False
    order = [signed[level.role] for level in CHAIN]
    if batch.current.needs_staff and STAFF.role not in batch.current.decisions:
        return False
    if [entry.seq for entry in order] != sorted(entry.seq for entry in order):
        return False
    seen = set(batch.preparers)
    for entry in order:
        if entry.actor in seen and not (separation is Separation.NOTED and entry.payload["noted"]):
            return False
        seen.add(entry.actor)
    return all(entry.payload["decision"] == YES for entry in order)
