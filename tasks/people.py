"""The registry: people (NIP, name), their dated mandates, and their one-time codes (TOTP, RFC 6238).

Secrets are AES-256-GCM with the NIP as associated data: one person's ciphertext is worthless under another's NIP.
"""

import hmac
import os
import sqlite3
from dataclasses import dataclass
from datetime import datetime

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from expectations.approvals import LEVELS
from tasks.errors import Exit, Problem, UserError
from tasks.ledger import Kind, append, writing
from tasks.office import WIB

STEP_SECONDS = 30
NONCE_BYTES = 12
NIP_DIGITS = 18


@dataclass(frozen=True)
class Person:
    """Who may decide. ``nip``: 18 digits; ``role``: key of ``expectations.approvals.LEVELS``."""

    nip: str
    name: str
    role: str
    demo: bool = False


def register(con: sqlite3.Connection, key: bytes, person: Person, at: datetime) -> str:
    """Registers a person with a mandate from today (WIB date of ``at``); returns the new TOTP secret (base32).

    Raises UserError (IDENTITY) for a NIP that is not 18 digits, an unknown role, or a NIP registered already.
    """
    if not (person.nip.isascii() and person.nip.isdigit() and len(person.nip) == NIP_DIGITS) or not person.name.strip():
        raise _refuse("NIP", "bukan 18 angka, atau nama kosong", "18 angka dan nama", "periksa SK orang itu")
    if person.role not in LEVELS:
        raise _refuse("peran", person.role, ", ".join(LEVELS), "pilih salah satu")
    secret, nonce = pyotp.random_base32(), os.urandom(NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, secret.encode(), person.nip.encode())
    with writing(con):
        if con.execute("select 1 from people where nip = ?", (person.nip,)).fetchone():
            raise _refuse("NIP", "sudah terdaftar", "NIP yang belum terdaftar", "lihat daftar: sinkron approver list")
        con.execute(
            "insert into people (nip, name, secret_nonce, secret, demo) values (?, ?, ?, ?, ?)",
            (person.nip, person.name, nonce, sealed, person.demo),
        )
        con.execute(
            "insert into mandates values (?, ?, ?, null)",
            (person.nip, person.role, at.astimezone(WIB).date().isoformat()),
        )
        append(con, at, (Kind.PERSON, "", "sinkron"), {"nip": person.nip, "role": person.role, "demo": person.demo})
    return secret


def people(con: sqlite3.Connection) -> list[Person]:
    """Everybody registered, by role in the order of the SOP."""
    rows = con.execute("select p.nip, p.name, m.role, p.demo from people p join mandates m using (nip)").fetchall()
    order = list(LEVELS)
    return sorted(
        (Person(n, name, role, bool(demo)) for n, name, role, demo in rows), key=lambda p: (order.index(p.role), p.nip)
    )


def secret_of(con: sqlite3.Connection, key: bytes, nip: str) -> str:
    """The TOTP secret of a person. Raises UserError (OFFICE) when the key or the row was exchanged."""
    nonce, sealed = con.execute("select secret_nonce, secret from people where nip = ?", (nip,)).fetchone()
    try:
        return AESGCM(key).decrypt(nonce, sealed, nip.encode()).decode()
    except InvalidTag:
        raise UserError(
            Exit.OFFICE,
            Problem(
                "rahasia TOTP",
                "tidak dapat dibuka dengan kunci kantor ini",
                "kunci yang dipakai saat orang didaftarkan",
                "pulihkan kunci, atau daftarkan ulang orang itu",
            ),
        ) from None


def holds_mandate(con: sqlite3.Connection, nip: str, role: str, day: str) -> bool:
    """Whether the person may act in that role on that day (ISO date, WIB)."""
    found = con.execute(
        """select 1 from mandates where nip = ? and role = ? and valid_from <= ?
           and (valid_to is null or valid_to >= ?)""",
        (nip, role, day, day),
    ).fetchone()
    return found is not None


def matching_step(secret: str, code: str, at: datetime) -> int | None:
    """The TOTP time step the code belongs to, one step of clock difference allowed; None when it is wrong."""
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    now = totp.timecode(at)
    found = None
    for step in (now - 1, now, now + 1):  # all three are compared, always: no timing difference
        if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()):
            found = step
    return found


def _refuse(place: str, received: str, allowed: str, next_step: str) -> UserError:
    return UserError(Exit.IDENTITY, Problem(place, received, allowed, next_step))
