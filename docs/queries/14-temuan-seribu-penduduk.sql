-- Berapa orang dengan temuan per 1.000 penduduk setiap kelurahan?
with warga as (select no_kec, no_kel, count(*) as penduduk from penduduk group by all),
kena as (select no_kec, no_kel, count(distinct orang) as orang from temuan where not luar_kota group by all)
select kecamatan, kelurahan, penduduk, orang, round(1000.0 * orang / penduduk, 1) as per_seribu
from wilayah join warga using (no_kec, no_kel) join kena using (no_kec, no_kel)
order by per_seribu desc, kelurahan limit 8;
