"""What the dashboard asks of the sums (``tasks.dashboard.sums``), by section. Filters are values, never text."""

from expectations.cases import CENTRE_DAYS
from expectations.matching import BANDS
from tasks.dashboard.sums import OUTSIDE

# Conditions of the four filters; a source names those it knows.
_DISTRICT = "($district = '' or no_kec = $district)"
_PLACE = f"{_DISTRICT} and ($village = '' or no_kec || no_kel = $village)"
_RULE, _AGENDA = "($rule = '' or code = $rule)", "($agenda = '' or agenda = $agenda)"
# What is open now, or with an agenda chosen: what was open in that extract.
_OPEN = f"""(select code, sejak_pada, no_kec, no_kel, n from terbuka where $agenda = ''
  union all select code, sejak_pada, no_kec, no_kel, n from terbuka_agenda where agenda = $agenda)
  where {_PLACE} and {_RULE}"""
_DAY = "(select cast(diterbitkan_pada as date) from terbitan)"

# Every row is counted three times: in its kelurahan (or in the line of those that are told in none), in its kecamatan
# and in the whole. The median of counted ages is the mean of the two in the middle, as DuckDB's of the single rows.
_AT = "level, if(level = 'semua', '', no_kec) as kec, if(level = 'kelurahan', no_kel, '') as kel"
_LEVELS = "(values ('kelurahan'), ('kecamatan'), ('semua')) levels(level)"
PLACES = f"""
with aged as (select {_AT}, {_DAY} - sejak_pada as age, sum(n) as n from (select * from {_OPEN}), {_LEVELS}
  group by all),
total as (select *, sum(n) over (partition by level, kec, kel order by age) as upto,
    sum(n) over (partition by level, kec, kel) as of_all from aged),
opened as (select level, kec, kel, cast(sum(n) as bigint) as n, max(age) as oldest,
    (min(age) filter (upto > (of_all - 1) // 2) + min(age) filter (upto > of_all // 2)) / 2 as median
  from total group by all),
found as (select {_AT}, cast(sum(n) as bigint) as n from temuan, {_LEVELS} where {_PLACE} and {_RULE} and {_AGENDA}
  group by all),
waiting as (select {_AT}, cast(sum(n) as bigint) as n,
    cast(coalesce(sum(n) filter (tenggat < {_DAY}), 0) as bigint) as overdue from kasus, {_LEVELS}
  where {_PLACE} and {_AGENDA} group by all),
districts as (select distinct no_kec, kecamatan from wilayah where {_DISTRICT}),
shown as (
  select 'kelurahan' as line, 'kelurahan' as level, no_kec as kec, no_kel as kel, kecamatan, kelurahan from wilayah
    where {_PLACE}
  union all select 'disamarkan', 'kelurahan', no_kec, '', kecamatan, '' from districts where $village = ''
  union all select 'kecamatan', 'kecamatan', no_kec, '', kecamatan, '' from districts where $village = ''
  union all select line, 'kelurahan', kec, '', '', '' from (values ('luar kota', '{OUTSIDE}'), ('tanpa wilayah', ''))
    beyond(line, kec) where $village = '' and $district = ''
  union all select 'semua', 'semua', '', '', '', '')
select line, kec, kel, kecamatan, kelurahan, coalesce(f.n, 0), coalesce(o.n, 0), o.median, o.oldest, coalesce(w.n, 0),
  coalesce(w.overdue, 0)
from shown left join found f using (level, kec, kel) left join opened o using (level, kec, kel)
left join waiting w using (level, kec, kel)
order by list_position(['luar kota', 'tanpa wilayah', 'semua'], line) nulls first, kec, line = 'kecamatan', kel = '',
  kel
"""
# Full: a finding is counted whether or not the copy names its rule here; of the whole city it names all.
RULES = f"""
with found as (select code, cast(sum(n) as bigint) as n from temuan where {_PLACE} and {_RULE} and {_AGENDA}
  group by code),
opened as (select code, cast(sum(n) as bigint) as n from {_OPEN} group by code),
city as (select code, cast(sum(n) as bigint) as n from temuan_aturan where {_RULE} and {_AGENDA} group by code)
select code, coalesce(title, 'aturan yang disamarkan'), coalesce(severity, ''), coalesce(f.n, 0),
  coalesce(o.n, 0), c.n, ketepatan
from aturan full join found f using (code) full join opened o using (code) full join city c using (code)
where f.n > 0 or o.n > 0 or ($district = '' and $village = '' and c.n > 0)
order by 4 desc, c.n desc, 1"""
EXTRACTS = f"""select agenda, diterima_pada, keadaan, cast(sum(n) as bigint) from keadaan
where {_PLACE} and {_RULE} and {_AGENDA} group by all order by agenda, keadaan"""
STEPS = f"""select langkah, any_value(peran), any_value(kegiatan), count(*), median(menit), max(menit),
  any_value(menit_sop), count(*) filter (melewati) from langkah where {_AGENDA} group by langkah order by langkah"""
CLOCKS = f"""select agenda, day, day + {CENTRE_DAYS}, (day + {CENTRE_DAYS}) - coalesce(written_on, {_DAY}), written_on
from (select agenda, cast(min(mulai) as date) as day from langkah where {_AGENDA} and agenda not like '%-U%'
      and agenda not in (select agenda from jawaban)
      group by agenda)
left join batch using (agenda) order by written_on is not null, day, agenda"""
CASES = f"""select jenis, {{}}, min(left_days) from (select jenis, n, batas_pusat - {_DAY} as left_days from kasus
  where {_PLACE} and {_AGENDA}) group by jenis order by jenis""".format(
    ", ".join(
        f"cast(coalesce(sum(n) filter (left_days {when}), 0) as bigint)"
        for when in ("< 0", "between 0 and 7", "between 8 and 14", "between 15 and 30", "> 30")
    )
)
BANDS_OF_PAIRS = f"""select band, kind, n from (select band, coalesce(kind, '') as kind, cast(sum(n) as bigint) as n
  from pasangan where {_AGENDA} group by all) order by list_position({list(BANDS)}, band), kind"""
EVENTS = f"select peristiwa, cast(sum(n) as bigint) from peristiwa where {_AGENDA} group by all order by all"
WORK = f"""select hari, peran, putusan, cast(sum(n) as bigint) from keputusan where {_AGENDA} group by all
order by all"""
PUBLISHED = "select diterbitkan_pada, agenda from terbitan"

DISTRICTS = "select distinct no_kec, kecamatan from wilayah order by all"
VILLAGES = "select no_kec || no_kel, no_kec, kelurahan from wilayah order by all"
CODES = """select code, title from aturan
where code <> '' and code in (select code from temuan_aturan union select code from keadaan) order by all"""
AGENDAS = """select agenda from temuan union select agenda from keadaan union select agenda from langkah
order by agenda desc"""
