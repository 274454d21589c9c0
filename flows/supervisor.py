"""Starts and stops an office: Prefect's server, the runner, reports' server and dashboard, on this machine only."""

import contextlib
import ctypes
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from flows import settings
from flows.gateway.setup import api_of, door_environment
from flows.prefect_database import shrink
from flows.rest import Api
from tasks.errors import Exit, Problem, UserError
from tasks.office import Office

START_SECONDS = 180
STOP_SECONDS = 15
PR_SET_PDEATHSIG = 1
RUNNER = "runner"
LIBC = ctypes.CDLL(None)  # loaded before any fork
RESTART_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0
ASK_SECONDS, HUNG_SECONDS = 10.0, 180.0  # a server that answers nothing for so long is ended, and started again


def stop_on_signals() -> None:
    """Ctrl-C and SIGTERM end an office cleanly, also when it was started in the background of a shell."""
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, signal.default_int_handler)


def running_api(office: Office) -> Api:
    """The server of a running office. Raises UserError (OFFICE) when none answers."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        api = api_of(office, json.loads(_address_file(office).read_text())["api"])
        if api.healthy():
            return api
    raise UserError(
        Exit.OFFICE,
        Problem(
            "server Prefect kantor ini",
            "belum berjalan",
            "server yang berjalan",
            "jalankan sinkron serve (atau make demo) di terminal lain",
        ),
    )


@contextlib.contextmanager
def running_office(office: Office) -> Iterator[Api]:
    """Starts all servers and the runner, yields once a batch can be started, stops all at the end.

    Raises UserError (OFFICE) when this office runs already or the server does not come up.
    """
    with _only_one(office):
        office.sweep(time.time())
        shrink(office.home / "prefect" / "prefect.db")
        commands, addresses = _plan(office)
        url = addresses["api"]
        environment = settings.prefect_environment(office.home, url) | door_environment(office)
        children = _Children(office, environment, commands)
        try:
            _address_file(office).write_text(json.dumps(addresses | {"pid": os.getpid()}))
            api = _wait_for(api_of(office, url), children, office)
            children.watch(api_of(office, url))
            yield api
        finally:
            with _undisturbed():
                _address_file(office).unlink(missing_ok=True)
                children.stop()


def _plan(office: Office) -> tuple[dict[str, list[str]], dict[str, str]]:
    """What is started, and where it answers. Behind a door the ports are fixed; people open the office's address."""
    door = office.settings.pintu
    if door.wajib:
        commands = {"server": ["flows.gateway", str(door.port)], "dashboard": ["flows.dashboard", str(door.port + 1)]}
        shown = {"reports": door.alamat} | ({"dashboard": door.dasbor} if door.dasbor else {})
        return commands | _runners(office), {"api": f"http://127.0.0.1:{door.port}/api"} | shown
    port, reports, dashboard = (str(one) for one in (_free_port(), kept_port(office, "reports"),
                                                     kept_port(office, "dashboard")))  # fmt: skip
    commands = {
        "server": ["prefect", "server", "start", "--host", "127.0.0.1", "--port", port],
        "reports": ["flows.reports", reports],
        "dashboard": ["flows.dashboard", dashboard],
        **_runners(office),
    }
    addresses = {name: f"http://127.0.0.1:{at}" for name, at in (("reports", reports), ("dashboard", dashboard))}
    return commands, addresses | {"api": f"http://127.0.0.1:{port}/api"}


def _runners(office: Office) -> dict[str, list[str]]:
    """As many processes that run batches as kantor.toml says; the first one watches the inbox."""
    count = office.settings.mesin.pekerja
    numbers = range(1, count + 1)
    return {
        RUNNER if number == 1 else f"{RUNNER}-{number}": ["flows.serve", str(number), str(count)] for number in numbers
    }


