"""One outcome per received row, by the handbook's order: place, duplicate, doubt, finding, correction, nothing.

What can not be resolved from the office's own data waits for a person or a document (ditunda); the whole row waits,
so that a person is never half corrected.
"""

import duckdb

from expectations.codes import CITY
from expectations.matching import BAND_WORDS, POSSIBLE, SIMILAR
from expectations.outcomes import PROPOSAL_COLUMN, PROPOSED_INACTIVE, Outcome
from expectations.rules import MODEL_DECIDES, RULES, Resolution, Severity

NIK_CONFIRMED = "NIK di data kantor sah; nama, tanggal lahir dan ibu sama. NIK tidak diubah"


def build_outcomes(con: duckdb.DuckDBPyConnection) -> None:
    """Fills temp table ``proposed``: row_id, resident_id, outcome, basis, cause, needs_person, way. Every row once.

    Needs temp table ``corrections`` and view ``mine`` (see corrections).
    """
    _open_findings(con)
    con.execute(_DUPLICATES)
    con.execute(_PROPOSED)


def _open_findings(con: duckdb.DuckDBPyConnection) -> None:
    """Temp table ``open_findings``: findings that no correction resolves and that a person must look at."""
    blocking = [r for r in RULES if r.severity is not Severity.INFO and r.code not in MODEL_DECIDES]
    con.execute("create or replace temp table rule_corrects (code varchar, element varchar, automatic boolean)")
    con.executemany(
        "insert into rule_corrects values (?, ?, ?)",
        [
            (r.code, e, r.resolution in (Resolution.AUTO_PROPOSE, Resolution.AUTO_FORMAT))
            for r in blocking
            for e in (r.corrects or ("",))
        ],
    )
    # The NIK itself is confirmed, not corrected, when the row was recognised by name, birth date and mother.
    con.execute("""
        create or replace temp table open_findings as
        select distinct f.row_id, f.code
        from findings f join rule_corrects r using (code) join mine m on m.row_id = f.row_id
        left join corrections c on c.row_id = f.row_id and c.element = r.element
        where f.agenda = getvariable('agenda')
          and not (r.automatic and (c.element is not null or (r.element = 'nik' and m.resident_id is not null)))
          and not (f.code = 'ANM-KEL-01' and exists (select 1 from corrections k
                   where k.row_id = f.row_id and k.cause = 'ANM-KEL-07'))
          and not (r.automatic and f.code = 'ANM-KEL-05' and exists (select 1 from corrections k
                   where k.row_id = f.row_id and k.element in ('no_kec', 'no_kel')))""")


_DUPLICATES = f"""
create or replace temp table duplicates as
with members as (select * from clusters where agenda = getvariable('agenda')),
losers_outside as (  -- a register record that loses and was not received itself: its case travels with the winner
  select w.record_id, min(l.record_id) as loser, min(l.basis) as basis
  from members w join members l on w.cluster_id = l.cluster_id and w.survives and not l.survives
  where l.record_id not in (select record_id from mine) group by all),
versions as (
  select row_id, bool_or(no_prop || no_kab <> '{CITY}') over file_person as abroad,
    count(distinct no_kk) over file_person as families, row_number() over (file_person order by row_id) as version
  from mine where nik_real(nik) window file_person as (partition by file_no, record_id)),
named as (select row_id, nik, record_id, name_bare(nama_lgkp) as name from mine where nik_real(nik)),
shared as (  -- one NIK, two people: another record holds it, or one bears another name
  select a.row_id from named a join named b on a.nik = b.nik and a.row_id <> b.row_id
  where a.record_id <> b.record_id
    or (a.name <> '' and b.name <> '' and jaro_winkler_similarity(a.name, b.name) < {SIMILAR})
  union
  select m.row_id from mine m join penduduk p on p.nik = m.nik
  where nik_real(m.nik) and (m.record_id <> 'P' || p.resident_id
    or (nz(m.nama_lgkp) is not null
        and jaro_winkler_similarity(name_bare(m.nama_lgkp), name_bare(p.nama_lgkp)) < {SIMILAR})))
select m.row_id, c.survives, c.cluster_id is not null as in_cluster, c.basis,
  o.loser, o.basis as loser_basis, v.abroad, v.families, v.version,
  m.row_id in (select row_id from shared) as shared
from mine m left join members c using (record_id) left join losers_outside o using (record_id)
left join versions v using (row_id)
"""

