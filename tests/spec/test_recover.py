"""Stuck, ended, deleted and lost runs go on where the ledger says, with every earlier signature (sinkron recover)."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from office_kit.clones import sign
from office_kit.scene import NUMBERS, Scene, api_of_this_process, deploy, template, work_on

from flows.cli import main
from flows.inbox import Watcher
from flows.recover import recover, stuck
from flows.rest import STARTING_SECONDS, Run, read_run

pytestmark = pytest.mark.server
SHORT_SECONDS = 1.0  # instead of the minutes after which a run that never started counts as stuck


@pytest.fixture
def home(prefect_server: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SINKRON_HOME", str(tmp_path / "kantor"))
    return tmp_path / "kantor"


def deleted(scene: Scene) -> None:
    scene.call("DELETE", f"/flow_runs/{scene.run_id}")


def pending_for_long(scene: Scene) -> None:
    scene.force("PENDING", name="Pending")
    time.sleep(SHORT_SECONDS)


def ended(kind: str) -> Callable[[Scene], None]:
    return lambda scene: scene.force(kind, name=kind.title())


WAYS = {
    "pending": pending_for_long, "failed": ended("FAILED"), "crashed": ended("CRASHED"),
    "cancelled": ended("CANCELLED"), "completed without a write": ended("COMPLETED"), "deleted": deleted,
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_a_stuck_run_goes_on_at_its_gate(home: Path, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, a batch stands still for good, or the Kasi is asked again for what he signed."""
    monkeypatch.setattr("flows.rest.STARTING_SECONDS", SHORT_SECONDS)
    scene = Scene.at(home, "kabid").start()
    WAYS[way](scene)
    assert [case.batch.agenda for case in stuck(scene.office, scene.api)] == [scene.agenda]
    assert len(recover(scene.office, scene.api)) == 1
    assert recover(scene.office, scene.api) == []  # it is on its way: once is enough
    scene.work()
    waiting = scene.waiting()
    assert waiting is not None
    assert waiting.role == "kabid"
    assert scene.facts()["decided"] == ["staff", "kasi"]
    assert recover(scene.office, scene.api) == []  # and now it waits for a person
    scene.finish()
    assert scene.facts()["decided"] == ["staff", "kasi", "kabid", "kadis"]
    assert scene.facts()["written"] == scene.facts()["applied"] == 1


def test_nothing_is_done_to_a_run_that_starts(home: Path) -> None:
    """If this fails, recover starts a second process beside one that is only slow."""
    scene = Scene.at(home, "kasi").start()
    scene.force("PENDING", name="Pending")
    assert stuck(scene.office, scene.api) == []
    assert scene.run.is_alive
    assert not scene.run.is_stuck
    assert scene.run.age < STARTING_SECONDS


def test_a_run_that_waited_for_its_turn_is_not_stuck() -> None:
    """If this fails, a run that queued behind others gets a second process at the moment it is taken."""
    now = datetime.now(UTC)
    state = {"type": "PENDING", "name": "Submitting", "timestamp": now.isoformat(),
             "state_details": {"scheduled_time": (now - timedelta(hours=1)).isoformat()}}  # fmt: skip
    item = {"id": "a", "name": "b", "deployment_id": "c", "parameters": {"agenda": "2026-0001"}, "state": state}
    assert read_run(item).is_alive
    assert not read_run(item).is_stuck
    late = item | {"state": state | {"type": "SCHEDULED", "name": "Late"}}
    assert read_run(late).age >= 3600
    later = {"scheduled_time": (now + timedelta(hours=1)).isoformat()}
    assert not read_run(item | {"state": state | {"type": "SCHEDULED", "state_details": later}}).is_alive


def test_a_written_batch_is_left_alone(home: Path) -> None:
    """If this fails, recovering after a power cut starts runs for batches that are finished."""
    scene = Scene.at(home, "kadis").start()
    scene.finish()
    scene.force("FAILED")
    assert recover(scene.office, scene.api) == []
    assert scene.run.state == "Failed"


def test_the_watcher_moves_a_run_on_after_a_terminal_decision(home: Path) -> None:
    """If this fails, the run shows for ever a form that the Kasi has answered from his terminal."""
    scene = Scene.at(home, "kasi").start()
    watcher = Watcher(scene.office, scene.api)
    watcher.revive(at_start=True)
    assert scene.run.gate == "kasi-r1-c1"  # nothing decided: nothing done
    sign(scene.office, scene.agenda, "kasi")
    watcher.revive(at_start=False)
    scene.work()
    assert scene.run.gate == "kabid-r1-c1"
    watcher.revive(at_start=False)
    assert scene.run.gate == "kabid-r1-c1"


