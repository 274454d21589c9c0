"""The command ``sinkron``. Answers at once: everything heavy is imported by the command that needs it."""

import argparse
import contextlib
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from flows import settings
from flows.arguments import parser
from tasks.errors import Exit, LedgerBrokenError, Problem, SinkronError, UserError


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
    except Exception as error:  # noqa: BLE001 (a fault of ours: its text could quote data, its kind can not)
        sys.stderr.write(f"sinkron: kesalahan sistem ({type(error).__name__}); laporkan ke pengelola\n")
        return Exit.SYSTEM


def _demo(arguments: argparse.Namespace) -> int:
    from flows.demo import demo

    return demo(settings.office(), auto=arguments.auto)


def _serve(_: argparse.Namespace) -> int:
    from flows.supervisor import running_office, stop_on_signals

    office = settings.office()
    stop_on_signals()
    office.create()
    office.thresholds()  # a wrong ambang.toml is told now, not by the first batch
    with running_office(office) as api:
        sys.stdout.write(f"Kantor berjalan: {api.url.removesuffix('/api')} - inbox {office.inbox}. Ctrl-C menutup.\n")
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()
    return Exit.OK


def _receive(arguments: argparse.Namespace) -> int:
    import httpx

    from flows.supervisor import running_api
    from tasks.receipts import told
    from tasks.receive import receive

    office = settings.office()
    api = running_api(office)
    office.thresholds()
    receipt = receive(office, arguments.files, arguments.letter, (datetime.now(UTC), "cli"))
    sys.stdout.write(f"Diterima: agenda {receipt.agenda}\n")
    for facts in receipt.files:
        sys.stdout.write("".join(f"  {line}\n" for line in told(facts)))
    with contextlib.suppress(httpx.HTTPError):  # registered is registered: the inbox watcher starts what has no run
        api.start(receipt.agenda)
    return Exit.OK


def _baseline(arguments: argparse.Namespace) -> int:
    from tasks.ledger import Kind, append, open_ledger, writing
    from tasks.load import load_baseline
    from tasks.private import sha256_of
    from tasks.store import open_store

    office = settings.office()
    office.create()
    _must_exist(arguments.file)
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


def _check(arguments: argparse.Namespace) -> int:
    from tasks.check import Beside, check, check_out, told, write_findings
    from tasks.office import WIB, read_thresholds
    from tasks.passwords import zip_passwords

    if arguments.out:
        check_out(arguments.out)
    known = {"thresholds": read_thresholds(arguments.thresholds)} if arguments.thresholds else {}
    beside = Beside(arguments.baseline, arguments.deaths, arguments.moves, arguments.whole_families,
                    zip_passwords(settings.office(), arguments.files), **known)  # fmt: skip
    as_of = arguments.as_of or datetime.now(WIB).date()
    checked = check(arguments.files, as_of.isoformat(), beside)
    if arguments.out:
        write_findings(checked.findings, arguments.out)
    sys.stdout.write("".join(f"{line}\n" for line in told(checked)))
    return Exit.FINDINGS if checked.findings.height else Exit.OK


def _link(arguments: argparse.Namespace) -> int:
    from flows.link import link_command

    return link_command(arguments)


def _prepare(arguments: argparse.Namespace) -> int:
    from flows.link import prepare_command

    return prepare_command(arguments)


def _reference(arguments: argparse.Namespace) -> int:
    from tasks.reference import load_list
    from tasks.store import open_store

    office = settings.office()
    office.create()
    _must_exist(arguments.file)
    with open_store(office) as con:
        count = load_list(con, arguments.kind, arguments.file)
    sys.stdout.write(f"Daftar {arguments.kind}: {count} NIK\n")
    return Exit.OK


def _must_exist(path: Path) -> None:
    if not path.is_file():
        problem = Problem(path.name, "berkas tidak ditemukan", "berkas yang ada", "periksa nama berkas")
        raise UserError(Exit.USAGE, problem)


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
    "check": _check,
    "link": _link,
    "prepare": _prepare,
    "reference": _reference,
    "status": _status,
    "history": _history,
    "verify": _verify,
}

if __name__ == "__main__":
    sys.exit(main())
