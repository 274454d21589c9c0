"""The command ``sinkron``. Answers at once: everything heavy is imported by the command that needs it."""

import argparse
import contextlib
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

from flows import settings
from tasks.errors import Exit, LedgerBrokenError, Problem, SinkronError, UserError

WORDS = {
    "the following arguments are required": "isian wajib belum ada",
    "unrecognized arguments": "isian tidak dikenal",
    "expected one argument": "perlu satu isian",
    "invalid choice": "pilihan tidak dikenal",
    "choose from": "pilih dari",
    "argument ": "isian ",
}


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
    commands.add_parser("status", help="agenda yang tercatat dan hasilnya")
    history = commands.add_parser("history", help="semula - menjadi - dasar dari yang sudah ditulis (tersamar)")
    history.add_argument("agenda", metavar="AGENDA")
    commands.add_parser("verify", help="periksa rantai Buku Agenda")
    return top


def main(argv: list[str] | None = None) -> int:
    """Entry point; returns the exit code (see tasks.errors.Exit)."""
    arguments = parser().parse_args(argv)
    os.umask(0o077)
    try:
        return COMMANDS[arguments.command](arguments)
    except UserError as error:
        for problem in error.problems:
            sys.stderr.write(f"sinkron: {problem}\n")
        return error.exit_code
    except SinkronError as error:
        sys.stderr.write(f"sinkron: {error}\n")
        return error.exit_code
    except BrokenPipeError:  # `sinkron history ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except KeyboardInterrupt:
        return 130


def _demo(arguments: argparse.Namespace) -> int:
    from flows.demo import demo

    return demo(settings.office(), auto=arguments.auto)


def _serve(_: argparse.Namespace) -> int:
    from flows.supervisor import running_office, stop_on_signals

    office = settings.office()
    stop_on_signals()
    office.create()
    with running_office(office) as api:
        sys.stdout.write(f"Kantor berjalan: {api.url.removesuffix('/api')} - inbox {office.inbox}. Ctrl-C menutup.\n")
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()
    return Exit.OK


def _receive(arguments: argparse.Namespace) -> int:
    import httpx

    from flows.supervisor import running_api
    from tasks.receive import receive

    office = settings.office()
    api = running_api(office)
    receipt = receive(office, arguments.files, arguments.letter, (datetime.now(UTC), "cli"))
    sys.stdout.write(f"Diterima: agenda {receipt.agenda}\n")
    for facts in receipt.files:
        sys.stdout.write(
            f"  {facts['name']}: {facts['received']} baris diterima, {facts['loaded']} terbaca, "
            f"{facts['rejected']} ditolak; tata letak: {facts['layout']}\n"
        )
    with contextlib.suppress(httpx.HTTPError):  # registered is registered: the inbox watcher starts what has no run
        api.start(receipt.agenda)
    return Exit.OK


def _baseline(arguments: argparse.Namespace) -> int:
    from tasks.ledger import Kind, append, open_ledger, writing
    from tasks.load import load_baseline
    from tasks.receive import sha256_of
    from tasks.store import open_store

    office = settings.office()
    office.create()
    if not arguments.file.is_file():
        raise UserError(
            Exit.USAGE, Problem(arguments.file.name, "berkas tidak ditemukan", "berkas yang ada", "periksa nama berkas")
        )
    with open_store(office) as con:
        loaded = load_baseline(con, office, arguments.file)
    if loaded:
        with open_ledger(office.ledger) as ledger, writing(ledger):
            facts = {"sha256": sha256_of(arguments.file), "residents": loaded}
            append(ledger, datetime.now(UTC), (Kind.BASELINE, "", "sinkron"), facts)
    told = f"{loaded} penduduk dimuat" if loaded else "sudah dimuat; tidak ada perubahan"
    sys.stdout.write(f"Data awal: {told}\n")
    return Exit.OK


def _approver(arguments: argparse.Namespace) -> int:
    import pyotp

    from tasks.ledger import open_ledger
    from tasks.people import Person, people, register

    office = settings.office()
    office.create()
    with open_ledger(office.ledger) as ledger:
        if arguments.action == "list":
            for person in people(ledger):
                sys.stdout.write(f"{person.role:6} {person.nip}  {person.name}{'  DEMO' if person.demo else ''}\n")
            return Exit.OK
        person = Person(arguments.nip, arguments.nama, arguments.peran)
        secret = register(ledger, office.key("totp"), person, datetime.now(UTC))
    uri = pyotp.TOTP(secret).provisioning_uri(name=person.nip, issuer_name="Sinkron")
    sys.stdout.write(f"Terdaftar: {person.role} {person.nip}\n")
    sys.stdout.write(f"Masukkan ke aplikasi autentikator (hanya sekali tampil):\n  {uri}\n")
    return Exit.OK


def _status(_: argparse.Namespace) -> int:
    from tasks.ledger import Kind, entries, open_ledger

    with open_ledger(_existing_ledger()) as ledger:
        written = {entry.batch: entry for entry in entries(ledger, kind=Kind.WRITTEN)}
        for entry in entries(ledger, kind=Kind.RECEIVED):
            decided = [e.payload["role"] for e in entries(ledger, entry.batch, Kind.DECISION)]
            last = f"keputusan terakhir: {decided[-1]}" if decided else "belum ada keputusan"
            state = f"ditulis {_day(written[entry.batch].at)}" if entry.batch in written else last
            rows = sum(facts["received"] for facts in entry.payload["files"])
            sys.stdout.write(f"{entry.batch}  {rows} baris  {state}\n")
    return Exit.OK


def _day(at: str) -> str:
    from tasks.office import WIB

    return datetime.fromisoformat(at).astimezone(WIB).date().isoformat()


def _history(arguments: argparse.Namespace) -> int:
    from tasks.ledger import open_ledger
    from tasks.receive import find_receipt
    from tasks.report import history
    from tasks.store import open_store

    with open_ledger(_existing_ledger()) as ledger:
        find_receipt(ledger, arguments.agenda)
    with open_store(settings.office()) as con:
        for line in history(con, arguments.agenda):
            sys.stdout.write(f"{line}\n")
    return Exit.OK


def _verify(_: argparse.Namespace) -> int:
    from tasks.ledger import open_ledger, verify

    with open_ledger(_existing_ledger()) as ledger:
        count, head = verify(ledger)
    if not count and settings.office().store.exists():
        raise LedgerBrokenError("Buku Agenda kosong padahal store ada: pulihkan ledger.sqlite dari cadangan")
    sys.stdout.write(f"Buku Agenda utuh: {count} entri, kepala {head}\n")
    return Exit.OK


def _existing_ledger() -> Path:
    path: Path = settings.office().ledger
    if not path.exists():
        raise UserError(
            Exit.OFFICE,
            Problem(
                str(path),
                "Buku Agenda belum ada",
                "kantor yang sudah dibuat",
                "jalankan sinkron demo atau sinkron baseline",
            ),
        )
    return path


COMMANDS = {
    "demo": _demo,
    "serve": _serve,
    "receive": _receive,
    "baseline": _baseline,
    "approver": _approver,
    "status": _status,
    "history": _history,
    "verify": _verify,
}

if __name__ == "__main__":
    sys.exit(main())
