"""The dashboard's figures over a copy that an office published itself, and over a made one for every kind of filter."""

import csv
import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from office_kit.published_city import City, published_city
from office_kit.two_letters import found_two_letters

from tasks.dashboard.asked import asked
from tasks.dashboard.behind import missing_from
from tasks.dashboard.downloads import downloads
from tasks.dashboard.figures import Figures, Filters, Line, choices, read
from tasks.dashboard.page import body, head
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


@pytest.fixture(scope="module", params=[False, True], ids=["told", "hidden"])
def city(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made copy; its places and rules overlap with every filter above. Hidden: as a small office's."""
    made = City(findings=20_000, hidden=request.param)
    return published_city(tmp_path_factory.mktemp("kota") / "sinkron.duckdb", made)


@pytest.fixture(scope="module")
def two_letters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The copy that an office published itself: small, so most of its places are hidden."""
    return found_two_letters(tmp_path_factory.mktemp("dua-surat") / "kantor")


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
    assert (shown.whole.findings or 0) == _ask(city, f"select count(*) from temuan where {every}", chosen)[0][0]
    back = "row_number() over (partition by temuan_pseudonym order by agenda desc)" if not chosen.agenda else "1"
    told = _ask(
        city,
        f"""select count(*), median(date '2026-11-20' - sejak_pada), max(date '2026-11-20' - sejak_pada)
        from (select *, {back} as back from rekonsiliasi) where back = 1 and {OPEN} and {every}""",
        chosen,
    )[0]
    assert (shown.whole.open or 0, shown.whole.median_age, shown.whole.oldest_age) == told
    cases = _where(chosen, "district", "village", "agenda")
    waiting = _ask(city, f"select count(*), count(*) filter (tenggat < date '2026-11-20') from kasus where "
                         f"ditutup_pada is null and {cases}", chosen)[0]  # fmt: skip
    assert (shown.whole.cases or 0, shown.whole.overdue or 0) == waiting
    assert sum(each.past + each.week + each.fortnight + each.month + each.later for each in shown.cases) == waiting[0]
    assert sum(rule.findings or 0 for rule in shown.rules) == (shown.whole.findings or 0)
    assert sum(rule.open or 0 for rule in shown.rules) == (shown.whole.open or 0)
    at_all = f"select code, sum(temuan) from temuan_aturan where {_where(chosen, 'rule', 'agenda')} group by 1"
    told_of_city = _ask(city, at_all, chosen)
    named = {rule.code: rule.city for rule in shown.rules if rule.code}
    assert {code: n for code, n in told_of_city if code in named} == {code: n for code, n in named.items() if n}
    if not chosen.district and not chosen.village:
        assert set(named) == {code for code, _ in told_of_city}  # none is left out because its rows do not name it
    labels = _ask(city, f"select keadaan, count(*) from rekonsiliasi where {every} group by 1", chosen)
    assert {name: sum(e.counts.get(name, 0) for e in shown.extracts) for name, _ in labels} == dict(labels)
    pairs = _ask(city, f"select count(*) from pasangan where {_where(chosen, 'agenda')}", chosen)
    assert sum(n for _, _, n in shown.bands) == pairs[0][0]
    decided = {(work.day, work.role): (work.decisions, work.yes, work.no, work.withdrawn) for work in shown.work}
    if not chosen.agenda:  # the view knows no agenda
        assert decided == {(day, role): tuple(rest) for day, role, *rest in _ask(city, "from beban_kerja", chosen)}


# A section's table, and what its lines must add up to: one row of the copy each.
COUNTED = {
    "kelurahan": {"temuan": ("temuan", "district village rule agenda")},
    "aturan": {"temuan": ("temuan", "district village rule agenda")},
    "berkas": {"": ("rekonsiliasi", "district village rule agenda")},
    "langkah": {"kali": ("langkah", "agenda")},
    "beban-kerja": {"keputusan": ("keputusan", "agenda")},
    "batas-kasus": {"": ("kasus where ditutup_pada is null and", "district village agenda")},
    "pasangan": {"pasangan": ("pasangan", "agenda")},
    "kasus-ganda": {"kali": ("peristiwa_ganda", "agenda")},
}


def _adds_up(copy: Path, chosen: Filters) -> None:
    shown = read(sums_of(copy), chosen)
    for name, columns in COUNTED.items():
        heads, *lines = _csv(shown, name)
        for column, (table, filters) in columns.items():
            at = [heads.index(column)] if column else [i for i, cell in enumerate(lines[-1]) if i and cell.isdigit()]
            single = [line for line in lines if not line[0].startswith("jumlah")]
            added = sum(int(line[i] or 0) for line in single for i in at)
            where = table if " where " in table else f"{table} where"
            counted = _ask(copy, f"select count(*) from {where} {_where(chosen, *filters.split())}", chosen)[0][0]
            assert added == counted, (name, column)
            if lines[-1][0] == "jumlah":
                assert sum(int(lines[-1][i] or 0) for i in at) == counted, (name, column)


@pytest.mark.parametrize("chosen", CHOSEN, ids=str)
def test_every_table_adds_up_to_the_copy(city: Path, chosen: Filters) -> None:
    """If this fails, rows whose place or rule is hidden fall out of a table, and its noughts and sums are false."""
    _adds_up(city, chosen)


def test_every_table_of_an_office_of_its_own_adds_up(two_letters: Path) -> None:
    """If this fails, a small office, most of whose places are hidden, reads noughts where people wait."""
    found = _ask(two_letters, "select count(*) from temuan where no_kel is null", Filters())[0][0]
    assert found > 0
    for chosen in (
        Filters(),
        Filters(district="01"),
        Filters(district="02", village="021001"),
        Filters(agenda="2026-0002"),
    ):
        _adds_up(two_letters, chosen)


@pytest.mark.parametrize("chosen", [Filters(), Filters(rule="ANM-ALM-01"), Filters(agenda="2026-0003")], ids=str)
def test_every_kecamatan_adds_up_with_what_is_hidden_in_it(city: Path, chosen: Filters) -> None:
    """If this fails, the sum of a kecamatan leaves out the rows whose kelurahan is hidden."""
    shown = read(sums_of(city), chosen)
    every = _where(chosen, "rule", "agenda")
    for district in [place for place in shown.places if place.line == Line.DISTRICT]:
        inside = [p for p in shown.places if p.no_kec == district.no_kec and p.line in {Line.VILLAGE, Line.HIDDEN}]
        counted = _ask(city, f"select count(*) from temuan where no_kec = '{district.no_kec}' and {every}", chosen)[0][
            0
        ]
        assert sum(place.findings or 0 for place in inside) == (district.findings or 0) == counted
        for name in ("open", "cases", "overdue"):
            assert sum(getattr(place, name) or 0 for place in inside) == (getattr(district, name) or 0), name
    told = {place.line: place.findings for place in shown.places if place.line in {Line.OUTSIDE, Line.NOWHERE}}
    beyond = _ask(
        city,
        f"select coalesce(luar_kota, false), count(*) from temuan where no_kec is null and {every} group by 1",
        chosen,
    )
    assert {outside: told.get(Line.OUTSIDE if outside else Line.NOWHERE) for outside, _ in beyond} == dict(beyond)


def test_a_nought_that_nobody_knows_is_none(tmp_path: Path) -> None:
    """If this fails, a kelurahan all of whose rows are hidden reads as one where nobody waits."""
    copy = published_city(tmp_path / "sinkron.duckdb", City(findings=20_000, hidden=True))
    miji = {"no_kec": "03", "no_kel": "1002"}  # the kit hides all of it
    shown = read(sums_of(copy), Filters())
    place = next(p for p in shown.places if (p.no_kec, p.no_kel) == tuple(miji.values()))
    assert (place.findings, place.open, place.cases, place.overdue) == (None, None, None, None)
    row = next(line for line in _csv(shown, "kelurahan") if line[1:3] == list(miji.values()))
    assert row[5:] == ["", "", "", "", "", ""]
    assert re.search(r"Miji</th><td>Kranggan</td><td class=\"n\">\?</td><td class=\"n\">\?</td>", body(shown, "semua"))
    alone = read(sums_of(copy), Filters(village="031002"))
    assert (alone.whole.findings, alone.whole.cases) == (None, None)
    assert [place.line for place in alone.hidden] == [Line.HIDDEN, Line.NOWHERE]
    assert "Mungkin termasuk, tetapi tidak dihitung di sini" in body(alone, "Miji")
    told = read(sums_of(published_city(tmp_path / "lain.duckdb", City(findings=30))), Filters())
    assert 0 in {place.findings for place in told.places if place.line == Line.VILLAGE}  # nothing hidden: known


def test_filters_of_an_address_that_the_copy_does_not_know_are_told(city: Path) -> None:
    """If this fails, the link on a run that is not published yet shows all batches as if they were its own."""
    offered = choices(sums_of(city))
    filters, unknown = asked({"agenda": "2026-0099", "kecamatan": "02", "kelurahan": "011003"}, offered)
    assert filters == Filters(district="02")  # a kelurahan of another kecamatan is none
    assert set(unknown) == {"agenda", "village"}
    assert "Agenda 2026-0099 tidak ada pada salinan ini" in unknown["agenda"]
    assert "2026-0012" in unknown["agenda"]
    assert "021001 Gununggedangan" in unknown["village"]
    assert asked({"agenda": ["2026-0001", "2026-0002"], "x": "y"}, offered) == (Filters(), {})
    told = body(read(sums_of(city), filters), "", ["<b>Agenda"])
    assert "&lt;b&gt;Agenda" in told


def test_a_copy_older_than_the_newest_writing_says_so(two_letters: Path) -> None:
    """If this fails, a publishing that failed leaves the office reading old figures without knowing."""
    ledger = two_letters.parents[1] / "ledger.sqlite"
    shown = read(sums_of(two_letters), Filters())
    assert missing_from(shown.published, ledger) is None
    assert "tertinggal" not in head(shown, None)
    older = missing_from(shown.published - timedelta(days=40), ledger)
    assert older is not None
    assert older.agenda == "2026-0001"
    assert "Belum termuat: agenda 2026-0001" in head(shown, older)
    assert missing_from(None, ledger) == older  # no copy at all
    assert missing_from(None, ledger.with_name("tidak-ada.sqlite")) is None
    assert missing_from(None, two_letters) is None  # no ledger: not the dashboard's to tell


def test_an_office_of_its_own_is_shown(two_letters: Path) -> None:
    """If this fails, the dashboard fits made copies alone and not what the office publishes."""
    copy = two_letters
    shown = read(sums_of(copy), Filters())
    assert shown.newest == _ask(copy, "select agenda from terbitan", Filters())[0][0]
    assert shown.whole.findings == _ask(copy, "select count(*) from temuan", Filters())[0][0] > 0
    assert [extract.agenda for extract in shown.extracts] == choices(sums_of(copy)).agendas[::-1]
    assert {step.step for step in shown.steps} == {1, 2, 3, 4, 5, 6}
    assert shown.bands
    assert len([place for place in shown.places if place.line == Line.VILLAGE]) == 18
    assert {work.role for work in shown.work} == {"staff", "kasi", "kabid", "kadis"}
    assert "Peta kelurahan" in body(shown, "semua")


def _csv(shown: Figures, name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(downloads(shown)[name].decode("utf-8-sig"))))


def test_a_spreadsheet_runs_nothing_of_an_export(tmp_path: Path) -> None:
    """If this fails, a rule's title that begins like a formula runs when somebody opens the export in Excel."""
    copy = published_city(tmp_path / "sinkron.duckdb", City(findings=300))
    with duckdb.connect(str(copy)) as con:
        con.execute("update aturan set title = '=HYPERLINK(1)'")
    titles = {row[2] for row in _csv(read(Sums(copy), Filters()), "aturan")[1:-1]}
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
    assert (read(sums_of(copy), Filters()).whole.findings or 0) > (read(first, Filters()).whole.findings or 0)
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
