r"""The ledger (Buku Agenda elektronik): append-only, hash-chained, the truth about receipts and decisions.

SQLite with one writer at a time. Triggers refuse UPDATE, DELETE and every INSERT that does not continue the chain
(REPLACE fires no DELETE trigger, so the INSERT trigger is the one that stops it). It holds no personal data of
residents. ``hash = sha256(prev \n seq \\n at \\n kind \\n batch \\n actor \\n payload)``, all UTF-8.
"""

import contextlib
import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from tasks.anchors import LATE, LEDGER, Anchor, alone, newest, note
from tasks.anchors import create as create_anchors
from tasks.atomic import all_or_nothing
from tasks.errors import Exit, LedgerBrokenError, Problem, UserError, disk_says
from tasks.ledger_faults import told
from tasks.ledger_tables import TABLES, same_tables, version_of
from tasks.migrations.versions import CURRENT
from tasks.office import PRIVATE_FILE, Office

GENESIS = "0" * 64
BUSY_SECONDS = 30.0
AT_ONCE = 2  # entries of one transaction: an undo is asked for and proposed
CLOCK_TOLERANCE = timedelta(minutes=2)  # writers wait for each other; clocks are set by small steps


class Kind(StrEnum):
    """What an entry records."""

    RECEIVED = "berkas.diterima"
    REFUSED = "berkas.ditolak"
    BASELINE = "data.awal.dimuat"
    REFERENCE = "daftar.dimuat"
    PROPOSED = "usulan.disusun"
    DECISION = "keputusan"
    ATTEMPT = "percobaan.ditolak"
    WITHDRAWN = "keputusan.dicabut"
    VOIDED = "usulan.gugur"
    WRITTEN = "data.ditulis"
    UNDO = "pembatalan.diminta"
    UNDONE = "data.dibatalkan"
    PURGE = "pemusnahan.diminta"
    PURGED = "data.dimusnahkan"
    PUBLISHED = "data.terbit"
    EXPORTED = "data.dikeluarkan"
    OPENED = "data.dibuka"
    NOTICE = "pemberitahuan.dikirim"
    PAUSED = "jam.sop.dijeda"
    PERSON = "orang.didaftarkan"
    MANDATE = "mandat.diberikan"
    CREDENTIAL = "kode.diganti"
    DISABLED = "orang.dinonaktifkan"
    CLOCK = "jam.dibetulkan"
    BACKUP = "cadangan.dibuat"
    RESTORED = "cadangan.dipulihkan"
    MIGRATED = "skema.dinaikkan"
    BREACH = "insiden.dicatat"


@dataclass(frozen=True)
class Entry:
    """One line of the ledger. ``at``: UTC, ISO 8601; ``actor``: a NIP or "sinkron"; ``payload``: decoded JSON."""

    seq: int
    at: str
    kind: str
    batch: str
    actor: str
    payload: dict[str, Any]
    hash: str


class LedgerConnection(sqlite3.Connection):
    """A ledger and the second file where its heads are noted."""

    anchors: Path


@contextlib.contextmanager
def open_ledger(office: Office) -> Iterator[LedgerConnection]:
    """The office's ledger, created (0600) when missing. Transactions are the caller's (``with writing(con)``).

    One of an older version is brought to the present one first (tasks.migrations.run). Raises LedgerBrokenError when it
    is damaged or does not hold the newest head that the second file knows, UserError (OFFICE) when the disk is full or
    read-only, or a newer Sinkron wrote it.
    """
    with ledger_as_it_is(office) as con:
        if version_of(con) == CURRENT:
            yield con
            return
    from tasks.migrations.run import upgrade

    upgrade(office)
    with ledger_as_it_is(office) as con:
        yield con


@contextlib.contextmanager
def ledger_as_it_is(office: Office) -> Iterator[LedgerConnection]:
    """The same, of any version up to ours: for what brings it to the present one, and for the backup before that."""
    path, anchors = office.ledger, office.anchors
    if not path.exists():
        create_anchors(anchors)  # first: a ledger without its second file is refused from now on
        _create(path)
    with told(path.name):
        with told(path.name, opening=True):
            con = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, factory=LedgerConnection)
        con.anchors = anchors
        try:
            with told(path.name, opening=True):
                con.execute("pragma synchronous = extra")  # syncs the folder too: what was told as done outlives a cut
                con.execute("pragma foreign_keys = on")
                _make_tables(con, path.name)
                _check_anchor(con)
            yield con
        finally:
            con.close()


