"""Who was in what got out: everybody named there, once, with the kelurahan they are told to live in."""

import duckdb
import polars as pl

from tasks.breach.scope import WHOLE, Scope
from tasks.errors import Exit, Problem, UserError
from tasks.steps import find

ADULT = 18  # years; below, data of children: specific (UU 27/2022 art. 4(2)e; age: UU 35/2014 art. 1)
UNKNOWN = "(tidak disebut)"
RECEIVED, OFFICE, MOTHER, FATHER = "berkas yang diterima", "data kantor", "disebut sebagai ibu", "disebut sebagai ayah"

# A person is a NIK with a name: rows that differ in either may be two people, and both are told. Whole batches bring
# the residents that their worksheet and lists show beside the received rows.
_PERSONS = f"""
with wanted as (select unnest($agendas) as agenda, unnest($files) as file_no),
arrived as (
  select r.* from extract_rows r join wanted w on r.agenda = w.agenda and w.file_no in ({WHOLE}, r.file_no)),
beside as (
  select agenda, resident_id from identities
  union select agenda, try_cast(substr(left_id, 2) as bigint) from pairs where starts_with(left_id, 'P')
  union select agenda, try_cast(substr(right_id, 2) as bigint) from pairs where starts_with(right_id, 'P')),
shown as (
  select distinct agenda, resident_id from beside join wanted using (agenda)
  where file_no = {WHOLE} and resident_id is not null),
named as (
  select nik, nama_lgkp as name, tgl_lhr as born, no_prop || no_kab || no_kec || no_kel as code, kel_name as village,
    '{RECEIVED}' as source, agenda from arrived
  union all
  select p.nik, p.nama_lgkp, p.tgl_lhr, p.no_prop || p.no_kab || p.no_kec || p.no_kel, p.kel_name, '{OFFICE}', s.agenda
  from shown s join penduduk p using (resident_id)
  union all
  select nik, nama_lgkp, tgl_lhr, no_prop || no_kab || no_kec || no_kel, kel_name, '{OFFICE}', null from penduduk
  where $register
  union all
  select nik_ibu, nama_lgkp_ibu, null, null, null, '{MOTHER}', agenda from arrived
  union all
  select nik_ayah, nama_lgkp_ayah, null, null, null, '{FATHER}', agenda from arrived
  union all
  select nik_ibu, nama_lgkp_ibu, null, null, null, '{MOTHER}', null from penduduk where $register
  union all
  select nik_ayah, nama_lgkp_ayah, null, null, null, '{FATHER}', null from penduduk where $register),
placed as (
  select coalesce(n.nik, '') as nik, coalesce(n.name, '') as name, n.born, n.source, n.agenda,
    coalesce(k.name, nullif(trim(n.village), '')) as village
  from named n left join memory.main.ref_kelurahan k using (code) where coalesce(n.nik, n.name) is not null)
select nik, name, coalesce(min(upper(village)), '{UNKNOWN}') as village,
  string_agg(distinct source, '; ' order by source) as source,
  coalesce(string_agg(distinct agenda, '; ' order by agenda), '') as agenda,
  coalesce(bool_or(born > $day::date - interval {ADULT} year), false) as child
from placed group by nik, name order by nik, name
"""


def affected(con: duckdb.DuckDBPyConnection, scope: Scope, day: str) -> pl.DataFrame:
    """Everybody in what got out, by NIK and name: String nik, name, village, source, agenda; Boolean child on ``day``.

    Raises UserError (USAGE) for batches that are not loaded yet: nobody can be told who is in them.
    """
    missing = [agenda for agenda in scope.agendas if find(con, agenda, "load") is None]
    if missing:
        allowed, step = "agenda yang sudah dimuat ke store", "jalankan sinkron serve; ulangi sesudah berkasnya dimuat"
        problems = [Problem(f"agenda {agenda}", "belum dimuat", allowed, step) for agenda in missing]
        raise UserError(Exit.USAGE, *problems)
    return con.execute(_PERSONS, _places(scope) | {"register": scope.register, "day": day}).pl()


def unread_lines(con: duckdb.DuckDBPyConnection, scope: Scope) -> int:
    """Lines that no reader could read, or without NIK and name: who they are has to be looked up in the original."""
    query = f"""with wanted as (select unnest($agendas) as agenda, unnest($files) as file_no),
      lines as (select agenda, file_no from rejects union all
        select agenda, file_no from extract_rows where nik is null and nama_lgkp is null)
      select count(*) from lines r join wanted w on r.agenda = w.agenda and w.file_no in ({WHOLE}, r.file_no)"""
    return int(con.execute(query, _places(scope)).fetchall()[0][0])


def by_village(persons: pl.DataFrame) -> pl.DataFrame:
    """Kelurahan and how many: String village, UInt32 len; most first."""
    return persons.group_by("village").len().sort("len", "village", descending=[True, False])


def _places(scope: Scope) -> dict[str, list[object]]:
    return {"agendas": [agenda for agenda, _ in scope.parts], "files": [number for _, number in scope.parts]}
