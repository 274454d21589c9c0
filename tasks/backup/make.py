"""`sinkron backup`: everything the office must not lose, at one moment, in one encrypted file."""

import contextlib
import hashlib
import io
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import duckdb

from tasks.backup.sealed import Sealer, password, sealing, unsealed
from tasks.errors import Exit, LedgerBrokenError, Problem, UserError, disk_says
from tasks.ledger import Kind, append, check_whole, ledger_as_it_is, utc, verify, writing
from tasks.office import Office
from tasks.private import new_private, sha256_of, sync_folder
from tasks.retention.keys import without_copy
from tasks.schema import DEFINITION
from tasks.steps import Summary, verify_marks
from tasks.store import CATALOG, open_store, store_as_it_is

LEDGER, STORE, ANCHORS = "ledger.sqlite", "store.duckdb", "jangkar/kepala.log"
# inbox, scratch: nothing received; published: made anew
FOLDERS = ("archive", "meja", "rejected", "outbox", "laporan", "dokumen", "bukti")
SETTINGS = ("kantor.toml", "ambang.toml", "kalender.csv")
DRAFT = ".cadangan-"
Held = tuple[BinaryIO, duckdb.DuckDBPyConnection]
Holding = AbstractContextManager[Held]


def backup(office: Office, target: Path, now: datetime) -> Summary:
    """Writes ``target``, reads it back whole, and records it in the ledger. Returns what was recorded.

    Summary: {file, sha256, bytes, files, entries, head, marks, mark}: ``entries`` and ``head`` of the ledger as it lies
    in the backup, ``marks`` and ``mark`` of the store. The entry that says so is younger than its backup; ``restore``
    writes it again, byte for byte. Raises UserError: USAGE for a place that does not do, OFFICE when the disk is full
    or the store is damaged (what can not be read is no backup), FILE when the written file does not read back;
    LedgerBrokenError.
    """
    _check_place(office, target)
    return write_backup(office, held(office), target, now)


def write_backup(office: Office, holding: Holding, target: Path, now: datetime) -> Summary:
    """The same, wherever ``target`` lies; ``holding`` gives the store, of any version, when it is entered."""
    draft = target.with_name(f"{DRAFT}{secrets.token_hex(4)}")
    try:
        with new_private(draft) as file:
            with sealing(file, password(office)) as sealer:
                facts = _everything(office, sealer, holding, {"file": target.name, "made": utc(now)})
            file.flush()
            os.fsync(file.fileno())
        with unsealed(draft, password(office)) as written:
            written.check()
        done = entry_of(facts, draft, len(sealer.members))
        draft.rename(target)
        sync_folder(target.parent)
    except OSError as error:
        raise UserError(Exit.OFFICE, _unwritable(target, error)) from None
    finally:
        draft.unlink(missing_ok=True)
    with ledger_as_it_is(office) as ledger, writing(ledger):
        append(ledger, now, (Kind.BACKUP, "", "sinkron"), done)
    return done


def entry_of(facts: dict[str, Any], sealed: Path, files: int) -> Summary:
    """What the ledger says about a backup: from its manifest and its file, so that it can be written again."""
    size, digest = sealed.stat().st_size, sha256_of(sealed)
    told = {name: facts[name] for name in ("file", "entries", "head", "marks", "mark")}
    return told | {"sha256": digest, "bytes": size, "files": files}


def schema_digest() -> str:
    """Names the shape of the store's tables (hex SHA-256)."""
    return hashlib.sha256(DEFINITION.encode()).hexdigest()


@contextlib.contextmanager
def held(office: Office) -> Iterator[Held]:
    """The store's file and the store, of whatever version: nobody else has it meanwhile."""
    if not office.store.exists():
        with open_store(office):
            pass
    # Opened before and closed after DuckDB's own: closing any handle of a file drops the process's lock on it (POSIX).
    with office.store.open("rb") as file, store_as_it_is(office) as con:
        yield file, con


def _everything(office: Office, sealer: Sealer, holding: Holding, about: dict[str, Any]) -> dict[str, Any]:
    """One moment: the store is held, heads are read before the ledger that holds them, files after the entries that
    name them.
    """  # noqa: D205 (one sentence that does not fit a line)
    with holding as (store, con):
        marks, mark = _readable(con)
        con.execute(f"force checkpoint {CATALOG}")
        if office.anchors.exists():
            sealer.add(ANCHORS, io.BytesIO(office.anchors.read_bytes()))
        entries, head, ledger = _ledger(office)
        sealer.add(LEDGER, io.BytesIO(ledger))
        sealer.add(STORE, store)
        for path in _files(office):
            with path.open("rb") as file:
                sealer.add(path.relative_to(office.home).as_posix(), file)
        facts = about | {"entries": entries, "head": head, "marks": marks, "mark": mark, "schema": schema_digest()}
        sealer.finish(facts)
    return facts


def _ledger(office: Office) -> tuple[int, str, bytes]:
    """The ledger of one moment, whole and checked: (entries, head, the file's bytes)."""
    with ledger_as_it_is(office) as ledger, contextlib.closing(sqlite3.connect(":memory:")) as copy:
        try:
            ledger.backup(copy)
        except sqlite3.DatabaseError:
            raise LedgerBrokenError("ledger.sqlite tidak terbaca utuh: pulihkan dari cadangan") from None
        check_whole(copy)
        return *verify(copy), copy.serialize()


def _readable(con: duckdb.DuckDBPyConnection) -> tuple[int, str]:
    """Reads every row of the store, so that a damaged block stops the backup; returns (marks, newest mark's hash)."""
    tables = con.execute("select table_name from duckdb_tables() where database_name = ? order by 1", [CATALOG])
    for (table,) in tables.fetchall():
        con.execute(f"select sum(hash(t)) from {CATALOG}.main.{table} t").fetchall()
    return verify_marks(con)


def _files(office: Office) -> Iterator[Path]:
    for name in SETTINGS:
        if (office.home / name).is_file():
            yield office.home / name
    # The keys of batches go along until all lie on another disk as well: a backup must bring back what it holds.
    for folder in (*FOLDERS, *([office.batch_keys.name] if without_copy(office) else [])):
        for path in sorted((office.home / folder).rglob("*")):
            half = any(part.startswith(".") for part in path.relative_to(office.home).parts)  # drafts, STAGING
            if path.is_file() and not path.is_symlink() and not half:
                yield path


def _check_place(office: Office, target: Path) -> None:
    received = None
    if not target.parent.is_dir():
        received = "folder tujuan tidak ada"
    elif target.exists() or target.is_symlink():
        received = "berkas sudah ada"
    elif target.resolve().is_relative_to(office.home):
        received = "tujuan di dalam folder kantor: hilang bersama kantornya"
    if received:
        step = "pilih tempat lain; cadangan lama tidak ditimpa"
        raise UserError(
            Exit.USAGE, Problem(target.name, received, "berkas baru di folder yang ada, di disk lain", step)
        )


def _unwritable(target: Path, error: OSError) -> Problem:
    return Problem(
        f"cadangan {target.name}", f"tidak dapat ditulis atau dibaca: {disk_says(error)}",
        "tempat yang cukup, izin menulis",
        "beri tempat atau pilih tempat lain, lalu ulangi; data kantor tidak berubah, tidak ada cadangan setengah jadi",
    )  # fmt: skip
