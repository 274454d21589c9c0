"""``sinkron sign``: officials sign the Berita Acara in the PDF, one after another; or a signed file is checked."""

import argparse
import hashlib
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from flows.commands.reading import existing_office
from tasks.errors import Exit, Problem, UserError
from tasks.office import Office

if TYPE_CHECKING:
    from tasks.signing.order import Expected


def sign_command(arguments: argparse.Namespace) -> int:
    """Signs as ``--sebagai``, or checks ``--periksa``: exit code OK, or FINDINGS with every finding on a line."""
    if bool(arguments.sebagai) == bool(arguments.periksa):
        step = "sinkron sign AGENDA --sebagai kasi, atau --periksa PDF"
        raise UserError(Exit.USAGE, Problem("--sebagai/--periksa", "keduanya, atau tidak satu pun", "satu saja", step))
    office = existing_office()
    return _check(office, arguments) if arguments.periksa else _sign(office, arguments)


def _sign(office: Office, arguments: argparse.Namespace) -> int:
    from flows.commands.people import ask_secret
    from tasks.ledger import open_ledger
    from tasks.signing.sign import Request, sign_minutes
    from tasks.signing.signer import Chosen
    from tasks.store import open_store

    chosen = Chosen(arguments.p12, arguments.token or "")
    request = Request(arguments.agenda, arguments.sebagai, chosen, ask_secret, datetime.now(UTC))
    with open_ledger(office) as ledger, open_store(office) as con:
        path = sign_minutes(con, ledger, office, request)
    sys.stdout.write(f"Ditandatangani: {path}\n")
    return Exit.OK


def _check(office: Office, arguments: argparse.Namespace) -> int:
    from tasks.ledger import open_ledger
    from tasks.signing.order import expected_of
    from tasks.signing.sign import check_file
    from tasks.store import open_store

    pdf = _read(arguments.periksa)
    with open_ledger(office) as ledger, open_store(office) as con:
        found = check_file(con, ledger, office, (arguments.agenda, pdf, datetime.now(UTC)))
        expected = expected_of(ledger, arguments.agenda)
    sys.stdout.write(f"SALAH: {len(found)} hal\n" if found else "BENAR: tanda tangan sah, lengkap dan berurutan\n")
    for text in found:
        sys.stdout.write(f"  {text}\n")
    if not found:
        for who in expected.signatories:
            sys.stdout.write(f"  {who.field}: {who.name}, {who.title}, NIP {who.nip} ({who.meaning})\n")
    sys.stdout.write(f"  berkas ini {_noted(expected, pdf)}\n")
    return Exit.FINDINGS if found else Exit.OK


def _noted(expected: "Expected", pdf: bytes) -> str:
    from tasks.documents.words import short_time

    digest = hashlib.sha256(pdf).hexdigest()
    if digest in expected.papers:
        return "adalah Berita Acara yang belum ditandatangani, seperti dikeluarkan kantor"
    at = expected.known.get(digest)
    return f"dicatat Buku Agenda pada {short_time(at)}" if at else "tidak tercatat di Buku Agenda"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        allowed = "Berita Acara bertanda tangan (PDF)"
        raise UserError(Exit.USAGE, Problem("--periksa", "tidak terbaca", allowed, "periksa nama berkas")) from None
