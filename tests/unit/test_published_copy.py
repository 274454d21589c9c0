"""The analysts' copy holds what its contract says; people can be followed in it, and nobody can be picked out."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest
from office_kit.files import Row
from office_kit.residents import again
from office_kit.samples import Sample
from office_kit.signers import NOW
from office_kit.small import ABROAD, Opened, row_ids
from office_kit.writing import take_back, write

from expectations.published import LADDER, STEPS, TABLES, K, Table
from tasks.clock import WorkCalendar
from tasks.errors import Exit, UserError
from tasks.ledger import open_ledger
from tasks.office import WIB
from tasks.publish import PUBLISHED, anonymity, publish
from tasks.publish.timings import step_times


def copy_of(opened: Opened) -> Path:
    """Published now."""
    office, batch = opened.batch.office, opened.batch
    with open_ledger(office) as ledger:
        publish(opened.con, office, ledger, (batch.agenda, batch.desk.clock))
    return office.published / PUBLISHED


def ask(path: Path, query: str) -> list[tuple[object, ...]]:
    """Asked as analysts do."""
    with duckdb.connect(str(path), read_only=True) as con:
        return con.execute(query).fetchall()


def test_the_file_is_the_contract(opened: Opened) -> None:
    """If this fails, analysts find a table, a column or a meaning that is not documented, or miss one that is."""
    path = copy_of(opened)
    told = {table: (meaning, is_view) for table, meaning, is_view in ask(path, """
        select table_name, comment, false from duckdb_tables()
        union all select view_name, comment, true from duckdb_views() where not internal""")}  # fmt: skip
    assert told == {table.name: (table.meaning, table.is_view) for table in TABLES}
    columns = ask(path, "select table_name, column_name, data_type, comment from duckdb_columns() where not internal")
    assert set(columns) == {(t.name, c.name, c.kind, c.meaning) for t in TABLES for c in t.columns}
    for table in TABLES:
        order = [column for name, column, _, _ in columns if name == table.name]
        assert order == [column.name for column in table.columns]


def test_traits_on_the_ladder_are_those_of_the_tables() -> None:
    """If this fails, a new column tells of people and is never hidden."""
    shown = {trait for table in TABLES for trait in table.traits}
    assert shown == {trait for hidden in LADDER for trait in hidden} | {"luar_kota"}


def test_a_person_is_the_same_in_every_table(opened: Opened) -> None:
    """If this fails, analysts cannot follow one person from a pair to the outcome and the register."""
    opened.batch.sign()
    write(opened)
    path = copy_of(opened)
    for query in (
        "select count(*) from hasil h semi join penduduk p on p.orang = h.orang",
        "select count(*) from pasangan q join hasil h on h.orang in (q.orang_kiri, q.orang_kanan)",
        "select count(*) from riwayat r join hasil h on h.orang = r.orang and h.row_pseudonym = r.row_pseudonym",
        "select count(*) from kasus k join temuan t on t.orang = k.orang",
    ):
        assert ask(path, query)[0][0], query
    assert ask(path, "select count(*), count(distinct orang) from penduduk")[0][0] == 41
    assert ask(path, "select count(*) from riwayat where row_pseudonym is null or orang is null") == [(0,)]
    assert ask(path, "select count(distinct row_pseudonym), count(distinct orang) from hasil") == [(20, 18)]


def test_another_regencys_village_is_not_taken_for_ours(opened: Opened) -> None:
    """If this fails, rows from 01/2001 of another regency are counted for a kelurahan of this city."""
    assert ABROAD["NO_KEC"] == "01"
    path = copy_of(opened)
    found = ask(path, "select count(*), count(no_kec), count(no_kel) from hasil where luar_kota")
    assert found == [(len(row_ids("abroad")) + 1, 0, 0)]


def many(person: Row, count: int) -> tuple[Row, ...]:
    """That many people who share all traits."""
    names = [f"{person['NAMA_LGKP']} {'ABCDEFGHIJ'[at]}" for at in range(count)]
    return tuple(
        again(person, NIK=f"{str(person['NIK'])[:12]}9{at:03d}", NAMA_LGKP=name) for at, name in enumerate(names)
    )


@pytest.mark.parametrize("alike", [K - 1, K])
def test_traits_are_shown_of_k_people_and_not_of_fewer(tmp_path: Path, alike: int) -> None:
    """If this fails, four people who share all traits are told apart, or analysts lose what five share."""
    from office_kit.residents import resident
    from office_kit.small import found_office

    from tasks.store import open_store

    office, desk = found_office(tmp_path / "kantor", many(resident(0), alike))
    with open_store(office) as con, open_ledger(office) as ledger:
        publish(con, office, ledger, ("2026-0001", desk.clock))
    found = ask(
        office.published / PUBLISHED, "select birth_year, birth_decade, jenis_klmin, no_kec, no_kel from penduduk"
    )
    person = resident(0)
    year = int(str(person["TGL_LHR"])[:4])
    all_told = (year, year // 10 * 10, person["JENIS_KLMIN"], person["NO_KEC"], person["NO_KEL"])
    assert found == [all_told if alike == K else (None,) * 5] * alike


def test_no_small_group_by_an_independent_count(sample: Sample) -> None:
    """If this fails, somebody can be picked out by kelurahan, sex, birth or household, in one table or several."""
    with duckdb.connect(str(sample.office.published / PUBLISHED), read_only=True) as con:
        people = con.execute("select * from penduduk").pl()
        others = {
            name: con.execute(f"select * from {name}").pl() for name in ("hasil", "temuan", "kasus", "rekonsiliasi")
        }
    traits = [trait for hidden in LADDER for trait in hidden]
    assert people.height > 10_000
    for name, table in {"penduduk": people, **others}.items():
        own = [column for column in (*traits, "luar_kota") if column in table.columns]
        joined = table if name == "penduduk" else table.select("orang", *own).join(
            people.select("orang", *(t for t in traits if t in set(people.columns) - set(own))), on="orang", how="left"
        )  # fmt: skip
        for keys in (own, [c for c in (*traits, "luar_kota") if c in joined.columns]):
            told = joined.unique(["orang", *keys]).group_by(keys).len()
            small = told.filter(told["len"] < K)
            traits_told = [column for column in keys if column != "luar_kota"]
            assert small.filter(pl.any_horizontal(pl.col(traits_told).is_not_null())).is_empty(), name


def test_the_register_is_still_worth_asking(sample: Sample) -> None:
    """If this fails, so much is hidden that analysts get no age structure of a kelurahan."""
    path = sample.office.published / PUBLISHED
    (kept,) = ask(path, "select avg((no_kel is not null)::int), avg((birth_decade is not null)::int) from penduduk")
    assert kept[0] > 0.95
    assert kept[1] > 0.9


def test_a_copy_that_shows_somebody_is_not_published(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, the check looks on while small groups are published, or takes the good copy away."""
    path = copy_of(opened)
    before = path.read_bytes()
    monkeypatch.setattr(anonymity, "K", 30)  # what is hidden for five shows groups below thirty
    with pytest.raises(UserError, match="kurang dari 30 orang") as caught:
        copy_of(opened)
    assert caught.value.exit_code is Exit.OFFICE
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == [PUBLISHED]


