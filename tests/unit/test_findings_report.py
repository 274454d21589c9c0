"""The validation report: true counts, one person once, nobody named, and nothing of it comes from or goes anywhere."""

import asyncio
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest
from office_kit.samples import Sample
from office_kit.small import ROWS, found_office, receive_rows, run_steps

from expectations.rules import BY_CODE, CATALOGUE, RULES
from flows.reports import HEADERS, create_app, read_report
from tasks.findings_report import write_findings_report
from tasks.findings_report.facts import ROWS_PER_RULE
from tasks.findings_report.look import esc, number
from tasks.findings_report.persons import PERSONS_SHOWN
from tasks.ledger import open_ledger
from tasks.office import Office
from tasks.propose.causes import build_causes
from tasks.store import open_store

MAX_BYTES = 10_000_000


@dataclass
class Reported:
    """The sample's office with its report, and the store to compare it with."""

    office: Office
    agenda: str
    page: str
    con: duckdb.DuckDBPyConnection

    def section(self, name: str) -> str:
        return self.page.split(f'<section id="{name}">')[1].split("</section>")[0]

    def rows(self, name: str) -> list[list[str]]:
        """Cells of every table row of a section, without markup."""
        found = re.findall(r"<tr[^>]*>(.*?)</tr>", self.section(name), re.DOTALL)
        return [[plain(cell) for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL)] for row in found]

    def persons(self) -> list[str]:
        return re.findall(r"<details.*?</details>", self.section("orang"), re.DOTALL)

    def sql(self, query: str) -> list[Any]:
        return self.con.execute(query, {"agenda": self.agenda} if "$agenda" in query else None).fetchall()


def plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html)).strip()


def write(con: duckdb.DuckDBPyConnection, office: Office, agenda: str) -> Path:
    with open_ledger(office) as ledger:
        return write_findings_report(con, ledger, office, agenda)


@pytest.fixture(scope="module")
def reported(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reported]:
    """A copy of the sample's office, with root causes."""
    home = tmp_path_factory.mktemp("laporan") / "kantor"
    shutil.copytree(sample.office.home, home)
    office, agenda = Office(home), sample.receipt.agenda
    with open_store(office) as con:
        build_causes(con, agenda)
        path = write(con, office, agenda)
        yield Reported(office, agenda, path.read_text(encoding="utf-8"), con)


def test_counts_are_those_of_the_store(reported: Reported) -> None:
    """If this fails, the office plans its work, and the Kadis judges a delivery, by wrong numbers."""
    by_rule = {code: number(n) for code, n in reported.sql("select code, count(*) from findings group by 1")}
    assert {row[0]: row[4] for row in reported.rows("aturan")[1:]} == by_rule
    severities = Counter[str]()
    for code, n in reported.sql("select code, count(*) from findings group by 1"):
        severities[BY_CODE[code].severity] += n
    words = {"■Salah": "ERROR", "▲Periksa": "WARNING", "●Catatan": "INFO"}
    told = {words[row[0]]: row[1] for row in reported.rows("ringkasan")[1:]}
    assert told == {severity: number(n) for severity, n in severities.items()}
    resolutions = Counter[str]()
    for code, n in reported.sql("select code, count(*) from findings group by 1"):
        resolutions[BY_CODE[code].resolution] += n
    told = {row[0].rpartition("(")[2].rstrip(")"): row[1] for row in reported.rows("penyelesaian")[1:]}
    assert told == {resolution: number(n) for resolution, n in resolutions.items()}
    cards = [plain(card) for card in re.findall(r"<b>(.*?)</b>", reported.section("ringkasan"))]
    (wanted,) = reported.sql("""select (select count(*) from extract_rows), count(distinct row_id), count(*),
        count(distinct code), count(distinct record_id) from findings join identities using (agenda, row_id)""")
    assert cards[:5] == [number(n) for n in wanted]


