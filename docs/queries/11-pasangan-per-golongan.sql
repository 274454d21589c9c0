-- Seberapa yakin pencocokan ganda, menurut golongan dan jenisnya?
select band, kind, count(*) as pasangan, round(min(probability), 3) as peluang_terendah,
  round(median(probability), 3) as peluang_median
from pasangan group by all order by pasangan desc, band, kind limit 8;
