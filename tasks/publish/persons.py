"""Who the copy is about: one pseudonym and one set of traits per person, the same in every table.

Pseudonyms are keyed, because the space of NIKs can be enumerated. Tables can be joined by them, so a trait that one
table hid and another showed would be shown: traits are hidden per person, among the people of the very same tables.
"""

import duckdb

from expectations.codes import CITY, labels
from expectations.published import LADDER, K

# HMAC in two nested hashes (RFC 2104 without padding): DuckDB has no hmac function.
PSEUDONYM = "left(sha256($key || sha256($key || {value})), 16)"

# Tables that show a person's traits, and who is in them: as inside and as outside the city where a row says so.
_MEMBERS = f"""
with rows as (
  select s.agenda, s.row_id, s.subject, if(coalesce(r.no_prop || r.no_kab <> '{CITY}', false), 2, 1) as side
  from subjects s join extract_rows r using (agenda, row_id))
select subject, bit_or(bit) as tables from (
  select subject, side as bit from rows semi join outcomes using (agenda, row_id)
  union all select subject, side * 4 from rows semi join findings using (agenda, row_id)
  union all select subject, 16 from cases
  union all select subject, 32 from finding_states)
group by subject"""

_SEXES = str(tuple(labels("jenis_klmin")))

# What a record says of its person. Coded columns keep codes alone: in a file whose columns slipped they hold names.
# A place outside the city has no code here: 01/2001 of another regency would be read as ours.
_TRAITS = f"""year(tgl_lhr)::integer as birth_year, if(jenis_klmin in {_SEXES}, jenis_klmin, null) as jenis_klmin,
  if(no_prop || no_kab = '{CITY}', code_only(no_kec), null) as no_kec,
  if(no_prop || no_kab = '{CITY}', code_only(no_kel), null) as no_kel"""

# The register's word on its residents, else the newest received row's.
_PEOPLE = f"""
create temp table people as
with register as (
  select 'P' || resident_id as subject, true as resident, {_TRAITS}, code_only(stat_kwn) as stat_kwn,
    code_only(stat_hbkel) as stat_hbkel, code_only(pddk_akh) as pddk_akh, code_only(jenis_pkrjn) as jenis_pkrjn,
    if(ektp_status in {tuple(labels("ektp_status"))}, ektp_status, null) as ektp_status, usulan
  from penduduk),
received as (
  select s.subject, s.agenda, s.row_id, {_TRAITS} from subjects s join extract_rows r using (agenda, row_id)),
unknown as (
  select subject, false as resident, {{newest}} from received
  where subject not in (select subject from register) group by subject),
everybody as (select * from register union all by name select * from unknown)
select e.*, (birth_year // 10) * 10 as birth_decade, coalesce(m.tables, 0) as tables
from everybody e left join members m using (subject)"""
_OF_A_ROW = ("birth_year", "jenis_klmin", "no_kec", "no_kel")
_NEWEST = ", ".join(f"arg_max_null({name}, (agenda, row_id)) as {name}" for name in _OF_A_ROW)

ALL_TRAITS = tuple(trait for hidden in LADDER for trait in hidden)
TEMPORARY = ("members", "people", "steps_down", "persons")


def make_persons(con: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Fills temp table ``persons``: subject, orang (pseudonym), resident, ektp_status, usulan and the traits to show.

    ``key``: the office's pseudonym key. Traits are hidden down the LADDER until at least K people who are in the same
    tables share them (k-anonymity by local suppression, Samarati & Sweeney 1998); on its last step nothing is left.
    """
    drop_persons(con)
    con.execute(f"create temp table members as {_MEMBERS}")
    con.execute(_PEOPLE.format(newest=_NEWEST))
    _step_down(con)
    shown = ", ".join(
        f"if(step < {step}, {trait}, null) as {trait}" for step, hidden in enumerate(LADDER) for trait in hidden
    )
    con.execute(
        f"""create temp table persons as select subject, {PSEUDONYM.format(value="subject")} as orang, resident,
          ektp_status, usulan, {shown} from people p join steps_down s on s.id = p.rowid""",
        {"key": key.hex()},
    )


def _step_down(con: duckdb.DuckDBPyConnection) -> None:
    """Temp table ``steps_down``: id (rowid in people), step of the ladder on which the person stands."""
    last = len(LADDER) - 1
    classes = [
        "hash({})".format(", ".join(("resident", "tables", *_visible(step)))) + f" as class_{step}"
        for step in range(last)
    ]
    con.execute(f"create or replace temp table alone_0 as select rowid as id, {', '.join(classes)} from people")
    for step in range(last):
        con.execute(
            f"""create or replace temp table alone_{step + 1} as select * from alone_{step} where class_{step} in
              (select class_{step} from alone_{step} group by class_{step} having count(*) < {K})"""
        )
    met = " union all ".join(f"select id, {step} as step from alone_{step}" for step in range(last + 1))
    con.execute(f"create temp table steps_down as select id, max(step) as step from ({met}) group by id")
    for step in range(last + 1):
        con.execute(f"drop table temp.alone_{step}")


def _visible(step: int) -> tuple[str, ...]:
    hidden = {trait for rung in LADDER[: step + 1] for trait in rung}
    return tuple(trait for trait in ALL_TRAITS if trait not in hidden)


def drop_persons(con: duckdb.DuckDBPyConnection) -> None:
    """Leaves nothing of it in the connection."""
    for name in TEMPORARY:
        con.execute(f"drop table if exists temp.{name}")
