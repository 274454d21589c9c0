"""What somebody can do to a batch who holds the whole API of a Prefect server; the table is ATTACKS.

Each attack starts the scene's run and does its worst. None may change what ``Scene.facts`` tells.
"""

import json
import os
import shutil
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from flows import settings
from flows.undo import pembatalan
from office_kit.clones import asked
from office_kit.scene import ROLES, Scene, deploy, now, work_on
from office_kit.signers import NIP
from tasks.approvals.decide import Answer, decide, judging
from tasks.ledger import Kind, entries, open_ledger
from tasks.store import open_store

TORTURE = os.environ.get("SINKRON_TORTURE") == "1"
THREADS = 6
Attack = Callable[[Scene], None]


def _states(*kinds: str) -> Attack:
    """The run is set to each state by force, and worked on whenever it is scheduled."""

    def attack(scene: Scene) -> None:
        scene.start()
        for kind in kinds:
            scene.force(kind, name=kind.title(), message="dipaksa")
            scene.work()

    return attack


def planted_before_the_gate(scene: Scene) -> None:
    """The whole form lies there before the gate opens: it is not taken, and does not keep the real one out."""
    scene.run_id = scene.api.start(scene.agenda)
    key = f"{scene.role}-r1-c1"
    for part in ("response", "schema", "description"):
        scene.plant(json.dumps(scene.form()), key, part)
    work_on(scene.run_id)
    assert scene.run.gate == key
    shown = scene.call("GET", f"/flow_runs/{scene.run_id}/input/suspended-{key}-description").text
    assert f"Agenda {scene.agenda}" in shown  # our own form, not the planted one


def gates_said_to_be_passed(scene: Scene) -> None:
    """Every gate is on the run's list of gates it has passed, with an answer planted for each."""
    scene.run_id = scene.api.start(scene.agenda)
    keys = [f"{role}-r1-c{number}" for role in ROLES for number in (1, 2)]
    for key in keys:
        scene.plant(json.dumps(scene.form(key.split("-")[0])), key)
    policy = {"max_retries": 0, "retry_delay_seconds": 0, "pause_keys": keys}
    scene.call("PATCH", f"/flow_runs/{scene.run_id}", {"empirical_policy": policy})
    work_on(scene.run_id)
    assert scene.run.gate == f"{scene.role}-r1-c3"


NONSENSE = (
    "", "null", "[]", "[1]", '"Ya"', "bukan JSON", "{", '{"keputusan": "Ya"}', '{"keputusan": ["Ya"], "nip": {}}',
    '{"keputusan": "Ya", "kode_berkas": 12345678, "nip": 199503032020122901, "kode": 123456}',
    r'{"keputusan": "\ud800", "catatan": "\udfff", "nip": "\ud83d", "kode": "\ud800\ud800", "kode_berkas": "\udc00"}',
    "[" * 5000, '{"a":' * 5000, json.dumps({"__prefect_kind": "jinja", "template": "{{ 1 }}"}), "NaN", "1e999", "\x00",
)  # fmt: skip


def planted_nonsense(scene: Scene) -> None:
    """What no form would send, planted at the open gate, and the run forced on each time."""
    scene.start()
    for value in NONSENSE if TORTURE else NONSENSE[::2]:
        scene.plant(value)
        scene.force("SCHEDULED")
        scene.work()
        assert scene.waiting(), value[:40]
    form = scene.form() | {"catatan": "x" * 2_000_000}
    odd = scene.form() | {
        "nip": "\u0661" * 18,
        "kode": "\uff10" * 6,
        "lembar_kerja": "../../ledger.sqlite",
        "agenda": "x",
    }
    for filled in (form, odd, scene.form() | {"nip": "?" * 18}, scene.form() | {"nip": ""}):
        scene.plant(json.dumps(filled, ensure_ascii=False))
        scene.force("SCHEDULED")
        scene.work()


