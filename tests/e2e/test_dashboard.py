"""The dashboard in a real browser, over published files of known content: numbers, filters, export, print."""

import csv
import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest
from office_kit.published_city import City, published_city
from playwright.sync_api import Browser, Page, Request, WebSocket, expect, sync_playwright

from expectations.published import BY_NAME
from tasks.findings_report.look import number
from tasks.office import Office

pytestmark = pytest.mark.browser
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]  # fmt: skip
START_SECONDS, UI_SECONDS = 90, 60
Serve = Callable[[Office], str]


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    """Starts the dashboard of an office as ``sinkron serve`` does, and gives its address."""
    running: list[subprocess.Popen[bytes]] = []

    def started(office: Office) -> str:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = os.environ | {"SINKRON_HOME": str(office.home)}
        with (office.home / "dashboard.log").open("ab") as log:
            running.append(subprocess.Popen([sys.executable, "-m", "flows.dashboard", str(port)], env=environment,
                                            stdout=log, stderr=log))  # fmt: skip
        address = f"http://127.0.0.1:{port}/"
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                httpx.get(f"{address}health")
            except httpx.HTTPError:
                time.sleep(0.1)
            else:
                return address
        return pytest.fail((office.home / "dashboard.log").read_text(), pytrace=False)

    yield started
    for process in running:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) is not None


def _office(folder: Path, city: City | None) -> Office:
    office = Office(folder / "kantor")
    office.create()
    if city:
        published_city(office.published / "sinkron.duckdb", city)
    return office


