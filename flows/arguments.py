"""The words of the command line: every command and its arguments, in Indonesian."""

import argparse
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from expectations.cases import CaseKind
from tasks.errors import Exit

WORDS = {
    "the following arguments are required": "isian wajib belum ada",
    "unrecognized arguments": "isian tidak dikenal",
    "expected one argument": "perlu satu isian",
    "expected 2 arguments": "perlu dua isian",
    "invalid choice": "pilihan tidak dikenal",
    "invalid int value": "bukan bilangan bulat",
    "choose from": "pilih dari",
    "one of the arguments": "salah satu isian ini wajib ada:",
    " is required": "",
    "not allowed with argument": "tidak bersama",
    "argument ": "isian ",
}

MOST = 10_000  # pairs that are explained or asked at once


class Formatter(argparse.HelpFormatter):
    """argparse's help in Indonesian."""

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        """Says "Pemakaian" where argparse says "usage"."""
        super().add_usage(usage, actions, groups, "Pemakaian: " if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """argparse with its few own words in Indonesian."""

    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=Formatter, add_help=False, **options)
        self._optionals.title, self._positionals.title = "Pilihan", "Isian"
        self.add_argument("-h", "--help", action="help", help="tampilkan bantuan ini")

    def error(self, message: str) -> NoReturn:
        """Ends with the exit code of usage errors."""
        for english, indonesian in WORDS.items():
            message = message.replace(english, indonesian)
        self.exit(Exit.USAGE, f"sinkron: {message}. Lihat: {self.prog} --help\n")


def parser() -> Parser:
    """All commands. A test holds every one against docs/."""
    top = Parser(prog="sinkron", description="SOP Anomali Data: terima, periksa, cari ganda, setujui, tulis.")
    commands = top.add_subparsers(dest="command", required=True, metavar="PERINTAH", title="Perintah")
    demo = commands.add_parser("demo", help="kantor percobaan lengkap dengan orang dan kode DEMO")
    demo.add_argument("--auto", action="store_true", help="jawab semua gerbang sendiri, lalu selesai")
    commands.add_parser("serve", help="jalankan server, pelaksana dan pemantau inbox kantor ini")
    receive = commands.add_parser("receive", help="terima berkas Ditjen dan mulai SOP")
    receive.add_argument("files", nargs="+", type=Path, metavar="BERKAS")
    receive.add_argument("--letter", type=Path, metavar="SURAT", help="surat pengantar (JSON)")
    baseline = commands.add_parser("baseline", help="muat data penduduk awal (sekali)")
    baseline.add_argument("file", type=Path, metavar="BERKAS")
    _add_approver(commands)
    _add_decisions(commands)
    _add_check(commands)
    _add_link(commands)
    reference = commands.add_parser("reference", help="muat daftar NIK lain: kematian (akta) atau pindah (SKPWNI)")
    reference.add_argument("kind", choices=("kematian", "pindah"), metavar="DAFTAR", help="kematian atau pindah")
    reference.add_argument("file", type=Path, metavar="BERKAS", help="CSV atau XLSX dengan kolom NIK")
    commands.add_parser("dashboard", help="dasbor di peramban, dari salinan analis; hanya di komputer ini")
    commands.add_parser("status", help="agenda yang tercatat dan hasilnya")
    cases = commands.add_parser("cases", help="kasus yang menunggu daerah lain, warga, atau rekam biometrik")
    cases.add_argument("--jenis", choices=[kind.value for kind in CaseKind], metavar="JENIS",
                       help="luar kota, pemohon atau biometrik")  # fmt: skip
    cases.add_argument("--daerah", metavar="KODE", help="empat angka, misalnya 3515")
    cases.add_argument("--lembar", action="store_true", help="tulis lembar kasus ke meja/ untuk diisi jawabannya")
    memory = commands.add_parser("memory", help="temuan dari semua berkas: terbuka, muncul lagi, selesai, hilang")
    memory.add_argument("--aturan", metavar="KODE", help="satu aturan saja, misalnya ANM-NIK-09")
    memory.add_argument("--kelurahan", metavar="NAMA", help="satu kelurahan saja: nama atau kodenya")
    history = commands.add_parser("history", help="semula - menjadi - dasar dari yang sudah ditulis (tersamar)")
    history.add_argument("agenda", metavar="AGENDA")
    history.add_argument("--terbuka", action="store_true", help="tanpa samaran; perlu --nip, kode, --alasan")
    _add_person(history)
    history.add_argument("--alasan", metavar="TEKS")
    _add_evidence(commands)
    _add_papers(commands)
    _add_personal(commands)
    recover = commands.add_parser("recover", help="lanjutkan run yang terhenti, cocokkan Buku Agenda dan store")
    recover.add_argument("--jam", action="store_true", help="pakai jam komputer sekarang walau lebih awal dari catatan")
    return top


