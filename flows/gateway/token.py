"""What the door gives a browser to bring back: facts that it alone can have written (HMAC-SHA256, RFC 2104).

So nothing is remembered between the two halves of a signing; the ledger sees to it that each counts once.
"""

import hmac
import json
from hashlib import sha256
from typing import Any

from tasks.approvals.device import from_base64url, to_base64url
from tasks.ledger import canonical

HEAD = "sinkron-perangkat/1"


def seal(key: bytes, purpose: str, facts: dict[str, Any]) -> str:
    """Facts as text that nobody else can make. ``key``: 32 bytes; ``purpose``: one kind is no other."""
    told = canonical(facts)
    return f"{to_base64url(told.encode())}.{_mac(key, purpose, told)}"


def unseal(key: bytes, purpose: str, token: str) -> dict[str, Any] | None:
    """The facts of a token, or None when it was not made here for this purpose."""
    text, _, given = token.partition(".")
    try:
        told = from_base64url(text).decode()
    except ValueError:
        return None
    if not hmac.compare_digest(given.encode(), _mac(key, purpose, told).encode()):
        return None
    return dict(json.loads(told))


def _mac(key: bytes, purpose: str, told: str) -> str:
    return hmac.new(key, f"{HEAD}\n{purpose}\n{told}".encode(), sha256).hexdigest()
