"""Prefect's REST API, the few calls that the command line needs: the same the UI makes. No Prefect import here."""

import itertools
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import httpx

from flows import settings

RETRY_SECONDS, RETRY_PAUSE_SECONDS = 30.0, 0.3
ABOUT, WAITING = "agenda:", "menunggu:"  # tags: of every run; of one that waits for a role
STARTING, STARTING_SECONDS = {"Pending", "Submitting"}, 120.0
UNFINISHED = ["PAUSED", "PENDING", "RUNNING", "CANCELLING", "CRASHED"]
FLOWS = {"-U": settings.UNDO_FLOW, "-P": settings.PURGE_FLOW}  # by the mark in the agenda number; all others: the SOP
INBOX_SPAN = {"type": "span", "seconds": -365 * 86400}  # a year back: what waits for longer is in `sinkron waiting`
MOST_RUNS = 200  # the server's own limit
NOT_READY = "schema not found"  # for a few milliseconds the state precedes the form


class RefusedError(Exception):
    """The server did not accept a resume; the message is its own reason."""


@dataclass(frozen=True)
class Run:
    """A flow run as the office sees it. ``gate``: key of the open gate, or None.

    ``age``: seconds since it came into its state, negative while it is scheduled for later. ``deployment``: its id.
    ``for_agenda``: the agenda number it was started with; ``agenda``: also the one it received itself.
    """

    id: str
    name: str
    state: str
    gate: str | None
    message: str
    agenda: str
    age: float = 0.0
    deployment: str = ""
    for_agenda: str = ""

    @property
    def role(self) -> str | None:
        """Whose turn it is."""
        return self.gate.split("-")[0] if self.gate else None

    @property
    def is_alive(self) -> bool:
        """Scheduled for now, starting or running: it will look in the ledger by itself."""
        if self.age < -STARTING_SECONDS:
            return False
        starting = self.state in STARTING and self.age < STARTING_SECONDS
        return starting or self.state in {"Scheduled", "Running", "Resuming", "Late", "AwaitingRetry", "Retrying"}

    @property
    def is_stuck(self) -> bool:
        """Nobody starts it any more: its runner died between taking it and running it."""
        return self.state in STARTING and self.age >= STARTING_SECONDS

    @property
    def is_dead(self) -> bool:
        """Its process ended without an end: certain for Crashed; for the others only when no runner was alive."""
        return self.state in {"Crashed", "Running", "Pending", "Submitting"}

    @property
    def is_final(self) -> bool:
        """Completed, failed, crashed or cancelled."""
        return self.state in {"Completed", "Failed", "Crashed", "Cancelled", "TimedOut"}