@pytest.fixture(scope="module")
def office(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office with a published city."""
    return _office(tmp_path_factory.mktemp("dasbor"), City())


@pytest.fixture(scope="module")
def address(office: Office, serve: Serve) -> str:
    """Where its dashboard is served."""
    return serve(office)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One Chromium for all tests here."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab of its own that may ask anything, so that what it asks can be held against it."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="id-ID", timezone_id="Asia/Jakarta")
    context.set_default_timeout(UI_SECONDS * 1000)
    yield context.new_page()
    context.close()


def _open(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("#root article.dasbor").wait_for()
    expect(page.locator("#dasbor-awal")).to_have_count(0)


def _ask(office: Office, query: str, *values: object) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(office.published / "sinkron.duckdb"), read_only=True) as con:
        return con.execute(query, list(values)).fetchall()


def _card(page: Page, name: str, value: str) -> None:
    expect(page.locator(f"#root [data-angka={name}] b")).to_have_text(value)


def _choose(page: Page, label: str, option: str) -> None:
    page.get_by_label(label, exact=True).select_option(label=option)


def test_the_synthetic_copy_is_of_the_contract(office: Office) -> None:
    """If this fails, the other tests here judge the dashboard by tables that no office ever publishes."""
    made = _ask(
        office,
        "select table_name, list(column_name order by column_index) from duckdb_columns() "
        "where not internal group by 1",
    )
    assert len(made) > 10
    for name, columns in made:
        assert columns == [column.name for column in BY_NAME[name].columns], name


def test_every_figure_is_what_sql_says(office: Office, address: str, page: Page) -> None:
    """If this fails, people steer the office by numbers that the analysts' copy does not hold."""
    _open(page, address)
    _card(page, "temuan", number(_ask(office, "select count(*) from temuan")[0][0]))
    open_now = """from (select *, row_number() over (partition by orang, code order by agenda desc) as back
      from rekonsiliasi) where back = 1 and keadaan in ('baru', 'masih terbuka', 'muncul lagi')"""
    count, median, oldest = _ask(office, f"select count(*), median(date '2026-11-20' - sejak_pada), "
                                         f"max(date '2026-11-20' - sejak_pada) {open_now}")[0]  # fmt: skip
    _card(page, "terbuka", number(count))
    _card(page, "umur", f"{int(median)} hari" if median == int(median) else f"{median:.1f} hari".replace(".", ","))
    expect(page.locator("#root [data-angka=umur] span")).to_contain_text(f"tertua {oldest} hari")
    shown = page.locator("#root #kelurahan tbody tr").evaluate_all(
        "rows => rows.map(r => [...r.cells].map(c => c.innerText))"
    )
    told = _ask(
        office,
        f"""select kelurahan, count(*), median(date '2026-11-20' - sejak_pada),
        max(date '2026-11-20' - sejak_pada) {open_now.replace(") where", ") join wilayah using (no_kec, no_kel) where")}
        group by no_kec, no_kel, kelurahan order by no_kec, no_kel""",
    )
    assert [(row[0].upper(), row[3], row[6]) for row in shown[:18]] == [(n, number(c), str(o)) for n, c, _, o in told]
    assert [row[5] for row in shown[:18]] == [f"{m:.1f}".removesuffix(".0").replace(".", ",") for _, _, m, _ in told]
    rows = page.locator("#root #langkah tbody tr")
    expect(rows).to_have_count(6)
    over = _ask(office, "select count(*) filter (menit > menit_sop), count(*) from langkah where langkah = 4")[0]
    expect(rows.nth(3)).to_contain_text(f"{over[0]} dari {over[1]}")


def test_filters_change_what_is_shown(office: Office, address: str, page: Page) -> None:
    """If this fails, a Kabid who chooses a kelurahan or a rule reads the numbers of another."""
    _open(page, address)
    _choose(page, "Kecamatan", "Magersari")
    _card(page, "temuan", number(_ask(office, "select count(*) from temuan where no_kec = '02'")[0][0]))
    expect(page.locator("#root .tiles li")).to_have_count(6)
    _choose(page, "Kelurahan", "Wates")
    inside = "no_kec = '02' and no_kel = '1010'"
    _card(page, "temuan", number(_ask(office, f"select count(*) from temuan where {inside}")[0][0]))
    code, title = _ask(office, f"select code, any_value(title) from temuan join aturan using (code) where {inside} "
                               "group by code order by count(*) desc, code limit 1")[0]  # fmt: skip
    options = page.get_by_label("Aturan", exact=True).locator("option").all_inner_texts()
    _choose(page, "Aturan", next(text for text in options if text.startswith(f"{code} ")))
    found = _ask(office, f"select count(*) from temuan where {inside} and code = ?", code)[0][0]
    _card(page, "temuan", number(found))
    expect(page.locator("#root #aturan tbody tr")).to_have_count(1)
    expect(page.locator("#root .chosen")).to_have_text(
        f"Saringan: Kecamatan Magersari · Kelurahan Wates · Aturan {code} {title}"
    )
    _choose(page, "Agenda", "2026-0003")
    found = _ask(office, f"select count(*) from temuan where {inside} and code = ? and agenda = '2026-0003'", code)[0][
        0
    ]
    _card(page, "temuan", number(found))
    _choose(page, "Kecamatan", "Kranggan")  # its kelurahan are others: the choice of one falls away
    expect(page.get_by_label("Kelurahan", exact=True)).to_have_value("Semua kelurahan")


def test_the_address_of_a_run_chooses_its_agenda(office: Office, address: str, page: Page) -> None:
    """If this fails, the link on a run shows all batches as if they were its own."""
    _open(page, f"{address}?agenda=2026-0004")
    expect(page.get_by_label("Agenda", exact=True)).to_have_value("2026-0004")
    _card(page, "temuan", number(_ask(office, "select count(*) from temuan where agenda = '2026-0004'")[0][0]))
    _open(page, f"{address}?agenda=<b>1999</b>")
    expect(page.get_by_label("Agenda", exact=True)).to_have_value("Semua agenda")


def test_exports_are_what_sql_says(office: Office, address: str, page: Page) -> None:
    """If this fails, the numbers people take into their own sheets are not those they saw."""
    _open(page, f"{address}?agenda=2026-0005")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Aturan", exact=True).or_(
            page.get_by_role("button", name="Aturan", exact=True)
        ).click()
    assert waiting.value.suggested_filename == "aturan-2026-11-20.csv"
    rows = list(csv.reader(io.StringIO(Path(waiting.value.path()).read_text(encoding="utf-8-sig"))))
    assert rows[0] == ["code", "title", "severity", "temuan", "terbuka", "ketepatan"]
    told = _ask(
        office,
        """select code, title, severity, f.n, f.n, ketepatan from aturan
        join ketepatan_aturan using (code, title)
        join (select code, count(*) as n from temuan where agenda = '2026-0005' group by code) f using (code)
        order by f.n desc, code""",
    )
    assert rows[1:] == [["" if cell is None else str(cell) for cell in row] for row in told]


