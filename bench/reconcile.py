"""One extract compared with twelve earlier ones of the same size: ``make bench-memory``; figures in bench/reconcile.md.

Every extract is one file of 100,000 rows with 1.35 findings a row. One row in ten is about somebody else than the month
before, one finding in ten is missing; a third of each batch's rows was handled, three in ten stand in a group of
duplicates. The store is a real one, encrypted, on disk.
"""

import argparse
import contextlib
import os
import platform
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from tasks.office import Office
from tasks.reconcile.labels import credit_again
from tasks.reconcile.run import reconcile
from tasks.store import open_store

HERE = Path(__file__).resolve().parent
ROWS, EARLIER, AIM = 100_000, 12, 20.0
FIRST_DAY = date(2026, 1, 5)

# Row i of month m stands for person i or, one in ten, somebody else each month; 1.5 findings a row.
_RECEIVE = (
    """insert into files by name select $agenda as agenda, 1 as file_no, 'ditjen_anomali_' || $month || '.csv' as name""",
    """insert into extract_rows by name select $agenda as agenda, 10000002 + i as row_id, 1 as file_no, i + 2 as line_no,
         lpad((1 + i % 3)::varchar, 2, '0') as no_kec, (1001 + i % 18)::varchar as no_kel from range($rows) r (i)""",
    """insert into subjects select $agenda, 10000002 + i,
         if(hash(i || '-' || $month) % 10 = 0, 'N35760201019' || lpad(i::varchar, 6, '0') || '/19' || $month, 'P' || i)
       from range($rows) r (i)""",
    """insert into findings select $agenda, 10000002 + i, c.code from range($rows) r (i),
         (values (0, 'ANM-NIK-09'), (1, 'ANM-NAM-02'), (2, 'ANM-KEL-01')) c (n, code)
       where hash(i || '/' || c.n) % 2 = 0 and hash(i || '/' || c.n || '-' || $month) % 10 > 0""",
    """insert into identities by name select agenda, row_id, subject as record_id from subjects where agenda = $agenda""",
    """insert into clusters by name select $agenda as agenda, subject as record_id,
         'C' || ((row_id + $month) // (2 + $month % 2)) as cluster_id from subjects
       where agenda = $agenda and starts_with(subject, 'P') and row_id % 20 < 6""",
)
_DECIDE = (
    """insert into outcomes by name select agenda, 1 as round, row_id, if(row_id % 3 = 0, 'diperbaiki', 'ditunda') as outcome
       from subjects where agenda = $agenda""",
    """insert into history by name select agenda, row_id, 'tgl_lhr' as element, true as written from subjects
       where agenda = $agenda and row_id % 3 = 0""",
    """insert into applied by name select $agenda as agenda, 1 as round, $month as n, $day::date as written_on""",
)


def receive(con: duckdb.DuckDBPyConnection, month: int, rows: int) -> tuple[str, date]:
    """An extract as resolve leaves it: its agenda number and day."""
    agenda, day = f"2026-{month:04d}", FIRST_DAY + timedelta(days=30 * month)
    run(con, _RECEIVE, {"agenda": agenda, "month": month, "rows": rows})
    return agenda, day


def run(con: duckdb.DuckDBPyConnection, statements: tuple[str, ...], values: dict[str, object]) -> None:
    """Each statement with the values it names."""
    for statement in statements:
        con.execute(statement, {name: value for name, value in values.items() if f"${name}" in statement})


Time = tuple[float, float]  # seconds of the clock, and of the processors


@contextlib.contextmanager
def timed(into: list[Time]) -> Iterator[None]:
    """Adds how long it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    into.append((time.perf_counter() - wall, time.process_time() - cpu))


def measure(folder: Path, rows: int) -> tuple[list[Time], dict[str, int]]:
    """Times of every reconciliation and, last, of an undo; and the labels of the last extract."""
    office, took, labels = Office(folder / "kantor"), [], {}
    office.create()
    with open_store(office) as con:
        for month in range(1, EARLIER + 2):
            agenda, day = receive(con, month, rows)
            with timed(took):
                labels = reconcile(con, agenda, day.isoformat())["labels"]
            print(f"{agenda}: {took[-1][0]:.2f} s, CPU {took[-1][1]:.2f} s, {labels}", flush=True)
            if month <= EARLIER:
                run(con, _DECIDE, {"agenda": agenda, "month": month, "day": day + timedelta(days=3)})
        con.execute("insert into applied by name select '2026-0002-U1' as agenda, '2026-0002' as undoes, 99 as n")
        with timed(took):
            credit_again(con, "2026-0002")
    return took, labels


def main() -> None:
    """Measures, and writes the page when the whole size was asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=ROWS)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        (*took, again), labels = measure(Path(folder), rows)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = ", ".join(f"{label} {count:,}" for label, count in labels.items())
    lines = [
        "# One extract compared with twelve earlier ones", "",
        f"`make bench-memory`: {rows:,} rows and {sum(labels.values()):,} labels in the last, encrypted store on disk,",
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, load {os.getloadavg()[1]:.0f} (others' work stretches wall time),",
        f"Python {platform.python_version()}, DuckDB {duckdb.__version__}.", "",
        "| | wall | CPU | aim |", "|---|--:|--:|--:|",
        f"| {rows:,} rows against {EARLIER} earlier extracts of {rows:,} | {took[-1][0]:.1f} s | {took[-1][1]:.1f} s | {AIM:.0f} s |",
        f"| first extract, nothing before it | {took[0][0]:.1f} s | {took[0][1]:.1f} s | |",
        f"| an undo: what its {rows:,} subjects' findings closed by, told again | {again[0]:.1f} s | {again[1]:.1f} s | |", "",
        f"Largest memory of the process: {peak:,.0f} MB.", "",
        f"Labels of the last: {told}.", "",
    ]  # fmt: skip
    if rows == ROWS:
        (HERE / "reconcile.md").write_text("\n".join(lines))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
