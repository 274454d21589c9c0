"""The office in its production form: Postgres, the door, Caddy with HTTPS, and five people with a login each.

The engineer starts the SOP, Staff proposes, the Kabid tries Kasi's form, somebody answers it past the door with Kasi's
own code, then Kasi, Kabid and Kadis sign, each in a browser of his own.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from office_kit.browser_desk import Desk, Typed
from office_kit.dashboard_page import opened
from office_kit.door import ENGINEER, free_port, put_door
from office_kit.files import write_csv
from office_kit.production import caddy, passwords, postgres, program
from office_kit.runners import runners
from office_kit.signers import NIP
from office_kit.small import ROWS, found_office
from playwright.sync_api import ConsoleMessage, Page, expect, sync_playwright

from expectations.approvals import CHAIN, LEVELS
from flows.demo import file_code_for
from flows.gateway.roles import NOT_YOURS, OTHER_NIP
from flows.rest import Api, Run
from flows.supervisor import running_office
from tasks.approvals.decide import PAST_THE_DOOR
from tasks.ledger import Kind, entries, open_ledger, verify
from tasks.office import Office

pytestmark = [pytest.mark.browser, pytest.mark.server]

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost",
]
UI_SECONDS = 60
OUTSIDE = "amplitude.com"  # what Prefect's page would tell of its readers, were it not stopped
PEOPLE = {"teknisi": ENGINEER, **NIP}
FETCH = """async ([method, path, body]) => {
    const given = body === null ? {} : {body: JSON.stringify(body), headers: {"content-type": "application/json"}};
    const answer = await fetch(path, {method, ...given});
    return [answer.status, await answer.text()];
}"""


@dataclass
class Walk:
    """Five desks in one office, and what they saw."""

    office: Office
    api: Api
    desks: dict[str, Desk]
    refused: dict[str, tuple[int, str]] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)
    console: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    runners: set[int] = field(default_factory=set)

    def ask(self, who: str, method: str, path: str, body: Any = None) -> tuple[int, str]:
        """A request from the page that somebody has open, as a curious person would make it."""
        status, text = self.desks[who].page.evaluate(FETCH, [method, path, body])
        return int(status), str(text)


@pytest.fixture(scope="module")
def walk(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """The whole way, walked once; the tests below look at what was seen and written."""
    for name, package in (("caddy", "caddy"), ("initdb", "postgresql")):
        program(name, package)
    folder = tmp_path_factory.mktemp("produksi")
    umask = os.umask(0o077)
    try:
        with ExitStack() as stack:
            patch = stack.enter_context(pytest.MonkeyPatch.context())
            patch.setenv("PREFECT_SERVER_DATABASE_CONNECTION_URL", stack.enter_context(postgres()))
            made = _office(folder)
            api = stack.enter_context(running_office(made))
            words = passwords(list(PEOPLE.values()))
            stack.enter_context(caddy(made, words, folder))
            browser = stack.enter_context(sync_playwright()).chromium.launch(executable_path=chromium, args=ARGUMENTS)
            walked = Walk(made, api, {})
            for who, nip in PEOPLE.items():
                context = browser.new_context(
                    http_credentials={"username": nip, "password": words[nip]}, ignore_https_errors=True,
                    locale="id-ID", timezone_id="Asia/Jakarta", viewport={"width": 1280, "height": 900},
                )  # fmt: skip
                context.set_default_timeout(UI_SECONDS * 1000)
                page = context.new_page()
                page.on("console", lambda message: _note(walked, message))
                walked.desks[who] = Desk(made, api, page, folder)
            _start(walked)
            _sign(walked)
            _look_at_results(walked)
            browser.close()
            walked.runners = set(runners(made))
            yield walked
    finally:
        os.umask(umask)


def _office(folder: Path) -> Office:
    made, _ = found_office(folder / "kantor")
    port = free_port()
    put_door(made, f"https://localhost:{port}", f"https://localhost:{port + 1}")
    with made.settings_file.open("a") as file:
        file.write("[mesin]\npekerja = 2\n")
    return made


def _note(walked: Walk, message: ConsoleMessage) -> None:
    if "Content Security Policy" in message.text:
        walked.console.append(message.text)


def _start(walked: Walk) -> None:
    """The engineer looks around and starts the SOP for a file that has just come in."""
    page: Page = walked.desks["teknisi"].page
    page.goto(walked.office.settings.pintu.alamat)
    expect(page.get_by_text("Run a task or flow to get started")).to_be_visible()
    _, found = walked.ask("teknisi", "GET", "/api/deployments/name/sop-anomali-data/kantor")
    place = f"/api/deployments/{json.loads(found)['id']}/create_flow_run"
    walked.refused["code"] = walked.ask("teknisi", "POST", place, {"job_variables": {"env": {"PYTHONPATH": "/x"}}})
    path = write_csv(walked.office.inbox / "ganda.csv", ROWS)
    os.utime(
        path, (time.time() - 5, time.time() - 5)
    )  # its letter may still come: the watcher waits, a person need not
    expect(page.get_by_text("Upgrade")).to_have_count(0)
    status, said = walked.ask("teknisi", "POST", place, {"parameters": {"berkas": ["ganda.csv"]}})
    assert status == 201, said


def _sign(walked: Walk) -> None:
    walked.desks["staff"].sign("staff-r1-c1", Typed("Ajukan"))
    run = walked.desks["kasi"].wait("kasi-r1-c1")
    _wrong_people(walked, run)
    past = walked.desks["kasi"]
    typed = {"keputusan": "Ya", "catatan": "", "nip": NIP["kasi"], "kode": past.code("kasi")}
    walked.api.resume(run, typed | {"kode_berkas": file_code_for(walked.office, run.agenda)})
    for gate in ("kasi-r1-c2", "kabid-r1-c1", "kadis-r1-c1"):
        _agree(walked, gate, run.agenda)
    ended = walked.desks["kadis"].wait(None)
    assert ended.state == "Completed", ended.message
    everything = {"prefix": "", "limit": 200}
    answered = walked.api._json("POST", f"/flow_runs/{run.id}/input/filter", everything)
    walked.left += [str(item["key"]) for item in answered]


def _agree(walked: Walk, gate: str, agenda: str) -> None:
    """Ya, by whose turn it is; the kode berkas was read before (Staff's way shows that the pages open)."""
    desk = walked.desks[gate.split("-", maxsplit=1)[0]]
    form = desk.open_form(gate)
    desk.fill(form, gate, Typed("Ya", file_code=file_code_for(walked.office, agenda)))
    desk.submit(form)


def _wrong_people(walked: Walk, run: Run) -> None:
    """The Kabid at Kasi's form, with his own NIP and with Kasi's; what he and the engineer would like to read."""
    desk, form_path = walked.desks["kabid"], f"/api/flow_runs/{run.id}"
    form = desk.open_form("kasi-r1-c1")
    desk.fill(form, "kasi-r1-c1", Typed("Ya", who="kabid", file_code=file_code_for(walked.office, run.agenda)))
    with desk.page.expect_response(lambda response: response.url.endswith("/resume")) as answered:
        form.get_by_role("button", name="Resume", exact=True).click()
    expect(desk.page.get_by_text(NOT_YOURS.format("Kasi")).first).to_be_visible()
    walked.refused["kabid"] = (answered.value.status, answered.value.text())
    given = {"keputusan": "Ya", "catatan": "", "nip": NIP["kasi"], "kode": "000000", "kode_berkas": "0000-0000"}
    walked.refused["as kasi"] = walked.ask("kabid", "POST", f"{form_path}/resume", {"run_input": given})
    walked.refused["engineer"] = walked.ask("teknisi", "POST", f"{form_path}/resume", {"run_input": given})
    for who in ("kabid", "teknisi"):
        for name, method, path in (
            ("inputs", "POST", f"{form_path}/input/filter"),
            ("answer", "GET", f"{form_path}/input/suspended-kasi-r1-c1-response"),
            ("blocks", "POST", "/api/block_documents/filter"), ("variables", "POST", "/api/variables/filter"),
            ("plant", "POST", f"{form_path}/input"),
        ):  # fmt: skip
            walked.refused[f"{who} {name}"] = walked.ask(who, method, path, {} if method == "POST" else None)
    going = {"state": {"type": "SCHEDULED", "name": "AwaitingRetry"}, "force": True}
    for who in ("kasi", "teknisi"):
        walked.desks[who].page.goto(walked.office.settings.pintu.alamat)
        walked.refused[f"{who} forces"] = walked.ask(who, "POST", f"{form_path}/set_state", going)


def _look_at_results(walked: Walk) -> None:
    """The engineer opens what the run's page links to: the report at the office's address, the dashboard at its own."""
    page, door = walked.desks["teknisi"].page, walked.office.settings.pintu
    with open_ledger(walked.office) as ledger:
        agenda = entries(ledger, kind=Kind.WRITTEN)[0].batch
    page.goto(f"{door.alamat}/laporan/{agenda}.html")
    walked.seen["report"] = page.locator("body").inner_text()
    opened(page, door.dasbor)
    walked.seen["dashboard"] = page.locator("body").inner_text()


def test_the_wrong_person_is_told_in_his_own_words(walk: Walk) -> None:
    """If this fails, a form of another's turn is taken, or the person sees an error in English or none at all."""
    assert walk.refused["kabid"][0] == 403
    assert NOT_YOURS.format("Kasi") in walk.refused["kabid"][1]
    assert walk.refused["as kasi"][0] == 403
    assert OTHER_NIP in walk.refused["as kasi"][1]


def test_nobody_reads_or_forces_what_is_not_his(walk: Walk) -> None:
    """If this fails, approvers read codes and secrets, or an engineer moves a run on without its form."""
    granted = {what: answer for what, answer in walk.refused.items() if answer[0] != 403}
    assert granted == {}
    assert all("detail" in text for _, text in walk.refused.values())


def test_an_answer_past_the_door_does_not_count(walk: Walk) -> None:
    """If this fails, the login in front of the page is decoration: who reaches Prefect behind it signs for others."""
    with open_ledger(walk.office) as ledger:
        (attempt,) = entries(ledger, kind=Kind.ATTEMPT)
    assert (attempt.payload["key"], attempt.payload["reason"]) == ("kasi-r1-c1", PAST_THE_DOOR)
    assert PAST_THE_DOOR in walk.desks["kasi"].seen["kasi-r1-c2"]


def test_the_ledger_names_every_login(walk: Walk) -> None:
    """If this fails, nobody can prove later which login gave which signature."""
    with open_ledger(walk.office) as ledger:
        verify(ledger)
        decided = entries(ledger, kind=Kind.DECISION)
    assert [entry.payload["role"] for entry in decided] == ["staff", *(level.role for level in CHAIN)]
    for entry in decided:
        assert entry.actor == entry.payload["login"] == NIP[entry.payload["role"]]


def test_the_batch_is_written_and_no_answer_is_left_behind(walk: Walk) -> None:
    """If this fails, the SOP does not reach its end in production, or codes and stamps stay in Postgres."""
    with open_ledger(walk.office) as ledger:
        (written,) = entries(ledger, kind=Kind.WRITTEN)
    assert written.payload["written"] > 0
    assert not (walk.office.home / "prefect" / "prefect.db").exists()
    assert not [key for key in walk.left if key.endswith("-response") or key.startswith("gateway")]
    assert len(LEVELS) == len({key.split("-")[1] for key in walk.left})
    assert walk.runners == {1, 2}  # both have come through the door to Postgres' server


def test_the_page_works_within_its_policy(walk: Walk) -> None:
    """If this fails, Prefect's page is crippled by our policy, or tells an outside host who reads it."""
    assert walk.console, "tidak ada yang dihentikan: apakah kebijakannya masih terkirim?"
    assert [text for text in walk.console if OUTSIDE not in text] == []


def test_report_and_dashboard_open_at_the_offices_address(walk: Walk) -> None:
    """If this fails, the links of a run lead people to a port of the server that they cannot reach."""
    with open_ledger(walk.office) as ledger:
        agenda = entries(ledger, kind=Kind.WRITTEN)[0].batch
    assert agenda in walk.seen["report"]
    assert "Dasbor" in walk.seen["dashboard"]
