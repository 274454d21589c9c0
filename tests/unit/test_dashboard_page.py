"""What the dashboard's page says of its figures: the nearest end of 60 days, rules that the copy does not name."""

import csv
import io
import re
from pathlib import Path

import duckdb
import pytest
from office_kit.published_city import City, published_city
from office_kit.two_letters import found_two_letters

from tasks.dashboard.downloads import downloads
from tasks.dashboard.figures import Filters, Line, read
from tasks.dashboard.page import body
from tasks.dashboard.sums import Sums
from tasks.dashboard.words import left

DAY = "date '2026-11-20'"


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made copy: two receipts are not written, and cases are open in every kecamatan."""
    return published_city(tmp_path_factory.mktemp("kota") / "sinkron.duckdb", City(findings=20_000))


def _card(copy: Path, chosen: Filters) -> tuple[str, str]:
    """The card of the 60 days: its figure, and what it says of it."""
    made = body(read(Sums(copy), chosen), "semua")
    found = re.search(r'<li data-angka="batas"><b>(.*?)</b><span>(.*?)</span>', made)
    assert found is not None
    return found[1], found[2]


def _nearest_case(copy: Path, where: str = "true") -> tuple[int, str]:
    asked = f"select batas_pusat - {DAY} as days, jenis from kasus where ditutup_pada is null and {where} order by all"
    with duckdb.connect(str(copy), read_only=True) as con:
        days, kind = con.execute(asked).fetchall()[0]
    return int(days), str(kind)


def test_the_card_tells_the_60_days_that_end_first(city: Path, tmp_path: Path) -> None:
    """If this fails, people read that no 60 days are running while cases wait against them, or a later end of them."""
    days, kind = _nearest_case(city)
    assert days < 0
    assert _card(city, Filters()) == (left(days), f"batas 60 hari terdekat (kasus {kind})")
    place = "no_kec = '02' and agenda = '2026-0009'"
    days, kind = _nearest_case(city, place)
    assert _card(city, Filters(district="02", agenda="2026-0009")) == (
        left(days), f"batas 60 hari terdekat (kasus {kind})"
    )  # fmt: skip
    copy = published_city(tmp_path / "sinkron.duckdb", City(findings=3_000))
    with duckdb.connect(str(copy)) as con:
        con.execute("delete from kasus")
    value, told = _card(copy, Filters())
    assert (value, told) == (left(_receipt_left(copy)), "batas 60 hari terdekat (agenda 2026-0011)")
    with duckdb.connect(str(copy)) as con:
        con.execute("insert into batch by name select agenda, date '2026-11-20' as written_on from langkah")
    assert _card(copy, Filters()) == ("-", "tidak ada batas 60 hari yang berjalan")


def _receipt_left(copy: Path) -> int:
    asked = f"select cast(min(mulai) as date) + 60 - {DAY} from langkah where agenda = '2026-0011'"
    with duckdb.connect(str(copy), read_only=True) as con:
        return int(con.execute(asked).fetchall()[0][0])


def test_rules_that_the_copy_does_not_name_have_no_severity(tmp_path: Path) -> None:
    """If this fails, hidden findings of the gravest rules read as a mere note."""
    shown = read(Sums(published_city(tmp_path / "sinkron.duckdb", City(hidden=True))), Filters())
    (unnamed,) = [rule for rule in shown.rules if not rule.code]
    assert unnamed.findings
    made = body(shown, "semua")
    assert '<tr><th scope="row">aturan yang disamarkan</th><td class="sev">berbagai</td>' in made
    rows = csv.reader(io.StringIO(downloads(shown)["aturan"].decode("utf-8-sig")))
    assert [row[3] for row in rows if row[2] == "aturan yang disamarkan"] == ["berbagai"]


def test_more_open_than_found_is_explained(city: Path, tmp_path: Path) -> None:
    """If this fails, a line with more open findings than findings reads as a mistake of the dashboard."""
    copy = Sums(found_two_letters(tmp_path / "kantor"))
    why = "yang terbuka dapat lebih banyak daripada temuannya"
    for chosen in (Filters(agenda="2026-0001"), Filters("02", "021001", agenda="2026-0001")):
        shown = read(copy, chosen)
        (beyond,) = [line for line in [*shown.places, *shown.hidden] if line.line == Line.NOWHERE]
        assert (beyond.open or 0) > (beyond.findings or 0) > 0
        assert body(shown, "semua").count(why) == 1
    assert why not in body(read(Sums(city), Filters(agenda="2026-0001")), "semua")
