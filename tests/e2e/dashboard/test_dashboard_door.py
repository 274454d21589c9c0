"""What the dashboard's door lets through, keeps and asks for."""

import os
import re
import subprocess
import sys
import urllib.parse

import httpx
import pytest
from office_kit.dashboard_page import choose, opened
from playwright.sync_api import Page, Request, WebSocket, expect

from flows.dashboard import APP
from tasks.office import Office

pytestmark = pytest.mark.browser
START_SECONDS = 90


def test_nothing_is_asked_of_anyone_else(address: str, page: Page) -> None:
    """If this fails, opening the dashboard tells another site so, or it breaks where the office has no internet."""
    asked: list[str] = []

    def heard(request: Request) -> None:
        asked.append(request.url)

    told: list[str] = []

    def connected(socket_: WebSocket) -> None:
        asked.append(socket_.url)
        socket_.on("framereceived", lambda frame: told.append(str(frame)))

    page.on("request", heard)
    page.on("websocket", connected)
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    opened(page, address)
    choose(page, "Kecamatan", "Kranggan")
    expect(page.locator("#root .tiles li")).to_have_count(6)
    port = address.rsplit(":", 1)[1]
    outside = [
        url for url in asked if not url.startswith((f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}", "data:"))
    ]
    assert len(asked) > 20
    assert not outside
    assert not faults  # what a browser's console says is a fault, too
    assert len(told) > 2
    assert not [frame for frame in told if str(APP.parent) in frame]
    policy = httpx.get(address).headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http:" not in policy
    assert "*" not in policy


def test_the_door_lets_only_the_page_through(address: str) -> None:
    """If this fails, another site in the same browser reads the office's figures, or marimo's own doors stand open."""
    port = address.rsplit(":", 1)[1].rstrip("/")
    assert httpx.get(address, headers={"Host": f"jahat.example:{port}"}).status_code == httpx.codes.BAD_REQUEST
    foreign = httpx.get(address, headers={"Origin": "http://jahat.example"})
    assert foreign.status_code == httpx.codes.FORBIDDEN
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
               "Sec-WebSocket-Key": "dGVzdHRlc3R0ZXN0dGVzdA==", "Origin": "http://jahat.example"}  # fmt: skip
    assert httpx.get(f"{address}ws?session_id=s_abcdef", headers=upgrade).status_code == httpx.codes.FORBIDDEN
    own = httpx.get(address, headers={"Origin": f"http://127.0.0.1:{port}"})
    assert own.status_code == httpx.codes.OK
    assert not [name for name in own.headers if name.startswith("access-control")]
    for path in ("api/status", "api/kernel/read_code", "auth/login", "public/app.py", "docs", "ws_sync", "terminal/ws"):
        assert httpx.get(f"{address}{path}").status_code == httpx.codes.NOT_FOUND, path
    for path in ("?file=__new__", f"?file={APP}", "?agenda=a&agenda=b", "?kiosk=true", "?session_id=s_abcdef"):
        refused = httpx.get(f"{address}{path}")
        assert refused.status_code == httpx.codes.BAD_REQUEST, path
        assert "hanya boleh: kecamatan, kelurahan, aturan, agenda" in refused.text
    own_socket = upgrade | {"Origin": f"http://127.0.0.1:{port}"}
    assert httpx.get(f"{address}ws?session_id=s_abcdef", headers={**upgrade, "Origin": ""}).status_code == 403
    nobody = {name: value for name, value in upgrade.items() if name != "Origin"}
    for path in ("session_id=s_abcdef&file=__new__", "session_id=s_abcdef&kiosk=true", "session_id=../x", "agenda=1"):
        assert httpx.get(f"{address}ws?{path}", headers=own_socket).status_code == httpx.codes.FORBIDDEN, path
    assert httpx.get(f"{address}ws?session_id=s_abcdef", headers=nobody).status_code == httpx.codes.FORBIDDEN
    values = f"{address}api/kernel/set_ui_element_value"
    assert httpx.post(values, json={}).status_code == httpx.codes.FORBIDDEN  # no origin
    for path in ("run", "read_code", "instantiate", "function_call", "save", "shutdown", "interrupt"):
        sent = httpx.post(f"{address}api/kernel/{path}", json={"code": "1"}, headers={"Origin": address[:-1]})
        assert sent.status_code == httpx.codes.NOT_FOUND, path
    assert "sums_of" not in own.text  # the program itself is not told, nor where it lies
    assert not [place for place in (str(APP), urllib.parse.quote(str(APP), safe="")) if place in own.text]
    assert str(APP.parents[2]) not in own.text


def test_a_page_is_never_taken_from_before_and_its_files_are(address: str) -> None:
    """If this fails, a reload shows the figures of an earlier copy, or every opening asks for 300 files anew."""
    first = httpx.get(address)
    assert first.headers["cache-control"] == "no-store"
    assert "etag" not in first.headers
    assert httpx.get(address, headers={"If-None-Match": "*"}).status_code == httpx.codes.OK
    asset = re.search(r"assets/[\w-]+\.js", first.text)
    assert asset
    assert "immutable" in httpx.get(f"{address}{asset[0]}").headers["cache-control"]
    assert "cache-control" not in httpx.get(f"{address}assets/tidak-ada.js").headers


def test_no_marimo_settings_of_the_desk(office: Office, address: str) -> None:
    """If this fails, one person's marimo settings change what the whole office sees, or the office's land in a home."""
    httpx.get(address)
    assert (office.scratch / "marimo").is_dir()


def test_the_command_names_the_running_dashboard(office: Office, address: str) -> None:
    """If this fails, ``sinkron dashboard`` starts a second server where one runs, or tells nobody where it is."""
    (office.home / "dashboard.port").write_text(address.rsplit(":", 1)[1].rstrip("/"))
    environment = os.environ | {"SINKRON_HOME": str(office.home)}
    told = subprocess.run([sys.executable, "-m", "flows.cli", "dashboard"], env=environment, capture_output=True,
                          text=True, timeout=START_SECONDS, check=True)  # fmt: skip
    assert told.stdout == f"Dasbor sudah berjalan: {address}\n"
