"""Attacks on a real Prefect server by somebody who holds its whole API: nothing is approved or written by them.

After each attack (office_kit.attacks) the ledger and the register are as before, and honest people bring the batch to
its end. By default each is made once, at the Kadis's gate, one signature before the writing; SINKRON_TORTURE=1 makes
every attack at every gate.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from office_kit.attacks import ATTACKS, Attack, start_run
from office_kit.attacks_on_answers import TORTURE, submit_at_once
from office_kit.clones import asked
from office_kit.scene import ROLES, Scene, work_on

from flows import settings
from flows.recover import recover
from flows.undo import pembatalan
from tasks.approvals.docket import TERMINAL
from tasks.ledger import Kind, entries, open_ledger
from tasks.store import open_store
from tasks.write.undo import propose_undo

pytestmark = pytest.mark.server
GATES = ROLES if TORTURE else ("kadis",)


@pytest.fixture
def home(prefect_server: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SINKRON_HOME", str(tmp_path / "kantor"))
    return tmp_path / "kantor"


@pytest.mark.parametrize("gate", GATES)
@pytest.mark.parametrize("attack", [attack for _, attack in ATTACKS], ids=[name for name, _ in ATTACKS])
def test_attack(home: Path, attack: Attack, gate: str) -> None:
    """If this fails, whoever reaches Prefect's API changes residents' data, or blocks a batch for good."""
    scene = Scene.at(home, gate)
    before = scene.facts()
    attack(scene)
    after = scene.facts()
    assert after == before
    assert not after["approved"]
    assert (after["written"], after["applied"], after["history"]) == (0, 0, 0)
    if scene.waiting() is None:
        scene.go_on()
    scene.finish()
    end = scene.facts()
    assert (end["written"], end["applied"]) == (1, 1)
    with open_ledger(scene.office) as ledger:
        assert entries(ledger, scene.agenda, Kind.WRITTEN)[0].payload["written"] == end["history"]
    assert scene.yes()[-3:] == ["kasi", "kabid", "kadis"]
    assert scene.turn() == "None"
    states = [run.state for run in scene.api.runs_of(scene.agenda) if run.for_agenda == scene.agenda]
    assert "Completed" in states, states


def test_two_runs_on_one_batch(home: Path) -> None:
    """If this fails, a second run started by hand doubles decisions or writings, or blocks the batch."""
    scene = Scene.at(home, "kasi").start()
    second = start_run(scene, settings.FLOW, {"agenda": scene.agenda})
    work_on(second)
    first, runs = scene.run_id, [scene.run_id, second]
    for number, role in enumerate(("kasi", "kabid", "kadis")):
        scene.run_id = runs[number % 2]
        if scene.run.gate is None or role not in scene.run.gate:
            scene.force("SCHEDULED")  # as the watcher does when the ledger has answered
            work_on(scene.run_id)
        scene.api.resume(scene.run, scene.form(role, kode=scene.code(role)))
        work_on(scene.run_id)
    for scene.run_id in (first, second):
        if scene.run.state != "Completed":
            scene.force("SCHEDULED")
            work_on(scene.run_id)
        assert scene.run.state == "Completed"
    end = scene.facts()
    assert (end["decided"], end["written"], end["applied"], end["history"]) == ([*ROLES], 1, 1, 1)


def test_the_flow_of_batches_on_an_undo(home: Path) -> None:
    """If this fails, an undo that nobody approved is carried out by starting the wrong flow for it."""
    scene = Scene.at(home, "kadis").start()
    scene.finish()
    written = scene.facts()
    with open_ledger(scene.office) as ledger, open_store(scene.office) as con:
        case = propose_undo(con, ledger, scene.agenda, ("uji", datetime.now(UTC)))
    wrong = start_run(scene, settings.FLOW, {"agenda": case.agenda})
    work_on(wrong)
    assert scene.call("GET", f"/flow_runs/{wrong}").json()["state"]["type"] == "FAILED"
    assert scene.facts() == written
    recover(scene.office, scene.api)
    right = next(run for run in scene.api.runs_of(case.agenda) if run.deployment == scene.api.deployment(case.agenda))
    work_on(right.id, pembatalan)
    (right,) = [run for run in scene.api.runs_of(case.agenda) if run.id == right.id]
    assert right.gate == "staff-r1-c1"
    with open_ledger(scene.office) as ledger:
        assert asked(ledger, case.agenda, TERMINAL).role == "staff"


def test_one_signature_submitted_many_times_at_once(home: Path) -> None:
    """If this fails, a double click of the Kadis writes twice, signs twice, or loses his signature."""
    scene = Scene.at(home, "kadis").start()
    form = scene.form(kode=scene.code())
    accepted = submit_at_once(scene, form)
    if not accepted:  # SQLite refused all of them (503): he clicks once more
        scene.api.resume(scene.run, form)
    assert accepted <= 1
    scene.work()
    end = scene.facts()
    assert (end["decided"], end["written"], end["applied"], end["history"]) == ([*ROLES], 1, 1, 1)
    assert scene.run.state == "Completed"
