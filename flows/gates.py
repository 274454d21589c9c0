"""One gate: the flow asks a person and suspends; the ledger decides what the answer was worth.

Prefect runs the flow's body again on every resume. So a gate first looks in the ledger, asks only what was never
answered, and gives each attempt its own key: a repeated key would return the old answer.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from prefect import runtime, suspend_flow_run
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.exceptions import PrefectHTTPStatusError
from prefect.input import keyset_from_base_key
from prefect.types._datetime import parse_datetime
from pydantic import ValidationError

from expectations.approvals import LEVELS, STAFF, Level
from flows import settings
from flows.forms import ApproverForm, StaffForm
from tasks.approve import Answer, Question, Verdict, decide, refusals, standing
from tasks.errors import UserError
from tasks.ledger import open_ledger
from tasks.office import Office
from tasks.privacy import markdown, scrub
from tasks.store import open_store
from tasks.worksheet import keep_worksheet, parse_worksheet

WAITING = "menunggu:"


def gate(level: Level, case: tuple[str, int, str], page: Callable[[str, int], str]) -> Verdict:
    """The decision of one level about ``case`` = (agenda, round, digest); suspends the run until there is one.

    ``page``: makes the masked one-page summary shown in the form; called only when somebody is asked.
    """
    agenda, round_no, digest = case
    office = settings.office()
    while True:
        with open_ledger(office.ledger) as ledger:
            found = standing(ledger, agenda, (level.role, round_no), digest)
            notices = _notices(ledger, case, found.reason)
        if found.verdict:
            return found.verdict
        question = Question(agenda, round_no, level.role, digest, found.attempt)
        description = _description(level, page(agenda, round_no), notices)
        answer = _ask(question, level, description)
        if level is STAFF:
            answer = _with_worksheet(office, question, answer)
        with open_ledger(office.ledger) as ledger:
            decide(ledger, office.key("totp"), question, answer)
        _forget(question.key)


def _ask(question: Question, level: Level, description: str) -> Answer:
    """Suspends, and in the process that follows the resume returns what was typed and when it was submitted."""
    run_id = UUID(str(runtime.flow_run.id))
    form: type[Any] = StaffForm if level is STAFF else ApproverForm
    with get_client(sync_client=True) as client:
        run = client.read_flow_run(run_id)
        if question.key not in (run.empirical_policy.pause_keys or set()):
            _drop_inputs(client, run_id, question.key)  # leftovers of a retry, or planted before the gate
            _label(client, run_id, question.agenda, level.title)
    try:
        filled = suspend_flow_run(
            wait_for_input=form.with_initial_data(description=description), key=question.key, timeout=None
        )
    except ValidationError:  # forced on without a form, or with what no form would send: an attempt, not an answer
        return Answer("", "", "", "", datetime.now(UTC))
    with get_client(sync_client=True) as client:
        at = _submitted_at(client, run_id, question.key)
        _label(client, run_id, question.agenda, None)
    return Answer(
        filled.keputusan.value,
        filled.catatan,
        filled.nip,
        filled.kode.get_secret_value(),
        at,
        getattr(filled, "lembar_kerja", ""),
    )


def _with_worksheet(office: Office, question: Question, answer: Answer) -> Answer:
    """Archives and checks Staff's worksheet; its faults become the objection, listed in full on the desk."""
    if not answer.worksheet:
        return answer
    try:
        kept = keep_worksheet(office, answer.worksheet, (question.agenda, question.key))
        with open_store(office) as con:
            parse_worksheet(con, kept, question.agenda, question.round)
    except UserError as error:
        listing = office.desk / f"{answer.worksheet}.masalah.txt"
        listing.write_text(f"{error}\n", encoding="utf-8")
        listing.chmod(0o600)
        places = ", ".join(problem.place for problem in error.problems[:5])
        return replace(
            answer,
            worksheet="",
            objection=f"lembar kerja: {len(error.problems)} masalah ({places}); daftar lengkap di meja/{listing.name}",
        )
    return replace(answer, worksheet=kept.name)


def _notices(ledger: sqlite3.Connection, case: tuple[str, int, str], reason: str) -> list[str]:
    """What the person must know first: why the last answer did not count, who said Tidak and why."""
    agenda, round_no, _ = case
    notices = []
    if reason:
        notices.append(f"**Isian sebelumnya ditolak: {reason}.**")
    for refusal in refusals(ledger, agenda):
        if refusal.payload["round"] == round_no - 1:
            title, note = LEVELS[refusal.payload["role"]].title, markdown(scrub(refusal.payload["note"]), 500)
            notices.append(f"**{title} menjawab Tidak pada ronde {round_no - 1}:** {note}")
    return notices


def _description(level: Level, page: str, notices: list[str]) -> str:
    meaning = f"Arti keputusan Anda: **{level.meaning}**. Waktu baku: {level.minutes} menit."
    return "\n\n".join([f"## Langkah {level.step}, {level.title}: {level.activity}", *notices, meaning, page])


def _label(client: SyncPrefectClient, run_id: UUID, agenda: str, waits_for: str | None) -> None:
    run = client.read_flow_run(run_id)
    tags = [tag for tag in run.tags if not tag.startswith(WAITING)]
    if waits_for:
        tags.append(f"{WAITING}{waits_for}")
    name = f"agenda {agenda} menunggu {waits_for}" if waits_for else f"agenda {agenda}"
    client.update_flow_run(run_id, tags=tags, name=name)


def _drop_inputs(client: SyncPrefectClient, run_id: UUID, key: str) -> None:
    for name in keyset_from_base_key(f"suspended-{key}").values():
        _drop_input(client, run_id, name)


def _drop_input(client: SyncPrefectClient, run_id: UUID, name: str) -> None:
    try:
        client.delete_flow_run_input(flow_run_id=run_id, key=name)
    except PrefectHTTPStatusError as error:
        if error.response.status_code != HTTPStatus.NOT_FOUND:
            raise


def _submitted_at(client: SyncPrefectClient, run_id: UUID, key: str) -> datetime:
    """The server's time of submission: a code is judged then, not when a worker came round to it."""
    found = client.request(
        "POST",
        "/flow_runs/{id}/input/filter",
        path_params={"id": run_id},
        json={"prefix": f"suspended-{key}-response", "limit": 1},
    ).json()
    return parse_datetime(found[0]["created"]) if found else datetime.now(UTC)


def _forget(key: str) -> None:
    """The typed code leaves Prefect's database once it was judged."""
    with get_client(sync_client=True) as client:
        _drop_input(client, UUID(str(runtime.flow_run.id)), f"suspended-{key}-response")
