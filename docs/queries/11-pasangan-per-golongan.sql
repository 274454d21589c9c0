-- Seberapa yakin pencocokan ganda, menurut golongan dan jenisnya?
select band, kind, count(*) as pasangan, min(probability) as peluang_terendah,
  round(median(probability), 2) as peluang_median
from pasangan group by all order by pasangan desc, band, kind limit 8;
