"""A person's device key (WebAuthn: passkey or security key), and what one of its signatures proves.

Our own reading of W3C Web Authentication Level 3, 7.2, with nothing but ``cryptography``: ``sinkron verify`` judges a
signature of any year by the ledger alone. While somebody signs, py_webauthn is asked as well (tasks.approvals.online).
"""

import base64
import hmac
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tasks.approvals.cbor import read_map
from tasks.approvals.secrets import usable_key

NOT_THIS_KEY = "kunci perangkat tidak cocok"
NOT_VERIFIED = "perangkat tidak memeriksa sidik jari, wajah atau PIN pemiliknya"
WENT_BACK = "hitungan kunci perangkat tidak naik; mungkin disalin orang, laporkan ke pengelola"
ES256, EDDSA, RS256 = -7, -8, -257
PRESENT, VERIFIED, ELIGIBLE, BACKED_UP, ATTESTED, EXTENDED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80
HASH_BYTES, HEAD_BYTES = 32, 37  # of authenticator data: the relying party's hash, then flags and count
LEAST_RSA_BITS, MOST_RSA_BITS, RSA_EXPONENT = 2048, 4096, 65537
BASE64URL = re.compile(r"[A-Za-z0-9_-]{1,4000}")
PublicKey = EllipticCurvePublicKey | Ed25519PublicKey | RSAPublicKey


@dataclass(frozen=True)
class Device:
    """A device key as it was enrolled. ``credential``: its id (base64url); ``key``: COSE public key (hex).

    ``rp``: host name it signs for, ``origin``: the office's https address then; ``count``: its signatures so far;
    ``backup``: its maker may copy it to other devices of the same person; ``seq``: number of its entry.
    """

    credential: str
    key: str
    rp: str
    origin: str
    algorithm: int
    count: int
    backup: bool
    seq: int = 0

    @property
    def facts(self) -> dict[str, Any]:
        """What the ledger keeps of it."""
        return {name: value for name, value in asdict(self).items() if name != "seq"}


@dataclass(frozen=True)
class Assertion:
    """One signature of a device as the browser hands it over, each part base64url without padding."""

    credential: str
    client: str
    authenticator: str
    signature: str

    @property
    def facts(self) -> dict[str, str]:
        """What the ledger keeps of it, once it was right."""
        return asdict(self)


def challenge_of(statement: bytes) -> str:
    """What the browser has the device sign for a statement: its SHA-256, base64url."""
    return to_base64url(sha256(statement).digest())


def judge(device: Device, assertion: Assertion, statement: bytes, last: int) -> str:
    """Why a signature does not prove this device's owner and this statement, "" when it does.

    ``last``: the newest count that the ledger knows of this device.
    """
    try:
        client, authenticator, signature = (
            from_base64url(part) for part in (assertion.client, assertion.authenticator, assertion.signature)
        )
        said = json.loads(client.decode())
        signs = verifier(bytes.fromhex(device.key))
    except (ValueError, RecursionError):
        return NOT_THIS_KEY
    right = hmac.compare_digest(assertion.credential.encode(), device.credential.encode())
    if not (right and _is_about(said, device, statement) and _is_whole(authenticator, device)):
        return NOT_THIS_KEY
    if not signs(signature, authenticator + sha256(client).digest()):
        return NOT_THIS_KEY
    if not authenticator[HASH_BYTES] & VERIFIED:
        return NOT_VERIFIED
    count = count_of(assertion)
    return WENT_BACK if (count or last) and count <= last else ""


def count_of(assertion: Assertion) -> int:
    """The device's own count of its signatures, 0 for those that do not count. Raises ValueError."""
    return int.from_bytes(from_base64url(assertion.authenticator)[HASH_BYTES + 1 : HEAD_BYTES])


def signed_bytes(assertion: Assertion) -> bytes:
    """What the device's signature is over. Raises ValueError."""
    return from_base64url(assertion.authenticator) + sha256(from_base64url(assertion.client)).digest()


def _is_about(said: Any, device: Device, statement: bytes) -> bool:
    """Whether the browser says: a signature, over this statement, asked for by the office's own page."""
    return (
        isinstance(said, dict)
        and said.get("type") == "webauthn.get"
        and said.get("challenge") == challenge_of(statement)
        and said.get("origin") == device.origin
        and said.get("crossOrigin", False) is False
        and "topOrigin" not in said
    )


def _is_whole(authenticator: bytes, device: Device) -> bool:
    """Whether the device says: for this office, with somebody present, and the same kind of key as enrolled."""
    if len(authenticator) < HEAD_BYTES:
        return False
    flags = authenticator[HASH_BYTES]
    as_long = len(authenticator) > HEAD_BYTES if flags & EXTENDED else len(authenticator) == HEAD_BYTES
    same_kind = bool(flags & ELIGIBLE) is device.backup and not (flags & BACKED_UP and not flags & ELIGIBLE)
    here = hmac.compare_digest(authenticator[:HASH_BYTES], sha256(device.rp.encode()).digest())
    return here and bool(flags & PRESENT) and not flags & ATTESTED and as_long and same_kind


def verifier(cose: bytes) -> Callable[[bytes, bytes], bool]:
    """(signature, bytes) -> whether it is right, for a COSE key. Raises ValueError for a key that we do not take."""
    key = public_key(cose)

    def signs(signature: bytes, content: bytes) -> bool:
        try:
            if isinstance(key, EllipticCurvePublicKey):
                key.verify(signature, content, ECDSA(SHA256()))
            elif isinstance(key, RSAPublicKey):
                key.verify(signature, content, PKCS1v15(), SHA256())
            else:
                key.verify(signature, content)
        except InvalidSignature:
            return False
        return True

    return signs


@lru_cache(maxsize=256)  # a weak Ed25519 key is told by trying: once for each
def public_key(cose: bytes) -> PublicKey:
    """The key in a COSE_Key (RFC 9052, 7; RFC 9053, 7.1 and 7.2; RFC 8230). Raises ValueError."""
    facts = read_map(cose)
    match facts:
        case {1: 2, 3: -7, -1: 1, -2: bytes(x), -3: bytes(y)} if len(x) == len(y) == HASH_BYTES:
            return EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), SECP256R1()).public_key()
        case {1: 1, 3: -8, -1: 6, -2: bytes(x)} if usable_key(x.hex()):
            return Ed25519PublicKey.from_public_bytes(x)
        case {1: 3, 3: -257, -1: bytes(n), -2: bytes(e)}:
            try:
                found = RSAPublicNumbers(int.from_bytes(e), int.from_bytes(n)).public_key()
            except UnsupportedAlgorithm:
                raise ValueError from None
            usual = found.public_numbers().e == RSA_EXPONENT and n[-1] & 1
            if usual and LEAST_RSA_BITS <= found.key_size <= MOST_RSA_BITS:
                return found
    raise ValueError("kunci perangkat dari jenis yang tidak dapat diperiksa")


def pem_of(device: Device) -> bytes:
    """The public key for other programs (PEM, SubjectPublicKeyInfo). Raises ValueError."""
    return public_key(bytes.fromhex(device.key)).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def to_base64url(content: bytes) -> str:
    """Base64url without padding (RFC 4648, 5)."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """The bytes of base64url, written in the one way. Raises ValueError for any other spelling."""
    if not BASE64URL.fullmatch(text):
        raise ValueError
    content = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if to_base64url(content) != text:
        raise ValueError
    return content
