"""How much the copy tells of each person: traits are hidden until K people share what is left of them.

k-anonymity by local suppression (Samarati & Sweeney 1998), within everybody of whom one same fact is told: all whom one
rule found, all of one agenda number, all with one outcome. So whoever knows the traits of a neighbour, and one such
fact besides, still finds K people. What is hidden of a person is hidden in every table, since tables can be joined.
"""

import duckdb

from expectations.published import HIDDEN, LADDER, K

_LAST = len(LADDER) - 1
# Only residents are in the register, only some live elsewhere, and only of some the office knows something.
_ALIKE = ("found", "resident", "luar_kota", "card", "mark")
_TEMPORARY = ("left_over", "standing", "told", "few", "steps_down")


def hide(con: duckdb.DuckDBPyConnection) -> None:
    """Temp table ``steps_down``: id, step of the LADDER on which that person stands; on the last nothing is left.

    Needs temp tables ``people`` (tasks.publish.people) and ``facts``: id, fact (a number).
    """
    drop_steps(con)
    # People of whom the register alone tells are a city of their own: nobody is found by what the office did not do.
    con.execute(
        f"""create temp table left_over as select id, {", ".join(_ALIKE)}, {", ".join(HIDDEN)} from (
          select *, if(found, '', ektp_status) as card, if(found, '', usulan) as mark from (
            select *, id in (select id from facts) as found from people))"""
    )
    con.execute("create temp table steps_down (id bigint, step integer)")
    for step in range(_LAST):
        _stand(con, step)
        con.execute(f"insert into steps_down select id, {step} from standing")
        con.execute("delete from left_over where id in (select id from standing)")
    con.execute(f"insert into steps_down select id, {_LAST} from left_over")


def _visible(step: int) -> tuple[str, ...]:
    """What tells people apart on a step."""
    lost = {trait for rung in LADDER[: step + 1] for trait in rung}
    return (*_ALIKE, *(trait for trait in HIDDEN if trait not in lost))


def _stand(con: duckdb.DuckDBPyConnection, step: int) -> None:
    """Temp table ``standing``: who may stay on this step. Who leaves may leave too few behind, so it is repeated."""
    con.execute(
        f"""create or replace temp table standing as
          with classes as (select id, found, hash({", ".join(_visible(step))}) as class from left_over)
          from classes where class in (select class from classes group by class having count(*) >= {K})"""
    )
    con.execute("create or replace temp table told as select f.id, fact, class from facts f join standing using (id)")
    while True:
        con.execute(
            f"""create or replace temp table few as select distinct id from told join
              (select fact, class from told group by fact, class having count(*) < {K}) using (fact, class)"""
        )
        if not con.execute("select count(*) from few").fetchall()[0][0]:
            return
        for name in ("told", "standing"):
            con.execute(f"delete from {name} where id in (select id from few)")


def drop_steps(con: duckdb.DuckDBPyConnection) -> None:
    """Leaves nothing of it in the connection."""
    for name in _TEMPORARY:
        con.execute(f"drop table if exists temp.{name}")
