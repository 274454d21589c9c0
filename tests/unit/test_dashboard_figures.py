"""The dashboard's figures over a copy that an office published itself, and over a made one for every kind of filter."""

import csv
import io
from pathlib import Path
from typing import Any

import duckdb
import pytest
from office_kit.published_city import City, published_city
from office_kit.two_letters import found_two_letters

from tasks.dashboard.downloads import downloads
from tasks.dashboard.figures import Figures, Filters, choices, read
from tasks.dashboard.page import body
from tasks.dashboard.sums import NotReadableError, Sums, sums_at_hand, sums_of
from tasks.dashboard.words import left, minutes

OPEN = "keadaan in ('baru', 'masih terbuka', 'muncul lagi')"
CHOSEN = [
    Filters(),
    Filters(district="02"),
    Filters(district="01", village="011003"),
    Filters(rule="ANM-ALM-01"),
    Filters(agenda="2026-0003"),
    Filters("03", "031001", "ANM-ALM-01", "2026-0007"),
    Filters(village="999999"),
]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made copy; its places and rules overlap with every filter above."""
    return published_city(tmp_path_factory.mktemp("kota") / "sinkron.duckdb", City(findings=20_000))


def _ask(copy: Path, query: str, chosen: Filters) -> list[tuple[Any, ...]]:
    values = {name: value for name, value in vars(chosen).items() if f"${name}" in query}
    with duckdb.connect(str(copy), read_only=True) as con:
        return con.execute(query, values).fetchall()


def _where(chosen: Filters, *names: str) -> str:
    tests = {"district": "no_kec = $district", "village": "no_kec || no_kel = $village", "rule": "code = $rule",
             "agenda": "agenda = $agenda"}  # fmt: skip
    return " and ".join(["true", *(tests[name] for name in names if getattr(chosen, name))])


@pytest.mark.parametrize("chosen", CHOSEN, ids=str)
def test_figures_are_those_of_the_single_rows(city: Path, chosen: Filters) -> None:
    """If this fails, adding up first gives other counts, ages or medians than the rows themselves."""
    shown = read(sums_of(city), chosen)
    every = _where(chosen, "district", "village", "rule", "agenda")
    assert shown.whole.findings == _ask(city, f"select count(*) from temuan where {every}", chosen)[0][0]
    back = "row_number() over (partition by orang, code order by agenda desc)" if not chosen.agenda else "1"
    told = _ask(
        city,
        f"""select count(*), median(date '2026-11-20' - sejak_pada), max(date '2026-11-20' - sejak_pada)
        from (select *, {back} as back from rekonsiliasi) where back = 1 and {OPEN} and {every}""",
        chosen,
    )[0]
    assert (shown.whole.open, shown.whole.median_age, shown.whole.oldest_age) == told
    cases = _where(chosen, "district", "village", "agenda")
    waiting = _ask(city, f"select count(*), count(*) filter (tenggat < date '2026-11-20') from kasus where "
                         f"ditutup_pada is null and {cases}", chosen)[0]  # fmt: skip
    assert (shown.whole.cases, shown.whole.overdue) == waiting
    assert sum(each.past + each.week + each.fortnight + each.month + each.later for each in shown.cases) == waiting[0]
    assert sum(rule.findings for rule in shown.rules) == shown.whole.findings
    assert sum(rule.open for rule in shown.rules) == shown.whole.open
    assert sum(place.findings for place in shown.places) == shown.whole.findings
    labels = _ask(city, f"select keadaan, count(*) from rekonsiliasi where {every} group by 1", chosen)
    assert {name: sum(e.counts.get(name, 0) for e in shown.extracts) for name, _ in labels} == dict(labels)
    pairs = _ask(city, f"select count(*) from pasangan where {_where(chosen, 'agenda')}", chosen)
    assert sum(n for _, _, n in shown.bands) == pairs[0][0]


def test_an_office_of_its_own_is_shown(tmp_path_factory: pytest.TempPathFactory) -> None:
    """If this fails, the dashboard fits made copies alone and not what the office publishes."""
    copy = found_two_letters(tmp_path_factory.mktemp("dua-surat") / "kantor")
    shown = read(sums_of(copy), Filters())
    assert shown.whole.findings == _ask(copy, "select count(*) from temuan", Filters())[0][0] > 0
    assert [extract.agenda for extract in shown.extracts] == choices(sums_of(copy)).agendas[::-1]
    assert {step.step for step in shown.steps} == {1, 2, 3, 4, 5, 6}
    assert shown.bands
    assert len([place for place in shown.places if place.no_kel]) == 18
    assert "Peta kelurahan" in body(shown, "semua")


def _csv(shown: Figures, name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(downloads(shown)[name].decode("utf-8-sig"))))


def test_a_spreadsheet_runs_nothing_of_an_export(tmp_path: Path) -> None:
    """If this fails, a rule's title that begins like a formula runs when somebody opens the export in Excel."""
    copy = published_city(tmp_path / "sinkron.duckdb", City(findings=300))
    with duckdb.connect(str(copy)) as con:
        con.execute("update aturan set title = '=HYPERLINK(1)'")
    titles = {row[1] for row in _csv(read(Sums(copy), Filters()), "aturan")[1:]}
    assert titles == {"'=HYPERLINK(1)"}


def test_texts_of_the_copy_are_no_markup(tmp_path: Path) -> None:
    """If this fails, a place's name or a title is HTML in the reader's page."""
    shown = read(Sums(published_city(tmp_path / "sinkron.duckdb", City(findings=300, hostile=True))), Filters())
    made = body(shown, "<b>saringan</b>")
    assert "<script" not in made.lower()
    assert "<img" not in made.lower()
    assert "&lt;b&gt;saringan" in made


def test_a_copy_is_read_once_and_again_when_replaced(tmp_path: Path) -> None:
    """If this fails, every page reads a million rows anew, or shows an old copy for ever."""
    copy = tmp_path / "sinkron.duckdb"
    with pytest.raises(NotReadableError) as missing:
        sums_of(copy)
    assert missing.value.missing
    published_city(copy, City(findings=300))
    assert sums_at_hand(copy) is None
    first = sums_of(copy)
    assert sums_of(copy) is first is sums_at_hand(copy)
    published_city(copy, City(findings=600))  # while the first is still in use
    assert sums_at_hand(copy) is None
    assert read(sums_of(copy), Filters()).whole.findings > read(first, Filters()).whole.findings
    copy.write_bytes(b"rusak")
    with pytest.raises(NotReadableError) as damaged:
        sums_of(copy)
    assert not damaged.value.missing


@pytest.mark.parametrize(
    ("said", "told"),
    [(minutes(44.5), "44 mnt"), (minutes(60), "1 j"), (minutes(381), "6 j 21 mnt"), (minutes(2000), "1 hr 9 j"),
     (left(-9), "lewat 9 hari"), (left(0), "hari ini"), (left(16), "16 hari lagi")],
)  # fmt: skip
def test_times_are_said_as_people_say_them(said: str, told: str) -> None:
    """If this fails, a deadline that is past reads as if days were left, or hours as minutes."""
    assert said == told
