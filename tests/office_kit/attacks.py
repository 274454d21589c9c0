"""What somebody can do to a batch who holds the whole API of a Prefect server; the table is ATTACKS.

Each attack starts the scene's run and does its worst. None may change what ``Scene.facts`` tells.
"""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows import settings
from flows.undo import pembatalan
from office_kit.attacks_on_answers import (
    changed_after_submission,
    easier_form,
    form_taken_away,
    gates_said_to_be_passed,
    guessed_until_locked,
    jinja_in_the_form,
    planted_before_the_gate,
    planted_nonsense,
    replayed_codes,
    resumed_at_once,
)
from office_kit.scene import Scene, deploy, now, work_on
from tasks.store import open_store

Attack = Callable[[Scene], None]


def _states(*kinds: str) -> Attack:
    """The run is set to each state by force, and worked on whenever it is scheduled."""

    def attack(scene: Scene) -> None:
        scene.start()
        for kind in kinds:
            scene.force(kind, name=kind.title(), message="dipaksa")
            scene.work()

    return attack


def storage_deleted(scene: Scene) -> None:
    """Prefect's storage of results is deleted, and results are planted where it was."""
    from prefect.settings import PREFECT_LOCAL_STORAGE_PATH

    scene.start()
    folder = Path(str(PREFECT_LOCAL_STORAGE_PATH.value()))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("memuat", scene.run_id, "melakukan update"):
        (folder / name).write_bytes(b'{"result": "b64", "metadata": {"serializer": {"type": "pickle"}}}')
    scene.force("SCHEDULED")
    scene.work()


def rows_edited(scene: Scene) -> None:
    """The proposal is edited in the store under the signatures; the round is void and everybody is asked again."""
    scene.start()
    with open_store(scene.office) as con:
        con.execute("update changes set after = 'JL PENYERANG' where agenda = ?", [scene.agenda])
    scene.force("SCHEDULED")
    scene.work()
    assert scene.run.gate == "staff-r2-c1"


def code_edited(scene: Scene) -> None:
    """Tasks are deployed anew that propose something else and say that all is written."""
    scene.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.steps.propose", lambda *_, **__: {"digest": "f" * 64, "needs_person": 0})
        patch.setattr("tasks.resolve.run.resolve", lambda *_: {})
        scene.force("SCHEDULED")
        scene.work()


def run_deleted(scene: Scene) -> None:
    """The run is deleted."""
    scene.start()
    scene.call("DELETE", f"/flow_runs/{scene.run_id}")


def retried(scene: Scene) -> None:
    """Retry as in the UI, of a failed and of a cancelled run."""
    scene.start()
    for kind in ("FAILED", "CANCELLED"):
        scene.force(kind)
        state = {"type": "SCHEDULED", "name": "AwaitingRetry", "message": "Retry from the UI"}
        scene.call("POST", f"/flow_runs/{scene.run_id}/set_state", {"state": state, "force": False})
        scene.work()


def another_version(scene: Scene) -> None:
    """Deployment and run are said to be of another version and entry point."""
    scene.start()
    deployment = scene.api.deployment(scene.agenda)
    scene.call("PATCH", f"/deployments/{deployment}", {"version": "99", "paused": True, "description": "lain"})
    scene.call("PATCH", f"/flow_runs/{scene.run_id}", {"flow_version": "99", "name": "agenda 1999-0001", "tags": []})
    scene.call("PATCH", f"/deployments/{deployment}", {"paused": False})


def deployment_deleted(scene: Scene) -> None:
    """The deployment is deleted; the next start of the office registers a new one, which no old run belongs to."""
    scene.start()
    scene.call("DELETE", f"/deployments/{scene.api.deployment(scene.agenda)}")
    deploy()


def sent_elsewhere(scene: Scene) -> None:
    """The run's parameters and tags are turned to another batch while it waits."""
    scene.start()
    scene.clones.enter(other := scene.clones.agendas[-2])
    scene.call("PATCH", f"/flow_runs/{scene.run_id}", {"parameters": {"agenda": other}, "tags": [f"agenda:{other}"]})
    scene.force("SCHEDULED")
    work_on(scene.run_id)


