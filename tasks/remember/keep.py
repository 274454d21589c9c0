"""What Staff decided about rows, kept beyond the batch once it is written, with the facts it rested on."""

import duckdb

from expectations.memory import REMEMBERED
from expectations.outcomes import PROPOSAL_COLUMN, Outcome
from tasks.privacy import EARLIER_BATCH, OF_STAFF
from tasks.remember.facts import ALWAYS, HELD, RECEIVED, collect, forget

BY_HAND = tuple(cause for cause in OF_STAFF if cause != REMEMBERED)
UNTIL = "(; )?ditunda sampai [0-9]{2}-[0-9]{2}-[0-9]{4}$"
REOPENED = "(; )?dibuka lagi, agenda [^;]*; berubah: [A-Z0-9_, ]*"

# A row counts when Staff decided it by hand, or left it as proposed on a sheet that showed why it was opened again. A
# decision that could not be written as Staff took it (propose.run) is not Staff's.
_DECIDED = f"""
create or replace temp table kept_rows as
with newest as (
  select * from decisions where agenda = $agenda and round <= $round
  qualify row_number() over (partition by row_id order by round desc) = 1),
seen as (
  select row_id from reopened where agenda = $agenda and row_id in (
    select row_id from shown_rows where agenda = $agenda and round <= $round))
select o.row_id, o.resident_id, o.outcome, coalesce(o.basis, '') as basis, coalesce(d.until, c.until) as until
from outcomes o left join newest d using (row_id)
left join case_answers c on c.agenda = o.agenda and c.row_id = o.row_id
where o.agenda = $agenda and o.round = $round
  and (o.cause in {BY_HAND} and coalesce(d.outcome, o.outcome) = o.outcome
    or o.cause not in {OF_STAFF} and o.row_id in (from seen))
"""


_REMEMBER = f"""
insert into row_memory
with made as (
  select row_id, to_json(list({{'element': element, 'after': after, 'basis': regexp_replace(coalesce(basis, ''),
    '^{EARLIER_BATCH.pattern}', ''), 'staff': cause in {OF_STAFF}}} order by element))::varchar as elements
  from changes where agenda = $agenda and round = $round and element <> '{PROPOSAL_COLUMN}' group by row_id),
rests_on as (  -- the columns that the findings of a row read
  select c.codes, list_concat({list(ALWAYS)}, coalesce(list(r.element) filter (r.element is not null), []))
    as elements from (select distinct codes from facts_codes) c
  left join facts_read r on list_contains(c.codes, r.code) group by c.codes),
said as (
  select row_id, side, map_from_entries(list_filter(map_entries(said),
    lambda e: list_contains(elements, e.key))) as facts
  from facts_said join facts_codes using (row_id) join rests_on using (codes))
select $agenda, k.row_id, s.subject, k.outcome,
  regexp_replace(regexp_replace(regexp_replace(basis, '{UNTIL}', ''), '{REOPENED}', ''),
    '^{EARLIER_BATCH.pattern}', ''),
  if(k.outcome = '{Outcome.POSTPONED}', k.until, null),
  if(k.outcome = '{Outcome.CORRECTED}', coalesce(m.elements, '[]'), '[]'), f.codes,
  to_json({{'{RECEIVED}': r.facts, '{HELD}': h.facts, 'pasangan': coalesce(p.partners, []),
    'sasaran': if(k.outcome = '{Outcome.DEACTIVATION}', k.resident_id, null), 'catatan': c.records,
    'hambatan': b.obstacle}})::varchar,
  (select written_on from applied where agenda = $agenda)
from kept_rows k join subjects s on s.agenda = $agenda and s.row_id = k.row_id
join facts_codes f on f.row_id = k.row_id left join facts_partners p on p.row_id = k.row_id
left join facts_records c on c.row_id = k.row_id left join facts_obstacles b on b.row_id = k.row_id
left join made m on m.row_id = k.row_id left join said r on r.row_id = k.row_id and r.side = '{RECEIVED}'
left join said h on h.row_id = k.row_id and h.side = '{HELD}'
order by k.row_id
"""


def remember_rows(con: duckdb.DuckDBPyConnection, agenda: str) -> int:
    """Appends what the applied round of a batch decided about its rows to ``row_memory``; returns how many rows.

    Call inside ``apply``'s transaction, after the register and ``applied`` are written: the facts are those after the
    decision. With that batch it is written once. What was taken over from an earlier batch stays that batch's.
    """
    rounds = con.execute("select round from applied where agenda = ?", [agenda]).fetchall()
    done = con.execute("select count(*) from row_memory where agenda = ?", [agenda]).fetchall()[0][0]
    if not rounds or done:
        return 0
    place = {"agenda": agenda, "round": rounds[0][0]}
    con.execute(_DECIDED, place)
    counted = con.execute("select count(*) from kept_rows").fetchall()[0][0]
    if counted:
        collect(con, agenda, "select row_id from kept_rows")
        con.execute(_REMEMBER, place)
        forget(con)
    con.execute("drop table kept_rows")
    return int(counted)
