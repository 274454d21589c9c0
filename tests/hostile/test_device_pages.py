"""The pages of device keys as somebody tries to get past them: real server, a device in software, other logins."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from office_kit import small as small_office
from office_kit.device_key import DeviceKey
from office_kit.door import ENGINEER, VIEWER, Door, served_door
from office_kit.signers import NIP

from flows.gateway.device_pages import markdown_html
from flows.gateway.devices import ENROLLING, NO_DEVICE, SIGNING
from flows.gateway.roles import NOT_YOURS
from flows.gateway.rules import OWN_RULES, Role, own_rule_for
from flows.gateway.token import seal, unseal
from tasks.approvals.answer import Answer, Question
from tasks.approvals.case import Case
from tasks.approvals.decide import decide, judging
from tasks.approvals.device import from_base64url
from tasks.approvals.docket import DRAFT, FINAL, TERMINAL, record_proposal
from tasks.approvals.invite import WRONG_CODE, invite
from tasks.ledger import Kind, entries, open_ledger, utc

pytestmark = pytest.mark.server


@dataclass
class Pages:
    """A door with a proposal behind it that waits for Kasi, who has a device."""

    door: Door
    case: Case
    key: DeviceKey

    def post(self, path: str, who: str, body: Any, **more: Any) -> httpx.Response:
        return self.door.ask("POST", path, NIP.get(who, who), json=body, **more)

    def begin(self, who: str = "kasi", **changes: str) -> httpx.Response:
        said = {"keputusan": "Ya", "catatan": "", "kode_berkas": self.case.code} | changes
        return self.post(f"/tanda-tangan/{self.case.agenda}/mulai", who, said)

    def end(self, asked: dict[str, Any], who: str = "kasi", **changes: str) -> httpx.Response:
        made = self.key.sign(b"", challenge=asked["challenge"])
        said = {"token": asked["token"], "id": made.credential, "client": made.client,
                "authenticator": made.authenticator, "signature": made.signature} | changes  # fmt: skip
        return self.post(f"/tanda-tangan/{self.case.agenda}/selesai", who, said)

    def count(self, kind: Kind | None = None) -> int:
        with open_ledger(self.door.office) as ledger:
            return len(entries(ledger, kind=kind))

    def code(self, who: str) -> str:
        with open_ledger(self.door.office) as ledger:
            return invite(ledger, self.door.office.key("device"), NIP[who], datetime.now(UTC))

    def enrol(self, who: str, key: DeviceKey, code: str, **changes: str) -> httpx.Response:
        asked = self.post("/kunci-perangkat/mulai", who, {"kode": code})
        if not asked.is_success:
            return asked
        body = {"token": asked.json()["token"], **key.make(asked.json()["challenge"])} | changes
        return self.post("/kunci-perangkat/selesai", who, body)


@pytest.fixture(scope="module")
def pages(small: small_office.Batch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    batch = small_office.copy_of(small, tmp_path_factory.mktemp("perangkat") / "kantor")
    case, now = Case(batch.agenda, 1, batch.digest), datetime.now(UTC)
    with open_ledger(batch.office) as ledger:
        for step in (DRAFT, FINAL):
            record_proposal(ledger, case, (step, {"staff": True, "rows": 1, "changes": 1}), now)
        answer = Answer("Ajukan", "", NIP["staff"], batch.desk.code("staff", now), now, case.code)
        assert decide(ledger, judging(batch.office, now), Question(case, "staff", 1, TERMINAL), answer).accepted
    with served_door(batch.office) as door:
        made = Pages(door, case, DeviceKey())
        assert made.enrol("kasi", made.key, made.code("kasi")).is_success
        yield made


def test_who_may_see_what(pages: Pages) -> None:
    """If this fails, a page of signatures is open to somebody who signs nothing, or closed to who must."""
    for path in ("/kunci-perangkat", f"/tanda-tangan/{pages.case.agenda}"):
        assert pages.door.ask("GET", path).status_code == 401
        for who in (ENGINEER, VIEWER):
            assert pages.door.ask("GET", path, who).status_code == 403
        for who in NIP.values():
            assert pages.door.ask("GET", path, who).status_code == 200
    assert {rule.roles for rule in OWN_RULES} == {frozenset({Role.STAFF, Role.APPROVER})}


@pytest.mark.parametrize("path", [
    "/tanda-tangan", "/tanda-tangan/", "/tanda-tangan/x", "/tanda-tangan/2026-0001/", "/tanda-tangan/2026-0001/lain",
    "/kunci-perangkat/", "/kunci-perangkatx", "/kunci-perangkat/devices.py", "/kunci-perangkat/halaman.css/",
    "/kunci-perangkat/mulai", "/tanda-tangan/2026-0001-X1",
])  # fmt: skip
def test_other_addresses_are_none(pages: Pages, path: str) -> None:
    """If this fails, files or acts are reached that nobody has thought about."""
    assert own_rule_for("GET", path) is None
    assert pages.door.ask("GET", path, NIP["kasi"]).status_code == 404
    for method in ("HEAD", "PUT", "DELETE", "OPTIONS"):
        assert pages.door.ask(method, "/kunci-perangkat", NIP["kasi"]).status_code == 404, method


def test_the_page_keeps_its_own_narrow_policy(pages: Pages) -> None:
    """If this fails, what somebody smuggles into the page runs where people sign."""
    answered = pages.door.ask("GET", f"/tanda-tangan/{pages.case.agenda}", NIP["kasi"])
    policy = answered.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert answered.headers["cache-control"] == "no-store"
    assert "<script>" not in answered.text
    assert "style=" not in answered.text
    assert pages.case.code not in answered.text
    assert pages.case.digest not in answered.text
    for name in ("css", "js"):
        assert pages.door.ask("GET", f"/kunci-perangkat/halaman.{name}", NIP["kasi"]).status_code == 200


@pytest.mark.parametrize("text", [
    "<script>x()</script>", "<img src=x onerror=x()>", "[a](javascript:x())", "![a](https://x.example/a.png)",
    "<https://x.example>", '| a |\n|---|\n| <b style="x">c</b> |', "[a]: https://x.example\n\n[a]", "`<i>`",
    '**"><script>**',
])  # fmt: skip
def test_nothing_in_a_summary_becomes_a_tag_or_a_link(text: str) -> None:
    """If this fails, a value from an extract writes a link or a script into the page where people sign."""
    shown = markdown_html(text)
    for tag in ("<script", "<img", "<a ", "<b ", "<i>", "href", 'style="'):
        assert tag not in shown, shown


def test_only_whose_turn_it_is_begins(pages: Pages) -> None:
    """If this fails, the wrong person's try goes on and costs one, or Staff's worksheet is passed by."""
    before = pages.count()
    for who in ("kabid", "kadis", "staff"):
        answered = pages.begin(who)
        assert (answered.status_code, answered.json()["detail"]) == (403, NOT_YOURS.format("Kasi")), who
    assert pages.begin("staff", keputusan="Cabut").json()["detail"] == NO_DEVICE
    for choice in ("Ajukan", "", "ya", "Cabut"):
        assert pages.begin(keputusan=choice).status_code == 403, choice
    assert pages.begin(ENGINEER).status_code == 403
    assert pages.count() == before


@pytest.mark.parametrize(("more", "status"), [
    ({"headers": {"origin": "https://lain.example"}}, 403), ({"headers": {"origin": "null"}}, 403),
    ({"headers": {"content-type": "text/plain"}}, 400), ({"json": []}, 400), ({"json": None}, 400),
    ({"json": {"keputusan": "Ya", "catatan": "", "kode_berkas": 1}}, 400),
    ({"json": {"keputusan": "Ya", "catatan": "", "kode_berkas": "", "nip": "1"}}, 400),
    ({"json": {"keputusan": "Ya", "catatan": "x" * 501, "kode_berkas": ""}}, 400),
    ({"json": {"keputusan": "Ya", "catatan": "x" * 70_000, "kode_berkas": ""}}, 413),
    ({"json": {"keputusan": "Ya", "catatan": {"__prefect_kind": "jinja"}, "kode_berkas": ""}}, 400),
])  # fmt: skip
def test_only_our_own_page_is_heard(pages: Pages, more: dict[str, Any], status: int) -> None:
    """If this fails, another site, or a form that says more than it should, begins a signature."""
    body = more.pop("json", {"keputusan": "Ya", "catatan": "", "kode_berkas": pages.case.code})
    path = f"/tanda-tangan/{pages.case.agenda}/mulai"
    assert pages.door.ask("POST", path, NIP["kasi"], json=body, **more).status_code == status


def test_a_token_is_worth_something_here_alone(pages: Pages) -> None:
    """If this fails, a statement is signed that the office never laid down, or another login finishes it."""
    before, key = pages.count(), pages.door.office.key("device")
    asked = pages.begin().json()
    text, changed = asked["token"], "A" if asked["token"][30] != "A" else "B"
    assert pages.case.digest[:16] not in str(from_base64url(text))  # the kode berkas is to be read from paper
    facts = unseal(key, SIGNING, asked["token"])
    assert facts is not None
    for token in (
        text[:-1],
        f"{text[:30]}{changed}{text[31:]}",
        text[4:],
        "",
        ".",
        seal(key, ENROLLING, facts),
        seal(bytes(32), SIGNING, facts),
    ):
        assert pages.end(asked, token=token).status_code == 403, token
    assert pages.end(asked, who="kabid").status_code == 403
    other = pages.post("/tanda-tangan/2026-9999/selesai", "kasi", {
        "token": asked["token"], "id": "x", "client": "x", "authenticator": "x", "signature": "x"})  # fmt: skip
    assert other.status_code == 403
    assert pages.count() == before


def test_what_is_signed_too_late_leaves_nothing(pages: Pages) -> None:
    """If this fails, a statement that lay about is signed on another day, or old requests fill the Buku Agenda."""
    key = pages.door.office.key("device")
    asked = pages.begin().json()
    facts = unseal(key, SIGNING, asked["token"]) or {}
    old = seal(key, SIGNING, facts | {"at": utc(datetime.now(UTC) - timedelta(minutes=6))})
    before = pages.count()
    assert "Lewat lima menit" in pages.end(asked, token=old).json()["detail"]
    assert pages.count() == before


def test_enrolment_is_for_the_person_with_the_code(pages: Pages) -> None:
    """If this fails, a colleague's login, an old code or another site's device gets a key beside a mandate."""
    code, key = pages.code("kabid"), DeviceKey(name=b"kunci-kabid-lewat-pintu")
    assert WRONG_CODE in pages.enrol("kadis", key, code).json()["detail"]
    assert pages.enrol("kabid", DeviceKey(origin="https://lain.example"), code).status_code == 403
    assert pages.enrol("kabid", DeviceKey(flags=0x01), code).status_code == 403
    assert pages.enrol("kabid", pages.key, code).status_code == 403
    begun = pages.post("/kunci-perangkat/mulai", "kabid", {"kode": code}).json()
    assert (
        pages.post(
            "/kunci-perangkat/selesai", "kadis", {"token": begun["token"], **key.make(begun["challenge"])}
        ).status_code
        == 403
    )
    assert pages.enrol("kabid", key, code).is_success
    assert WRONG_CODE in pages.enrol("kabid", DeviceKey(name=b"kedua"), code).json()["detail"]


def test_a_decision_is_written_once_and_never_again(pages: Pages) -> None:
    """If this fails, a page that is sent twice, or an answer caught on the way, counts a second time. Runs last."""
    asked = pages.begin().json()
    made = pages.key.sign(b"", challenge=asked["challenge"])
    body = {"token": asked["token"], "id": made.credential, "client": made.client,
            "authenticator": made.authenticator, "signature": made.signature}  # fmt: skip
    path, before = f"/tanda-tangan/{pages.case.agenda}/selesai", pages.count()
    answers = [pages.post(path, "kasi", body) for _ in range(3)]
    assert {one.status_code for one in answers} == {200}, answers[0].text
    assert len({json.dumps(one.json()) for one in answers}) == 1
    assert pages.count() == before + 1
    assert pages.begin().status_code == 403
    with open_ledger(pages.door.office) as ledger:
        assert entries(ledger, kind=Kind.DECISION)[-1].payload["role"] == "kasi"
    taken_back = pages.end(pages.begin(keputusan="Cabut").json())
    assert taken_back.json()["detail"].startswith("Tercatat: tanda tangan Anda dicabut")
    page = pages.door.ask("GET", f"/tanda-tangan/{pages.case.agenda}", NIP["kasi"])
    assert "mencabut tanda tangannya" in page.text


def test_many_readers_at_once_see_the_same_page(pages: Pages) -> None:
    """If this fails, who reloads the page breaks the store, or keeps it from the runs."""
    path = f"/tanda-tangan/{pages.case.agenda}"
    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(lambda _: pages.door.ask("GET", path, NIP["kadis"]), range(36)))
    assert {one.status_code for one in found} == {200}
    assert len({one.text for one in found}) == 1
    assert "Hasil per baris" in found[0].text
