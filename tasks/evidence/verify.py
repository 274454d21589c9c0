"""What ``sinkron verify`` checks: ledger, second file, heads from paper, secrets, store and Prefect against each other.

Nothing here needs Prefect, Great Expectations or recordlinkage: an auditor's machine has none of them.
"""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tasks.anchors import STORE, newest
from tasks.approvals.docket import docket
from tasks.approvals.secrets import sealed_hash
from tasks.errors import LedgerBrokenError, UserError
from tasks.evidence.against_store import compare_store
from tasks.evidence.findings import Check, Finding, Severity, right, warn, wrong
from tasks.evidence.heads import Head, check_anchors, check_heads, read_anchors
from tasks.evidence.replay import Book, read_book
from tasks.ledger import Kind, check_whole, entries_of
from tasks.ledger_tables import tables_of, version_of
from tasks.migrations.versions import CURRENT
from tasks.office import AGENDA, Office
from tasks.privacy import scrub
from tasks.retention.destroy import left_of
from tasks.retention.keys import folders
from tasks.store import open_store

Runs = list[tuple[str, str]]  # (agenda number, or "run:<id>" of a run without one; Prefect's name of its state)
COMPLETED = "Completed"
ENDED = frozenset({COMPLETED, "Failed", "Crashed", "Cancelled", "Cancelling", "TimedOut"})


def verify_office(office: Office, runs: Runs | None = None, heads: Iterable[Head] = ()) -> list[Finding]:
    """Everything wrong, worth a look, or right with an office's evidence, all of it.

    ``runs``: what Prefect shows, read before this call; None when it could not be asked. ``heads``: from elsewhere.
    Reads only, but for what opening the store does. An office at work may be verified: what it writes meanwhile is
    not held against it.
    """
    if not office.ledger.exists():
        return [wrong(Check.CHAIN, "ledger.sqlite hilang: pulihkan dari cadangan")]
    noted, found = read_anchors(office.anchors)
    with contextlib.ExitStack() as stack:
        store = _opened(office, stack, found)
        ledger = stack.enter_context(contextlib.closing(_read_only(office.ledger)))
        book = read_book(ledger)
        found = [*book.found, *_database(ledger), *_secrets(office, book, ledger), *found]
        if store is not None:
            try:
                found += compare_store(book, store, noted)
            except (duckdb.Error, UserError, KeyError, TypeError) as error:
                found.append(wrong(Check.STORE, f"store tidak dapat dibandingkan ({type(error).__name__})"))
    noted_now, _ = read_anchors(office.anchors)
    if office.anchors.exists():
        found += check_anchors(book.hashes, noted, noted_now, book.alone)
    elif book.count:
        found.append(wrong(Check.ANCHORS, "berkas jangkar hilang; bila tidak ada cadangannya: sinkron anchor --baru"))
    if not book.count and office.store.exists():
        found.append(wrong(Check.CHAIN, "Buku Agenda kosong padahal store ada: pulihkan ledger.sqlite dari cadangan"))
    found += [*check_heads(book.hashes, heads), *_open_to_others(office), *_destroyed(office, book)]
    found += _prefect(book, runs) if runs is not None else [warn(Check.PREFECT, "keadaan run Prefect tidak diperiksa")]
    book.con.close()
    return found


def _open_to_others(office: Office) -> list[Finding]:
    """Whoever else may write here can forge what the office writes."""
    places = [office.home, office.ledger, office.store, office.anchors, office.key_file, office.settings_file]
    loose = [path.name for path in places if path.exists() and path.stat().st_mode & 0o077]
    return [warn(Check.DATABASE, f"terbuka untuk orang lain: {', '.join(loose)} (chmod 700/600)")] if loose else []


def _destroyed(office: Office, book: Book) -> Iterator[Finding]:
    """No key and no file of what the ledger says is destroyed."""
    for entry in entries_of(book.con, (Kind.PURGED,)):
        agenda = str(entry.payload["destroys"])
        try:
            left = left_of(office, book.con, agenda) if AGENDA.fullmatch(agenda) else []
        except (OSError, UserError) as error:
            yield warn(Check.PURGE, f"entri {entry.seq}: tidak dapat dilihat apakah musnah ({type(error).__name__})")
            continue
        if left:
            text = (
                f"entri {entry.seq}: {len(left)} kunci atau berkas agenda {agenda} masih ada; jalankan sinkron recover"
            )
            yield wrong(Check.PURGE, text, entry.seq)
        else:
            yield right(
                Check.PURGE, f"agenda {agenda}: musnah ({entry.batch}); tidak ada kunci, asal, atau lembar kerja"
            )
        if away := [folder.name for folder in folders(office) if not folder.is_dir()]:
            yield warn(Check.PURGE, f"agenda {agenda}: folder kunci {', '.join(away)} tidak terpasang, tidak dilihat")


def verdict(found: list[Finding]) -> Severity:
    """The worst of all."""
    present = {finding.severity for finding in found}
    return next((level for level in (Severity.WRONG, Severity.WARN) if level in present), Severity.OK)


def _read_only(path: Path) -> sqlite3.Connection:
    """The ledger, never created. Not SQLite's read-only mode: it could not take back what a killed writer left half."""
    con = sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, isolation_level=None)
    con.execute("pragma query_only = on")
    return con


