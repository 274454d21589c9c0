-- Apa yang baru, masih terbuka, muncul lagi, selesai atau hilang dibanding berkas sebelumnya?
select agenda, keadaan, count(*) as temuan, median(umur_hari) as umur_hari_median
from rekonsiliasi
group by all order by agenda, temuan desc;
