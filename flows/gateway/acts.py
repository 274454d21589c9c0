"""What is looked into: a form's answer, a start, a cancel or retry, and the settings, of which little is told."""

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from anyio.to_thread import run_sync

from flows import settings
from flows.gateway.inner import CREATED, FORBIDDEN, OK, Inner
from flows.gateway.roles import why_not
from flows.gateway.rules import Act
from flows.gateway.stamp import Gate, make_stamp
from flows.rest import ABOUT, WAITING, read_run
from tasks.office import Office

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

Reply = tuple[int, Any]
BAD_REQUEST, UNREADABLE = 400, "Isian ini tidak seperti yang dikirim halaman Sinkron. Muat ulang halaman."
NOT_OURS = "Hanya SOP Anomali Data, pembatalan, dan pemusnahan yang dapat dimulai dari sini."
OUR_FLOWS = (settings.FLOW, settings.UNDO_FLOW, settings.PURGE_FLOW)
ONLY_THESE = "Teknisi hanya dapat membatalkan run, atau mencoba lagi run yang gagal, crash, atau dibatalkan."
ONLY_PARAMETERS = "Run hanya dapat dimulai dengan nama, tag, waktu mulai, dan isian SOP; kosongkan yang lain ({})."
STARTED_WITH = frozenset({"name", "tags", "parameters", "state", "enforce_parameter_schema"})
OURS = (ABOUT, WAITING)  # tags by which the office finds its runs, and people what waits for them
CANCELLING, RETRYING = frozenset({"CANCELLING Cancelling", "CANCELLED Cancelled"}), "SCHEDULED AwaitingRetry"
ENDED = frozenset({"FAILED", "CRASHED", "CANCELLED"})
# All that Prefect's page needs of its settings; the rest tells how the server is built.
SETTINGS = {"server": {"ui": {"show_promotional_content": False}, "analytics_enabled": False}}
# The page asks before it sends a form; Prefect looks again when it comes. Patterns of the asker's own are not run.
VALID = {"errors": [], "valid": True}
CANCEL = {"state": {"type": "CANCELLING", "name": "Cancelling", "message": "dibatalkan teknisi"}}
RETRY = {"state": {"type": "SCHEDULED", "name": "AwaitingRetry", "message": "dicoba lagi oleh teknisi"}}
ANSWERED_HERE: dict[Act, Any] = {Act.SETTINGS: SETTINGS, Act.FORM: VALID}


class Acts:
    """``do`` one act for a login; the answer is Prefect's own, or ours with a ``detail`` that its UI shows."""

    def __init__(self, office: Office, inner: Inner) -> None:
        self._office, self._inner = office, inner
        self._one_at_a_time = asyncio.Lock()  # forms are few, and a second one must not take the first one's stamp away
        self._known: dict[Act, Callable[[str, str, dict[str, Any]], Awaitable[Reply]]] = {
            Act.RESUME: self._resume, Act.START: self._start, Act.STATE: self._state,
        }  # fmt: skip

    async def do(self, act: Act, nip: str, path: str, body: Any) -> Reply:
        """``path``: below ``/api``, its second part is the id of a run or a deployment; ``body``: parsed JSON."""
        if act in ANSWERED_HERE:
            return OK, ANSWERED_HERE[act]
        if not isinstance(body, dict):
            return refusal(BAD_REQUEST, UNREADABLE)
        return await self._known[act](nip, path.split("/")[2], body)

    async def _resume(self, nip: str, run_id: str, body: dict[str, Any]) -> Reply:
        """Stamps the answer before it is handed on, for the run may go on at once; takes the stamp back if refused."""
        answer = body.get("run_input")
        if set(body) != {"run_input"} or not isinstance(answer, dict) or "keputusan" not in answer:
            return refusal(BAD_REQUEST, UNREADABLE)
        async with self._one_at_a_time:
            status, found = await self._inner.ask("GET", f"/flow_runs/{run_id}")
            if status != OK:
                return status, found
            run, typed = read_run(found), (answer["keputusan"], answer.get("nip"))
            reason = await run_sync(why_not, self._office, run, nip, typed)
            if reason or run.gate is None:
                return refusal(FORBIDDEN, reason)
            gate = Gate(run.id, run.gate)
            stamp = make_stamp(self._office.key("gateway"), gate, answer, datetime.now(UTC))
            place = f"/flow_runs/{run_id}/input"
            await self._inner.ask("DELETE", f"{place}/{gate.stamp_name}")
            status, said = await self._inner.ask("POST", place, {"key": gate.stamp_name, "value": stamp})
            if status != CREATED:
                return status, said
            status, said = await self._inner.ask("POST", f"/flow_runs/{run_id}/resume", body)
            if not isinstance(said, dict) or said.get("status") != "ACCEPT":
                await self._inner.ask("DELETE", f"{place}/{gate.stamp_name}")
            return status, said

    async def _start(self, _: str, deployment: str, body: dict[str, Any]) -> Reply:
        """A run of one of the office's flows. What would change how or where it runs is refused: it runs code."""
        if deployment not in [await self._deployment(flow) for flow in OUR_FLOWS]:
            return refusal(FORBIDDEN, NOT_OURS)
        odd = sorted(name for name, value in body.items() if name not in STARTED_WITH and not _is_empty(value))
        if odd:
            return refusal(FORBIDDEN, ONLY_PARAMETERS.format(", ".join(odd)[:200]))
        kept = {name: body[name] for name in STARTED_WITH - {"state", "enforce_parameter_schema"} if name in body}
        kept["tags"] = [tag for tag in body.get("tags") or [] if not str(tag).startswith(OURS)]
        state = body.get("state")
        details = state.get("state_details") if isinstance(state, dict) else None
        if isinstance(details, dict) and details.get("scheduled_time"):
            kept["state"] = {"type": "SCHEDULED", "state_details": {"scheduled_time": details["scheduled_time"]}}
        return await self._inner.ask("POST", f"/deployments/{deployment}/create_flow_run", kept)

    async def _deployment(self, flow: str) -> str:
        status, found = await self._inner.ask("GET", f"/deployments/name/{flow}/{settings.DEPLOYMENT}")
        return str(found["id"]) if status == OK else ""

    async def _state(self, _: str, run_id: str, body: dict[str, Any]) -> Reply:
        """Cancel, or retry what has ended. A waiting run set going without its form would be an answer of nobody."""
        wanted = body.get("state")
        kind = f"{wanted.get('type')} {wanted.get('name')}" if isinstance(wanted, dict) else ""
        if kind in CANCELLING:
            return await self._inner.ask("POST", f"/flow_runs/{run_id}/set_state", CANCEL)
        status, found = await self._inner.ask("GET", f"/flow_runs/{run_id}")
        if status != OK:
            return status, found
        if kind != RETRYING or found.get("state_type") not in ENDED:
            return refusal(FORBIDDEN, ONLY_THESE)
        return await self._inner.ask("POST", f"/flow_runs/{run_id}/set_state", RETRY)


def refusal(status: int, words: str) -> Reply:
    """An answer that Prefect's UI shows to the person."""
    return status, {"detail": words}


def _is_empty(value: Any) -> bool:
    """Whether a field of a form was left as it is: nothing, zero, or a group of such."""
    if isinstance(value, dict):
        return all(_is_empty(one) for one in value.values())
    return not value or (isinstance(value, list) and all(_is_empty(one) for one in value))
