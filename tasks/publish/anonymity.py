"""Whether anybody can be picked out of the copy by what others know of them: asked of the finished file itself.

Asked apart from how the copy is made: of the file alone, opened as its readers do, by joining its tables.
"""

from collections.abc import Iterator

import duckdb

from expectations.published import HIDDEN, TABLES, K, Table
from tasks.errors import Exit, Problem, UserError

_ABOUT_PEOPLE = tuple(table for table in TABLES if table.people and not table.is_view)
_REGISTER = next(table for table in TABLES if table.name == "penduduk")
_MANY = "daerah"  # a person may have cases in several regions
_TEMPORARY = ("told", "told_elsewhere", "known")


def check(con: duckdb.DuckDBPyConnection) -> None:
    """Refuses a copy in which fewer than K people share all traits that it tells of them anywhere, and one fact.

    ``con``: the copy, opened alone. Raises UserError (OFFICE) with all tables that show such groups.
    """
    try:
        _gather(con)
        found = {table.name: sum(_small_groups(con, table)) for table in _ABOUT_PEOPLE}
    finally:
        for name in _TEMPORARY:
            con.execute(f"drop table if exists temp.{name}")
    problems = [
        Problem(
            f"salinan analis, tabel {name}", f"{groups} kelompok berisi kurang dari {K} orang",
            f"paling sedikit {K} orang dengan ciri yang sama",
            "salinan lama tetap dipakai; laporkan kepada pengelola sistem",
        )
        for name, groups in found.items() if groups
    ]  # fmt: skip
    if problems:
        raise UserError(Exit.OFFICE, *problems)


def _gather(con: duckdb.DuckDBPyConnection) -> None:
    """Temp table ``told``: orang, traits (a number for all that any table tells), and what the register tells besides.

    Nobody of whom nothing is told. A person of whom two things are told is nobody's like: a number of their own.
    """
    others = " union all ".join(
        f"select distinct {table.people[0]} as orang, {_traits_of(table)} from {table.name}"
        for table in _ABOUT_PEOPLE if table is not _REGISTER and set(table.traits) & set(HIDDEN)
    )  # fmt: skip
    once = ", ".join(f"min({trait}) as {trait}" for trait in HIDDEN if trait != _MANY)
    twice = " or ".join(f"min({trait}) <> max({trait})" for trait in HIDDEN if trait != _MANY)
    con.execute(
        f"""create temp table told_elsewhere as select orang, {once}, coalesce({twice}, false) as twice,
          array_to_string(list_sort(list(distinct {_MANY}) filter ({_MANY} is not null)), ' ') as {_MANY}
          from ({others}) group by orang"""
    )
    both = ", ".join(f"coalesce(e.{t}, r.{t}) as {t}" for t in HIDDEN)
    other = " or ".join(f"coalesce(e.{t} <> r.{t}, false)" for t in HIDDEN)
    told = " or ".join(f"{t} is not null" for t in HIDDEN)
    con.execute(
        f"""create temp table told as
          select * exclude (twice), if(twice, hash(orang), hash({", ".join(HIDDEN)})) as traits from (
            select coalesce(r.orang, e.orang) as orang, r.orang is not null as registered, {both},
              {", ".join(_REGISTER.facts)}, coalesce(e.twice, false) or {other} as twice
            from (select orang, {_traits_of(_REGISTER)}, {", ".join(_REGISTER.facts)} from {_REGISTER.name}) r
            full join told_elsewhere e on e.orang = r.orang)
          where {told}"""
    )


def _traits_of(table: Table) -> str:
    kinds = {column.name: column.kind for one in _ABOUT_PEOPLE for column in one.columns}
    held = {t: f"nullif({t}, '')" if t == _MANY else t for t in table.traits}
    return ", ".join(f"{held.get(t, f'null::{kinds[t]}')} as {t}" for t in HIDDEN)


def _small_groups(con: duckdb.DuckDBPyConnection, table: Table) -> Iterator[int]:
    """For the table as such, and for each of its facts: groups of fewer than K people with the same traits."""
    facts = (*table.facts, *table.yielding)
    sides = " union all ".join(
        f"select {', '.join((f'{person} as orang', *facts))} from {table.name}" for person in table.people
    )
    if table is not _REGISTER:
        con.execute(
            f"create or replace temp table known as select k.*, traits from ({sides}) k join told using (orang)"
        )
    known = "told where registered" if table is _REGISTER else "known"
    for fact in (None, *facts):
        keys = "traits" if fact is None else f"traits, {fact}"
        where = f"where {fact} is not null" if fact in table.yielding and table is not _REGISTER else ""
        query = (
            f"select count(*) from (select 1 from {known} {where} group by {keys} having count(distinct orang) < {K})"
        )
        yield int(con.execute(query).fetchall()[0][0])
