"""How the dashboard looks in a real browser: language, paper, narrow screens, hostile texts, empty offices."""

from pathlib import Path

import duckdb
import pytest
from office_kit.dashboard_page import Serve, beyond, card, choose, opened, published_office
from office_kit.published_city import City, published_city
from playwright.sync_api import Page, Request, expect

pytestmark = pytest.mark.browser


def test_it_speaks_indonesian_and_shows_no_code(address: str, page: Page, images: Path) -> None:
    """If this fails, the office reads English menus, or the program instead of its numbers."""
    opened(page, address)
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
        "Dibanding berkas sebelumnya", "Waktu langkah SOP", "Beban kerja", "Batas 60 hari", "Kemungkinan ganda",
        "Unduh angka yang ditampilkan (CSV)",
    ])  # fmt: skip


def test_it_prints_without_its_controls(address: str, page: Page) -> None:
    """If this fails, a printed dashboard is cut off, or has buttons where figures should be."""
    opened(page, address)
    page.evaluate("window.print = () => { window.printed = true; }")
    page.get_by_role("button", name="Cetak").click()
    assert page.evaluate("window.printed")
    page.emulate_media(media="print")
    expect(page.locator("#root .dasbor-bar")).to_be_hidden()
    expect(page.locator("#root .dasbor-files")).to_be_hidden()
    expect(page.locator("#root #ganda table").first).to_be_visible()
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") >= 3  # all sections, not one screenful
    page.set_viewport_size({"width": 703, "height": 1000})  # A4 between its margins
    assert beyond(page, "#root .dasbor *") == 0
    assert page.evaluate("getComputedStyle(document.querySelector('#root tfoot')).display") == "table-row-group"


def test_the_first_figures_print_too(address: str, page: Page) -> None:
    """If this fails, who prints before marimo has come up gets an empty sheet."""
    page.route("**/assets/*.js", lambda route: route.abort())
    page.goto(address)
    page.emulate_media(media="print")
    expect(page.locator("#dasbor-awal #ganda table").first).to_be_visible()
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") >= 3


def test_no_table_is_cut_off_on_a_desk(address: str, page: Page) -> None:
    """If this fails, columns of a table are outside of its frame where there is room for them."""
    opened(page, address)
    cut = page.locator("#root .wide").evaluate_all(
        "frames => frames.filter(f => f.scrollWidth > f.clientWidth + 1).map(f => f.closest('section').id)"
    )
    assert cut == []


def test_a_narrow_screen_needs_no_sideways_scrolling(address: str, page: Page) -> None:
    """If this fails, the dashboard can not be read on a telephone."""
    page.set_viewport_size({"width": 390, "height": 844})
    opened(page, address)
    assert beyond(page, "#root .dasbor > *, #root .dasbor-bar > *, #root .dasbor section > *") == 0


def test_offices_with_nothing_to_show_say_so(serve: Serve, chromium: str, page: Page, tmp_path: Path) -> None:
    """If this fails, whoever opens the dashboard of a new office meets an error instead of what to do."""
    office = published_office(tmp_path, None)
    address = serve(office)
    page.goto(address)
    expect(page.locator("#root .notice h2")).to_have_text("Belum ada terbitan")
    expect(page.locator("#root .notice")).to_contain_text("Selesaikan satu batch")
    expect(page.locator("#dasbor-awal")).to_have_count(0)
    with duckdb.connect(str(office.published / "sinkron.duckdb")) as con:
        con.execute("create table temuan (agenda varchar)")  # as an older Sinkron's
    page.goto(address)
    expect(page.locator("#root .notice h2")).to_have_text("Terbitan belum dapat dibaca")
    (office.published / "sinkron.duckdb").unlink()
    published_city(office.published / "sinkron.duckdb", City(findings=0))
    opened(page, address)
    card(page, "temuan", "0")
    card(page, "umur", "- hari")
    expect(page.locator("#root .empty").first).to_have_text("Tidak ada untuk saringan ini.")


def test_hostile_texts_stay_texts(serve: Serve, chromium: str, page: Page, tmp_path: Path) -> None:
    """If this fails, a title or a place's name in the copy can run in the reader's browser or lead them elsewhere."""
    asked: list[str] = []

    def heard(request: Request) -> None:
        asked.append(request.url)

    page.on("request", heard)
    address = serve(published_office(tmp_path, City(findings=900, hostile=True)))
    opened(page, address)
    expect(page.locator("#root #aturan tbody tr").first).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("#root article.dasbor img, #root article.dasbor script, #root article.dasbor a").count() == 0
    option = page.get_by_label("Aturan", exact=True).locator("option").nth(1).inner_text()
    choose(page, "Aturan", option)
    expect(page.locator("#root .chosen")).to_contain_text("<script>")
    assert "JAHAT" not in page.title()
    assert not [url for url in asked if "jahat" in url or url.endswith("/x")]
