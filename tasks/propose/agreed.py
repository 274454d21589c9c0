"""Rows of one person never propose different things about that person: such a batch could not be written at all.

Two received rows may be about one person, and be proposed by different hands: the system, an earlier batch's decision,
Staff. A resident of the register is known by the record; who is not in it, by whom the row is about (``subjects``): one
NIK and birth date do not make one person of two. Rows contradict each other when they give one element two values, or
when one proposes the record inactive and another corrects it. Then the whole row waits for a person who chooses
(handbook 2.2: every row has one basis).
"""

import duckdb

from expectations.cases import ANSWERED
from expectations.outcomes import BY_STAFF, PROPOSAL_COLUMN, PROPOSED_INACTIVE, Outcome

CONTRADICTED = "baris lain dari orang ini diusulkan dengan isi lain: tentukan satu isi"
OWN = (BY_STAFF, ANSWERED)  # said by Staff about this very batch: it outweighs what anybody else proposes

# A row beside Staff's word gives way to it; among equals all wait.
_POSTPONE = f"""
with people as (
  select m.row_id, if(m.resident_id is null, coalesce(s.subject, m.record_id), m.record_id) as person
  from mine m left join subjects s on s.agenda = getvariable('agenda') and s.row_id = m.row_id),
claims as (
  select p.row_id, coalesce(p.cause, '') in {OWN} as own, coalesce('P' || p.resident_id, m.person) as person,
    '{PROPOSAL_COLUMN}' as element, '{PROPOSED_INACTIVE}' as after
  from proposed p join people m using (row_id) where p.outcome = '{Outcome.DEACTIVATION}'
  union all
  select p.row_id, coalesce(p.cause, '') in {OWN}, coalesce('P' || c.resident_id, m.person), c.element, c.after
  from corrections c join proposed p using (row_id) join people m using (row_id)
  where p.outcome = '{Outcome.CORRECTED}'),
valued as (
  select person, element, count(distinct coalesce('=' || after, '')) as every,
    count(distinct coalesce('=' || after, '')) filter (own) as said from claims group by all),
ended as (
  select person, count(distinct element = '{PROPOSAL_COLUMN}') as every,
    count(distinct element = '{PROPOSAL_COLUMN}') filter (own) as said from claims group by all),
contradicted as (
  select c.row_id from claims c join valued v using (person, element) join ended e using (person)
  where if(c.own, v.said > 1 or e.said > 1, v.every > 1 or e.every > 1))
update proposed set outcome = '{Outcome.POSTPONED}', basis = '{CONTRADICTED}', needs_person = true
where row_id in (from contradicted)
"""


def postpone_contradictions(con: duckdb.DuckDBPyConnection) -> None:
    """Rows that contradict another row of their person end as "ditunda" and need a person.

    Needs temp tables ``proposed`` and ``corrections`` with Staff's decisions over them, view ``mine``, ``subjects`` and
    variable ``agenda``. Staff's own word of this batch stays, unless it contradicts itself.
    """
    con.execute(_POSTPONE)
