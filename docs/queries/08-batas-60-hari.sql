-- Kasus terbuka per daerah yang ditanya: berapa hari lagi sampai batas 60 hari ke pusat?
select jenis, case daerah when '' then 'kota ini' else coalesce(daerah, 'disamarkan') end as daerah, count(*) as terbuka,
  min(date_diff('day', cast(diterbitkan_pada as date), batas_pusat)) as sisa_hari,
  count(*) filter (tenggat < cast(diterbitkan_pada as date)) as lewat_tenggat
from kasus cross join terbitan
where ditutup_pada is null
group by all order by jenis, daerah;