def _create(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, PRIVATE_FILE))
    except OSError as error:
        received, allowed = disk_says(error), "folder yang dapat ditulis"
        problem = Problem(path.name, received, allowed, "beri tempat atau izin tulis, lalu ulangi perintah ini")
        raise UserError(Exit.OFFICE, problem) from None


def _make_tables(con: LedgerConnection, name: str) -> None:
    """All at once in a new ledger. Those that are there must be ours: a dropped trigger is told, not put back."""
    if con.execute("select 1 from sqlite_schema limit 1").fetchone() is None:
        con.executescript(f"begin immediate;\n{TABLES}\ncommit;")
    if not same_tables(con):
        raise LedgerBrokenError(f"tabel atau pemicu {name} diubah atau dibuang: pulihkan dari cadangan")


def _check_anchor(con: LedgerConnection) -> None:
    """The newest noted head must be in the chain: else the ledger was cut back, rewritten or exchanged.

    Number 0 is noted before the first entry, so that a second file without any line of the ledger tells of its loss.
    """
    written = head(con)[0]  # before the second file is read: heads are noted after they are durable
    known = newest(con.anchors, LEDGER)
    if known is None and written:
        raise LedgerBrokenError(f"berkas jangkar {con.anchors} hilang atau kosong: pulihkan dari cadangan")
    if known is None:
        create_anchors(con.anchors)
        note(con.anchors, Anchor(LEDGER, 0, GENESIS, utc(datetime.now(UTC))))
        return
    found = con.execute("select hash from entries where seq = ?", (known.number,)).fetchone()
    if known.number and found != (known.hash,):
        raise LedgerBrokenError(
            f"ledger.sqlite tidak memuat entri {known.number} yang dicatat jangkar ({known.at}): "
            "pulihkan ledger.sqlite dari cadangan"
        )
    if written - known.number > AT_ONCE:
        raise LedgerBrokenError(
            f"{written - known.number} entri terakhir tidak dicatat jangkar: ditulis di luar Sinkron, atau jangkar "
            "dipotong; cocokkan dengan Buku Agenda kertas, lalu pulihkan dari cadangan"
        )


def head(con: sqlite3.Connection) -> tuple[int, str]:
    """(number, hash) of the newest entry."""
    return con.execute("select seq, hash from entries order by seq desc limit 1").fetchone() or (0, GENESIS)


@contextlib.contextmanager
def writing(con: LedgerConnection) -> Iterator[None]:
    """One writer at a time, all or nothing; each new entry is noted in the second file once it is durable.

    The next writer waits until it is noted, so only a process that dies leaves entries that are not: AT_ONCE at most;
    the next one notes them as late, so that processes which die one after the other do not close the office.
    """
    with alone(con.anchors, BUSY_SECONDS):
        _note_late(con)
        with told("ledger.sqlite"), all_or_nothing(con, "begin immediate"):
            before = head(con)[0]
            yield
        new = con.execute("select seq, hash, at from entries where seq > ? order by seq", (before,)).fetchall()
        for seq, digest, at in new:
            note(con.anchors, Anchor(LEDGER, seq, digest, at))


def _note_late(con: LedgerConnection) -> None:
    _check_anchor(con)  # more than a dead process can leave is refused, not noted
    known, (seq, digest) = newest(con.anchors, LEDGER), head(con)
    if known is not None and known.number < seq:
        note(con.anchors, Anchor(LATE + LEDGER, seq, digest, entry_time(con, seq)))


def entry_time(con: sqlite3.Connection, seq: int) -> str:
    """When an entry was written (UTC, ISO 8601)."""
    return str(con.execute("select at from entries where seq = ?", (seq,)).fetchone()[0])


def canonical(payload: dict[str, Any]) -> str:
    """The JSON text that is hashed: sorted keys, no spaces, UTF-8 unescaped."""
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def utc(at: datetime) -> str:
    """An aware time as the ledger writes it: UTC, whole milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def entry_hash(prev: str, *fields: object) -> str:
    """The chain's formula over (seq, at, kind, batch, actor, payload text)."""
    return hashlib.sha256("\n".join([prev, *map(str, fields)]).encode()).hexdigest()


