"""What an extract tells by its silence: only of the lists it brings, and by rules that could see."""

from collections.abc import Sequence

import duckdb
import polars as pl

from expectations.memory import series
from expectations.rules import RULES
from tasks.steps import find

TEXT = pl.String


def define_coverage(con: duckdb.DuckDBPyConnection, agenda: str) -> None:
    """Temporary tables of an extract, made anew.

    ``file_series`` (agenda, file_no, series): every file of the store. ``blind`` (series, code): lists of this extract
    by which a rule could not judge, because a file lacks a column the rule reads, or the office's knowledge it compares
    with was not there; of such a finding the extract says nothing by being silent.
    """
    files = con.execute("select agenda, file_no, name, columns from files order by all").fetchall()
    known = [(name, number, series(file)) for name, number, file, _ in files]
    here = [(series(file), columns) for name, _, file, columns in files if name == agenda]
    _table(con, "file_series", known, {"agenda": TEXT, "file_no": pl.Int32, "series": TEXT})
    _table(con, "blind", _blind(con, agenda, here), {"series": TEXT, "code": TEXT})


def _blind(
    con: duckdb.DuckDBPyConnection, agenda: str, files: list[tuple[str, list[str] | None]]
) -> list[tuple[str, str]]:
    """As ``tasks.validate.judging_rules``: a file without record of its columns has all."""
    without = (find(con, agenda, "validate") or {}).get("without", {})
    found = {(name, code) for name, _ in files for code in without}
    for name, columns in files:
        if columns is not None:
            found |= {(name, rule.code) for rule in RULES if not set(rule.columns) <= set(columns)}
    return sorted(found)


def _table(
    con: duckdb.DuckDBPyConnection, name: str, rows: Sequence[tuple[object, ...]], schema: dict[str, type[pl.DataType]]
) -> None:
    con.register("told", pl.DataFrame(rows, schema=schema, orient="row").to_arrow())
    con.execute(f"create or replace temp table {name} as select * from told")
    con.unregister("told")