def test_kelurahan_and_causes_are_those_of_the_store(reported: Reported) -> None:
    """If this fails, a kelurahan is visited for another's findings, or a root cause promises what it does not do."""
    regions = reported.rows("kelurahan")[1:]
    as_numbers = [[int(cell.split(" ")[0].replace(".", "")) for cell in (*row[1:4], *row[5:])] for row in regions]
    rows, found, findings, *severities = map(sum, zip(*as_numbers, strict=True))
    (wanted,) = reported.sql(
        """select (select count(*) from extract_rows), count(distinct row_id), count(*) from findings"""
    )
    assert (rows, found, findings) == wanted
    assert sum(severities) == findings
    for code, name in reported.sql("select code, name from memory.main.ref_kelurahan"):
        (n,) = reported.sql(f"""select count(*) from findings join extract_rows using (agenda, row_id)
            where no_prop || no_kab || no_kec || no_kel = '{code}'""")[0]
        assert not n or [row[3] for row in regions if row[0] == name.title()] == [number(n)], name
    causes = reported.sql("""select count(*), sum(len(resolves)) from root_causes where rank = 1
        group by element, source order by 2 desc""")
    told = [(row[2], row[3]) for row in reported.rows("akar")[1:]]
    assert Counter(told) == Counter((number(rows), number(int(gone))) for rows, gone in causes)


def test_nobody_can_be_recognised(reported: Reported) -> None:
    """If this fails, a page that is printed and passed on names residents."""
    text = unescape(reported.page).upper()
    assert not re.search(r"(?<![0-9A-F])[0-9]{16}(?![0-9A-F])", text)
    people = "select * from extract_rows"
    names = reported.sql(f"""select distinct upper(unnest([nama_lgkp, nama_lgkp_ibu, nama_lgkp_ayah, alamat])) from
        ({people})""")
    numbers = reported.sql(f"select distinct unnest([nik, no_kk, nik_ibu, nik_ayah, no_akta_lhr]) from ({people})")
    words = re.sub(r"[^A-Z]+", " ", re.sub(r"<[^>]+>", " ", reported.page).upper())
    for (name,) in names:
        if name and len(name.split()) > 1:
            assert len(name) < 8 or name not in text
            key = re.sub(r"[^A-Z]+", " ", name).strip()
            assert len(key.split()) < 2 or f" {key} " not in words
    for (value,) in numbers:
        assert not value or len(value) < 6 or value not in text


def test_one_person_is_shown_once_over_files(reported: Reported) -> None:
    """If this fails, a person with rows in two files is worked on twice, by two people, with two results."""
    shown = [plain(re.search(r'<span class="where">(.*?)</span>', card)[1]) for card in reported.persons()]  # type: ignore[index]
    rows = Counter(row for where in shown for row in re.findall(r"berkas \d+ baris \d+", where))
    assert set(rows.values()) == {1}
    together = reported.sql("""select list(distinct row_id order by row_id) from findings
        join identities using (agenda, row_id) group by record_id having count(distinct row_id // 10000000) > 1""")
    assert together
    for (row_ids,) in together:
        told = " · ".join(f"berkas {row // 10_000_000} baris {row % 10_000_000}" for row in row_ids)
        assert any(where.startswith(told) for where in shown), told


def test_root_cause_comes_first_with_its_effect(reported: Reported) -> None:
    """If this fails, Staff corrects five symptoms of one wrong birth date, one by one."""
    (row_id, codes), *_ = reported.sql("""select c.row_id, c.resolves from root_causes c
        join (select record_id, any_value(row_id) as row_id from findings join identities using (agenda, row_id)
              group by record_id having count(distinct row_id) = 1) using (row_id)
        where rank = 1 and element = 'tgl_lhr' and source = 'data kantor' order by len(resolves) desc, 1""")
    where = f"berkas {row_id // 10_000_000} baris {row_id % 10_000_000} "
    card = next(card for card in reported.persons() if where in card)
    told = f"Bila Tanggal lahir diperbaiki (menurut data kantor), {len(codes)} temuan hilang: {', '.join(codes)}"
    assert told in plain(card)
    inside = card.split('<div class="inside">')[1]
    assert inside.index("Kemungkinan akar masalah") < inside.index('<ul class="finds">')
    for (code,) in reported.sql(f"select code from findings where row_id = {row_id}"):
        assert esc(BY_CODE[code].told(BY_CODE[code].what_to_do)) in inside.split('<ul class="finds">')[1]


