"""SOP step 1: menerima. A receipt gets the next agenda number, its originals are archived, its hashes recorded.

All or nothing: when any file of a receipt is bad, all of it lies in ``rejected/`` with the reasons, and nothing
is registered but the refusal.
"""

import functools
import secrets
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from tasks.cases.layout import is_case_workbook
from tasks.cases.read import Held, check_unanswered, held_cases, only_cases, receive_cases, refuse_bare
from tasks.errors import Exit, Problem, UserError
from tasks.ledger import Kind, LedgerConnection, append, check_clock, entries, open_ledger, writing
from tasks.letter import Letter, check_totals, empty_lists, missing_files, names_of, read_letter, rows_told
from tasks.letter_names import without_names, without_people
from tasks.office import STAGING, WIB, Office
from tasks.passwords import zip_passwords
from tasks.privacy import scrub
from tasks.private import sha256_of
from tasks.read import Findings, Received, read_received
from tasks.read.archive import member_names
from tasks.receipts import Receipt, file_facts, find_receipt, known_hashes
from tasks.refuse import reject
from tasks.retention.keys import keep_key, new_key
from tasks.retention.originals import seal_into
from tasks.settled import check_settled

Read = list[tuple[Path, list[Received]]]


@dataclass(frozen=True)
class Own:
    """What the office itself knows before it looks at a file: passwords of ZIPs, and its cases."""

    passwords: tuple[str, ...]
    cases: Held | None


def receive(office: Office, paths: list[Path], letter_path: Path | None, about: tuple[datetime, str]) -> Receipt:
    """Registers extracts and their letter as one receipt and returns it.

    Files inside the inbox are moved, others copied. Raises UserError: STILL_WRITING and OFFICE leave everything where
    it is; every other kind moves (or copies) the receipt to ``rejected/`` with ``alasan.txt`` and a letter to the
    sender. ``about``: (time, origin); origin is "cli", "inbox" or "run:<id>".
    """
    everything = [*paths, *([letter_path] if letter_path else [])]
    if not everything:
        raise UserError(
            Exit.USAGE, Problem("penerimaan", "tidak ada berkas", "satu berkas atau lebih", "sebut berkasnya")
        )
    check_settled(everything)
    # A fault of the office itself is no reason to return a file.
    own = Own(zip_passwords(office, paths), held_cases(office, paths, about[0]))
    with open_ledger(office) as ledger:
        try:
            letter, read = _examine(office, known_hashes(ledger), (paths, letter_path), own)
            receipt = _register(office, ledger, read, (letter, letter_path, about))
        except UserError as error:
            if error.exit_code is not Exit.OFFICE:
                reject(office, ledger, (paths, letter_path), (error, about[0]))
            raise
    for path in everything:
        if path.parent.resolve() == office.inbox:
            path.unlink(missing_ok=True)
    return receipt


def _examine(
    office: Office, seen: dict[str, str], arrived: tuple[list[Path], Path | None], own: Own
) -> tuple[Letter | None, Read]:
    """Reads everything; raises UserError with the problems of all files at once."""
    paths, letter_path = arrived
    found = Findings()
    found.collect(lambda: only_cases(paths, letter_path))
    letter = found.collect(lambda: read_letter(letter_path)) if letter_path else None
    if letter and not (paths or letter.totals):
        found.note(Exit.FILE, Problem(letter.name, "surat tidak menyebut berkas", "sekurangnya satu berkas",
                                      "konfirmasi ke pengirim"))  # fmt: skip
    read: Read = []
    for path in paths:
        received = _examine_file(office, path, (found, seen), own)
        if received:
            read.append((path, received))
            extracts = [r.extract for r in received]
            found.note(Exit.FILE, *empty_lists(extracts, letter))
            found.note(Exit.TOTALS, *(check_totals(extracts, letter) if letter else ()))
    if letter:
        present = {name for path in paths for name in _names_in(path)}
        found.note(Exit.TOTALS, *missing_files(letter, present))
    found.refuse()
    return letter, read


def _examine_file(
    office: Office, path: Path, notes: tuple[Findings, dict[str, str]], own: Own
) -> list[Received] | None:
    """One file as read, or None after its problems were noted; ``notes``: (findings, hashes seen before)."""
    found, seen = notes
    digest = sha256_of(path)
    if digest in seen:
        found.note(Exit.ALREADY_RECEIVED, _received_before(path.name, seen[digest]))
        return None
    seen[digest] = "penerimaan ini"
    received = found.collect(functools.partial(_read, path, office.scratch, own))
    for member in received or ():
        if member.member is None:
            continue
        if member.content_sha256 in seen:
            before = _received_before(member.extract.name, seen[member.content_sha256])
            found.note(Exit.ALREADY_RECEIVED, before)
        seen[member.content_sha256] = "penerimaan ini"
    return received