def jinja_in_the_form(scene: Scene) -> None:
    """Prefect fills templates in answers in: none makes a code."""
    scene.start()
    for kind in ("jinja", "json", "workspace_variable", "none", "aneh") if TORTURE else ("jinja", "json"):
        value = {"__prefect_kind": kind, "template": "{{ range(9)|list }}", "value": "{}", "variable_name": "x"}
        for field in ("kode", "keputusan", "nip"):
            scene.call(
                "POST", f"/flow_runs/{scene.run_id}/resume", {"run_input": scene.form() | {field: value}}, must=False
            )
            scene.work()


def guessed_until_locked(scene: Scene) -> None:
    """Codes are tried one after the other with the right NIP of somebody who does not sign this batch."""
    scene.start()
    for number in range(7):
        scene.api.resume(scene.run, scene.form(nip="198001012005011999", kode=f"{number:06d}"))
        scene.work()
    assert "terlalu banyak percobaan" in _last_reason(scene)


def replayed_codes(scene: Scene) -> None:
    """A code that was right once: at the same gate, at this gate by another level, and first at another batch."""
    scene.start()
    code = scene.code()
    scene.api.resume(scene.run, scene.form(kode=code, kode_berkas="0000-0000"))
    scene.work()
    scene.api.resume(scene.run, scene.form(kode=code))  # read in Prefect's database, with the right kode berkas
    scene.work()
    assert "sudah dipakai" in _last_reason(scene)
    for role in scene.signed:
        scene.api.resume(scene.run, scene.form(nip=NIP[role], kode=scene.code(role)))
        scene.work()
    scene.clones.enter(other := scene.clones.agendas[-1])
    with open_ledger(scene.office) as ledger:
        if scene.role == "staff":
            question = asked(ledger, other)
            answer = Answer("Ajukan", "", NIP["staff"], code, datetime.now(UTC), question.case.code)
            assert not decide(ledger, judging(scene.office, datetime.now(UTC)), question, answer).accepted


def changed_after_submission(scene: Scene) -> None:
    """An honest person submitted; before the flow reads it, the answer is exchanged for another person's or batch's."""
    for changes in (
        {"nip": NIP["kasi" if scene.role != "kasi" else "kadis"]},
        {"kode_berkas": "7777-7777"},
        {"kode": "123456"},
    ):
        if not scene.run_id:
            scene.start()
        gate, typed = scene.run.gate, scene.form(kode=scene.code())
        scene.api.resume(scene.run, typed)
        scene.plant(json.dumps(typed | changes), gate)
        scene.plant(json.dumps(typed), f"{gate}-response", part="x")  # a neighbour under the same prefix
        scene.work()


def form_taken_away(scene: Scene) -> None:
    """Schema and description of the open form are deleted: nobody could answer any more."""
    scene.start()
    for part in ("schema", "description"):
        scene.call("DELETE", f"/flow_runs/{scene.run_id}/input/suspended-{scene.run.gate}-{part}")
    assert scene.waiting() is None


def easier_form(scene: Scene) -> None:
    """The form's schema is exchanged for one that asks nothing."""
    scene.start()
    scene.plant("{}", part="schema")
    scene.api.resume(scene.run, {"keputusan": "Ya"})
    scene.work()


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


def resumed_at_once(scene: Scene) -> None:
    """One wrong form, submitted by several at the same moment."""
    scene.start()
    submit_at_once(scene, scene.form())
    scene.work()


def submit_at_once(scene: Scene, form: dict[str, object]) -> int:
    """How many of the submissions were accepted."""
    accepted: list[str] = []

    def submit() -> None:
        body = {"run_input": form}
        answer = httpx.post(f"{scene.api.url}/flow_runs/{scene.run_id}/resume", json=body, timeout=60)
        if answer.is_success and answer.json()["status"] == "ACCEPT":
            accepted.append(answer.text)

    threads = [threading.Thread(target=submit) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(accepted)


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


def _last_reason(scene: Scene) -> str:
    with open_ledger(scene.office) as ledger:
        return str(entries(ledger, scene.agenda, Kind.ATTEMPT)[-1].payload["reason"])


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