def append(con: sqlite3.Connection, now: datetime, fields: tuple[Kind, str, str], payload: dict[str, Any]) -> str:
    """Adds one entry (``fields`` = kind, batch, actor) inside the caller's transaction; returns its hash.

    ``now``: this machine's clock (aware). Raises UserError (OFFICE) when it runs more than two minutes behind the
    newest entry: with a clock set back an expired mandate would be valid again.
    """
    (seq, prev), text, when = head(con), canonical(payload), utc(now)
    if fields[0] is not Kind.CLOCK:
        check_clock(con, now)
    digest = entry_hash(prev, seq + 1, when, *fields, text)
    con.execute("insert into entries values (?, ?, ?, ?, ?, ?, ?, ?)", (seq + 1, when, *fields, text, prev, digest))
    return digest


def check_clock(con: sqlite3.Connection, now: datetime) -> None:
    """Raises UserError (OFFICE) when nothing could be appended at ``now``: before a store is written that needs it."""
    seq = head(con)[0]
    newest_entry = entry_time(con, seq) if seq else ""
    if seq and now < datetime.fromisoformat(newest_entry) - CLOCK_TOLERANCE:
        raise UserError(
            Exit.OFFICE,
            Problem(
                "jam komputer", f"{utc(now)}, lebih awal dari entri terakhir Buku Agenda ({newest_entry})",
                "jam yang tidak mundur", "betulkan jam komputer; bila jam sekarang yang benar: sinkron recover --jam",
            ),
        )  # fmt: skip


def entries(
    con: sqlite3.Connection, batch: str | None = None, kind: Kind | None = None, actor: str | None = None
) -> list[Entry]:
    """Entries in order, of one batch, one kind and/or one actor."""
    wanted = {"batch": batch, "kind": kind, "actor": actor}
    given = {column: value for column, value in wanted.items() if value is not None}
    where = " and ".join(f"{column} = :{column}" for column in given) or "true"
    return _read(con, where, given)


def entries_of(con: sqlite3.Connection, kinds: tuple[Kind, ...]) -> list[Entry]:
    """Entries of several kinds, in order."""
    return _read(con, f"kind in ({', '.join('?' * len(kinds))})", kinds)


def _read(con: sqlite3.Connection, where: str, given: Mapping[str, str] | tuple[str, ...]) -> list[Entry]:
    query = f"select seq, at, kind, batch, actor, payload, hash from entries where {where} order by seq"
    try:
        return [Entry(*(*row[:5], json.loads(row[5]), row[6])) for row in con.execute(query, given)]
    except (ValueError, TypeError):
        raise LedgerBrokenError("isi entri buku agenda rusak: pulihkan ledger.sqlite dari cadangan") from None


def verify(con: sqlite3.Connection) -> tuple[int, str]:
    """Recomputes the whole chain. Returns (entries, head hash); raises LedgerBrokenError at the first break."""
    prev, count = GENESIS, 0
    try:
        for seq, at, kind, batch, actor, text, stored_prev, digest in con.execute("select * from entries order by seq"):
            count += 1
            if seq != count or stored_prev != prev or entry_hash(prev, seq, at, kind, batch, actor, text) != digest:
                raise LedgerBrokenError(f"rantai buku agenda putus pada entri {count}: pulihkan ledger.sqlite")
            prev = digest
    except (sqlite3.DatabaseError, UnicodeError):
        raise LedgerBrokenError(f"buku agenda rusak sesudah entri {count}: pulihkan ledger.sqlite") from None
    return count, prev


def check_whole(con: sqlite3.Connection) -> None:
    """Pages and indexes, as SQLite checks them, and our tables and triggers, word for word.

    A damaged index would hide entries, an exchanged trigger would let somebody rewrite them. Raises LedgerBrokenError.
    """
    try:
        found, same = con.execute("pragma integrity_check").fetchone(), same_tables(con)
    except (sqlite3.DatabaseError, UnicodeError):
        found, same = None, False
    if found != ("ok",) or not same:
        raise LedgerBrokenError("ledger.sqlite rusak (halaman atau indeks): pulihkan dari cadangan")
