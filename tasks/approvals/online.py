"""What py_webauthn (BSD-3) says of a device key: it makes a new one's enrolment out, and is a second judge of signing.

The only module that knows it, and it is imported when somebody comes with a device: an office without device keys, and
``sinkron verify``, need it not.
"""

import ipaddress
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from tasks.approvals.cbor import read_map
from tasks.approvals.device import (
    EDDSA,
    ES256,
    NOT_THIS_KEY,
    RS256,
    Assertion,
    Device,
    challenge_of,
    from_base64url,
    judge,
    public_key,
    to_base64url,
)
from tasks.errors import Exit, Problem, UserError

ALGORITHMS = (ES256, EDDSA, RS256)


def library() -> ModuleType:
    """The library, imported when somebody comes with a device. Raises UserError (OFFICE) where it is not installed."""
    try:
        import webauthn
    except ImportError:
        step = "pasang ulang dari requirements.lock: make setup"
        problem = Problem("kunci perangkat", "pustaka webauthn belum terpasang", "paket webauthn", step)
        raise UserError(Exit.OFFICE, problem) from None
    return webauthn


def relying_party(origin: str) -> str:
    """The host name that a device signs for. Raises UserError (OFFICE) for an address that has none."""
    host = urlsplit(origin).hostname or ""
    try:
        ipaddress.ip_address(host)
        named = False
    except ValueError:
        named = origin.startswith("https://") and bool(host)
    if not named:
        allowed = "pintu.alamat dengan https dan nama host (kunci perangkat tidak berlaku untuk alamat IP)"
        step = "isi [pintu] dalam kantor.toml, lihat docs/production.md"
        raise UserError(Exit.OFFICE, Problem("kantor.toml", origin or "pintu.alamat kosong", allowed, step))
    return host


def judged_twice(device: Device, assertion: Assertion, statement: bytes, last: int) -> str:
    """Why a signature does not count, "" when it does: by our own reading and by the library's, both must agree.

    What only one of them takes is refused, so the ledger never holds a signature that ``sinkron verify`` would not
    take. Raises UserError (OFFICE) without the library.
    """
    webauthn = library()
    reason = judge(device, assertion, statement, last)
    if reason:
        return reason
    try:
        webauthn.verify_authentication_response(
            credential=credential_facts(assertion),
            expected_challenge=from_base64url(challenge_of(statement)),
            expected_rp_id=device.rp,
            expected_origin=device.origin,
            credential_public_key=bytes.fromhex(device.key),
            credential_current_sign_count=last,
            require_user_verification=True,
        )
    except Exception:  # noqa: BLE001 (whatever a parser of strangers' bytes raises, the answer is no)
        return NOT_THIS_KEY
    return ""


def credential_facts(assertion: Assertion) -> dict[str, Any]:
    """An assertion as browsers write it (PublicKeyCredential.toJSON)."""
    response = {
        "clientDataJSON": assertion.client, "authenticatorData": assertion.authenticator,
        "signature": assertion.signature,
    }  # fmt: skip
    return {"id": assertion.credential, "rawId": assertion.credential, "type": "public-key", "response": response}


def enrolled(made: dict[str, str], challenge: bytes, origin: str) -> Device | None:
    """The new device key that a browser made for this challenge, or None. ``made``: id, client, attestation.

    Raises UserError (OFFICE) without the library, or when the office's address has no name.
    """
    webauthn, rp = library(), relying_party(origin)
    response = {"clientDataJSON": made["client"], "attestationObject": made["attestation"]}
    facts = {"id": made["id"], "rawId": made["id"], "type": "public-key", "response": response}
    try:
        for part in made.values():
            from_base64url(part)
        found = webauthn.verify_registration_response(
            credential=facts, expected_challenge=challenge, expected_rp_id=rp, expected_origin=origin,
            require_user_verification=True,
        )  # fmt: skip
        cose = bytes(found.credential_public_key)
        public_key(cose)
        algorithm = read_map(cose)[3]
    except Exception:  # noqa: BLE001 (as above)
        return None
    name, backup = to_base64url(found.credential_id), found.credential_device_type == "multi_device"
    if name != made["id"] or not isinstance(algorithm, int):
        return None
    return Device(name, cose.hex(), rp, origin, algorithm, int(found.sign_count), backup)
