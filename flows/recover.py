"""Runs that stand still go on where the ledger says; a lost Prefect database is rebuilt from the open batches.

Prefect is disposable: whatever state a run was brought to, by a crash or by somebody's hand, nothing was decided or
written by it. So recovering is only starting a run again, or a new one; the flow then asks the ledger what is due.
"""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime

from expectations.approvals import LEVELS
from flows.rest import Api, Run
from tasks.approvals.case import Case
from tasks.approvals.decide import next_question
from tasks.approvals.docket import Docket, docket
from tasks.approvals.waiting import open_batches
from tasks.ledger import Kind, append, entries, open_ledger, writing
from tasks.office import Office
from tasks.retention.destroy import finish_purges
from tasks.store import open_store
from tasks.write.repair import repair

NUDGED = "dilanjutkan: keputusan sudah tercatat di Buku Agenda"
RECOVERED = "dilanjutkan oleh sinkron recover"


@dataclass(frozen=True)
class Stuck:
    """An open batch that no run carries on. ``run``: the newest that can be started again, or None."""

    batch: Docket
    run: Run | None


def mend(office: Office, now: datetime) -> list[str]:
    """Ledger and store agree again after a crash between them, and what is destroyed is gone; one line for each.

    Raises UserError.
    """
    if not office.store.exists():
        return []
    with open_ledger(office) as ledger, open_store(office) as con:
        return [*repair(con, ledger, now), *finish_purges(office, ledger)]


def renew_copy(office: Office, now: datetime) -> list[str]:
    """The analysts' copy is made again where it lacks what was written: after a restore, or a publishing that failed.

    Raises UserError (OFFICE) when somebody could be picked out in it.
    """
    from tasks.publish import PUBLISHED, publish
    from tasks.publish.stale import missing

    with open_ledger(office) as ledger:
        written = missing(office.published / PUBLISHED, ledger)
        if written is None:
            return []
        with open_store(office) as con:
            publish(con, office, ledger, (written.batch, now))
    return [f"Salinan analis diterbitkan lagi, memuat agenda {written.batch}"]


def stuck(office: Office, api: Api) -> list[Stuck]:
    """Open batches that no living run carries on: none, dead or ended by hand, or waiting at another gate.

    Only runs of the office's own deployment for exactly this batch count: anybody can make others with the same tag.
    """
    with open_ledger(office) as ledger:
        batches = [
            (batch, asked_gate(ledger, batch), origin_run(ledger, batch.agenda)) for batch in open_batches(ledger)
        ]
    found = []
    for batch, gate, origin in batches:
        ours = api.deployment(batch.agenda)
        runs = [
            run for run in api.runs_of(batch.agenda, origin)
            if run.deployment == ours and (run.for_agenda == batch.agenda or run.id == origin)
        ]  # fmt: skip
        waits = any(gate and run.gate == gate and api.has_form(run) for run in runs)
        if not waits and not any(run.is_alive for run in runs):
            found.append(Stuck(batch, next(iter(runs), None)))
    return found


def asked_gate(ledger: sqlite3.Connection, batch: Docket) -> str | None:
    """The key of the form that a run of this batch must show now, or None when nobody is asked."""
    role, here = str(batch.turn()), batch.current
    if role not in LEVELS:
        return None
    return next_question(ledger, Case(batch.agenda, here.number, here.digest_for(role)), role)[0].key


def recover(office: Office, api: Api) -> list[str]:
    """Every stuck batch goes on; one line each."""
    lines = []
    for case in stuck(office, api):
        if case.run is None:
            api.start_another(case.batch.agenda)
            lines.append(f"agenda {case.batch.agenda}: run baru")
        else:
            api.revive(case.run, RECOVERED)
            lines.append(f"agenda {case.batch.agenda}: run {case.run.state} dilanjutkan")
    return lines


def nudge(office: Office, api: Api, agenda: str) -> None:
    """A run that waits at a gate which the ledger has answered meanwhile looks again; an open form stays."""
    with open_ledger(office) as ledger:
        due = asked_gate(ledger, docket(ledger, agenda))
    for run in api.runs_of(agenda):
        if run.gate and run.gate != due:
            api.revive(run, NUDGED)


def origin_run(ledger: sqlite3.Connection, agenda: str) -> str:
    """The id of the run that received the batch itself (started in the Prefect UI), or ""."""
    for entry in entries(ledger, agenda, Kind.RECEIVED):
        origin = str(entry.payload["origin"])
        return origin.removeprefix("run:") if origin.startswith("run:") else ""
    return ""


def set_clock(office: Office) -> str:
    """From now on this machine's clock counts, though it is behind the newest entry."""
    with open_ledger(office) as ledger, writing(ledger):
        newest = ledger.execute("select at from entries order by seq desc limit 1").fetchone()
        append(ledger, datetime.now(UTC), (Kind.CLOCK, "", "sinkron"), {"newest": newest[0] if newest else ""})
    return "Jam komputer sekarang dipakai lagi; tercatat di Buku Agenda"
