"""View ``cases``: what waits or waited for somebody, derived from what was written; nothing of it is kept twice.

A subject's written outcomes, in the order of writing and without undone batches, are a line of states: what it waits
for, or nothing. Each unbroken stretch of one kind is a case: opened by its first batch, closed by the batch after it.
"""

from expectations.cases import CALL_DAYS, CENTRE_DAYS, CaseKind
from expectations.codes import CITY, UNKNOWN_REGION
from expectations.memory import REMEMBERED
from expectations.outcomes import EVENTS, Outcome
from expectations.rules import CATALOGUE, Resolution

STAYS_HERE, _, BOTH_WRONG = (event.name for event in EVENTS if event.letter)
EVENT_NAMES = [event.name for event in EVENTS]
BIOMETRIC_CODES = [rule.code for rule in CATALOGUE if rule.resolution is Resolution.BIOMETRIC]
ROWS = 10_000_000  # row_id = file * ROWS + line (tasks.load)
RANKS = list(CaseKind)  # of several rows of a subject in one batch, the one that waits for most


def _region(side: str) -> str:
    """SQL: NO_PROP || NO_KAB, '0000' for what is no code."""
    code = f"{side}.no_prop || {side}.no_kab"
    return f"if(regexp_full_match(coalesce({code}, ''), '[0-9]{{4}}'), {code}, '{UNKNOWN_REGION}')"


