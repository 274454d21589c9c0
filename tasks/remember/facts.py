"""What a decision about a row rests on: who the person is, where and in which family, and what the findings read.

Both as the extract says it and as the register does; dates of typing (TGL_ENTRI, TGL_UBAH) say nothing about a person.
Besides: the findings themselves, the records that may be the same person, and the record that is proposed inactive.
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
    '"pasangan": ["VARCHAR"], "sasaran": "BIGINT"}'
)
# Column -> the rules of JUDGED that read it; every code reads ALWAYS.
READ_BY = tuple(
    (rule.code, name) for rule in RULES if rule.code in JUDGED for name in {*rule.columns, *ALWAYS} if name in ELEMENTS
)


def _value(side: str, name: str) -> str:
    """SQL: the value as text; a birth date that no reading was sure of is told as it came."""
    if (side, name) == ("r", "tgl_lhr"):
        return "coalesce(r.tgl_lhr::varchar, r.tgl_lhr_raw)"
    return f"{side}.{name}::varchar"


def _long(side: str, word: str) -> str:
    entries = ", ".join(f"{{'element': '{name}', 'value': {_value(side, name)}}}" for name in ELEMENTS)
    return f"select row_id, '{word}' as side, unnest([{entries}], recursive := true)"


_SAID = f"""
create or replace temp table facts_said as
{_long("r", RECEIVED)} from asked join extract_rows r using (row_id) where r.agenda = getvariable('agenda')
union all
{_long("p", HELD)} from asked join identities i using (row_id) join penduduk p using (resident_id)
where i.agenda = getvariable('agenda')
"""

_CODES = f"""
create or replace temp table facts_codes as
select row_id, coalesce(list(distinct f.code order by f.code) filter (f.code in {JUDGED}), []) as codes
from asked left join (select * from findings where agenda = getvariable('agenda')) f using (row_id) group by row_id
"""

# The other record is named by its subject, so that it is the same one in the next extract. Pairs that people decided
# in an earlier batch are no open question.
_PARTNERS = f"""
create or replace temp table facts_partners as
with shown as (
  select left_id, right_id, band from pairs where agenda = getvariable('agenda')
    and band in {(BAND_WORDS[MATCH], BAND_WORDS[POSSIBLE])} and (left_id, right_id) not in (from facts_decided)),
sides as (select left_id as record_id, right_id as other, band from shown
          union all select right_id, left_id, band from shown),
named as (
  select d.record_id, if(d.other[1] = 'P', d.other, s.subject) || ' ' || d.band as partner
  from sides d left join subjects s on s.agenda = getvariable('agenda') and d.other = 'B' || s.row_id)
select row_id, list(distinct partner order by partner) as partners
from asked join identities i using (row_id) join named using (record_id)
where i.agenda = getvariable('agenda') group by row_id
"""


def collect(con: duckdb.DuckDBPyConnection, agenda: str, rows: str) -> None:
    """Temp tables of the rows that the query ``rows`` names (row_id), as file and register are now.

    facts_said (row_id, side RECEIVED or HELD, element, value: all of ELEMENTS as text); facts_codes (row_id, codes of
    JUDGED, sorted); facts_partners (row_id, partners: 'subject band' of open pairs; no line without any); facts_read
    (code, element).
    """
    con.execute("set variable agenda = ?", [agenda])
    con.execute(f"create or replace temp table asked as select distinct row_id from ({rows})")
    settled = decided(con, agenda).select("left_id", "right_id")
    con.register("settled", settled.to_arrow())
    con.execute("create or replace temp table facts_decided as from settled")
    con.unregister("settled")
    con.execute(_SAID)
    con.execute(_CODES)
    con.execute(_PARTNERS)
    codes, elements = zip(*READ_BY, strict=True)
    con.execute(
        "create or replace temp table facts_read as select unnest($codes) as code, unnest($elements) as element",
        {"codes": list(codes), "elements": list(elements)},
    )


def forget(con: duckdb.DuckDBPyConnection) -> None:
    """Drops what ``collect`` made: personal values leave the session."""
    for table in ("asked", "facts_decided", "facts_said", "facts_codes", "facts_partners", "facts_read"):
        con.execute(f"drop table if exists temp.main.{table}")
