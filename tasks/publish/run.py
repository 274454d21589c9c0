"""The analysts' copy: a masked DuckDB file, written beside and moved in place, so readers and the flow never wait.

Storage format v1.0.0, which every DuckDB since 1.0 opens. What is in it: expectations.published.
"""

import contextlib
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from expectations.codes import CITY, regions
from expectations.published import TABLES, K, Table
from expectations.rules import RULES
from tasks.atomic import all_or_nothing
from tasks.clock import WorkCalendar, read_calendar
from tasks.ledger import Kind, LedgerConnection, append, entries, writing
from tasks.office import Office
from tasks.publish.anonymity import check
from tasks.publish.people import drop_people, make_people
from tasks.publish.persons import key_of_copy
from tasks.publish.tables import copy_tables, drop_rows, make_table
from tasks.publish.timings import decisions, local, receipt_days, step_times
from tasks.publish.views import VIEWS
from tasks.steps import Summary, newest_mark

PUBLISHED = "sinkron.duckdb"
_CATALOG = "terbit"
_STORAGE = "v1.0.0"
_ALONE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False, "autoload_known_extensions": False,
}  # fmt: skip


def publish(
    con: duckdb.DuckDBPyConnection, office: Office, ledger: LedgerConnection, about: tuple[str, datetime]
) -> Summary:
    """Writes ``published/sinkron.duckdb`` anew, checks it and moves it in place atomically.

    ``about``: (agenda, now). Nobody's pseudonym is that of another copy: each is of another moment or another store.
    Returns {tables: {name: rows}}. Raises UserError (OFFICE) when the check finds somebody
    who can be picked out; the copy before it then stays.
    """
    agenda, now = about
    target = office.published / PUBLISHED
    beside = office.published / f".{PUBLISHED}.baru"
    _remove(beside)
    try:
        key = key_of_copy(office.key("pseudonym"), agenda, now.isoformat(), newest_mark(con)[1])
        counts = _copy(con, beside, (ledger, key))
        counts |= _complete(beside, office.scratch, _small_tables(ledger, about, read_calendar(office.calendar_file)))
        _move(beside, target)
    finally:
        _remove(beside)
    with writing(ledger):
        if not entries(ledger, agenda, Kind.PUBLISHED):
            append(ledger, now, (Kind.PUBLISHED, agenda, "sinkron"), {"tables": counts})
    return {"tables": counts}


def _copy(con: duckdb.DuckDBPyConnection, beside: Path, source: tuple[LedgerConnection, str]) -> dict[str, int]:
    """What comes from the store; ``source``: (ledger, key of the pseudonyms)."""
    ledger, key = source
    path = str(beside).replace("'", "''")
    con.execute(f"attach '{path}' as {_CATALOG} (storage_version '{_STORAGE}')")
    try:
        con.execute("create or replace temp table receipts (agenda varchar, day date)")
        _insert(con, "receipts", receipt_days(ledger))
        make_people(con)
        return copy_tables(con, _CATALOG, key)
    finally:
        drop_rows(con)
        drop_people(con)
        con.execute("drop table if exists temp.receipts")
        con.execute(f"detach {_CATALOG}")


def _small_tables(
    ledger: LedgerConnection, about: tuple[str, datetime], calendar: WorkCalendar
) -> dict[str, list[tuple[Any, ...]]]:
    """What comes from the ledger and from our own tables of words."""
    agenda, now = about
    districts = regions("kecamatan")
    return {
        "terbitan": [(local(now).replace(microsecond=0), agenda, K)],
        "wilayah": [
            (code[4:6], code[6:], districts[code[:6]], name)
            for code, name in sorted(regions("kelurahan").items()) if code.startswith(CITY)
        ],
        "aturan": [(r.code, r.told(r.title), r.severity.value, r.resolution.value) for r in RULES],
        "langkah": step_times(ledger, now, calendar),
        "keputusan": list(decisions(ledger)),
    }  # fmt: skip


def _complete(beside: Path, scratch: Path, small: dict[str, list[tuple[Any, ...]]]) -> dict[str, int]:
    """Opens the copy alone, as its readers do: small tables, views, meanings, and the check."""
    with contextlib.closing(duckdb.connect(str(beside), config=_ALONE | {"temp_directory": str(scratch)})) as con:
        with all_or_nothing(con, "begin transaction"):  # one for all: a transaction each would cost a second
            for name, rows in small.items():
                make_table(con, name)
                _insert(con, name, rows)
            for name, query in VIEWS.items():
                con.execute(f"create view {name} as {query}")
            for table in TABLES:
                _explain(con, table)
        check(con)
        con.execute("checkpoint")
    return {name: len(rows) for name, rows in small.items()}


def _insert(con: duckdb.DuckDBPyConnection, name: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Appends rows column by column: one statement, however many there are."""
    if not rows:
        return
    columns = [list(column) for column in zip(*rows, strict=True)]
    lists = ", ".join(f"unnest(${at})" for at in range(1, len(columns) + 1))
    con.execute(f"insert into {name} select {lists}", columns)


def _explain(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    """The meanings as comments: tools show them beside the names."""
    con.execute(f"comment on {'view' if table.is_view else 'table'} {table.name} is {_quoted(table.meaning)}")
    for column in table.columns:
        con.execute(f"comment on column {table.name}.{column.name} is {_quoted(column.meaning)}")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _move(beside: Path, target: Path) -> None:
    """Durable first, then in place: a reader finds the old copy or the new one, also after a power cut."""
    beside.chmod(0o440)
    for path, act in ((beside, lambda: beside.replace(target)), (target.parent, lambda: None)):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        act()


def _remove(beside: Path) -> None:
    for leftover in (beside, beside.with_suffix(".baru.wal")):
        leftover.unlink(missing_ok=True)
