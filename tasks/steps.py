r"""What a batch has behind it, and the store's own chain of marks.

A step's summary is committed with what the step made, so no step runs twice. Every writing transaction adds one mark,
``hash = sha256(prev \n n \n what)``; the newest one is noted outside the store (tasks.anchors), so that a store which
lost its last transactions, or an older one put in its place, is noticed.
"""

import hashlib
import json
from typing import Any

import duckdb

from tasks.errors import Exit, Problem, UserError

Summary = dict[str, Any]
GENESIS = "0" * 64


def finished(con: duckdb.DuckDBPyConnection, agenda: str) -> dict[tuple[str, int], Summary]:
    """(step, round) -> summary of everything finished for a batch."""
    rows = con.execute("select step, round, summary from steps where agenda = ?", [agenda]).fetchall()
    return {(step, round_no): json.loads(text) for step, round_no, text in rows}


def find(con: duckdb.DuckDBPyConnection, agenda: str, step: str, round_no: int = 0) -> Summary | None:
    """The summary of one finished step, or None when it has not finished."""
    return finished(con, agenda).get((step, round_no))


def finish(con: duckdb.DuckDBPyConnection, agenda: str, step: tuple[str, int], summary: Summary) -> Summary:
    """Records a step as finished and adds its mark, inside the caller's transaction."""
    text = json.dumps(summary, sort_keys=True)
    con.execute("insert into steps values (?, ?, ?, ?)", [agenda, *step, text])
    mark(con, f"{agenda} {step[0]} {step[1]} {hashlib.sha256(text.encode()).hexdigest()}")
    return summary


def mark(con: duckdb.DuckDBPyConnection, what: str) -> None:
    """Adds a mark inside the caller's transaction. ``what`` says what is written, without anybody's data."""
    number, prev = newest_mark(con)
    con.execute("insert into marks values (?, ?, ?)", [number + 1, what, mark_hash(prev, number + 1, what)])


def mark_hash(prev: str, number: int, what: str) -> str:
    """The chain's formula: hex SHA-256."""
    return hashlib.sha256(f"{prev}\n{number}\n{what}".encode()).hexdigest()


def newest_mark(con: duckdb.DuckDBPyConnection) -> tuple[int, str]:
    """(number, hash) of the newest mark; (0, 64 zeros) when nothing is written yet."""
    return con.execute("select n, hash from marks order by n desc limit 1").fetchone() or (0, GENESIS)


def verify_marks(con: duckdb.DuckDBPyConnection) -> tuple[int, str]:
    """Recomputes the chain. Returns (marks, newest hash); raises UserError (OFFICE) at the first break."""
    prev, count = GENESIS, 0
    for number, what, digest in con.execute("select n, what, hash from marks order by n").fetchall():
        count += 1
        if number != count or mark_hash(prev, number, what) != digest:
            allowed, step = "rantai tanda yang utuh", "pulihkan store.duckdb dari cadangan: sinkron restore"
            raise UserError(Exit.OFFICE, Problem("store.duckdb", f"rantai tanda putus pada {count}", allowed, step))
        prev = digest
    return count, prev
