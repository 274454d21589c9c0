"""Whose earlier decisions a round rests on: about its rows, as ``recalled``, and about the pairs of its records.

A decision about a pair reaches every row of either record, and of the records that are one person with it. Once the
batch that took it is undone, the next draft leaves such rows to a person, and rests on it no longer.
"""

import duckdb

from expectations.memory import REMEMBERED
from expectations.outcomes import Outcome

CHANGING = (Outcome.CORRECTED.value, Outcome.DEACTIVATION.value)  # ends that do something to somebody
CLOSED = (*CHANGING, Outcome.UNFOUNDED.value)
CASE_ANSWER = 0  # the round of what a case was answered: Staff's own word, which it proves once more

_REACHED = """
sides as (select agenda, unnest([left_id, right_id]) as record_id, earlier, dropped from steered where {which}),
kin as (
  from sides
  union
  select m.agenda, m.record_id, s.earlier, s.dropped from sides s join clusters c using (agenda, record_id)
  join clusters m on m.agenda = c.agenda and m.cluster_id = c.cluster_id),
reached as (
  select distinct i.agenda, i.row_id, k.earlier, k.dropped from kin k join identities i using (agenda, record_id))
"""

# Rows that end as decided then, and what of it Staff let stand on a row that it decided itself; earlier_row: the row
# there, null of a pair.
_TAKES = f"""
{_REACHED},
takes as (
  select c.agenda, c.round, c.row_id, c.earlier, c.earlier_row from recalled c where {{which}} and (
    exists (select 1 from outcomes o where o.agenda = c.agenda and o.round = c.round and o.row_id = c.row_id
      and o.cause = '{REMEMBERED}')
    or exists (select 1 from changes u where u.agenda = c.agenda and u.round = c.round and u.row_id = c.row_id
      and u.cause = '{REMEMBERED}'))
  union
  select r.agenda, o.round, r.row_id, r.earlier, null from reached r join outcomes o using (agenda, row_id)
  where o.outcome in {CHANGING} and (r.dropped is null or r.dropped > o.round))
"""

_DIRECTLY = f"""
create or replace temp table resting as
with {_TAKES.format(which="agenda = $agenda")}
select distinct earlier, earlier_row from takes where round = $round
"""

# What Staff let stand of an earlier decision is remembered as the later batch's own (see keep).
_FURTHER = f"""
with recursive {_TAKES.format(which="agenda in (select agenda from row_memory)")},
handed_on as (
  select t.agenda, t.row_id, t.earlier, t.earlier_row from takes t join applied a using (agenda, round)
  join row_memory m using (agenda, row_id)),
basis as (
  from resting
  union
  select h.earlier, h.earlier_row from basis b join handed_on h on h.agenda = b.earlier and h.row_id = b.earlier_row)
select distinct earlier from basis order by 1
"""

_UNSETTLED = f"""
create or replace temp table unsettled as
with {_REACHED.format(which="agenda = getvariable('agenda') and dropped <= $round")}
select row_id, min(dropped) as since, string_agg(distinct earlier, ', ' order by earlier) as earlier
from reached group by row_id
"""

# The row stands for its own record again, not for one that was found to be the same person.
_POSTPONE = f"""
update proposed set outcome = '{Outcome.POSTPONED}', needs_person = true, cause = 'GND-03',
  resident_id = m.resident_id, basis = 'keputusan pasangan agenda ' || u.earlier || ' dibatalkan'
from unsettled u join mine m using (row_id) where u.row_id = proposed.row_id and proposed.outcome in {CLOSED}
"""

# Staff said so on a sheet that showed it as decided.
_FORGET = f"""
delete from decided using unsettled u where u.row_id = decided.row_id and decided.outcome in {CHANGING}
  and decided.round < u.since and decided.round > {CASE_ANSWER}
"""


def taken_from(con: duckdb.DuckDBPyConnection, agenda: str, round_no: int) -> list[str]:
    """The batches whose decisions a stored round takes over, sorted: those who decided then prepared it, too.

    Also those whose decisions the rows taken over took over themselves, however far back.
    """
    if not _directly(con, agenda, round_no):
        return []
    return [str(earlier) for (earlier,) in con.execute(_FURTHER).fetchall()]


def undone_since(con: duckdb.DuckDBPyConnection, agenda: str, round_no: int) -> list[str]:
    """Those whose decisions it takes over itself and that are undone now: it must not be signed nor written any more.

    What Staff of a batch that stands made its own, by its word on the row, outlives the batch before it.
    """
    undone = {str(name) for (name,) in con.execute("select agenda from undone").fetchall()}
    return [earlier for earlier in _directly(con, agenda, round_no) if earlier in undone]


def _directly(con: duckdb.DuckDBPyConnection, agenda: str, round_no: int) -> list[str]:
    """Temp table ``resting`` (earlier, earlier_row) of a round; its batches, sorted."""
    con.execute(_DIRECTLY, {"agenda": agenda, "round": round_no})
    return [str(name) for (name,) in con.execute("select distinct earlier from resting order by 1").fetchall()]


def drop_undone_pairs(con: duckdb.DuckDBPyConnection, agenda: str, about: tuple[int, str]) -> None:
    """Rows whose duplicates were found with a decision that was undone since wait for a person; ``about``: round, step.

    The draft finds them; they stay so in the rounds to come, until Staff decides them on a sheet that told it. Works on
    temp table ``proposed``; ``forget_unsettled`` then on ``decided``.
    """
    round_no, step = about
    if step == "draft":
        con.execute(
            """update steered set dropped = ? where agenda = ? and dropped is null
            and earlier in (select agenda from undone)""",
            [round_no, agenda],
        )
    con.execute(_UNSETTLED, {"round": round_no})
    con.execute(_POSTPONE)


def forget_unsettled(con: duckdb.DuckDBPyConnection) -> None:
    """Takes what Staff said of such rows before it was told out of temp table ``decided``."""
    con.execute(_FORGET)
    con.execute("drop table unsettled")