@pytest.mark.parametrize("table", [t for t in TABLES if t.traits and not t.is_view], ids=lambda t: t.name)
def test_the_check_sees_one_person_in_any_table(opened: Opened, tmp_path: Path, table: Table) -> None:
    """If this fails, a table is published unchecked."""
    other = tmp_path / "salinan.duckdb"
    other.write_bytes(copy_of(opened).read_bytes())
    for trait in (trait for trait in table.traits if trait != "luar_kota"):
        with duckdb.connect(str(other)) as con:
            con.execute(f"insert into {table.name} (orang, {trait}) values ('seorang', '7')")
            with pytest.raises(UserError, match=f"tabel {table.name}"):
                anonymity.check(con)
            con.execute(f"delete from {table.name} where orang = 'seorang'")


def test_traits_hidden_in_one_table_are_not_told_by_another(opened: Opened, tmp_path: Path) -> None:
    """If this fails, a person in a case is found by joining it with the register."""
    other = tmp_path / "salinan.duckdb"
    other.write_bytes(copy_of(opened).read_bytes())
    with duckdb.connect(str(other)) as con:
        con.execute("update penduduk set birth_year = 1980, birth_decade = 1980")  # 41 people share it: no small group
        con.execute("update penduduk set no_kec = null, no_kel = null, jenis_klmin = null, stat_kwn = null, "
                    "stat_hbkel = null, pddk_akh = null, jenis_pkrjn = null")  # fmt: skip
        con.execute("delete from rekonsiliasi")
        con.execute("insert into rekonsiliasi (orang) select orang from penduduk limit 2")
        with pytest.raises(UserError, match="tabel rekonsiliasi"):
            anonymity.check(con)


