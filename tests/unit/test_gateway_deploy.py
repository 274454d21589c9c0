"""The files of deploy/ hang together: what one of them says, the others and the door believe."""

import configparser
import re

import pytest
import yaml

from flows import settings
from flows.gateway.identity import MACHINE, NIP, OURS, SECRET
from tasks.office_settings import Door

DEPLOY = settings.REPOSITORY / "deploy"
CADDYFILE = (DEPLOY / "Caddyfile").read_text()
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
PAGE = (settings.REPOSITORY / "docs" / "production.md").read_text()


def test_caddy_says_who_and_lets_nobody_else_say_it() -> None:
    """If this fails, a browser names its own NIP, or the door waits for a header that Caddy does not send."""
    assert CADDYFILE.count("import login") == CADDYFILE.count("reverse_proxy ") == 2
    assert "request_header -X-Sinkron-*" in CADDYFILE
    assert f"header_up {NIP.decode().title().replace('Nip', 'NIP')} {{http.auth.user.id}}" in CADDYFILE
    assert all(name.startswith(OURS) for name in (NIP, SECRET, MACHINE)), "Caddy membuang yang berawalan itu saja"
    assert MACHINE.decode() not in CADDYFILE.lower()
    assert f"SINKRON_PORT:{Door.port}" in CADDYFILE
    assert f"SINKRON_DASBOR_PORT:{Door.port + 1}" in CADDYFILE


def test_only_caddys_ports_are_reached_from_outside() -> None:
    """If this fails, Postgres or the door itself stands in the office's network without a login."""
    assert {name: service.get("ports") for name, service in COMPOSE.items() if service.get("ports")} == {
        "kantor": ["80:8080", "443:8443", "8444:8444"]
    }
    assert COMPOSE["db"]["network_mode"] == "none"
    assert {COMPOSE[name]["network_mode"] for name in ("caddy", "pengingat")} == {"service:kantor"}
    assert f"127.0.0.1:{Door.port}/api/health" in COMPOSE["kantor"]["healthcheck"]["test"][-1]
    caddy = COMPOSE["caddy"]["environment"]
    assert {f"{caddy['SINKRON_HTTP_PORT']}", f"{caddy['SINKRON_HTTPS_PORT']}"} == {"8080", "8443"}


@pytest.mark.parametrize("name", ["sinkron.service", "sinkron-remind.service"])
def test_units_are_closed_and_run_what_exists(name: str) -> None:
    """If this fails, the service runs as root, leaves its files open, or starts a command that is none."""
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[method-assign,assignment]
    unit.read(DEPLOY / "systemd" / name)
    service = unit["Service"]
    assert (service["User"], service["UMask"], service["StateDirectoryMode"]) == ("sinkron", "0077", "0700")
    assert (service["NoNewPrivileges"], service["ProtectSystem"], service["LimitCORE"]) == ("yes", "strict", "0")
    command = re.fullmatch(r"/opt/sinkron/\.venv/bin/sinkron (\w+)", service["ExecStart"])
    assert command is not None
    from flows.cli import COMMANDS

    assert command[1] in COMMANDS


def test_the_page_names_every_file() -> None:
    """If this fails, somebody sets up a production office without a part of it."""
    for path in DEPLOY.rglob("*.*"):
        named = path.name.replace("sinkron-remind.service", "sinkron-remind").replace(
            "sinkron-remind.timer", "sinkron-remind"
        )
        assert named in PAGE, path.name
    for variable in ("SINKRON_ALAMAT", "SINKRON_DASBOR", "SINKRON_TLS", "PREFECT_SERVER_DATABASE_CONNECTION_URL"):
        assert variable in PAGE