def test_links_explain_and_nothing_is_loaded(reported: Reported) -> None:
    """If this fails, a code leads nowhere, or the page asks an outside address that an office desk can not reach."""
    anchors = set(re.findall(r' id="([^"]+)"', reported.page))
    assert set(re.findall(r'href="#([^"]+)"', reported.page)) <= anchors
    assert not re.findall(r'(?:href|src)="(?!#)', reported.page.replace("xlink:href", "href"))
    outside = set(re.findall(r"\w+://[^\s\"'<>]+", reported.page))
    assert outside <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert not re.search(r"@import|url\(\s*[^#)]", reported.page)
    assert reported.page.count("<svg") == 4
    assert "default-src 'none'" in reported.page


def test_what_was_not_judged_is_said(reported: Reported) -> None:
    """If this fails, a rule that could not look at a file reads as a rule that found nothing wrong."""
    rows = {row[0]: row[2] for row in reported.rows("tidak-dinilai")[1:]}
    assert rows["ANM-KWN-04"] == "berkas 2 tanpa kolom Nomor akta kawin" or "tanpa kolom" in rows["ANM-KWN-04"]
    assert set(rows) == {"ANM-NIK-14", "ANM-KWN-03", "ANM-KWN-04", "ANM-KWN-05", "ANM-KWN-06", "ANM-KWN-07",
                         "ANM-HDP-04", "GND-08", "ANM-HDP-01", "ANM-HDP-02"}  # fmt: skip
    assert rows["ANM-HDP-01"] == "daftar kematian belum dimuat"


def test_same_store_same_bytes_and_private(reported: Reported) -> None:
    """If this fails, two copies of one report differ and nobody knows which is true, or anybody may read it."""
    path = write(reported.con, reported.office, reported.agenda)
    assert path.read_text(encoding="utf-8") == reported.page
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in reported.office.reports.iterdir()] == [path.name]
    for wrong in ("../2026-0001", "2026-0001/..", "", "2026-0001.html", "2026-0001\n"):
        with pytest.raises(ValueError, match="agenda"):
            reported.office.report(wrong)


def test_a_hostile_file_name_stays_text(tmp_path: Path) -> None:
    """If this fails, who names a file decides what the Kadis' browser runs."""
    name = "<img src=x onerror=alert(1)>\"'&\u202elmth.csv"
    office, _ = found_office(tmp_path / "kantor")
    receipt = receive_rows(office, ROWS, name)
    with open_store(office) as con:
        run_steps(con, office, receipt)
        page = write(con, office, receipt.agenda).read_text(encoding="utf-8")
    assert "<img" not in page
    assert re.search("&lt;img src=x onerror=alert\\(1\\)&gt;&quot;&#x27;&amp;[?\ufffd]?lmth.csv", page)


@pytest.fixture
def crowded(reported: Reported, tmp_path: Path) -> Reported:
    """More persons, and more rows of one rule, than a page shows: 30,000 findings of 6,000 persons."""
    home = tmp_path / "kantor"
    shutil.copytree(reported.office.home, home)
    office = Office(home)
    with open_store(office) as con:
        con.execute("delete from findings; delete from identities; delete from root_causes; delete from outcomes")
        con.execute("""insert into extract_rows (agenda, row_id, file_no, line_no)
            select ?, 10000000 + i, 1, i from range(500000, 506000) t(i)""", [reported.agenda])  # fmt: skip
        con.execute("""insert into findings select ?, 10000000 + i, unnest(?::varchar[])
            from range(500000, 506000) t(i)""",
                    [reported.agenda, [rule.code for rule in RULES[:5]]])  # fmt: skip
        page = write(con, office, reported.agenda).read_text(encoding="utf-8")
        return Reported(office, reported.agenda, page, con)


