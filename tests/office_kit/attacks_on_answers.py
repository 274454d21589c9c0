"""What somebody who holds the whole API of a Prefect server can do to the answers of a gate: plant, guess, replay.

Each attack starts the scene's run and does its worst, as those of ``attacks`` do.
"""

import json
import os
import threading
from datetime import UTC, datetime

import httpx

from office_kit.clones import asked
from office_kit.scene import ROLES, Scene, work_on
from office_kit.signers import NIP
from tasks.approvals.decide import Answer, decide, judging
from tasks.ledger import Kind, entries, open_ledger

TORTURE = os.environ.get("SINKRON_TORTURE") == "1"
THREADS = 6


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


def _last_reason(scene: Scene) -> str:
    with open_ledger(scene.office) as ledger:
        return str(entries(ledger, scene.agenda, Kind.ATTEMPT)[-1].payload["reason"])
