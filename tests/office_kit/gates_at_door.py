"""A served door with a batch behind it that waits for Staff: forms sent through it, letter by letter where need be."""

import json
import socket
from dataclasses import dataclass
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from office_kit.door import Door

KEY = "staff-r1-c1"
SCHEMA = {
    "type": "object", "required": ["keputusan", "nip", "kode"], "additionalProperties": False,
    "properties": {
        "keputusan": {"enum": ["Ajukan"]}, "nip": {"type": "string", "pattern": "^[0-9]{18}$"},
        "kode": {"type": "string", "maxLength": 6}, "catatan": {"type": "string", "maxLength": 500},
    },
}  # fmt: skip


@dataclass
class Gates:
    """A door with a proposed batch behind it, whose run waits for Staff. Every ``waiting_run`` is a new one."""

    door: Door
    agenda: str
    flow: str
    deployment: str
    stranger: str

    def waiting_run(self) -> str:
        """A run suspended at Staff's gate, as the flow leaves it."""
        made = self.door.say(f"/deployments/{self.deployment}/create_flow_run", {"parameters": {"agenda": self.agenda}})
        run, base = str(made["id"]), f"suspended-{KEY}"
        keys = {"schema": f"{base}-schema", "response": f"{base}-response", "description": f"{base}-description"}
        details = {"pause_key": KEY, "pause_reschedule": True, "run_input_keyset": keys}
        for state in ({"type": "RUNNING", "name": "Running"},
                      {"type": "PAUSED", "name": "Suspended", "state_details": details}):  # fmt: skip
            self.door.say(f"/flow_runs/{run}/set_state", {"state": state, "force": True})
        self.door.say(f"/flow_runs/{run}/input", {"key": keys["schema"], "value": json.dumps(SCHEMA)})
        return run

    def resume(self, run: str, who: str, answer: Any) -> tuple[int, Any]:
        """A form sent by a login."""
        answered = self.door.ask("POST", f"/api/flow_runs/{run}/resume", who, json={"run_input": answer})
        return answered.status_code, answered.json()

    def inputs(self, run: str) -> dict[str, Any]:
        """What lies in Prefect's database of a run."""
        return {
            item["key"]: item for item in self.door.say(f"/flow_runs/{run}/input/filter", {"prefix": "", "limit": 200})
        }

    def state(self, run: str) -> str:
        return str(self.door.ask("GET", f"/api/flow_runs/{run}", "mesin").json()["state"]["name"])

    def raw(self, request: str, *headers: str) -> int:
        """The status of a request written letter by letter."""
        lines = [request, "Host: 127.0.0.1", "Connection: close", *headers, "", ""]
        with socket.create_connection(("127.0.0.1", self.door.port), 30) as wire:
            wire.sendall("\r\n".join(lines).encode("latin-1"))
            return int(wire.makefile("rb").readline().split()[1])

    def socket(self, path: str, **headers: str) -> str:
        """What became of a websocket: "open", or how it was refused."""
        try:
            with connect(
                f"ws://127.0.0.1:{self.door.port}{path}", additional_headers=headers, subprotocols=["prefect"]
            ):  # type: ignore[list-item]
                return "open"
        except InvalidStatus as refused:
            return str(refused.response.status_code)
        except ConnectionClosed as closed:
            return f"closed {closed.rcvd}"
