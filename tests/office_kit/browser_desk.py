"""A person at a browser: opens a run in Prefect's v2 UI, reads the proposal, types an answer into the form."""

import re
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import pyotp
import pytest
from playwright.sync_api import Locator, Page, expect

from expectations.approvals import LEVELS
from flows.demo import DEMO_PEOPLE
from flows.rest import Api, Run
from tasks.approvals.secrets import STEP_SECONDS, secret_of
from tasks.ledger import open_ledger
from tasks.office import Office

GATE_SECONDS = 180
CLICKS = 5  # a busy SQLite answers 503, the UI shows a toast, and a person clicks again
NIP = {mandate.role: person.nip for person, mandate in DEMO_PEOPLE}
FILE_CODE = re.compile(r"Kode berkas: ([0-9A-Z]{4}-[0-9A-Z]{4})")
CUT_OFF = """form => [...form.querySelectorAll("table")].filter(table => {
    const box = table.closest(".overflow-y-auto").getBoundingClientRect();
    return table.getBoundingClientRect().right > box.right + 1;
}).map(table => table.rows[0].innerText)"""

# The run's graph is drawn on a canvas, step by step: no element tells when it is complete.
SIXTY_FRAMES = """() => new Promise(done => {
    const next = left => left ? requestAnimationFrame(() => next(left - 1)) : done();
    next(60);
})"""


def role_of(gate: str) -> str:
    """``kasi-r2-c1`` -> ``kasi``."""
    return gate.partition("-")[0]


@dataclass(frozen=True)
class Typed:
    """What is typed into a form. ``who``: another role's holder; ``code``, ``file_code``: other than the right one."""

    choice: str
    note: str = ""
    who: str = ""
    code: str = ""
    file_code: str = ""


