"""One gate: the flow asks a person and suspends; the ledger decides what the answer was worth.

Prefect runs the flow's body again on every resume. So the flow first looks in the ledger whose turn it is, asks only
what was never answered, and gives each attempt its own key: a repeated key would return the old answer.
"""

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from prefect import runtime, suspend_flow_run
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.exceptions import PrefectHTTPStatusError
from prefect.input import RunInput, keyset_from_base_key
from prefect.types._datetime import parse_datetime

from expectations.approvals import LEVELS, STAFF, Level
from flows import settings
from flows.asking import description, device_link, notices
from flows.forms import ApproverForm, StaffForm
from flows.gateway.stamp import Gate, stamped_nip
from flows.run_labels import label_run
from flows.worksheets import list_faults, with_worksheet
from tasks.approvals.answer import Answer, Question
from tasks.approvals.case import Case
from tasks.approvals.decide import decide, judging, next_question
from tasks.ledger import open_ledger

RESPONSE = "-response"
STAMP = Gate("", "").stamp_name


def ask(role: str, case: Case, page: Callable[[str, int], str]) -> None:
    """Asks one level once about one case; suspends the run until there is an answer, then judges it.

    What it was worth stands in the ledger. ``page``: makes the masked one-page summary shown in the form.
    """
    office, level = settings.office(), LEVELS[role]
    with open_ledger(office) as ledger:
        question, reason = next_question(ledger, case, role)
        told = [*notices(ledger, question, reason), *device_link(office, ledger, (case.agenda, role))]
    answer = _ask(question, level, description(level, page(case.agenda, case.round), told))
    answer, faults = with_worksheet(office, question, answer) if level is STAFF else (answer, "")
    with open_ledger(office) as ledger:
        verdict = decide(ledger, judging(office, datetime.now(UTC)), question, answer)
    list_faults(office, faults, verdict)
    _forget(question.key)


def _ask(question: Question, level: Level, description: str) -> Answer:
    """Suspends, and in the process that follows the resume returns what was typed and when it was submitted."""
    run_id = UUID(str(runtime.flow_run.id))
    form: type[Any] = StaffForm if level is STAFF else ApproverForm
    with get_client(sync_client=True) as client:
        run = client.read_flow_run(run_id)
        if question.key not in (run.empirical_policy.pause_keys or set()):
            _drop_inputs(client, run_id, question.key)  # leftovers of a retry, or planted before the gate
            _drop_codes(client, run_id)
            label_run(client, run_id, question.case.agenda, level.title)
    try:
        filled = suspend_flow_run(
            wait_for_input=form.with_initial_data(description=description), key=question.key, timeout=None
        )
    except (ValueError, TypeError):  # forced on without a form, or with what no form sends: an attempt, not an answer
        return Answer("", "", "", "", datetime.now(UTC))
    with get_client(sync_client=True) as client:
        at, login = _submitted(client, Gate(str(run_id), question.key), filled)
        label_run(client, run_id, question.case.agenda, None)
    return Answer(
        filled.keputusan.value,
        filled.catatan,
        filled.nip,
        filled.kode.get_secret_value(),
        at,
        filled.kode_berkas,
        worksheet=getattr(filled, "lembar_kerja", ""),
        login=login,
    )


def _drop_codes(client: SyncPrefectClient, run_id: UUID) -> None:
    """Codes typed into forms that nobody judged (the answer came from the terminal first) do not stay readable."""
    for item in [*_stored(client, run_id, "suspended-"), *_stored(client, run_id, STAMP)]:
        if str(item["key"]).endswith(RESPONSE) or str(item["key"]).startswith(STAMP):
            _drop_input(client, run_id, item["key"])


def _drop_inputs(client: SyncPrefectClient, run_id: UUID, key: str) -> None:
    for name in (*keyset_from_base_key(f"suspended-{key}").values(), Gate(str(run_id), key).stamp_name):
        _drop_input(client, run_id, name)


def _drop_input(client: SyncPrefectClient, run_id: UUID, name: str) -> None:
    try:
        client.delete_flow_run_input(flow_run_id=run_id, key=name)
    except PrefectHTTPStatusError as error:
        if error.response.status_code != HTTPStatus.NOT_FOUND:
            raise


def _submitted(client: SyncPrefectClient, gate: Gate, filled: RunInput) -> tuple[datetime, str]:
    """The server's time of submission, and the NIP of the login it came through ("" for none).

    A code is judged at that time, not when a worker came round to it. The stamp must be about what is judged: somebody
    who writes to Prefect's database could exchange the answer between its reading and ours.
    """
    answer, stamp = f"suspended-{gate.key}{RESPONSE}", gate.stamp_name
    found = {item["key"]: item for name in (answer, stamp) for item in _stored(client, UUID(gate.run), name)}
    if answer not in found:
        return datetime.now(UTC), ""
    at = parse_datetime(found[answer]["created"])
    if stamp not in found:
        return at, ""
    key, content = settings.office().key("gateway"), str(found[answer]["value"])
    with contextlib.suppress(ValueError):
        if type(filled).model_validate_json(content).model_dump() == filled.model_dump():
            return at, stamped_nip(key, gate, (str(found[stamp]["value"]), content), at)
    return at, ""


def _stored(client: SyncPrefectClient, run_id: UUID, prefix: str) -> list[dict[str, Any]]:
    """What lies in Prefect's database of a run under names that begin so."""
    asked, place = {"prefix": prefix, "limit": 200}, {"id": run_id}
    answered = client.request("POST", "/flow_runs/{id}/input/filter", path_params=place, json=asked)
    return list(answered.json())


def _forget(key: str) -> None:
    """The typed code and the door's stamp leave Prefect's database once they were judged."""
    gate = Gate(str(runtime.flow_run.id), key)
    with get_client(sync_client=True) as client:
        for name in (f"suspended-{key}{RESPONSE}", gate.stamp_name):
            _drop_input(client, UUID(gate.run), name)
