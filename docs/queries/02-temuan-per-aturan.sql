-- Aturan apa yang paling sering dilanggar warga kota ini?
select a.code, a.title, a.severity, sum(t.temuan) as temuan
from temuan_aturan t join aturan a using (code)
where not t.luar_kota
group by all order by temuan desc, a.code limit 8;
