-- Kelurahan mana yang paling banyak temuannya pada penerimaan terakhir?
select coalesce(d.kecamatan, 'disamarkan') as kecamatan, coalesce(w.kelurahan, 'disamarkan') as kelurahan,
  count(*) as temuan, count(distinct t.orang) as orang
from temuan t
left join (select distinct no_kec, kecamatan from wilayah) d using (no_kec)
left join wilayah w using (no_kec, no_kel)
where t.agenda = (select max(agenda) from temuan) and not t.luar_kota
group by all order by temuan desc, kelurahan limit 8;