def _add_evidence(commands: Any) -> None:
    verify = commands.add_parser("verify", help="periksa Buku Agenda, jangkar, store dan Prefect satu sama lain")
    verify.add_argument("--kepala", action="append", metavar="N:HURUF",
                        help="kepala dari kertas, misalnya 12:K7Q2-9XMT; boleh berulang")  # fmt: skip
    verify.add_argument(
        "--jangkar", type=Path, metavar="BERKAS", help="salinan kepala.log, atau hasil sinkron anchor --ke"
    )
    verify.add_argument("--publik", type=Path, metavar="PEM", help="kunci publik untuk --jangkar")
    verify.add_argument("--salin", type=Path, metavar="FOLDER", help="salin Buku Agenda dan pemeriksanya untuk auditor")
    verify.add_argument("--usulan", metavar="AGENDA", help="sertakan isi usulan (data pribadi); perlu --nip, --alasan")
    _add_person(verify)
    verify.add_argument("--alasan", metavar="TEKS")
    anchor = commands.add_parser("anchor", help="kepala Buku Agenda, untuk ditulis di Buku Agenda kertas")
    anchor.add_argument("--kunci", type=Path, metavar="PEM", help="tanda tangani kepala dengan kunci Ed25519")
    anchor.add_argument("--ke", type=Path, metavar="BERKAS", help="berkas kepala bertanda tangan")
    anchor.add_argument("--baru", action="store_true", help="mulai berkas jangkar baru bila yang lama hilang")
    backup = commands.add_parser("backup", help="satu berkas terenkripsi dengan seluruh kantor, tanpa kuncinya")
    backup.add_argument("file", type=Path, metavar="BERKAS", help="berkas baru, di disk lain")
    restore = commands.add_parser("restore", help="pulihkan kantor yang hilang dari cadangan")
    restore.add_argument("file", type=Path, metavar="BERKAS")
    restore.add_argument("--terima-kehilangan", action="store_true", help="walau jangkar tahu catatan yang lebih baru")


def _add_personal(commands: Any) -> None:
    """What takes residents' data out of the office, or tells who was in what got out."""
    _add_breach(commands)
    originals = commands.add_parser("originals", help="keluarkan berkas asal satu agenda dari arsip yang terkunci")
    originals.add_argument("agenda", nargs="?", metavar="AGENDA")
    originals.add_argument("--ke", type=Path, metavar="FOLDER", help="folder baru atau kosong (berisi data pribadi)")
    originals.add_argument("--salin-kunci", action="store_true", help="lengkapi salinan kunci agenda di disk lain")
    _add_person(originals)
    originals.add_argument("--alasan", metavar="TEKS")


def _add_breach(commands: Any) -> None:
    breach = commands.add_parser("breach", help="data bocor: siapa saja di dalamnya, dan konsep pemberitahuan 3x24 jam")
    breach.add_argument("agenda", nargs="*", metavar="AGENDA", help="nomor agenda yang terdampak seluruhnya")
    breach.add_argument("--file", metavar="NAMA", help="satu berkas: yang diterima, daftar, lembar kerja, store.duckdb")
    breach.add_argument("--since", metavar="WAKTU", help='saat diketahui, WIB: "2026-11-23 09:00"')
    breach.add_argument("--bagaimana", metavar="TEKS", help="kapan dan bagaimana terungkap, untuk surat")
    breach.add_argument("--penanganan", metavar="TEKS", help="upaya penanganan dan pemulihan, untuk surat")
    breach.add_argument("--sandi", metavar="NOMOR", help="sandi daftar orang satu insiden; perlu --nip, --alasan")
    _add_person(breach)
    breach.add_argument("--alasan", metavar="TEKS")


