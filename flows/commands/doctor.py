"""``sinkron doctor``: is the office fit for work, and what to do where it is not."""

import argparse
import sys
from datetime import UTC, datetime

import httpx

from flows.commands.reading import existing_office
from flows.gateway.identity import credentials, proxy_file
from flows.recover import stuck
from flows.supervisor import running_api
from tasks.doctor import desk, machine
from tasks.doctor.state import Line, State, broken, good, soon, worst
from tasks.errors import Exit, LedgerBrokenError, SinkronError, UserError
from tasks.ledger import open_ledger
from tasks.office import Office


def doctor_command(_: argparse.Namespace) -> int:
    """Examines everything, tells the worst first; exit code OK, FINDINGS (act soon) or OFFICE (broken)."""
    office = existing_office()
    lines = examine(office, datetime.now(UTC))
    for state in reversed(State):
        for line in lines:
            if line.state is state:
                sys.stdout.write(f"{state:<15} {line.place}: {line.text}{f' -> {line.step}' if line.step else ''}\n")
    return {State.GOOD: Exit.OK, State.SOON: Exit.FINDINGS, State.BROKEN: Exit.OFFICE}[worst(lines)]


def examine(office: Office, now: datetime) -> list[Line]:
    """All lines about an office, in the order of looking."""
    lines = [machine.modes(office), machine.keys(office), machine.disk(office), *machine.versions()]
    try:
        lines += [machine.batch_keys(office), desk.notices(office)]
        told, calendar = desk.calendar(office, now)
        with open_ledger(office) as ledger:
            lines += [_door(office), told, machine.schema(office, ledger), machine.retention(office, ledger, now),
                      desk.clock(ledger, now), *desk.mandates(ledger, now), desk.backup(ledger, now),
                      desk.copy(office, ledger),
                      *desk.unfinished(ledger, (calendar, now))]  # fmt: skip
        lines.append(desk.second_file(office))
    except SinkronError as error:
        lines.append(broken("kantor", str(error), "lihat docs/operator.md, bagian Bila sesuatu berhenti"))
    return [*lines, _runs(office)]


def _door(office: Office) -> Line:
    """The login per person: Caddy's secret is there, for us alone, and the office answers behind it."""
    door = office.settings.pintu
    if not door.wajib:
        return good("pintu", "tanpa login per orang: hanya untuk komputer ini")
    path = proxy_file(office)
    if not path.exists():
        return soon("pintu", f"keys/{path.name} belum ada", "jalankan sinkron serve sekali, lalu salin ke Caddy")
    try:
        credentials(office)
    except UserError as error:
        return broken("pintu", str(error), "lihat docs/production.md")
    return good("pintu", f"login per orang di {door.alamat}, {len(door.orang)} login tanpa jabatan")


def _runs(office: Office) -> Line:
    """Every open batch is carried by a living run."""
    try:
        _ = office.settings
    except UserError:
        return soon("Prefect", "belum diperiksa: kantor.toml tidak terbaca", "perbaiki kantor.toml dahulu")
    try:
        standing = stuck(office, running_api(office))
    except UserError:
        return soon("Prefect", "kantor tidak berjalan", "sinkron serve")
    except LedgerBrokenError:
        return soon("Prefect", "belum diperiksa: Buku Agenda tidak terbuka", "lihat baris kantor dahulu")
    except httpx.HTTPError:
        return broken("Prefect", "server tidak menjawab", "hentikan dan jalankan lagi sinkron serve")
    if standing:
        agendas = ", ".join(sorted(case.batch.agenda for case in standing))
        return broken("Prefect", f"tidak ada run yang hidup untuk agenda {agendas}", "sinkron recover")
    return good("Prefect", "setiap agenda yang terbuka punya run yang hidup")