def test_nothing_is_asked_of_anyone_else(address: str, page: Page) -> None:
    """If this fails, opening the dashboard tells another site so, or it breaks where the office has no internet."""
    asked: list[str] = []

    def heard(request: Request) -> None:
        asked.append(request.url)

    def opened(socket_: WebSocket) -> None:
        asked.append(socket_.url)

    page.on("request", heard)
    page.on("websocket", opened)
    _open(page, address)
    _choose(page, "Kecamatan", "Kranggan")
    expect(page.locator("#root .tiles li")).to_have_count(6)
    port = address.rsplit(":", 1)[1]
    outside = [
        url for url in asked if not url.startswith((f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}", "data:"))
    ]
    assert len(asked) > 20
    assert not outside
    policy = httpx.get(address).headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http:" not in policy
    assert "*" not in policy


def test_it_speaks_indonesian_and_shows_no_code(address: str, page: Page, images: Path) -> None:
    """If this fails, the office reads English menus, or the program instead of its numbers."""
    _open(page, address)
    page.screenshot(path=images / "dashboard.png")
    assert page.title() == "Dasbor Anomali Data - Sinkron"
    assert page.evaluate("document.documentElement.lang") == "id"
    text = page.inner_text("body")
    for english in ("marimo", "import", "Select", "Download", "Loading", "Show code", "Export"):
        assert english not in text, english
    for hidden in page.locator("[class*='top-[25vh]'], .fixed.right-0.top-0.z-50").all():
        expect(hidden).to_be_hidden()
    expect(page.get_by_role("heading", level=2)).to_have_text([
        "Peta kelurahan", "Tunggakan dan umur menurut kelurahan", "Anomali menurut aturan",
        "Dibanding berkas sebelumnya", "Waktu langkah SOP", "Batas 60 hari", "Kemungkinan ganda",
        "Unduh angka yang ditampilkan (CSV)",
    ])  # fmt: skip


def test_it_prints_without_its_controls(address: str, page: Page) -> None:
    """If this fails, a printed dashboard is cut off, or has buttons where figures should be."""
    _open(page, address)
    page.evaluate("window.print = () => { window.printed = true; }")
    page.get_by_role("button", name="Cetak").click()
    assert page.evaluate("window.printed")
    page.emulate_media(media="print")
    expect(page.locator("#root .dasbor-bar")).to_be_hidden()
    expect(page.locator("#root .dasbor-files")).to_be_hidden()
    expect(page.locator("#root #ganda table").first).to_be_visible()
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") >= 3  # all sections, not one screenful


def test_a_narrow_screen_needs_no_sideways_scrolling(address: str, page: Page) -> None:
    """If this fails, the dashboard can not be read on a telephone."""
    page.set_viewport_size({"width": 390, "height": 844})
    _open(page, address)
    wide = page.evaluate(
        """[...document.querySelectorAll('#root .dasbor > *, #root .dasbor-bar > *, #root .dasbor section > *')]
           .filter(e => e.getBoundingClientRect().right > innerWidth + 1).length"""
    )
    assert wide == 0


def test_a_new_copy_is_seen_by_the_next_who_opens(serve: Serve, chromium: str, page: Page, tmp_path: Path) -> None:
    """If this fails, the dashboard shows the first copy it met for as long as the office runs, or blocks publishing."""
    office = _office(tmp_path, City(findings=600))
    address = serve(office)
    _open(page, address)
    _card(page, "temuan", number(_ask(office, "select count(*) from temuan")[0][0]))
    published_city(office.published / "sinkron.duckdb", City(findings=1200, published="2026-11-21 10:00:00"))
    _open(page, address)
    _card(page, "temuan", number(_ask(office, "select count(*) from temuan")[0][0]))
    expect(page.locator("#root .lead")).to_contain_text("21 November 2026 pukul 10.00 WIB")


def test_offices_with_nothing_to_show_say_so(serve: Serve, chromium: str, page: Page, tmp_path: Path) -> None:
    """If this fails, whoever opens the dashboard of a new office meets an error instead of what to do."""
    office = _office(tmp_path, None)
    address = serve(office)
    page.goto(address)
    expect(page.locator("#root .notice h2")).to_have_text("Belum ada terbitan")
    expect(page.locator("#root .notice")).to_contain_text("Selesaikan satu batch")
    with duckdb.connect(str(office.published / "sinkron.duckdb")) as con:
        con.execute("create table temuan (agenda varchar)")  # as an older Sinkron's
    page.goto(address)
    expect(page.locator("#root .notice h2")).to_have_text("Terbitan belum dapat dibaca")
    (office.published / "sinkron.duckdb").unlink()
    published_city(office.published / "sinkron.duckdb", City(findings=0))
    _open(page, address)
    _card(page, "temuan", "0")
    _card(page, "umur", "- hari")
    expect(page.locator("#root .empty").first).to_have_text("Tidak ada untuk saringan ini.")


def test_hostile_texts_stay_texts(serve: Serve, chromium: str, page: Page, tmp_path: Path) -> None:
    """If this fails, a title or a place's name in the copy can run in the reader's browser or lead them elsewhere."""
    asked: list[str] = []

    def heard(request: Request) -> None:
        asked.append(request.url)

    page.on("request", heard)
    address = serve(_office(tmp_path, City(findings=900, hostile=True)))
    _open(page, address)
    expect(page.locator("#root #aturan tbody tr").first).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("#root article.dasbor img, #root article.dasbor script, #root article.dasbor a").count() == 0
    option = page.get_by_label("Aturan", exact=True).locator("option").nth(1).inner_text()
    _choose(page, "Aturan", option)
    expect(page.locator("#root .chosen")).to_contain_text("<script>")
    assert "JAHAT" not in page.title()
    assert not [url for url in asked if "jahat" in url or url.endswith("/x")]


def test_the_door_lets_only_the_page_through(address: str) -> None:
    """If this fails, another site in the same browser reads the office's figures, or marimo's own doors stand open."""
    port = address.rsplit(":", 1)[1].rstrip("/")
    assert httpx.get(address, headers={"Host": f"jahat.example:{port}"}).status_code == httpx.codes.BAD_REQUEST
    foreign = httpx.get(address, headers={"Origin": "http://jahat.example"})
    assert foreign.status_code == httpx.codes.FORBIDDEN
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
               "Sec-WebSocket-Key": "dGVzdHRlc3R0ZXN0dGVzdA==", "Origin": "http://jahat.example"}  # fmt: skip
    assert httpx.get(f"{address}ws?session_id=s_abcdef", headers=upgrade).status_code == httpx.codes.FORBIDDEN
    own = httpx.get(address, headers={"Origin": f"http://127.0.0.1:{port}"})
    assert own.status_code == httpx.codes.OK
    assert not [name for name in own.headers if name.startswith("access-control")]
    for path in ("api/status", "api/kernel/read_code", "auth/login", "public/app.py", "docs", "ws_sync", "terminal/ws"):
        assert httpx.get(f"{address}{path}").status_code == httpx.codes.NOT_FOUND, path
    for path in ("run", "read_code", "instantiate", "function_call", "save", "shutdown", "interrupt"):
        sent = httpx.post(f"{address}api/kernel/{path}", json={"code": "1"})
        assert sent.status_code == httpx.codes.NOT_FOUND, path
    assert "sums_of" not in httpx.get(address).text  # the program itself is not told


def test_no_marimo_settings_of_the_desk(office: Office, address: str) -> None:
    """If this fails, one person's marimo settings change what the whole office sees, or the office's land in a home."""
    httpx.get(address)
    assert (office.scratch / "marimo").is_dir()


def test_the_command_names_the_running_dashboard(office: Office, address: str) -> None:
    """If this fails, ``sinkron dashboard`` starts a second server where one runs, or tells nobody where it is."""
    (office.home / "dashboard.port").write_text(address.rsplit(":", 1)[1].rstrip("/"))
    environment = os.environ | {"SINKRON_HOME": str(office.home)}
    told = subprocess.run([sys.executable, "-m", "flows.cli", "dashboard"], env=environment, capture_output=True,
                          text=True, timeout=START_SECONDS, check=True)  # fmt: skip
    assert told.stdout == f"Dasbor sudah berjalan: {address}\n"
