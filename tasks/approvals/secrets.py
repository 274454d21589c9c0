"""What proves a person: one-time codes (TOTP, RFC 6238), or an Ed25519 key (RFC 8032) that never leaves its owner.

Codes' secrets lie beside the ledger, AES-256-GCM with the NIP as associated data: one person's ciphertext is worthless
under another's NIP. The ledger holds the hash of each sealed secret, so an exchanged one is noticed.
"""

import hashlib
import hmac
import os
import sqlite3
from datetime import datetime

import pyotp
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tasks.errors import Exit, Problem, UserError

STEP_SECONDS = 30
NONCE_BYTES = 12
POINT_BYTES = 32
STATEMENTS_TRIED = 64


def new_secret(con: sqlite3.Connection, key: bytes, nip: str) -> tuple[str, str]:
    """Makes and seals a new TOTP secret in the caller's transaction; returns (secret in base32, hash of the sealed)."""
    secret, nonce = pyotp.random_base32(), os.urandom(NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, secret.encode(), nip.encode())
    con.execute("insert or replace into secrets values (?, ?, ?)", (nip, nonce, sealed))
    return secret, sealed_hash(nonce, sealed)


def sealed_hash(nonce: bytes, sealed: bytes) -> str:
    """What the ledger keeps of a sealed secret."""
    return hashlib.sha256(nonce + sealed).hexdigest()


def forget_secret(con: sqlite3.Connection, nip: str) -> None:
    """Destroys a person's TOTP secret, in the caller's transaction."""
    con.execute("delete from secrets where nip = ?", (nip,))


def secret_of(con: sqlite3.Connection, key: bytes, nip: str, enrolled: str | None = None) -> str:
    """The TOTP secret of a person. ``enrolled``: the ledger's hash of it, compared when given.

    Raises UserError (OFFICE) when the key or the row was exchanged, or there is none.
    """
    row = con.execute("select nonce, sealed from secrets where nip = ?", (nip,)).fetchone()
    if row is None or (enrolled is not None and sealed_hash(*row) != enrolled):
        raise UserError(Exit.OFFICE, _exchanged())
    try:
        return AESGCM(key).decrypt(row[0], row[1], nip.encode()).decode()
    except InvalidTag:
        raise UserError(Exit.OFFICE, _exchanged()) from None


def matching_step(secret: str, code: str, at: datetime) -> int | None:
    """The TOTP time step the code belongs to, one step of clock difference allowed; None when it is wrong."""
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    now = totp.timecode(at)
    found = None
    for step in (now - 1, now, now + 1):  # all three are compared, always: no timing difference
        if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()):
            found = step
    return found


def signed_by(public_key: str, statement: bytes, signature: str) -> bool:
    """Whether ``signature`` (hex) over ``statement`` was made with the private half of ``public_key`` (hex)."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(bytes.fromhex(signature), statement)
    except (InvalidSignature, ValueError):
        return False
    return True


def usable_key(public_key: str) -> bool:
    """Whether this (hex) is a public Ed25519 key that only a private half can sign for.

    Under a point of small order (RFC 8032, 8.4 and Chalkias et al. 2020) a signature without any secret, the neutral
    point and zero, fits one statement in eight or more: such a point is told by trying it.
    """
    secretless = (1).to_bytes(POINT_BYTES, "little") + bytes(POINT_BYTES)
    try:
        right = len(bytes.fromhex(public_key)) == POINT_BYTES and len(public_key) == 2 * POINT_BYTES
    except ValueError:
        return False
    return right and not any(signed_by(public_key, bytes([n]), secretless.hex()) for n in range(STATEMENTS_TRIED))


def pseudonym(key: bytes, nip: str) -> str:
    """How the ledger names somebody it does not know: tries of one made-up NIP are counted, the NIP is not kept."""
    return "?" + hmac.new(key, nip.encode(), "sha256").hexdigest()[:16]


def _exchanged() -> Problem:
    return Problem(
        "rahasia TOTP", "tidak ada, tertukar, atau tidak dapat dibuka dengan kunci kantor ini",
        "rahasia dan kunci yang dipakai saat orang didaftarkan",
        "pulihkan kunci, atau ganti rahasianya: sinkron approver rotate",
    )  # fmt: skip
