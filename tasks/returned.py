"""The letter with which a refused file goes back to its sender: one HTML page, printable on A4, without scripts."""

import re
from dataclasses import dataclass
from datetime import datetime
from html import escape

from tasks.errors import Problem
from tasks.letter import Letter
from tasks.office import WIB
from tasks.privacy import scrub

SUBJECT = "Pengembalian berkas data kependudukan"
MONTHS = ("Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober",
          "November", "Desember")  # fmt: skip
DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
LONGEST_FACT = 200
NO_RESAVE = ("BRK-01", "BRK-02")  # counts and repetitions: saving the file in another way mends nothing
STYLE = """
@page { size: A4; margin: 15mm 20mm 15mm 25mm }
* { box-sizing: border-box }
body { margin: 0; background: #d9d9d6; color: #000; font: 11pt/1.45 "Bookman Old Style", "Noto Serif", Georgia,
  "Times New Roman", serif }
section { width: 210mm; min-height: 297mm; margin: 8mm auto; padding: 15mm 20mm 15mm 25mm; background: #fff;
  box-shadow: 0 1mm 5mm #0003 }
header { text-align: center; border-bottom: 1.1mm double #000; padding-bottom: 2.5mm; margin-bottom: 4mm;
  line-height: 1.28 }
header .city { font-size: 13pt; letter-spacing: .04em }
header .office { font-size: 15pt; font-weight: bold }
header .address { font-size: 9pt }
.date { text-align: right; margin: 0 }
.facts { border-collapse: collapse; margin: 0 0 5mm }
.facts td { padding: 0 2mm 0 0; vertical-align: top }
.blank { color: #555; letter-spacing: .05em }
.to { margin: 0 0 5mm }
p { margin: 0 0 2.6mm; text-align: justify }
.in { text-indent: 10mm }
table.list { border-collapse: collapse; width: 100%; margin: 1mm 0 4mm; font-size: 9.5pt; line-height: 1.28 }
table.list th, table.list td { border: .25mm solid #000; padding: .9mm 1.5mm; vertical-align: top; text-align: left;
  overflow-wrap: break-word }
table.list th { background: #ececec; text-align: center }
table.list thead { display: table-header-group }
table.list tr { break-inside: avoid }
table.list .n { width: 9mm; text-align: center; white-space: nowrap }
table.list .place { width: 54mm; word-break: break-word }
code { font: 8pt/1.3 "DejaVu Sans Mono", Consolas, monospace }
h2 { font-size: 11.5pt; margin: 6mm 0 2mm; text-align: center }
ol { margin: 0 0 2.5mm; padding-left: 7mm } li { margin-bottom: .5mm; text-align: justify }
.end { break-inside: avoid; margin-top: 4mm }
.sign { width: 82mm; margin: 7mm 0 0 auto; text-align: center }
.space { height: 22mm }
.rule { border-bottom: .3mm solid #000; margin: 0 6mm }
footer { margin-top: 5mm; font-size: 8pt; color: #333; border-top: .2mm solid #999; padding-top: 1.2mm;
  break-inside: avoid }
@media print { body { background: #fff }
  section { width: auto; min-height: 0; margin: 0; padding: 0; box-shadow: none }
  section + section { break-before: page } }
"""
EXCEL = """<h2>CARA MENYIMPAN NIK DAN NOMOR KK SEBAGAI TEKS DI MICROSOFT EXCEL</h2>
<ol>
<li>Buka buku kerja kosong. Blok kolom NIK dan Nomor KK, tekan Ctrl+1 (<i>Format Cells</i>), buka tab <i>Number</i>,
pilih <b>Text</b>, lalu tekan OK. Lakukan <b>sebelum</b> nomor diisi: mengubah format sesudahnya tidak mengembalikan
angka yang hilang, sebab Excel hanya menyimpan 15 angka pertama dan mengganti angka ke-16 dengan 0.</li>
<li>Tempelkan data dari sumber aslinya (<i>Paste Special</i> &gt; <i>Values</i>), atau impor CSV lewat <i>Data</i> &gt;
<i>From Text/CSV</i> dengan jenis kolom <b>Text</b>. Jangan membuka CSV dengan klik ganda.</li>
<li>Periksa beberapa NIK: rata kiri, 16 angka, tidak berbentuk 3,57E+15, dan angka terakhirnya tidak selalu 0.</li>
<li>Tulis tanggal sebagai hh-bb-tttt, misalnya 31-01-1990: hari, bulan, tahun empat angka.</li>
<li>Pakai satu baris judul dengan nama kolom SIAK: NIK, NO_KK, NAMA_LGKP, JENIS_KLMIN, TGL_LHR, dan kolom lain yang
diperlukan. Satu buku kerja memuat satu lembar data penduduk, tanpa makro, rumus, dan tautan ke berkas lain.</li>
<li>Simpan sebagai XLSX, atau CSV (UTF-8). Tutup Excel sebelum berkas dikirim.</li>
</ol>
"""
SIGNATURE = """<div class="end">
<p class="in">Demikian disampaikan, atas perhatian dan kerja sama Saudara kami ucapkan terima kasih.</p>
<div class="sign">Kepala Dinas Kependudukan dan<br>Pencatatan Sipil Kota Mojokerto,<div class="space"></div>
<div class="rule"></div>Pangkat/Gol. <span class="blank">........................</span><br>
NIP <span class="blank">................................</span></div></div>
"""
FOOT = """<footer>Surat ini tidak memuat data pribadi penduduk. Sidik SHA-256 membuktikan berkas mana yang dikembalikan;
"sha256sum" (Linux) atau "certutil -hashfile ... SHA256" (Windows) menghitungnya kembali.</footer>
"""
HALF_HASH = 32  # a hash on two lines of equal length can be compared by eye


