"""What stands around an office in production: a real Postgres cluster and a real Caddy, both of this test alone."""

import contextlib
import os
import shutil
import ssl
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from flows import settings
from flows.gateway.identity import credentials, proxy_file
from office_kit.door import free_port
from tasks.office import Office

START_SECONDS = 120
CADDYFILE = settings.REPOSITORY / "deploy" / "Caddyfile"


def program(name: str, package: str) -> str:
    """A program of Debian, or the reason why there is none: a failure in CI, a skip on a desk."""
    servers = [str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    found = shutil.which(name, path=os.pathsep.join([os.environ["PATH"], *servers]))
    if found is None:
        reason = f"{name} tidak ada (Debian: apt-get install {package})"
        if os.environ.get("CI"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return found


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """A cluster of its own, asked over a socket file alone; yields Prefect's address of it.

    It never runs as root: there it is the user that Debian's package made.
    """
    initdb, server = program("initdb", "postgresql"), program("postgres", "postgresql")
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    home = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path has 107 letters at most
    try:
        if as_user:
            shutil.chown(home, "postgres", "postgres")
        chosen = ["-U", "sinkron", "-E", "UTF8", "--locale=C", "--no-sync", "-A", "trust"]
        subprocess.run([*as_user, initdb, "-D", home / "data", *chosen], check=True, capture_output=True, cwd=home)
        command = [*as_user, server, "-D", home / "data", "-k", home, "-c", "listen_addresses=", "-c", "fsync=off"]
        with (home.parent / f"{home.name}.log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=home)
        try:
            asked = [*as_user, program("psql", "postgresql"), "-h", home, "-U", "sinkron", "-d", "postgres", "-c"]
            _until(lambda: subprocess.run([*asked, "select 1"], capture_output=True, check=False).returncode == 0)
            subprocess.run([*asked, "create database prefect"], check=True, capture_output=True)
            yield f"postgresql+asyncpg://sinkron@/prefect?host={home}"
        finally:
            process.terminate()
            process.wait(120)
    finally:
        shutil.rmtree(home, ignore_errors=True)
        (home.parent / f"{home.name}.log").unlink(missing_ok=True)


def passwords(nips: list[str]) -> dict[str, str]:
    """A password for each login."""
    return {nip: f"sandi-{nip[-4:]}" for nip in nips}


@contextlib.contextmanager
def caddy(office: Office, given: Mapping[str, str], folder: Path) -> Iterator[None]:
    """The Caddyfile of deploy/ in front of an office's door; ``given``: the password of each login."""
    door, folder = office.settings.pintu, folder / "caddy"
    folder.mkdir()
    credentials(office)
    shutil.copyfile(proxy_file(office), folder / "pintu.caddy")
    (folder / "orang").write_text("".join(f"{nip} {hashed}\n" for nip, hashed in _hashed(given).items()))
    environment = os.environ | {
        "SINKRON_CADDY": str(folder), "SINKRON_ALAMAT": door.alamat, "SINKRON_PORT": str(door.port),
        "SINKRON_DASBOR": door.dasbor, "SINKRON_DASBOR_PORT": str(door.port + 1),
        "SINKRON_HTTP_PORT": str(free_port(1)), "XDG_DATA_HOME": str(folder), "HOME": str(folder),
    }  # fmt: skip
    command = [program("caddy", "caddy"), "run", "--config", CADDYFILE, "--adapter", "caddyfile"]
    with (folder / "caddy.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        _until(lambda: _answers(door.alamat))
        yield
    finally:
        process.terminate()
        process.wait(120)


def _hashed(given: Mapping[str, str]) -> dict[str, str]:
    command = [program("caddy", "caddy"), "hash-password", "--plaintext"]
    asked = {nip: subprocess.Popen([*command, word], stdout=subprocess.PIPE, text=True) for nip, word in given.items()}
    return {nip: process.communicate()[0].strip() for nip, process in asked.items()}


def unchecked() -> ssl.SSLContext:
    """Takes any certificate: Caddy made its own authority a moment ago."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _answers(address: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(address, verify=unchecked(), timeout=5).status_code == httpx.codes.UNAUTHORIZED
    return False


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)
