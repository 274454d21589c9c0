"""The SOP as its people live it: Prefect's v2 UI in Chromium, every answer typed into its forms.

Staff proposes, Kasi mistypes a code, then says Tidak; in round 2 all four agree and the data are written.
"""

import re
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from expectations.approvals import CHAIN, LEVELS
from expectations.outcomes import Outcome
from flows.demo import code_for
from flows.rest import Api, Run
from tasks.approve import SAME_WORDS, signatures
from tasks.ledger import Kind, entries, open_ledger, verify
from tasks.office import Office
from tasks.people import STEP_SECONDS
from tasks.steps import finished
from tasks.store import open_store

pytestmark = [pytest.mark.browser, pytest.mark.server]

GATE_SECONDS = 180
CLICKS = 5  # a busy SQLite answers 503, the UI shows a toast, and a person clicks again
NOTE = (
    "Pasangan kembar di Kelurahan Kranggan: cocokkan dahulu dengan akta lahir dan buku nikah, "
    "lalu ajukan lagi bersama nomor berkasnya."
)
NIK = re.compile(r"(?<!\d)\d{16}(?!\d)")
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


@dataclass
class Desk:
    """One browser in one office. Remembers the text of every page and form it saw, by gate or page name."""

    office: Office
    api: Api
    page: Page
    images: Path
    seen: dict[str, str] = field(default_factory=dict)
    cut_off: dict[str, list[str]] = field(default_factory=dict)
    signed: dict[str, int] = field(default_factory=dict)  # role -> clock step of the last code typed

    def wait(self, gate: str | None) -> Run:
        """The run once it waits at ``gate`` (None: once it has ended)."""
        deadline = time.monotonic() + GATE_SECONDS
        while time.monotonic() < deadline:
            run = next(iter(self.api.runs()), None)
            if run and (run.gate == gate if gate else run.is_final):
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

    def fill(self, form: Locator, gate: str, choice: str, note: str = "", *, wrong: bool = False) -> None:
        """Fills the form in, the code last because it ages."""
        form.get_by_role("button", name="Select Keputusan").click()
        self.page.get_by_role("option", name=choice, exact=True).click()
        if note:
            form.get_by_label("Catatan").fill(note)
        nip, code = self.code(role_of(gate), wrong=wrong)
        form.get_by_label("NIP", exact=True).fill(nip)
        secret = form.get_by_label("Kode sekali pakai")
        expect(secret).to_have_attribute("type", "password")
        secret.fill(code)

    def code(self, role: str, *, wrong: bool) -> tuple[str, str]:
        """NIP and code of a role; waits for the next code when the one on show was used already."""
        while not wrong and self.signed.get(role) == int(time.time()) // STEP_SECONDS:
            time.sleep(0.2)
        person, code, _ = code_for(self.office, role)
        if wrong:
            return person.nip, f"{(int(code) + 1) % 1_000_000:06d}"
        self.signed[role] = int(time.time()) // STEP_SECONDS
        return person.nip, code

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

    def sign(self, gate: str, choice: str, note: str = "", *, wrong: bool = False) -> None:
        """One whole answer: open, fill, submit."""
        form = self.open_form(gate)
        self.fill(form, gate, choice, note, wrong=wrong)
        self.submit(form)


@pytest.fixture(scope="module")
def desk(images: Path, office: Office, api: Api, page: Page) -> Desk:
    """The whole way through the SOP, walked once; the tests below look at what was seen and written."""
    made = Desk(office, api, page, images)
    _round_one(made)
    _round_two(made)
    _results(made)
    return made


def _round_one(desk: Desk) -> None:
    desk.open_run("staff-r1-c1")
    expect(desk.page.locator("canvas").first).to_be_visible()
    expect(desk.page.get_by_role("button", name="Download logs")).to_be_visible()
    desk.look("run")
    desk.shoot("suspended-run")
    form = desk.open_form("staff-r1-c1")
    desk.shoot("staff-form")
    desk.fill(form, "staff-r1-c1", "Ajukan")
    desk.submit(form)
    desk.sign("kasi-r1-c1", "Ya", wrong=True)
    form = desk.open_form("kasi-r1-c2")
    desk.shoot("wrong-code-form")
    desk.fill(form, "kasi-r1-c2", "Tidak", NOTE)
    form.get_by_label("Kode sekali pakai").scroll_into_view_if_needed()
    desk.shoot("approver-form")
    desk.submit(form)


def _round_two(desk: Desk) -> None:
    desk.sign("staff-r2-c1", "Ajukan")
    for level in CHAIN:
        desk.sign(f"{level.role}-r2-c1", "Ya")


