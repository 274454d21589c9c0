-- Temuan yang masih terbuka pada keadaan terakhirnya: aturan mana yang paling tua?
with terakhir as (
  select code, arg_max(keadaan, agenda) as keadaan, arg_max(sejak_pada, agenda) as sejak_pada
  from rekonsiliasi group by temuan_pseudonym, code)
select coalesce(code, 'disamarkan') as code, title, count(*) as terbuka,
  max(date_diff('day', sejak_pada, cast(diterbitkan_pada as date))) as umur_hari_tertua
from terakhir left join aturan using (code) cross join terbitan
where keadaan in ('baru', 'masih terbuka', 'muncul lagi')
group by code, title order by umur_hari_tertua desc, terbuka desc, code limit 8;
