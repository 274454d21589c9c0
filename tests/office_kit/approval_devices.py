"""Device keys of the tried office: the operator's codes, enrolments and signatures, on the office and on its model."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from office_kit.approval_model import Model, Tries
from office_kit.approval_office import KEY, NIP
from office_kit.device_key import EDDSA, PRESENT, DeviceKey
from tasks.approvals.answer import Answer, Question, legible, statement
from tasks.approvals.invite import Claim, enrol_device, invite
from tasks.ledger import LedgerConnection

POOL = 16
PRIVATE = tuple(Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in range(100, 100 + POOL))
NO_CODE = "AAAA-AAAA-AAAA"
# What a signature may have wrong, and what device or browser say then. "other": it is over another question.
LIES: dict[str, dict[str, object]] = {
    "": {}, "other": {}, "count": {}, "unverified": {"flags": PRESENT}, "origin": {"origin": "https://lain.example"},
    "frame": {"crossOrigin": True}, "enrolment": {"type": "webauthn.create"},
}  # fmt: skip


class Trying(Protocol):
    """What is needed of the world."""

    con: LedgerConnection
    model: Model
    now: datetime

    def call(self, action: object, *, expected: bool) -> None: ...


class Devices:
    """All authenticators that anybody has, and the code each person was told last."""

    def __init__(self, world: Trying) -> None:
        self.world = world
        self.keys = [DeviceKey(EDDSA, name=f"kunci-uji-{n:06}".encode(), private=key) for n, key in enumerate(PRIVATE)]
        self.told: dict[str, str] = {}

    def invite(self, who: str) -> None:
        """The operator makes a code; from now on an older device of that person does not count."""
        world, known = self.world, self.world.model.people.get(who)
        expected = bool(known) and not known.disabled and world.model.clock_ok(world.now)
        world.call(lambda: self.told.update({who: invite(world.con, KEY, NIP[who], world.now)}), expected=expected)
        if expected:
            known.device, known.invited_until, world.model.newest = None, world.now + timedelta(hours=1), world.now

    def enrol(self, who: str, number: int, code_of: str) -> None:
        """A person comes with a device, and the code that ``code_of`` was told. It counts once, and for an hour."""
        world, known = self.world, self.world.model.people.get(who)
        code = self.told.get(code_of, NO_CODE)
        expected = bool(known) and known.invited_until is not None and world.now < known.invited_until
        expected = expected and code_of == who and number not in world.model.counts
        expected = expected and world.model.clock_ok(world.now)
        made = (self.keys[number].device(), world.now)
        world.call(lambda: enrol_device(world.con, KEY, Claim(NIP[who], code), made), expected=expected)
        if expected:
            tries = world.model.tries.setdefault(who, Tries())
            known.device, known.invited_until, tries.wrong, tries.locks = number, None, 0, []
            world.model.counts[number], world.model.newest = self.keys[number].count, world.now

    def bring(self, who: str, *, fresh: bool) -> None:
        """Somebody gets a device, as people do; another one where ``fresh``."""
        known = self.world.model.people.get(who)
        if known and (fresh or known.device is None):
            self.invite(who)
            self.enrol(who, self.free(), who)

    def free(self) -> int:
        """A device that nobody enrolled yet, or one of those that somebody did."""
        return next((number for number in range(POOL) if number not in self.world.model.counts), 0)

    def count(self, number: int, lie: str) -> int:
        """The count that the next signature tells; -1 for one that is wrong whatever it tells."""
        if lie == "count":
            return self.world.model.counts.get(number, 0)
        return -1 if lie else self.keys[number].count + 1

    def sign(self, about: tuple[Question, Answer], number: int, how: tuple[str, int]) -> Answer:
        """The answer with a signature; ``how``: what is wrong with it, and the count it tells (-1: the next)."""
        (question, answer), (lie, count) = about, how
        over = replace(question, attempt=question.attempt + 1) if lie == "other" else question
        told = {"count": count} if count >= 0 else {}
        return replace(answer, code="", assertion=self.keys[number].sign(
            statement(over, legible(answer)), **LIES[lie], **told))  # fmt: skip
