"""ZIP archives, also encrypted ones: every member is inflated within limits into a private folder, one at a time.

A header is only a claim: sizes are measured while inflating, and no member's name is ever used as a path.
"""

import contextlib
import copy
import hashlib
import re
import stat
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from tasks.errors import Exit, Problem, UserError
from tasks.private import new_private

MAX_MEMBERS = 200
MAX_DIRECTORY_BYTES = 1 << 20  # the archive's list of names is held in memory
MAX_MEMBER_BYTES = 1 << 29
MAX_TOTAL_BYTES = 1 << 30
MAX_RATIO, RATIO_FROM_BYTES = 200, 10_000_000  # text of residents shrinks to a tenth, not to a two-hundredth
MAX_WEAK_BYTES = 1 << 25  # ZipCrypto is decrypted byte by byte in Python, about a second per MiB
CHUNK_BYTES = 1 << 16
STORED, DEFLATED = 0, 8
DIRECTORY_SIZE = 5  # its place in the end-of-archive record
METHODS = {9: "Deflate64", 12: "bzip2", 14: "LZMA", 93: "Zstandard", 95: "XZ", 98: "PPMd", 99: "AES"}
NESTED = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz")
SYSTEM_NAMES = (".ds_store", "thumbs.db", "desktop.ini")
SHOWN_NAME = 100


@dataclass(frozen=True)
class Member:
    """One inflated member: its name in the archive, its private copy, the SHA-256 of its bytes."""

    name: str
    path: Path
    sha256: str


def shown(name: str) -> str:
    """A member's name as messages may print it: on one line and not too long."""
    return "".join(c if c.isprintable() else "?" for c in name)[:SHOWN_NAME]


def base_name(name: str) -> str:
    """The last part of a member's name, whatever separator its writer used."""
    return re.split(r"[/\\]", name)[-1]


def is_system_file(name: str) -> bool:
    """Whether a file is no data but what Excel or an operating system leaves beside data."""
    base = base_name(name).lower()
    return base.startswith(("~$", "._")) or base in SYSTEM_NAMES or "__MACOSX" in re.split(r"[/\\]", name)


def member_names(path: Path) -> list[str]:
    """Names of the data files in an archive; empty when it cannot be read (receiving it then says why)."""
    with contextlib.suppress(UserError), _zip(path) as opened:
        return [info.filename for info in _data_members(opened)]
    return []


class Archive:
    """An opened ZIP whose names, kinds and passwords were found good. ``names``: data files; ``skipped``: the rest."""

    def __init__(self, path: Path, opened: Any, folder: Path, passwords: tuple[str, ...]) -> None:
        self._path, self._zip, self._folder = path, opened, folder
        self._passwords = [variant for password in passwords for variant in _encodings(password)]
        self._left_bytes = MAX_TOTAL_BYTES
        self._infos = {info.filename: info for info in _data_members(opened)}
        self.names = tuple(self._infos)
        self.skipped = tuple(info.filename for info in opened.infolist() if is_system_file(info.filename))
        self._check()

    def _check(self) -> None:
        """Raises UserError with every problem that can be told before anything is inflated."""
        infos = self._zip.infolist()
        problems = []
        if len(infos) > MAX_MEMBERS:
            problems.append(_problem(self._path, f"{len(infos)} anggota", f"paling banyak {MAX_MEMBERS} anggota"))
        elif not self._infos:
            problems.append(_problem(self._path, "tidak ada berkas data di dalam ZIP", "satu berkas data atau lebih"))
        counted = Counter(unicodedata.normalize("NFC", info.filename).casefold() for info in infos)
        twice = {name for name, times in counted.items() if times > 1}
        for info in infos[:MAX_MEMBERS]:
            same = unicodedata.normalize("NFC", info.filename).casefold() in twice
            reason = "nama anggota ini ada lebih dari satu" if same else _fault(info)
            if reason is None and info.filename in self._infos and info.is_encrypted and not self._openable(info):
                reason = "terenkripsi dan kata sandinya tidak dikenal kantor"
            if reason:
                problems.append(_problem(self._path, reason, _allowed(reason), info.filename))
        if problems:
            raise UserError(Exit.FILE, *problems)

    def _openable(self, info: Any) -> bool:
        return any(self._accepts(info, password) for password in tuple(self._passwords))

    def _accepts(self, info: Any, password: bytes) -> bool:
        """Whether a password passes the member's own quick check; the good one is tried first from then on."""
        try:
            self._zip.open(info, pwd=password).close()
        except RuntimeError:  # pyzipper's "Bad password"
            return False
        except Exception:  # noqa: BLE001 (a damaged ZIP raises almost anything)
            raise _refuse(self._path, "berkas ZIP rusak atau terpotong", "ZIP utuh", info.filename) from None
        self._passwords.sort(key=lambda known: known != password)
        return True

    def inflate(self, name: str) -> Member:
        """One member in the private folder. Raises UserError (FILE) for damage, a wrong CRC or one limit passed."""
        info = self._infos[name]
        target = self._folder / f"anggota-{self.names.index(name) + 1:03d}{PurePosixPath(base_name(name)).suffix}"
        candidates = [p for p in tuple(self._passwords) if self._accepts(info, p)] if info.is_encrypted else [None]
        for password in candidates:  # one wrong ZipCrypto password in 256 passes its check: then the CRC tells
            target.unlink(missing_ok=True)
            try:
                return Member(name, target, self._copy(info, target, password))
            except UserError:
                raise
            except Exception:  # noqa: BLE001, S112 (a damaged ZIP raises almost anything; told below)
                continue
        received = "anggota rusak atau terpotong (CRC tidak cocok)"
        raise _refuse(self._path, received, "ZIP utuh, dan kata sandi yang benar bila terenkripsi", name) from None

    def _copy(self, info: Any, target: Path, password: bytes | None) -> str:
        """Inflates to the end and returns the SHA-256; the end is where the CRC and the AES check are held."""
        claimed = info.file_size
        believed_nothing = copy.copy(info)
        believed_nothing.file_size = MAX_TOTAL_BYTES + 1  # else a lying header would cut the member short unnoticed
        packed = min(info.compress_size, self._path.stat().st_size)
        digest, size = hashlib.sha256(), 0
        with self._zip.open(believed_nothing, pwd=password) as source, new_private(target) as out:
            while chunk := source.read(CHUNK_BYTES):
                size += len(chunk)
                self._left_bytes -= len(chunk)
                if size > MAX_MEMBER_BYTES or self._left_bytes < 0:
                    raise _refuse(self._path, "isi terlalu besar setelah dibuka", _LIMIT, info.filename)
                if size > RATIO_FROM_BYTES and size > MAX_RATIO * packed:
                    raise _refuse(
                        self._path, f"mengembang lebih dari {MAX_RATIO} kali (bom ZIP)", _LIMIT, info.filename
                    )
                digest.update(chunk)
                out.write(chunk)
        if size != claimed:
            raise _refuse(self._path, f"berisi {size} byte, kepala ZIP menyebut {claimed}", "ZIP utuh", info.filename)
        return digest.hexdigest()


