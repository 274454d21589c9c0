"""Times the analysts' copy of 1,000,000 residents, and opens it with the oldest and the newest DuckDB; writes bench/publish.md.

Usage: python bench/publish.py [runs, default 3] [--readers PYTHON ...]. A reader is a Python that has another duckdb
(`make bench-publish` sets them up). The office is made by SQL: fictional residents, one written extract, its findings,
reconciliation and cases. Each figure is a process of its own.
"""

import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import duckdb

from expectations.codes import CITY, regions
from expectations.published import TABLES, K
from expectations.rules import RULES
from tasks.ledger import Kind, append, open_ledger, writing
from tasks.office import Office
from tasks.publish import PUBLISHED, publish
from tasks.store import open_store

ROOT = Path(__file__).resolve().parent.parent
RESIDENTS, ROWS, AGENDA = 1_000_000, 100_000, "2026-0001"
AIM = 10.0  # seconds
NOW = datetime(2026, 10, 6, 2, 0, tzinfo=UTC)

# Ages, trades and schooling fall off as in a city: some are common, most are rare.
_RESIDENTS = """
insert into penduduk by name
select n as resident_id, printf('{city}02%02d%02d%02d%04d', 1 + n % 28, 1 + n % 12, n % 100, 9000 + n % 1000) as nik,
  'WARGA ' || n as nama_lgkp, 1 + hash(n) % 2 as jenis_klmin,
  date '2025-12-31' - cast(floor(30000 * pow(hash(n + 1) % 100000 / 100000.0, 1.3)) as integer) as tgl_lhr,
  1 + hash(n + 2) % 4 as stat_kwn, 1 + cast(floor(10 * pow(hash(n + 3) % 1000 / 1000.0, 3)) as integer) as stat_hbkel,
  1 + cast(floor(10 * pow(hash(n + 4) % 1000 / 1000.0, 2)) as integer) as pddk_akh,
  1 + cast(floor(88 * pow(hash(n + 5) % 1000 / 1000.0, 4)) as integer) as jenis_pkrjn, 'JALAN ' || n % 5000 as alamat,
  '{province}' as no_prop, '{regency}' as no_kab, substr(codes[1 + cast(hash(n + 6) % len(codes) as integer)], 5, 2) as no_kec,
  substr(codes[1 + cast(hash(n + 6) % len(codes) as integer)], 7) as no_kel,
  'CARD PRINTED' as ektp_status
from range(1, {residents} + 1) r(n), (select list(code order by code) as codes from ref_kelurahan where code like '{city}%') v
"""
_BATCH = (
    """insert into extract_rows by name select '{agenda}' as agenda, 10000000 + resident_id as row_id, 1 as file_no,
       resident_id as line_no, * exclude (resident_id, usulan) from penduduk where resident_id <= {rows}""",
    "insert into files by name select '{agenda}' as agenda, 1 as file_no, 'uji.csv' as name, {rows} as received, {rows} as loaded, 0 as rejected",
    "insert into subjects select agenda, row_id, 'P' || line_no from extract_rows",
    """insert into outcomes by name select agenda, 1 as round, row_id, line_no as resident_id, 'dasar' as basis, 'AUTO' as cause, false as needs_person,
       ['diperbaiki', 'usul nonaktif', 'tidak terbukti', 'ditunda'][1 + cast(hash(row_id) % 4 as integer)] as outcome from extract_rows""",
    """insert into findings select agenda, row_id, codes[1 + cast(hash(row_id, n) % len(codes) as integer)] from extract_rows, range(2) r(n),
       (select $codes as codes) c""",
    """insert into finding_states by name select distinct agenda, 'P' || row_id - 10000000 as subject, code, row_id, 'baru' as label,
       date '2026-10-06' as first_on, date '2026-10-06' as since_on from findings""",
    """insert into applied by name select '{agenda}' as agenda, 1 as round, 0 as written, 0 as unchanged, {rows} as received,
       date '2026-10-07' as written_on, 1 as n""",
)


def build(home: Path) -> None:
    """An office whose store holds the residents and one written extract."""
    office = Office(home)
    office.create()
    with open_ledger(office) as ledger, writing(ledger):
        append(ledger, NOW, (Kind.RECEIVED, AGENDA, "sinkron"), {"letter": None, "files": [], "origin": "cli"})
    words = {
        "agenda": AGENDA,
        "rows": ROWS,
        "residents": RESIDENTS,
        "city": CITY,
        "province": CITY[:2],
        "regency": CITY[2:],
    }
    with open_store(office) as con:
        for statement in (_RESIDENTS, *_BATCH):
            given = {"codes": [rule.code for rule in RULES]} if "$codes" in statement else {}
            con.execute(statement.format(**words), given)


