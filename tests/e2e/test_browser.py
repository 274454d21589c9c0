"""The SOP as its people live it: Prefect's v2 UI in Chromium, every answer typed into its forms.

Staff proposes. Kasi mistypes a code, the Kabid answers in his place, he mistypes the kode berkas, signs, takes his
signature back and says Tidak. In round 2 all four agree and the data are written.
"""

import re
from pathlib import Path

import pytest
from office_kit.browser_desk import NIP, Desk, Typed, role_of
from playwright.sync_api import Page, expect

from expectations.approvals import CHAIN, LEVELS
from expectations.outcomes import Outcome
from flows.rest import Api
from tasks.approvals.case import Case
from tasks.approvals.docket import signatures
from tasks.approvals.prove import SAME_WORDS
from tasks.ledger import Kind, entries, open_ledger, verify
from tasks.office import Office
from tasks.steps import finished
from tasks.store import open_store

pytestmark = [pytest.mark.browser, pytest.mark.server]

NOTE = (
    "Pasangan kembar di Kelurahan Kranggan: cocokkan dahulu dengan akta lahir dan buku nikah, "
    "lalu ajukan lagi bersama nomor berkasnya."
)
WRONG_PERSON, WRONG_FILE_CODE = "tidak memegang jabatan Kasi", "kode berkas tidak cocok dengan usulan ini"
NIK = re.compile(r"(?<!\d)\d{16}(?!\d)")


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
    _inboxes(desk)
    desk.sign("kabid-r1-c1", Typed("Cabut", who="kasi", note="terlewat: pasangan kembar di Kranggan"), "withdraw-form")
    desk.sign("kasi-r1-c5", Typed("Tidak", NOTE), "approver-form")


def _inboxes(desk: Desk) -> None:
    """The addresses in a notice: the role's inbox, another role's, and the older UI with its button."""
    run = desk.wait("kabid-r1-c1")
    for title, shown in (("Kasi", "No flow runs match your filters"), ("Kabid", "1 Flow run")):
        desk.page.goto(desk.api.inbox(title))
        expect(desk.page.get_by_text(shown, exact=True)).to_be_visible()
        desk.look(f"inbox {title}")
    desk.shoot("inbox")
    desk.page.goto(desk.api.page_with_button(run))
    expect(desk.page.get_by_role("button", name="Resume")).to_be_visible()
    desk.page.goto(f"{desk.api.page_with_button(run).partition('/runs/')[0]}/runs")
    desk.page.locator(".saved-filters__select button.p-select-button__control").focus()
    desk.page.keyboard.press("Space")
    desk.page.locator(".p-select-option").filter(has_text="Menunggu Kabid").first.click()
    expect(desk.page.get_by_role("link", name=f"agenda {run.agenda} menunggu Kabid")).to_be_visible()
    desk.seen["saved filter"] = desk.page.url


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


def test_each_role_has_an_inbox(desk: Desk) -> None:
    """If this fails, the bookmark of an approver shows nothing that waits, or what waits for somebody else."""
    agenda = desk.wait(None).agenda
    assert f"agenda {agenda} menunggu Kabid" in desk.seen["inbox Kabid"]
    assert f"agenda {agenda}" not in desk.seen["inbox Kasi"]
    assert "tag=menunggu:Kabid" in desk.seen["saved filter"]
    assert "state=Suspended" in desk.seen["saved filter"]


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
