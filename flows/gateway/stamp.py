"""The door's stamp on an answer: who was logged in when it was submitted. A keyed hash (HMAC-SHA256, RFC 2104).

It lies beside the answer in Prefect's database until the answer is judged. Whoever can write there but has not the
office's key can neither make one nor move one to another run, gate, answer or time.
"""

import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from tasks.ledger import canonical, utc

HEAD = "sinkron-pintu/1"
LONGEST_DELAY = timedelta(minutes=2)  # between the stamp and Prefect's own note of the submission


@dataclass(frozen=True)
class Gate:
    """Where an answer belongs: a flow run's id and the key of its open gate."""

    run: str
    key: str

    @property
    def stamp_name(self) -> str:
        """The name of the flow run input that holds the stamp."""
        return f"gateway-{self.key}"


def make_stamp(key: bytes, gate: Gate, answer: dict[str, Any], at: datetime) -> str:
    """The stamp as text, for an answer whose NIP is the one that is logged in. ``key``: 32 bytes; ``at``: aware."""
    return json.dumps({"at": utc(at), "mac": _mac(key, gate, answer, utc(at))})


def stamped_nip(key: bytes, gate: Gate, stored: tuple[str, str], submitted: datetime) -> str:
    """The NIP that a stamp proves, or "". ``stored`` = (the stamp, the answer), as Prefect keeps both (JSON)."""
    try:
        stamp, answer = (json.loads(text) for text in stored)
        at, given, nip = str(stamp["at"]), str(stamp["mac"]), str(answer["nip"])
        late = abs(datetime.fromisoformat(at) - submitted) > LONGEST_DELAY
        right = hmac.compare_digest(given.encode(), _mac(key, gate, answer, at).encode())
    except (KeyError, TypeError, ValueError):
        return ""
    return nip if right and not late else ""


def _mac(key: bytes, gate: Gate, answer: dict[str, Any], at: str) -> str:
    facts = {
        "run": gate.run, "key": gate.key, "decision": answer["keputusan"], "nip": answer["nip"], "at": at,
        "answer": sha256(canonical(answer).encode()).hexdigest(),
    }  # fmt: skip
    return hmac.new(key, f"{HEAD}\n{canonical(facts)}".encode(), sha256).hexdigest()