_PROPOSED = f"""
create or replace temp table proposed as
with doubtful as (
  select left_id as record_id from pairs where agenda = getvariable('agenda') and band = '{BAND_WORDS[POSSIBLE]}'
  union select right_id from pairs where agenda = getvariable('agenda') and band = '{BAND_WORDS[POSSIBLE]}'),
found as (select row_id, string_agg(code, ' ' order by code) as codes from findings
          where agenda = getvariable('agenda') group by row_id),
waiting as (select row_id, string_agg(code, ' ' order by code) as codes from open_findings group by row_id),
fixed as (select row_id, string_agg(distinct basis, '; ' order by basis) as basis,
            string_agg(distinct cause, ' ' order by cause) as causes, bool_and(by_format) as by_format
          from corrections group by row_id),
judged as (
  select m.row_id, m.resident_id, d.loser, f.codes as found, w.codes as waiting, x.by_format,
    case when m.no_prop || m.no_kab <> '{CITY}' then 'luar'
      when d.abroad or (d.in_cluster and d.survives is null and d.basis like '%luar kota%') then 'pasangan luar'
      when d.shared then 'satu NIK'
      when d.in_cluster and not d.survives then 'kalah'
      when d.in_cluster and d.survives is null then 'biometrik'
      when d.families > 1 then 'dua KK'
      when doubtful.record_id is not null then 'mungkin'
      when w.codes is not null then 'temuan'
      when d.loser is not null then 'menang'
      when d.version > 1 then 'salinan'
      when x.row_id is not null then 'perbaikan' else 'bersih' end as way,
    d.basis as pair_basis, d.loser_basis, x.basis as fix_basis, x.causes
  from mine m join duplicates d using (row_id) left join doubtful using (record_id)
  left join found f using (row_id) left join waiting w using (row_id) left join fixed x using (row_id))
select row_id,
  if(way = 'menang', try_cast(substr(loser, 2) as bigint), resident_id) as resident_id,
  case way when 'luar' then '{Outcome.OTHER_REGION}' when 'pasangan luar' then '{Outcome.OTHER_REGION}'
    when 'kalah' then '{Outcome.DEACTIVATION}' when 'menang' then '{Outcome.DEACTIVATION}'
    when 'perbaikan' then '{Outcome.CORRECTED}' when 'bersih' then '{Outcome.UNFOUNDED}'
    when 'salinan' then '{Outcome.UNFOUNDED}' else '{Outcome.POSTPONED}' end as outcome,
  case way when 'luar' then 'domisili di luar kota'
    when 'pasangan luar' then 'catatan lain orang ini berdomisili di luar kota'
    when 'kalah' then pair_basis when 'menang' then 'catatan kantor dengan NIK lain: ' || loser_basis
    when 'biometrik' then pair_basis when 'dua KK' then 'satu NIK pada dua KK: tentukan KK yang berlaku'
    when 'satu NIK' then 'satu NIK pada dua orang: biometrik menentukan pemiliknya'
    when 'mungkin' then 'mungkin ganda: periksa kedua catatan' when 'temuan' then 'menunggu dokumen atau verifikasi'
    when 'salinan' then 'salinan baris lain dengan NIK yang sama' when 'perbaikan' then fix_basis
    else if(found is null, 'tidak ada temuan pada baris ini',
            if(contains(found, 'ANM-NIK'), '{NIK_CONFIRMED}', 'temuan hanya informasi')) end as basis,
  case way when 'luar' then 'ANM-WIL-01' when 'pasangan luar' then 'GND-04' when 'kalah' then 'GND-03'
    when 'menang' then 'GND-03' when 'biometrik' then 'GND-03' when 'dua KK' then 'ANM-KEL-08'
    when 'satu NIK' then 'GND-01' when 'mungkin' then 'GND-03' when 'salinan' then 'GND-02' when 'temuan' then waiting
    when 'perbaikan' then causes else coalesce(found, '') end as cause,
  way in ('kalah', 'menang', 'biometrik', 'dua KK', 'satu NIK', 'mungkin', 'temuan')
    or (way = 'perbaikan' and not by_format) as needs_person, way
from judged
"""

# The register's own mark for a record proposed inactive; the Ditjen executes it (handbook 2.1).
PROPOSAL_CHANGES = f"""
insert into corrections
select p.row_id, p.resident_id, '{PROPOSAL_COLUMN}', r.{PROPOSAL_COLUMN}, r.{PROPOSAL_COLUMN}, '{PROPOSED_INACTIVE}',
  p.basis, p.cause, false
from proposed p join penduduk r using (resident_id)
where p.outcome = '{Outcome.DEACTIVATION}' and r.no_prop || r.no_kab = '{CITY}'
  and r.{PROPOSAL_COLUMN} is distinct from '{PROPOSED_INACTIVE}'
"""
