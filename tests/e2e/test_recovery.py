"""SIGKILL in the middle of a step, and a lost Prefect database: the SOP goes on by itself, nothing is done twice."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from office_kit.clones import asked, found, fresh_code, sign
from office_kit.signers import NIP

from flows import settings, supervisor
from flows.rest import Api, Run
from tasks.approvals.docket import FORM
from tasks.ledger import Kind, entries, open_ledger
from tasks.office import Office
from tasks.store import open_store

pytestmark = pytest.mark.server
SINKRON = Path(sys.executable).parent / "sinkron"
WAIT_SECONDS = 300
MIDDLE = "memuat: {"  # logged when the first step is finished and the second begins


def serve(home: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([SINKRON, "serve"], env=os.environ | {"SINKRON_HOME": str(home)})


def until_middle(home: Path) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while MIDDLE not in (home / "runner.log").read_text():
        assert time.monotonic() < deadline, "the second step was never reached"
        time.sleep(0.05)


def at_gate(home: Path) -> Run:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        api = Api(json.loads((home / "server.json").read_text())["api"])
        for run in api.runs() if api.healthy() else []:
            if run.gate:
                return run
        time.sleep(0.5)
    raise AssertionError("the run did not go on")


def kill_flow_process(home: Path) -> None:
    for stat in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = stat.read_bytes()
            environment = (stat.parent / "environ").read_bytes()
        except OSError:
            continue
        if b"prefect" in command and b"engine" in command and str(home).encode() in environment:
            os.kill(int(stat.parent.name), signal.SIGKILL)


@pytest.mark.parametrize("victim", ["flow process", "whole office"])
def test_killed_in_a_step(tmp_path: Path, victim: str) -> None:
    """If this fails, a power cut leaves a letter that nobody can ever work on: received, and refused as a duplicate."""
    home = tmp_path / "kantor"
    office = Office(home)
    office.create()
    lines = (settings.SAMPLES / "ditjen_ganda_2026_10.csv").read_bytes().splitlines(keepends=True)
    (office.inbox / "a.csv").write_bytes(b"".join(lines[:200]))
    letter = {
        "dari": "D",
        "nomor": "1",
        "tanggal": "2026-10-05",
        "perihal": "uji",
        "berkas": {"a.csv": {"jumlah": 199}},
    }
    (office.inbox / "surat.json").write_text(json.dumps(letter))
    running = serve(home)
    try:
        while not (home / "runner.log").exists():
            time.sleep(0.1)
        until_middle(home)
        if victim == "flow process":
            kill_flow_process(home)
        else:
            running.kill()
            running.wait()
            time.sleep(3)  # the kernel ends its children
            running = serve(home)
            time.sleep(3)
        assert at_gate(home).gate == "staff-r1-c1"
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(180)
    with open_ledger(office) as ledger:
        assert len(entries(ledger, kind=Kind.RECEIVED)) == 1
    with open_store(office) as con:
        assert con.execute("select count(*) from extract_rows").fetchone() == (199,)
        assert con.execute("select step from steps order by step").fetchall() == [
            ("draft",), ("load",), ("reconcile",), ("resolve",), ("validate",)]  # fmt: skip


def all_waiting(home: Path, gates: dict[str, str]) -> Api:
    """Once each batch has a run at its gate."""
    deadline = time.monotonic() + WAIT_SECONDS
    seen: dict[str, list[str | None]] = {}
    while time.monotonic() < deadline:
        if (home / "server.json").exists():
            api = Api(json.loads((home / "server.json").read_text())["api"])
            seen = {agenda: [run.gate for run in api.runs_of(agenda)] for agenda in gates} if api.healthy() else {}
            if seen and all(gate in seen[agenda] for agenda, gate in gates.items()):
                return api
        time.sleep(0.5)
    return pytest.fail(f"tidak sampai di {gates}: {seen}", pytrace=False)


def test_a_lost_prefect_database_is_rebuilt(tmp_path: Path) -> None:
    """If this fails, a lost disk with Prefect's database takes signatures along, or leaves batches without a run."""
    home, environment = tmp_path / "kantor", os.environ | {"SINKRON_HOME": str(tmp_path / "kantor")}
    clones = found(home, 3)
    office, (first, second, from_ui) = clones.office, clones.agendas
    clones.enter(first, second)
    clones.enter(from_ui, origin="run:00000000-0000-4000-8000-000000000000")  # its run was lost with the database
    sign(office, first, "staff", "kasi")
    running = serve(home)
    try:
        all_waiting(home, {first: "kabid-r1-c1", second: "staff-r1-c1", from_ui: "staff-r1-c1"})
        running.send_signal(signal.SIGINT)
        assert running.wait(180) == 0
        shutil.rmtree(home / "prefect")
        sign(office, second, "staff")  # from the terminal, while nothing runs
        running = serve(home)
        api = all_waiting(home, {first: "kabid-r1-c1", second: "kasi-r1-c1", from_ui: "staff-r1-c1"})
        sign(office, from_ui, "staff")  # and while the run waits: the watcher moves it on
        with open_ledger(office) as ledger:
            question = asked(ledger, first, FORM)
            code = fresh_code(office, ledger, "kabid")[0]
        typed = {"keputusan": "Ya", "catatan": "", "nip": NIP["kabid"], "kode": code}
        api.resume(api.runs_of(first)[0], typed | {"kode_berkas": question.case.code})
        all_waiting(home, {first: "kadis-r1-c1", second: "kasi-r1-c1", from_ui: "kasi-r1-c1"})
        told = subprocess.run([SINKRON, "recover"], env=environment, capture_output=True, text=True, check=False)
        assert (told.returncode, told.stdout) == (0, "Tidak ada yang perlu dipulihkan.\n"), told.stderr
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(180)
    with open_ledger(office) as ledger:
        signed = [(entry.batch, entry.payload["role"]) for entry in entries(ledger, kind=Kind.DECISION)]
    assert sorted(signed) == sorted(
        [(first, "staff"), (first, "kasi"), (first, "kabid"), (second, "staff"), (from_ui, "staff")]
    )


def test_a_server_that_hangs_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, a server that lives and answers nobody stops the whole office until somebody notices."""
    monkeypatch.setattr(supervisor, "ASK_SECONDS", 0.5)
    monkeypatch.setattr(supervisor, "HUNG_SECONDS", 3.0)
    office = Office(tmp_path / "kantor")
    office.create()

    def servers() -> set[int]:
        own = str(office.home).encode()
        found = set()
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if b"prefect\0server" in (folder / "cmdline").read_bytes() and own in (folder / "environ").read_bytes():
                    found.add(int(folder.name))
        return found

    with supervisor.running_office(office) as api:
        assert len({api.deployment(agenda) for agenda in ("2026-0001", "2026-0001-U1", "2026-0001-P1")}) == 3
        (hung,) = servers()
        os.kill(hung, signal.SIGSTOP)
        deadline = time.monotonic() + WAIT_SECONDS
        while (hung in servers() or not api.healthy()) and time.monotonic() < deadline:
            time.sleep(0.5)
        assert api.healthy()
        assert len(servers() - {hung}) == 1
