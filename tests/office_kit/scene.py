"""One batch at a gate of a real Prefect server, an attacker who holds the whole API, and honest people afterwards.

The runner is this process: ``work`` carries on every scheduled run of the batch, as a runner would.
"""

import atexit
import functools
import itertools
import shutil
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from expectations.approvals import CHAIN, STAFF
from flows import settings
from flows.recover import asked_gate, nudge, recover
from flows.rest import Api, Run
from office_kit.clones import Clones, asked, found, fresh_code, sign
from office_kit.signers import NIP
from tasks.approvals.case import Case
from tasks.approvals.docket import FORM, YES, docket, fully_approved
from tasks.ledger import Kind, entries, open_ledger
from tasks.office import Office
from tasks.propose.changeset import digest
from tasks.store import open_store

ROLES = (STAFF.role, *(level.role for level in CHAIN))
NUMBERS = itertools.count()
MOST_SCENES = 160


@functools.cache
def template() -> Clones:
    """Worked on once per session, and gone with it."""
    folder = Path(tempfile.mkdtemp(prefix="sinkron-adegan-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return found(folder / "kantor", MOST_SCENES)


def api_of_this_process() -> Api:
    """The test server."""
    from prefect.settings import PREFECT_API_URL

    return Api(str(PREFECT_API_URL.value()))


def deploy() -> None:
    """The deployments of an office, as its runner registers them."""
    from prefect.client.orchestration import get_client

    from flows.purge import pemusnahan
    from flows.sop import sop_anomali_data
    from flows.undo import pembatalan

    with get_client(sync_client=True) as client:
        for flow in (sop_anomali_data, pembatalan, pemusnahan):
            client.create_deployment(flow_id=client.create_flow(flow), name=settings.DEPLOYMENT)


def work_on(run_id: str, flow: Any = None) -> None:
    """One process of a run: until it suspends or ends."""
    from prefect.client.orchestration import get_client
    from prefect.flow_engine import run_flow

    from flows.sop import sop_anomali_data

    with get_client(sync_client=True) as client:
        run = client.read_flow_run(run_id)
    try:
        run_flow(flow or sop_anomali_data, flow_run=run, parameters=run.parameters, return_type="state")
    except BaseException as error:
        if type(error).__name__ != "Pause":
            raise


@dataclass
class Scene:
    """``signed``: roles that decided before the run came to its gate. ``run_id``: the run that waits there."""

    office: Office
    agenda: str
    api: Api
    signed: tuple[str, ...]
    clones: Clones
    run_id: str = ""
    honest: list[str] = field(default_factory=list)

    @classmethod
    def at(cls, home: Path, gate: str) -> "Scene":
        """A new office with one batch, signed by everybody before ``gate``. No run yet."""
        clones = template().copy(home)
        agenda = clones.agendas[next(NUMBERS)]
        clones.enter(agenda)
        signed = ROLES[: ROLES.index(gate)]
        sign(clones.office, agenda, *signed)
        deploy()
        return cls(clones.office, agenda, api_of_this_process(), signed, clones, honest=list(signed))

    def start(self) -> "Scene":
        """The run of the batch, up to its gate."""
        self.run_id = self.api.start(self.agenda)
        work_on(self.run_id)
        return self

    @property
    def run(self) -> Run:
        """The run as the server has it."""
        return next(run for run in self.api.runs_of(self.agenda) if run.id == self.run_id)

    @property
    def role(self) -> str:
        """Whose gate is attacked."""
        return ROLES[len(self.signed)]

    def call(self, method: str, path: str, body: Any = None, *, must: bool = True) -> httpx.Response:
        """What anybody who reaches the API may send."""
        for wait in (0.2, 0.5, 1, 2, 0):  # a busy server's SQLite says 503, "try again"
            answer = httpx.request(method, f"{self.api.url}{path}", json=body, timeout=60)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            time.sleep(wait)
        if must:
            answer.raise_for_status()
        return answer

    def force(self, kind: str, **state: Any) -> None:
        """Sets the run's state, past all of the server's rules."""
        self.call("POST", f"/flow_runs/{self.run_id}/set_state", {"state": {"type": kind, **state}, "force": True})

    def plant(self, value: str, key: str = "", part: str = "response") -> None:
        """An answer that nobody gave."""
        name = f"suspended-{key or self.run.gate}-{part}"
        self.call("DELETE", f"/flow_runs/{self.run_id}/input/{name}", must=False)
        self.call("POST", f"/flow_runs/{self.run_id}/input", {"key": name, "value": value})

    def form(self, role: str = "", **changes: Any) -> dict[str, Any]:
        """A filled form. Right in everything but the code, unless ``kode`` is given."""
        role = role or self.role
        with open_ledger(self.office) as ledger:
            code = asked(ledger, self.agenda, FORM).case.code
        decision = "Ajukan" if role == STAFF.role else "Ya"
        return {"keputusan": decision, "catatan": "", "nip": NIP[role], "kode": "000000", "kode_berkas": code} | changes

    def code(self, role: str = "") -> str:
        """The code on the phone of a role's holder now."""
        with open_ledger(self.office) as ledger:
            return fresh_code(self.office, ledger, role or self.role)[0]

    def work(self) -> None:
        """What a runner would take up now."""
        from flows.undo import pembatalan

        for run in self.api.runs_of(self.agenda):
            if run.state in {"Scheduled", "Resuming", "AwaitingRetry", "Late"} and run.is_alive:
                work_on(run.id, pembatalan if run.deployment == self.api.deployment(f"{self.agenda}-U1") else None)

    def facts(self) -> dict[str, Any]:
        """What counts: who decided, what is approved, what the register holds."""
        with open_ledger(self.office) as ledger, open_store(self.office) as con:
            case = Case(self.agenda, 1, digest(con, self.agenda, 1))
            return {
                "decided": [entry.payload["role"] for entry in entries(ledger, self.agenda, Kind.DECISION)],
                "approved": fully_approved(ledger, case),
                "written": len(entries(ledger, self.agenda, Kind.WRITTEN)),
                "applied": con.execute("select count(*) from applied").fetchall()[0][0],
                "history": con.execute("select count(*) from history where written").fetchall()[0][0],
                "register": con.execute("select md5(string_agg(p::varchar, '' order by resident_id)) from penduduk p")
                .fetchall()[0][0],
            }  # fmt: skip

    def turn(self) -> str:
        """Whose turn it is by the ledger."""
        with open_ledger(self.office) as ledger:
            return str(docket(ledger, self.agenda).turn())

    def waiting(self) -> Run | None:
        """A run that shows the form which is to be answered now."""
        with open_ledger(self.office) as ledger:
            gate = asked_gate(ledger, docket(ledger, self.agenda))
        ours = self.api.deployment(self.agenda)
        runs = [run for run in self.api.runs_of(self.agenda) if run.gate == gate and run.deployment == ours]
        return next((run for run in runs if gate and self.api.has_form(run)), None)

    def go_on(self) -> list[str]:
        """``sinkron recover``, and the runner; what recover said."""
        told = recover(self.office, self.api)
        self.work()
        return told

    def finish(self) -> None:
        """The person whose turn it is answers the form, the others answer from the terminal, and the batch ends."""
        run = self.waiting()
        assert run is not None, f"no form for {self.turn()}: {self.api.runs_of(self.agenda)}"
        role = str(run.role)
        self.api.resume(run, self.form(role, kode=self.code(role)))
        self.work()
        left = ROLES[ROLES.index(role) + 1 :]
        assert self.turn() == (left[0] if left else "None"), "the honest answer did not count"
        if left:
            sign(self.office, self.agenda, *left)
            nudge(self.office, self.api, self.agenda)
            self.work()

    def yes(self) -> list[str]:
        """Roles whose Ya stands in the ledger, in order."""
        with open_ledger(self.office) as ledger:
            found_yes = [e for e in entries(ledger, self.agenda, Kind.DECISION) if e.payload["decision"] == YES]
        return [entry.payload["role"] for entry in found_yes]


def now() -> str:
    """Now, as the API writes it."""
    return datetime.now(UTC).isoformat()
