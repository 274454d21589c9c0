"""The second file: every new head of the ledger and of the store is noted outside them (jangkar).

Who rewrites or cuts back ledger or store must also rewrite this file, which may lie on another disk or machine
(``jangkar`` in kantor.toml); the head on paper, in the Buku Agenda, is the anchor that no computer can change.
One line each: ``what number hash at``; ``what`` is "ledger" or "store", or either with "restored-" before it: from
such a line on, older lines of that name no longer bind (a backup was put back, and the loss was accepted); or "late-":
the head was found unnoted by the next writer, because its own had died, or because it was written past Sinkron.
"""

import contextlib
import errno
import fcntl
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tasks.errors import Exit, Problem, UserError, disk_says
from tasks.office import PRIVATE_FILE, PRIVATE_FOLDER

LEDGER, STORE = "ledger", "store"
RESTORED, LATE = "restored-", "late-"
LINE = re.compile(rf"(?:{RESTORED}|{LATE})?(?:{LEDGER}|{STORE}) [0-9]+ [0-9a-f]{{64}} [0-9TZ:.+-]+")
TAIL_BYTES = 8192
PAUSE_SECONDS = 0.005


@dataclass(frozen=True)
class Anchor:
    """One noted head: ``number`` of the entry or mark, its ``hash`` (hex SHA-256), ``at``: UTC, ISO 8601."""

    what: str
    number: int
    hash: str
    at: str


def create(path: Path) -> None:
    """Makes the empty file (0600) where there is none. Raises UserError (OFFICE) when it can not be made."""
    if not path.exists():
        try:
            path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT, PRIVATE_FILE))
        except OSError as error:
            raise UserError(Exit.OFFICE, _unwritable(path, error)) from None


def note(path: Path, anchor: Anchor) -> None:
    """Appends one line durably. Raises UserError (OFFICE) when the file can not be written: disk full, read-only."""
    line = f"{anchor.what} {anchor.number} {anchor.hash} {anchor.at}\n".encode()
    try:
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, PRIVATE_FILE)
        try:
            size = os.fstat(handle).st_size
            if size and os.pread(handle, 1, size - 1) != b"\n":  # a writer died in the middle of its line
                line = b"\n" + line
            if os.write(handle, line) != len(line):  # a disk that fills up takes a part and says nothing
                raise OSError(errno.ENOSPC, "")
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise UserError(Exit.OFFICE, _unwritable(path, error)) from None


@contextlib.contextmanager
def alone(path: Path, wait_seconds: float) -> Iterator[None]:
    """Holds the file against every other writer of a ledger; the kernel lets go when we die.

    Raises UserError (OFFICE) when it can not be opened for writing, or somebody holds it for longer.
    """
    deadline = time.monotonic() + wait_seconds
    try:
        handle = os.open(path, os.O_RDWR)
    except OSError as error:
        raise UserError(Exit.OFFICE, _unwritable(path, error)) from None
    try:
        while not _held(handle):
            if time.monotonic() > deadline:
                problem = Problem(path.name, "dipakai proses lain", "satu penulis", "tunggu proses itu selesai, ulangi")
                raise UserError(Exit.OFFICE, problem)
            time.sleep(PAUSE_SECONDS)
        yield
    finally:
        os.close(handle)


def _held(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def anchors(path: Path) -> list[Anchor]:
    """Every whole line. Raises UserError (OFFICE) for a line that is none, but for one that a dying writer tore."""
    return _parsed(path, path.read_bytes() if path.exists() else b"", whole=True)


def newest(path: Path, what: str) -> Anchor | None:
    """The highest head noted of ``what``, from the end of the file; after a restore only what was noted since."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - TAIL_BYTES))
        found = _last(_parsed(path, file.read(), whole=size <= TAIL_BYTES), what)
    return found if found or size <= TAIL_BYTES else _last(anchors(path), what)


def _last(lines: list[Anchor], what: str) -> Anchor | None:
    best: Anchor | None = None
    for anchor in lines:
        higher = anchor.what in (what, LATE + what) and (best is None or anchor.number >= best.number)
        if anchor.what == RESTORED + what or higher:
            best = anchor
    return best


def _parsed(path: Path, data: bytes, *, whole: bool) -> list[Anchor]:
    lines = data.split(b"\n")[:-1]  # what follows the last newline is torn, or nothing
    found = []
    for at, line in enumerate(lines):
        text = line.decode("ascii", "replace")
        if LINE.fullmatch(text):
            what, number, digest, when = text.split(" ")
            found.append(Anchor(what, int(number), digest, when))
        elif not (at == 0 and not whole) and not _torn(text):
            raise UserError(
                Exit.OFFICE,
                Problem(
                    path.name, f"baris {at + 1} bukan catatan kepala", "baris: nama nomor sidik waktu",
                    "pulihkan berkas jangkar dari cadangan, lalu: sinkron verify",
                ),
            )  # fmt: skip
    return found


def _torn(text: str) -> bool:
    """Whether a line is the beginning of one: its writer died, the next one closed it."""
    parts = text.split(" ")
    shapes = (rf"[a-z-]{{0,{len(RESTORED + LEDGER)}}}", r"[0-9]*", r"[0-9a-f]{0,64}", r"[0-9TZ:.+-]*")
    return len(parts) <= len(shapes) and all(re.fullmatch(s, p) for s, p in zip(shapes, parts, strict=False))


def _unwritable(path: Path, error: OSError) -> Problem:
    return Problem(
        f"berkas jangkar {path.name}", disk_says(error), "berkas yang dapat ditulis",
        "beri tempat atau izin tulis, lalu ulangi perintah ini; yang sudah tercatat tetap tercatat",
    )  # fmt: skip
