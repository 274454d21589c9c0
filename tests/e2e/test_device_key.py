"""A device key in a real browser: Chromium's own authenticator, Caddy's HTTPS, the door, the runner, the ledger.

The Kasi enrols with an operator's code and signs his gate on the office's page; the run goes on by itself, and
``sinkron verify`` finds nothing wrong. A phone that does not check its owner signs nothing.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyotp
import pytest
from office_kit.door import free_port, put_door
from office_kit.production import caddy, passwords, program
from office_kit.signers import NIP
from office_kit.small import ROWS, found_office, receive_rows
from playwright.sync_api import Browser, CDPSession, Page, expect, sync_playwright

from flows import settings
from flows.demo import file_code_for
from flows.recover import nudge
from flows.rest import Api, Run
from flows.supervisor import running_office
from tasks.approvals.answer import Answer, Question
from tasks.approvals.case import Case
from tasks.approvals.decide import decide, judging
from tasks.approvals.docket import TERMINAL, docket
from tasks.approvals.secrets import secret_of
from tasks.ledger import Kind, entries, open_ledger
from tasks.office import Office

pytestmark = [pytest.mark.browser, pytest.mark.server]

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost",
]  # fmt: skip
GATE_SECONDS, UI_SECONDS = 180, 60
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": False, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@dataclass
class Walk:
    """One office, Kasi's browser with a device in it, and what was seen on the way."""

    office: Office
    api: Api
    page: Page
    images: Path
    agenda: str = ""
    device: tuple[CDPSession, str] | None = None
    seen: dict[str, str] = field(default_factory=dict)
    count: dict[str, int] = field(default_factory=dict)
    console: list[str] = field(default_factory=list)
    verified: tuple[int, str] = (-1, "")

    def sinkron(self, *given: str) -> tuple[int, str]:
        """The command line of the server."""
        command = [sys.executable, "-m", "flows.cli", *given]
        environment = os.environ | {"SINKRON_HOME": str(self.office.home)}
        ended = subprocess.run(
            command, env=environment, cwd=settings.REPOSITORY, capture_output=True, text=True, check=False
        )
        return ended.returncode, ended.stdout + ended.stderr

    def wait(self, role: str) -> Run:
        """The run once it waits for a role and shows its form."""
        deadline = time.monotonic() + GATE_SECONDS
        while time.monotonic() < deadline:
            run = next(iter(self.api.runs()), None)
            if run and run.role == role and self.api.has_form(run):
                return run
            assert not (run and run.is_final), run
            time.sleep(0.3)
        return pytest.fail(f"tidak pernah menunggu {role}: {self.api.runs()}", pytrace=False)

    def open(self, path: str) -> None:
        self.page.goto(f"{self.office.settings.pintu.alamat}{path}")

    def verifies_owner(self, yes: bool) -> None:
        assert self.device is not None
        session, name = self.device
        session.send("WebAuthn.setUserVerified", {"authenticatorId": name, "isUserVerified": yes})

    def shoot(self, name: str) -> None:
        """Both as it looks on a desk and on a phone; the desk's is the one for docs/images."""
        for size, kind in ((PHONE, "-phone"), (DESK, "")):
            self.page.set_viewport_size(size)
            folder = self.images if not kind else self.office.home.parent
            path = folder / f"{name}{kind}.png"
            self.page.screenshot(path=path, animations="disabled", full_page=bool(kind))
            path.chmod(0o644)
            self.seen[f"{name}{kind} width"] = str(self.page.evaluate("document.documentElement.scrollWidth"))

    def press(self, name: str) -> str:
        """Sends the page's form and returns what the person is told in the end."""
        told = self.page.locator(".jawab")
        self.page.get_by_role("button").click()
        expect(told.and_(self.page.locator(".salah, .benar"))).to_be_visible()
        self.seen[name] = told.inner_text()
        with open_ledger(self.office) as ledger:
            self.count[name] = len(entries(ledger))
        return self.seen[name]


