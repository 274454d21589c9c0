-- Dasawarsa lahir penduduk menurut jenis kelamin
select coalesce(birth_decade::varchar, 'disamarkan') as dasawarsa, count(*) filter (jenis_klmin = '1') as laki_laki,
  count(*) filter (jenis_klmin = '2') as perempuan, count(*) filter (jenis_klmin is null) as disamarkan
from penduduk group by all order by dasawarsa;
