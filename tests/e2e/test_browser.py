"""The SOP as its people live it: Prefect's v2 UI in Chromium, every answer typed into its forms.

Staff proposes. Kasi mistypes a code, the Kabid answers in his place, he mistypes the kode berkas, signs, takes his
signature back and says Tidak. In round 2 all four agree and the data are written.
"""

import re
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import pyotp
import pytest
from playwright.sync_api import Locator, Page, expect

from expectations.approvals import CHAIN, LEVELS
from expectations.outcomes import Outcome
from flows.demo import DEMO_PEOPLE
from flows.rest import Api, Run
from tasks.approvals.case import Case
from tasks.approvals.docket import signatures
from tasks.approvals.prove import SAME_WORDS
from tasks.approvals.secrets import STEP_SECONDS, secret_of
from tasks.ledger import Kind, entries, open_ledger, verify
from tasks.office import Office
from tasks.steps import finished
from tasks.store import open_store

pytestmark = [pytest.mark.browser, pytest.mark.server]

GATE_SECONDS = 180
CLICKS = 5  # a busy SQLite answers 503, the UI shows a toast, and a person clicks again
NOTE = (
    "Pasangan kembar di Kelurahan Kranggan: cocokkan dahulu dengan akta lahir dan buku nikah, "
    "lalu ajukan lagi bersama nomor berkasnya."
)
NIP = {mandate.role: person.nip for person, mandate in DEMO_PEOPLE}
WRONG_PERSON, WRONG_FILE_CODE = "tidak memegang jabatan Kasi", "kode berkas tidak cocok dengan usulan ini"
FILE_CODE = re.compile(r"Kode berkas: ([0-9A-Z]{4}-[0-9A-Z]{4})")
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
            expect(self.page.get_by_role("heading", name="Kode berkas")).to_be_visible()
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


@pytest.fixture(scope="module")
def desk(images: Path, office: Office, api: Api, page: Page) -> Desk:
    """The whole way through the SOP, walked once; the tests below look at what was seen and written."""
    made = Desk(office, api, page, images)
    _staff_proposes(made)
    _kasi_has_a_bad_day(made)
    _round_two(made)
    _results(made)
    return made


def _staff_proposes(desk: Desk) -> None:
    desk.open_run("staff-r1-c1")
    expect(desk.page.locator("canvas").first).to_be_visible()
    expect(desk.page.get_by_role("button", name="Download logs")).to_be_visible()
    desk.look("run")
    desk.shoot("suspended-run")
    desk.file_code("staff-r1-c1")
    desk.shoot("file-code")
    desk.shoot_form("staff-r1-c1", "staff-form")
    desk.sign("staff-r1-c1", Typed("Ajukan"))


def _kasi_has_a_bad_day(desk: Desk) -> None:
    desk.sign("kasi-r1-c1", Typed("Ya", code="000000"))
    desk.shoot_form("kasi-r1-c2", "wrong-code-form")
    desk.sign("kasi-r1-c2", Typed("Ya", who="kabid"))
    desk.shoot_form("kasi-r1-c3", "wrong-person-form")
    desk.sign("kasi-r1-c3", Typed("Ya", file_code="0000-0000"))
    desk.shoot_form("kasi-r1-c4", "wrong-file-code-form")
    desk.sign("kasi-r1-c4", Typed("Ya"))
    desk.open_run("kabid-r1-c1")
    desk.look("signed")
    desk.shoot("good-signature")
    desk.sign("kabid-r1-c1", Typed("Cabut", who="kasi", note="terlewat: pasangan kembar di Kranggan"), "withdraw-form")
    desk.sign("kasi-r1-c5", Typed("Tidak", NOTE), "approver-form")


def _round_two(desk: Desk) -> None:
    desk.sign("staff-r2-c1", Typed("Ajukan"))
    for level in CHAIN:
        desk.sign(f"{level.role}-r2-c1", Typed("Ya"))


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
        assert all(label in text for label in ("Keputusan", "Kode berkas", "Catatan", "NIP", "Kode sekali pakai"))


