"""What a decision about a row rests on: who the person is, where and in which family, and what the findings read.

Both as the extract says it and as the register does; dates of typing (TGL_ENTRI, TGL_UBAH) say nothing about a person.
Besides: the findings themselves, where the extract's rows of the same person live, the records that may be the same
person, the record that is proposed inactive, and what stood in the way of ending the row by the office's own data. A
row that answers a case rests on what was found about the case's own row: its batch holds the answered rows alone.
"""

import duckdb

from expectations.columns import STORED
from expectations.matching import BAND_WORDS, MATCH, POSSIBLE
from expectations.rules import RULES, Severity
from tasks.resolve.decisions import decided

RECEIVED, HELD = "berkas", "kantor"  # sides
ELEMENTS = tuple(name for name in STORED if name not in {"tgl_entri", "tgl_ubah", "kec_name", "kel_name"})
IDENTITY = ("nik", "nik_ktpel", "nama_lgkp", "jenis_klmin", "tmpt_lhr", "tgl_lhr", "nik_ibu", "nama_lgkp_ibu",
            "nik_ayah", "nama_lgkp_ayah", "stat_hidup", "flag_status")  # fmt: skip
PLACE = ("alamat", "no_rt", "no_rw", "no_prop", "no_kab", "no_kec", "no_kel")
FAMILY = ("no_kk", "stat_hbkel", "stat_kwn")
ALWAYS = (*IDENTITY, *PLACE, *FAMILY)
COPY = "GND-02"  # an identical row brings nothing to judge: the first is worked on
JUDGED = tuple(rule.code for rule in RULES if rule.severity is not Severity.INFO and rule.code != COPY)
SHAPE = (
    f'{{"{RECEIVED}": "MAP(VARCHAR, VARCHAR)", "{HELD}": "MAP(VARCHAR, VARCHAR)", '
    '"pasangan": ["VARCHAR"], "sasaran": "BIGINT", "catatan": ["VARCHAR"], "hambatan": "VARCHAR"}'
)
# Ways of a proposal (propose.outcomes) on which the office's own data can not end a row -> what stands in the way.
OBSTACLES = {
    "luar": "domisili di luar kota",
    "pasangan luar": "catatan lain orang ini berdomisili di luar kota",
    "satu NIK": "satu NIK pada dua orang",
    "dua KK": "satu NIK pada dua KK",
    "biometrik": "hanya biometrik yang dapat menentukan",
}
# Column -> the rules of JUDGED that read it; every code reads ALWAYS.
READ_BY = tuple(
    (rule.code, name) for rule in RULES if rule.code in JUDGED for name in {*rule.columns, *ALWAYS} if name in ELEMENTS
)


def _value(side: str, name: str) -> str:
    """SQL: the value as text; a birth date that no reading was sure of is told as it came."""
    if (side, name) == ("r", "tgl_lhr"):
        return "coalesce(r.tgl_lhr::varchar, r.tgl_lhr_raw)"
    return f"{side}.{name}::varchar"


def _all(side: str, word: str) -> str:
    """SQL: row_id, side and every element's value as a map: one row a person, for a map takes no sorting."""
    return f"""select row_id, '{word}' as side, map({list(ELEMENTS)},
      [{", ".join(_value(side, name) for name in ELEMENTS)}]) as said"""


_SAID = f"""
create or replace temp table facts_said as
{_all("r", RECEIVED)} from asked join extract_rows r using (row_id) where r.agenda = getvariable('agenda')
union all
{_all("p", HELD)} from asked join identities i using (row_id) join penduduk p using (resident_id)
where i.agenda = getvariable('agenda')
"""

# Where each row was judged: of an answer to a case, where the case was opened.
_JUDGED = """
create or replace temp table judged_rows as
select a.row_id, coalesce(c.case_agenda, getvariable('agenda')) as at_agenda, coalesce(c.case_row, a.row_id) as at_row
from asked a left join case_answers c on c.agenda = getvariable('agenda') and c.row_id = a.row_id
"""

_CODES = f"""
create or replace temp table facts_codes as
select j.row_id, coalesce(list(distinct f.code order by f.code) filter (f.code in {JUDGED}), []) as codes
from judged_rows j left join findings f on f.agenda = j.at_agenda and f.row_id = j.at_row group by j.row_id
"""