def measure(home: Path) -> dict[str, float]:
    """One publication in this process: seconds, processor seconds, peak MiB, size of the file in MB."""
    office = Office(home)
    with open_ledger(office) as ledger, open_store(office) as con:
        started, before = time.perf_counter(), os.times()
        publish(con, office, ledger, (AGENDA, NOW))
        wall, after = time.perf_counter() - started, os.times()
    peak = int(re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)[1]) // 1024
    size = (office.published / PUBLISHED).stat().st_size / 1e6
    return {"wall": wall, "cpu": sum(after[:4]) - sum(before[:4]), "peak": peak, "size": size}


READ = """
import json, sys, duckdb
con = duckdb.connect(sys.argv[1], read_only=True)
rows = {name: con.execute(f"select count(*) from (select * from {name})").fetchall()[0][0] for name in json.loads(sys.argv[2])}
told = con.execute("select count(*) from duckdb_columns() where not internal and comment is not null").fetchall()[0][0]
print(json.dumps({"version": duckdb.__version__, "rows": sum(rows.values()), "tables": len(rows), "told": told}))
"""


def read(python: str, path: Path) -> str:
    """A line of the table of readers: what another DuckDB finds in the file."""
    names = json.dumps([table.name for table in TABLES])
    said = subprocess.run([python, "-c", READ, path, names], capture_output=True, text=True, check=False)
    if said.returncode:
        return f"| {python} | not opened: {said.stderr.strip().splitlines()[-1]} | | |"
    found = json.loads(said.stdout)
    return f"| {found['version']} | {found['tables']} | {found['rows']:,} | {found['told']} |"


def kept(path: Path) -> list[str]:
    """How many residents keep each trait after the k-anonymity, in percent."""
    traits = [column.name for column in next(t for t in TABLES if t.name == "penduduk").columns if column.trait]
    with duckdb.connect(str(path), read_only=True) as con:
        shares = con.execute(
            f"select {', '.join(f'100.0 * count({t}) / count(*)' for t in traits)} from penduduk"
        ).fetchall()[0]
    return [f"| `{trait}` | {share:.1f} |" for trait, share in zip(traits, shares, strict=True)]


def main() -> None:
    """Builds the office once, times the runs, opens the file elsewhere, writes the tables."""
    own, _, readers = (" ".join(sys.argv[1:])).partition("--readers")
    runs = int(own) if own.strip() else 3
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder))
        found = [json.loads(subprocess.run([sys.executable, __file__, "--one", folder], capture_output=True, text=True,
                 check=True).stdout) for _ in range(runs)]  # fmt: skip
        path = Path(folder) / "published" / PUBLISHED
        opened = [read(python, path) for python in (sys.executable, *readers.split())]
        shares = kept(path)
    wall, cpu, peak, size = (median(one[key] for one in found) for key in ("wall", "cpu", "peak", "size"))
    villages = len([code for code in regions("kelurahan") if code.startswith(CITY)])
    text = (
        f"# The analysts' copy of {RESIDENTS:,} residents\n\n`make bench-publish`: a store of {RESIDENTS:,} residents in "
        f"{villages} kelurahan and a written extract of {ROWS:,} rows with {2 * ROWS:,} findings;\npseudonyms, k-anonymity "
        f"(k = {K}), all tables, the check on the finished file and its durable move are in it. Aim: {AIM:.0f} s. Medians.\n\n"
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores shared with other work (load average {os.getloadavg()[0]:.0f}), Python {platform.python_version()}, {runs} runs.\n\n"
        f"| wall s | CPU s | peak MiB | file MB |\n|--:|--:|--:|--:|\n| {wall:.1f} | {cpu:.1f} | {peak:.0f} | {size:.1f} |\n\n"
        "Opened read-only, every table and view read:\n\n| duckdb | tables and views | rows | columns with their meaning |\n|---|--:|--:|--:|\n"
        + "\n".join(opened) + "\n\nWhat residents keep after the k-anonymity:\n\n| column of `penduduk` | residents, % |\n|---|--:|\n"
        + "\n".join(shares) + "\n"
    )  # fmt: skip
    (ROOT / "bench" / "publish.md").write_text(text)
    sys.stdout.write(text)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        sys.stdout.write(json.dumps(measure(Path(sys.argv[2]))))
    else:
        main()
