"""How an office runs behind its door: what its own processes show, what Prefect is told, which port serves what."""

import json
from pathlib import Path

from flows.gateway.identity import MACHINE, machine_token
from flows.rest import Api
from tasks.office import Office


def api_of(office: Office, url: str) -> Api:
    """The office's server as its own processes ask it."""
    door = office.settings.pintu
    return Api(url, machine_headers(office), door.alamat if door.wajib else "")


def machine_headers(office: Office) -> dict[str, str]:
    """What proves this office's own processes to its door; nothing for an office without one."""
    return {MACHINE.decode(): machine_token(office)} if office.settings.pintu.wajib else {}


def pages(office: Office) -> Path:
    """Where Prefect's own pages lie while they are served."""
    return office.home / "prefect" / "ui"


def door_environment(office: Office) -> dict[str, str]:
    """Prefect's settings of an office behind a door. Its clients send the headers with websockets, too."""
    door = office.settings.pintu
    if not door.wajib:
        return {}
    return {
        "PREFECT_CLIENT_CUSTOM_HEADERS": json.dumps(machine_headers(office)),
        "PREFECT_UI_API_URL": f"{door.alamat}/api",
        "PREFECT_UI_URL": door.alamat,
        # Prefect writes its pages before it serves them; where it is installed, a production server may not write.
        "PREFECT_UI_STATIC_DIRECTORY": str(pages(office)),
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": door.alamat,
    }
