"""Who a received row is about, so that it is known again in later extracts.

A NIK alone does not tell: two people may bear one (GND-01). Two records of one NIK are one person here when their names
are alike (as for finding the resident, ``expectations.matching``), or when they share the birth date and nothing else
speaks against it: the mothers' names differ in two letters at most (Damerau 1964; mothers who share a surname are alike
by Jaro-Winkler) and the sexes do not differ, or a name is missing. So one who is misspelt, or whose birth date the
centre corrects, stays the same subject; a new name under an unlike mother is somebody else, and so is whoever bears
another NIK. A resident is whom the register tells of, and whom the rows of the resident tell of, here and in the other
extracts. The error left: twins of one sex who share a NIK are one subject.
"""

import duckdb

from expectations.matching import SIMILAR

CROWD = 20  # a NIK under which an extract holds more different people than this is nobody's

SLIPS = 2  # letters
_UNNAMED = "one.{0} = '' or other.{0} = ''"
_SAME_NAME = f"not ({_UNNAMED.format('name')}) and jaro_winkler_similarity(one.name, other.name) >= {SIMILAR}"
_SAME = f"""({_SAME_NAME} or one.born is not distinct from other.born and ({_UNNAMED.format("name")}
  or not ({_UNNAMED.format("mother")}) and damerau_levenshtein(one.mother, other.mother) <= {SLIPS}
    and coalesce(one.sex = other.sex, true)))"""


def _person(side: str) -> str:
    """SQL: what tells two people of one NIK apart."""
    return f"""{side}.nik, {side}.tgl_lhr as born, name_bare({side}.nama_lgkp) as name,
  name_bare({side}.nama_lgkp_ibu) as mother, nz({side}.jenis_klmin) as sex"""


# said: what a record without a person's NIK is known by; who says too little is known by the row alone.
_ROWS = f"""
create or replace temp table to_name as
with here as (
  select r.row_id, {_person("r")}, i.resident_id, coalesce(s.subject, '') as asked, concat_ws(chr(31),
      if(name_key(r.nama_lgkp) = '' or coalesce(ident(r.nik), nz(r.tgl_lhr_raw), nz(r.nama_lgkp_ibu), ident(r.no_kk))
        is null, r.agenda || ' ' || r.row_id, ''),
      coalesce(ident(r.nik), ''), name_key(r.nama_lgkp), coalesce(nz(r.tgl_lhr_raw), ''), name_key(r.nama_lgkp_ibu),
      coalesce(ident(r.no_kk), ''), coalesce(upper(nz(r.alamat)), '')) as said
  from extract_rows r join identities i using (agenda, row_id)
  left join case_answers c using (agenda, row_id)
  left join subjects s on s.agenda = c.case_agenda and s.row_id = c.case_row where r.agenda = $agenda),
register as (select p.resident_id, {_person("p")} from penduduk p
             where p.resident_id in (select resident_id from here)),
known as (select one.row_id from here one join register other using (resident_id)
          where one.nik is distinct from other.nik or {_SAME})
select *, row_id in (from known) as is_resident from here
"""

# The different people that rows of an unknown NIK, or of a resident's but not of the resident, tell of. n: their order.
_FORMS = f"""
create or replace temp table forms as
with told as (select nik, born, name, mother, sex, min(row_id) as n from to_name
              where asked = '' and not is_resident and nik_real(nik) group by all)
select *, n as leader from told where nik in (select nik from told group by nik having count(*) <= {CROWD})
"""

_ALIKE_FORMS = f"""
create or replace temp table alike_forms as
select one.n, other.n as m from forms one join forms other using (nik) where one.n <> other.n and {_SAME}
"""

# Whoever is alike, directly or through others, gets the first one's number.
_LEAD = """
update forms set leader = least(forms.leader, l.lowest)
from (select a.n, min(f.leader) as lowest from alike_forms a join forms f on f.n = a.m group by a.n) l
where l.n = forms.n and l.lowest < forms.leader
"""

# The rows that told of a resident tell what the register does not: the mother or birth date by which the centre knows.
_NAMED = f"""
create or replace temp table named as
with told as (  -- mostly the same in every extract
  select distinct subject, nik, tgl_lhr, nama_lgkp, nama_lgkp_ibu, jenis_klmin
  from subjects s join extract_rows r using (agenda, row_id)
  where s.agenda <> $agenda and r.nik in (select nik from forms)),
before as (
  select subject, {_person("told")} from told
  union
  select 'P' || resident_id, nik, born, name, mother, sex from to_name
  where asked = '' and is_resident and nik in (select nik from forms)),
again as (
  select one.leader, other.subject, max(jaro_winkler_similarity(one.name, other.name)) as likeness
  from forms one join before other using (nik) where {_SAME} group by one.leader, other.subject
  qualify row_number() over (partition by one.leader order by likeness desc, subject) = 1),
new as (
  select leader, name, 'N' || nik || '/' || coalesce(born::varchar, '') as plain from forms
  where n = leader and leader not in (select leader from again)),
numbered as (
  select *, row_number() over (partition by plain order by leader) = 1
    and plain not in (select subject from before) as is_first from new)
select leader, subject from again
union all select leader, if(is_first, plain, plain || '/' || left(sha256(name), 8)) from numbered
"""

_SUBJECTS = """
insert into subjects
select $agenda, t.row_id, case when t.asked <> '' then t.asked when t.is_resident then 'P' || t.resident_id
  when d.subject is not null then d.subject else 'H' || left(sha256(t.said), 32) end
from to_name t left join forms f on f.nik = if(t.is_resident, null, t.nik) and f.born is not distinct from t.born
    and f.name = t.name and f.mother = t.mother and f.sex is not distinct from t.sex
  left join named d using (leader)
"""


def name_subjects(con: duckdb.DuckDBPyConnection, agenda: str) -> None:
    """Fills ``subjects`` of a batch, one per received row; needs ``identities``, inside the caller's transaction.

    'P<resident_id>' for the resident the row stands for, unless it tells of somebody else under the resident's NIK than
    the register and the resident's other rows do;
    'N<nik>/<birth date>' for another real NIK, as it was first received ('/' and 8 hex digits more for a second person
    of both); else 'H' and 32 hex digits of what the row says, of the row alone where that is no person's name and one
    thing more. A row that answers a case is about that case's subject, whatever the register has learned since.
    """
    about = {"agenda": agenda}
    con.execute(_ROWS, about)
    con.execute(_FORMS)
    con.execute(_ALIKE_FORMS)
    while con.execute(_LEAD).fetchall()[0][0]:
        pass
    con.execute(_NAMED, about)
    con.execute(_SUBJECTS, about)
    for table in ("to_name", "forms", "alike_forms", "named"):
        con.execute(f"drop table temp.main.{table}")  # personal values leave the session
