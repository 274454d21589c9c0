"""Nobody can be picked out of the analysts' copy, whoever lives in the town, whatever was found: tried by an attack."""

import shutil
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from office_kit.attack import profiles, singled_out, singled_out_by_few_traits, tables_about_people
from office_kit.published_store import NOW, Town, ask, change, found_town, publish_town
from office_kit.samples import Sample

from expectations.published import K
from tasks.errors import UserError
from tasks.publish import PUBLISHED, anonymity
from tasks.steps import mark
from tasks.store import open_store

TOWNS = (
    *(Town(seed) for seed in range(6)),
    Town(6, residents=3000, rows=400, villages=18, rules=60), Town(7, residents=3000, rows=900, villages=2, rules=4),
    Town(8, residents=40, rows=20, villages=2, rules=3), Town(9, residents=300, rows=300, villages=1, rules=90),
    Town(10, residents=5, rows=5, villages=1, rules=1), Town(11, residents=2000, rows=60, villages=18, rules=6),
)  # fmt: skip


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_town(
        found_town(tmp_path_factory.mktemp("kota") / "kantor", Town(1, residents=2000, rows=900, rules=9))
    )


@pytest.mark.parametrize("made", TOWNS, ids=lambda town: f"kota {town.seed}")
def test_an_attack_finds_nobody(tmp_path: Path, made: Town) -> None:
    """If this fails, who knows a neighbour's traits and one thing the office found reads all else of that person."""
    path = publish_town(found_town(tmp_path / "kantor", made))
    assert singled_out(path, K) == []
    assert singled_out_by_few_traits(path, K) == []
    for table, column in (("temuan", "code"), ("rekonsiliasi", "code"), ("hasil", "cause"), ("hasil", "basis")):
        groups = f"select count(distinct orang) from {table} where {column} is not null group by {column}"
        assert all(people >= K for (people,) in ask(path, groups)), (table, column)


def test_an_attack_finds_nobody_of_the_sample(sample: Sample) -> None:
    """If this fails, the same holds of the centre's own kind of files."""
    path = sample.office.published / PUBLISHED
    assert singled_out(path, K) == []
    assert singled_out_by_few_traits(path, K) == []


def test_the_attack_has_something_to_attack(town: Path) -> None:
    """If this fails, the attack finds nobody because the copy is empty, or because it looks at nothing."""
    tables = {table.name: table for table in tables_about_people(town)}
    assert set(tables) == {
        "hasil", "temuan", "kasus", "rekonsiliasi", "riwayat", "penduduk", "pasangan", "kasus_ganda"
    }  # fmt: skip
    told = {trait for profile in profiles(list(tables.values())).values() for trait, _ in profile}
    assert {"no_kec", "no_kel", "birth_decade", "jenis_klmin", "daerah"} <= told
    assert all(len(table.rows) >= K for table in tables.values())
    assert singled_out(town, 10 * K)  # what is hidden among five is not hidden among fifty


PLANTED = {
    "temuan": "insert into temuan (orang, code, no_kec) select orang, 'SENDIRI', no_kec from penduduk where no_kec "
              "is not null limit 1",
    "kasus": "update kasus set daerah = '9999', jenis = 'luar kota' where no_kasus = (select min(no_kasus) from kasus)",
    "riwayat": "insert into riwayat (orang, element) select orang, 'agama' from penduduk where no_kel is not null "
               "limit 4",
    "kasus_ganda": "insert into kasus_ganda (agenda, orang) select 'lain', orang from penduduk where birth_year is not "
                   "null limit 3",
    "pasangan": "insert into pasangan (kind, orang_kiri, orang_kanan) select 'siam', orang, 'x' from penduduk where "
                "no_kec is not null limit 2",
    "penduduk": "update penduduk set usulan = 'LAIN' where orang = (select min(orang) from penduduk where no_kec is "
                "not null)",
    "hasil": "update hasil set no_kel = '7777' where row_pseudonym = (select min(row_pseudonym) from hasil)",
    "rekonsiliasi": "insert into rekonsiliasi (orang, code) select orang, 'ajaib' from penduduk where jenis_klmin "
                    "is not null limit 1",
}  # fmt: skip


@pytest.mark.parametrize("table", PLANTED)
def test_the_check_and_the_attack_agree_on_what_is_planted(town: Path, tmp_path: Path, table: str) -> None:
    """If this fails, one fact about one person is published because the check does not look at that table."""
    other = tmp_path / "salinan.duckdb"
    shutil.copy(town, other)
    other.chmod(0o600)
    with duckdb.connect(str(other)) as con:
        anonymity.check(con)
        con.execute(PLANTED[table])
        with pytest.raises(UserError, match=f"tabel {table}"):
            anonymity.check(con)
    assert any(line.startswith(f"{table}.") for line in singled_out(other, K))


