"""``sinkron approver``: who may decide, from when to when, and with which code or key."""

import argparse
import getpass
import sys
from datetime import UTC, datetime
from pathlib import Path

from expectations.approvals import LEVELS, MandateKind
from flows import settings
from flows.commands.reading import existing_office
from tasks.approvals.enrol import check_png, provisioning_uri, qr_terminal, write_png
from tasks.approvals.people import Mandate, Person, disable, enrol_key, grant, people, register, rotate
from tasks.errors import Exit, Problem, UserError
from tasks.ledger import LedgerConnection, open_ledger
from tasks.office import WIB, Office


def approver(arguments: argparse.Namespace) -> int:
    """Runs one action on the registry."""
    office = existing_office() if arguments.action != "add" else settings.office()
    office.create()
    if getattr(arguments, "qr", None):
        check_png(arguments.qr)
    with open_ledger(office) as ledger:
        return ACTIONS[arguments.action](ledger, office, arguments)


def _list(ledger: LedgerConnection, _: Office, __: argparse.Namespace) -> int:
    day = datetime.now(WIB).date().isoformat()
    order = list(LEVELS)
    lines = []
    for person in people(ledger).values():
        marks = ["DEMO"] * person.demo + ["NONAKTIF"] * person.disabled + ["kunci Ed25519"] * bool(person.public_key)
        marks += ["kunci perangkat"] * bool(person.device)
        for mandate in person.mandates or (None,):
            rank = order.index(mandate.role) if mandate else len(order)
            lines.append((rank, person.nip, _line(person, mandate, day, marks)))
    sys.stdout.write("".join(f"{line}\n" for *_, line in sorted(lines)) or "Belum ada orang yang terdaftar.\n")
    return Exit.OK


def _line(person: Person, mandate: Mandate | None, day: str, marks: list[str]) -> str:
    if mandate is None:
        return f"{'-':12} {person.nip}  {person.name}  {'  '.join(marks)}".rstrip()
    until = f"sampai {mandate.valid_to}" if mandate.valid_to else "seterusnya"
    state = "" if mandate.holds(mandate.role, day) else "TIDAK BERLAKU HARI INI"
    letter = f"surat {mandate.letter}" if mandate.letter else ""
    parts = [person.name, f"{mandate.valid_from} {until}", letter, state, *marks]
    return f"{mandate.title:12} {person.nip}  {'  '.join(part for part in parts if part)}"


def _add(ledger: LedgerConnection, office: Office, arguments: argparse.Namespace) -> int:
    person = Person(arguments.nip, arguments.nama)
    secret = register(ledger, office.key("totp"), (person, _mandate(arguments)), datetime.now(UTC))
    sys.stdout.write(f"Terdaftar: {_mandate(arguments).title} {person.nip}\n")
    return _show(secret, person.nip, arguments.qr)


def _mandate(arguments: argparse.Namespace) -> Mandate:
    return Mandate(
        arguments.peran, MandateKind(arguments.jenis), arguments.surat or "", arguments.mulai or "",
        arguments.sampai or "",
    )  # fmt: skip


def _grant(ledger: LedgerConnection, _: Office, arguments: argparse.Namespace) -> int:
    grant(ledger, arguments.nip, _mandate(arguments), datetime.now(UTC))
    sys.stdout.write(f"Mandat dicatat: {_mandate(arguments).title} {arguments.nip}\n")
    return Exit.OK


def _invite(ledger: LedgerConnection, office: Office, nip: str) -> int:
    """A code for the page where the person makes a device key."""
    from tasks.approvals.invite import invite
    from tasks.approvals.online import library, relying_party

    door = office.settings.pintu
    if not door.wajib:
        problem = Problem("kantor.toml", "[pintu] tidak dipakai", "[pintu] wajib = true", "lihat docs/production.md")
        raise UserError(Exit.OFFICE, problem)
    library()
    relying_party(door.alamat)
    code = invite(ledger, office.key("device"), nip, datetime.now(UTC))
    sys.stdout.write(f"Kode pendaftaran {nip}: {code} (sekali pakai, berlaku satu jam)\n")
    sys.stdout.write(
        f"Sampaikan langsung kepada orangnya, untuk {door.alamat}/kunci-perangkat dengan loginnya sendiri\n"
    )
    return Exit.OK


def _rotate(ledger: LedgerConnection, office: Office, arguments: argparse.Namespace) -> int:
    if arguments.kunci_perangkat:
        return _invite(ledger, office, arguments.nip)
    if arguments.kunci:
        public = _new_key(arguments.kunci, arguments.nip, ledger)
        sys.stdout.write(
            f"Kunci Ed25519 {arguments.nip} tercatat; berkas kunci: {arguments.kunci} (sidik {public[:16]})\n"
        )
        return Exit.OK
    secret = rotate(ledger, office.key("totp"), arguments.nip, datetime.now(UTC))
    sys.stdout.write(f"Kode {arguments.nip} diganti; yang lama tidak berlaku lagi\n")
    if people(ledger)[arguments.nip].device:
        sys.stdout.write("Kunci perangkatnya MASIH berlaku; bila hilang juga: ulangi dengan --kunci-perangkat\n")
    return _show(secret, arguments.nip, arguments.qr)


def _new_key(target: Path, nip: str, ledger: LedgerConnection) -> str:
    """Makes a key pair: the private half, locked by a passphrase, is the person's; the public half is enrolled."""
    from tasks.approvals.keyfile import new_key_file, remove_key_file

    passphrase = ask_secret("Frasa sandi kunci (paling sedikit 12 huruf): ")
    if sys.stdin.isatty() and ask_secret("Sekali lagi: ") != passphrase:
        raise UserError(Exit.USAGE, Problem("frasa sandi", "dua isian berbeda", "isian yang sama", "ulangi"))
    public = new_key_file(target, passphrase)
    try:
        enrol_key(ledger, nip, public, datetime.now(UTC))
    except BaseException:
        remove_key_file(target)
        raise
    return public


def ask_secret(prompt: str) -> str:
    """What is typed without being shown; one line of standard input where there is no terminal."""
    return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")


def ask_code(given: str | None) -> str:
    """The one-time code, asked for where it was not given. Raises UserError (USAGE) for none: nobody tried anything."""
    code = given or ask_secret("Kode sekali pakai: ").strip()
    if not code:
        step = "ulangi dan ketik kodenya, atau isi --kode"
        raise UserError(Exit.USAGE, Problem("kode sekali pakai", "kosong", "6 angka dari aplikasi autentikator", step))
    return code


def _disable(ledger: LedgerConnection, _: Office, arguments: argparse.Namespace) -> int:
    disable(ledger, arguments.nip, arguments.alasan, datetime.now(UTC))
    sys.stdout.write(f"Dinonaktifkan: {arguments.nip}; semua mandatnya berakhir\n")
    return Exit.OK


def _show(secret: str, nip: str, png: Path | None) -> int:
    uri = provisioning_uri(secret, nip)
    if png:
        write_png(uri, png)
        sys.stdout.write(f"QR: {png}: pindai dengan aplikasi autentikator, lalu hapus\n")
        return Exit.OK
    sys.stdout.write(qr_terminal(uri))
    sys.stdout.write(f"Pindai dengan aplikasi autentikator (hanya sekali tampil), atau ketik:\n  {uri}\n")
    return Exit.OK


ACTIONS = {"list": _list, "add": _add, "mandate": _grant, "rotate": _rotate, "disable": _disable}