def _opened(office: Office, stack: contextlib.ExitStack, found: list[Finding]) -> duckdb.DuckDBPyConnection | None:
    """The store, open until the comparison ends, so that no writing comes between it and the ledger; or why not."""
    if not office.store.exists():
        known = _newest_mark(office)
        lost = wrong(Check.STORE, f"store hilang; jangkar mencatat tanda {known}: pulihkan dari cadangan")
        found.append(lost if known else warn(Check.STORE, "store belum ada; tidak dibandingkan"))
        return None
    try:
        office.key("store")
    except UserError as error:
        found.append(warn(Check.STORE, f"store tidak dibandingkan. {error}"))
        return None
    try:
        return stack.enter_context(open_store(office))
    except (UserError, LedgerBrokenError) as error:
        found.append(wrong(Check.STORE, str(error)))
        return None


def _newest_mark(office: Office) -> int:
    with contextlib.suppress(UserError):
        known = newest(office.anchors, STORE)
        return known.number if known else 0
    return 0


def _database(ledger: sqlite3.Connection) -> Iterator[Finding]:
    """Pages and indexes whole; the triggers that refuse changes are there, and nobody added others."""
    objects = "select type, name, sql from sqlite_master where sql is not null"
    try:
        version = version_of(ledger)
    except sqlite3.DatabaseError:
        version = CURRENT  # unreadable: told below
    except UserError as error:
        yield wrong(Check.DATABASE, str(error))
        return
    with contextlib.closing(sqlite3.connect(":memory:")) as fresh:
        fresh.executescript(tables_of(version))
        ours = set(fresh.execute(objects).fetchall())
    try:
        here = set(ledger.execute(objects).fetchall())
        if here == ours:
            check_whole(ledger)
    except (sqlite3.DatabaseError, LedgerBrokenError):
        yield wrong(Check.DATABASE, "ledger.sqlite rusak (halaman atau indeks): pulihkan dari cadangan")
        return
    for kind, name, _ in sorted(ours - here):
        if kind == "trigger":
            yield wrong(Check.DATABASE, f"ledger.sqlite: pemicu {name} yang menolak perubahan dilepas atau diganti")
    for kind, name, _ in sorted(here - ours):
        if (kind, name) not in {(one, other) for one, other, _ in ours}:
            yield wrong(Check.DATABASE, f"ledger.sqlite: {kind} {name} bukan buatan Sinkron")


def _secrets(office: Office, book: Book, ledger: sqlite3.Connection) -> Iterator[Finding]:
    """Every sealed code is the one that the chain tells of, and opens with the office's key."""
    try:
        held = {nip: (nonce, sealed) for nip, nonce, sealed in ledger.execute("select nip, nonce, sealed from secrets")}
    except sqlite3.DatabaseError:
        yield wrong(Check.SECRETS, "rahasia TOTP tidak terbaca")
        return
    try:
        cipher: AESGCM | None = AESGCM(office.key("totp"))
    except UserError:
        cipher = None
        yield warn(Check.SECRETS, "kunci kantor tidak ada di sini: rahasia TOTP hanya dicocokkan sidiknya")
    enrolled = {nip: person.secret for nip, person in book.people.items() if person.secret}
    for nip in sorted(enrolled.keys() | held.keys()):
        if nip not in held:
            yield wrong(Check.SECRETS, f"{nip}: rahasia TOTP hilang; ganti: sinkron approver rotate")
        elif nip not in enrolled:
            yield wrong(Check.SECRETS, f"{nip}: rahasia TOTP tanpa pendaftaran di Buku Agenda")
        elif not _is_sealed(held[nip], enrolled[nip]):
            yield wrong(Check.SECRETS, f"{nip}: rahasia TOTP tertukar, bukan yang tercatat di Buku Agenda")
        elif cipher is not None and not _opens(cipher, held[nip], nip):
            yield wrong(Check.SECRETS, f"{nip}: rahasia TOTP tidak terbuka dengan kunci kantor ini")
    yield right(Check.SECRETS, f"rahasia TOTP: {len(held)} dicocokkan")


def _is_sealed(row: tuple[object, object], digest: str) -> bool:
    nonce, sealed = row
    return isinstance(nonce, bytes) and isinstance(sealed, bytes) and sealed_hash(nonce, sealed) == digest


def _opens(cipher: AESGCM, row: tuple[bytes, bytes], nip: str) -> bool:
    try:
        cipher.decrypt(*row, nip.encode())
    except (InvalidTag, ValueError):
        return False
    return True


def _prefect(book: Book, runs: Runs) -> Iterator[Finding]:
    """What Prefect shows against what the ledger says; the ledger is right."""
    received = entries_of(book.con, (Kind.RECEIVED, Kind.UNDO, Kind.PURGE))
    by_origin = {str(entry.payload.get("origin")): entry.batch for entry in received}
    states: dict[str, list[str]] = {}
    for agenda, state in runs:
        states.setdefault(by_origin.get(agenda, agenda), []).append(state)
    for agenda in dict.fromkeys(entry.batch for entry in received):
        shown, batch = states.pop(agenda, []), docket(book.con, agenda)
        if batch.is_open and COMPLETED in shown:
            yield wrong(Check.PREFECT, f"agenda {agenda}: run Completed tanpa penulisan; jalankan sinkron recover")
        if batch.is_open and all(state in ENDED for state in shown):
            what = f"run berakhir {', '.join(sorted(set(shown)))}" if shown else "tanpa run"
            yield warn(Check.PREFECT, f"agenda {agenda}: {what}, padahal belum selesai; jalankan sinkron recover")
        if batch.written and not shown:
            yield right(Check.PREFECT, f"agenda {agenda}: ditulis, run-nya tidak ada lagi di Prefect")
    for agenda, shown in states.items():
        if COMPLETED in shown:
            yield warn(Check.PREFECT, f"run Completed untuk {scrub(agenda)}, yang tidak ada di Buku Agenda")
    yield right(Check.PREFECT, f"Prefect: {len(runs)} run dibandingkan")
