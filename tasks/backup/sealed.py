"""The file of a backup: a ZIP whose members are encrypted by WinZip's AES-256 (AE-2) and bear numbers for names.

Any ZIP program that knows AES opens it with the right password, so that a backup outlives this program. Real paths,
sizes and hashes stand in the last member, ``0``, itself encrypted: the file tells nobody which letters were received.
"""

import contextlib
import errno
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any, BinaryIO

from tasks.errors import Exit, Problem, UserError
from tasks.office import PRIVATE_FOLDER, Office
from tasks.private import new_private

if TYPE_CHECKING:
    from pyzipper import AESZipFile

MANIFEST, VERSION = "0", 1
CHUNK = 1 << 20
MAX_MANIFEST = 256 << 20


@dataclass(frozen=True)
class Member:
    """One file of the office: ``name`` in the ZIP, ``path`` below the office's folder, bytes and hex SHA-256."""

    name: str
    path: str
    size: int
    sha256: str


def password(office: Office) -> bytes:
    """The password of the office's backups: hexadecimal, so that it can be typed into any ZIP program."""
    return office.key("backup").hex().encode()


class Sealer:
    """Adds files one after the other; nothing of them is on the disk in plain text at any time."""

    def __init__(self, archive: "AESZipFile") -> None:
        self._archive = archive
        self.members: list[Member] = []

    def add(self, path: str, source: BinaryIO) -> None:
        """Encrypts one file read from ``source``, to lie at ``path`` when restored."""
        name, digest, size = str(len(self.members) + 1), hashlib.sha256(), 0
        with self._archive.open(name, "w", force_zip64=True) as into:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
                into.write(chunk)
        self.members.append(Member(name, path, size, digest.hexdigest()))

    def finish(self, facts: dict[str, Any]) -> None:
        """Adds the manifest: ``facts`` and every member."""
        told = facts | {"version": VERSION, "members": [asdict(member) for member in self.members]}
        self._archive.writestr(MANIFEST, json.dumps(told, sort_keys=True))


@contextlib.contextmanager
def sealing(file: BinaryIO, secret: bytes) -> Iterator[Sealer]:
    """A new backup written to an open file."""
    import pyzipper

    archive = pyzipper.AESZipFile(file, "w", compression=pyzipper.ZIP_DEFLATED, compresslevel=1)
    archive.setpassword(secret)
    archive.setencryption(pyzipper.WZ_AES, nbits=256)
    try:
        yield Sealer(archive)
        archive.close()
    except BaseException:
        archive.fp = None  # closing would write on, and hide the first error behind its own
        raise


class Sealed:
    """An opened backup. ``facts``: its manifest."""

    def __init__(self, archive: "AESZipFile", name: str) -> None:
        self._archive, self._name = archive, name
        if archive.getinfo(MANIFEST).file_size > MAX_MANIFEST:
            raise _damaged(name)
        self.facts: dict[str, Any] = json.loads(archive.read(MANIFEST))
        self.members = [Member(**told) for told in self.facts["members"]]

    def check(self) -> None:
        """Reads every member and compares it with the manifest. Raises UserError (FILE) for the first that differs."""
        for member in self.members:
            self._read(member, None)

    def unpack(self, folder: Path) -> None:
        """Writes every member below ``folder``, private files all, and compares each with the manifest."""
        for member in self.members:
            path = PurePosixPath(member.path)
            if path.is_absolute() or ".." in path.parts or not path.parts:
                raise _damaged(self._name)
            target = folder / path
            for parent in reversed(path.parents):  # one by one: parents made along the way would be open to others
                (folder / parent).mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
            with new_private(target) as into:
                self._read(member, into)
                into.flush()
                os.fsync(into.fileno())

    def _read(self, member: Member, into: IO[bytes] | None) -> None:
        digest, size = hashlib.sha256(), 0
        with self._archive.open(member.name) as source:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
                if into:
                    into.write(chunk)
        if (size, digest.hexdigest()) != (member.size, member.sha256):
            raise _damaged(self._name)


@contextlib.contextmanager
def unsealed(path: Path, secret: bytes) -> Iterator[Sealed]:
    """A backup opened for reading. Raises UserError: FILE when it is damaged, OFFICE when the key is another one."""
    import pyzipper

    try:
        with path.open("rb") as file, pyzipper.AESZipFile(file) as archive:
            archive.setpassword(secret)
            yield Sealed(archive, path.name)
    except UserError:
        raise
    except OSError as error:
        if error.errno not in {None, errno.EINVAL}:  # else a damaged directory that points before the file's beginning
            raise
        raise _damaged(path.name) from None
    except RuntimeError as error:
        if "password" not in str(error).lower():
            raise _damaged(path.name) from None
        raise UserError(Exit.OFFICE, _wrong_key(path.name)) from None
    except Exception:  # noqa: BLE001 (a damaged ZIP raises many kinds: BadZipFile, zlib.error, struct.error, KeyError ...)
        raise _damaged(path.name) from None


def _damaged(name: str) -> UserError:
    allowed, step = "berkas cadangan utuh", "pakai cadangan lain; tidak ada yang ditulis"
    return UserError(Exit.FILE, Problem(name, "berkas cadangan rusak atau bukan cadangan Sinkron", allowed, step))


def _wrong_key(name: str) -> Problem:
    return Problem(
        name, "kunci tidak cocok, atau berkas cadangan rusak", "kunci kantor yang dipakai saat cadangan dibuat",
        "pasang keys/office.key (atau SINKRON_KEY) yang lama, atau pakai cadangan lain; tidak ada yang ditulis",
    )  # fmt: skip
