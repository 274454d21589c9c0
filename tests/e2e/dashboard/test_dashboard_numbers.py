"""The dashboard's numbers in a real browser, over published files of known content: figures, filters, exports."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from office_kit.dashboard_page import Serve, ask, card, choose, opened, published_office
from office_kit.published_city import City, published_city
from playwright.sync_api import Page, expect

from expectations.published import BY_NAME
from tasks.findings_report.look import number
from tasks.ledger import Kind, append, open_ledger, writing
from tasks.office import Office

pytestmark = pytest.mark.browser


def test_the_synthetic_copy_is_of_the_contract(office: Office) -> None:
    """If this fails, the other tests here judge the dashboard by tables that no office ever publishes."""
    made = ask(
        office,
        "select table_name, list(column_name order by column_index) from duckdb_columns() "
        "where not internal group by 1",
    )
    assert len(made) > 10
    for name, columns in made:
        assert columns == [column.name for column in BY_NAME[name].columns], name


def test_every_figure_is_what_sql_says(office: Office, address: str, page: Page) -> None:
    """If this fails, people steer the office by numbers that the analysts' copy does not hold."""
    opened(page, address)
    card(page, "temuan", number(ask(office, "select count(*) from temuan")[0][0]))
    open_now = """from (select *, row_number() over (partition by temuan_pseudonym order by agenda desc) as back
      from rekonsiliasi) where back = 1 and keadaan in ('baru', 'masih terbuka', 'muncul lagi')"""
    count, median, oldest = ask(office, f"select count(*), median(date '2026-11-20' - sejak_pada), "
                                         f"max(date '2026-11-20' - sejak_pada) {open_now}")[0]  # fmt: skip
    card(page, "terbuka", number(count))
    card(page, "umur", f"{int(median)} hari" if median == int(median) else f"{median:.1f} hari".replace(".", ","))
    expect(page.locator("#root [data-angka=umur] span")).to_contain_text(f"tertua {oldest} hari")
    shown = page.locator("#root #kelurahan tbody tr[data-baris=kelurahan]").evaluate_all(
        "rows => rows.map(r => [...r.cells].map(c => c.innerText))"
    )
    told = ask(
        office,
        f"""select kelurahan, count(*), median(date '2026-11-20' - sejak_pada),
        max(date '2026-11-20' - sejak_pada) {open_now.replace(") where", ") join wilayah using (no_kec, no_kel) where")}
        group by no_kec, no_kel, kelurahan order by no_kec, no_kel""",
    )
    assert [(row[0].upper(), row[3], row[6]) for row in shown] == [(n, number(c), str(o)) for n, c, _, o in told]
    assert [row[5] for row in shown] == [f"{m:.1f}".removesuffix(".0").replace(".", ",") for _, _, m, _ in told]
    rows = page.locator("#root #langkah tbody tr")
    expect(rows).to_have_count(6)
    over = ask(office, "select count(*) filter (menit > menit_sop), count(*) from langkah where langkah = 4")[0]
    expect(rows.nth(3)).to_contain_text(f"{over[0]} dari {over[1]}")
    work = page.locator("#root #beban table").first
    roles = [(role, decisions) for role, decisions in ask(
        office, "select peran, sum(keputusan) from beban_kerja group by 1")]  # fmt: skip
    for role, decisions in roles:
        expect(work.locator("tbody tr", has_text=role.title()).locator("td").first).to_have_text(number(decisions))
    expect(work.locator("tfoot td").first).to_have_text(number(sum(decisions for _, decisions in roles)))


