"""One million fictional rows in a real, encrypted store: what bench/rules.py measures on. NIK serials are 9xxx."""

import random
from datetime import date, timedelta

import duckdb
import polars as pl

from expectations.columns import DATES, STORED
from expectations.rules import RULES, VIEWS, Rule
from expectations.rules.cases import Case, Row
from expectations.thresholds import DEFAULTS, filled
from tasks.office import Office
from tasks.store import open_store, session_variables

AGENDA, AS_OF = "2026-0001", date(2026, 10, 6)
ROW_RULES = tuple(rule for rule in RULES if rule.is_row)
FAMILIES_PER_RULE, CLEAN_FAMILIES, RESIDENTS = 60, 3000, 20_000
PERCENT = 100  # of 100 rows, one is made to break each rule; the others are clean
BIRTHDAYS = 300  # clean families are born on as many different days

# Every row its own NIK and name, as far as the template's own is well formed; equal numbers stay equal.
_SERIAL = "regexp_full_match(coalesce({0}, ''), '[0-9]{{12}}9[0-9]{{3}}')"
_NUMBERS = ", ".join(
    f"if({_SERIAL.format(name)}, left({name}, 13) || lpad((n % 999 + 1)::varchar, 3, '0'), {name}) as {name}"
    for name in ("nik", "nik_ktpel", "no_kk", "nik_ibu", "nik_ayah")
)
_WORDS = "['KUSUMA', 'LARAS', 'WONO', 'PRABA', 'TEJA', 'GUMELAR', 'SASMITA', 'ADI', 'RINENGGA', 'JATMIKA', 'DAMAR']"
_WORD = f"{_WORDS}[1 + n // 100 % 11] || lower(hex(n)).translate('0123456789', 'GHIJKLMNOP').upper()"
_NAMES = ", ".join(
    f"if(vary and regexp_full_match(coalesce({name}, ''), '[A-Z]{{3,}}( [A-Z]{{3,}})?'), "
    f"{name} || ' ' || {_WORD}, {name}) as {name}"
    for name in ("nama_lgkp", "nama_lgkp_ibu", "nama_lgkp_ayah")
)


def fill(office: Office, rows: int) -> None:
    """Makes the store with ``rows`` received rows, about 1 % breaking each row rule, and a small register."""
    office.create()
    with open_store(office) as con:
        con.register("templates", _templates().to_arrow())
        plain = ", ".join(c for c in (*STORED, "tgl_lhr_raw") if f" as {c}," not in f"{_NUMBERS}, {_NAMES},")
        con.execute(
            f"""insert into extract_rows by name
            with kinds as (select kind, min(place) as first, count(*) as many from templates group by kind),
            numbers as materialized (select n, first + (hash(n) % 1000000)::bigint % many as place
              from (select range as n, least(range % {PERCENT}, {len(ROW_RULES)}) as kind from range({rows}))
              join kinds using (kind)),
            numbered as (select * exclude (kind, place) from numbers join templates using (place))
            select '{AGENDA}' as agenda, 10000000 + n + 2 as row_id, 1 as file_no, n + 2 as line_no,
              {plain}, {_NUMBERS}, {_NAMES} from numbered order by n"""
        )  # fmt: skip
        con.execute(
            f"insert into penduduk by name select row_number() over () as resident_id, {', '.join(STORED)} "
            f"from templates where kind >= {len(ROW_RULES)} limit {RESIDENTS}"
        )
        con.execute("checkpoint")


def ready(con: duckdb.DuckDBPyConnection) -> None:
    """View ``batch`` and what row rules read besides, as tasks.validate defines them."""
    for statement in session_variables(AS_OF.isoformat()):
        con.execute(statement)
    con.execute(
        "create or replace view memory.main.batch as select * exclude (agenda) from office.main.extract_rows "
        f"where agenda = '{AGENDA}'"
    )
    for view in VIEWS:
        if "memory.main.ref_first_name" in view:
            con.execute(filled(view, DEFAULTS))


def _templates() -> pl.DataFrame:
    """Rows to multiply. ``kind``: position of the rule a row breaks; clean rows have the next number."""
    rng = random.Random(76)  # noqa: S311 (examples, not secrets)
    rows: list[Row] = []
    for kind, rule in enumerate(ROW_RULES):
        broken = [row for n in range(FAMILIES_PER_RULE) for row in _broken(rng, rule, n)]
        rows += [row | {"kind": kind, "vary": "nama_lgkp" not in rule.columns} for row in broken]
    clean = [row for _ in range(CLEAN_FAMILIES) for row in Case(rng, _some_day(rng)).family]
    rows += [row | {"kind": len(ROW_RULES), "vary": True} for row in clean]
    types = {name: pl.Date if name in DATES else pl.String for name in (*STORED, "tgl_lhr_raw")}
    return pl.DataFrame(rows, schema=types | {"kind": pl.Int64, "vary": pl.Boolean}).with_row_index("place")


def _broken(rng: random.Random, rule: Rule, number: int) -> list[Row]:
    """The rows of one family that the rule's change touched."""
    dated = any(name.startswith("tgl_") for name in rule.columns)
    case = Case(rng, AS_OF if dated else _some_day(rng))
    before = [dict(row) for row in case.family]
    rule.breaks[number % len(rule.breaks)](case)
    return [row for row in case.family if row not in before]


def _some_day(rng: random.Random) -> date:
    return AS_OF - timedelta(days=rng.randrange(BIRTHDAYS))
