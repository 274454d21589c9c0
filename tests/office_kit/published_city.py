"""A published file of any size without an office behind it: the tables the dashboard reads, filled by SQL.

Deterministic, fictional and without a single personal value; ``hostile`` puts markup where texts of an office stand.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from expectations.codes import CITY, regions
from expectations.published import BY_NAME, STEPS
from expectations.rules import RULES

MARKUP = "<img src=x onerror=alert(1)><script>document.title='JAHAT'</script>**tebal** [klik](https://jahat.example)"


@dataclass(frozen=True)
class City:
    """``findings``: about how many; ``hostile``: texts are markup; ``published``: the copy's own time.

    ``hidden``: as a small office's copy; all of some kelurahan and some of the others are told by kecamatan alone,
    some of them not even so, and rare rules are not named.
    """

    findings: int = 3_000
    hostile: bool = False
    hidden: bool = False
    published: str = "2026-11-20 09:30:00"


_H = "create temp macro h(x, n) as cast(hash(x) % n as integer)"
_AGED = "create temp macro aged(n, place) as least(h(n + 9, 2 + place % 5), h(n + 8, 6))"  # in extracts
_SOP = "[" + ", ".join(
    f"{{'langkah': {s.number}, 'peran': '{s.role}', 'kegiatan': '{s.activity}', 'sop': {s.minutes}}}"
    for s in STEPS.values()
) + "]"  # fmt: skip
# One kelurahan of each kecamatan wholly, and one row in ten; one in three of them does not tell the kecamatan either.
_HIDE = (
    """update made set no_kel = null, no_kec = if(h(orang, 3) = 0, null, no_kec)
       where no_kec is not null and (no_kel = '1002' or h(orang || code, 10) = 0)""",
    "update made set luar_kota = null where no_kec is null and h(orang, 7) = 0",
    "update made set code = null where code in (select code from made group by code having count(*) < 9)",
)
# Every finding is one of a person in one extract; three in a row are the same person's.
_MADE = """create temp table made as
       select '2026-' || lpad(cast(1 + (n % 12) as varchar), 4, '0') as agenda,
              cast(date '2026-01-05' + cast(25 * (n % 12) as integer) as date) as diterima_pada,
              'o' || cast(n // 3 as varchar) as orang, a.code, a.rule,
              'o' || cast(n // 3 as varchar) || a.code as temuan_pseudonym,
              ['selesai', 'hilang', 'muncul lagi', 'baru', 'baru', 'masih terbuka', 'masih terbuka'][1 + h(n, 7)]
              as keadaan,
              cast(date '2026-01-05' + cast(25 * (n % 12 - aged(n, w.at) - h(n + 2, 3)) as integer) as date)
              as pertama_pada,
              cast(date '2026-01-05' + cast(25 * (n % 12 - aged(n, w.at)) as integer) as date) as sejak_pada,
              25 * aged(n, w.at) as umur_hari, null::varchar as ditangani_agenda, w.no_kec, w.no_kel,
              w.at = 18 as luar_kota
       from range($findings) r(n)
       join (select code, code as rule, row_number() over (order by code) - 1 as at from aturan) a
         on a.at = least(h(n + 3, 102), h(n + 4, 102))
       join (select *, row_number() over (order by no_kec, no_kel) - 1 as at from wilayah
             union all select null, null, null, null, 18) w on w.at = least(h(n + 5, 19), h(n + 6, 20))"""


def _columns(name: str) -> str:
    return ", ".join(column.name for column in BY_NAME[name].columns)


_TABLES = (
    "create table terbitan as select cast($published as timestamp) diterbitkan_pada, '2026-0012' agenda, 5::integer k",
    f"create table rekonsiliasi as select {_columns('rekonsiliasi')} from made",
    f"""create table temuan as select {_columns("temuan")} from (select *, orang || agenda as row_pseudonym from made
       where keadaan not in ('selesai', 'hilang'))""",
    f"""create table temuan_aturan as select {_columns("temuan_aturan")} from (
       select agenda, rule as code, coalesce(luar_kota, false) as luar_kota, count(*) as temuan,
         count(distinct orang) as jumlah_orang from made where keadaan not in ('selesai', 'hilang') group by all)""",
    """create table pasangan as select agenda, orang as orang_kiri, orang || 'b' as orang_kanan,
       h(orang, 400) / 10.0 - 10 as weight, h(orang, 1000) / 1000.0 as probability,
       ['match', 'possible', 'none'][1 + h(orang, 3)] as band,
       ['same', 'moved', 'stranger', 'sibling', 'twin'][1 + h(code, 5)] as kind, 'alasan' as reason
       from rekonsiliasi where h(orang || code, 50) = 0""",
    f"""create table kasus as select {_columns("kasus")} from (
       select agenda || ' 1/' || cast(row_number() over (order by orang, code) as varchar)
       as no_kasus, ['luar kota', 'pemohon', 'biometrik'][1 + h(code, 3)] as jenis, orang, agenda,
       if(h(code, 3) = 0, '3515', '') as daerah, no_kec, no_kel, luar_kota, diterima_pada as dibuka_pada,
       diterima_pada + 14 as tenggat, diterima_pada + 60 as batas_pusat,
       if(h(orang, 2) = 0, diterima_pada + 20, null) as ditutup_pada,
       if(h(orang, 2) = 0, '2026-0012', null) as ditutup_agenda from made where h(orang || code, 60) = 1)""",
    """create table kasus_ganda as select agenda, 'G-' || agenda || '-' || lpad(cast(h(orang, 400) as varchar), 4, '0')
       as no_kasus, orang from rekonsiliasi where h(orang || code, 30) = 2""",
    """create table peristiwa_ganda as select distinct agenda, no_kasus,
       ['baru', 'tetap', 'tumbuh', 'susut', 'gabung', 'pecah', 'tutup'][1 + h(no_kasus, 7)] as peristiwa,
       null::varchar as lain from kasus_ganda""",
    f"""create table langkah as select agenda, 1::integer as ronde, s.langkah, s.peran, s.kegiatan, t as mulai,
       t + to_minutes(m) as selesai, m::double as menit, s.sop as menit_sop, m > s.sop as melewati
       from (select agenda, s, first_day + to_hours(s.langkah * 9) as t, 1 + h(agenda || s.langkah, s.sop * 3 // 2) as m
             from (select agenda, min(diterima_pada)::timestamp as first_day from rekonsiliasi group by agenda),
                  (select unnest({_SOP}) as s))""",
    """create table keputusan as select agenda, ronde, peran,
       if(langkah = 2, 'Ajukan', ['Ya', 'Ya', 'Ya', 'Tidak', 'Cabut'][1 + h(agenda || langkah, 5)]) as putusan,
       selesai as pada from langkah where langkah between 2 and 5""",
    """create view beban_kerja as select cast(pada as date) as hari, peran, count(*) as keputusan,
       count(*) filter (putusan in ('Ya', 'Ajukan')) as ya, count(*) filter (putusan = 'Tidak') as tidak,
       count(*) filter (putusan = 'Cabut') as cabut from keputusan group by all""",
    """create table berkas as select distinct agenda, 1::integer as file_no, 'teks utf-8' as layout,
       10::bigint as received, 10::bigint as loaded, 0::bigint as rejected from langkah""",
    """create table batch as select agenda, 1::integer as round, 'x' as digest, 10::bigint as written,
       1::bigint as unchanged, 11::bigint as received, cast(max(selesai) as date) as written_on,
       null::varchar as membatalkan, null::varchar as dibatalkan_oleh from langkah where agenda < '2026-0011'
       group by agenda""",
    """create view ketepatan_aturan as select code, title, count(*) as ditandai,
       count(*) filter (h7 < 7) as dikonfirmasi, count(*) filter (h7 >= 7) as tidak_terbukti, 0::bigint as ditunda,
       0::bigint as rujuk, count(*) filter (h7 < 7) / count(*) as ketepatan
       from (select *, hash(orang) % 10 as h7 from temuan join aturan using (code)) group by all""",
)


def published_city(path: Path, city: City | None = None) -> Path:
    """Writes the file (storage v1.0.0, as the office's) and moves it in place, as publishing does."""
    made = city or City()
    beside = path.with_name(f".{path.name}.baru")
    beside.unlink(missing_ok=True)
    with duckdb.connect() as con:
        con.execute(f"attach '{beside}' as terbit (storage_version 'v1.0.0')")
        con.execute("use terbit")
        con.execute(_H)
        con.execute(_AGED)
        _names(con, hostile=made.hostile)
        for text in (_MADE, *(_HIDE if made.hidden else ()), *_TABLES):
            asked = {name: value for name, value in vars(made).items() if f"${name}" in text}
            con.execute(text, asked)
        con.execute("checkpoint terbit")
        con.execute("use memory")
        con.execute("detach terbit")
    beside.replace(path)
    return path


def _names(con: duckdb.DuckDBPyConnection, *, hostile: bool) -> None:
    con.execute("create table aturan (code varchar, title varchar, severity varchar, resolution varchar)")
    rules = [(r.code, MARKUP if hostile else r.told(r.title), r.severity.value, r.resolution.value) for r in RULES]
    con.executemany("insert into aturan values (?, ?, ?, ?)", rules)
    con.execute("create table wilayah (no_kec varchar, no_kel varchar, kecamatan varchar, kelurahan varchar)")
    districts = regions("kecamatan")
    places = [
        (code[4:6], code[6:], MARKUP if hostile else districts[code[:6]], MARKUP if hostile else name)
        for code, name in sorted(regions("kelurahan").items()) if code.startswith(CITY)
    ]  # fmt: skip
    con.executemany("insert into wilayah values (?, ?, ?, ?)", places)
