"""Findings by person: the rows recognised as one record are one person, the probable root cause comes first.

Capped by constants, so that the page of a million findings still opens; what is left out is counted and told.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import duckdb

from tasks.load import ROWS_PER_FILE

PERSONS_SHOWN = 2_000
LINES_SHOWN = 12_000  # findings over all persons: at most about 5 MB of page
ROWS_PER_PERSON = 20

_SHOWN = f"""
create or replace table memory.main.report_shown as
with who as (select f.*, coalesce(i.record_id, 'baris ' || f.row_id) as person from memory.main.report_findings f
    left join office.main.identities i on i.agenda = getvariable('agenda') and i.row_id = f.row_id),
lines as (select person, code, severity, count(*) as n, min(row_id) as first,
    (list(row_id order by row_id))[:{ROWS_PER_PERSON}] as row_ids from who group by all),
per as (select person, sum(n)::bigint as findings, coalesce(sum(n) filter (severity = 'ERROR'), 0) as errors,
    count(*) as lines, min(first) as first from lines group by person),
placed as (select *, row_number() over largest as place, sum(lines) over largest as so_far
    from per window largest as (order by errors desc, findings desc, first))
select place::int as place, person, l.code, l.severity, l.n::bigint as n, l.row_ids
from lines l join placed p using (person) where place <= {PERSONS_SHOWN} and so_far <= {LINES_SHOWN}
"""

_ROWS = f"""
select place, count(*)::bigint, (list((w.row_id, r.region, o.outcome, o.needs_person)
    order by w.row_id))[:{ROWS_PER_PERSON}]
from (select distinct place, person from memory.main.report_shown) s
join (select distinct f.row_id, coalesce(i.record_id, 'baris ' || f.row_id) as person
    from memory.main.report_findings f
    left join office.main.identities i on i.agenda = getvariable('agenda') and i.row_id = f.row_id) w using (person)
join memory.main.report_rows r on r.row_id = w.row_id
left join office.main.outcomes o on o.agenda = getvariable('agenda') and o.round = 1 and o.row_id = w.row_id
group by place
"""

_CAUSES = """
select place, element, source, sum(len(resolves))::bigint as resolved,
  list_sort(list_distinct(flatten(list(resolves)))), list_sort(list_distinct(flatten(list(raises))))
from (select distinct place, person from memory.main.report_shown) s
join office.main.identities i on i.agenda = getvariable('agenda') and i.record_id = s.person
join office.main.root_causes c on c.agenda = i.agenda and c.row_id = i.row_id and c.rank = 1
group by place, element, source order by place, resolved desc, element, source
"""


@dataclass(frozen=True)
class Place:
    """Where a row lies, as people find it, and what is proposed for it ("" before there is a proposal)."""

    row_id: int
    region: str
    outcome: str
    needs_person: bool

    @property
    def told(self) -> str:
        """``berkas 1 baris 123``: the only way a row is named in the report."""
        return place_told(self.row_id)


@dataclass(frozen=True)
class Cause:
    """One correction that explains findings of a person."""

    element: str
    source: str
    resolved: int
    codes: list[str]
    raises: list[str]


@dataclass(frozen=True)
class Line:
    """One rule that flagged one or more rows of a person."""

    code: str
    severity: str
    count: int
    row_ids: list[int]


@dataclass
class Person:
    """One person with findings; ``number`` counts the persons on this page and means nothing elsewhere."""

    number: int
    rows: int = 0
    places: list[Place] = field(default_factory=list)
    causes: list[Cause] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    @property
    def findings(self) -> int:
        """All findings of all rows."""
        return sum(line.count for line in self.lines)


@dataclass(frozen=True)
class Persons:
    """The persons shown, and how many have findings in all."""

    shown: list[Person]
    total: int


def gather_persons(con: duckdb.DuckDBPyConnection) -> Persons:
    """The persons with the most errors first. Needs the report's views (``facts``)."""
    con.execute(_SHOWN)
    persons: dict[int, Person] = {}
    for place, code, severity, n, row_ids in _rows(con, _lines()):
        persons.setdefault(place, Person(place)).lines.append(Line(code, severity, n, row_ids))
    for place, rows, places in _rows(con, _ROWS):
        persons[place].rows = rows
        persons[place].places = [Place(row, region, o or "", bool(asked)) for row, region, o, asked in places]
    for place, *cause in _rows(con, _CAUSES):
        persons[place].causes.append(Cause(*cause))
    return Persons(list(persons.values()), _count(con))


def place_told(row_id: int) -> str:
    """``10000123`` -> ``berkas 1 baris 123``."""
    return f"berkas {row_id // ROWS_PER_FILE} baris {row_id % ROWS_PER_FILE}"


def _lines() -> str:
    rank = "case severity when 'ERROR' then 0 when 'WARNING' then 1 else 2 end"
    return f"select place, code, severity, n, row_ids from memory.main.report_shown order by place, {rank}, code"


def _rows(con: duckdb.DuckDBPyConnection, query: str) -> Iterator[tuple[Any, ...]]:
    yield from con.execute(query).fetchall()


def _count(con: duckdb.DuckDBPyConnection) -> int:
    """All persons with findings, shown or not."""
    query = """select count(distinct coalesce(i.record_id, 'baris ' || f.row_id)) from memory.main.report_findings f
        left join office.main.identities i on i.agenda = getvariable('agenda') and i.row_id = f.row_id"""
    return int(con.execute(query).fetchall()[0][0])
