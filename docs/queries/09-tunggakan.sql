-- Di kelurahan mana kasus menunggu paling banyak?
select kecamatan, kelurahan, sum(terbuka) as terbuka,
  max(umur_hari_tertua) as umur_hari_tertua, sum(lewat_tenggat) as lewat_tenggat
from tunggakan group by all order by terbuka desc, kecamatan, kelurahan limit 12;
