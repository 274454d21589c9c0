"""Answers that analysts ask for most, as views over the copy's own tables: they show nothing that those do not."""

from expectations.published import ABROAD_PLACE, HIDDEN_PLACE
from tasks.approvals.docket import NO, SUBMIT, WITHDRAW, YES

VIEWS: dict[str, str] = {
    "beban_kerja": f"""
select cast(pada as date) as hari, peran, count(*) as keputusan,
  count(*) filter (putusan in ('{YES}', '{SUBMIT}')) as ya, count(*) filter (putusan = '{NO}') as tidak,
  count(*) filter (putusan = '{WITHDRAW}') as cabut
from keputusan group by cast(pada as date), peran order by hari, peran""",
    # Every open case is in one line, also those whose place is hidden.
    "tunggakan": f"""
select k.luar_kota, k.no_kec, k.no_kel,
  coalesce(d.kecamatan, if(k.luar_kota, '{ABROAD_PLACE}', '{HIDDEN_PLACE}')) as kecamatan,
  coalesce(w.kelurahan, if(k.luar_kota and d.kecamatan is null, '{ABROAD_PLACE}', '{HIDDEN_PLACE}')) as kelurahan,
  k.jenis, count(*) as terbuka,
  median(date_diff('day', k.dibuka_pada, t.hari)) as umur_hari_median,
  max(date_diff('day', k.dibuka_pada, t.hari)) as umur_hari_tertua,
  count(*) filter (k.tenggat < t.hari) as lewat_tenggat
from kasus k cross join (select cast(diterbitkan_pada as date) as hari from terbitan) t
left join wilayah w on w.no_kec = k.no_kec and w.no_kel = k.no_kel
left join (select distinct no_kec, kecamatan from wilayah) d on d.no_kec = k.no_kec
where k.ditutup_pada is null
group by all order by k.luar_kota, k.no_kec, k.no_kel, k.jenis""",
}
