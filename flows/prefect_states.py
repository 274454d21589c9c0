"""What Prefect shows of every run: from the running server, else straight from its database. No Prefect import here.

The database is SQLite in WAL mode; a server that was killed leaves its newest states in the log beside it, and
reading them needs a folder that can be written to.
"""

import json
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import httpx

from flows.rest import Api
from flows.supervisor import running_api
from tasks.errors import UserError
from tasks.office import Office

PAGE = 200  # Prefect's limit for one answer
ABOUT = "agenda:"
RunStates = list[tuple[str, str]]  # (agenda number, or "run:<id>" where a run names none; state)


def run_states(office: Office) -> RunStates | None:
    """Every run of this office, or None when neither server nor database answers."""
    with suppress(UserError, httpx.HTTPError):
        return from_server(running_api(office))
    return from_database(office.home / "prefect" / "prefect.db")


def from_server(api: Api) -> RunStates:
    """All runs a server knows. Raises httpx.HTTPError when it stops answering."""
    states: RunStates = []
    with httpx.Client(base_url=api.url, timeout=20, headers=api.headers) as http:
        while True:
            asked = {"sort": "ID_DESC", "limit": PAGE, "offset": len(states)}
            answer = http.post("/flow_runs/filter", json=asked)
            answer.raise_for_status()
            found = answer.json()
            states += [
                (_agenda(item["id"], item.get("parameters"), item.get("tags")), str(item.get("state_name")))
                for item in found
            ]
            if len(found) < PAGE:
                return states


def from_database(path: Path) -> RunStates | None:
    """All runs in the database of a server that is down, read-only; None when there is none that can be read."""
    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as con:
            rows = con.execute("select id, parameters, tags, state_name from flow_run").fetchall()
        return [(_agenda(run, _decoded(given), _decoded(tags)), str(state)) for run, given, tags, state in rows]
    except (sqlite3.Error, ValueError):
        return None


def _decoded(text: str | None) -> Any:
    return json.loads(text) if text else None


def _agenda(run: str, parameters: Any, tags: Any) -> str:
    """The agenda number a run is about."""
    named = parameters.get("agenda") if isinstance(parameters, dict) else None
    tagged = [tag.removeprefix(ABOUT) for tag in tags or [] if str(tag).startswith(ABOUT)]
    return str(named or next(iter(tagged), "") or f"run:{run}")
