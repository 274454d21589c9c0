"""How a device key gets into the registry: an operator's code, valid once and for an hour, then the person's own login.

The code (60 bits) is told to the person; the ledger keeps a keyed hash of it and its deadline. From the moment it is
made an older device of that person does not count any more, as with ``rotate`` for one-time codes.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from tasks.approvals.case import LETTERS, READ_AS
from tasks.approvals.device import Device
from tasks.approvals.people import DEVICE, DEVICE_CODE, Person, people, refuse, unknown
from tasks.errors import Exit, Problem, UserError
from tasks.ledger import Kind, LedgerConnection, append, entries_of, utc, writing

CODE_LETTERS, GROUP = 12, 4
VALID_FOR = timedelta(hours=1)
WRONG_CODE = "kode pendaftaran salah, sudah dipakai, atau lewat satu jam"


@dataclass(frozen=True)
class Claim:
    """Who comes with which code. ``nip``: of the login."""

    nip: str
    code: str


def invite(con: LedgerConnection, key: bytes, nip: str, now: datetime) -> str:
    """A new enrolment code for a registered, active person; ends the person's older device. Raises UserError."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(CODE_LETTERS))
    with writing(con):
        refuse(unknown(con, nip))
        facts = {"nip": nip, "method": DEVICE_CODE, "proof": _hash(key, nip, letters), "until": utc(now + VALID_FOR)}
        append(con, now, (Kind.CREDENTIAL, "", "sinkron"), facts)
    return "-".join(letters[at : at + GROUP] for at in range(0, CODE_LETTERS, GROUP))


def check_code(con: LedgerConnection, key: bytes, claim: Claim, now: datetime) -> Person:
    """The person whose code it is. Raises UserError (IDENTITY), in the same words for every wrong code."""
    person = people(con).get(claim.nip)
    typed = claim.code.upper().replace(" ", "").replace("-", "").translate(READ_AS)
    given = _hash(key, claim.nip, typed)
    invited = person is not None and not person.disabled and person.invitation != ""
    if person is None or not invited or not hmac.compare_digest(person.invitation, given) or now >= _until(person):
        allowed, step = "kode dari pengelola, untuk login ini", "minta kode baru kepada pengelola"
        raise UserError(Exit.IDENTITY, Problem("kode pendaftaran", WRONG_CODE, allowed, step))
    return person


def enrol_device(con: LedgerConnection, key: bytes, claim: Claim, made: tuple[Device, datetime]) -> None:
    """Takes a device key as the person's; the code is used up. Raises UserError (IDENTITY)."""
    device, now = made
    with writing(con):
        check_code(con, key, claim, now)
        given = [entry.payload for entry in entries_of(con, (Kind.CREDENTIAL,))]
        # Ever: a key that was ended does not come back, and its count of signatures goes on for the auditor.
        if device.credential in [facts["proof"]["credential"] for facts in given if facts["method"] == DEVICE]:
            received, allowed = "sudah pernah terdaftar", "kunci yang belum pernah dipakai siapa pun"
            refuse([Problem("kunci perangkat", received, allowed, "pakai perangkat lain")])
        facts = {"nip": claim.nip, "method": DEVICE, "proof": device.facts, "login": claim.nip}
        append(con, now, (Kind.CREDENTIAL, "", claim.nip), facts)


def _until(person: Person) -> datetime:
    return datetime.fromisoformat(person.invited_until)


def _hash(key: bytes, nip: str, code: str) -> str:
    return hmac.new(key, f"sinkron-kode-perangkat/1\n{nip}\n{code}".encode(), sha256).hexdigest()
