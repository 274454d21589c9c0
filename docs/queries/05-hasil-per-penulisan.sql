-- Bagaimana akhirnya baris yang sudah disetujui dan masih berlaku?
select h.agenda, h.outcome, count(*) as baris,
  round(100.0 * count(*) / sum(count(*)) over (partition by h.agenda), 1) as persen
from hasil h join batch b using (agenda)
where h.disetujui and b.dibatalkan_oleh is null
group by h.agenda, h.outcome order by h.agenda, baris desc;
