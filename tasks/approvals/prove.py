"""Whether an answer comes from the person it names: one-time code, signature or device key, replay, guessing, locks.

Unknown people and wrong codes are told the same words, are counted and locked alike: nobody learns who is registered.
What was used and what failed is read from the ledger's entries, so nobody can reset it beside the chain.
"""

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from expectations.approvals import LOCK_MINUTES, LOCKS_A_DAY, LONG_LOCK_HOURS, MAX_FAILURES
from tasks.approvals.device import NOT_THIS_KEY, Assertion, count_of
from tasks.approvals.people import Person
from tasks.approvals.secrets import matching_step, pseudonym, secret_of, signed_by
from tasks.ledger import Entry, Kind, entries
from tasks.office import WIB

SAME_WORDS = "NIP atau kode tidak cocok"
NO_FORM = "dilanjutkan tanpa isian formulir"
NOBODY = "tidak dikenal"
BY_DEVICE = "perangkat"  # method of a proof
JUDGED = (Kind.DECISION, Kind.ATTEMPT, Kind.WITHDRAWN, Kind.OPENED, Kind.PAUSED)
DUMMY_SECRET = "A" * 32  # an unknown person's code is compared as well: the same time for the same words


class Typed(Protocol):
    """What a person gave as proof, and when it was submitted."""

    @property
    def nip(self) -> str: ...  # noqa: D102 (read-only members of a protocol)
    @property
    def code(self) -> str: ...  # noqa: D102
    @property
    def signature(self) -> str: ...  # noqa: D102
    @property
    def assertion(self) -> Assertion | None: ...  # noqa: D102
    @property
    def at(self) -> datetime: ...  # noqa: D102


@dataclass(frozen=True)
class Proof:
    """``reason`` "": proved. ``actor``: a NIP, or a pseudonym of an unknown one. ``guess``: counts towards a lock."""

    actor: str
    reason: str
    method: str = ""
    totp_step: int = 0
    guess: bool = False
    signature: str = ""
    assertion: Assertion | None = None

    @property
    def facts(self) -> dict[str, object]:
        """What the ledger keeps of it. Never the code."""
        told: dict[str, object] = {
            "proved": not self.reason, "guess": self.guess, "method": self.method, "totp_step": self.totp_step,
            "signature": self.signature,
        }  # fmt: skip
        if self.assertion:
            told["assertion"] = {**self.assertion.facts, "count": count_of(self.assertion)}
        return told


NOT_PROVED = Proof(NOBODY, NO_FORM)


@dataclass(frozen=True)
class _Past:
    """Of one actor: the newest time step used, the newest count of its device, and until when it is locked."""

    last_step: int
    last_count: int
    locked_until: datetime | None


def prove(con: sqlite3.Connection, key: bytes, person: Person | None, given: tuple[Typed, bytes]) -> Proof:
    """Judges one proof; ``given`` = (what was typed, the statement a signature would cover).

    A right code is used up by being right, whatever becomes of the decision.
    """
    typed, statement = given
    if not typed.nip:
        return NOT_PROVED
    actor = person.nip if person else pseudonym(key, typed.nip)
    past = _past(entries(con, actor=actor), person)
    if past.locked_until and typed.at < past.locked_until:
        until = past.locked_until.astimezone(WIB)
        return Proof(actor, f"terlalu banyak percobaan; coba lagi sesudah {until:%d-%m-%Y %H.%M} WIB")
    if typed.assertion:
        return _by_device(person, actor, (typed.assertion, statement), past.last_count)
    if typed.signature:
        right = bool(person and person.public_key) and signed_by(person.public_key, statement, typed.signature)  # type: ignore[union-attr]
        return Proof(actor, "" if right else SAME_WORDS, "kunci", 0, not right, typed.signature if right else "")
    return _by_code(con, key, person, (typed, actor, past.last_step))


def _by_code(con: sqlite3.Connection, key: bytes, person: Person | None, given: tuple[Typed, str, int]) -> Proof:
    """A one-time code, that no earlier answer of this person used."""
    typed, actor, last_step = given
    step = matching_step(_secret(con, key, person), typed.code, typed.at)
    if step is None or person is None or not person.secret:
        return Proof(actor, SAME_WORDS, "kode", guess=True)
    if step <= last_step:
        return Proof(actor, "kode sudah dipakai; tunggu kode berikutnya", "kode")
    return Proof(actor, "", "kode", step)


def _by_device(person: Person | None, actor: str, given: tuple[Assertion, bytes], last: int) -> Proof:
    """A device key's signature: what fails is a try like a wrong code."""
    from tasks.approvals.online import judged_twice

    reason = judged_twice(person.device, *given, last) if person and person.device else NOT_THIS_KEY
    return Proof(actor, reason, BY_DEVICE, guess=bool(reason), assertion=None if reason else given[0])


def _secret(con: sqlite3.Connection, key: bytes, person: Person | None) -> str:
    return secret_of(con, key, person.nip, person.secret) if person and person.secret else DUMMY_SECRET


def _past(found: list[Entry], person: Person | None) -> _Past:
    """Five wrong codes in a row lock for a quarter of an hour, the third lock of a day for a day."""
    last_step, failures = 0, 0
    last_count, device_seq = (person.device.count, person.device.seq) if person and person.device else (0, 0)
    locks: list[datetime] = []
    until: datetime | None = None
    for entry in found:
        if entry.kind not in JUDGED:
            continue
        facts = entry.payload
        last_step = max(last_step, facts["totp_step"])
        if "assertion" in facts and entry.seq > device_seq:
            last_count = max(last_count, facts["assertion"]["count"])
        if person and entry.seq < person.credential_seq:
            continue
        failures = 0 if facts["proved"] else failures + facts["guess"]
        if failures >= MAX_FAILURES:
            at = datetime.fromisoformat(facts["submitted_at"])
            locks = [lock for lock in locks if at - lock < timedelta(hours=LONG_LOCK_HOURS)] + [at]
            long = len(locks) >= LOCKS_A_DAY
            until = at + (timedelta(hours=LONG_LOCK_HOURS) if long else timedelta(minutes=LOCK_MINUTES))
            failures = 0
    return _Past(last_step, last_count, until)
