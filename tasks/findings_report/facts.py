"""Everything the report tells, counted by DuckDB: what comes back is as small as what is shown."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from expectations.codes import CITY
from expectations.rules import BY_CODE, RULES, Rule
from expectations.thresholds import THRESHOLDS, Threshold
from tasks.approvals.people import people
from tasks.findings_report.persons import Persons, gather_persons
from tasks.ledger import Kind, entries
from tasks.load import ROWS_PER_FILE
from tasks.office import WIB
from tasks.receive import Receipt, find_receipt
from tasks.steps import Summary, finished

ROWS_PER_RULE = 100  # row numbers listed below one rule
MOST_FINDINGS = 8  # "8 atau lebih" in the chart of rows by number of findings
OUTSIDE, NO_REGION = "Luar kota", "Kode wilayah kosong atau tidak dikenal"

# What every query below reads. Region names are the office's own; other cities stay one line.
_BASIS = f"""
create or replace table memory.main.report_rules as
  select unnest($codes) as code, unnest($severities) as severity, unnest($resolutions) as resolution;
create or replace view memory.main.report_findings as
  select f.row_id, f.code, r.severity, r.resolution
  from office.main.findings f join memory.main.report_rules r using (code) where f.agenda = getvariable('agenda');
create or replace view memory.main.report_rows as
  select e.row_id, case when coalesce(no_prop || no_kab, '') not in ('', '{CITY}') then '{OUTSIDE}'
      else coalesce(k.name, 'KECAMATAN ' || c.name, '{NO_REGION}') end as region
  from office.main.extract_rows e
  left join memory.main.ref_kelurahan k on k.code = no_prop || no_kab || no_kec || no_kel
  left join memory.main.ref_kecamatan c on c.code = no_prop || no_kab || no_kec and no_kel is null
  where e.agenda = getvariable('agenda');
"""


@dataclass(frozen=True)
class RuleCount:
    """One rule that found something. ``places``: file number -> line numbers, ``ROWS_PER_RULE`` at most."""

    rule: Rule
    rows: int
    places: dict[int, list[int]]


@dataclass(frozen=True)
class RegionCount:
    """One kelurahan: received rows, rows with findings, and findings by severity."""

    name: str
    rows: int
    found: int
    severities: dict[str, int]


@dataclass(frozen=True)
class CauseCount:
    """One kind of probable root cause: element and source, rows, and how many findings would disappear."""

    element: str
    source: str
    rows: int
    resolved: int


@dataclass(frozen=True)
class Facts:
    """The report's content, without any value of a resident."""

    receipt: Receipt
    received_at: datetime
    demo: bool
    done: dict[tuple[str, int], Summary]
    changed_thresholds: list[tuple[Threshold, int]]
    rules: list[RuleCount]
    by_severity: dict[str, tuple[int, int]]  # findings, rows
    by_resolution: dict[str, tuple[int, int]]
    regions: list[RegionCount]
    spread: list[tuple[int, int]]  # number of findings (the last: or more) -> rows
    causes: list[CauseCount]
    persons: Persons
    lacking: dict[str, dict[int, list[str]]]  # rule code -> file number -> columns it lacks
    without: dict[str, str]  # rule code -> what of the office's knowledge it had to do without

    @property
    def thresholds(self) -> dict[str, int]:
        """What the batch was judged by."""
        return dict(self.done["validate", 0]["thresholds"])


def gather(con: duckdb.DuckDBPyConnection, ledger: sqlite3.Connection, agenda: str) -> Facts:
    """Counts one validated batch. Raises KeyError when it was not validated yet."""
    done = finished(con, agenda)
    con.execute("set variable agenda = ?", [agenda])
    texts = {"codes": [r.code for r in RULES], "severities": [r.severity.value for r in RULES],
             "resolutions": [r.resolution.value for r in RULES]}  # fmt: skip
    for at, statement in enumerate(_BASIS.strip().rstrip(";").split(";")):
        con.execute(statement, texts if at == 0 else None)
    told = done["validate", 0]["thresholds"]
    return Facts(
        receipt=find_receipt(ledger, agenda),
        received_at=datetime.fromisoformat(entries(ledger, agenda, Kind.RECEIVED)[0].at).astimezone(WIB),
        demo=any(person.demo for person in people(ledger).values()),
        done=done,
        changed_thresholds=[(t, told[t.name]) for t in THRESHOLDS if told.get(t.name, t.value) != t.value],
        rules=_rules(con),
        by_severity=_by(con, "severity"),
        by_resolution=_by(con, "resolution"),
        regions=_regions(con),
        spread=_spread(con),
        causes=_causes(con),
        persons=gather_persons(con),
        lacking=_lacking(con, done["validate", 0]["unjudged"]),
        without=done["validate", 0]["without"],
    )


