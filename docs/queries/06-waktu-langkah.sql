-- Berapa lama setiap langkah SOP, dan seberapa sering melewati waktunya?
select langkah, peran, kegiatan, count(*) as kali, round(median(menit), 1) as menit_median, any_value(menit_sop) as menit_sop,
  count(*) filter (melewati) as melewati
from langkah where selesai is not null
group by all order by langkah;