def test_two_copies_can_not_be_put_together(tmp_path: Path) -> None:
    """If this fails, what the newest copy hides of somebody is read in last month's, by the pseudonym."""
    office = found_town(tmp_path / "kantor", Town(2))
    old = tmp_path / "lama.duckdb"
    shutil.copy(publish_town(office), old)
    change(office, "insert into findings select agenda, row_id, 'ANM-NIK-01' from extract_rows where line_no % 3 = 0")
    later = publish_town(office, NOW + timedelta(days=30))
    assert singled_out(later, K) == []
    columns = {
        (table, column) for table, column in ask(old, "select table_name, column_name from duckdb_columns()")
        if str(column).startswith(("orang", "row_pseudonym", "no_kasus", "lain"))
    }  # fmt: skip
    assert len(columns) >= 14
    seen = [
        {name for table, column in columns for (name,) in ask(path, f"select distinct {column} from {table}") if name}
        for path in (old, later)
    ]
    assert min(map(len, seen)) > 1000
    assert not seen[0] & seen[1]


def test_another_store_at_the_same_moment_has_other_pseudonyms(tmp_path: Path) -> None:
    """If this fails, a copy made again in the same second, of other data, can be compared with the one before."""
    office = found_town(tmp_path / "kantor", Town(3))
    first = set(ask(publish_town(office), "select orang from penduduk"))
    assert set(ask(publish_town(office), "select orang from penduduk")) == first  # the same input, the same bytes
    with open_store(office) as con:
        mark(con, "uji")
    assert not set(ask(publish_town(office), "select orang from penduduk")) & first


def test_case_numbers_say_nothing_of_files_and_lines(town: Path) -> None:
    """If this fails, a case number tells the line of the centre's file, and whoever has the file reads the name."""
    numbers = [
        value for query in ("select no_kasus from kasus", "select no_kasus from kasus_ganda",
                            "select no_kasus from peristiwa_ganda")
        for (value,) in ask(town, query)
    ]  # fmt: skip
    assert len(numbers) > 100
    assert all(len(str(number)) == 16 and not set(str(number)) - set("0123456789abcdef") for number in numbers)
    assert ask(town, "select count(*) from (from kasus_ganda where no_kasus not in (select no_kasus from "
                     "peristiwa_ganda))") == [(0,)]  # fmt: skip


def test_everything_hidden_is_still_counted(town: Path) -> None:
    """If this fails, a kecamatan's sum leaves out those whose kelurahan is hidden: the dashboard shows false zeros."""
    (open_cases,) = ask(town, "select count(*) from kasus where ditutup_pada is null")[0]
    assert open_cases > 50
    assert ask(town, "select sum(terbuka)::bigint from tunggakan") == [(open_cases,)]
    assert ask(town, "select count(*) from tunggakan where kecamatan is null or kelurahan is null") == [(0,)]
    told = dict(ask(town, "select kelurahan, sum(terbuka)::bigint from tunggakan group by 1"))
    assert told["luar kota"] == ask(town, "select count(*) from kasus where ditutup_pada is null and luar_kota")[0][0]
    hidden = "no_kel is null and not luar_kota"
    assert told["disamarkan"] == ask(town, f"select count(*) from kasus where ditutup_pada is null and {hidden}")[0][0]
    districts = ask(town, "select no_kec, sum(terbuka)::bigint from tunggakan where no_kec is not null group by 1")
    assert sorted(districts) == sorted(
        ask(town, "select no_kec, count(*) from kasus where ditutup_pada is null and no_kec is not null group by 1")
    )
    (judged,) = ask(town, "select sum(ditandai)::bigint from ketepatan_aturan")[0]
    assert judged == ask(town, "select count(*) from temuan t join hasil h on h.agenda = t.agenda and "
                               "h.row_pseudonym = t.row_pseudonym where h.disetujui")[0][0]  # fmt: skip


def test_rules_that_are_left_empty_are_counted_for_the_whole_city(town: Path) -> None:
    """If this fails, nobody knows any more how often a rule finds something: it is left empty on single findings."""
    (empty,) = ask(town, "select count(*) from temuan where code is null")[0]
    assert empty
    per_letter = "select agenda, luar_kota, {} from {} group by all order by all"
    assert ask(town, per_letter.format("sum(temuan)::bigint", "temuan_aturan")) == ask(
        town, per_letter.format("count(*)", "temuan")
    )
    assert ask(town, "select count(*) from temuan_aturan where code is null") == [(0,)]
