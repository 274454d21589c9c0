"""The store: one encrypted DuckDB file, opened briefly by one process. Everything large lives here."""

import contextlib
import os
import random
import tempfile
import time
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import duckdb_extension_httpfs

from expectations.codes import CITY, region_history, regions
from expectations.rules import MACROS
from tasks import store_faults as faults
from tasks.anchors import STORE, Anchor, newest, note
from tasks.anchors import create as create_anchors
from tasks.atomic import all_or_nothing
from tasks.errors import SinkronError
from tasks.ledger_tables import is_behind as ledger_is_behind
from tasks.migrations.store import is_behind, version_of
from tasks.office import PRIVATE_FILE, Office
from tasks.office_settings import Machine
from tasks.schema import make_schema
from tasks.steps import newest_mark
from tasks.store_memory import memory_mib, spill_folder

HTTPFS = Path(duckdb_extension_httpfs.__file__).parent / "extensions" / f"v{duckdb.__version__}"
LOCK_WAIT_SECONDS = 60.0  # of a person at a terminal
CATALOG = "office"
patience: ContextVar[float | None] = ContextVar("patience", default=None)  # seconds; None = LOCK_WAIT_SECONDS
LOG_SUFFIX = ".wal"  # DuckDB's write-ahead log lies beside the store


def _connect(scratch: Path, machine: Machine | None = None) -> duckdb.DuckDBPyConnection:
    machine = machine or Machine()
    limits = {"memory_limit": f"{memory_mib(machine)}MiB", "temp_directory": str(spill_folder(machine, scratch))}
    con = duckdb.connect(config={"threads": 2, **limits})
    # Spill files of an encrypted database are plain unless asked; nothing may be fetched or autoloaded.
    con.execute("set temp_file_encryption = true")
    con.execute("set autoinstall_known_extensions = false")
    con.execute("set autoload_known_extensions = false")
    con.execute("set preserve_insertion_order = true")
    con.execute(f"load '{HTTPFS / 'httpfs.duckdb_extension'}'")
    return con


def _attach(con: duckdb.DuckDBPyConnection, path: Path, how: tuple[bytes, str]) -> None:
    """Another process may hold the file for a moment: wait for its lock, and for nothing else.

    The cipher is DuckDB's default and is named all the same: GCM authenticates what it reads, CTR would not.
    """
    seconds = patience.get() or LOCK_WAIT_SECONDS
    deadline = time.monotonic() + seconds
    quoted = str(path).replace("'", "''")
    key, mode = how
    bound = {"key": key.hex()}  # bound, so that no message or log can quote it
    while True:
        try:
            con.execute(f"attach '{quoted}' as {CATALOG} (encryption_key $key, encryption_cipher 'GCM', {mode})", bound)
        except duckdb.IOException as error:
            if faults.BUSY not in str(error):
                raise
            if time.monotonic() > deadline:
                raise faults.busy(seconds) from None
            time.sleep(random.uniform(0.05, 0.2))  # noqa: S311 (spread of retries, not a secret)
        else:
            con.execute(f"use {CATALOG}")
            return


