"""A whole office (server, runner, demo people, sample extracts) and a real Chromium that reaches nothing else."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect, sync_playwright

from flows import settings
from flows.demo import prepare
from flows.rest import Api
from flows.supervisor import running_office
from tasks.office import Office

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
VIEWPORT = {"width": 1280, "height": 900}
UI_SECONDS = 60  # two shared cores: the UI may take long, an element that never comes takes longer
expect.set_options(timeout=UI_SECONDS * 1000)


@pytest.fixture(scope="module")
def chromium() -> str:
    """The browser, or the reason why there is none: a failure in CI, a skip on a desk."""
    found = shutil.which("chromium")
    if found is None:
        reason = "Chromium tidak ada di PATH (Debian: apt-get install chromium)"
        if os.environ.get("CI"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go: docs/images only when asked (SINKRON_SCREENSHOTS=1), so that tests change no checkout."""
    asked = os.environ.get("SINKRON_SCREENSHOTS") == "1"
    folder = settings.REPOSITORY / "docs" / "images" if asked else tmp_path_factory.mktemp("images")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def office(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office of its own, as ``sinkron demo`` makes it. Asks for Chromium first: without it nothing need start."""
    made = Office(tmp_path_factory.mktemp("browser") / "kantor")
    made.create()
    return made


@pytest.fixture(scope="module")
def api(office: Office) -> Iterator[Api]:
    """The running office's server, with demo people and the sample extracts in the inbox."""
    umask = os.umask(0o077)
    try:
        with running_office(office) as running:
            prepare(office)
            yield running
    finally:
        os.umask(umask)


@pytest.fixture(scope="module")
def page(chromium: str, api: Api) -> Iterator[Page]:
    """One tab of an Indonesian desk. Module scope at most: Playwright keeps an event loop in this thread."""

    def local_only(route: Route) -> None:
        if route.request.url.startswith("http://127.0.0.1:"):
            route.continue_()
        else:
            route.abort()

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        context = browser.new_context(viewport=VIEWPORT, locale="id-ID", timezone_id="Asia/Jakarta")
        context.set_default_timeout(UI_SECONDS * 1000)
        context.route("**/*", local_only)
        yield context.new_page()
        browser.close()
