"""An office's door, really served: its own process on a free port, asked as Caddy asks it, or as another would."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from flows import settings
from flows.gateway.identity import credentials
from flows.gateway.setup import door_environment, machine_headers
from tasks.office import Office

START_SECONDS = 120
ENGINEER, VIEWER = "199001012015011001", "199001012015011002"
ADDRESS = "https://sinkron.kota.example"


def free_port(spare: int = 2) -> int:
    """A port that is free together with those after it; below those that the system lends to outgoing connections."""
    while True:
        with contextlib.ExitStack() as held, contextlib.suppress(OSError):
            port = 10_000 + secrets.randbelow(20_000)
            for more in range(spare):
                held.enter_context(socket.socket()).bind(("127.0.0.1", port + more))
            return port


def put_door(office: Office, address: str = ADDRESS, dashboard: str = "") -> int:
    """Writes the office's choice of a door; returns its port."""
    port = free_port()
    office.settings_file.write_text(
        f'[pintu]\nwajib = true\nalamat = "{address}"\ndasbor = "{dashboard}"\nport = {port}\n'
        f'[pintu.orang]\n"{ENGINEER}" = "teknisi"\n"{VIEWER}" = "pengamat"\n'
    )
    return port


@dataclass
class Door:
    """A served door."""

    office: Office
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def login(self, nip: str) -> dict[str, str]:
        """What Caddy adds once somebody has logged in."""
        return {"x-sinkron-nip": nip, "x-sinkron-rahasia": credentials(self.office).proxy}

    def ask(self, method: str, path: str, who: str = "", **more: Any) -> httpx.Response:
        """One request; ``who``: a NIP, "mesin", or "" for nobody. A page's own origin goes along.

        While SQLite is busy (503) it is asked again, as people and processes do.
        """
        headers: Mapping[str, str] = machine_headers(self.office) if who == "mesin" else self.login(who) if who else {}
        given = {"origin": ADDRESS, **headers, **more.pop("headers", {})}
        deadline = time.monotonic() + START_SECONDS
        while True:
            answered = httpx.request(method, f"{self.url}{path}", headers=given, timeout=60, **more)
            if answered.status_code != httpx.codes.SERVICE_UNAVAILABLE or time.monotonic() > deadline:
                return answered
            time.sleep(0.3)

    def say(self, path: str, body: Any, who: str = "mesin") -> Any:
        """A POST that must be granted; its JSON."""
        answered = self.ask("POST", f"/api{path}", who, json=body)
        assert answered.is_success, answered.text
        return answered.json() if answered.content else None


@contextlib.contextmanager
def served_door(office: Office) -> Iterator[Door]:
    """Serves the door of an office without its runner."""
    door = Door(office, put_door(office))
    url = f"{door.url}/api"
    environment = settings.prefect_environment(office.home, url) | door_environment(office)
    command = [sys.executable, "-m", "flows.gateway", str(door.port)]
    with (office.home / "server.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=os.fspath(settings.REPOSITORY))
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(door):
            assert process.poll() is None, (office.home / "server.log").read_text()[-3000:]
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield door
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(120)


def _answers(door: Door) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(f"{door.url}/api/health", timeout=5).status_code == httpx.codes.OK
    return False
