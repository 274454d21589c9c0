"""Labels: what an extract says about each finding (a rule) of each subject, after all extracts before it.

The centre sends its lists whole, so a finding that was in a list and no longer is has gone there (handbook 6). What
closed it is told apart: the office's own work, or nobody here. A list that suddenly lacks most of what nobody here
dealt with may be torn off: it closes nothing, unless its letter gives its number of rows. What the next list lacks too,
closes.
"""

from dataclasses import dataclass, replace

import duckdb

from expectations.codes import CITY
from expectations.memory import LEAST_AGAIN, LEAST_OPEN, OPEN, REMEMBERED, Label
from expectations.outcomes import EVENTS, Outcome
from expectations.rules import RULES

# Postponed is nothing done yet, and neither is a question to another regency until it is answered.
HANDLING = tuple(o.value for o in Outcome if o not in {Outcome.POSTPONED, Outcome.OTHER_REGION})
REGION_SAID = tuple(event.name for event in EVENTS if event.letter)
CLOSED = (Label.FIXED.value, Label.DISAPPEARED.value)
STEP = "reconcile"
_STARTS = (Label.NEW.value, Label.CAME_BACK.value)
_OPEN = tuple(sorted(label.value for label in OPEN))
_CORRECTS = ", ".join(
    f"('{code}', '{element}')" for code, element in sorted({(r.code, e) for r in RULES for e in r.corrects})
)

# Each finding of the extract once: as its first row tells it, where it is a row of this city.
_HERE = f"""
create or replace temp table here as
with firsts as (select s.subject, f.code, min(f.row_id) as row_id
                from findings f join subjects s using (agenda, row_id) where f.agenda = $agenda group by all)
select h.*, l.series, if(mine, code_only(r.no_kec), null) as no_kec, if(mine, code_only(r.no_kel), null) as no_kel
from firsts h join (select *, coalesce(no_prop || no_kab, '{CITY}') = '{CITY}' as mine from extract_rows) r
    on r.agenda = $agenda and r.row_id = h.row_id
  join file_series l on l.agenda = $agenda and l.file_no = r.file_no
"""

# The last word of the extracts before, and the extract that began its open streak.
_BEFORE = f"""
create or replace temp table before as
with lasts as (
  select subject, code, max(agenda) as agenda, max(agenda) filter (label in {_STARTS}) as start
  from finding_states where agenda < $agenda group by all)
select l.subject, l.code, l.agenda as last, l.start, f.label in {_OPEN} as is_open, f.first_on, f.since_on, f.series,
  f.no_kec, f.no_kel
from lasts l join finding_states f using (agenda, subject, code)
"""

_SAID = f"""
insert into finding_states
select $agenda, h.subject, h.code, h.row_id,
  case when b.subject is null then '{Label.NEW}' when b.is_open then '{Label.STILL_OPEN}' else '{Label.CAME_BACK}' end,
  coalesce(b.first_on, $as_of::date), if(b.is_open, b.since_on, $as_of::date), null, h.series, h.no_kec, h.no_kel
from here h left join before b using (subject, code) order by h.subject, h.code
"""

# What the office wrote and did not take back, per finding: an outcome of a row that bears it (of an answered case: of
# the case's row), or a change of an element by which its rule is corrected, on any row of the subject.
_CREDIT = f"""
mine as (select a.agenda, a.round, a.written_on, a.n from applied a
         where a.undoes is null and a.agenda not in (select agenda from undone)),
corrects as (from (values {_CORRECTS}) c (code, element)),
rows as (select agenda, row_id, subject, round, written_on, n from subjects join mine using (agenda)
         where subject in (select subject from asked)),
said as (select d.agenda, d.row_id, d.event from decisions d join rows r using (agenda, row_id)
         where d.round <= r.round
         qualify row_number() over (partition by d.agenda, d.row_id order by d.round desc) = 1),
ended as (
  select r.*, o.outcome in {HANDLING} or o.outcome = '{Outcome.OTHER_REGION}' and (d.event in {REGION_SAID}
      or o.cause = '{REMEMBERED}' and list_bool_or([contains(o.basis, e) for e in {list(REGION_SAID)}])) as is_end
  from rows r join outcomes o using (agenda, round, row_id) left join said d using (agenda, row_id)),
bears as (
  select e.agenda, e.row_id, f.code from ended e join findings f using (agenda, row_id)
  union
  select c.agenda, c.row_id, f.code from case_answers c semi join ended using (agenda, row_id)
    join findings f on f.agenda = c.case_agenda and f.row_id = c.case_row),
handled as (
  select e.subject, b.code, e.agenda, e.written_on, e.n from ended e join bears b using (agenda, row_id) where e.is_end
  union
  select r.subject, c.code, r.agenda, r.written_on, r.n from rows r join history h using (agenda, row_id)
    join corrects c using (element) where h.written),
credit as (
  select g.agenda, g.subject, g.code, max(h.agenda) as handled_by from asked g left join handled h
    on h.subject = g.subject and h.code = g.code and h.agenda >= g.start and h.agenda < g.agenda
      and h.written_on <= g.as_of and h.n <= g.written
  group by all)
"""

