"""View ``cases``: what waits or waited for somebody, derived from what was written; nothing of it is kept twice.

Each unbroken wait of a subject for one thing (``tasks.cases.waits``) is a case: opened by its first batch, closed by
the first written batch that ends it.
"""

from expectations.cases import ANSWER_DAYS_LEFT, CENTRE_DAYS, LEAST_ANSWER_DAYS, CaseKind
from tasks.cases.waits import NOW, in_city, regions_asked, waits

ROWS = 10_000_000  # row_id = file * ROWS + line (tasks.load)


def case_number(agenda: str, row: str) -> str:
    """SQL: ``<agenda> <file>/<line>``, as REFERENSI on the lists."""
    return f"{agenda} || ' ' || {row} // {ROWS} || '/' || {row} % {ROWS}"


def _code(name: str) -> str:
    """SQL: a place of a row of the city, where it is a code at all."""
    return f"if({in_city('r')} and regexp_full_match(coalesce(r.{name}, ''), '[0-9]{{1,4}}'), r.{name}, null)"


# Another region has until the day that our letter to it names (tasks.lists.correspondence).
_LETTER_DAY = f"""if(f.kind = '{CaseKind.OTHER_REGION}' and a.region is not null,
    greatest(d.day + {CENTRE_DAYS - ANSWER_DAYS_LEFT}, f.opened_on + {LEAST_ANSWER_DAYS}), d.day + {CENTRE_DAYS})"""

# clocks: the centre's 60 days run from the first of the subject's cases that follow each other without a gap.
CASES = f"""with recursive {waits(NOW)},
stretches as (
  select subject, kind, stretch, bool_and(waits) as waits, min(n) as n, arg_min(agenda, n) as agenda,
    arg_min(row_id, n) as row_id, min(written_on) as opened_on, arg_max(agenda, n) as last_agenda,
    arg_max(row_id, n) as last_row
  from counted group by all),
followed as materialized (
  select *, lead(agenda) over line as closed_by, lead(opened_on) over line as closed_on, lead(n) over line as closed_n
  from stretches window line as (partition by subject, kind order by stretch)),
opened as materialized (
  select *, coalesce(n > max(coalesce(closed_n, {2**62})) over (partition by subject order by n, kind
    rows between unbounded preceding and 1 preceding), true) as fresh from followed where waits),
islands as (select *, sum(fresh::int) over (partition by subject order by n, kind) as island from opened),
clocks as (
  select *, first_value(agenda) over (partition by subject, island order by n, kind) as first_agenda from islands),
received as (
  select agenda, json_extract_string(summary, '$.as_of')::date as day from steps where step = 'validate'),
last_rows as (
  select last_agenda as agenda, last_row as row_id from opened where kind = '{CaseKind.OTHER_REGION}'),
{regions_asked("last_rows")},
asked as (select agenda, row_id, string_agg(distinct region, ' ' order by region) as region from halves group by all)
select {case_number("f.agenda", "f.row_id")} as case_no, f.kind, f.subject, f.agenda,
  f.row_id, coalesce(a.region, '') as region, {_code("no_kec")} as no_kec, {_code("no_kel")} as no_kel, f.opened_on,
  coalesce(u.due_on, {_LETTER_DAY}) as due_on, d.day + {CENTRE_DAYS} as centre_due_on, f.closed_on, f.closed_by
from clocks f join extract_rows r on r.agenda = f.agenda and r.row_id = f.row_id
left join due u on u.subject = f.subject and u.kind = f.kind and u.agenda = f.last_agenda
left join received d on d.agenda = f.first_agenda
left join asked a on a.agenda = f.last_agenda and a.row_id = f.last_row
where f.closed_on is not null
  or f.agenda not in (select summary ->> 'destroys' from steps where step = 'purged')"""  # nobody can answer it