@dataclass(frozen=True)
class Refusal:
    """One refused receipt. ``letter``: None when none came or it cannot be read; ``files``: dicts of name, sha256."""

    at: datetime
    letter: Letter | None
    files: list[dict[str, str]]
    problems: tuple[Problem, ...]


def returned_letter(refusal: Refusal) -> str:
    """The letter as a complete HTML page (Indonesian, offline). Every value is escaped and without NIKs."""
    day = refusal.at.astimezone(WIB)
    resave = any(not any(code in str(problem) for code in NO_RESAVE) for problem in refusal.problems)
    parts = (
        _head(day, refusal.letter),
        _opening(day, refusal),
        _files(refusal.files),
        _request(len(refusal.problems), resave=resave),
        SIGNATURE,
        FOOT,
    )
    attached = (_attachment(day), _problems(refusal.problems), EXCEL if resave else "")
    return (
        f'<!doctype html>\n<html lang="id"><head><meta charset="utf-8"><title>{SUBJECT}</title>\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<style>{STYLE}</style></head>\n<body><section>{''.join(parts)}</section>\n<section>{''.join(attached)}</section>\n"
        "</body></html>\n"
    )


def _head(day: datetime, letter: Letter | None) -> str:
    sender = _text(letter.sender) if letter else '<span class="blank">....................................</span>'
    return f"""<header><div class="city">PEMERINTAH KOTA MOJOKERTO</div>
<div class="office">DINAS KEPENDUDUKAN DAN PENCATATAN SIPIL</div>
<div class="address blank">Jalan ................................ Telepon .................... Pos-el \
................................</div></header>
<p class="date">Mojokerto, {_date_in_words(day)}</p>
<table class="facts">
<tr><td>Nomor</td><td>:</td><td class="blank">......................................</td></tr>
<tr><td>Agenda</td><td>:</td><td class="blank">......................................</td></tr>
<tr><td>Sifat</td><td>:</td><td>Penting</td></tr>
<tr><td>Lampiran</td><td>:</td><td>1 (satu) berkas</td></tr>
<tr><td>Hal</td><td>:</td><td><b>{SUBJECT}</b></td></tr></table>
<p class="to">Yth. {sender}<br>di Tempat</p>
"""


def _opening(day: datetime, refusal: Refusal) -> str:
    letter = refusal.letter
    if letter:
        ours = (f"surat Saudara nomor {_text(letter.number)} tanggal {_letter_date(letter.date)} hal "
                f"{_text(letter.subject)}")  # fmt: skip
        start = f"Sehubungan dengan {ours}, dengan hormat kami sampaikan bahwa"
    else:
        start = "Dengan hormat kami sampaikan bahwa"
    when = f"{DAYS[day.weekday()]}, {_date_in_words(day)} pukul {day:%H.%M} WIB"
    return f"""<p class="in">{start} berkas yang kami terima pada hari {when} <b>belum dapat kami proses</b>
dan kami kembalikan untuk diperbaiki. Tidak satu baris pun dari kiriman tersebut kami catat atau ubah.</p>
<p>Berkas yang dimaksud:</p>
"""


