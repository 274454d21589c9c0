"""A real Prefect server in this process, and a driver that runs and resumes a deployed flow without a worker."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from office_kit.small import Batch

from flows import settings
from tasks.approvals.people import Mandate, Person, register
from tasks.approvals.secrets import secret_of
from tasks.approvals.waiting import waiting
from tasks.ledger import entries, open_ledger
from tasks.load import load_baseline
from tasks.office import Office
from tasks.receive import receive
from tasks.store import open_store

NIP = {
    "staff": "199503032020122901",
    "kasi": "198502022010011902",
    "kabid": "197801012003122903",
    "kadis": "197004041995031904",
}
BASELINE_LINES, EXTRACT_LINES = 3000, 120


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield


def head(name: str, lines: int, target: Path) -> Path:
    """The first lines of a sample as a file of its own."""
    target.write_bytes(b"".join((settings.SAMPLES / name).open("rb").readlines()[: lines + 1]))
    return target


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office with four people and a part of the baseline; one received extract waits as agenda <year>-0001."""
    monkeypatch.setenv("SINKRON_HOME", str(tmp_path / "kantor"))
    made = settings.office()
    made.create()
    with open_ledger(made) as ledger:
        for role, nip in NIP.items():
            register(ledger, made.key("totp"), (Person(nip, f"UJI {role}"), Mandate(role)), datetime.now(UTC))
    with open_store(made) as con:
        load_baseline(con, made, head("penduduk_dkb_semester1_2026.csv", BASELINE_LINES, tmp_path / "awal.csv"))
    return made


@pytest.fixture
def agenda(office: Office, tmp_path: Path) -> str:
    extract = head("ditjen_ganda_2026_10.csv", EXTRACT_LINES, tmp_path / "ganda.csv")
    return receive(office, [extract], None, (datetime.now(UTC), "cli")).agenda


class Driver:
    """Drives one flow run in this process: ``go`` until it suspends or ends, ``answer`` the open gate."""

    def __init__(self, office: Office, flow: Any = None, **parameters: Any) -> None:
        from prefect.client.orchestration import get_client

        from flows.sop import sop_anomali_data

        self.office, self.flow = office, flow or sop_anomali_data
        self.codes_ahead: dict[str, int] = {}
        with get_client(sync_client=True) as client:
            flow_id = client.create_flow(self.flow)
            deployment = client.create_deployment(flow_id=flow_id, name=f"uji-{time.time_ns()}")
            self.id = client.create_flow_run_from_deployment(deployment, parameters=parameters).id
        self.go()

    def read(self) -> Any:
        from prefect.client.orchestration import get_client

        with get_client(sync_client=True) as client:
            return client.read_flow_run(self.id)

    def go(self) -> None:
        from prefect.flow_engine import run_flow

        run = self.read()
        try:
            run_flow(self.flow, flow_run=run, parameters=run.parameters, return_type="state")
        except BaseException as error:
            if type(error).__name__ != "Pause":
                raise

    @property
    def state(self) -> str:
        return str(self.read().state.name)

    @property
    def gate(self) -> str | None:
        state = self.read().state
        return state.state_details.pause_key if state.name == "Suspended" else None

    def form(self) -> str:
        """The text of the open form."""
        from prefect.client.orchestration import get_client

        with get_client(sync_client=True) as client:
            return str(client.read_flow_run_input(self.id, f"suspended-{self.gate}-description"))

    def code(self, role: str) -> str:
        """A valid code of that role that was not used yet (one clock step ahead per answer is allowed)."""
        ahead = self.codes_ahead.get(role, 0)
        self.codes_ahead[role] = ahead + 1
        with open_ledger(self.office) as ledger:
            used = max((e.payload.get("totp_step", 0) for e in entries(ledger, actor=NIP[role])), default=0)
            totp = pyotp.TOTP(secret_of(ledger, self.office.key("totp"), NIP[role]))
        now = datetime.now(UTC)
        while totp.timecode(now) + 1 <= used:  # both reachable steps are spent: wait as a person would
            time.sleep(1)
            now = datetime.now(UTC)
        step = now if totp.timecode(now) > used else now + timedelta(seconds=30)
        return totp.at(step)

    def file_code(self) -> str:
        """The kode berkas of what is asked about now, as it stands on the page of the proposal."""
        with open_ledger(self.office) as ledger:
            return waiting(ledger, datetime.now(UTC))[-1].case.code

    def answer(self, decision: str = "Ya", **fields: str) -> None:
        from prefect.flow_runs import resume_flow_run

        role = fields.pop("who", str(self.gate).split("-")[0])
        filled = {
            "keputusan": "Ajukan" if str(self.gate).startswith("staff") else decision,
            "catatan": "",
            "nip": NIP[role],
        } | fields
        filled.setdefault("kode", self.code(role))
        filled.setdefault("kode_berkas", self.file_code())
        resume_flow_run(self.id, run_input=filled)
        self.go()


@pytest.fixture
def drive(prefect_server: None, office: Office) -> Any:
    return lambda **parameters: Driver(office, **parameters)


@pytest.fixture
def small_batch(batch: Batch, prefect_server: None, monkeypatch: pytest.MonkeyPatch) -> Batch:
    """The small office, proposed and undecided, as the office of this process: rows of every kind, at once."""
    monkeypatch.setenv("SINKRON_HOME", str(batch.office.home))
    return batch
