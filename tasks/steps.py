"""What a batch has behind it. A step's summary is committed with what the step made, so no step runs twice."""

import json
from typing import Any

import duckdb

Summary = dict[str, Any]


def finished(con: duckdb.DuckDBPyConnection, agenda: str) -> dict[tuple[str, int], Summary]:
    """(step, round) -> summary of everything finished for a batch."""
    rows = con.execute("select step, round, summary from steps where agenda = ?", [agenda]).fetchall()
    return {(step, round_no): json.loads(text) for step, round_no, text in rows}


def find(con: duckdb.DuckDBPyConnection, agenda: str, step: str, round_no: int = 0) -> Summary | None:
    """The summary of one finished step, or None when it has not finished."""
    return finished(con, agenda).get((step, round_no))


def finish(con: duckdb.DuckDBPyConnection, agenda: str, step: tuple[str, int], summary: Summary) -> Summary:
    """Records a step as finished, inside the caller's transaction."""
    con.execute("insert into steps values (?, ?, ?, ?)", [agenda, *step, json.dumps(summary, sort_keys=True)])
    return summary