def _results(desk: Desk) -> None:
    run = desk.wait(None)
    assert run.state == "Completed", run.message
    desk.page.goto(desk.api.page(run))
    expect(desk.page.get_by_text("Completed", exact=True).first).to_be_visible()
    desk.page.get_by_role("tab", name="Artifacts").click()
    artifact = desk.page.get_by_role("link", name=f"hasil-{run.agenda}-r2")
    expect(artifact).to_be_visible()
    desk.look("completed")
    desk.shoot("completed-run")
    artifact.click()
    desk.page.locator("a[href*='/artifacts/artifact/']").first.click()
    expect(desk.page.get_by_role("heading", name=f"Agenda {run.agenda}, ronde 2", exact=True)).to_be_visible()
    desk.look("artifact")
    desk.shoot("artifact")


def test_forms_tell_what_is_decided(desk: Desk) -> None:
    """If this fails, people sign without seeing whose turn it is, what their answer means or what would change."""
    for gate in ("staff-r1-c1", "kasi-r1-c1", "staff-r2-c1", "kasi-r2-c1", "kabid-r2-c1", "kadis-r2-c1"):
        text, level = desk.seen[gate], LEVELS[role_of(gate)]
        assert f"{level.title}: {level.activity}" in text
        assert f"Arti keputusan Anda: {level.meaning}" in text
        assert f"ronde {gate.split('-')[1][1:]}" in text
        assert all(outcome.value in text for outcome in Outcome)
        assert "|---" not in text, "ringkasan tampil sebagai Markdown mentah"
        assert all(label in text for label in ("Keputusan", "Catatan", "NIP", "Kode sekali pakai"))


def test_wrong_code_is_asked_again_with_the_reason(desk: Desk, office: Office) -> None:
    """If this fails, a mistyped code kills the run, counts as a decision, or leaves Kasi without a reason."""
    assert SAME_WORDS in desk.seen["kasi-r1-c2"]
    assert SAME_WORDS not in desk.seen["kasi-r1-c1"]
    with open_ledger(office.ledger) as ledger:
        attempts = entries(ledger, kind=Kind.ATTEMPT)
    assert [(entry.payload["key"], entry.payload["reason"]) for entry in attempts] == [("kasi-r1-c1", SAME_WORDS)]


def test_no_comes_back_to_staff_with_its_note(desk: Desk) -> None:
    """If this fails, Staff gets the case back without (or with half of) what Kasi wants changed."""
    assert NOTE in desk.seen["staff-r2-c1"]
    assert "gugur" in desk.seen["staff-r2-c1"]


def test_no_table_of_a_form_is_cut_off(desk: Desk) -> None:
    """If this fails, the basis of a change or an approver's note lies outside the form, and people sign unseen."""
    assert {gate: tables for gate, tables in desk.cut_off.items() if tables} == {}


def test_artifact_keeps_the_summary_with_all_signatures(desk: Desk) -> None:
    """If this fails, nobody can see later in Prefect what was approved and by whom."""
    text = desk.seen["artifact"]
    assert all(outcome.value in text for outcome in Outcome)
    with open_ledger(desk.office.ledger) as ledger:
        signers = {entry.actor for entry in entries(ledger, kind=Kind.DECISION)}
    assert len(signers) == len(LEVELS)
    assert all(nip in text for nip in signers)


def test_written_once_as_approved_in_round_two(desk: Desk, office: Office) -> None:
    """If this fails, data are written twice, without history, or on signatures of a proposal that was sent back."""
    roles = [level.role for level in CHAIN]
    with open_ledger(office.ledger) as ledger, open_store(office) as con:
        verify(ledger)
        written = entries(ledger, kind=Kind.WRITTEN)
        agenda = written[0].batch
        first, second = (finished(con, agenda)["propose", number]["digest"] for number in (1, 2))
        assert [entry.payload["round"] for entry in written] == [2]
        assert written[0].payload["digest"] == second != first
        assert con.execute("select round, digest from applied").fetchall() == [(2, second)]
        written_rows = con.execute("select count(*) from history where written").fetchall()[0][0]
        assert written_rows == written[0].payload["written"] > 0
        assert signatures(ledger, agenda, 1, first) == signatures(ledger, agenda, 2, first) == {}
        assert list(signatures(ledger, agenda, 2, second)) == roles


def test_no_page_shows_a_nik(desk: Desk, office: Office) -> None:
    """If this fails, residents' NIKs stand on pages that Prefect keeps in clear text."""
    with open_store(office) as con:
        rows = con.execute("select nik from penduduk union select nik from extract_rows where nik <> ''").fetchall()
    for name, text in desk.seen.items():
        assert not NIK.findall(text), name
        assert not any(nik in text for (nik,) in rows if nik and len(nik) >= 15), name
