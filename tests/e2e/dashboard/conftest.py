"""The dashboard of an office, served as ``sinkron serve`` does, in a real Chromium."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pytest
from office_kit.dashboard_page import Serve, published_office
from office_kit.published_city import City
from playwright.sync_api import Browser, Page, sync_playwright

from tasks.office import Office

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]  # fmt: skip
START_SECONDS, UI_SECONDS = 90, 60


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    """Starts the dashboard of an office as ``sinkron serve`` does, and gives its address."""
    running: list[subprocess.Popen[bytes]] = []

    def started(office: Office) -> str:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = os.environ | {"SINKRON_HOME": str(office.home)}
        with (office.home / "dashboard.log").open("ab") as log:
            running.append(subprocess.Popen([sys.executable, "-m", "flows.dashboard", str(port)], env=environment,
                                            stdout=log, stderr=log))  # fmt: skip
        address = f"http://127.0.0.1:{port}/"
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                httpx.get(f"{address}health")
            except httpx.HTTPError:
                time.sleep(0.1)
            else:
                return address
        return pytest.fail((office.home / "dashboard.log").read_text(), pytrace=False)

    yield started
    for process in running:
        process.send_signal(signal.SIGTERM)
        assert process.wait(120) is not None


@pytest.fixture(scope="module")
def office(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office with a published city."""
    return published_office(tmp_path_factory.mktemp("dasbor"), City())


@pytest.fixture(scope="module")
def address(office: Office, serve: Serve) -> str:
    """Where its dashboard is served."""
    return serve(office)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One Chromium for all tests here."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab of its own that may ask anything, so that what it asks can be held against it."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="id-ID", timezone_id="Asia/Jakarta")
    context.set_default_timeout(UI_SECONDS * 1000)
    yield context.new_page()
    context.close()