def _add_papers(commands: Any) -> None:
    documents = commands.add_parser("documents", help="lembar, berita acara, surat dan daftar satu agenda")
    documents.add_argument("agenda", metavar="AGENDA")
    documents.add_argument("--sandi", action="store_true", help="sandi lampiran terenkripsi; perlu --nip, --alasan")
    _add_person(documents)
    documents.add_argument("--alasan", metavar="TEKS")
    sign = commands.add_parser("sign", help="tanda tangani Berita Acara (PAdES), atau periksa tanda tangannya")
    sign.add_argument("agenda", metavar="AGENDA")
    sign.add_argument("--sebagai", metavar="PERAN", help="kasi, kabid atau kadis; berurutan")
    sign.add_argument("--p12", type=Path, metavar="BERKAS", help="sertifikat dan kunci (PKCS#12)")
    sign.add_argument("--token", metavar="LABEL", help="label token PKCS#11, bila bukan yang di kantor.toml")
    sign.add_argument("--periksa", type=Path, metavar="PDF", help="periksa tanda tangan pada berkas ini")
    pack = commands.add_parser("pack", help="paket bukti satu agenda yang dapat diperiksa tanpa Sinkron")
    pack.add_argument("agenda", metavar="AGENDA")
    pack.add_argument("--terbuka", action="store_true", help="dengan data penduduk, terenkripsi age; perlu --nip, "
                      "--alasan")  # fmt: skip
    pack.add_argument("--untuk", action="append", metavar="AGE1...", help="penerima paket terbuka; boleh berulang")
    pack.add_argument("--buka", type=Path, metavar="BERKAS", help="buka paket terbuka; perlu --identitas, --nip, "
                      "--alasan")  # fmt: skip
    pack.add_argument("--identitas", type=Path, metavar="KUNCI", help="berkas kunci age (AGE-SECRET-KEY-...)")
    pack.add_argument("--ke", type=Path, metavar="TUJUAN", help="berkas atau folder baru")
    _add_person(pack)
    pack.add_argument("--alasan", metavar="TEKS")
    book = commands.add_parser("agenda", help="Buku Agenda satu tahun: tampilkan, cari, atau cetak (PDF)")
    book.add_argument("--tahun", type=int, metavar="TAHUN", help="tahun buku (tahun ini)")
    book.add_argument("--cari", metavar="TEKS", help="hanya baris yang memuat teks ini")
    book.add_argument("--cetak", action="store_true", help="tulis PDF ke dokumen/")
    disposition = commands.add_parser("disposisi", help="lembar disposisi satu penerimaan (PDF)")
    disposition.add_argument("agenda", metavar="AGENDA")


def _add_approver(commands: Any) -> None:
    approver = commands.add_parser("approver", help="daftar orang yang boleh memutuskan")
    actions = approver.add_subparsers(dest="action", required=True, metavar="TINDAKAN", title="Tindakan")
    actions.add_parser("list", help="siapa memegang jabatan apa, dari kapan sampai kapan")
    add = actions.add_parser("add", help="daftarkan orang; menampilkan kode QR autentikator satu kali")
    mandate = actions.add_parser("mandate", help="beri jabatan lain, misalnya Plh atau Plt, dengan surat dan tanggal")
    rotate = actions.add_parser(
        "rotate", help="ganti kode autentikator (telepon hilang), kunci Ed25519 atau kunci perangkat"
    )
    disable = actions.add_parser("disable", help="akhiri semua jabatan seseorang sekarang juga")
    for action in (add, mandate, rotate, disable):
        action.add_argument("--nip", required=True)
    add.add_argument("--nama", required=True)
    for action in (add, mandate):
        action.add_argument("--peran", required=True, help="staff, kasi, kabid atau kadis")
        action.add_argument("--jenis", choices=("definitif", "plh", "plt"), default="definitif", metavar="JENIS",
                            help="definitif, plh atau plt")  # fmt: skip
        action.add_argument("--surat", metavar="NOMOR", help="nomor surat perintah; wajib untuk plh dan plt")
        action.add_argument("--mulai", metavar="YYYY-MM-DD", help="hari pertama (hari ini)")
        action.add_argument("--sampai", metavar="YYYY-MM-DD", help="hari terakhir; wajib untuk plh dan plt")
    for action in (add, rotate):
        action.add_argument("--qr", type=Path, metavar="PNG", help="tulis QR sebagai gambar, tidak di terminal")
    rotate.add_argument("--kunci", type=Path, metavar="PEM", help="buat kunci Ed25519 baru sebagai cara kedua")
    rotate.add_argument("--kunci-perangkat", action="store_true",
                        help="kode untuk mendaftarkan kunci perangkat baru; yang lama berakhir")  # fmt: skip
    disable.add_argument("--alasan", required=True)


