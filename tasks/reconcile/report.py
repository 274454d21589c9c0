"""The findings of all extracts as they stand: per extract, per rule and per kelurahan, with their age. Counts alone."""

from dataclasses import dataclass
from datetime import date

import duckdb

from expectations.codes import CITY, regions
from expectations.memory import OPEN, Label
from expectations.rules import BY_CODE
from tasks.errors import Exit, Problem, UserError
from tasks.privacy import scrub
from tasks.reconcile.labels import STEP

ELSEWHERE = "luar kota atau tanpa kode"
_IS_OPEN = f"label in {tuple(sorted(label.value for label in OPEN))}"
_PLACE = f"'{CITY}' || no_kec || no_kel"

# The last word about each finding; a finding no list has told of since stays as it was.
_NEWEST = f"""
with newest as (select subject, code, max(agenda) as agenda from finding_states group by all)
select f.code, coalesce(k.name, '{ELSEWHERE}') as village, f.label, {_IS_OPEN} as is_open,
  $today::date - f.since_on as age
from finding_states f join newest using (agenda, subject, code) left join ref_kelurahan k on k.code = {_PLACE}
where ($rule = '' or f.code = $rule) and ($village = '' or k.code = $village)
"""

_SAID = f"""
select agenda, label, count(*) filter (($rule = '' or code = $rule) and ($village = '' or {_PLACE} = $village))::int
from finding_states group by all
"""

_PER = """
select {by}, count(*) filter (is_open), count(*) filter (label = $came_back),
  quantile_disc(age, 0.5) filter (is_open), max(age) filter (is_open),
  count(*) filter (label = $fixed), count(*) filter (label = $disappeared)
from ({newest}) group by 1 order by 2 desc, 1
"""


@dataclass(frozen=True)
class Chosen:
    """What is asked for: a rule's code and a kelurahan's ten digits, each "" for all; ages in days up to ``today``."""

    today: date
    rule: str = ""
    village: str = ""


@dataclass(frozen=True)
class Line:
    """Findings of one rule or kelurahan. ``came_back``: how many of the open ones had closed before.

    ``median``, ``oldest``: days since the open streak began; None where none is open.
    """

    name: str
    open: int
    came_back: int
    median: int | None
    oldest: int | None
    fixed: int
    disappeared: int


def per_rule(con: duckdb.DuckDBPyConnection, chosen: Chosen) -> list[Line]:
    """One line per rule, most open findings first."""
    return _lines(con, "code", chosen)


def per_village(con: duckdb.DuckDBPyConnection, chosen: Chosen) -> list[Line]:
    """One line per kelurahan of the city, and one for all other rows; most open findings first."""
    return _lines(con, "village", chosen)


def _lines(con: duckdb.DuckDBPyConnection, by: str, chosen: Chosen) -> list[Line]:
    values = {
        "today": chosen.today.isoformat(), "rule": chosen.rule, "village": chosen.village,
        "came_back": Label.CAME_BACK.value, "fixed": Label.FIXED.value, "disappeared": Label.DISAPPEARED.value,
    }  # fmt: skip
    return [Line(*row) for row in con.execute(_PER.format(by=by, newest=_NEWEST), values).fetchall()]


def per_extract(con: duckdb.DuckDBPyConnection, chosen: Chosen) -> list[tuple[str, dict[str, int]]]:
    """Agenda number -> label -> chosen findings, in order; extracts that say nothing at all are left out."""
    values = {"rule": chosen.rule, "village": chosen.village}
    counts = {(agenda, label): n for agenda, label, n in con.execute(_SAID, values).fetchall()}
    agendas = sorted({agenda for agenda, _ in counts})
    return [(agenda, {label.value: counts.get((agenda, label.value), 0) for label in Label}) for agenda in agendas]


def doubted(con: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Agenda numbers of extracts with a list that may be torn off: what it lacks is not told as gone."""
    told = f"select agenda from steps where step = '{STEP}' and json_array_length(summary -> '$.doubts') > 0"
    return frozenset(agenda for (agenda,) in con.execute(told).fetchall())


def known_rule(code: str) -> str:
    """The code of a rule as the catalogue writes it. Raises UserError (USAGE)."""
    if code.upper() in BY_CODE:
        return code.upper()
    allowed, step = "kode aturan, misalnya ANM-NIK-09", "lihat katalog aturan, docs/catalogue.md"
    raise UserError(Exit.USAGE, Problem("--aturan", f"aturan {scrub(code)} tidak dikenal", allowed, step))


def known_village(told: str) -> str:
    """The ten digits of a kelurahan of the city, given by them or by its name. Raises UserError (USAGE)."""
    for code, name in regions("kelurahan").items():
        if told.strip().upper() in {code, name}:
            return code
    allowed = "nama atau sepuluh angka kelurahan kota ini"
    step = f"misalnya {next(iter(regions('kelurahan').values())).title()}"
    raise UserError(Exit.USAGE, Problem("--kelurahan", f"kelurahan {scrub(told)} tidak dikenal", allowed, step))
