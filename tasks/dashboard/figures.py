"""What the dashboard shows for one choice of filters: numbers only, asked of the sums (``tasks.dashboard.sums``)."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from expectations.cases import CENTRE_DAYS
from expectations.matching import BANDS
from tasks.dashboard.sums import Sums


@dataclass(frozen=True)
class Filters:
    """What a reader chose; "" is all. ``village``: no_kec and no_kel together, since kelurahan codes repeat."""

    district: str = ""
    village: str = ""
    rule: str = ""
    agenda: str = ""


@dataclass(frozen=True)
class Place:
    """One kelurahan, or ("", "") for rows outside the city or of unknown place. Ages in days on the day of the copy."""

    no_kec: str
    no_kel: str
    district: str
    village: str
    findings: int
    open: int
    median_age: float | None
    oldest_age: int | None
    cases: int
    overdue: int


@dataclass(frozen=True)
class RuleCount:
    """One rule. ``precision``: confirmed of what was judged, whole city and all agendas; None when nothing was."""

    code: str
    title: str
    severity: str
    findings: int
    open: int
    precision: float | None


@dataclass(frozen=True)
class Extract:
    """What one extract said, by label (expectations.memory.Label)."""

    agenda: str
    received: date
    counts: dict[str, int]


@dataclass(frozen=True)
class StepTime:
    """One step of the SOP over the chosen agendas. Minutes of the wall clock."""

    step: int
    role: str
    activity: str
    times: int
    median: float
    longest: float
    limit: int
    exceeded: int


@dataclass(frozen=True)
class Clock:
    """The centre's 60 days of one agenda. ``left``: days left on the day of the copy; negative when past."""

    agenda: str
    received: date
    due: date
    left: int
    written: date | None


@dataclass(frozen=True)
class OpenCases:
    """Open cases of one kind by the days left of their 60: ``past``, 0-7, 8-14, 15-30, more."""

    kind: str
    past: int
    week: int
    fortnight: int
    month: int
    later: int


@dataclass(frozen=True)
class Figures:
    """Everything one page shows."""

    published: datetime
    places: list[Place]
    rules: list[RuleCount]
    extracts: list[Extract]
    steps: list[StepTime]
    clocks: list[Clock]
    cases: list[OpenCases]
    bands: list[tuple[str, str, int]]  # band, kind, pairs
    events: dict[str, int]
    whole: Place


@dataclass(frozen=True)
class Choices:
    """What can be chosen: (value, words), in order."""

    districts: list[tuple[str, str]]
    villages: list[tuple[str, str, str]]  # no_kec || no_kel, kecamatan's code, name
    rules: list[tuple[str, str]]
    agendas: list[str]


# Conditions of the four filters; a source names those it knows.
_PLACE = "($district = '' or no_kec = $district) and ($village = '' or no_kec || no_kel = $village)"
_RULE, _AGENDA = "($rule = '' or code = $rule)", "($agenda = '' or agenda = $agenda)"
# What is open now, or with an agenda chosen: what was open in that extract.
_OPEN = f"""(select code, sejak_pada, no_kec, no_kel, n from terbuka where $agenda = ''
  union all select code, sejak_pada, no_kec, no_kel, n from terbuka_agenda where agenda = $agenda)
  where {_PLACE} and {_RULE}"""
_DAY = "(select cast(diterbitkan_pada as date) from terbitan)"

# The median of counted ages is the mean of the two in the middle, as DuckDB's median of the single rows.
_PLACES = f"""
with aged as (select 1 as one, coalesce(no_kec, '') as kec, coalesce(no_kel, '') as kel, {_DAY} - sejak_pada as age,
  sum(n) as n from {_OPEN} group by all),
total as (select *, sum(n) over (partition by {{key}} order by age) as upto,
    sum(n) over (partition by {{key}}) as of_all
  from (select {{key}}, age, sum(n) as n from aged group by all)),
opened as (select {{key}}, cast(sum(n) as bigint) as n, max(age) as oldest,
    (min(age) filter (upto > (of_all - 1) // 2) + min(age) filter (upto > of_all // 2)) / 2 as median
  from total group by {{key}}),
found as (select coalesce(no_kec, '') as kec, coalesce(no_kel, '') as kel, cast(sum(n) as bigint) as n from temuan
  where {_PLACE} and {_RULE} and {_AGENDA} group by all),
waiting as (select coalesce(no_kec, '') as kec, coalesce(no_kel, '') as kel, cast(sum(n) as bigint) as n,
    cast(coalesce(sum(n) filter (tenggat < {_DAY}), 0) as bigint) as overdue from kasus
  where {_PLACE} and {_AGENDA} group by all)"""
