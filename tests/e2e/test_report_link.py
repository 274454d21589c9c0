"""The validation report as people reach it: from the run's artifact in Prefect's UI to the page this office serves."""

import json
import re
import time

import httpx
import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from flows.rest import Api, Run
from tasks.office import Office
from tasks.steps import finished
from tasks.store import open_store

pytestmark = [pytest.mark.browser, pytest.mark.server]
GATE_SECONDS = 180


@pytest.fixture(scope="module")
def run(api: Api) -> Run:
    """The sample's run, waiting for Staff."""
    deadline = time.monotonic() + GATE_SECONDS
    while time.monotonic() < deadline:
        found = next(iter(api.runs()), None)
        if found and found.gate:
            return found
        assert not (found and found.is_final), found
        time.sleep(0.5)
    return pytest.fail("run tidak pernah menunggu Staff", pytrace=False)


def artifact_of(api: Api, run: Run) -> dict[str, str]:
    key = f"laporan-validasi-{run.agenda}"
    found = httpx.post(f"{api.url}/artifacts/latest/filter", json={"artifacts": {"key": {"any_": [key]}}}).json()
    assert [item["type"] for item in found] == ["markdown"]
    return dict(found[0])


def test_the_artifact_opens_the_report(run: Run, api: Api, page: Page, office: Office) -> None:
    """If this fails, Staff and approvers see counts in Prefect but can not open the findings behind them."""
    complaints: list[str] = []
    page.goto(api.page(run))
    page.get_by_role("tab", name="Artifacts").click()
    page.get_by_role("link", name=f"laporan-validasi-{run.agenda}").click()
    page.locator("a[href*='/artifacts/artifact/']").first.click()
    link = page.get_by_role("link", name=f"Buka laporan validasi agenda {run.agenda}")
    expect(link).to_be_visible()
    address = str(link.get_attribute("href"))
    assert address == f"{json.loads((office.home / 'server.json').read_text())['reports']}/laporan/{run.agenda}.html"

    def heard(message: ConsoleMessage) -> None:
        complaints.append(message.text)

    page.on("console", heard)
    with page.context.expect_page() if link.get_attribute("target") else page.expect_navigation():
        link.click()
    report = page.context.pages[-1]
    expect(report.get_by_role("heading", level=1)).to_have_text(f"Laporan validasi · agenda {run.agenda}")
    with open_store(office) as con:
        done = finished(con, run.agenda)["validate", 0]
    expect(report.get_by_text(f"{done['findings']:,}".replace(",", "."), exact=True).first).to_be_visible()
    _search_finds_one_person(report)
    assert not [text for text in complaints if "Content Security Policy" in text]


def _search_finds_one_person(report: Page) -> None:
    """The page's own script runs under its policy: one row is found among all persons."""
    where = str(report.locator("#orang details .where").first.text_content()).split(" · ", maxsplit=1)[0]
    report.locator("#orang input[type=search]").fill(where)
    expect(report.locator("#orang details:not([hidden])")).to_have_count(1)
    expect(report.locator("#orang details:not([hidden]) .where")).to_contain_text(where)


def test_prefect_holds_no_person(run: Run, api: Api) -> None:
    """If this fails, a resident's data lie in Prefect's database, through the link meant to keep them out."""
    told = json.dumps(artifact_of(api, run))
    assert not re.search(r"(?<![0-9])[0-9]{16}(?![0-9])", told)


def test_the_server_gives_reports_and_nothing_else(run: Run, office: Office) -> None:
    """If this fails, other files of the office, or other sites in the same browser, come through the reports' door."""
    base = json.loads((office.home / "server.json").read_text())["reports"]
    served = httpx.get(f"{base}/laporan/{run.agenda}.html")
    assert served.content == office.report(run.agenda).read_bytes()
    for path in (
        "/",
        "/laporan/",
        "/laporan",
        "/laporan/../store.duckdb",
        "/laporan/..%2fledger.sqlite",
        "/keys/office.key",
    ):
        assert httpx.get(f"{base}{path}").status_code == httpx.codes.NOT_FOUND, path
    rebound = httpx.get(f"{base}/laporan/{run.agenda}.html", headers={"Host": "contoh.example"})
    assert rebound.status_code == httpx.codes.BAD_REQUEST


def test_the_artifact_opens_the_dashboard(run: Run, api: Api, page: Page, office: Office) -> None:
    """If this fails, the dashboard runs with the office and nobody finds it from the run it tells about."""
    key = f"dasbor-{run.agenda}"
    found = httpx.post(f"{api.url}/artifacts/latest/filter", json={"artifacts": {"key": {"any_": [key]}}}).json()
    address = f"{json.loads((office.home / 'server.json').read_text())['dashboard']}/?agenda={run.agenda}"
    assert [f"]({address})" in item["data"] for item in found] == [True]
    page.goto(address)
    expect(page.locator("#root .notice h2")).to_have_text("Belum ada terbitan")  # nothing is written yet
