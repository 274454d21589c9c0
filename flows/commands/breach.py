"""``sinkron breach``: who was in files that got out, and the notice within 3x24 hours. Counts alone on the terminal."""

import argparse
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flows.commands.reading import existing_office, may_open
from tasks.errors import Exit, Problem, UserError
from tasks.office import Office

if TYPE_CHECKING:
    from tasks.breach.report import Incident, Report
    from tasks.breach.scope import Scope
    from tasks.ledger import LedgerConnection

SHOWN = 20  # kelurahan on the terminal


def breach_command(arguments: argparse.Namespace) -> int:
    """Records the incident and puts out list and draft; ``--sandi``: the list's password, for a person who says why."""
    from tasks.breach.clock import check_known_then, found_at
    from tasks.breach.report import Incident, gather, report
    from tasks.breach.scope import first_received
    from tasks.ledger import open_ledger
    from tasks.store import open_store

    office, now = existing_office(), datetime.now(UTC)
    if arguments.sandi:
        return _password(office, arguments)
    if not arguments.since or bool(arguments.agenda) == bool(arguments.file):
        allowed = 'AGENDA... atau --file NAMA, dan --since "YYYY-MM-DD HH:MM"'
        problem = Problem(
            "sinkron breach", "belum jelas apa dan kapan", allowed, "isi yang terdampak dan saat diketahui"
        )
        raise UserError(Exit.USAGE, problem)
    found = found_at(arguments.since, now)
    with open_ledger(office) as ledger:
        scope = _scope(ledger, arguments)
        check_known_then(found, first_received(ledger, scope))
        incident = Incident(scope, found, arguments.bagaimana or "", arguments.penanganan or "")
        with open_store(office) as con:
            affected = gather(con, incident)
        made = report(ledger, office, incident, (affected, now))
    _tell(office, incident, made, now)
    return Exit.OK


def _scope(ledger: "LedgerConnection", arguments: argparse.Namespace) -> "Scope":
    from tasks.breach.scope import of_agendas, of_file

    return of_file(ledger, arguments.file) if arguments.file else of_agendas(ledger, arguments.agenda)


def _tell(office: Office, incident: "Incident", made: "Report", now: datetime) -> None:
    from tasks.breach.clock import due_at, left
    from tasks.documents.words import number, short_time
    from tasks.ledger import utc

    facts, out = made.facts, sys.stdout
    out.write(
        f"Insiden {made.number}: {number(facts['persons'])} orang, {number(facts['children'])} di antaranya anak\n"
    )
    deadline = short_time(utc(due_at(incident.found)))
    out.write(f"Batas pemberitahuan 3 x 24 jam: {deadline} ({left(incident.found, now)})\n")
    for kind, labels in facts["kinds"].items():
        out.write(f"  data {kind}: {', '.join(labels)}\n")
    for name, count in made.villages.head(SHOWN).iter_rows():
        out.write(f"  {name}: {number(count)}\n")
    if made.villages.height > SHOWN:
        out.write(f"  dan {made.villages.height - SHOWN} kelurahan lain, lihat konsep suratnya\n")
    if facts["unread"]:
        out.write(f"{number(facts['unread'])} baris tidak terbaca: cari orangnya dalam berkas asal di archive/\n")
    for name in made.files:
        out.write(f"{(office.outbox / made.number / name).relative_to(office.home)}\n")
    out.write(f"Sandi daftar orang: sinkron breach --sandi {made.number} --nip NIP --alasan TEKS\n")
    out.write("Lengkapi konsep suratnya, tandatangani, kirim kepada lembaga dan setiap orang (UU 27/2022 ps. 46).\n")


def _password(office: Office, arguments: argparse.Namespace) -> int:
    from tasks.documents.annex import annex_password
    from tasks.ledger import Kind, entries, open_ledger

    number = str(arguments.sandi)
    with open_ledger(office) as ledger:
        if not entries(ledger, number, Kind.BREACH):
            allowed = "nomor insiden yang tercatat, misalnya INS-2026-0001"
            raise UserError(Exit.USAGE, Problem("--sandi", "bukan nomor insiden", allowed, "periksa nomornya"))
    may_open(office, number, arguments, "sandi lampiran")
    sys.stdout.write(f"orang-terdampak-{number}.xlsx: {annex_password(office, number)}\n")
    return Exit.OK
