"""One official signs the Berita Acara of a written batch; the result is checked before it becomes the office's file."""

import hashlib
import io
import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from expectations.approvals import CHAIN
from tasks.documents.issue import Document, alone, finish, folder_of, issue, issued, put_out
from tasks.errors import Exit, Problem, UserError
from tasks.ledger import LedgerConnection
from tasks.office import Office
from tasks.signing.check import Rules, check_signatures, roots_of
from tasks.signing.order import Expected, Signatory, expected_of, signed_name
from tasks.signing.pades import Order
from tasks.signing.signer import Ask, Chosen, Ink, signer_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

    from tasks.documents.minutes import Box


SERVER_FIELD = "sig_"  # how BSrE's service names its fields


@dataclass(frozen=True)
class Request:
    """``role``: kasi, kabid or kadis; ``ask`` returns what is typed unseen; ``now``: the signing time (aware)."""

    agenda: str
    role: str
    chosen: Chosen
    ask: Ask
    now: datetime


def sign_minutes(con: "duckdb.DuckDBPyConnection", ledger: LedgerConnection, office: Office, request: Request) -> Path:
    """Adds the next signature and issues the signed file; returns its path.

    Raises UserError: USAGE when nothing was written, the level is not next or the office signs with ink; OFFICE for
    settings, damaged or missing files; IDENTITY for a certificate, passphrase or result that is not this official's.
    """
    expected = expected_of(ledger, request.agenda)
    who = _signatory(expected, request.role)
    signer = signer_for(office, request.chosen, request.ask)
    finish(office, ledger, request.agenda)
    before = _newest(office, ledger, expected)
    done = _count(before)
    _must_be_next(request.role, done)
    if isinstance(signer, Ink):
        signer.sign(before, Order(expected, who, {}, request.now))
    if not done:
        before = _paper_of_today(con, ledger, office, request)
    find = boxes_of if done else boxes_of_today
    boxes = {} if signer.by_server else find(con, ledger, office, (request.agenda, before))
    expected = expected_of(ledger, request.agenda)  # with the paper of today
    rules = rules_of(office, boxes, by_server=signer.by_server)
    if done:
        _refuse(check_signatures(before, expected, replace(rules, levels=done), request.now), Exit.OFFICE)
    signed = signer.sign(before, Order(expected, who, boxes, request.now))
    _refuse(check_signatures(signed, expected, replace(rules, levels=done + 1), request.now), Exit.IDENTITY)
    document = Document(signed_name(request.agenda), signed, masked=True)
    with alone(office, ledger, request.agenda, masked=True):  # from here on nobody else signs
        if _newest(office, ledger, expected) != before:
            received = "orang lain menandatangani pada saat yang sama"
            raise UserError(Exit.OFFICE, _problem(request.agenda, received, "satu per satu", "ulangi perintah ini"))
        return put_out(office, ledger, (request.agenda, request.now), document)


def check_file(
    con: "duckdb.DuckDBPyConnection", ledger: sqlite3.Connection, office: Office, file: tuple[str, bytes, datetime]
) -> list[str]:
    """What is wrong with a signed Berita Acara; ``file``: (agenda, PDF, time of asking). Raises UserError (USAGE)."""
    agenda, pdf, now = file
    expected = expected_of(ledger, agenda)
    by_server = bool(office.settings.tanda_tangan.alamat) and _first_field(pdf).startswith(SERVER_FIELD)
    boxes = {} if by_server else boxes_of(con, ledger, office, (agenda, pdf))
    return check_signatures(pdf, expected, rules_of(office, boxes, by_server=by_server), now)


def rules_of(office: Office, boxes: "Mapping[str, Box]", *, by_server: bool) -> Rules:
    """The office's rules: kantor.toml's roots (a relative path lies below the office). Raises UserError (OFFICE)."""
    return Rules(roots_of(office.home / office.settings.tanda_tangan.akar), boxes, by_server)


