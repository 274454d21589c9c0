"""Great Expectations on the flow's own DuckDB connection.

GX 1.24 returns a cursor after its connection went back to the pool; DuckDB keeps an open result on the connection,
so every expectation "fails" silently. The engine below reads the result before the connection is released, and
gives GX a regular-expression dialect it knows.
"""

import builtins
import types
from typing import Any, Literal

import duckdb
import duckdb_engine
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from sqlalchemy.pool import NullPool

_REGEX_DIALECT = types.SimpleNamespace(DremioDialect=object)  # makes GX emit REGEXP_MATCHES, which DuckDB has


class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):  # type: ignore[misc]  # GX is only half typed
    """SqlAlchemyExecutionEngine whose results outlive their connection."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dialect_module: Any = _REGEX_DIALECT

    def execute_query(self, query: Any) -> Any:
        """Reads the result before the connection goes back to the pool."""
        with self.get_connection() as connection:
            result = self._execute_query_with_recovery(connection, query)
            return result.freeze()() if result.returns_rows else result


class SinkronDuckDBDatasource(SQLDatasource):  # type: ignore[misc]  # GX is only half typed
    """Registers ``context.data_sources.add_sinkron_duckdb``."""

    type: Literal["sinkron_duckdb"] = "sinkron_duckdb"
    connection_string: str

    @property
    def execution_engine_type(self) -> builtins.type[SqlAlchemyExecutionEngine]:
        """GX asks the datasource for its engine."""
        return DuckDBExecutionEngine


def on_connection(con: duckdb.DuckDBPyConnection, setup: tuple[str, ...]) -> dict[str, Any]:
    """SQLAlchemy arguments that run GX on cursors of ``con``; each cursor is a new session, so ``setup`` runs on it."""

    def creator() -> Any:
        cursor = con.cursor()
        for statement in setup:
            cursor.execute(statement)
        return duckdb_engine.ConnectionWrapper(cursor)

    return {"creator": creator, "poolclass": NullPool}
