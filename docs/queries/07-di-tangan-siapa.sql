-- Penerimaan mana yang sedang menunggu, di tangan siapa, dan sudah berapa menit?
select agenda, ronde, langkah, peran, mulai, menit, menit_sop, melewati
from langkah where selesai is null order by menit desc;
