"""Earlier decisions in a round's proposal, as its draft found them: what Staff saw is what approvers sign."""

import duckdb

from expectations.memory import REMEMBERED
from expectations.outcomes import Outcome
from tasks.remember.facts import note_obstacles
from tasks.remember.recall import compare
from tasks.steps import find
from tasks.validate import terms_of

_AGAIN = """
create or replace temp table again as
select c.row_id, m.outcome, m.until, m.elements,
  'agenda ' || c.earlier || ', ' || strftime(m.written_on, '%d-%m-%Y') as batch, coalesce(m.basis, '') as basis
from recalled c join row_memory m on m.agenda = c.earlier and m.row_id = c.earlier_row
where c.agenda = getvariable('agenda') and c.round = $round
"""

_ELEMENTS = """
create or replace temp table again_elements as
select row_id, e.element, e.after, e.staff, batch || coalesce(': ' || nullif(e.basis, ''), '') as basis
from (select row_id, batch, unnest(from_json(elements,
  '[{"element": "VARCHAR", "after": "VARCHAR", "basis": "VARCHAR", "staff": "BOOLEAN"}]')) as e from again)
"""

# Somebody must look again where nothing but a day was decided, once it has passed or when none was named.
_DECIDE = f"""
update proposed set outcome = a.outcome, cause = '{REMEMBERED}',
  needs_person = a.outcome = '{Outcome.POSTPONED}' and (a.until is null or a.until <= $as_of::date),
  basis = concat_ws('; ', a.batch || coalesce(': ' || nullif(a.basis, ''), ''),
    'ditunda sampai ' || strftime(a.until, '%d-%m-%Y'))
from again a where a.row_id = proposed.row_id
"""

# What the system proposes anyway keeps its own basis, unless Staff had named one.
_CLEAR = """
delete from corrections using again a where a.row_id = corrections.row_id and not exists (
  select 1 from again_elements e where e.row_id = corrections.row_id and e.element = corrections.element
    and e.after is not distinct from corrections.after and not e.staff)
"""

_OPEN = """
update proposed set needs_person = true, basis = concat_ws('; ', nullif(proposed.basis, ''),
  'dibuka lagi, agenda ' || r.earlier || ' memutuskan ' || r.verdict || '; berubah: '
    || list_aggregate(r.columns, 'string_agg', ', '))
from reopened r where r.agenda = getvariable('agenda') and r.row_id = proposed.row_id
"""


def take_over(con: duckdb.DuckDBPyConnection, agenda: str, about: tuple[int, str]) -> None:
    """Earlier decisions into temp tables ``proposed`` and ``corrections``; Staff's own of this batch come after it.

    ``about``: (round, step). The draft compares with the register as it is; the proposal keeps what the draft found,
    but for decisions of batches that were undone since.
    A decision taken over has cause REMEMBERED and its batch before its basis; one opened again needs a person, and its
    basis names the columns that changed, never values.
    """
    round_no, step = about
    note_obstacles(con, agenda)
    if step == "draft" or find(con, agenda, "draft", round_no) is None:
        compare(con, agenda, round_no)
    else:
        forget_undone = "delete from recalled where agenda = ? and round = ? and earlier in (select agenda from undone)"
        con.execute(forget_undone, [agenda, round_no])
    con.execute(_OPEN)
    con.execute(_AGAIN, {"round": round_no})
    if con.execute("select count(*) from again").fetchall()[0][0]:
        con.execute(_ELEMENTS)
        con.execute(_DECIDE, {"as_of": terms_of(con, agenda).as_of})
        con.execute(_CLEAR)
        _write_elements(con)
        con.execute("drop table again_elements")
    con.execute("drop table again")


def _write_elements(con: duckdb.DuckDBPyConnection) -> None:
    elements = con.execute("select distinct element from again_elements order by 1").fetchall()
    for (element,) in elements:  # columns that recall.compare knows to be writable
        con.execute(f"""insert into corrections
            select m.row_id, m.resident_id, '{element}', m.{element}::varchar, p.{element}::varchar, e.after, e.basis,
              '{REMEMBERED}', false
            from again_elements e join mine m using (row_id) left join penduduk p on p.resident_id = m.resident_id
            where e.element = '{element}' and not exists (select 1 from corrections c
              where c.row_id = e.row_id and c.element = e.element)""")
