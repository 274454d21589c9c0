"""``sinkron verify`` and ``anchor``: is the evidence whole, and the head that goes into the Buku Agenda on paper."""

import argparse
import contextlib
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from flows.commands.reading import existing_office, may_open
from tasks.errors import Exit, LedgerBrokenError, Problem, UserError
from tasks.office import WIB, Office

if TYPE_CHECKING:
    from tasks.anchors import Anchor
    from tasks.evidence.findings import Finding


def verify_command(arguments: argparse.Namespace) -> int:
    """Checks everything, tells the verdict first; exit code OK or SYSTEM. ``--salin`` writes an auditor's folder."""
    from flows.prefect_states import run_states
    from tasks.evidence.findings import Severity
    from tasks.evidence.heads import heads_of_file, public_key_of, typed_head
    from tasks.evidence.verify import verdict, verify_office

    office = existing_office()
    _must_have_entries(office)
    heads = [typed_head(text) for text in arguments.kepala or ()]
    if arguments.publik and not arguments.jangkar:
        raise UserError(Exit.USAGE, Problem("--publik", "tanpa --jangkar", "keduanya bersama", "isi --jangkar BERKAS"))
    public_key = public_key_of(arguments.publik) if arguments.publik else None
    noted, said = heads_of_file(arguments.jangkar, public_key) if arguments.jangkar else ([], [])
    found = [*verify_office(office, run_states(office), [*heads, *noted]), *said]
    _tell(found, office)
    if arguments.salin:
        _copy(office, arguments)
    return Exit.SYSTEM if verdict(found) is Severity.WRONG else Exit.OK


def _must_have_entries(office: Office) -> None:
    """Nothing to check is not right: perhaps SINKRON_HOME is mistyped."""
    from tasks.ledger import head, open_ledger

    if not office.ledger.exists() or office.store.exists():
        return  # told in full below
    with contextlib.suppress(LedgerBrokenError), open_ledger(office) as ledger:
        if not head(ledger)[0]:
            problem = Problem(str(office.home), "Buku Agenda kosong", "kantor dengan entri", "periksa SINKRON_HOME")
            raise UserError(Exit.OFFICE, problem)


def _tell(found: "list[Finding]", office: Office) -> None:
    from tasks.evidence.findings import Severity
    from tasks.evidence.verify import verdict

    by_level = {level: [f for f in found if f.severity is level] for level in Severity}
    first = {
        Severity.WRONG: f"SALAH: {len(by_level[Severity.WRONG])} hal bertentangan",
        Severity.WARN: f"BENAR, dengan {len(by_level[Severity.WARN])} hal yang perlu dilihat orang",
        Severity.OK: "BENAR",
    }
    sys.stdout.write(f"{first[verdict(found)]} - {office.home}\n")
    for level in (Severity.WRONG, Severity.WARN, Severity.OK):
        for finding in by_level[level]:
            sys.stdout.write(f"  {level}: {finding.text}\n")


def _copy(office: Office, arguments: argparse.Namespace) -> None:
    """The auditor's folder; signed bytes hold personal data, so they need a person, a code, a reason and an entry."""
    from tasks.evidence.export import export, written_rounds
    from tasks.ledger import Kind, append, open_ledger, writing
    from tasks.store import open_store

    with open_ledger(office) as ledger:
        if not arguments.usulan:
            files = export(ledger, office.anchors, arguments.salin)
        else:
            signed = written_rounds(ledger, arguments.usulan)
            if not signed:
                allowed, step = "agenda yang sudah ditulis", "lihat: sinkron status"
                raise UserError(Exit.USAGE, Problem("--usulan", "belum ditulis, atau tidak dikenal", allowed, step))
            may_open(office, arguments.usulan, arguments, "usulan")
            facts = {"what": "usulan", "rounds": [[one.agenda, one.round, one.digest] for one in signed]}
            with open_store(office) as store:
                with writing(ledger):
                    append(ledger, datetime.now(UTC), (Kind.EXPORTED, arguments.usulan, arguments.nip), facts)
                files = export(ledger, office.anchors, arguments.salin, (store, signed))
    sys.stdout.write(f"Disalin ke {arguments.salin}: {', '.join(path.name for path in files)}\n")


def anchor_command(arguments: argparse.Namespace) -> int:
    """Prints the present head for the Buku Agenda on paper; signs it into a file; begins a lost second file anew."""
    from tasks.anchors import LEDGER, Anchor
    from tasks.approvals.case import file_code
    from tasks.evidence.renew import renew_anchors
    from tasks.ledger import open_ledger, utc, verify

    office, now = existing_office(), datetime.now(UTC)
    if bool(arguments.kunci) != bool(arguments.ke):
        raise UserError(Exit.USAGE, Problem("--kunci/--ke", "hanya satu", "keduanya bersama", "isi keduanya"))
    if arguments.baru:
        anchor = renew_anchors(office, now)
        sys.stdout.write(f"Berkas jangkar baru: {office.anchors}\n")
        sys.stdout.write("Yang lama hilang, jadi hanya kertas yang membuktikan bahwa Buku Agenda ini yang dahulu:\n")
        sys.stdout.write("  sinkron verify --kepala N:HURUF dengan setiap kepala yang tertulis di Buku Agenda kertas\n")
    else:
        with open_ledger(office) as ledger:
            anchor = Anchor(LEDGER, *verify(ledger), utc(now))
    sys.stdout.write(
        f"Kepala Buku Agenda pada {now.astimezone(WIB):%d-%m-%Y %H.%M} WIB, tulis di Buku Agenda kertas:\n"
    )
    sys.stdout.write(f"  {anchor.number}:{file_code(anchor.hash)}\n  {anchor.hash}\n")
    if arguments.kunci:
        _sign(anchor, arguments.kunci, arguments.ke)
    return Exit.OK


def _sign(anchor: "Anchor", pem: Path, target: Path) -> None:
    from flows.commands.people import ask_secret
    from tasks.approvals.keyfile import open_key_file
    from tasks.evidence.heads import head_file
    from tasks.private import new_private

    key = open_key_file(pem, ask_secret("Frasa sandi kunci: "))
    if target.exists() or not target.parent.is_dir():
        allowed = "berkas baru dalam folder yang ada"
        raise UserError(Exit.USAGE, Problem(target.name, "sudah ada, atau foldernya tidak ada", allowed, "ganti nama"))
    with new_private(target) as file:
        file.write(head_file(anchor, key))
    sys.stdout.write(f"Ditandatangani: {target}\n")
