-- Aturan mana yang sering keliru menandai?
select code, title, ditandai, dikonfirmasi, tidak_terbukti, round(ketepatan, 2) as ketepatan
from ketepatan_aturan where ketepatan is not null order by ketepatan, ditandai desc, code limit 8;