@contextlib.contextmanager
def _told(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Faults of file and disk leave as UserError (OFFICE) and quote nothing; every other error leaves as it is."""
    try:
        yield
    except Exception as error:
        told = faults.told(error)
        if told is None:
            raise
        _leave_as_it_is(con)
        raise told from None


def _leave_as_it_is(con: duckdb.DuckDBPyConnection) -> None:
    """Closing would otherwise fold the log into the file: what is damaged is looked at, not touched."""
    with contextlib.suppress(duckdb.Error):
        con.execute("pragma disable_checkpoint_on_shutdown")


@contextlib.contextmanager
def open_store(office: Office) -> Iterator[duckdb.DuckDBPyConnection]:
    """The store for writing, closed at the end; waits for its turn: up to a minute, or ``patience``.

    Yields a connection whose search path is the store. One of an older version is brought to the present one first
    (tasks.migrations.run). Raises UserError (OFFICE) when the key is wrong, the store stays busy, is damaged (then, or
    later while it is read), lacks what the second file knows to be written, a newer Sinkron wrote it, or the disk is
    full or read-only.
    """
    _create_missing(office)
    with contextlib.closing(_connect(office.scratch, office.settings.mesin)) as con, _told(con):
        _open(con, office)
        yield con


@contextlib.contextmanager
def store_as_it_is(office: Office) -> Iterator[duckdb.DuckDBPyConnection]:
    """The same, of any version up to ours: for what brings it to the present one, and for the backup before that."""
    with contextlib.closing(_connect(office.scratch, office.settings.mesin)) as con, _told(con):
        _open_as_it_is(con, office)
        version_of(con)
        yield con


@contextlib.contextmanager
def read_store(path: Path, key: bytes, scratch: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A store that lies anywhere, for reading only and without a look at the second file. Raises UserError (OFFICE)."""
    with contextlib.closing(_connect(scratch)) as con, _told(con):
        _attach(con, path, (key, "read_only"))
        yield con


def _open(con: duckdb.DuckDBPyConnection, office: Office) -> None:
    _open_as_it_is(con, office)
    if is_behind(con) or ledger_is_behind(office.ledger):  # both at once: here nobody of us holds the store yet
        from tasks.migrations.run import upgrade

        con.execute("use memory")
        con.execute(f"detach {CATALOG}")
        upgrade(office)
        _open_as_it_is(con, office)
    make_schema(con)
    define_words(con)
    note_mark(con)


def _open_as_it_is(con: duckdb.DuckDBPyConnection, office: Office) -> None:
    try:
        _attach(con, office.store, (office.key("store"), "read_write"))
        _check_anchor(con, office.anchors)
    except duckdb.Error as error:
        raise faults.told(error) or SinkronError(f"store tidak dapat dibuka: {type(error).__name__}") from None
    office.store.chmod(PRIVATE_FILE)
    con.execute(f"set variable anchors = '{str(office.anchors).replace(chr(39), chr(39) * 2)}'")


def _create_missing(office: Office) -> None:
    """A new store is made beside its place and moved there whole: a full disk or a kill leaves no half of one.

    Not where the second file knows a store, or its log still lies there: that one was lost, and is not begun anew.
    """
    if office.store.exists():
        return
    known = newest(office.anchors, STORE)
    if known is not None and known.number:
        raise faults.behind(known, "hilang")
    if office.store.with_name(office.store.name + LOG_SUFFIX).exists():
        raise faults.orphaned(log_only=True)
    create_anchors(office.anchors)  # first: a store without its second file is refused from now on
    try:
        with tempfile.TemporaryDirectory(dir=office.scratch) as folder:
            draft = Path(folder) / "store.duckdb"
            with contextlib.closing(_connect(office.scratch, office.settings.mesin)) as con, _told(con):
                _attach(con, draft, (office.key("store"), "read_write"))
            draft.chmod(PRIVATE_FILE)
            with contextlib.suppress(FileExistsError):  # another process was first
                os.link(draft, office.store)
    except OSError as error:
        raise faults.unwritable(error) from None


def _check_anchor(con: duckdb.DuckDBPyConnection, anchors: Path) -> None:
    """The newest noted mark must be in the store: else it lost its log, or is an older or another one."""
    has_marks = con.execute("select 1 from duckdb_tables() where database_name = ? and table_name = 'marks'", [CATALOG])
    held = newest_mark(con) if has_marks.fetchone() else (0, "")
    if not anchors.exists():
        if held[0]:
            raise faults.orphaned(log_only=False)
        create_anchors(anchors)
    known = newest(anchors, STORE)
    if known is None or not known.number:
        return
    found = con.execute("select hash from marks where n = ?", [known.number]).fetchone() if held[0] else None
    if found != (known.hash,):
        _leave_as_it_is(con)
        what = f"hanya memuat tanda sampai {held[0]}" if held[0] < known.number else "memuat tanda lain"
        raise faults.behind(known, f"{what} (log tulis hilang atau terpotong, atau store lain dipasang)")


def note_mark(con: duckdb.DuckDBPyConnection) -> None:
    """Notes the newest mark in the second file when it is not there yet. A store in memory has none."""
    (anchors,) = con.execute("select getvariable('anchors')").fetchall()[0]
    if anchors is None:
        return
    number, digest = newest_mark(con)
    known = newest(Path(anchors), STORE)
    if number and (known is None or known.number < number):
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        note(Path(anchors), Anchor(STORE, number, digest, at))


def memory_store() -> duckdb.DuckDBPyConnection:
    """A store of the same shape that lives in memory and leaves nothing behind: what `sinkron check` works on.

    The caller closes it, or uses it in a ``with``.
    """
    con = duckdb.connect(config={"threads": 2, "temp_directory": ""})
    con.execute(f"attach ':memory:' as {CATALOG}")
    con.execute(f"use {CATALOG}")
    make_schema(con)
    define_words(con)
    return con


def define_words(con: duckdb.DuckDBPyConnection) -> None:
    """The rules' vocabulary: macros and region tables, in the memory catalog that every cursor sees."""
    con.execute(f"set search_path = '{CATALOG}.main,memory.main'")
    for macro in MACROS:
        con.execute(f"create or replace macro memory.main.{macro}")
    con.execute(
        "create or replace table memory.main.ref_region_history as select unnest($codes) as code",
        {"codes": list(region_history())},
    )
    for level in ("kelurahan", "kecamatan"):
        table = regions(level)
        con.execute(
            f"create or replace table memory.main.ref_{level} as select unnest($codes) as code, unnest($names) as name",
            {"codes": list(table), "names": list(table.values())},
        )


def session_variables(as_of: str) -> tuple[str, ...]:
    """SQL that gives one connection its as-of date (ISO) and the office's city code."""
    return (f"set variable as_of = '{as_of}'", f"set variable city = '{CITY}'")


@contextlib.contextmanager
def transaction(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All or nothing: commits at the end, rolls back on any exception. A new mark is noted once it is durable."""
    with all_or_nothing(con, "begin transaction"):
        yield
    note_mark(con)
