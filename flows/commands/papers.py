"""``sinkron documents``: a batch's papers, whether each is still what was put out, and those that are missing again."""

import argparse
import contextlib
import hashlib
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flows.commands.reading import existing_office, may_open
from tasks.errors import DigestMismatchError, Exit, Problem, UserError
from tasks.office import Office

if TYPE_CHECKING:
    from tasks.documents.issue import Document
    from tasks.ledger import LedgerConnection

WHOLE, CHANGED, MISSING, DESTROYED = "utuh", "BERUBAH", "HILANG", "musnah"


def documents_command(arguments: argparse.Namespace) -> int:
    """Lists the papers of a batch or undo; ``--sandi``: the annex's password, for a person who says why.

    Exit code FINDINGS when a file was changed, or is lost and can not be made again.
    """
    from tasks.ledger import open_ledger

    office, agenda = existing_office(), str(arguments.agenda)
    with open_ledger(office) as ledger:
        _known(ledger, agenda)
    if arguments.sandi:
        return _password(office, agenda, arguments)
    with open_ledger(office) as ledger:
        again = _make_missing(office, ledger, agenda)
        return _tell(office, ledger, agenda, again)


def _known(ledger: "LedgerConnection", agenda: str) -> None:
    from tasks.ledger import Kind, entries
    from tasks.receipts import find_receipt

    if not entries(ledger, agenda, Kind.UNDO) and not entries(ledger, agenda, Kind.PURGE):
        find_receipt(ledger, agenda)


def _password(office: Office, agenda: str, arguments: argparse.Namespace) -> int:
    from tasks.documents.annex import annex_name, annex_password
    from tasks.documents.issue import issued
    from tasks.ledger import open_ledger

    with open_ledger(office) as ledger:
        if annex_name(agenda) not in issued(ledger, agenda):
            received, allowed = "agenda ini tidak punya lampiran terenkripsi", "agenda dengan lebih dari 500 perubahan"
            raise UserError(Exit.USAGE, Problem("--sandi", received, allowed, f"lihat: sinkron documents {agenda}"))
    may_open(office, agenda, arguments, "sandi lampiran")
    sys.stdout.write(f"{annex_name(agenda)}: {annex_password(office, agenda)}\n")
    return Exit.OK


def _make_missing(office: Office, ledger: "LedgerConnection", agenda: str) -> dict[str, bool]:
    """Puts out what should lie there and does not; name -> whether it is what was put out before, byte for byte."""
    from tasks.documents.issue import finish, folder_of, issue, issued
    from tasks.retention.due import destroyed

    finish(office, ledger, agenda)
    if agenda in destroyed(ledger):
        return {}  # what they were made from is gone
    known, again = issued(ledger, agenda), {}
    for paper in _papers(office, ledger, agenda):
        if not (folder_of(office, agenda, masked=paper.masked) / paper.name).exists():
            digest = hashlib.sha256(paper.content).hexdigest()
            again[paper.name] = paper.name not in known or known[paper.name]["sha256"] == digest
            issue(office, ledger, (agenda, datetime.now(UTC)), paper)
    return again


def _papers(office: Office, ledger: "LedgerConnection", agenda: str) -> "list[Document]":
    """Every paper that store and ledger can make now; a round that went void because its rows changed has no sheet."""
    from tasks.agenda_book import disposition
    from tasks.approvals.docket import FINAL, docket
    from tasks.documents.after import papers_after
    from tasks.documents.issue import issued
    from tasks.documents.verification_sheet import verification_sheet
    from tasks.store import open_store

    batch = docket(ledger, agenda)
    rounds = sorted(number for number, here in batch.rounds.items() if FINAL in here.proposed and not batch.destroys)
    papers: list[Document] = []
    if f"lembar-disposisi-{agenda}.pdf" in issued(ledger, agenda):
        papers.append(disposition(ledger, office, agenda))
    with open_store(office) as con:
        for number in rounds:
            with contextlib.suppress(DigestMismatchError):
                papers.append(verification_sheet(con, ledger, office, (agenda, number)))
        return [*papers, *(papers_after(con, ledger, office, agenda) if batch.written else [])]


def _tell(office: Office, ledger: "LedgerConnection", agenda: str, again: dict[str, bool]) -> int:
    from tasks.documents.issue import folder_of, issued
    from tasks.private import sha256_of
    from tasks.retention.due import destroyed

    papers, gone = issued(ledger, agenda), agenda in destroyed(ledger)
    if not papers:
        sys.stdout.write("Belum ada berkas: lembar verifikasi dibuat sesudah Staff mengajukan.\n")
    wrong = 0
    for name, facts in papers.items():
        path = folder_of(office, agenda, masked=bool(facts["masked"])) / name
        state = MISSING if not path.exists() else WHOLE if sha256_of(path) == facts["sha256"] else CHANGED
        state = DESTROYED if gone and not facts["masked"] and state == MISSING else state
        wrong += state not in (WHOLE, DESTROYED)
        note = {
            None: "", True: ", dibuat ulang", False: ", dibuat ulang; kantor.toml sudah lain, jadi isinya juga"
        }[again.get(name)]  # fmt: skip
        sys.stdout.write(f"{state:8} {facts['sha256'][:16]}  {path.relative_to(office.home)}{note}\n")
    if wrong:
        sys.stdout.write(
            f"{wrong} berkas tidak lagi seperti saat dikeluarkan. Yang berubah: pindahkan, lalu ulangi perintah ini; "
            "yang bertanda tangan: ambil dari cadangan.\n"
        )
    return Exit.FINDINGS if wrong else Exit.OK