class Api:
    """One office's Prefect server. ``url``: ``http://127.0.0.1:<port>/api``.

    ``headers``: what this office's own processes show to its door; ``shown``: where people open it, "" = there, too.
    """

    def __init__(self, url: str, headers: Mapping[str, str] | None = None, shown: str = "") -> None:
        self.url, self.headers = url, dict(headers or {})
        self._shown = shown or url.removesuffix("/api")
        self._http = httpx.Client(base_url=url, timeout=20, headers=self.headers)

    def healthy(self) -> bool:
        """Whether the server answers."""
        try:
            return self._http.get("/health").status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def served(self) -> bool:
        """Whether the runner has told the server of the office's flows: before that, nothing can be started."""
        wanted = {"deployments": {"name": {"any_": [settings.DEPLOYMENT]}}}
        try:
            known = self._json("POST", "/flows/filter", wanted)
        except httpx.HTTPError:
            return False
        return {settings.FLOW, *FLOWS.values()} <= {flow["name"] for flow in known}

    def page(self, run: Run) -> str:
        """The run's address in the UI."""
        return f"{self._shown}/v2/runs/flow-run/{run.id}"

    def page_with_button(self, run: Run) -> str:
        """The same run in Prefect's older UI, where Resume is a button and no entry of a menu."""
        return f"{self._shown}/runs/flow-run/{run.id}"

    def inbox(self, title: str) -> str:
        """The runs that wait for a role, as a page of the UI to be bookmarked; ``title``: as in its tag."""
        chosen = urlencode({"state": "Suspended", "tags": f"{WAITING}{title}"})
        return f"{self._shown}/v2/runs?{chosen}"

    def keep_inboxes(self, titles: Iterable[str]) -> None:
        """The same as saved filters of the older UI, by name; PUT again, they are replaced."""
        for title in titles:
            chosen = {"state": ["Suspended"], "tag": [f"{WAITING}{title}"], "range": INBOX_SPAN}
            filters = [{"object": "flowRun", "property": name, "type": "", "operation": "", "value": value}
                       for name, value in chosen.items()]  # fmt: skip
            self._json("PUT", "/saved_searches/", {"name": f"Menunggu {title}", "filters": filters})

    def deployment(self, agenda: str) -> str:
        """The id of the deployment that works on batches, on undos, or on destructions."""
        flow = next((flow for mark, flow in FLOWS.items() if mark in agenda), settings.FLOW)
        return str(self._json("GET", f"/deployments/name/{flow}/{settings.DEPLOYMENT}")["id"])

    def start(self, agenda: str) -> str:
        """Starts (or finds) the run of a batch or an undo; returns its id."""
        return str(self._create(agenda, agenda).json()["id"])

    def start_another(self, agenda: str) -> str:
        """A new run of a batch or an undo whose earlier ones can not carry it on; returns its id."""
        for number in itertools.count():
            made = self._create(agenda, f"{agenda}#{number}" if number else agenda)
            if made.status_code == httpx.codes.CREATED:
                return str(made.json()["id"])
        raise AssertionError

    def _create(self, agenda: str, key: str) -> httpx.Response:
        """One run per ``key``: the server answers with the one that has it already."""
        body = {
            "parameters": {"agenda": agenda},
            "idempotency_key": key,
            "name": f"agenda {agenda}",
            "tags": [f"{ABOUT}{agenda}"],
        }
        response = self._request("POST", f"/deployments/{self.deployment(agenda)}/create_flow_run", body)
        response.raise_for_status()
        return response

    def has_form(self, run: Run) -> bool:
        """Whether the form of its open gate lies there whole: Prefect stores it, in two parts, after the state."""
        base = f"/flow_runs/{run.id}/input/suspended-{run.gate}"
        parts = (self._request("GET", f"{base}-{part}", None) for part in ("schema", "description"))
        return all(found.status_code == httpx.codes.OK for found in parts)

    def revive(self, run: Run, why: str = "dilanjutkan setelah prosesnya mati") -> None:
        """Schedules a run again: the same run, from the top, where it goes on at what the ledger says is due."""
        state = {"type": "SCHEDULED", "name": "Scheduled", "message": why}
        self._json("POST", f"/flow_runs/{run.id}/set_state", {"state": state, "force": True})

    def runs_of(self, agenda: str, origin: str = "") -> list[Run]:
        """Every run of a batch, newest first: by its tag, or the run that received it (``origin``, its id)."""
        by_tag: dict[str, Any] = {"tags": {"all_": [f"agenda:{agenda}"]}}
        found = self._json("POST", "/flow_runs/filter", {"flow_runs": by_tag, "sort": "EXPECTED_START_TIME_DESC"})
        if origin and not any(item["id"] == origin for item in found):
            found += self._json("POST", "/flow_runs/filter", {"flow_runs": {"id": {"any_": [origin]}}})
        return [read_run(item) for item in found]

    def runs(self) -> list[Run]:
        """The newest runs first."""
        found = self._json("POST", "/flow_runs/filter", {"sort": "EXPECTED_START_TIME_DESC", "limit": 50})
        return [read_run(item) for item in found]

    def unfinished(self) -> list[Run]:
        """Runs that wait, work or crashed, the newest first."""
        wanted = {"flow_runs": {"state": {"type": {"any_": UNFINISHED}}}, "limit": MOST_RUNS}
        found = self._json("POST", "/flow_runs/filter", wanted | {"sort": "EXPECTED_START_TIME_DESC"})
        return [read_run(item) for item in found]

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


def read_run(item: dict[str, Any]) -> Run:
    """A flow run as the server tells it."""
    state = item.get("state") or {}
    details = state.get("state_details") or {}
    waiting = details.get("pause_key") if state.get("name") == "Suspended" else None
    tagged = [tag.removeprefix(ABOUT) for tag in item.get("tags") or [] if tag.startswith(ABOUT)]
    given = str((item.get("parameters") or {}).get("agenda") or "")
    # A run that was just taken keeps the time for which it was scheduled, however long it waited for its turn.
    since = (details.get("scheduled_time") if state.get("type") == "SCHEDULED" else None) or state.get("timestamp")
    age = (datetime.now(UTC) - datetime.fromisoformat(since)).total_seconds() if since else 0.0
    facts = (item["id"], item["name"], str(state.get("name")), waiting, str(state.get("message") or ""))
    return Run(*facts, given or next(iter(tagged), ""), age, str(item.get("deployment_id")), given)