def test_minutes_are_those_of_the_ledger(opened: Opened) -> None:
    """If this fails, Kabid reads that somebody was late who was not, or a late step is told as in time."""
    desk, batch = opened.batch.desk, opened.batch
    desk.case = (batch.agenda, 1, batch.digest)
    for role, minutes in (("staff", 10), ("kasi", 59), ("kabid", 61)):
        desk.clock += timedelta(minutes=minutes) - timedelta(seconds=31)
        desk.sign(role)
    with open_ledger(batch.office) as ledger:
        lines = step_times(ledger, desk.clock + timedelta(minutes=40), WorkCalendar())
    told = {line[2]: line[3:5] + line[7:] for line in lines if line[2] in {3, 4, 5}}
    assert told[4] == ("kabid", STEPS[4].activity, 61.0, 60, True)
    assert told[5] == ("kadis", STEPS[5].activity, 40.0, 30, True)  # waits still: counted until now
    assert [line[6] is None for line in lines] == [False] * (len(lines) - 1) + [True]
    assert lines[0][5] == NOW.replace(tzinfo=None) + timedelta(hours=7)  # WIB


def test_nights_and_holidays_do_not_count(opened: Opened) -> None:
    """If this fails, whoever got a batch on Friday afternoon is late on Monday morning."""
    batch = opened.batch
    batch.desk.case = (batch.agenda, 1, batch.digest)
    batch.desk.clock = datetime(2026, 10, 9, 16, 0, tzinfo=WIB)
    batch.desk.sign("staff", "kasi")
    with open_ledger(batch.office) as ledger:
        lines = step_times(ledger, datetime(2026, 10, 12, 7, 45, tzinfo=WIB), WorkCalendar())
    assert (lines[-1][3], round(lines[-1][7]), lines[-1][9]) == ("kabid", 44, False)


def test_a_tidak_goes_back_to_staff(opened: Opened) -> None:
    """If this fails, the time Staff needs for a second round is nobody's, or Kasi's."""
    batch = opened.batch
    batch.desk.case = (batch.agenda, 1, batch.digest)
    batch.desk.sign("staff")
    batch.desk.say("kasi", "Tidak", note="periksa lagi")
    with open_ledger(batch.office) as ledger:
        lines = step_times(ledger, batch.desk.clock + timedelta(days=3), WorkCalendar())
    assert [(line[1], line[2]) for line in lines][-2:] == [(1, 3), (2, 2)]
    assert lines[-1][9] is True
    found = ask(copy_of(opened), "select peran, ya, tidak, cabut from beban_kerja order by peran")
    assert found == [("kasi", 0, 1, 0), ("staff", 1, 0, 0)]


