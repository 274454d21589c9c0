"""An office as an older Sinkron left it: the same rows in the tables of then, and the number of then."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import duckdb

from tasks.migrations.versions import MIGRATIONS
from tasks.office import Office
from tasks.store import CATALOG, HTTPFS

FIRST = Path(__file__).with_name("version_0.sql")
VERSIONS = (0, *(step.to for step in MIGRATIONS))
LATER = {"files": ["letter_rows"], "pair_decisions": ["said"], "case_answers": ["element_2", "after_2"]}  # than 0


def ddl(version: int) -> str:
    """The tables of a store of that version."""
    steps = [step for step in MIGRATIONS if step.to <= version]
    numbers = "".join(f"insert into schema_versions values ({step.to});\n" for step in steps)
    return FIRST.read_text() + "".join(step.store for step in steps) + numbers


@contextlib.contextmanager
def raw_store(office: Office, path: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A store's file without anything of ours: nothing is checked, made or noted. In use as CATALOG."""
    with duckdb.connect() as con:
        con.execute(f"load '{HTTPFS / 'httpfs.duckdb_extension'}'")
        key = office.key("store").hex()
        con.execute(f"attach '{path or office.store}' as {CATALOG} (encryption_key '{key}', encryption_cipher 'GCM')")
        con.execute(f"use {CATALOG}")
        yield con


def columns(con: duckdb.DuckDBPyConnection, catalog: str) -> dict[str, list[str]]:
    """Table -> its columns in order."""
    found: dict[str, list[str]] = {}
    rows = con.execute(
        """select table_name, column_name from duckdb_columns() join duckdb_tables() using (database_name, table_name)
        where database_name = ? order by table_name, column_index""",
        [catalog],
    )
    for table, column in rows.fetchall():
        found.setdefault(table, []).append(column)
    return found


def age(office: Office, version: int = 0) -> None:
    """Turns an office of the present into one of an older version. What only newer tables could hold is lost."""
    older = office.scratch / "lama.duckdb"
    with raw_store(office, older) as con:
        con.execute(ddl(version))
        key = office.key("store").hex()
        con.execute(f"attach '{office.store}' as newer (encryption_key '{key}', read_only)")
        newer = columns(con, "newer")
        for table, names in columns(con, CATALOG).items():
            both = ", ".join(name for name in names if name in newer[table])
            if table != "schema_versions":
                con.execute(f"insert into {table} by name select {both} from newer.{table}")
    older.replace(office.store)
    with contextlib.closing(sqlite3.connect(office.ledger)) as ledger:
        ledger.execute(f"pragma user_version = {version}")


def contents(con: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, but for columns that an office of version 0 can not hold, and for the numbers."""
    held = {}
    for table, names in columns(con, CATALOG).items():
        kept = ", ".join(f'"{name}"' for name in names if name not in LATER.get(table, ()))
        held[table] = con.execute(f"select {kept} from {CATALOG}.main.{table} order by all").fetchall()
    held.pop("schema_versions", None)
    return held
