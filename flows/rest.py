"""Prefect's REST API, the few calls that the command line needs: the same the UI makes. No Prefect import here."""

import time
from dataclasses import dataclass
from typing import Any

import httpx

from flows import settings

RETRY_SECONDS, RETRY_PAUSE_SECONDS = 30.0, 0.3
NOT_READY = "schema not found"  # for a few milliseconds the state precedes the form


class RefusedError(Exception):
    """The server did not accept a resume; the message is its own reason."""


@dataclass(frozen=True)
class Run:
    """A flow run as the office sees it. ``gate``: key of the open gate, or None."""

    id: str
    name: str
    state: str
    gate: str | None
    message: str
    agenda: str

    @property
    def role(self) -> str | None:
        """Whose turn it is."""
        return self.gate.split("-")[0] if self.gate else None

    @property
    def is_dead(self) -> bool:
        """Its process ended without an end: certain for Crashed; for the others only when no runner was alive."""
        return self.state in {"Crashed", "Running", "Pending", "Submitting"}

    @property
    def is_final(self) -> bool:
        """Completed, failed, crashed or cancelled."""
        return self.state in {"Completed", "Failed", "Crashed", "Cancelled", "TimedOut"}


class Api:
    """One office's Prefect server. ``url``: ``http://127.0.0.1:<port>/api``."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=url, timeout=20)

    def healthy(self) -> bool:
        """Whether the server answers."""
        try:
            return self._http.get("/health").status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def page(self, run: Run) -> str:
        """The run's address in the UI."""
        return f"{self.url.removesuffix('/api')}/v2/runs/flow-run/{run.id}"

    def start(self, agenda: str) -> str:
        """Starts (or finds) the one run of an agenda number; returns its id."""
        deployment = self._json("GET", f"/deployments/name/{settings.FLOW}/{settings.DEPLOYMENT}")["id"]
        body = {
            "parameters": {"agenda": agenda},
            "idempotency_key": agenda,
            "name": f"agenda {agenda}",
            "tags": [f"agenda:{agenda}"],
        }
        return str(self._json("POST", f"/deployments/{deployment}/create_flow_run", body)["id"])

    def revive(self, run: Run) -> None:
        """Schedules a run whose process died again: the same run, from the top, where finished steps are skipped."""
        state = {"type": "SCHEDULED", "name": "Scheduled", "message": "dilanjutkan setelah prosesnya mati"}
        self._json("POST", f"/flow_runs/{run.id}/set_state", {"state": state, "force": True})

    def runs(self) -> list[Run]:
        """The newest runs first."""
        found = self._json("POST", "/flow_runs/filter", {"sort": "EXPECTED_START_TIME_DESC", "limit": 50})
        return [_run(item) for item in found]

    def resume(self, run: Run, answer: dict[str, str]) -> None:
        """Submits a form as the UI does. Retries a busy server; raises RefusedError with the server's reason."""
        deadline = time.monotonic() + RETRY_SECONDS
        while True:
            response = self._request("POST", f"/flow_runs/{run.id}/resume", {"run_input": answer})
            body = response.json() if response.content else {}
            if response.is_success and body.get("status") == "ACCEPT":
                return
            reason = str(body.get("details", {}).get("reason") or body.get("detail") or response.status_code)
            if NOT_READY not in reason or time.monotonic() > deadline:
                raise RefusedError(reason)
            time.sleep(RETRY_PAUSE_SECONDS)

    def _request(self, method: str, path: str, body: dict[str, Any] | None) -> httpx.Response:
        """One call; a server whose SQLite is busy (503) is asked again for a while."""
        deadline = time.monotonic() + RETRY_SECONDS
        while True:
            response = self._http.request(method, path, json=body)
            if response.status_code != httpx.codes.SERVICE_UNAVAILABLE or time.monotonic() > deadline:
                return response
            time.sleep(RETRY_PAUSE_SECONDS)

    def _json(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        response = self._request(method, path, body)
        response.raise_for_status()
        return response.json()


def _run(item: dict[str, Any]) -> Run:
    state = item.get("state") or {}
    details = state.get("state_details") or {}
    waiting = details.get("pause_key") if state.get("name") == "Suspended" else None
    agenda = str((item.get("parameters") or {}).get("agenda") or "")
    return Run(item["id"], item["name"], str(state.get("name")), waiting, str(state.get("message") or ""), agenda)
