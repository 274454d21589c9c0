"""SOP step 1: menerima. A receipt gets the next agenda number, its originals are archived, its hashes recorded.

All or nothing: when any file of a receipt is bad, all of it lies in ``rejected/`` with the reasons, and nothing
is registered but the refusal.
"""

import functools
import hashlib
import os
import secrets
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from tasks.errors import Exit, Problem, UserError
from tasks.ledger import Kind, append, entries, open_ledger, writing
from tasks.letter import Letter, check_totals, control_totals, missing_files, read_letter
from tasks.office import WIB, Office
from tasks.privacy import scrub
from tasks.private import copy_private, new_private
from tasks.read import Extract, read_extract

T = TypeVar("T")
SETTLE_SECONDS = 1.0
REASONS = "alasan.txt"
PARTIAL_SUFFIXES = (".part", ".tmp", ".crdownload", ".filepart")


@dataclass(frozen=True)
class Receipt:
    """A registered receipt. ``files``: dicts of name, sha256, received, loaded, rejected, archived (file name)."""

    agenda: str
    letter: dict[str, str] | None
    files: list[dict[str, Any]]


def sha256_of(path: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def receive(office: Office, paths: list[Path], letter_path: Path | None, about: tuple[datetime, str]) -> Receipt:
    """Registers extracts and their letter as one receipt and returns it.

    Files inside the inbox are moved, others copied. Raises UserError: STILL_WRITING leaves everything where it is;
    every other kind moves (or copies) the receipt to ``rejected/`` with ``alasan.txt``. ``about``: (time, origin);
    origin is "cli", "inbox" or "run:<id>".
    """
    everything = [*paths, *([letter_path] if letter_path else [])]
    if not everything:
        raise UserError(
            Exit.USAGE, Problem("penerimaan", "tidak ada berkas", "satu berkas atau lebih", "sebut berkasnya")
        )
    _check_settled(everything)
    with open_ledger(office.ledger) as ledger:
        try:
            letter, extracts = _examine(office, ledger, paths, letter_path)
            receipt = _register(office, ledger, (paths, extracts), (letter, letter_path, about))
        except UserError as error:
            _reject(office, ledger, everything, (error, about[0]))
            raise
    for path in everything:
        if path.parent.resolve() == office.inbox:
            path.unlink(missing_ok=True)
    return receipt


def find_receipt(ledger: sqlite3.Connection, agenda: str) -> Receipt:
    """The receipt of an agenda number. Raises UserError (USAGE) when there is none."""
    for entry in entries(ledger, agenda, Kind.RECEIVED):
        return Receipt(agenda, entry.payload["letter"], entry.payload["files"])
    raise UserError(
        Exit.USAGE, Problem("nomor agenda", agenda, "nomor yang tercatat di Buku Agenda", "lihat: sinkron status")
    )


def _check_settled(paths: Iterable[Path]) -> None:
    """Refuses files that are missing or still being written: twice measured, or open for writing by a process."""
    before = {path: path.stat() if path.is_file() else None for path in paths}
    if any(stat and time.time() - stat.st_mtime < SETTLE_SECONDS for stat in before.values()):
        time.sleep(SETTLE_SECONDS)
    problems = []
    for path, stat in before.items():
        if stat is None:
            problems.append(
                Problem(scrub(path.name), "berkas tidak ditemukan", "berkas yang ada", "periksa nama berkas")
            )
        elif path.suffix.lower() in PARTIAL_SUFFIXES or _changed(path, stat) or _open_for_writing(path):
            problems.append(
                Problem(
                    scrub(path.name),
                    "berkas masih ditulis",
                    "berkas yang selesai disalin",
                    "tunggu sampai selesai, lalu ulangi",
                )
            )
    if problems:
        missing = any(stat is None for stat in before.values())
        raise UserError(Exit.USAGE if missing else Exit.STILL_WRITING, *problems)


def _changed(path: Path, stat: os.stat_result) -> bool:
    now = path.stat()
    return (now.st_size, now.st_mtime_ns) != (stat.st_size, stat.st_mtime_ns)


def _open_for_writing(path: Path) -> bool:
    """Whether any process of ours holds the file open for writing (Linux; elsewhere unknown, taken as no)."""
    inode = (path.stat().st_dev, path.stat().st_ino)
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            stat = link.stat()
            if (stat.st_dev, stat.st_ino) == inode and link.lstat().st_mode & 0o200:
                return True
        except OSError:
            continue
    return False


class _Findings:
    """Problems of a whole receipt, collected before anything is refused. The first kind gives the exit code."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.codes: list[Exit] = []

    def note(self, code: Exit, *problems: Problem) -> None:
        self.codes += [code] * bool(problems)
        self.problems += problems

    def collect(self, read: Callable[[], T]) -> T | None:
        """What ``read`` returns, or None after its problems were noted."""
        try:
            return read()
        except UserError as error:
            self.note(error.exit_code, *error.problems)
            return None


def _examine(
    office: Office, ledger: sqlite3.Connection, paths: list[Path], letter_path: Path | None
) -> tuple[Letter | None, list[Extract]]:
    """Reads everything; raises UserError with the problems of all files at once."""
    found = _Findings()
    letter = found.collect(lambda: read_letter(letter_path)) if letter_path else None
    if letter and not (paths or letter.totals):
        found.note(Exit.FILE, Problem(letter.name, "surat tidak menyebut berkas", "sekurangnya satu berkas",
                                      "konfirmasi ke pengirim"))  # fmt: skip
    seen = _known_hashes(ledger)
    extracts = []
    for path in paths:
        digest = sha256_of(path)
        if digest in seen:
            found.note(Exit.ALREADY_RECEIVED, _received_before(path, seen[digest]))
            continue
        seen[digest] = "penerimaan ini"
        extract = found.collect(functools.partial(read_extract, path, office.scratch))
        if extract:
            extracts.append(extract)
            found.note(Exit.TOTALS, *(check_totals(extract, letter) if letter else ()))
    if letter:
        found.note(Exit.TOTALS, *missing_files(letter, {path.name for path in paths}))
    if found.problems:
        raise UserError(found.codes[0], *found.problems)
    return letter, extracts


def _known_hashes(ledger: sqlite3.Connection) -> dict[str, str]:
    """SHA-256 of every file ever received -> its agenda number."""
    return {f["sha256"]: f"agenda {e.batch}" for e in entries(ledger, kind=Kind.RECEIVED) for f in e.payload["files"]}


def _received_before(path: Path, agenda: str) -> Problem:
    return Problem(
        scrub(path.name),
        f"berkas yang sama sudah diterima, {agenda} (BRK-02)",
        "berkas yang belum pernah diterima",
        f"lihat {agenda}",
    )


def _register(
    office: Office,
    ledger: sqlite3.Connection,
    received: tuple[list[Path], list[Extract]],
    about: tuple[Letter | None, Path | None, tuple[datetime, str]],
) -> Receipt:
    """Archives first, then numbers and records in one ledger transaction: a crash leaves no number without files."""
    letter, letter_path, (now, origin) = about
    staging = office.archive / f".masuk-{secrets.token_hex(4)}"
    staging.mkdir(mode=0o700)
    files = []
    for number, (path, extract) in enumerate(zip(*received, strict=True), start=1):
        archived = f"{number:02d}{path.suffix.lower()}"
        copy_private(path, staging / archived)
        files.append({
            "name": scrub(path.name), "archived": archived, "sha256": sha256_of(staging / archived),
            "layout": extract.layout, "received": extract.received, "loaded": extract.frame.height,
            "rejected": extract.rejects.height, "ignored": list(extract.ignored), "columns": extract.mapping,
            "totals": control_totals(extract),
        })  # fmt: skip
    if letter_path:
        copy_private(letter_path, staging / "surat.json")
    facts = letter.facts if letter else None
    try:
        with writing(ledger):
            agenda = _next_agenda(office, ledger, (received[0], files, now))
            staging.rename(office.archive / agenda)
            append(ledger, now, (Kind.RECEIVED, agenda, "sinkron"), {"letter": facts, "files": files, "origin": origin})
    finally:
        shutil.rmtree(staging, ignore_errors=True)  # still there only when nothing was registered
    return Receipt(agenda, facts, files)


def _next_agenda(
    office: Office, ledger: sqlite3.Connection, about: tuple[list[Path], list[dict[str, Any]], datetime]
) -> str:
    """The next number of the office's year, inside the ledger's transaction: nobody else can take it.

    Raises UserError (ALREADY_RECEIVED) when another process registered the same bytes meanwhile. An archive folder
    of that number without an entry was left by a crash; it is set aside, not lost.
    """
    paths, files, now = about
    known = _known_hashes(ledger)
    again = [
        _received_before(path, known[f["sha256"]]) for path, f in zip(paths, files, strict=True) if f["sha256"] in known
    ]
    if again:
        raise UserError(Exit.ALREADY_RECEIVED, *again)
    year = now.astimezone(WIB).year
    taken = [e.batch for e in entries(ledger, kind=Kind.RECEIVED) if e.batch.startswith(f"{year}-")]
    agenda = f"{year}-{len(taken) + 1:04d}"
    if (office.archive / agenda).exists():
        (office.archive / agenda).rename(office.archive / f".tertinggal-{agenda}-{secrets.token_hex(4)}")
    return agenda


def _reject(office: Office, ledger: sqlite3.Connection, paths: list[Path], why: tuple[UserError, datetime]) -> None:
    """Puts the whole receipt into ``rejected/`` with every reason, and records the refusal."""
    error, now = why
    folder = office.rejected / f"{now.astimezone(WIB):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    folder.mkdir(mode=0o700)
    hashes = []
    with new_private(folder / REASONS) as reasons:
        reasons.write(f"{error}\n".encode())
    for number, path in enumerate(paths, start=1):
        hashes.append({"name": scrub(path.name), "sha256": sha256_of(path)})
        target = folder / path.name
        copy_private(path, folder / f"{number}-{path.name}" if target.exists() else target)
    with writing(ledger):
        # The reasons may quote a file without headers, so they stay beside it and out of the ledger.
        facts = {"files": hashes, "exit": int(error.exit_code), "folder": folder.name}
        append(ledger, now, (Kind.REFUSED, "", "sinkron"), facts)
    for path in paths:
        if path.parent.resolve() == office.inbox:
            path.unlink(missing_ok=True)
