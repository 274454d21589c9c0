-- Apa yang terjadi dengan kelompok catatan ganda sejak penerimaan pertama?
select agenda, peristiwa, count(distinct no_kasus) as kasus
from peristiwa_ganda group by all order by agenda, kasus desc, peristiwa;