def test_lists_are_capped_and_the_rest_is_counted(crowded: Reported) -> None:
    """If this fails, the report of a large delivery does not open, or hides that it leaves people out."""
    assert len(crowded.page.encode()) < MAX_BYTES
    assert len(crowded.persons()) == PERSONS_SHOWN
    assert f"{number(6000 - PERSONS_SHOWN)} orang lain tidak ditampilkan" in crowded.page
    explained = crowded.section("penjelasan")
    assert explained.count(f"dan {number(6000 - ROWS_PER_RULE)} baris lain") == 5
    assert "published/sinkron.duckdb" in explained
    assert {row[4] for row in crowded.rows("aturan")[1:]} == {"6.000"}


@pytest.fixture
def ask(office: Office) -> Callable[..., Any]:
    """The reports' server of an office with one report, and things beside it that are none."""
    office.report("2026-0001").write_text("<p>laporan</p>")
    (office.reports / "catatan.txt").write_text("rahasia")
    (office.reports / "2026-0002.html").symlink_to(office.key_file)
    (office.reports / "2026-0003.html").mkdir()
    door = httpx.ASGITransport(create_app(office))

    async def answer(path: str, method: str, more: dict[str, Any]) -> httpx.Response:
        async with httpx.AsyncClient(transport=door, base_url="http://127.0.0.1:4300") as client:
            return await client.request(method, path, **more)

    return lambda path, method="GET", **more: asyncio.run(answer(path, method, more))


def test_the_server_serves_reports_by_agenda_number_only(ask: Callable[..., Any], office: Office) -> None:
    """If this fails, the door of the reports opens other files of the office."""
    assert ask("/laporan/2026-0001.html").text == "<p>laporan</p>"
    assert ask("/laporan/2026-0001.html").headers["content-type"] == "text/html; charset=utf-8"
    beside = ("catatan.txt", "2026-0002.html", "2026-0003.html", "2026-0009.html", "2026-0001", "2026-0001.html%00",
              "2026-0001.html/", "%2e%2e%2fstore.duckdb", "..%2flaporan%2f2026-0001.html", "/x.html")  # fmt: skip
    for path in ("/", "/laporan", "/laporan/", "/keys/office.key", *(f"/laporan/{name}" for name in beside)):
        answer = ask(path)
        assert answer.status_code in {307, 404}, path  # 307: to the same path without or with its last slash
        assert "rahasia" not in answer.text
        assert "<p>laporan</p>" not in answer.text
    assert ask("/laporan/2026-0001.html", "POST").status_code == 405
    assert read_report(office, "../store.duckdb") is None


def test_the_server_answers_this_machine_only_and_guarded(ask: Callable[..., Any]) -> None:
    """If this fails, a page of the internet reads the report through the visitor's own browser, or keeps a copy."""
    for host in ("contoh.example", "127.0.0.1.contoh.example", ""):
        assert ask("/laporan/2026-0001.html", headers={"Host": host}).status_code == 400
    assert ask("/laporan/2026-0001.html", headers={"Host": "localhost:4300"}).status_code == 200
    for answer in (ask("/laporan/2026-0001.html"), ask("/tidak-ada"), ask("/", headers={"Host": "x"})):
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_catalogue_texts_fit_the_page() -> None:
    """If this fails, a rule's text is cut by a quote or a bracket of its own."""
    for rule in CATALOGUE:
        assert "<" not in esc(rule.told(rule.explanation))