def test_wrong_answers_are_asked_again_with_the_reason(desk: Desk, office: Office) -> None:
    """If this fails, a mistyped code or a wrong person kills the run, counts as a decision, or nobody learns why."""
    told = {"kasi-r1-c1": SAME_WORDS, "kasi-r1-c2": WRONG_PERSON, "kasi-r1-c3": WRONG_FILE_CODE}
    forms = ["kasi-r1-c2", "kasi-r1-c3", "kasi-r1-c4"]
    assert [reason in desk.seen[form] for form, reason in zip(forms, told.values(), strict=True)] == [True] * 3
    assert SAME_WORDS not in desk.seen["kasi-r1-c1"]
    assert "ditolak" not in desk.seen["kasi-r1-c5"]
    with open_ledger(office) as ledger:
        attempts = {entry.payload["key"]: entry.payload["reason"] for entry in entries(ledger, kind=Kind.ATTEMPT)}
    assert list(attempts) == list(told)
    assert all(told[key] in reason for key, reason in attempts.items())


def test_a_good_signature_moves_the_run_on(desk: Desk) -> None:
    """If this fails, Kasi signs and nobody sees that it is the Kabid's turn."""
    assert "menunggu:Kabid" in desk.seen["signed"]
    assert "menunggu:Kasi" not in desk.seen["signed"]


def test_a_signature_is_taken_back(desk: Desk, office: Office) -> None:
    """If this fails, a Kasi who sees his mistake a minute later can only watch it being signed on."""
    with open_ledger(office) as ledger:
        (taken_back,) = entries(ledger, kind=Kind.WITHDRAWN)
    assert (taken_back.actor, taken_back.payload["withdraws"]) == (NIP["kasi"], "kasi")
    assert "Kasi mencabut tanda tangannya" in desk.seen["kasi-r1-c5"]
    assert "terlewat: pasangan kembar di Kranggan" in desk.seen["kasi-r1-c5"]


def test_the_form_does_not_show_the_code_on_the_page(desk: Desk) -> None:
    """If this fails, people can sign without ever opening the page that says what they sign."""
    assert set(desk.file_codes) == {
        f"{what}-{desk.wait(None).agenda}-r{n}" for what in ("draf", "usulan") for n in (1, 2)
    }
    for gate in (name for name in desk.seen if name.count("-") == 2 and name.split("-")[0] in LEVELS):
        assert not any(code in desk.seen[gate] for code in desk.file_codes.values()), gate


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
    with open_ledger(desk.office) as ledger:
        signers = {entry.actor for entry in entries(ledger, kind=Kind.DECISION)}
    assert len(signers) == len(LEVELS)
    assert all(nip in text for nip in signers)


def test_written_once_as_approved_in_round_two(desk: Desk, office: Office) -> None:
    """If this fails, data are written twice, without history, or on signatures of a proposal that was sent back."""
    roles = [level.role for level in CHAIN]
    with open_ledger(office) as ledger, open_store(office) as con:
        verify(ledger)
        written = entries(ledger, kind=Kind.WRITTEN)
        agenda = written[0].batch
        first, second = (finished(con, agenda)["propose", number]["digest"] for number in (1, 2))
        assert [entry.payload["round"] for entry in written] == [2]
        assert written[0].payload["digest"] == second != first
        assert con.execute("select round, digest from applied").fetchall() == [(2, second)]
        written_rows = con.execute("select count(*) from history where written").fetchall()[0][0]
        assert written_rows == written[0].payload["written"] > 0
        assert signatures(ledger, Case(agenda, 1, first)) == signatures(ledger, Case(agenda, 2, first)) == {}
        assert list(signatures(ledger, Case(agenda, 2, second))) == roles


def test_no_page_shows_a_nik(desk: Desk, office: Office) -> None:
    """If this fails, residents' NIKs stand on pages that Prefect keeps in clear text."""
    with open_store(office) as con:
        rows = con.execute("select nik from penduduk union select nik from extract_rows where nik <> ''").fetchall()
    for name, text in desk.seen.items():
        assert not NIK.findall(text), name
        assert not any(nik in text for (nik,) in rows if nik and len(nik) >= 15), name