def test_what_is_hidden_is_a_line_of_its_own(serve: Serve, page: Page, tmp_path: Path, images: Path) -> None:
    """If this fails, rows whose kelurahan is hidden are in no line, and a kelurahan of theirs reads as an empty one."""
    office = published_office(tmp_path, City(hidden=True))
    opened(page, serve(office))
    told = dict(
        ask(office, "select no_kec, count(*) from temuan where no_kec is not null and no_kel is null group by 1")
    )
    lines = page.locator("#root #kelurahan tr[data-baris=disamarkan]")
    expect(lines).to_have_count(3)
    assert [line.locator("td").nth(1).inner_text() for line in lines.all()] == [number(told[c]) for c in sorted(told)]
    sums = page.locator("#root #kelurahan tr[data-baris=kecamatan]")
    whole = dict(ask(office, "select no_kec, count(*) from temuan where no_kec is not null group by 1"))
    assert [line.locator("td").nth(1).inner_text() for line in sums.all()] == [number(whole[c]) for c in sorted(whole)]
    total = page.locator("#root #kelurahan tfoot td")
    expect(total.nth(1)).to_have_text(number(ask(office, "select count(*) from temuan")[0][0]))
    expect(page.locator("#root .tiles .veiled:visible")).to_have_count(3)
    expect(page.locator("#root .tiles li", has_text="Miji")).to_contain_text("?")
    page.set_viewport_size({"width": 1280, "height": 2600})  # the whole table at once
    page.locator("#root #kelurahan").screenshot(path=images / "dashboard-kelurahan.png")
    choose(page, "Kelurahan", "Miji")
    card(page, "temuan", "?")
    expect(page.locator("#root .hint")).to_contain_text("Mungkin termasuk, tetapi tidak dihitung di sini")


def test_filters_change_what_is_shown(office: Office, address: str, page: Page) -> None:
    """If this fails, a Kabid who chooses a kelurahan or a rule reads the numbers of another."""
    opened(page, address)
    choose(page, "Kecamatan", "Magersari")
    card(page, "temuan", number(ask(office, "select count(*) from temuan where no_kec = '02'")[0][0]))
    expect(page.locator("#root .tiles li")).to_have_count(6)
    choose(page, "Kelurahan", "Wates")
    inside = "no_kec = '02' and no_kel = '1010'"
    card(page, "temuan", number(ask(office, f"select count(*) from temuan where {inside}")[0][0]))
    code, title = ask(office, f"select code, any_value(title) from temuan join aturan using (code) where {inside} "
                               "group by code order by count(*) desc, code limit 1")[0]  # fmt: skip
    options = page.get_by_label("Aturan", exact=True).locator("option").all_inner_texts()
    choose(page, "Aturan", next(text for text in options if text.startswith(f"{code} ")))
    found = ask(office, f"select count(*) from temuan where {inside} and code = ?", code)[0][0]
    card(page, "temuan", number(found))
    expect(page.locator("#root #aturan tbody tr")).to_have_count(1)
    expect(page.locator("#root .chosen")).to_have_text(
        f"Saringan: Kecamatan Magersari · Kelurahan Wates · Aturan {code} {title}"
    )
    choose(page, "Agenda", "2026-0003")
    found = ask(office, f"select count(*) from temuan where {inside} and code = ? and agenda = '2026-0003'", code)[0][0]
    card(page, "temuan", number(found))
    choose(page, "Kecamatan", "Kranggan")  # its kelurahan are others: the choice of one falls away
    expect(page.get_by_label("Kelurahan", exact=True)).to_have_value("Semua kelurahan")


def test_the_address_of_a_run_chooses_its_agenda(office: Office, address: str, page: Page) -> None:
    """If this fails, the link on a run shows all batches as if they were its own."""
    opened(page, f"{address}?agenda=2026-0004")
    expect(page.get_by_label("Agenda", exact=True)).to_have_value("2026-0004")
    card(page, "temuan", number(ask(office, "select count(*) from temuan where agenda = '2026-0004'")[0][0]))
    expect(page.locator("#root .hint")).to_have_count(0)
    opened(page, f"{address}?agenda=<b>1999</b>")
    expect(page.get_by_label("Agenda", exact=True)).to_have_value("Semua agenda")
    hint = page.locator("#root .hint")
    expect(hint).to_contain_text("Agenda <b>1999</b> tidak ada pada salinan ini, jadi ditampilkan semua agenda.")
    expect(hint).to_contain_text("2026-0012, 2026-0011")
    choose(page, "Agenda", "2026-0004")
    expect(hint).to_have_count(0)
    page.wait_for_url("**/?agenda=2026-0004")  # a reload, for a newer copy, keeps what is chosen
    choose(page, "Agenda", "Semua agenda")
    page.wait_for_url(address)


