"""What an extract tells by its silence: only of the lists it brings, and by rules that could see."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb
import polars as pl

from expectations.memory import series, whole
from expectations.rules import RULES
from tasks.steps import find

TEXT = pl.String


@dataclass(frozen=True)
class _File:
    """A received file. ``columns``: None for all; ``rows``: as its letter tells, None where none does."""

    agenda: str
    number: int
    series: str
    columns: frozenset[str] | None
    rows: int | None


# previous: the newest compared extract before this one that brought the list.
_COVERED = """
create or replace temp table covered as
select b.series, b.counted, max(l.agenda) as previous
from brought b left join (
  select * from file_series where agenda < $agenda and agenda in (select agenda from steps where step = 'reconcile')
    and agenda not in (select agenda from case_answers)) l using (series)
group by all
"""


def define_coverage(con: duckdb.DuckDBPyConnection, agenda: str) -> None:
    """Temporary tables of an extract, made anew.

    ``file_series`` (agenda, file_no, series): every file of the store. ``covered`` (series, counted, previous): the
    lists this extract brings, a whole list with all its parts; whether a letter told the rows of all their files, and
    the extract that brought the list before. ``blind`` (series, code): of these, lists by which a rule could not judge,
    because a file lacks a column the rule reads, or the office's knowledge it compares with was not there; of such a
    finding the extract says nothing by being silent. A list that its letter calls empty needs no judging.
    """
    rows = con.execute("select agenda, file_no, name, columns, letter_rows from files order by all").fetchall()
    files = [_File(told, number, series(name), None if columns is None else frozenset(columns), count)
             for told, number, name, columns, count in rows]  # fmt: skip
    brought = _brought(files, agenda)
    places = [(file.agenda, file.number, file.series) for file in files]
    _table(con, "file_series", places, {"agenda": TEXT, "file_no": pl.Int32, "series": TEXT})
    counted = [(told, all(file.rows is not None for file in by)) for told, by in brought.items()]
    _table(con, "brought", counted, {"series": TEXT, "counted": pl.Boolean})
    con.execute(_COVERED, {"agenda": agenda})
    without = (find(con, agenda, "validate") or {}).get("without", {})
    blind = {pair for told, by in brought.items() for pair in _unseen(told, [f for f in by if f.rows != 0], without)}
    _table(con, "blind", sorted(blind), {"series": TEXT, "code": TEXT})


def _brought(files: list[_File], agenda: str) -> dict[str, list[_File]]:
    """Every list of the store that an extract brings, and the files that do; a file without a list's name is none."""
    here = [file for file in files if file.agenda == agenda and file.series]
    known = sorted({file.series for file in files})
    by = {told: [file for file in here if file.series in {told, whole(told)}] for told in known}
    return {told: found for told, found in by.items() if found}


def _unseen(told: str, by: list[_File], without: Iterable[str]) -> set[tuple[str, str]]:
    """(list, rule) for each rule that could not judge one of the list's files."""
    given = [file.columns for file in by if file.columns is not None]
    lacking = {rule.code for rule in RULES if any(not set(rule.columns) <= columns for columns in given)}
    return {(told, code) for code in lacking | set(without if by else ())}


def _table(
    con: duckdb.DuckDBPyConnection, name: str, rows: Sequence[tuple[object, ...]], schema: dict[str, type[pl.DataType]]
) -> None:
    con.register("told", pl.DataFrame(rows, schema=schema, orient="row").to_arrow())
    con.execute(f"create or replace temp table {name} as select * from told")
    con.unregister("told")
