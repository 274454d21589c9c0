"""The words of the command line: every command and its arguments, in Indonesian."""

import argparse
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from tasks.errors import Exit

WORDS = {
    "the following arguments are required": "isian wajib belum ada",
    "unrecognized arguments": "isian tidak dikenal",
    "expected one argument": "perlu satu isian",
    "expected 2 arguments": "perlu dua isian",
    "invalid choice": "pilihan tidak dikenal",
    "choose from": "pilih dari",
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
    approver = commands.add_parser("approver", help="daftar orang yang boleh memutuskan")
    actions = approver.add_subparsers(dest="action", required=True, metavar="TINDAKAN", title="Tindakan")
    add = actions.add_parser("add", help="daftarkan orang; mencetak rahasia autentikator satu kali")
    for name in ("nip", "nama", "peran"):
        add.add_argument(f"--{name}", required=True)
    actions.add_parser("list", help="siapa memegang peran apa")
    _add_check(commands)
    _add_link(commands)
    reference = commands.add_parser("reference", help="muat daftar NIK lain: kematian (akta) atau pindah (SKPWNI)")
    reference.add_argument("kind", choices=("kematian", "pindah"), metavar="DAFTAR", help="kematian atau pindah")
    reference.add_argument("file", type=Path, metavar="BERKAS", help="CSV atau XLSX dengan kolom NIK")
    commands.add_parser("status", help="agenda yang tercatat dan hasilnya")
    history = commands.add_parser("history", help="semula - menjadi - dasar dari yang sudah ditulis (tersamar)")
    history.add_argument("agenda", metavar="AGENDA")
    commands.add_parser("verify", help="periksa rantai Buku Agenda")
    return top


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
