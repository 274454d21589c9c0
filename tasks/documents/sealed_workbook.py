"""A workbook that only opens with its password: ECMA-376 agile encryption (MS-OFFCRYPTO 2.3.4.10 to 2.3.4.15).

Excel and LibreOffice open it. What is random elsewhere (key and salts) is derived here from the office's key and the
content, so that a lost file is made again with the hash that stands on the Berita Acara.
"""

import hashlib
import hmac
import io
from datetime import datetime
from struct import pack
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

# Block keys of the specification: what a derived key or vector is for.
VERIFIER_INPUT, VERIFIER_HASH = bytes.fromhex("fea7d2763b4b9e79"), bytes.fromhex("d7aa0f6d3061344e")
KEY_VALUE = bytes.fromhex("146e0be7abacd0d6")
HMAC_KEY, HMAC_VALUE = bytes.fromhex("5fb2ad010cb9e1f6"), bytes.fromhex("a0677f02b22c8433")
SPINS = 100_000  # rounds of SHA-512 over the password, as Excel does
KEY_BYTES, BLOCK, HASH_BYTES = 32, 16, 64
FILETIME_EPOCH = datetime(1601, 1, 1)  # noqa: DTZ001 (OLE times carry no zone)


def seal(content: bytes, password: str, about: tuple[bytes, datetime]) -> bytes:
    """An XLSX file encrypted with AES-256 and SHA-512. ``about``: (32 secret bytes, the file's time)."""
    from msoffcrypto.method.ecma376_agile import ECMA376Agile, ECMA376AgileEncryptionInfo

    derive = _deriver(about[0], content)
    info = ECMA376AgileEncryptionInfo()
    info.spinCount = SPINS
    salt, data_salt, key = derive("password", BLOCK), derive("data", BLOCK), derive("key", KEY_BYTES)
    info.encryptedKey.saltValue, info.keyData.saltValue = salt, data_salt
    spun = _spun(password, salt)
    verifier = derive("verifier", BLOCK)
    info.encryptedVerifierHashInput = _aes(spun(VERIFIER_INPUT), salt, verifier)
    info.encryptedVerifierHashValue = _aes(spun(VERIFIER_HASH), salt, hashlib.sha512(verifier).digest())
    info.encryptedKeyValue = _aes(spun(KEY_VALUE), salt, key)
    package = ECMA376Agile.encrypt_payload(io.BytesIO(content), info.encryptedKey, key, data_salt)
    stamp = derive("integrity", HASH_BYTES)
    info.encryptedHmacKey = _aes(key, _vector(data_salt, HMAC_KEY), stamp)
    told = hmac.digest(stamp, package, "sha512")
    info.encryptedHmacValue = _aes(key, _vector(data_salt, HMAC_VALUE), told)
    described = info.getEncryptionDescriptorHeader() + info.toEncryptionDescriptor().encode()
    return _container(package, described, about[1])


def _deriver(secret: bytes, content: bytes) -> Any:
    """Another content has other keys and salts; nobody without the office's key can tell them."""
    bound = hashlib.sha256(content).digest()
    return lambda what, size: hmac.digest(secret, what.encode() + b"\0" + bound, "sha512")[:size]


def _spun(password: str, salt: bytes) -> Any:
    """Block key -> AES key made of the password (MS-OFFCRYPTO 2.3.4.11)."""
    spun = hashlib.sha512(salt + password.encode("utf-16-le")).digest()
    for count in range(SPINS):
        spun = hashlib.sha512(pack("<I", count) + spun).digest()
    return lambda block: hashlib.sha512(spun + block).digest()[:KEY_BYTES]


def _vector(salt: bytes, block: bytes) -> bytes:
    return hashlib.sha512(salt + block).digest()[:BLOCK]


def _aes(key: bytes, vector: bytes, content: bytes) -> bytes:
    """AES-CBC of whole blocks."""
    encryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    return encryptor.update(content) + encryptor.finalize()


def _container(package: bytes, described: bytes, made_at: datetime) -> bytes:
    """The OLE file around both streams. Its library writes the moment of writing into it: ``made_at`` instead."""
    from msoffcrypto.method.container.ecma376_encrypted import ECMA376Encrypted

    made = ECMA376Encrypted(package, described)
    filetime = int((made_at.replace(tzinfo=None) - FILETIME_EPOCH).total_seconds()) * 10_000_000
    for entry in made._dirs:  # noqa: SLF001 (no other way to set the times)
        entry.CreationTime = entry.ModificationTime = filetime if entry.CreationTime else 0
    drawn = io.BytesIO()
    made.write_to(drawn)
    return drawn.getvalue()
