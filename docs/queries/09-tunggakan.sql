-- Di kelurahan mana kasus menunggu paling banyak?
select coalesce(kelurahan, 'disamarkan atau luar kota') as kelurahan, sum(terbuka) as terbuka,
  max(umur_hari_tertua) as umur_hari_tertua, sum(lewat_tenggat) as lewat_tenggat
from tunggakan group by all order by terbuka desc, kelurahan limit 8;