def boxes_of(
    con: "duckdb.DuckDBPyConnection", ledger: sqlite3.Connection, office: Office, about: tuple[str, bytes]
) -> "dict[str, Box]":
    """Role -> where its field lies on the Berita Acara below ``pdf``.

    Nothing when the paper of today is another one (a newer template moves boxes): then sizes alone are judged.
    """
    from tasks.documents.minutes import minutes

    agenda, pdf = about
    today = pdf.startswith(minutes(con, ledger, office, agenda)[0].content)
    return boxes_of_today(con, ledger, office, about) if today else {}


def boxes_of_today(
    con: "duckdb.DuckDBPyConnection", ledger: sqlite3.Connection, office: Office, about: tuple[str, bytes]
) -> "dict[str, Box]":
    """Role -> where its field lies on the Berita Acara as it is made today."""
    from tasks.documents.minutes import signature_boxes

    return signature_boxes(con, ledger, office, about[0])


def _paper_of_today(
    con: "duckdb.DuckDBPyConnection", ledger: LedgerConnection, office: Office, request: Request
) -> bytes:
    """The Berita Acara with today's letterhead and layout, issued when it is not yet: its boxes are known."""
    from tasks.documents.minutes import minutes

    paper = minutes(con, ledger, office, request.agenda)[0]
    issue(office, ledger, (request.agenda, request.now), paper)
    return paper.content


def _signatory(expected: Expected, role: str) -> Signatory:
    found = next((who for who in expected.signatories if who.role == role.lower()), None)
    if found is None:
        allowed = ", ".join(level.role for level in CHAIN)
        raise UserError(Exit.USAGE, Problem("--sebagai", "bukan jenjang yang menandatangani", allowed, "pilih satu"))
    return found


def _newest(office: Office, ledger: LedgerConnection, expected: Expected) -> bytes:
    """The file to be signed next, which must be what the ledger noted."""
    from tasks.documents.minutes import minutes_name

    known = issued(ledger, expected.agenda)
    name = next((n for n in (signed_name(expected.agenda), minutes_name(expected.agenda)) if n in known), None)
    if name is None:
        step = f"buat dahulu: sinkron documents {expected.agenda}"
        raise UserError(Exit.USAGE, _problem(expected.agenda, "Berita Acara belum dibuat", "Berita Acara", step))
    path = folder_of(office, expected.agenda, masked=True) / name
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != known[name]["sha256"]:
        received = "hilang, atau bukan lagi berkas yang dicatat Buku Agenda"
        step = f"jalankan sinkron documents {expected.agenda}, atau pulihkan dari cadangan"
        raise UserError(Exit.OFFICE, _problem(name, received, "berkas itu utuh", step))
    return content


def _count(pdf: bytes) -> int:
    from pyhanko.pdf_utils.reader import PdfFileReader

    return len(PdfFileReader(io.BytesIO(pdf)).embedded_signatures)


def _first_field(pdf: bytes) -> str:
    """Name of the field that was signed first, "" when there is none or the file is broken."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        return str(PdfFileReader(io.BytesIO(pdf)).embedded_signatures[0].field_name)
    except Exception:  # noqa: BLE001 (a damaged file: check_signatures tells it)
        return ""


def _must_be_next(role: str, done: int) -> None:
    roles = [level.role for level in CHAIN]
    at = roles.index(role.lower())
    if at < done:
        allowed, step = "satu tanda tangan per jenjang", "tidak ada yang perlu dilakukan"
        raise UserError(Exit.USAGE, Problem("--sebagai", f"{CHAIN[at].title} sudah menandatangani", allowed, step))
    if at > done:
        received = f"{CHAIN[done].title} belum menandatangani"
        raise UserError(Exit.USAGE, Problem("--sebagai", received, "berurutan", f"dahulukan {CHAIN[done].title}"))


def _refuse(faults: list[str], code: Exit) -> None:
    if faults:
        allowed, step = (
            "Berita Acara bertanda tangan sah",
            "tidak ada yang disimpan; periksa sertifikat dan kantor.toml",
        )
        raise UserError(code, *(Problem("tanda tangan", fault, allowed, step) for fault in faults))


def _problem(place: str, received: str, allowed: str, step: str) -> Problem:
    return Problem(place, received, allowed, step)
