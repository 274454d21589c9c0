"""The store's side: which version it bears, and its way up, one transaction for each step."""

import duckdb

from tasks.errors import Exit, Problem, UserError
from tasks.ledger_tables import newer
from tasks.migrations.versions import CURRENT

STORE = "store.duckdb"
TABLES = "select table_name from duckdb_tables() where database_name = current_database() and not internal"
SHAPE = """select table_name, column_name, data_type from duckdb_columns()
  where database_name = current_database() and not internal
  and table_name in (select table_name from duckdb_tables() where database_name = current_database())
  order by table_name, column_index"""


def version_of(con: duckdb.DuckDBPyConnection) -> int | None:
    """The version of the store in use; 0 before there were numbers, None for one without any table.

    Raises UserError (OFFICE) for a newer one than this Sinkron knows.
    """
    tables = {name for (name,) in con.execute(TABLES).fetchall()}
    if "schema_versions" not in tables:
        return 0 if tables else None
    (version,) = con.execute("select coalesce(max(version), 0) from schema_versions").fetchall()[0]
    if version > CURRENT:
        raise UserError(Exit.OFFICE, newer(STORE, version))
    return int(version)


def is_behind(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the store in use has to be brought to the present version."""
    version = version_of(con)
    return version is not None and version < CURRENT


def shape_of(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str]]:
    """Every table's columns in order: (table, column, type)."""
    return con.execute(SHAPE).fetchall()


def check_shape(con: duckdb.DuckDBPyConnection, right: list[tuple[str, str, str]]) -> None:
    """Raises UserError (OFFICE) when tables are not those of the present version: it was never ours."""
    odd = sorted({table for table, *_ in set(shape_of(con)) ^ set(right)})
    if odd or shape_of(con) != right:
        allowed = f"tabel seperti pada versi {CURRENT}"
        problem = Problem(STORE, f"tabel {', '.join(odd) or '(urutan kolom)'} lain sesudah dinaikkan", allowed,
                          "hubungi pengelola Sinkron; tidak ada yang diubah")  # fmt: skip
        raise UserError(Exit.OFFICE, problem)