def _read(path: Path, scratch: Path, own: Own) -> list[Received]:
    """Reads a file; one on which our reader fails goes back too, or it would stop the inbox at every look.

    What the machine refuses (disk, memory) is not the file's fault and is raised as it is.
    """
    try:
        if is_case_workbook(path):
            return receive_cases(own.cases, path)
        refuse_bare(path)
        return read_received(path, scratch, own.passwords)
    except (UserError, OSError, MemoryError, duckdb.OperationalError):
        raise
    except Exception as error:  # noqa: BLE001 (the text may quote the file, its kind does not)
        received = f"pembaca gagal ({type(error).__name__})"
        next_step = "laporkan ke pengelola sistem; berkasnya utuh di rejected/"
        raise UserError(Exit.FILE, Problem(path.name, received, "berkas yang dapat dibaca", next_step)) from None


def _names_in(path: Path) -> set[str]:
    """Every name under which a letter may tell of a file or of the files inside it."""
    inside = member_names(path) if path.suffix.lower() == ".zip" else []
    return {path.name} | {name for member in inside for name in names_of(f"{path.name}/{member}")}


def _received_before(name: str, agenda: str) -> Problem:
    return Problem(
        scrub(name),
        f"berkas yang sama sudah diterima, {agenda} (BRK-02)",
        "berkas yang belum pernah diterima",
        f"lihat {agenda}",
    )


def _register(
    office: Office, ledger: LedgerConnection, read: Read, about: tuple[Letter | None, Path | None, Any]
) -> Receipt:
    """Archives first, then numbers and records in one ledger transaction: a crash leaves no number without files.

    The originals are sealed on their way: no plain copy of them ever lies in the archive.
    """
    letter, letter_path, (now, origin) = about
    staging = office.archive / f"{STAGING}{secrets.token_hex(4)}"
    staging.mkdir(mode=0o700)
    files, key = [], new_key()
    extracts = [one.extract for _, taken in read for one in taken]
    facts = without_names(letter, extracts).facts if letter else None
    try:
        for number, (path, received) in enumerate(read, start=1):
            archived = f"{number:02d}{path.suffix.lower()}"
            digest = seal_into(staging, path, archived, key)
            told = [rows_told(letter, one.extract.name) if letter else None for one in received]
            files += [without_people(file_facts(one, archived, digest), extracts) | {"letter_rows": rows}
                      for one, rows in zip(received, told, strict=True)]  # fmt: skip
        if letter_path:
            seal_into(staging, letter_path, "surat.json", key)
        with writing(ledger):
            check_clock(ledger, now)  # before a key and a folder take the number that the entry could not
            for path in (path for path, _ in read if is_case_workbook(path)):
                check_unanswered(office, ledger, path)
            agenda = _next_agenda(office, ledger, (files, now))
            keep_key(office, agenda, key)
            staging.rename(office.archive / agenda)
            append(ledger, now, (Kind.RECEIVED, agenda, "sinkron"), {"letter": facts, "files": files, "origin": origin})
    finally:
        shutil.rmtree(staging, ignore_errors=True)  # still there only when nothing was registered
    return Receipt(agenda, facts, files)


def _next_agenda(office: Office, ledger: LedgerConnection, about: tuple[list[dict[str, Any]], datetime]) -> str:
    """The next number of the office's year, inside the ledger's transaction: nobody else can take it.

    Raises UserError (ALREADY_RECEIVED) when another process registered the same bytes meanwhile. An archive folder
    of that number without an entry was left by a crash; it is set aside, not lost.
    """
    files, now = about
    known = known_hashes(ledger)
    again = [
        _received_before(facts["name"], known[digest])
        for facts in files
        for digest in dict.fromkeys((facts["sha256"], facts["content_sha256"]))
        if digest in known
    ]
    if again:
        raise UserError(Exit.ALREADY_RECEIVED, *again)
    year = now.astimezone(WIB).year
    taken = [e.batch for e in entries(ledger, kind=Kind.RECEIVED) if e.batch.startswith(f"{year}-")]
    agenda = f"{year}-{len(taken) + 1:04d}"
    if (office.archive / agenda).exists():
        (office.archive / agenda).rename(office.archive / f".tertinggal-{agenda}-{secrets.token_hex(4)}")
    return agenda


__all__ = ["Receipt", "find_receipt", "receive", "sha256_of"]
