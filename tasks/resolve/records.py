"""The records to link: who a received row stands for, and one line per register record or unknown record.

A received row with a resident's own NIK, or with a broken NIK and the resident's name, birth date and mother, *is*
that resident's record (handbook 6, AUTO_PROPOSE). Only different records can be duplicates.
"""

import duckdb
import polars as pl

from expectations.matching import SIMILAR

BROKEN_NIK = ("ANM-NIK-01", "ANM-NIK-02", "ANM-NIK-03", "ANM-NIK-04", "ANM-NIK-05", "ANM-NIK-12", "ANM-NIK-13")

_BY_NIK = f"""
insert into identities
select $agenda, r.row_id, 'P' || min(p.resident_id), min(p.resident_id), 'NIK sama; nama atau tanggal lahir sama'
from extract_rows r join penduduk p on p.nik = r.nik
where r.agenda = $agenda and nik_real(r.nik)
  and (p.tgl_lhr = r.tgl_lhr
       or jaro_winkler_similarity(name_key(p.nama_lgkp), name_key(r.nama_lgkp)) >= {SIMILAR})
group by r.row_id having count(*) = 1
"""

_BY_PERSON = f"""
insert into identities
select $agenda, row_id, 'P' || min(resident_id), min(resident_id), 'NIK rusak; nama, tanggal lahir dan ibu sama'
from (select r.row_id, p.resident_id from extract_rows r
      join penduduk p on name_key(p.nama_lgkp) = name_key(r.nama_lgkp) and p.tgl_lhr = r.tgl_lhr
        and name_key(p.nama_lgkp_ibu) = name_key(r.nama_lgkp_ibu)
      where r.agenda = $agenda and nz(r.nama_lgkp) is not null and nz(r.nama_lgkp_ibu) is not null
        and r.row_id in (select row_id from findings where agenda = $agenda and code in {BROKEN_NIK}))
group by row_id having count(*) = 1
"""

# Rows of one unknown NIK and birth date are versions of one record: the first stands for them.
_UNKNOWN = """
insert into identities
select $agenda, row_id, 'B' || min(row_id) over (
         partition by if(nik_real(nik), nik, row_id::varchar), tgl_lhr), null, 'belum ada di data kantor'
from extract_rows anti join (select row_id from identities where agenda = $agenda) using (row_id)
where agenda = $agenda
"""

_RECORDS = """
with mine as (select * from extract_rows where agenda = $agenda),
latest as (  -- the centre's newest word on the recording of a known resident
  select i.resident_id, max_by(m.ektp_status, m.row_id) as ektp_status
  from identities i join mine m using (row_id) where i.agenda = $agenda group by all)
select 'P' || p.resident_id as record_id, l.resident_id is not null as received, p.nik, p.no_kk, p.nama_lgkp,
  p.jenis_klmin, p.tmpt_lhr, p.tgl_lhr::varchar as tgl_lhr, p.nama_lgkp_ibu, p.nama_lgkp_ayah, p.alamat,
  coalesce(l.ektp_status, p.ektp_status) as ektp_status, p.no_prop || p.no_kab as city, p.tgl_entri
from penduduk p left join latest l using (resident_id)
union all
select i.record_id, true, nik, no_kk, nama_lgkp, jenis_klmin, tmpt_lhr, tgl_lhr::varchar, nama_lgkp_ibu, nama_lgkp_ayah,
  alamat, ektp_status, no_prop || no_kab, tgl_entri
from mine join identities i using (row_id) where i.agenda = $agenda and i.record_id = 'B' || row_id
order by record_id
"""


def identify(con: duckdb.DuckDBPyConnection, agenda: str) -> int:
    """Writes ``identities`` of a batch; returns how many rows stand for a resident of the register."""
    con.execute("delete from identities where agenda = ?", [agenda])
    con.execute(_BY_NIK, {"agenda": agenda})
    con.execute(_BY_PERSON, {"agenda": agenda})
    con.execute(_UNKNOWN, {"agenda": agenda})
    found = con.execute("select count(resident_id) from identities where agenda = ?", [agenda]).fetchall()
    return int(found[0][0])


def records(con: duckdb.DuckDBPyConnection, agenda: str) -> pl.DataFrame:
    """One line per record: ``record_id`` (P = register, B = received and unknown), ``received``, and its fields.

    Texts are as stored: linking cleans them. ``tgl_lhr`` is text (yyyy-mm-dd). Ordered by record_id.
    """
    con.execute("set variable linked = ?", [agenda])
    return con.sql(_RECORDS.replace("$agenda", "getvariable('linked')")).pl()