def start_run(scene: Scene, flow: str, parameters: dict[str, object], **more: object) -> str:
    deployment = scene.call("GET", f"/deployments/name/{flow}/{settings.DEPLOYMENT}").json()["id"]
    body = {"parameters": parameters, "tags": [f"agenda:{scene.agenda}"], **more}
    return str(scene.call("POST", f"/deployments/{deployment}/create_flow_run", body).json()["id"])


def decoy_runs(scene: Scene) -> None:
    """Runs that look like the own, failed one: for another year, without parameters, of the other flow."""
    scene.start()
    scene.force("FAILED")
    later = {
        "type": "SCHEDULED",
        "state_details": {"scheduled_time": (datetime.now(UTC) + timedelta(days=9999)).isoformat()},
    }
    start_run(scene, settings.FLOW, {"agenda": scene.agenda}, state=later)
    start_run(scene, settings.FLOW, {})
    start_run(scene, settings.UNDO_FLOW, {"agenda": scene.agenda})


def false_gate(scene: Scene) -> None:
    """The run is said to wait at its gate, but has no form there."""
    scene.start()
    key = f"{scene.role}-r1-c2"
    details = {"pause_key": key, "pause_reschedule": True, "pause_timeout": now()}
    scene.force("SCHEDULED")
    scene.work()  # c2 is asked now
    scene.call("DELETE", f"/flow_runs/{scene.run_id}/input/suspended-{key}-schema")
    scene.force("PAUSED", name="Suspended", state_details=details)


def forged_agendas(scene: Scene) -> None:
    """Runs for batches that do not exist, of either flow."""
    scene.start()
    forged = ("../x", "/etc/passwd", f"{scene.agenda}-U9", "2026-9999", "' or 1=1 --", "\u0000", "x" * 5000)
    for agenda in forged:
        for name, flow in ((settings.FLOW, None), (settings.UNDO_FLOW, pembatalan)):
            answer = scene.call("GET", f"/deployments/name/{name}/{settings.DEPLOYMENT}").json()["id"]
            made = scene.call(
                "POST", f"/deployments/{answer}/create_flow_run", {"parameters": {"agenda": agenda}}, must=False
            )
            if made.is_success:
                work_on(made.json()["id"], flow)
                state = scene.call("GET", f"/flow_runs/{made.json()['id']}").json()["state"]
                assert state["type"] == "FAILED", (agenda, name, state["name"])
    outside = start_run(scene, settings.FLOW, {"berkas": ["../ledger.sqlite"], "surat": "/etc/passwd"})
    work_on(outside)
    assert scene.call("GET", f"/flow_runs/{outside}").json()["state"]["type"] == "FAILED"


def undo_of_an_ordinary_batch(scene: Scene) -> None:
    """The flow of undos is started for the batch itself."""
    scene.start()
    run = start_run(scene, settings.UNDO_FLOW, {"agenda": scene.agenda})
    work_on(run, pembatalan)
    assert scene.call("GET", f"/flow_runs/{run}").json()["state"]["type"] == "FAILED"


ATTACKS: tuple[tuple[str, Attack], ...] = (
    ("dijadwalkan paksa", _states("SCHEDULED", "SCHEDULED")),
    ("selesai paksa", _states("COMPLETED")),
    ("gagal paksa", _states("FAILED")),
    ("dibatalkan paksa", _states("CANCELLED")),
    ("mati paksa", _states("CRASHED", "SCHEDULED", "COMPLETED", "SCHEDULED", "CANCELLING", "CRASHED")),
    *((attack.__name__, attack) for attack in (
        planted_before_the_gate, gates_said_to_be_passed, planted_nonsense, jinja_in_the_form, guessed_until_locked,
        replayed_codes, changed_after_submission, form_taken_away, easier_form, storage_deleted, rows_edited,
        code_edited, resumed_at_once, run_deleted, retried, another_version, deployment_deleted, sent_elsewhere,
        decoy_runs, false_gate, forged_agendas, undo_of_an_ordinary_batch)),
)  # fmt: skip
