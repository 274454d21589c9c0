-- Aturan apa yang paling sering dilanggar warga kota ini?
select a.code, a.title, a.severity, count(*) as temuan, count(distinct t.orang) as orang
from temuan t join aturan a using (code)
where not t.luar_kota
group by all order by temuan desc, a.code limit 8;
