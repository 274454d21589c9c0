"""Who a received row is about, so that it is known again in later extracts."""

import duckdb

# A record without a real NIK and birth date is known again only by all that it says of the person.
_SUBJECTS = """
insert into subjects
select r.agenda, r.row_id, case when s.subject is not null then s.subject
  when i.resident_id is not null then 'P' || i.resident_id
  when nik_real(r.nik) and r.tgl_lhr is not null then 'N' || r.nik || '/' || r.tgl_lhr
  else 'H' || left(sha256(concat_ws(chr(31), coalesce(r.nik, ''), coalesce(r.nama_lgkp, ''),
    coalesce(r.tgl_lhr_raw, ''), coalesce(r.nama_lgkp_ibu, ''), coalesce(r.no_kk, ''), coalesce(r.alamat, ''))), 32) end
from extract_rows r join identities i using (agenda, row_id) left join case_answers c using (agenda, row_id)
left join subjects s on s.agenda = c.case_agenda and s.row_id = c.case_row where r.agenda = ?
"""


def name_subjects(con: duckdb.DuckDBPyConnection, agenda: str) -> None:
    """Fills ``subjects`` of a batch, one per received row; needs ``identities``, inside the caller's transaction.

    'P<resident_id>' for a resident of the register, 'N<nik>/<birth date>' for a real NIK unknown to it, else 'H' and
    32 hex digits of what the row says. A row that answers a case is about that case's subject, whatever the register
    has learned since.
    """
    con.execute(_SUBJECTS, [agenda])
