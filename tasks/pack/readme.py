"""BACA-SAYA.txt of a pack: what lies in it, how to check it, and what each word in it means. For an auditor (BPK)."""

from tasks.documents.words import short_time
from tasks.ledger import Entry

_TEXT = """PAKET BUKTI AGENDA {agenda}
Sinkronisasi data anomali dan ganda, {office}

1. APA INI
Bukti bahwa perubahan data penduduk pada agenda ini disetujui Kasi, Kabid dan Kadis sebelum ditulis, dan bahwa
dokumen di sini adalah yang dikeluarkan kantor. Paket diperiksa tanpa perangkat lunak kantor dan tanpa basis datanya.

2. ISI
  periksa.py            pemeriksa, paling banyak 150 baris, hanya Python; boleh dibaca dulu, tidak menulis apa pun
  buku-agenda.jsonl     entri Buku Agenda elektronik tentang agenda ini dan tentang orang yang berwenang, persis
                        seperti tercatat, masing-masing dengan pembuktian bahwa ia ada di Buku Agenda (RFC 6962)
  dokumen/              dokumen yang dikeluarkan kantor (tersamar)
  usulan-*-tersamar.xlsx  yang diusulkan dan ditulis, tersamar, untuk dibaca dan disaring
{signed}  daftar-isi.txt        sidik SHA-256 berkas lain dalam paket (sha256sum -c daftar-isi.txt)

3. CARA MEMERIKSA, di komputer mana pun yang punya Python 3.9 ke atas
  a. Tidak perlu membongkar ZIP. Salin periksa.py keluar (bila paket ini tidak dipercaya, jangan pakai yang di sini:
     baca dulu isinya, atau pakai yang didapat dari paket lain atau dari kantor), lalu jalankan:
       python -I periksa.py {pack}{hint}
  b. Tambahkan kepala dari KERTAS: nomor dan delapan huruf di kaki Berita Acara, atau di Buku Agenda kertas:
       python -I periksa.py {pack} --kepala {number}:HURUF
     Entri {number} adalah penulisan agenda ini ({at}).
     Kepala paket (entri terakhir) tertulis di surat penyerahan paket atau di Buku Agenda kertas; bila diberikan,
     seluruh isi paket terikat pada kertas itu: --kepala boleh berulang.
  c. Baris pertama adalah putusannya:
       BENAR, SELURUHNYA terikat kertas
           semua cocok, juga dengan kepala paket di kertas
       BENAR, terikat kertas sampai penulisannya
           persetujuan dan penulisan cocok dengan kertas; dokumen dan entri sesudahnya cocok satu sama lain
       BENAR, BELUM terikat kertas
           semua cocok satu sama lain, tetapi orang lain dapat membuat paket lain yang juga cocok: mintalah kertasnya
       SALAH: n hal
           semua kesalahan tercantum di bawahnya
       TIDAK ADA yang diperiksa
           bukan paket bukti, atau berkasnya terpotong
     Kode keluar 0, 1, 2. Baris PERIKSA perlu dilihat orang: samakan nomor surat mandat dengan suratnya.

4. YANG DIPERIKSA
  - tiap berkas: SHA-256-nya yang dicatat entri paket; tiap dokumen: yang dicatat saat dikeluarkan
  - tiap entri: sidiknya, dan bahwa ia ada di Buku Agenda sebelum penulisan (atau sebelum paket ini dibuat)
  - tidak ada entri yang dihilangkan: penulisan mencatat akar semua entri yang menjadi dasarnya
  - Ya dari Kasi, Kabid, Kadis, berurutan, untuk sidik yang ditulis, oleh orang berlainan yang bukan penyusunnya, dengan
    mandat hari itu (WIB), tidak dicabut, rondenya tidak ditutup
  - baris yang diterima = jumlah semua hasil + baris yang ditolak pembaca
  - berkas asal dari Ditjen: SHA-256-nya tercantum; bandingkan dengan berkas itu sendiri (sha256sum BERKAS)

5. YANG BUKAN BUKTI, atau tidak dapat diperiksa di sini
  - nama berkas ZIP, waktu dan urutan isinya
  - salinan tersamar: dicatat sidiknya, tetapi hanya usulan lengkap (paket terbuka) yang ditandatangani
  - tanda tangan dalam PDF: pakai pembaca PDF, atau sinkron sign --periksa; tanda tangan tinta: lihat kertasnya
  - kode TOTP: rahasianya di server kantor; tanyakan kepada penanda tangannya
  - keadaan data penduduk sekarang: perintah sinkron verify di kantor
"""
_SIGNED = """  usulan-*.txt          usulan persis seperti ditandatangani: SHA-256-nya adalah sidik yang disetujui
                        BERISI DATA PRIBADI PENDUDUK: simpan terenkripsi, hapus sesudah diperiksa (UU 27/2022)
"""


def readme(office: str, pack: str, written: Entry, *, masked: bool) -> bytes:
    """The text for a pack of that file name; ``written``: its first writing. It names no head: paper does."""
    facts = {"agenda": written.batch, "office": office, "pack": pack, "number": written.seq}
    facts["at"] = short_time(written.at)

    hint = "" if masked else "\n     (paket terbuka: buka dulu enkripsinya, age -d -i KUNCI -o PAKET.zip PAKET.zip.age)"
    return _TEXT.format(**facts, signed="" if masked else _SIGNED, hint=hint).encode()
