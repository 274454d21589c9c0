"""Whether anybody can be picked out of the copy by what others know of them: asked of the finished file itself."""

import duckdb

from expectations.published import TABLES, K, Table
from tasks.errors import Exit, Problem, UserError

_PERSON = "orang"
_OUTSIDE = "luar_kota"  # tells nothing by itself: half of Indonesia has it in common


def small_groups(con: duckdb.DuckDBPyConnection, table: Table) -> int:
    """Groups of fewer than K people of a table who share all that it, joined with ``penduduk``, tells of their traits.

    People of whom nothing is told are no group: nobody can be looked up by nothing. ``con``: the copy, opened alone.
    """
    register = next(one for one in TABLES if one.name == "penduduk")
    own = [f"t.{trait}" for trait in table.traits]
    joined = "" if table is register else f"left join {register.name} p on p.{_PERSON} = t.{_PERSON}"
    told = own if table is register else own + [f"p.{trait}" for trait in register.traits]
    known = " or ".join(f"{trait} is not null" for trait in told if trait != f"t.{_OUTSIDE}")
    query = f"""select count(*) from (select {", ".join(told)} from {table.name} t {joined} where {known}
      group by {", ".join(told)} having count(distinct t.{_PERSON}) < {K})"""
    alone = f"""select count(*) from (select {", ".join(own)} from {table.name} t
      where {" or ".join(f"{trait} is not null" for trait in own if trait != f"t.{_OUTSIDE}")}
      group by {", ".join(own)} having count(distinct t.{_PERSON}) < {K})"""
    queries = [query] if table is register else [query, alone]
    return sum(int(con.execute(one).fetchall()[0][0]) for one in queries)


def check(con: duckdb.DuckDBPyConnection) -> None:
    """Refuses a copy in which a table shows a group of fewer than K people.

    Raises UserError (OFFICE) with all such tables.
    """
    about_people = [table for table in TABLES if table.traits and not table.is_view]
    found = {table.name: small_groups(con, table) for table in about_people}
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