# Region and family of every row that the extract holds of the same person.
_RECORDS = """
create or replace temp table facts_records as
select j.row_id, list(distinct told order by told) as records
from judged_rows j join subjects s on s.agenda = j.at_agenda and s.row_id = j.at_row
join (select s.agenda, s.subject, upper(concat_ws(' ', coalesce(nz(no_prop), '') || coalesce(nz(no_kab), ''),
    'KK ' || nz(no_kk))) as told from subjects s join extract_rows r using (agenda, row_id)
    where s.agenda in (select at_agenda from judged_rows)) o
  on o.agenda = s.agenda and o.subject = s.subject
group by j.row_id
"""

# The other record is named by its subject, so that it is the same one in the next extract. Pairs that people decided
# in an earlier batch are no open question.
_PARTNERS = f"""
create or replace temp table facts_partners as
with shown as (
  select agenda, left_id, right_id, band from pairs where agenda in (select at_agenda from judged_rows)
    and band in {(BAND_WORDS[MATCH], BAND_WORDS[POSSIBLE])}
    and (agenda, left_id, right_id) not in (from facts_decided)),
sides as (select agenda, left_id as record_id, right_id as other, band from shown
          union all select agenda, right_id, left_id, band from shown),
named as (
  select d.agenda, d.record_id, if(d.other[1] = 'P', d.other, s.subject) || ' ' || d.band as partner
  from sides d left join subjects s on s.agenda = d.agenda and d.other = 'B' || s.row_id)
select j.row_id, list(distinct partner order by partner) as partners
from judged_rows j join identities i on i.agenda = j.at_agenda and i.row_id = j.at_row
join named n on n.agenda = i.agenda and n.record_id = i.record_id group by j.row_id
"""


def collect(con: duckdb.DuckDBPyConnection, agenda: str, rows: str) -> None:
    """Temp tables of the rows that the query ``rows`` names (row_id), as file and register are now.

    facts_said (row_id, side RECEIVED or HELD, said: map of ELEMENTS to texts); facts_codes (row_id, codes of
    JUDGED, sorted); facts_records (row_id, records: 'region KK number' of the person's rows, sorted); facts_partners
    (row_id, partners: 'subject band' of open pairs; no line without any); facts_obstacles (row_id, obstacle: a key of
    OBSTACLES, by the newest proposal; no line without any); facts_read (code, element).
    """
    con.execute("set variable agenda = ?", [agenda])
    con.execute(f"create or replace temp table asked as select distinct row_id from ({rows})")
    con.execute(_JUDGED)
    _settled(con)
    for query in (_SAID, _CODES, _RECORDS, _PARTNERS):
        con.execute(query)
    con.execute("""create or replace temp table facts_obstacles as
        select j.row_id, o.obstacle from judged_rows j join obstacles o on o.agenda = j.at_agenda
          and o.row_id = j.at_row""")
    codes, elements = zip(*READ_BY, strict=True)
    con.execute(
        "create or replace temp table facts_read as select unnest($codes) as code, unnest($elements) as element",
        {"codes": list(codes), "elements": list(elements)},
    )


def _settled(con: duckdb.DuckDBPyConnection) -> None:
    """Temp table facts_decided (agenda, left_id, right_id): pairs that people had decided before."""
    con.execute("create or replace temp table facts_decided (agenda varchar, left_id varchar, right_id varchar)")
    for (agenda,) in con.execute("select distinct at_agenda from judged_rows order by 1").fetchall():
        con.register("settled", decided(con, agenda).select("left_id", "right_id").to_arrow())
        con.execute("insert into facts_decided select ?, left_id, right_id from settled", [agenda])
        con.unregister("settled")


def note_obstacles(con: duckdb.DuckDBPyConnection, agenda: str) -> None:
    """Keeps in ``obstacles`` on which ways temp table ``proposed`` could not end rows; the newest proposal's stand."""
    con.execute("delete from obstacles where agenda = ?", [agenda])
    con.execute(f"insert into obstacles select ?, row_id, way from proposed where way in {tuple(OBSTACLES)}", [agenda])


def forget(con: duckdb.DuckDBPyConnection) -> None:
    """Drops what ``collect`` made: personal values leave the session."""
    made = ("decided", "said", "codes", "records", "partners", "obstacles", "read")
    for table in ("asked", "judged_rows", *(f"facts_{name}" for name in made)):
        con.execute(f"drop table if exists temp.main.{table}")