def test_a_withdrawn_paraf_is_asked_again(opened: Opened) -> None:
    """If this fails, the time after a withdrawal is Kabid's, who waits for Kasi."""
    batch = opened.batch
    batch.desk.case = (batch.agenda, 1, batch.digest)
    batch.desk.sign("staff", "kasi")
    assert batch.desk.say("kabid", "Cabut", who="kasi", note="belum yakin").accepted
    with open_ledger(batch.office) as ledger:
        lines = step_times(ledger, batch.desk.clock, WorkCalendar())
    assert [(line[3], line[6] is None) for line in lines][-3:] == [("kasi", False), ("kabid", False), ("kasi", True)]
    assert ask(copy_of(opened), "select peran, ya, cabut from beban_kerja order by peran") == [
        ("kasi", 1, 1), ("staff", 1, 0)
    ]  # fmt: skip


def test_an_undo_has_its_own_steps(opened: Opened) -> None:
    """If this fails, the hours of an undo count for the batch, or for nobody."""
    opened.batch.sign()
    write(opened)
    case = take_back(opened, opened.batch.agenda)
    found = ask(copy_of(opened), f"select langkah, selesai is not null from langkah where agenda = '{case.agenda}'")
    assert found == [(step, True) for step in (2, 3, 4, 5, 6)]


def test_the_same_store_gives_the_same_rows(opened: Opened) -> None:
    """If this fails, two copies of one day differ, and nobody can say why."""
    tables = [table.name for table in TABLES]
    first = [ask(copy_of(opened), f"from {name}") for name in tables]
    assert [ask(copy_of(opened), f"from {name}") for name in tables] == first


def test_precision_counts_what_holds(opened: Opened) -> None:
    """If this fails, a rule looks precise by corrections that were taken back."""
    opened.batch.sign()
    write(opened)
    query = (
        "select sum(ditandai), sum(dikonfirmasi), sum(tidak_terbukti), sum(ditunda), sum(rujuk) from ketepatan_aturan"
    )
    (found,) = ask(copy_of(opened), query)
    rows = "select count(*) from temuan t join hasil h on h.agenda = t.agenda and h.row_pseudonym = t.row_pseudonym"
    assert found[0] == sum(found[1:]) == ask(copy_of(opened), rows)[0][0]
    assert min(found[1:]) > 0
    take_back(opened, opened.batch.agenda)
    assert ask(copy_of(opened), query) == [(0, 0, 0, 0, 0)]


def test_backlog_is_what_is_open(opened: Opened) -> None:
    """If this fails, the office is told of a case that is closed, or a late one is not counted as late."""
    opened.batch.sign()
    write(opened)
    opened.batch.desk.clock += timedelta(days=15)
    path = copy_of(opened)
    kinds = dict(ask(path, "select jenis, sum(terbuka)::int from tunggakan group by 1"))
    assert kinds == dict(ask(path, "select jenis, count(*)::int from kasus where ditutup_pada is null group by 1"))
    assert ask(
        path, "select sum(lewat_tenggat)::int, max(umur_hari_tertua) from tunggakan where jenis = 'pemohon'"
    ) == [(kinds["pemohon"], 15)]


def test_rows_lie_in_no_order_of_people(opened: Opened) -> None:
    """If this fails, neighbours in the copy are neighbours in the register: families, or the order of NIKs."""
    path = copy_of(opened)
    people = [orang for (orang,) in ask(path, "select orang from penduduk")]
    assert people == sorted(people)
    assert all(re.fullmatch("[0-9a-f]{16}", orang) for orang in people)


def test_nothing_of_it_stays_in_the_store(opened: Opened) -> None:
    """If this fails, the office's connection keeps a second list of everybody's traits."""
    before = opened.con.execute("select count(*) from duckdb_tables()").fetchall()
    copy_of(opened)
    assert opened.con.execute("select count(*) from duckdb_tables()").fetchall() == before
    assert "terbit" not in {
        name for (name,) in opened.con.execute("select database_name from duckdb_databases()").fetchall()
    }
