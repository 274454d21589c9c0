"""Everybody the copy is about: residents of the register, and those whom only received rows tell of."""

import duckdb

from expectations.codes import CITY, labels

_SEXES = str(tuple(labels("jenis_klmin")))

# What a record says of its person. Coded columns keep codes alone: in a file whose columns slipped they hold names.
# A place outside the city has no code here: 01/2001 of another regency would be read as ours.
_TRAITS = f"""year(tgl_lhr)::integer as birth_year, if(jenis_klmin in {_SEXES}, jenis_klmin, null) as jenis_klmin,
  if(no_prop || no_kab = '{CITY}', code_only(no_kec), null) as no_kec,
  if(no_prop || no_kab = '{CITY}', code_only(no_kel), null) as no_kel,
  coalesce(no_prop || no_kab <> '{CITY}', false) as luar_kota"""
_NEWEST = ", ".join(
    f"arg_max_null({name}, (agenda, row_id)) as {name}"
    for name in ("birth_year", "jenis_klmin", "no_kec", "no_kel", "luar_kota")
)

# The register's word on its residents, else the newest received row's. The regions that are asked about somebody are a
# trait as well: a cousin elsewhere knows of them.
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
  select subject, false as resident, {_NEWEST} from received
  where subject not in (select subject from register) group by subject),
asked as (
  select subject, string_agg(distinct region, ' ' order by region) as daerah from shown_cases where region <> ''
  group by subject),
everybody as (select * from register union all by name select * from unknown)
select row_number() over () as id, e.*, (birth_year // 10) * 10 as birth_decade, daerah
from everybody e left join asked using (subject)"""
_TEMPORARY = ("shown_cases", "people")


def make_people(con: duckdb.DuckDBPyConnection) -> None:
    """Temp tables ``shown_cases`` (the view ``cases``, read once) and ``people``: id, subject, resident, all traits."""
    drop_people(con)
    con.execute("create temp table shown_cases as select * from cases")
    con.execute(_PEOPLE)


def drop_people(con: duckdb.DuckDBPyConnection) -> None:
    """Leaves nothing of it in the connection."""
    for name in _TEMPORARY:
        con.execute(f"drop table if exists temp.{name}")