_BY_PLACE = (
    _PLACES.format(key="kec, kel")
    + f""", shown as (select no_kec as kec, no_kel as kel, kecamatan, kelurahan from wilayah where {_PLACE}
  union all select '', '', '', '' where $district = '' and $village = '')
select kec, kel, kecamatan, kelurahan, coalesce(f.n, 0), coalesce(o.n, 0), o.median, o.oldest, coalesce(w.n, 0),
  coalesce(w.overdue, 0)
from shown left join found f using (kec, kel) left join opened o using (kec, kel) left join waiting w using (kec, kel)
order by kec = '', kec, kel"""
)
_WHOLE = (
    _PLACES.format(key="one")
    + """ select '', '', '', '', coalesce((select sum(n) from found), 0)::bigint, coalesce((select n from opened), 0),
  (select median from opened), (select oldest from opened), coalesce((select sum(n) from waiting), 0)::bigint,
  coalesce((select sum(overdue) from waiting), 0)::bigint"""
)
_BY_RULE = f"""
with found as (select code, cast(sum(n) as bigint) as n from temuan where {_PLACE} and {_RULE} and {_AGENDA}
  group by code),
opened as (select code, cast(sum(n) as bigint) as n from {_OPEN} group by code)
select code, title, severity, coalesce(f.n, 0), coalesce(o.n, 0), ketepatan from aturan left join found f using (code)
left join opened o using (code) where f.n > 0 or o.n > 0 order by 4 desc, code"""
_BY_EXTRACT = f"""select agenda, diterima_pada, keadaan, cast(sum(n) as bigint) from keadaan
where {_PLACE} and {_RULE} and {_AGENDA} group by all order by agenda, keadaan"""
_STEPS = f"""select langkah, any_value(peran), any_value(kegiatan), count(*), median(menit), max(menit),
  any_value(menit_sop), count(*) filter (melewati) from langkah where {_AGENDA} group by langkah order by langkah"""
_CLOCKS = f"""select agenda, day, day + {CENTRE_DAYS}, (day + {CENTRE_DAYS}) - coalesce(written_on, {_DAY}), written_on
from (select agenda, cast(min(mulai) as date) as day from langkah where {_AGENDA} and agenda not like '%-U%'
      group by agenda)
left join batch using (agenda) order by written_on is not null, day, agenda"""
_CASES = f"""select jenis, {{}} from (select jenis, n, batas_pusat - {_DAY} as left_days from kasus
  where {_PLACE} and {_AGENDA}) group by jenis order by jenis""".format(
    ", ".join(
        f"cast(coalesce(sum(n) filter (left_days {when}), 0) as bigint)"
        for when in ("< 0", "between 0 and 7", "between 8 and 14", "between 15 and 30", "> 30")
    )
)
_BANDS = f"""select band, kind, n from (select band, coalesce(kind, '') as kind, cast(sum(n) as bigint) as n
  from pasangan where {_AGENDA} group by all) order by list_position({list(BANDS)}, band), kind"""
_EVENTS = f"select peristiwa, cast(sum(n) as bigint) from peristiwa where {_AGENDA} group by all order by all"

_DISTRICTS = "select distinct no_kec, kecamatan from wilayah order by all"
_VILLAGES = "select no_kec || no_kel, no_kec, kelurahan from wilayah order by all"
_RULES = """select code, title from aturan where code in (select code from temuan union select code from keadaan)
order by all"""
_AGENDAS = """select agenda from temuan union select agenda from keadaan union select agenda from langkah
order by agenda desc"""


def read(sums: Sums, chosen: Filters) -> Figures:
    """All figures of one choice, asked once of each copy.

    Cases know no rule, pairs and steps neither place nor rule: those filters pass them.
    """
    return sums.remembered(chosen, lambda: _read(sums, chosen))


def _read(sums: Sums, chosen: Filters) -> Figures:
    values = {field.name: getattr(chosen, field.name) for field in fields(chosen)}

    def ask(query: str) -> list[tuple[Any, ...]]:
        return sums.rows(query, values)

    extracts: dict[tuple[str, date], dict[str, int]] = {}
    for agenda, received, label, count in ask(_BY_EXTRACT):
        extracts.setdefault((agenda, received), {})[label] = count
    return Figures(
        published=ask("select diterbitkan_pada from terbitan")[0][0],
        places=[Place(*row) for row in ask(_BY_PLACE)],
        rules=[RuleCount(*row) for row in ask(_BY_RULE)],
        extracts=[Extract(*which, counts) for which, counts in extracts.items()],
        steps=[StepTime(*row) for row in ask(_STEPS)],
        clocks=[Clock(*row) for row in ask(_CLOCKS)],
        cases=[OpenCases(*row) for row in ask(_CASES)],
        bands=[(row[0], row[1], row[2]) for row in ask(_BANDS)],
        events={row[0]: row[1] for row in ask(_EVENTS)},
        whole=Place(*ask(_WHOLE)[0]),
    )


def choices(sums: Sums) -> Choices:
    """What the filters offer: places of the city, rules with findings, agendas, the newest first."""
    return Choices(
        districts=[(row[0], row[1]) for row in sums.rows(_DISTRICTS, {})],
        villages=[(row[0], row[1], row[2]) for row in sums.rows(_VILLAGES, {})],
        rules=[(row[0], row[1]) for row in sums.rows(_RULES, {})],
        agendas=[row[0] for row in sums.rows(_AGENDAS, {})],
    )
