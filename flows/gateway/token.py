"""What the door gives a browser to bring back: facts that it alone can have written, and nobody else can read.

AES-256-GCM (NIST SP 800-38D): the kode berkas follows from the digest in them, and is to be read from paper. Nothing is
remembered between the two halves of a signing; the ledger sees to it that each counts once.
"""

import json
import secrets
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tasks.approvals.device import from_base64url, to_base64url
from tasks.ledger import canonical

HEAD, NONCE = "sinkron-perangkat/2", 12


def seal(key: bytes, purpose: str, facts: dict[str, Any]) -> str:
    """Facts as text that nobody else can make or read. ``key``: 32 bytes; ``purpose``: one kind is no other."""
    nonce = secrets.token_bytes(NONCE)
    return to_base64url(nonce + AESGCM(key).encrypt(nonce, canonical(facts).encode(), f"{HEAD} {purpose}".encode()))


def unseal(key: bytes, purpose: str, token: str) -> dict[str, Any] | None:
    """The facts of a token, or None when it was not made here for this purpose."""
    try:
        sealed = from_base64url(token)
        told = AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], f"{HEAD} {purpose}".encode())
    except (InvalidTag, ValueError):
        return None
    return dict(json.loads(told))