_LIMIT = f"paling besar {MAX_MEMBER_BYTES >> 20} MiB per anggota dan {MAX_TOTAL_BYTES >> 20} MiB seluruhnya"


@contextlib.contextmanager
def open_archive(path: Path, scratch: Path, passwords: tuple[str, ...] = ()) -> Iterator[Archive]:
    """Opens a ZIP whose members may be inflated below ``scratch`` (0700); nothing stays there afterwards.

    Raises UserError (FILE) with all problems at once: names that leave the folder, links, doubled names, nested
    archives, methods and passwords nobody knows.
    """
    with tempfile.TemporaryDirectory(dir=scratch) as folder, _zip(path) as opened:
        yield Archive(path, opened, Path(folder), passwords)


@contextlib.contextmanager
def _zip(path: Path) -> Iterator[Any]:
    import pyzipper
    from pyzipper.zipfile import _EndRecData

    opened = None
    try:
        with path.open("rb") as file:
            end = _EndRecData(file)
        too_long = bool(end) and end[DIRECTORY_SIZE] > MAX_DIRECTORY_BYTES
        opened = pyzipper.AESZipFile(path) if end and not too_long else None
    except Exception:  # noqa: BLE001 (a damaged ZIP raises almost anything)
        too_long = False
    if too_long:
        raise _refuse(path, "daftar isi ZIP terlalu besar", f"paling banyak {MAX_MEMBERS} anggota")
    if opened is None:
        raise _refuse(path, "berkas ZIP rusak atau terpotong", "ZIP utuh")
    with opened:
        yield opened


def _data_members(opened: Any) -> list[Any]:
    return [i for i in opened.infolist() if not (is_system_file(i.filename) or (i.is_dir() and not i.file_size))]


def _fault(info: Any) -> str | None:
    """What is wrong with a member by its entry in the list, if anything."""
    name, kind = info.filename, stat.S_IFMT(info.external_attr >> 16)
    faults = {
        "nama anggota keluar dari folder": ".." in re.split(r"[/\\]", name),
        "nama anggota berupa alamat mutlak": bool(re.match(r"[/\\]|[A-Za-z]:", name)),
        "nama anggota memuat huruf kendali": name != info.orig_filename or not (name and name.isprintable()),
        "tautan simbolik atau berkas khusus": kind not in {0, stat.S_IFREG, stat.S_IFDIR},
        "folder yang berisi data": info.is_dir() and info.file_size > 0,
        "ZIP di dalam ZIP": name.lower().endswith(NESTED),
        f"cara kompresi {METHODS.get(info.compress_type, info.compress_type)}": info.compress_type
        not in {STORED, DEFLATED},
        "enkripsi kuat PKWARE": bool(info.is_encrypted and info.is_strong_encryption),
        "terlalu besar untuk enkripsi ZipCrypto": info.is_encrypted
        and info.wz_aes_version is None
        and info.compress_size > MAX_WEAK_BYTES,
    }
    return next((reason for reason, wrong in faults.items() if wrong), None)


def _allowed(reason: str) -> str:
    if "sandi" in reason or "nkripsi" in reason:
        return "ZIP biasa, atau AES dengan kata sandi yang tercatat di keys/zip-passwords.txt"
    return "berkas data biasa dengan nama yang berbeda-beda, dikompres Deflate"


def _encodings(password: str) -> list[bytes]:
    return list(dict.fromkeys([password.encode(), password.encode("cp1252", "replace")]))


def _problem(path: Path, received: str, allowed: str, member: str = "") -> Problem:
    place = f"{path.name}/{shown(member)}" if member else path.name
    return Problem(place, received, allowed, "minta pengirim membuat ulang ZIP dan mengirimnya lagi")


def _refuse(path: Path, received: str, allowed: str, member: str = "") -> UserError:
    return UserError(Exit.FILE, _problem(path, received, allowed, member))