@pytest.fixture(scope="module")
def walk(chromium: str, images: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """The whole way, walked once; the tests below look at what was seen and written."""
    program("caddy", "caddy")
    folder = tmp_path_factory.mktemp("perangkat")
    umask = os.umask(0o077)
    try:
        with ExitStack() as stack:
            office, _ = found_office(folder / "kantor")
            port = free_port()
            put_door(office, f"https://localhost:{port}", f"https://localhost:{port + 1}")
            receipt = receive_rows(office, ROWS)
            api = stack.enter_context(running_office(office))
            words = passwords([NIP["kasi"], NIP["kabid"]])
            stack.enter_context(caddy(office, words, folder))
            browser = stack.enter_context(sync_playwright()).chromium.launch(executable_path=chromium, args=ARGUMENTS)
            page = _desk(browser, NIP["kasi"], words[NIP["kasi"]])
            walked = Walk(office, api, page, images, receipt.agenda)
            page.on("console", lambda message: walked.console.append(message.text))
            walked.api.start(receipt.agenda)
            _enrol(walked)
            _submit(walked)
            _sign(walked)
            walked.verified = walked.sinkron("verify")
            colleague = _desk(browser, NIP["kabid"], words[NIP["kabid"]])
            colleague.goto(f"{office.settings.pintu.alamat}/tanda-tangan/{receipt.agenda}")
            walked.seen["kabid"] = colleague.locator("main").inner_text()
            browser.close()
            yield walked
    finally:
        os.umask(umask)


def _desk(browser: Browser, nip: str, word: str) -> Page:
    context = browser.new_context(
        http_credentials={"username": nip, "password": word}, ignore_https_errors=True, locale="id-ID",
        timezone_id="Asia/Jakarta", viewport=DESK,
    )  # fmt: skip
    context.set_default_timeout(UI_SECONDS * 1000)
    return context.new_page()


def _enrol(walked: Walk) -> None:
    """The operator's code goes to the Kasi, whose browser makes the key; then the same code once more."""
    code = walked.sinkron("approver", "rotate", "--nip", NIP["kasi"], "--kunci-perangkat")[1].split()[3]
    session = walked.page.context.new_cdp_session(walked.page)
    session.send("WebAuthn.enable")
    made: Any = session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    walked.device = (session, made["authenticatorId"])
    walked.open("/kunci-perangkat")
    walked.shoot("device-key-enrolment")
    for name, typed in (("wrong code", "0" * 12), ("enrolled", code), ("code again", code)):
        walked.open("/kunci-perangkat")
        walked.page.get_by_label("Kode pendaftaran").fill(typed)
        walked.press(name)
    walked.seen["list"] = walked.sinkron("approver", "list")[1]


def _submit(walked: Walk) -> None:
    """Staff, with a one-time code at the terminal."""
    run = walked.wait("staff")
    with open_ledger(walked.office) as ledger:
        here = docket(ledger, walked.agenda).current
        case = Case(walked.agenda, here.number, here.digest_for("staff"))
        now = datetime.now(UTC)
        code = pyotp.TOTP(secret_of(ledger, walked.office.key("totp"), NIP["staff"])).at(now)
        answer = Answer("Ajukan", "", NIP["staff"], code, now, case.code)
        assert decide(ledger, judging(walked.office, now), Question(case, "staff", 1, TERMINAL), answer).accepted
    nudge(walked.office, walked.api, run.agenda)


def _sign(walked: Walk) -> None:
    """Kasi's gate: the wrong kode berkas, a device that does not check its owner, and then as it should be."""
    run = walked.wait("kasi")
    name = f"suspended-{run.gate}-description"
    walked.seen["form"] = str(walked.api._json("GET", f"/flow_runs/{run.id}/input/{name}"))
    walked.seen["waiting"] = walked.sinkron("waiting")[1]
    code = file_code_for(walked.office, walked.agenda)
    path = f"/tanda-tangan/{walked.agenda}"
    _fill(walked, path, "0000-0000")
    walked.press("wrong file code")
    _fill(walked, path, code)
    walked.seen["page"] = walked.page.locator("main").inner_text()
    walked.verifies_owner(False)
    walked.press("owner unchecked")
    walked.verifies_owner(True)
    _fill(walked, path, code)
    walked.shoot("device-key-signing")
    walked.press("signed")
    walked.wait("kabid")


def _fill(walked: Walk, path: str, code: str) -> None:
    walked.open(path)
    walked.page.get_by_label("Ya: setuju").check()
    walked.page.get_by_label("Kode berkas").fill(code)


def test_the_kasi_enrols_once_with_the_operators_code(walk: Walk) -> None:
    """If this fails, nobody gets a device key, or one code lets several devices in."""
    assert "Kunci perangkat tercatat" in walk.seen["enrolled"]
    assert "salah, sudah dipakai" in walk.seen["wrong code"]
    assert "salah, sudah dipakai" in walk.seen["code again"]
    assert next(line for line in walk.seen["list"].splitlines() if "kunci perangkat" in line).startswith("Kasi")


def test_the_signature_stands_in_the_ledger_and_the_run_goes_on(walk: Walk) -> None:
    """If this fails, a device's signature does not count, or the SOP stands still after it."""
    assert walk.seen["signed"] == f"Tercatat: Kasi - Ya (agenda {walk.agenda})."
    with open_ledger(walk.office) as ledger:
        (signed,) = [one for one in entries(ledger, kind=Kind.DECISION) if one.payload["role"] == "kasi"]
    facts = signed.payload
    assert (signed.actor, facts["login"], facts["method"]) == (NIP["kasi"], NIP["kasi"], "perangkat")
    assert facts["assertion"]["count"] >= 1


def test_verify_finds_nothing_wrong(walk: Walk) -> None:
    """If this fails, an auditor cannot check a device's signature, or is told of forgeries that are none."""
    code, said = walk.verified
    assert (code, [line for line in said.splitlines() if line.startswith("salah")]) == (0, []), said


def test_what_does_not_count_is_told(walk: Walk) -> None:
    """If this fails, a person does not learn why a signature did not count, or a found phone signs."""
    assert "kode berkas tidak cocok" in walk.seen["wrong file code"]
    assert "Isian sebelumnya ditolak: kode berkas tidak cocok" in walk.seen["page"]
    assert "sidik jari, wajah atau PIN" in walk.seen["owner unchecked"]
    assert walk.count["owner unchecked"] == walk.count["wrong file code"]


def test_people_find_the_page(walk: Walk) -> None:
    """If this fails, who has a device key never learns where it signs."""
    address = f"{walk.office.settings.pintu.alamat}/tanda-tangan/{walk.agenda}"
    assert f"[Tanda tangani dengan kunci perangkat]({address})" in walk.seen["form"]
    assert f"kunci perangkat: {address}" in walk.seen["waiting"]
    assert "Anda belum punya kunci perangkat" in walk.seen["kabid"]


def test_the_page_works_within_its_policy_and_on_a_phone(walk: Walk) -> None:
    """If this fails, our own policy cripples the page, or a phone shows it cut off."""
    assert [text for text in walk.console if "Content Security Policy" in text] == []
    assert {walk.seen[f"{name}-phone width"] for name in ("device-key-signing", "device-key-enrolment")} == {"390"}
