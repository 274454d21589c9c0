"""The store's tables and words in memory: for tests of steps that need neither files nor Great Expectations."""

from collections.abc import Iterable

import duckdb
import polars as pl

from expectations.columns import STORED
from office_kit.files import Row
from office_kit.residents import COLUMNS
from tasks import store
from tasks.load import insert_extract
from tasks.normalise import normalise
from tasks.read.extract import Extract, Layout, no_rejects, to_contract
from tasks.resolve.records import identify, records

AGENDA = "2026-0001"


def contract(rows: Iterable[Row]) -> pl.DataFrame:
    """Rows as the reader gives them: line numbers from 2, text columns of the contract."""
    frame = pl.DataFrame(list(rows), schema=dict.fromkeys(COLUMNS, pl.String)).with_row_index("line_no", 2)
    return to_contract(frame, {column: column.lower() for column in COLUMNS})


def memory_store(residents: Iterable[Row] = (), received: Iterable[Row] = ()) -> duckdb.DuckDBPyConnection:
    """An unencrypted store in memory with a register and one received file (agenda AGENDA)."""
    con = store.memory_store()
    for statement in store.session_variables("2026-10-06"):
        con.execute(statement)
    known = normalise(contract(residents)).drop("tgl_lhr_raw")
    con.register("incoming", known.to_arrow())
    con.execute("insert into penduduk by name select line_no - 1 as resident_id, * exclude (line_no), "
                "null::varchar as usulan from incoming")  # fmt: skip
    con.unregister("incoming")
    receive_more(con, 1, received)
    return con


def receive_more(con: duckdb.DuckDBPyConnection, file_no: int, rows: Iterable[Row]) -> None:
    """Another file of the same receipt, with every column of the contract."""
    frame = contract(rows)
    layout = Layout("uji", 1, {name.upper(): name for name in STORED})
    extract = Extract("uji.csv", layout, frame, no_rejects(), frame.height + 1)
    insert_extract(con, (AGENDA, file_no), extract, ("uji.csv", ""))


def linked(residents: Iterable[Row] = (), received: Iterable[Row] = ()) -> pl.DataFrame:
    """The records to compare, of a register and a received file."""
    con = memory_store(residents, received)
    try:
        identify(con, AGENDA)
        return records(con, AGENDA)
    finally:
        con.close()
