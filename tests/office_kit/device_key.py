"""A device key in software: it enrols and signs as a passkey does, and lies where a thief's would."""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tasks.approvals.device import Assertion, Device, challenge_of, to_base64url

ORIGIN, RP = "https://sinkron.kota.example", "sinkron.kota.example"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
ES256, EDDSA, RS256 = -7, -8, -257


@dataclass
class DeviceKey:
    """One authenticator with one credential. ``count``: its signatures so far; ``kind``: COSE algorithm."""

    kind: int = ES256
    origin: str = ORIGIN
    rp: str = RP
    name: bytes = b"kunci-uji-perangkat-01"
    count: int = 0
    flags: int = PRESENT | VERIFIED
    private: Any = field(default=None)

    def __post_init__(self) -> None:
        makers = {
            ES256: lambda: ec.generate_private_key(ec.SECP256R1()), EDDSA: ed25519.Ed25519PrivateKey.generate,
            RS256: lambda: rsa.generate_private_key(65537, 2048),
        }  # fmt: skip
        self.private = self.private or makers[self.kind]()

    @property
    def cose(self) -> bytes:
        """The public half as the authenticator writes it."""
        public = self.private.public_key()
        if self.kind == ES256:
            at = public.public_numbers()
            return cbor2.dumps({1: 2, 3: ES256, -1: 1, -2: at.x.to_bytes(32), -3: at.y.to_bytes(32)})
        if self.kind == EDDSA:
            return cbor2.dumps({1: 1, 3: EDDSA, -1: 6, -2: public.public_bytes(Encoding.Raw, PublicFormat.Raw)})
        numbers = public.public_numbers()
        return cbor2.dumps({1: 3, 3: RS256, -1: numbers.n.to_bytes(256), -2: numbers.e.to_bytes(3)})

    def make(self, asked: str, **changes: Any) -> dict[str, str]:
        """What the browser sends for a new credential; ``changes`` to what it and the device say."""
        flags = changes.pop("flags", self.flags | ATTESTED)
        client = {"type": "webauthn.create", "challenge": asked, "origin": self.origin, "crossOrigin": False} | changes
        about = bytes(16) + len(self.name).to_bytes(2) + self.name + self.cose
        said = sha256(self.rp.encode()).digest() + bytes([flags]) + self.count.to_bytes(4) + about
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": said})
        parts = {"id": self.name, "client": json.dumps(client).encode(), "attestation": attested}
        return {name: to_base64url(part) for name, part in parts.items()}

    def device(self) -> Device:
        """How the office keeps it."""
        return Device(
            to_base64url(self.name), self.cose.hex(), self.rp, self.origin, self.kind, self.count, backup=False
        )

    def sign(self, statement: bytes, **changes: Any) -> Assertion:
        """A signature over a statement. ``changes``: what device or browser say otherwise, signed all the same.

        ``flags``, ``count``, ``rp``, ``tail`` (bytes after the count): the device's; everything else: the browser's.
        """
        self.count += 1
        mine = {"flags": self.flags, "count": self.count, "rp": self.rp, "tail": b""}
        mine |= {name: changes.pop(name) for name in list(changes) if name in mine}
        client = {"type": "webauthn.get", "challenge": challenge_of(statement), "origin": self.origin,
                  "crossOrigin": False} | changes  # fmt: skip
        said = json.dumps(client).encode()
        head = sha256(mine["rp"].encode()).digest() + bytes([mine["flags"]]) + mine["count"].to_bytes(4) + mine["tail"]
        parts = (self.name, said, head, self.raw_signature(head + sha256(said).digest()))
        return Assertion(*map(to_base64url, parts))

    def raw_signature(self, content: bytes) -> bytes:
        """The private half's signature over any bytes."""
        if self.kind == ES256:
            return self.private.sign(content, ec.ECDSA(SHA256()))
        if self.kind == EDDSA:
            return self.private.sign(content)
        return self.private.sign(content, padding.PKCS1v15(), SHA256())