# A region that answered "stays here" still owes the SKPWNI: that case goes on. A row of the city asks the regions of
# the records that are the same person by the batch's own linking (as tasks.lists.referral does for its letters).
CASES = f"""create view if not exists cases as
with written as (
  select agenda, round, n, written_on from applied
  where undoes is null and agenda not in (select agenda from undone)),
waited as materialized (
  select o.agenda, o.row_id, o.outcome, o.cause, o.basis from written w join outcomes o on o.agenda = w.agenda
    and o.round = w.round where o.outcome in ('{Outcome.OTHER_REGION}', '{Outcome.POSTPONED}')),
concerned as (
  select distinct s.subject from waited w join subjects s on s.agenda = w.agenda and s.row_id = w.row_id),
said as (
  select d.agenda, d.row_id, d.event, d.until from decisions d join written w on w.agenda = d.agenda
    and d.round <= w.round
  qualify row_number() over (partition by d.agenda, d.row_id order by d.round desc) = 1),
taken_over as (  -- what Staff decided in an earlier batch: its event stands in the basis
  select w.agenda, w.row_id, list_filter({EVENT_NAMES}, lambda e: contains(w.basis, e))[1] as event, m.until
  from waited w left join written v on v.agenda = w.agenda left join recalled c on c.agenda = w.agenda
    and c.round = v.round and c.row_id = w.row_id
  left join row_memory m on m.agenda = c.earlier and m.row_id = c.earlier_row where w.cause = '{REMEMBERED}'),
recorded as (select distinct agenda, row_id from findings where code in {tuple(BIOMETRIC_CODES)}),
judged as materialized (
  select w.agenda, w.row_id, coalesce(d.until, t.until) as until, coalesce(d.event, t.event) as event,
    case when w.outcome = '{Outcome.OTHER_REGION}'
        then if(coalesce(d.event, t.event, '') like 'jawaban daerah%', null, '{CaseKind.OTHER_REGION}')
      when coalesce(d.event, t.event) = '{STAYS_HERE}' then '{CaseKind.OTHER_REGION}'
      when coalesce(d.event, t.event) = '{BOTH_WRONG}'
        or list_has_any({BIOMETRIC_CODES}, string_split(coalesce(w.cause, ''), ' '))
        or (f.row_id is not null and coalesce(w.cause, '') not like '%-%') then '{CaseKind.BIOMETRIC}'
      else '{CaseKind.RESIDENT}' end as own_kind
  from waited w left join said d on d.agenda = w.agenda and d.row_id = w.row_id
  left join taken_over t on t.agenda = w.agenda and t.row_id = w.row_id
  left join recorded f on f.agenda = w.agenda and f.row_id = w.row_id),
kinds as (  -- a case whose answer leaves it waiting goes on as what it was, unless a region said what it waits for
  select j.agenda, j.row_id, j.until,
    if(j.own_kind is null or coalesce(j.event, '') like 'jawaban daerah%', j.own_kind,
      coalesce(b.own_kind, j.own_kind)) as kind
  from judged j left join case_answers c on c.agenda = j.agenda and c.row_id = j.row_id
  left join judged b on b.agenda = c.case_agenda and b.row_id = c.case_row),
stood as (
  select s.subject, w.agenda, w.n, w.written_on, s.row_id, k.kind, k.until
  from concerned join subjects s on s.subject = concerned.subject join written w on w.agenda = s.agenda
  left join kinds k on k.agenda = s.agenda and k.row_id = s.row_id
  qualify row_number() over (partition by s.subject, s.agenda
    order by list_position({[kind.value for kind in RANKS]}, k.kind) nulls last, s.row_id) = 1),
stepped as (
  select *, kind is distinct from lag(kind) over line as turns,
    (kind is null) is distinct from lag(kind is null) over line as starts
  from stood window line as (partition by subject order by n)),
counted as (
  select *, sum(turns::int) over line as stretch, sum(starts::int) over line as wait
  from stepped window line as (partition by subject order by n)),
stretches as (
  select subject, stretch, any_value(wait) as wait, any_value(kind) as kind, min(n) as n,
    arg_min(agenda, n) as agenda, arg_min(row_id, n) as row_id, min(written_on) as opened_on,
    arg_max(agenda, n) as last_agenda, arg_max(row_id, n) as last_row,
    arg_max(coalesce(until, if(kind = '{CaseKind.RESIDENT}', written_on + {CALL_DAYS}, null)), n) as due_on
  from counted group by subject, stretch),
followed as materialized (
  select *, lead(agenda) over line as closed_by, lead(opened_on) over line as closed_on,
    first_value(agenda) over (partition by subject, wait order by n) as first_agenda
  from stretches window line as (partition by subject order by n)),
received as (
  select agenda, json_extract_string(summary, '$.as_of')::date as day from steps where step = 'validate'),
outside as materialized (
  select f.last_agenda as agenda, f.last_row as row_id, i.record_id, i.resident_id, {_region("r")} as own
  from followed f join extract_rows r on r.agenda = f.last_agenda and r.row_id = f.last_row
  join identities i on i.agenda = r.agenda and i.row_id = r.row_id where f.kind = '{CaseKind.OTHER_REGION}'),
same as (
  select o.agenda, o.row_id, o.record_id as other from outside o where o.own = '{CITY}'
  union
  select o.agenda, o.row_id, b.record_id from outside o join clusters a on a.agenda = o.agenda
    and a.record_id = o.record_id join clusters b on b.agenda = a.agenda and b.cluster_id = a.cluster_id
  where o.own = '{CITY}'),
halves as (
  select s.agenda, s.row_id, {_region("r")} as region from same s
  join identities i on i.agenda = s.agenda and i.record_id = s.other
  join extract_rows r on r.agenda = i.agenda and r.row_id = i.row_id
  union
  select s.agenda, s.row_id, {_region("p")} from same s join penduduk p on s.other = 'P' || p.resident_id
  union
  select agenda, row_id, own from outside where own <> '{CITY}'),
asked as (
  select agenda, row_id, string_agg(distinct region, ' ' order by region) as region from halves
  where region not in ('{CITY}', '{UNKNOWN_REGION}') group by agenda, row_id)
select f.agenda || ' ' || f.row_id // {ROWS} || '/' || f.row_id % {ROWS} as case_no, f.kind, f.subject, f.agenda,
  f.row_id, coalesce(a.region, '') as region, if({_region("r")} = '{CITY}', r.no_kec, null) as no_kec,
  if({_region("r")} = '{CITY}', r.no_kel, null) as no_kel, f.opened_on,
  coalesce(f.due_on, d.day + {CENTRE_DAYS}) as due_on, d.day + {CENTRE_DAYS} as centre_due_on, f.closed_on, f.closed_by
from followed f join extract_rows r on r.agenda = f.agenda and r.row_id = f.row_id
left join received d on d.agenda = f.first_agenda
left join asked a on a.agenda = f.last_agenda and a.row_id = f.last_row
where f.kind is not null"""