def _files(files: list[dict[str, str]]) -> str:
    rows = "".join(
        f'<tr><td class="n">{number}</td><td class="place">{_breakable(file["name"])}</td>'
        f"<td><code>{_text(file['sha256'][:HALF_HASH])}<br>{_text(file['sha256'][HALF_HASH:])}</code></td></tr>"
        for number, file in enumerate(files, start=1)
    )
    rows = rows or '<tr><td class="n">-</td><td colspan="2">tidak ada berkas yang menyertai surat</td></tr>'
    return f"""<table class="list"><thead><tr><th class="n">No.</th><th>Nama berkas</th>
<th>Sidik berkas (SHA-256)</th></tr></thead><tbody>{rows}</tbody></table>
"""


def _problems(problems: tuple[Problem, ...]) -> str:
    rows = "".join(
        f'<tr><td class="n">{number}</td><td class="place">{_breakable(problem.place)}</td>'
        f"<td>{_text(problem.received, None)}</td><td>{_text(problem.allowed, None)}</td>"
        f"<td>{_text(_to_sender(problem.next_step), None)}</td></tr>"
        for number, problem in enumerate(problems, start=1)
    )
    return f"""<h2>HAL YANG PERLU DIPERBAIKI</h2>
<table class="list"><thead><tr><th class="n">No.</th><th>Tempat</th><th>Yang kami terima</th><th>Seharusnya</th>
<th>Langkah</th></tr></thead><tbody>{rows}</tbody></table>
"""


def _to_sender(step: str) -> str:
    """What the office is told to ask of the sender, said to the sender."""
    return re.sub(
        r"minta (pengirim )?", "mohon ", re.sub(r"konfirmasi( jumlah)? ke pengirim", r"mohon konfirmasi\1", step)
    )


def _request(problems: int, *, resave: bool) -> str:
    asked = [
        "memperbaiki hal-hal tersebut pada data sumbernya, bukan pada berkas yang kami kembalikan;",
        (
            "mengirim ulang <b>seluruh</b> kiriman beserta surat pengantar yang memuat nama berkas, jumlah baris, "
            "jumlah laki-laki dan perempuan, serta jumlah Nomor KK;"
        ),
        "mengirimnya lewat saluran resmi, dalam ZIP bersandi (AES-256) bila melalui jaringan terbuka.",
    ]
    if resave:
        asked.insert(1, "menyimpan NIK dan Nomor KK sebagai <b>teks 16 angka</b>, bukan angka (caranya terlampir);")
    items = "".join(f"<li>{item}</li>" for item in asked)
    return f"""<p>Kami menemukan {problems} hal yang perlu diperbaiki; rinciannya terlampir. Untuk itu kami mohon
kesediaan Saudara:</p>
<ol type="a">{items}</ol>
"""


def _attachment(day: datetime) -> str:
    return f"""<table class="facts" style="margin-left: 85mm"><tr><td colspan="3">LAMPIRAN</td></tr>
<tr><td colspan="3">Surat Kepala Dinas Kependudukan dan Pencatatan Sipil</td></tr>
<tr><td>Nomor</td><td>:</td><td class="blank">................................</td></tr>
<tr><td>Tanggal</td><td>:</td><td>{_date_in_words(day)}</td></tr></table>
"""


def _date_in_words(day: datetime) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _letter_date(date: str) -> str:
    """``2026-10-05`` -> ``5 Oktober 2026``; another spelling stays as the sender wrote it."""
    found = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", date)
    if found and 1 <= int(found[2]) <= len(MONTHS):
        return f"{int(found[3])} {MONTHS[int(found[2]) - 1]} {found[1]}"
    return _text(date)


def _text(value: str, limit: int | None = LONGEST_FACT) -> str:
    """A value of unknown origin: on one line, without NIKs, escaped; marks that turn text around are shown as "?"."""
    clean = " ".join(value.split())
    clean = "".join(c if c.isprintable() else "?" for c in clean)
    return escape(scrub(clean)[:limit])


def _breakable(value: str) -> str:
    """A name that may be broken where its words end."""
    return re.sub(r"([_/])(?=\w)", r"\1<wbr>", _text(value, None))