def _add_decisions(commands: Any) -> None:
    commands.add_parser("waiting", help="siapa harus memutuskan apa, sejak kapan")
    commands.add_parser("doctor", help="periksa kesiapan kantor: hak akses, disk, jam, mandat, cadangan, run")
    commands.add_parser("remind", help="kirim pengingat batas waktu yang jatuh sekarang, pada jam kerja saja")
    pause = commands.add_parser("pause", help="jeda jam SOP langkah Staff selama menunggu daerah lain (luar kota)")
    pause.add_argument("agenda", metavar="AGENDA")
    which = pause.add_mutually_exclusive_group(required=True)
    which.add_argument("--surat", metavar="NOMOR", help="nomor surat konfirmasi ke daerah itu")
    which.add_argument("--selesai", action="store_true", help="jam SOP berjalan lagi")
    _add_person(pause, needed=True)
    decide = commands.add_parser("decide", help="memutuskan dari terminal, dengan pemeriksaan yang sama")
    decide.add_argument("agenda", metavar="AGENDA")
    decide.add_argument("keputusan", choices=("Ajukan", "Ya", "Tidak", "Cabut"), metavar="KEPUTUSAN",
                        help="Ajukan (Staff), Ya, Tidak, atau Cabut (tanda tangan sendiri)")  # fmt: skip
    _add_person(decide, needed=True)
    decide.add_argument("--kode-berkas", required=True, metavar="KODE", help="8 huruf/angka dari lembar usulan")
    decide.add_argument("--catatan", default="", metavar="TEKS", help="wajib bila Tidak")
    decide.add_argument("--lembar-kerja", default="", metavar="BERKAS", help="nama berkas di meja/ (Staff)")
    decide.add_argument("--kunci", type=Path, metavar="PEM", help="tanda tangani dengan kunci Ed25519, bukan kode")
    undo = commands.add_parser("undo", help="minta pembatalan satu penulisan; diputuskan oleh rantai yang sama")
    undo.add_argument("agenda", metavar="AGENDA")
    undo.add_argument("--alasan", required=True, metavar="TEKS")
    purge = commands.add_parser("purge", help="yang habis masa simpannya; minta pemusnahan data satu agenda")
    purge.add_argument(
        "agenda", nargs="?", metavar="AGENDA", help="tanpa nomor: daftar yang selesai dan sampai kapan disimpan"
    )
    purge.add_argument("--alasan", default="", metavar="TEKS", help="wajib bila meminta")


def _add_person(command: Any, *, needed: bool = False) -> None:
    command.add_argument("--nip", required=needed, help="18 angka")
    command.add_argument("--kode", metavar="KODE", help="kode sekali pakai; ditanyakan bila tidak diisi")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("bukan tanggal; tulis misalnya 2026-10-05") from None


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= MOST):
        raise argparse.ArgumentTypeError(f"bukan banyaknya pasangan; tulis bilangan 1 sampai {MOST}")
    return int(text)


def _add_link(commands: Any) -> None:
    link = commands.add_parser("link", help="cari rekaman yang mungkin satu orang, dalam satu berkas atau antara dua")
    link.add_argument("file", type=Path, metavar="BERKAS", help="CSV, TSV, TXT, Parquet atau XLSX")
    link.add_argument("--against", type=Path, metavar="DASAR", help="berkas kedua, atau folder dari sinkron prepare")
    link.add_argument("--model", default="penduduk", metavar="MODEL", help="penduduk, febrl, atau berkas model (TOML)")
    link.add_argument("--pairs", type=Path, required=True, metavar="HASIL", help="pasangan: .parquet atau .csv")
    link.add_argument("--clusters", type=Path, metavar="HASIL", help="kelompok rekaman: .parquet atau .csv")
    link.add_argument("--explain", type=_count, metavar="N", help="jelaskan N pasangan yang paling meragukan; isinya "
                      "dalam HTML di samping --pairs")  # fmt: skip
    link.add_argument("--labels", type=Path, metavar="JAWABAN", help="jawaban orang: left_row, right_row, same")
    link.add_argument("--ask", nargs=2, metavar=("N", "TANYA"), help="tulis N pasangan untuk dijawab orang (.csv)")
    link.add_argument("--dask", metavar="ALAMAT", help="penjadwal Dask yang mengerjakan bagiannya, tls://host:port")
    prepare = commands.add_parser("prepare", help="siapkan berkas dasar sekali, untuk sinkron link --against")
    prepare.add_argument("file", type=Path, metavar="BERKAS", help="CSV, TSV, TXT, Parquet atau XLSX")
    prepare.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="folder baru (berisi data pribadi)")
    prepare.add_argument("--model", default="penduduk", metavar="MODEL", help="penduduk, febrl, atau berkas model")


def _add_check(commands: Any) -> None:
    check = commands.add_parser("check", help="periksa berkas tanpa server dan tanpa memuat apa pun")
    check.add_argument("files", nargs="+", type=Path, metavar="BERKAS")
    check.add_argument("--out", type=Path, metavar="TEMUAN", help="tulis temuan: .parquet, .csv atau .json")
    check.add_argument("--baseline", type=Path, metavar="BERKAS", help="data penduduk kantor, untuk aturan keluarga")
    check.add_argument("--deaths", type=Path, metavar="BERKAS", help="daftar NIK akta kematian")
    check.add_argument("--moves", type=Path, metavar="BERKAS", help="daftar NIK SKPWNI keluar")
    check.add_argument("--as-of", type=_day, metavar="YYYY-MM-DD", help="hari penilaian (hari ini)")
    check.add_argument("--thresholds", type=Path, metavar="BERKAS", help="ambang aturan (TOML)")
    check.add_argument("--whole-families", action="store_true", help="berkas memuat semua anggota tiap KK")