class _Children:
    """The processes of a running office. One that dies is started again: a silent office is worse than a slow one."""

    def __init__(self, office: Office, environment: dict[str, str], commands: dict[str, list[str]]) -> None:
        self._home, self._environment, self._commands = office.home, environment, commands
        self._closing = threading.Event()
        self._watcher: threading.Thread | None = None
        self._asked = self._answered = time.monotonic()
        self._running = {name: self._spawn(name) for name in commands}

    def dead(self) -> set[str]:
        """Names of those that ended."""
        return {name for name, process in self._running.items() if process.poll() is not None}

    def watch(self, api: Api) -> None:
        """Starts the dead again from now on, in a thread that lives as long as the office; ``api``: its own."""
        self._watcher = threading.Thread(target=self._watch, args=(api,), daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        """Ends all, the runners first and at once: none takes up what another one leaves."""
        self._closing.set()
        if self._watcher:
            self._watcher.join()
        runners = [process for name, process in self._running.items() if name.startswith(RUNNER)]
        for process in runners:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in [*runners, *reversed(self._running.values())]:
            _stop(process)

    def _watch(self, api: Api) -> None:
        pause, self._answered = RESTART_SECONDS, time.monotonic()
        while not self._closing.wait(pause):
            dead = self.dead() | self._hung(api)
            if "server" in dead:  # what a runner did meanwhile came to nothing, and it may not know
                dead |= {name for name in self._commands if name.startswith(RUNNER)}
                self._answered = time.monotonic() + START_SECONDS
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS) if dead else RESTART_SECONDS
            for name in dead:
                _kill(self._running[name])  # its session: a flow that outlived its runner would go on beside the next
            for name in [name for name in self._commands if name in dead]:
                with contextlib.suppress(OSError):  # no memory, no process, no disk: tried again at the next look
                    self._running[name] = self._spawn(name)

    def _hung(self, api: Api) -> set[str]:
        """The server, when it lives and answers nobody."""
        if time.monotonic() - self._asked < ASK_SECONDS:
            return set()
        if api.healthy():
            self._answered = time.monotonic()
        self._asked = time.monotonic()
        return {"server"} if self._asked - self._answered > HUNG_SECONDS else set()

    def _spawn(self, name: str) -> subprocess.Popen[bytes]:
        """A child of its own session (Ctrl-C reaches us alone) that the kernel ends when we die."""
        with (self._home / f"{name}.log").open("ab") as output:
            return subprocess.Popen(  # noqa: S603 (our own interpreter and arguments)
                [sys.executable, "-m", *self._commands[name]], env=self._environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, umask=0o077, start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 (no other thread of ours holds a lock then)
            )  # fmt: skip


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """A second Ctrl-C or SIGTERM while an office closes must not leave one of its processes behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {sign: signal.signal(sign, signal.SIG_IGN) for sign in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)


def served_address(office: Office, place: str) -> str | None:
    """Where a running office serves ``place`` ("laporan/<agenda>.html", "dokumen/<agenda>/<name>.pdf"); else None."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        return f"{json.loads(_address_file(office).read_text())['reports']}/{place}"
    return None


def dashboard_address(office: Office) -> str | None:
    """Where a running office serves its dashboard; else None."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        return f"{json.loads(_address_file(office).read_text())['dashboard']}/"
    return None


def _address_file(office: Office) -> Path:
    return office.home / "server.json"


@contextlib.contextmanager
def _only_one(office: Office) -> Iterator[None]:
    with (office.home / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UserError(
                Exit.OFFICE,
                Problem(
                    str(office.home),
                    "kantor ini sudah berjalan",
                    "satu proses per kantor",
                    "hentikan proses itu, atau pakai SINKRON_HOME lain",
                ),
            ) from None
        yield


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def kept_port(office: Office, server: str) -> int:
    """The port of the last start of "reports" or "dashboard" while it is free: links in older runs then still open."""
    kept = office.home / f"{server}.port"
    with contextlib.suppress(OSError, ValueError, OverflowError), socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server binds it
        probe.bind(("127.0.0.1", int(kept.read_text())))
        return int(probe.getsockname()[1])
    port = _free_port()
    kept.write_text(str(port))
    return port


def _die_with_parent() -> None:
    with contextlib.suppress(OSError, AttributeError):  # Linux only; elsewhere the pid file must do
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _wait_for(api: Api, children: _Children, office: Office) -> Api:
    deadline = time.monotonic() + START_SECONDS
    while not (api.healthy() and api.served()):
        if children.dead() or time.monotonic() > deadline:
            raise UserError(
                Exit.OFFICE,
                Problem(
                    "server Prefect",
                    "tidak mau berjalan",
                    "server yang menjawab",
                    f"baca server.log, runner*.log, reports.log dan dashboard.log di {office.home}",
                ),
            )
        time.sleep(0.1)
    return api


def _kill(process: subprocess.Popen[bytes]) -> None:
    """A whole session, at once."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Asks the whole session to end, then insists."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
            return