def test_filters_work_before_marimo_does(office: Office, address: str, page: Page) -> None:
    """If this fails, whoever opens the page looks at filters that do nothing until marimo's own code is there."""
    page.route("**/assets/*.js", lambda route: route.abort())
    page.goto(address)
    form = page.locator("#dasbor-saringan")
    form.get_by_label("Kecamatan", exact=True).select_option(label="Magersari")
    page.wait_for_url("**/?kecamatan=02")
    first = page.locator("#dasbor-awal [data-angka=temuan] b")
    expect(first).to_have_text(number(ask(office, "select count(*) from temuan where no_kec = '02'")[0][0]))
    form.get_by_label("Kelurahan", exact=True).select_option(label="Wates")
    page.wait_for_url("**/?kecamatan=02&kelurahan=021010")
    found = ask(office, "select count(*) from temuan where no_kec = '02' and no_kel = '1010'")[0][0]
    expect(first).to_have_text(number(found))
    form.get_by_label("Kecamatan", exact=True).select_option(label="Kranggan")  # and no kelurahan of another
    page.wait_for_url("**/?kecamatan=03")
    page.unroute("**/assets/*.js")
    opened(page, page.url)  # marimo's filters are those of the address
    expect(page.get_by_label("Kecamatan", exact=True)).to_have_value("Kranggan")
    card(page, "temuan", number(ask(office, "select count(*) from temuan where no_kec = '03'")[0][0]))


def test_exports_are_what_sql_says(office: Office, address: str, page: Page) -> None:
    """If this fails, the numbers people take into their own sheets are not those they saw."""
    opened(page, f"{address}?agenda=2026-0005")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Aturan", exact=True).or_(
            page.get_by_role("button", name="Aturan", exact=True)
        ).click()
    assert waiting.value.suggested_filename == "aturan-2026-11-20.csv"
    rows = list(csv.reader(io.StringIO(Path(waiting.value.path()).read_text(encoding="utf-8-sig"))))
    assert rows[0] == ["baris", "code", "title", "severity", "temuan", "terbuka", "seluruh_kota", "ketepatan"]
    told = ask(
        office,
        """select code, title, severity, f.n, f.n, f.n, ketepatan from aturan
        join ketepatan_aturan using (code, title)
        join (select code, count(*) as n from temuan where agenda = '2026-0005' group by code) f using (code)
        order by f.n desc, code""",
    )
    assert rows[1:-1] == [["rincian", *("" if cell is None else str(cell) for cell in row)] for row in told]
    total = str(sum(row[3] for row in told))
    assert rows[-1] == ["jumlah", "", "", "", total, total, total, ""]


def test_a_new_copy_is_seen_by_the_next_who_opens(serve: Serve, chromium: str, page: Page, tmp_path: Path) -> None:
    """If this fails, the dashboard shows the first copy it met for as long as the office runs, or blocks publishing."""
    office = published_office(tmp_path, City(findings=600))
    address = serve(office)
    opened(page, address)
    card(page, "temuan", number(ask(office, "select count(*) from temuan")[0][0]))
    published_city(office.published / "sinkron.duckdb", City(findings=1200, published="2026-11-21 10:00:00"))
    opened(page, address)
    card(page, "temuan", number(ask(office, "select count(*) from temuan")[0][0]))
    expect(page.locator("#root .lead")).to_contain_text("21 November 2026 pukul 10.00 WIB")


def test_a_stale_copy_says_so(serve: Serve, chromium: str, page: Page, tmp_path: Path) -> None:
    """If this fails, the office steers by old figures after a publishing that failed, and nothing tells it."""
    office = published_office(tmp_path, City(findings=300))
    with open_ledger(office) as ledger, writing(ledger):
        now = datetime(2026, 11, 21, 3, tzinfo=UTC)  # a day after the copy
        append(ledger, now, (Kind.WRITTEN, "2026-0013", "sinkron"), {})
    address = serve(office)
    assert "Belum termuat: agenda 2026-0013" in httpx.get(address).text
    opened(page, address)
    expect(page.locator("#root #tertinggal")).to_contain_text("Belum termuat: agenda 2026-0013")
    published_city(office.published / "sinkron.duckdb", City(findings=300, published="2026-11-22 09:30:00"))
    opened(page, address)
    expect(page.locator("#root #tertinggal")).to_have_count(0)
