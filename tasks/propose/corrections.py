"""Corrections the catalogue lets the system propose: spelling (AUTO_FORMAT) and the register's value (AUTO_PROPOSE).

The register's value is proposed only when the row is that resident beyond the wrong element itself: NIK, name, birth
date and mother agree except for it (handbook 6). A NIK is never proposed: it belongs to the person, not to the list.
"""

import duckdb

from expectations.codes import CITY
from expectations.columns import BY_NAME, DATES
from expectations.outcomes import FORBIDDEN_ELEMENTS
from expectations.rules import RULES, Resolution

REGISTER_BASIS = "data kantor: NIK, nama, tanggal lahir dan ibu selain elemen ini sama"
FORMAT_BASIS = "penulisan baku: huruf besar, spasi tunggal"
PARENT_BASIS = "anggota KK yang sama dengan nama dan jenis kelamin yang cocok"
HEAD_BASIS = "anggota tunggal KK"

_TABLE = """
create or replace temp table corrections (row_id bigint, resident_id bigint, element varchar, before varchar,
  register_value varchar, after varchar, basis varchar, cause varchar, by_format boolean)
"""

_MINE = """
create or replace temp view mine as
select r.*, i.record_id, i.resident_id from extract_rows r join identities i using (agenda, row_id)
where r.agenda = getvariable('agenda')
"""

# The register holds a city, an extract concerns a part of it: each rule below looks at that part alone.
_CONCERNED = (
    "create or replace temp table concerned as from penduduk where resident_id in (select resident_id from mine)",
    "create or replace temp table kin as from penduduk where no_kk in (select no_kk from mine)",
)

# What of a person's identity agrees with the register, per row. The wrong element is left out of its own proof.
_AGREES = {
    "nama_lgkp": "p.nik = m.nik and p.tgl_lhr = m.tgl_lhr and name_key(p.nama_lgkp_ibu) = name_key(m.nama_lgkp_ibu)",
    "": "name_key(p.nama_lgkp) = name_key(m.nama_lgkp) and p.tgl_lhr = m.tgl_lhr "
    "and name_key(p.nama_lgkp_ibu) = name_key(m.nama_lgkp_ibu)",
}


def build_corrections(con: duckdb.DuckDBPyConnection) -> None:
    """Fills temp table ``corrections`` (one line per row and element) for the batch in session variable ``agenda``."""
    con.execute(_TABLE)
    con.execute(_MINE)
    for statement in _CONCERNED:
        con.execute(statement)
    con.execute(_FORMAT)
    for rule in RULES:
        if rule.resolution is Resolution.AUTO_PROPOSE and not rule.code.startswith("ANM-HUB-13"):
            for element in rule.corrects:
                if element not in FORBIDDEN_ELEMENTS and not rule.code.startswith("ANM-KEL-07"):
                    con.execute(_from_register(element, rule.code))
    for parent, sex, roles in (("ibu", "2", "('1', '3')"), ("ayah", "1", "('1', '2')")):
        con.execute(_parent(parent, sex, roles))
    con.execute(_HEAD)
    # One element of one row is corrected once; the register's value includes the spelling.
    con.execute("""create or replace temp table corrections as from corrections
        qualify row_number() over (partition by row_id, element order by by_format, cause) = 1""")


_FORMAT = f"""
insert into corrections
select m.row_id, m.resident_id, 'nama_lgkp', m.nama_lgkp, p.nama_lgkp,
  upper(trim(regexp_replace(m.nama_lgkp, '[ \u00a0\t]+', ' ', 'g'))), '{FORMAT_BASIS}', 'ANM-NAM-11', true
from mine m join findings f on f.agenda = m.agenda and f.row_id = m.row_id and f.code = 'ANM-NAM-11'
left join concerned p on p.resident_id = m.resident_id
"""


def as_text(side: str, element: str) -> str:
    """SQL for a column as text, dates as ISO, so that one change-set column holds every element."""
    column = f"{side}.{element}"
    return f"strftime({column}, '%Y-%m-%d')" if element in DATES else column


def _from_register(element: str, code: str) -> str:
    if element not in BY_NAME:
        raise KeyError(element)
    agrees = _AGREES.get(element, _AGREES[""])
    received, held = as_text("m", element), as_text("p", element)
    return f"""
    insert into corrections
    select m.row_id, m.resident_id, '{element}', {received}, {held}, {held}, '{REGISTER_BASIS}', '{code}', false
    from mine m join findings f on f.agenda = m.agenda and f.row_id = m.row_id and f.code = '{code}'
    join concerned p on p.resident_id = m.resident_id
    where nz({held}) is not null and {held} is distinct from {received}
      and p.no_prop || p.no_kab = '{CITY}' and {agrees}
    """


def _parent(parent: str, sex: str, roles: str) -> str:
    """NIK of the only family member whose name and sex are the parent's (HUB-13)."""
    return f"""
    insert into corrections
    select m.row_id, any_value(m.resident_id), 'nik_{parent}', any_value(m.nik_{parent}), any_value(own.nik_{parent}),
      min(p.nik), '{PARENT_BASIS}', 'ANM-HUB-13', false
    from mine m join findings f on f.agenda = m.agenda and f.row_id = m.row_id and f.code = 'ANM-HUB-13'
    join concerned own on own.resident_id = m.resident_id and own.no_kk = m.no_kk
    join kin p on p.no_kk = m.no_kk and p.jenis_klmin = '{sex}' and p.stat_hbkel in {roles}
      and name_key(p.nama_lgkp) = name_key(m.nama_lgkp_{parent})
    where nz(m.nik_{parent}) is null and nz(own.nik_{parent}) is null and nik_shape(p.nik)
      and m.no_prop || m.no_kab = '{CITY}'
    group by m.row_id having count(distinct p.nik) = 1
    """


_HEAD = f"""
insert into corrections
select m.row_id, m.resident_id, 'stat_hbkel', m.stat_hbkel, p.stat_hbkel, '1', '{HEAD_BASIS}', 'ANM-KEL-07', false
from mine m join findings f on f.agenda = m.agenda and f.row_id = m.row_id and f.code = 'ANM-KEL-07'
join concerned p on p.resident_id = m.resident_id and p.no_kk = m.no_kk
"""
