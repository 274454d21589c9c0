"""One file under a batch's key: AES-256-GCM in pieces of 1 MiB, so that any size is sealed and checked in one pass.

STREAM (Hoang, Reyhanitabar, Rogaway, Vizar 2015): the nonce of a piece is its number and whether it is the last, so
none can be left out, doubled, moved, or cut off. Each file has its own key, derived (HKDF-SHA256, RFC 5869) from the
batch's with a random salt; its name in the archive is authenticated. File: MARK, salt (16 bytes), then the pieces.
"""

import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tasks.errors import Exit, Problem, UserError
from tasks.private import new_private

MARK, SALT, PIECE, TAG = b"SINKRON-ARSIP-1\n", 16, 1 << 20, 16
SUFFIX = ".terkunci"
KEY_BYTES = 32


def seal(source: Path, target: Path, secret: tuple[bytes, str]) -> str:
    """Writes a new private file durably; returns the SHA-256 (hex) of the bytes that were sealed.

    ``secret``: (the batch's key, the file's name in the archive).
    """
    salt, digest = secrets.token_bytes(SALT), hashlib.sha256()
    cipher, number = _cipher(secret, salt), 0
    with source.open("rb") as read, new_private(target) as write:
        write.write(MARK + salt)
        piece = read.read(PIECE)
        while True:
            following = read.read(PIECE)
            digest.update(piece)
            write.write(cipher.encrypt(_nonce(number, last=not following), piece, secret[1].encode()))
            if not following:
                break
            piece, number = following, number + 1
        write.flush()
        os.fsync(write.fileno())
    return digest.hexdigest()


def unseal(source: Path, target: Path, secret: tuple[bytes, str]) -> None:
    """The plain file again, as a new private one. Raises UserError (FILE) when one byte was changed, or the key is
    another one; then no ``target`` is left.
    """  # noqa: D205 (one sentence that does not fit a line)
    try:
        with source.open("rb") as read, new_private(target) as write:
            for piece in _pieces(read, secret):
                write.write(piece)
    except InvalidTag:
        target.unlink(missing_ok=True)
        raise UserError(Exit.FILE, _changed(source)) from None


def opens(source: Path, secret: tuple[bytes, str]) -> bool:
    """Whether this is the key of a sealed file: by its first piece alone: thousands of archives are looked at."""
    try:
        with source.open("rb") as read:
            next(_pieces(read, secret))
    except InvalidTag:
        return False
    return True


def _pieces(read: BinaryIO, secret: tuple[bytes, str]) -> Iterator[bytes]:
    head = read.read(len(MARK) + SALT)
    if len(head) != len(MARK) + SALT or not head.startswith(MARK):
        raise InvalidTag
    cipher, number = _cipher(secret, head[len(MARK) :]), 0
    piece = read.read(PIECE + TAG)
    while True:
        following = read.read(PIECE + TAG)
        yield cipher.decrypt(_nonce(number, last=not following), piece, secret[1].encode())
        if not following:
            return
        piece, number = following, number + 1


def _cipher(secret: tuple[bytes, str], salt: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt=salt, info=b"sinkron/arsip").derive(secret[0]))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11) + bytes([last])


def _changed(path: Path) -> Problem:
    place = f"archive/{path.parent.name}/{path.name}"
    return Problem(
        place, "arsip berubah, atau kunci agendanya lain", "berkas seperti saat diterima", "pulihkan dari cadangan"
    )