@dataclass
class Desk:
    """One browser in one office. Remembers the text of every page and form it saw, by gate or page name."""

    office: Office
    api: Api
    page: Page
    images: Path
    seen: dict[str, str] = field(default_factory=dict)
    cut_off: dict[str, list[str]] = field(default_factory=dict)
    file_codes: dict[str, str] = field(default_factory=dict)  # artifact -> the kode berkas on it
    used: dict[str, int] = field(default_factory=dict)  # role -> clock step of the last code typed

    def wait(self, gate: str | None) -> Run:
        """The run once it waits at ``gate`` (None: once it has ended)."""
        deadline = time.monotonic() + GATE_SECONDS
        while time.monotonic() < deadline:
            run = next(iter(self.api.runs()), None)
            if run and (run.gate == gate and self.api.has_form(run) if gate else run.is_final):
                return run
            if run and run.is_final:
                pytest.fail(f"run berakhir {run.state}: {run.message}", pytrace=False)
            time.sleep(0.2)
        return pytest.fail(f"tidak pernah sampai di {gate or 'akhir'}; run: {self.api.runs()}", pytrace=False)

    def look(self, name: str) -> str:
        """Keeps and returns the text now on the page, dialog included."""
        self.seen[name] = self.page.locator("body").inner_text()
        return self.seen[name]

    def shoot(self, name: str) -> None:
        """A screenshot for docs/images; readable for all, whatever the office's umask."""
        path = self.images / f"{name}.png"
        self.page.mouse.move(0, 0)
        self.page.evaluate(SIXTY_FRAMES)
        self.page.screenshot(path=path, animations="disabled")
        path.chmod(0o644)

    def open_run(self, gate: str) -> None:
        """The run's own page, as linked from ``sinkron demo``."""
        self.page.goto(self.api.page(self.wait(gate)))
        expect(self.page.get_by_text("Suspended", exact=True).first).to_be_visible()
        expect(self.page.get_by_text(f"menunggu:{LEVELS[role_of(gate)].title}", exact=True)).to_be_visible()

    def open_form(self, gate: str) -> Locator:
        """Run page, three-dot menu, Resume. The summary loads apart from the fields and moves them when it comes."""
        self.open_run(gate)
        level = LEVELS[role_of(gate)]
        self.page.get_by_role("button", name="Open menu").click()
        self.page.get_by_role("menuitem", name="Resume").click()
        form = self.page.get_by_role("dialog")
        expect(form.get_by_role("heading", name=f"{level.title}: {level.activity}")).to_be_visible()
        expect(form.get_by_role("button", name="Select Keputusan")).to_be_visible()
        self.look(gate)
        self.cut_off[gate] = form.evaluate(CUT_OFF)
        return form

    def file_code(self, gate: str) -> str:
        """The kode berkas, from the proposal's page on the run's tab Artifacts."""
        role, round_no, _ = gate.split("-")
        run = self.wait(gate)
        name = f"{'draf' if role == 'staff' else 'usulan'}-{run.agenda}-{round_no}"
        if name not in self.file_codes:
            self.page.goto(self.api.page(run))
            self.page.get_by_role("tab", name="Artifacts").click()
            self.page.get_by_role("link", name=name).click()
            self.page.locator("a[href*='/artifacts/artifact/']").first.click()
            self.page.wait_for_url("**/artifacts/artifact/**")  # the list before it shows the same heading
            expect(self.page.get_by_role("heading", name="Kode berkas")).to_be_visible()
            expect(self.page.locator("body")).to_contain_text(FILE_CODE, use_inner_text=True)
            self.file_codes[name] = str(FILE_CODE.findall(self.look(name))[0])
        return self.file_codes[name]

    def fill(self, form: Locator, gate: str, typed: Typed) -> None:
        """Fills the form in, the code last because it ages."""
        who = typed.who or role_of(gate)
        form.get_by_role("button", name="Select Keputusan").click()
        self.page.get_by_role("option", name=typed.choice, exact=True).click()
        form.get_by_label("Kode berkas").fill(typed.file_code)
        if typed.note:
            form.get_by_label("Catatan").fill(typed.note)
        form.get_by_label("NIP", exact=True).fill(NIP[who])
        secret = form.get_by_label("Kode sekali pakai")
        expect(secret).to_have_attribute("type", "password")
        secret.fill(typed.code or self.code(who))

    def code(self, role: str) -> str:
        """A code of a role that was not used yet; the next one is taken early, as a fast clock would."""
        with open_ledger(self.office) as ledger:
            totp = pyotp.TOTP(secret_of(ledger, self.office.key("totp"), NIP[role]), interval=STEP_SECONDS)
        while self.used.get(role, 0) > int(time.time()) // STEP_SECONDS:
            time.sleep(0.2)
        self.used[role] = max(self.used.get(role, 0) + 1, int(time.time()) // STEP_SECONDS)
        return str(totp.generate_otp(self.used[role]))

    def submit(self, form: Locator) -> None:
        """Clicks Resume until the server took the answer; fails with the server's own words."""
        for _ in range(CLICKS):
            with self.page.expect_response(lambda response: response.url.endswith("/resume")) as answered:
                form.get_by_role("button", name="Resume", exact=True).click()
            if answered.value.status != httpx.codes.SERVICE_UNAVAILABLE:
                break
        answer = answered.value.text()
        assert answered.value.ok, answer
        assert '"ACCEPT"' in answer, answer
        expect(form).to_be_hidden()

    def sign(self, gate: str, typed: Typed, image: str = "") -> None:
        """One whole answer: read the page, open, fill, submit. ``image``: a screenshot of the filled form."""
        code = self.file_code(gate)
        form = self.open_form(gate)
        self.fill(form, gate, replace(typed, file_code=typed.file_code or code))
        if image:
            form.get_by_label("Kode sekali pakai").scroll_into_view_if_needed()
            self.shoot(image)
        self.submit(form)

    def shoot_form(self, gate: str, name: str) -> None:
        """The empty form with what it tells first."""
        self.open_form(gate)
        self.shoot(name)
