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
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from tasks.atomic import all_or_nothing
from tasks.errors import LedgerBrokenError
from tasks.office import PRIVATE_FILE

GENESIS = "0" * 64
BUSY_SECONDS = 30.0


class Kind(StrEnum):
    """What an entry records."""

    RECEIVED = "berkas.diterima"
    REFUSED = "berkas.ditolak"
    DECISION = "keputusan"
    ATTEMPT = "percobaan.ditolak"
    WRITTEN = "data.ditulis"
    PUBLISHED = "data.terbit"
    PERSON = "orang.didaftarkan"
    BASELINE = "data.awal.dimuat"


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


TABLES = """
create table if not exists entries (seq integer primary key, at text not null, kind text not null,
  batch text not null, actor text not null, payload text not null, prev text not null, hash text not null);
create index if not exists entries_batch on entries (batch, kind);
create trigger if not exists entries_no_update before update on entries
  begin select raise(abort, 'buku agenda tidak dapat diubah'); end;
create trigger if not exists entries_no_delete before delete on entries
  begin select raise(abort, 'buku agenda tidak dapat dihapus'); end;
create trigger if not exists entries_chain before insert on entries
  when new.seq is not (select coalesce(max(seq), 0) + 1 from entries)
    or new.prev is not coalesce((select hash from entries order by seq desc limit 1), printf('%064d', 0))
  begin select raise(abort, 'entri tidak menyambung rantai buku agenda'); end;
create table if not exists people (nip text primary key, name text not null, secret_nonce blob not null,
  secret blob not null, last_step integer not null default 0, failures integer not null default 0,
  locked_until text, demo integer not null default 0);
create table if not exists mandates (nip text not null references people, role text not null,
  valid_from text not null, valid_to text, unique (nip, role, valid_from));
"""


@contextlib.contextmanager
def open_ledger(path: Path) -> Iterator[sqlite3.Connection]:
    """The ledger, created (0600) when missing. Transactions are the caller's (``with writing(con)``)."""
    if not path.exists():
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, PRIVATE_FILE))
    con = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        con.execute("pragma synchronous = full")
        con.execute("pragma foreign_keys = on")
        try:
            con.executescript(TABLES)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            raise LedgerBrokenError(f"{path.name} bukan buku agenda yang utuh: pulihkan dari cadangan") from None
        yield con
    finally:
        con.close()


def writing(con: sqlite3.Connection) -> contextlib.AbstractContextManager[None]:
    """One writer at a time, all or nothing."""
    return all_or_nothing(con, "begin immediate")


def canonical(payload: dict[str, Any]) -> str:
    """The JSON text that is hashed: sorted keys, no spaces, UTF-8 unescaped."""
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def utc(at: datetime) -> str:
    """An aware time as the ledger writes it: UTC, whole milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def entry_hash(prev: str, *fields: object) -> str:
    """The chain's formula over (seq, at, kind, batch, actor, payload text)."""
    return hashlib.sha256("\n".join([prev, *map(str, fields)]).encode()).hexdigest()


def append(con: sqlite3.Connection, at: datetime, fields: tuple[Kind, str, str], payload: dict[str, Any]) -> str:
    """Adds one entry (``fields`` = kind, batch, actor) inside the caller's transaction; returns its hash."""
    row = con.execute("select seq, hash from entries order by seq desc limit 1").fetchone()
    last, prev = row or (0, GENESIS)
    text, when = canonical(payload), utc(at)
    digest = entry_hash(prev, last + 1, when, *fields, text)
    con.execute("insert into entries values (?, ?, ?, ?, ?, ?, ?, ?)", (last + 1, when, *fields, text, prev, digest))
    return digest


def entries(con: sqlite3.Connection, batch: str | None = None, kind: Kind | None = None) -> list[Entry]:
    """Entries in order, of one batch and/or one kind."""
    rows = con.execute(
        "select seq, at, kind, batch, actor, payload, hash from entries "
        "where (?1 is null or batch = ?1) and (?2 is null or kind = ?2) order by seq",
        (batch, kind),
    )
    return [Entry(row[0], row[1], row[2], row[3], row[4], json.loads(row[5]), row[6]) for row in rows]


def verify(con: sqlite3.Connection) -> tuple[int, str]:
    """Recomputes the whole chain. Returns (entries, head hash); raises LedgerBrokenError at the first break."""
    prev, count = GENESIS, 0
    for seq, at, kind, batch, actor, text, stored_prev, digest in con.execute("select * from entries order by seq"):
        count += 1
        if seq != count or stored_prev != prev or entry_hash(prev, seq, at, kind, batch, actor, text) != digest:
            raise LedgerBrokenError(f"rantai buku agenda putus pada entri {count}")
        prev = digest
    return count, prev