def test_a_terminal_decision_while_the_office_is_closed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, what was signed in the evening is asked again in the morning, or the run waits for nobody."""
    scene = Scene.at(home, "kasi").start()
    form = scene.form(kode=scene.code())
    said = ["decide", scene.agenda, "Ya", "--nip", form["nip"], "--kode", form["kode"]]
    assert main([*said, "--kode-berkas", form["kode_berkas"]]) == 0  # no server.json: no office runs
    assert "SOP berlanjut saat sinkron serve" in capsys.readouterr().out
    assert scene.run.gate == "kasi-r1-c1"
    Watcher(scene.office, scene.api).revive(at_start=True)
    scene.work()
    assert scene.run.gate == "kabid-r1-c1"
    scene.finish()
    assert scene.facts()["decided"] == ["staff", "kasi", "kabid", "kadis"]


def test_a_form_asked_before_is_replaced(home: Path) -> None:
    """If this fails, of two runs of one batch one keeps a form that swallows an honest answer."""
    scene = Scene.at(home, "kasi").start()
    first = scene.run_id
    scene.run_id = scene.api.start_another(scene.agenda)
    work_on(scene.run_id)
    scene.api.resume(scene.run, scene.form())  # a wrong code: the second run asks again, under a new key
    work_on(scene.run_id)
    Watcher(scene.office, scene.api).revive(at_start=False)
    scene.work()
    gates = {run.id: run.gate for run in scene.api.runs_of(scene.agenda)}
    assert gates == {first: "kasi-r1-c2", scene.run_id: "kasi-r1-c2"}


def test_a_run_whose_runner_died_goes_on(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, of two runners one dies and its batches stand still; or one that is worked on starts twice."""
    scene = Scene.at(home, "kasi").start()
    watcher = Watcher(scene.office, scene.api)
    scene.force("RUNNING", name="Running")
    watcher.revive(at_start=False)
    assert scene.run.state == "Running"  # it may have come and gone between two looks
    monkeypatch.setattr("flows.inbox.GONE_SECONDS", 0.0)
    command = [sys.executable, "-c", "print('ya', flush=True); import time; time.sleep(60)", "prefect.engine"]
    environment = os.environ | {"PREFECT__FLOW_RUN_ID": scene.run_id}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ya\n"
        watcher.revive(at_start=False)
        assert scene.run.state == "Running"
        process.kill()
    watcher.revive(at_start=False)
    assert scene.run.state == "Scheduled"


def test_one_bad_run_does_not_blind_the_watcher(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, a run that nobody can revive keeps every letter in the inbox."""
    scene = Scene.at(home, "kasi").start()
    watcher, looks = Watcher(scene.office, scene.api), []

    def broken(run: Run, *_: str) -> None:
        raise RuntimeError(run.id)

    def look(_: float) -> None:
        looks.append(1)
        raise KeyboardInterrupt

    monkeypatch.setattr(watcher.api, "revive", broken)
    monkeypatch.setattr(watcher, "tick", look)
    scene.force("CRASHED")
    with pytest.raises(KeyboardInterrupt):
        watcher.watch()
    assert looks == [1]


def test_a_run_that_dies_every_time_is_left_to_people(home: Path) -> None:
    """If this fails, a step that kills its process turns in a circle all night; or one that got on is given up."""
    scene = Scene.at(home, "kasi").start()
    watcher = Watcher(scene.office, scene.api)
    for _ in range(3):
        scene.force("CRASHED", name="Crashed")
        watcher.revive(at_start=False)
        assert scene.run.state == "Scheduled"
    scene.force("CRASHED", name="Crashed")
    watcher.revive(at_start=False)
    assert scene.run.state == "Crashed"
    assert recover(scene.office, scene.api)  # a person says: once more
    scene.work()
    watcher.revive(at_start=False)  # it waits for somebody: what comes from here on is counted anew
    scene.force("CRASHED", name="Crashed")
    watcher.revive(at_start=False)
    assert scene.run.state == "Scheduled"


def test_a_run_started_in_the_ui_is_its_batch_own(home: Path) -> None:
    """If this fails, a run started in Prefect's UI cannot be brought back, or gets a second one beside it."""
    clones = template().copy(home)
    agenda = clones.agendas[next(NUMBERS)]
    deploy()
    scene = Scene(clones.office, agenda, api_of_this_process(), ("staff",), clones)
    path = f"/deployments/{scene.api.deployment(agenda)}/create_flow_run"
    scene.run_id = str(scene.call("POST", path, {"parameters": {"berkas": ["kiriman.csv"]}}).json()["id"])
    clones.enter(agenda, origin=f"run:{scene.run_id}")
    sign(scene.office, agenda, "staff")
    work_on(scene.run_id)
    assert scene.run.gate == "kasi-r1-c1"
    assert recover(scene.office, scene.api) == []
    scene.force("FAILED")
    assert recover(scene.office, scene.api) == [f"agenda {agenda}: run Failed dilanjutkan"]
    scene.work()
    assert str(scene.run.gate).startswith("kasi-r1-")
    deleted(scene)
    assert recover(scene.office, scene.api) == [f"agenda {agenda}: run baru"]
    scene.work()
    scene.finish()
    assert scene.facts()["written"] == 1


def test_a_finished_run_waits_for_nobody(home: Path) -> None:
    """If this fails, whoever was asked last is looked for in the office although the batch is written."""
    scene = Scene.at(home, "kasi").start()
    assert scene.run.name == f"agenda {scene.agenda} menunggu Kasi"
    scene.finish()  # the others answer on the terminal: their gates were never shown
    assert (scene.run.state, scene.run.name) == ("Completed", f"agenda {scene.agenda}")
    tags = scene.call("GET", f"/flow_runs/{scene.run_id}").json()["tags"]
    assert not [tag for tag in tags if tag.startswith("menunggu:")]