# Every open finding that the extract could tell of, and whether it does.
_EXPECTED = f"""
create or replace temp table expected as
with asked as (
  select $agenda as agenda, subject, code, start, $as_of::date as as_of, $written as written
  from before join covered using (series) where is_open and (series, code) not in (select (series, code) from blind)),
{_CREDIT}
select b.*, c.handled_by, h.subject is not null as is_here
from credit c join before b using (subject, code) left join here h using (subject, code)
"""

_DOUBTED = f"""
select series, count(*) as waited, count(*) filter (is_here) as again
from expected join covered using (series)
where handled_by is null and last = previous and not counted group by series
having waited >= {LEAST_OPEN} and 100 * again < {LEAST_AGAIN} * waited order by series
"""

_GONE = f"""
insert into finding_states
select $agenda, subject, code, null, if(handled_by is null, '{Label.DISAPPEARED}', '{Label.FIXED}'), first_on, since_on,
  handled_by, series, no_kec, no_kel
from expected semi join covered using (series) where not is_here order by subject, code
"""

_CREDIT_AGAIN = f"""
with asked as (
  select s.agenda, s.subject, s.code, max(b.agenda) as start, any_value((t.summary ->> 'as_of')::date) as as_of,
    any_value((t.summary ->> 'written')::bigint) as written
  from finding_states s join finding_states b on b.subject = s.subject and b.code = s.code and b.agenda < s.agenda
      and b.label in {_STARTS}
    join steps t on t.agenda = s.agenda and t.step = '{STEP}'
  where s.label in {CLOSED} and s.subject in (select subject from subjects where agenda = $agenda) group by all),
{_CREDIT}
update finding_states s set handled_by = c.handled_by,
  label = if(c.handled_by is null, '{Label.DISAPPEARED}', '{Label.FIXED}')
from credit c where c.agenda = s.agenda and c.subject = s.subject and c.code = s.code
  and s.handled_by is distinct from c.handled_by
"""


@dataclass(frozen=True)
class Doubt:
    """A list that may be torn off: of ``waited`` findings of its predecessor nobody here dealt with, few are there."""

    series: str
    waited: int
    again: int


@dataclass(frozen=True)
class Seen:
    """When an extract was received (``as_of``, ISO) and first compared: ``written`` numbers what was written by then.

    What the office wrote later can not be why a finding is not in it. ``doubts``: as they were told then; None before.
    """

    as_of: str
    written: int
    doubts: tuple[Doubt, ...] | None = None


def label_findings(con: duckdb.DuckDBPyConnection, agenda: str, seen: Seen) -> Seen:
    """Fills ``finding_states`` of an extract from its findings and the states before it.

    Returns what was seen, with its doubts: lists whose silence closes nothing, here and among the groups of duplicates.
    Inside the caller's transaction, after ``define_coverage``.
    """
    about = {"agenda": agenda}
    con.execute(_HERE, about)
    con.execute(_BEFORE, about)
    con.execute("delete from finding_states where agenda = $agenda", about)
    con.execute(_SAID, about | {"as_of": seen.as_of})
    con.execute(_EXPECTED, about | {"as_of": seen.as_of, "written": seen.written})
    doubts = seen.doubts
    if doubts is None:
        doubts = tuple(Doubt(*row) for row in con.execute(_DOUBTED).fetchall())
    con.execute(
        "delete from covered where list_contains($lists, series)", {"lists": [doubt.series for doubt in doubts]}
    )
    con.execute(_GONE, about)
    return replace(seen, doubts=doubts)


def credit_again(con: duckdb.DuckDBPyConnection, agenda: str) -> None:
    """Tells "selesai" from "hilang" anew in all extracts for the subjects of a batch that was taken, or given, back.

    Inside the caller's transaction.
    """
    con.execute(_CREDIT_AGAIN, {"agenda": agenda})
