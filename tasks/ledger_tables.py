"""The ledger's tables and triggers, word for word, at every version; the version is SQLite's ``user_version``."""

import contextlib
import sqlite3
from pathlib import Path

from tasks.errors import Exit, Problem, UserError
from tasks.migrations.versions import CURRENT, MIGRATIONS, since

BASE = """
create table if not exists entries (seq integer primary key, at text not null, kind text not null,
  batch text not null, actor text not null, payload text not null, prev text not null, hash text not null);
create index if not exists entries_batch on entries (batch, kind);
create index if not exists entries_actor on entries (actor);
create index if not exists entries_kind on entries (kind);
create trigger if not exists entries_no_update before update on entries
  begin select raise(abort, 'buku agenda tidak dapat diubah'); end;
create trigger if not exists entries_no_delete before delete on entries
  begin select raise(abort, 'buku agenda tidak dapat dihapus'); end;
create trigger if not exists entries_chain before insert on entries
  when new.seq is not (select coalesce(max(seq), 0) + 1 from entries)
    or new.prev is not coalesce((select hash from entries order by seq desc limit 1), printf('%064d', 0))
  begin select raise(abort, 'entri tidak menyambung rantai buku agenda'); end;
create table if not exists secrets (nip text primary key, nonce blob not null, sealed blob not null);
"""


def tables_of(version: int) -> str:
    """SQL that makes an empty ledger of a version."""
    steps = "".join(f"{statement};\n" for step in MIGRATIONS if step.to <= version for statement in step.ledger)
    return f"{BASE}{steps}pragma user_version = {version};\n"


TABLES = tables_of(CURRENT)


def version_of(con: sqlite3.Connection) -> int:
    """The version a ledger bears; 0 before there were numbers. Raises UserError (OFFICE) for a newer one than ours."""
    (version,) = con.execute("pragma user_version").fetchone()
    if not 0 <= version <= CURRENT:
        raise UserError(Exit.OFFICE, newer("ledger.sqlite", version))
    return int(version)


def is_behind(path: Path) -> bool:
    """Whether a ledger that lies there is of an older version; what can not be read is told by whoever opens it."""
    if not path.exists():
        return False
    try:
        with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as con:
            return version_of(con) < CURRENT
    except sqlite3.DatabaseError:
        return False


def newer(name: str, version: int) -> Problem:
    """A file that a newer Sinkron wrote: what it means is not known here."""
    return Problem(
        name, f"versi {version}, ditulis Sinkron yang lebih baru", f"versi 0 sampai {CURRENT}",
        "pasang Sinkron yang menulisnya (atau yang lebih baru); tidak ada yang diubah",
    )  # fmt: skip


def raise_tables(con: sqlite3.Connection) -> None:
    """Brings the ledger to the present version, inside the caller's transaction."""
    for step in since(version_of(con)):
        for statement in step.ledger:
            con.execute(statement)
        con.execute(f"pragma user_version = {step.to}")


def same_tables(con: sqlite3.Connection) -> bool:
    """Whether tables and triggers are those of the ledger's version, word for word."""
    schema = "select type, name, tbl_name, sql from sqlite_schema order by name"
    with contextlib.closing(sqlite3.connect(":memory:")) as right:
        right.executescript(tables_of(version_of(con)))
        return bool(con.execute(schema).fetchall() == right.execute(schema).fetchall())
