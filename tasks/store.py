"""The store: one encrypted DuckDB file, opened briefly by one process. Everything large lives here."""

import contextlib
import random
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import duckdb_extension_httpfs

from expectations.codes import CITY, region_history, regions
from expectations.rules import MACROS
from tasks.atomic import all_or_nothing
from tasks.errors import Exit, Problem, SinkronError, UserError
from tasks.office import PRIVATE_FILE, Office
from tasks.schema import SCHEMA

HTTPFS = Path(duckdb_extension_httpfs.__file__).parent / "extensions" / f"v{duckdb.__version__}"
LOCK_WAIT_SECONDS = 60.0
CATALOG = "office"


def _connect(office: Office) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(config={"threads": 2, "temp_directory": str(office.scratch)})
    # Spill files of an encrypted database are plain unless asked; nothing may be fetched or autoloaded.
    con.execute("set temp_file_encryption = true")
    con.execute("set autoinstall_known_extensions = false")
    con.execute("set autoload_known_extensions = false")
    con.execute("set preserve_insertion_order = true")
    con.execute(f"load '{HTTPFS / 'httpfs.duckdb_extension'}'")
    return con


def _attach(con: duckdb.DuckDBPyConnection, office: Office) -> None:
    """Another process may hold the file for a moment: wait for its lock, and for nothing else."""
    deadline = time.monotonic() + LOCK_WAIT_SECONDS
    path = str(office.store).replace("'", "''")
    key = {"key": office.key("store").hex()}  # bound, so that no message or log can quote it
    while True:
        try:
            con.execute(f"attach '{path}' as {CATALOG} (encryption_key $key)", key)
        except duckdb.IOException as error:
            if "lock" not in str(error):
                raise SinkronError(f"store tidak dapat dibuka: {type(error).__name__}") from None
            if time.monotonic() > deadline:
                raise UserError(Exit.OFFICE, _busy()) from None
            time.sleep(random.uniform(0.05, 0.2))  # noqa: S311 (spread of retries, not a secret)
        except (duckdb.InvalidInputException, duckdb.CatalogException):
            raise UserError(Exit.OFFICE, _wrong_key()) from None
        else:
            return


@contextlib.contextmanager
def open_store(office: Office) -> Iterator[duckdb.DuckDBPyConnection]:
    """The store for writing, closed at the end; waits up to a minute for its turn.

    Yields a connection whose search path is the store. Raises UserError (OFFICE) when the key is wrong or the
    store stays busy.
    """
    con = _connect(office)
    try:
        _attach(con, office)
        office.store.chmod(PRIVATE_FILE)
        con.execute(f"use {CATALOG}")
        for statement in SCHEMA:
            con.execute(statement)
        define_words(con)
        yield con
    finally:
        con.close()


def memory_store() -> duckdb.DuckDBPyConnection:
    """A store of the same shape that lives in memory and leaves nothing behind: what `sinkron check` works on.

    The caller closes it, or uses it in a ``with``.
    """
    con = duckdb.connect(config={"threads": 2, "temp_directory": ""})
    con.execute(f"attach ':memory:' as {CATALOG}")
    con.execute(f"use {CATALOG}")
    for statement in SCHEMA:
        con.execute(statement)
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


def transaction(con: duckdb.DuckDBPyConnection) -> contextlib.AbstractContextManager[None]:
    """All or nothing: commits at the end, rolls back on any exception."""
    return all_or_nothing(con, "begin transaction")


def _busy() -> Problem:
    return Problem(
        "store.duckdb", f"dipakai proses lain lebih dari {LOCK_WAIT_SECONDS:.0f} detik", "satu proses penulis",
        "tutup program yang membuka store; analis memakai published/sinkron.duckdb",
    )  # fmt: skip


def _wrong_key() -> Problem:
    return Problem(
        "store.duckdb", "kunci tidak cocok, atau berkasnya rusak", "kunci yang dipakai saat store dibuat",
        "pulihkan keys/office.key, atau store.duckdb, dari cadangan",
    )  # fmt: skip
