"""Earlier decisions recalled for an extract of 100,000 rows: ``make bench-recall``; figures in bench/remember.md.

Every row of the new extract has a decision by hand about the same resident in each of the earlier batches: far more
than any office makes, for what is taken over is not remembered anew. One resident in ten has another address since, one row in ten another birth date, one
in ten other findings. The store is a real one, encrypted, on disk.
"""

import argparse
import os
import platform
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from tasks.office import Office
from tasks.propose.corrections import build_corrections
from tasks.propose.outcomes import build_outcomes
from tasks.remember.again import take_over
from tasks.remember.basis import taken_from
from tasks.remember.keep import remember_rows
from tasks.steps import finish
from tasks.store import open_store, transaction

HERE = Path(__file__).resolve().parent
ROWS, EARLIER = 100_000, (1, 3)
Time = tuple[float, float]  # seconds of the clock, and of the processors

_PERSON = """'357602' || lpad(i::varchar, 10, '0') as nik, 'NAMA ' || i % 9973 as nama_lgkp, '1' as jenis_klmin,
  'MOJOKERTO' as tmpt_lhr, date '1950-01-01' + (i % 20000)::int as tgl_lhr, 'IBU ' || i % 7919 as nama_lgkp_ibu,
  'JL UJI NO ' || i as alamat, '35' as no_prop, '76' as no_kab, '02' as no_kec, '1001' as no_kel,
  '3576021406' || lpad((i // 4)::varchar, 6, '0') as no_kk, '1' as stat_hbkel, '1' as stat_kwn, '5' as pddk_akh"""
_RECEIVE = (
    f"""insert into extract_rows by name select $agenda as agenda, 10000002 + i as row_id, 1 as file_no, i + 2 as line_no,
          p.* exclude (i) replace (if($new and i % 10 = 1, p.tgl_lhr + 1, p.tgl_lhr) as tgl_lhr),
          p.tgl_lhr::varchar as tgl_lhr_raw from (select i, {_PERSON} from range($rows) r (i)) p""",
    """insert into identities by name select $agenda as agenda, 10000002 + i as row_id, 'P' || i as record_id,
         i as resident_id from range($rows) r (i)""",
    "insert into subjects select $agenda, 10000002 + i, 'P' || i from range($rows) r (i)",
    """insert into findings select $agenda, 10000002 + i, c.code from range($rows) r (i),
         (values (1, 'ANM-NIK-09'), (3, 'ANM-PDK-01')) c (n, code)
       where i % c.n = 0 and not ($new and c.n = 3 and i % 10 = 2)""",
)
_DECIDE = (
    """insert into outcomes by name select agenda, 1 as round, row_id, resident_id, 'tidak terbukti' as outcome,
         'surat keterangan lain nomor 12/2026' as basis, 'keputusan Staff' as cause, false as needs_person
       from identities where agenda = $agenda""",
    "insert into applied by name select $agenda as agenda, 1 as round, 1 as n, date '2026-01-05' as written_on",
)
_COPY = (
    "insert into row_memory select * replace ($agenda as agenda) from row_memory where agenda = '2026-0001'",
    "insert into applied by name select $agenda as agenda, 1 as round, $n as n, date '2026-01-05' as written_on",
)


def run(con: duckdb.DuckDBPyConnection, statements: tuple[str, ...], values: dict[str, object]) -> None:
    """Each statement with the values it names."""
    for statement in statements:
        con.execute(statement, {name: value for name, value in values.items() if f"${name}" in statement})


def timed(action: Callable[[], Any]) -> Time:
    """How long it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - wall, time.process_time() - cpu


def measure(folder: Path, rows: int) -> tuple[dict[str, Time], dict[str, int]]:
    """Times by what was done, and what became of the rows with the most earlier decisions."""
    office, took = Office(folder / "kantor"), dict[str, Time]()
    office.create()
    with open_store(office) as con:
        con.execute(f"insert into penduduk by name select i as resident_id, {_PERSON} from range({rows}) r (i)")
        run(con, _RECEIVE, {"agenda": "2026-0001", "rows": rows, "new": False})
        run(con, _DECIDE, {"agenda": "2026-0001"})
        took["kept at the update"] = timed(lambda: remember_rows(con, "2026-0001"))
        con.execute("update penduduk set alamat = 'JL BARU' where resident_id % 10 = 0")
        run(con, _RECEIVE, {"agenda": "2026-0100", "rows": rows, "new": True})
        finish(con, "2026-0100", ("validate", 0), {"as_of": "2026-10-06", "thresholds": {}})
        for count in EARLIER:
            for n in range(2, count + 1):
                run(con, _COPY, {"agenda": f"2026-{n:04d}", "n": n})
            con.execute("set variable agenda = '2026-0100'")
            build_corrections(con)
            build_outcomes(con)
            took[f"recalled, {count * rows:,} decisions of {count} batches"] = timed(lambda: draft(con))
        con.execute("""insert into outcomes by name select getvariable('agenda') as agenda, 1 as round,
            * exclude (way) from proposed""")
        took["before each signature: whose decisions these are"] = timed(lambda: taken_from(con, "2026-0100", 1))
        ends = con.execute("select count(*) from recalled union all select count(*) from reopened").fetchall()
    return took, {"taken over": ends[0][0], "opened again": ends[1][0]}


def draft(con: duckdb.DuckDBPyConnection) -> None:
    """What is remembered, laid over the system's own proposals (which are not counted)."""
    with transaction(con):
        take_over(con, "2026-0100", (1, "draft"))


def main() -> None:
    """Measures, and writes the page when the whole size was asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=ROWS)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        took, ends = measure(Path(folder), rows)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lines = [
        "# Earlier decisions recalled for a large extract", "",
        f"`make bench-recall`: {rows:,} rows, each decided before by hand; encrypted store on disk,",
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, load {os.getloadavg()[1]:.0f} (others' work stretches wall time),",
        f"Python {platform.python_version()}, DuckDB {duckdb.__version__}.", "",
        "| | wall | CPU |", "|---|--:|--:|",
        *(f"| {what} | {wall:.1f} s | {cpu:.1f} s |" for what, (wall, cpu) in took.items()), "",
        f"Largest memory of the process: {peak:,.0f} MB. " + ", ".join(f"{what} {n:,}" for what, n in ends.items()) + ".", "",
    ]  # fmt: skip
    if rows == ROWS:
        (HERE / "remember.md").write_text("\n".join(lines))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