def _rules(con: duckdb.DuckDBPyConnection) -> list[RuleCount]:
    listed: dict[str, dict[int, list[int]]] = {}
    shown = con.execute(
        f"""with placed as (select code, row_id from memory.main.report_findings
              qualify row_number() over (partition by code order by row_id) <= {ROWS_PER_RULE})
        select code, row_id // {ROWS_PER_FILE}, list(row_id % {ROWS_PER_FILE} order by row_id) from placed
        group by all order by all""",
    ).fetchall()
    for code, file_no, lines in shown:
        listed.setdefault(code, {})[file_no] = lines
    counts = con.execute(
        "select code, count(*)::bigint as n from memory.main.report_findings group by code order by n desc, code"
    ).fetchall()
    return [RuleCount(BY_CODE[code], rows, listed[code]) for code, rows in counts]


def _by(con: duckdb.DuckDBPyConnection, column: str) -> dict[str, tuple[int, int]]:
    counts = con.execute(
        f"select {column}, count(*)::bigint, count(distinct row_id)::bigint from memory.main.report_findings group by 1"
    ).fetchall()
    return {value: (findings, rows) for value, findings, rows in counts}


def _regions(con: duckdb.DuckDBPyConnection) -> list[RegionCount]:
    counts = con.execute(
        """with per_row as (select row_id, count(*) as n, count(*) filter (severity = 'ERROR') as e,
              count(*) filter (severity = 'WARNING') as w from memory.main.report_findings group by row_id)
        select region, count(*)::bigint, count(n)::bigint, coalesce(sum(e), 0)::bigint, coalesce(sum(w), 0)::bigint,
          coalesce(sum(n - e - w), 0)::bigint
        from memory.main.report_rows left join per_row using (row_id) group by region
        order by coalesce(sum(n), 0) desc, region""",
    ).fetchall()
    return [
        RegionCount(name, rows, found, {"ERROR": errors, "WARNING": warnings, "INFO": infos})
        for name, rows, found, errors, warnings, infos in counts
    ]


def _spread(con: duckdb.DuckDBPyConnection) -> list[tuple[int, int]]:
    counts = dict(con.execute(
        f"""with per_row as (select row_id, count(*) as n from memory.main.report_findings group by row_id)
        select least(coalesce(n, 0), {MOST_FINDINGS})::int, count(*)::bigint
        from memory.main.report_rows left join per_row using (row_id) group by 1""",
    ).fetchall())  # fmt: skip
    return [(number, counts.get(number, 0)) for number in range(MOST_FINDINGS + 1)]


def _causes(con: duckdb.DuckDBPyConnection) -> list[CauseCount]:
    counts = con.execute(
        """select element, source, count(*)::bigint, sum(len(resolves))::bigint as resolved
        from office.main.root_causes where agenda = getvariable('agenda') and rank = 1
        group by element, source order by resolved desc, element, source""",
    ).fetchall()
    return [CauseCount(*row) for row in counts]


def _lacking(con: duckdb.DuckDBPyConnection, unjudged: dict[str, int]) -> dict[str, dict[int, list[str]]]:
    """Why a rule could not judge a file: the columns it reads that the file does not have."""
    files: list[tuple[int, list[str]]] = con.execute(
        "select file_no, columns from files where agenda = getvariable('agenda') and columns is not null order by 1"
    ).fetchall()
    why: dict[str, dict[int, list[str]]] = {}
    for code in sorted(unjudged):
        needed: tuple[str, ...] = BY_CODE[code].columns
        missing: dict[int, Any] = {number: [name for name in needed if name not in given] for number, given in files}
        why[code] = {number: names for number, names in missing.items() if names}
    return why
