-- Berapa keputusan per hari dan peran?
select hari, peran, keputusan, ya, tidak, cabut from beban_kerja order by hari, peran;
