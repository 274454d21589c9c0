"""Which list a received file is, and when its silence may be believed."""

import json
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest
from office_kit.comparing import ANOMALIES, BIRTH, RELIGION, arrive, decide, labels
from office_kit.extracts import World
from office_kit.extracts_model import File

from expectations.memory import series, whole
from tasks.store import memory_store


@pytest.mark.parametrize(
    "name",
    ["Ditjen_ganda_2026_10.csv", "DITJEN GANDA (nov 26) rev2.xlsx", "ganda.zip/Ditjen-Ganda-Desember.dbf",
     "ganda ditjen", "Copy of ditjen ganda.csv", "Salinan dari Ditjen_ganda (2).xlsx", "ditjenGandaNov2026.csv",
     "DitjenGanda_des.CSV", "ditjen_ganda_IX_2026.CSV.zip", "kiriman.zip/data ditjen ganda Semester 2.txt"],
)  # fmt: skip
def test_the_same_list_at_another_time(name: str) -> None:
    """If this fails, the next month's list closes nothing: what the centre took off it stays open for ever."""
    assert series(name) == "ditjen ganda"


@pytest.mark.parametrize(
    "one, other",
    [("anomali_10.csv", "ganda_10.csv"), ("ganda_kranggan.csv", "ganda_magersari.csv"),
     ("lama.zip/ganda.csv", "sisa.zip/ganda.csv"), ("sepuluh.csv", "sep.csv"), ("mei.csv", "meikarta.csv"),
     ("ganda_tahap_1.csv", "ganda_tahap_2.csv"), ("ganda I.xlsx", "ganda II.xlsx"), ("ganda bagian 2.csv", "ganda.csv"),
     ("ganda 1 dari 2.csv", "ganda 2 dari 2.csv"), ("ganda halaman 1.csv", "ganda halaman 2.csv"),
     ("ganda batch 1.csv", "ganda batch 2.csv"), ("gandaKranggan.csv", "gandaMagersari.csv"),
     ("ganda.zip/lampiran_1.csv", "ganda.zip/lampiran_2.csv")],
)  # fmt: skip
def test_other_lists(one: str, other: str) -> None:
    """If this fails, one list counts as the other, and all that is not in it as fixed."""
    assert series(one) != series(other)


@pytest.mark.parametrize(
    "name",
    [
        "ganda bagian 2.csv",
        "Ganda_II_(okt 26).xlsx",
        "GANDA part2of3.csv",
        "ganda 2 dari 3.csv",
        "ganda bag. kedua",
        "Copy of gandaII.csv",
    ],
)
def test_the_same_part_at_another_time(name: str) -> None:
    """If this fails, next month's second part closes nothing of the second part of this month."""
    assert series(name) == "bagian-2 ganda"
    assert whole(series(name)) == "ganda"


@pytest.mark.parametrize(
    "name, part",
    [("ganda halaman 2.csv", "halaman-2"), ("GandaHal2.csv", "halaman-2"), ("ganda page 2 of 3.csv", "halaman-2"),
     ("ganda_batch2_Nov.csv", "batch-2")],
)  # fmt: skip
def test_pages_and_batches_are_parts(name: str, part: str) -> None:
    """If this fails, the second page of a list closes all that stands on the first."""
    assert set(series(name).split()) == {"ganda", part}
    assert whole(series(name)) == "ganda"


def test_small_and_capital_letters_of_one_word() -> None:
    """If this fails, a list whose name has an abbreviation in it is another list when written in small letters."""
    assert series("eKTP.csv") == series("EKTP.csv") == series("ektp_nov.csv")


@pytest.mark.parametrize("name", ["2026-11.csv", "DATA BARU.xlsx", "bagian 2.csv", "kiriman.zip/lampiran-1.csv"])
def test_a_name_of_nothing(name: str) -> None:
    """If this fails, all files without a name of their own are one list, and each closes what was in the others."""
    assert series(name) == ""


@pytest.fixture
def world() -> Iterator[World]:
    """An office in memory without any extract."""
    with memory_store() as con:
        yield World(con, Random(1))  # noqa: S311 (the order of rows)


def part(number: int) -> File:
    return File(f"anomali bagian {number}.csv", f"bagian-{number} anomali", None)


def test_a_part_closes_its_own_alone(world: World) -> None:
    """If this fails, the first half of a list closes all that stands in the second half."""
    arrive(world, [("P1", BIRTH)], part(1))
    arrive(world, [("P2", BIRTH)], part(2))
    assert labels(world, "P1") == [("1", "baru")]
    arrive(world, [("P2", BIRTH)], ANOMALIES)
    assert labels(world, "P1") == [("1", "baru"), ("3", "hilang")]
    arrive(world, [], part(1))
    assert labels(world, "P2") == [("2", "baru"), ("3", "masih terbuka")]


def test_a_file_without_a_lists_name_closes_nothing(world: World) -> None:
    """If this fails, any file called by its date alone counts as proof that all others of that kind were mended."""
    for rows in ([("P1", BIRTH)], []):
        arrive(world, rows, File(f"2026-{len(rows)}.csv", "", None), groups=({"P1", "P2"},) if rows else ())
    assert labels(world, "P1") == [("1", "baru")]
    assert world.con.execute("select event from duplicate_events").fetchall() == [("baru",)]
    assert world.con.execute("select summary ->> 'unnamed' from steps where agenda = '2026-0002' and step = 'reconcile'"
                             ).fetchone() == ("1",)  # fmt: skip


MANY = [(f"P{n}", BIRTH) for n in range(1, 41)]
FEW = MANY[:3]


def open_after(world: World, agenda: str) -> int:
    """Findings without an end up to an extract."""
    asked = """select count(*) from (select subject, code, arg_max(label, agenda) as label from finding_states
               where agenda <= ? group by all) where label not in ('selesai', 'hilang')"""
    return int(world.con.execute(asked, [agenda]).fetchall()[0][0])


def test_a_list_torn_off_closes_nothing(world: World) -> None:
    """If this fails, a file cut short by a bad line is told as a month in which everything was mended."""
    decide(world, arrive(world, [*MANY, ("P41", BIRTH)], groups=({"P39", "P40"},)), "ditunda")
    arrive(world, FEW)
    assert open_after(world, "2026-0002") == len(MANY) + 1
    told = world.con.execute("select summary -> 'doubts' from steps where agenda = '2026-0002' and step = 'reconcile'")
    assert json.loads(told.fetchall()[0][0]) == [{"series": "anomali", "waited": 41, "again": 3}]
    arrive(world, FEW)
    assert open_after(world, "2026-0003") == len(FEW)  # two lists in a row lack them
    events = world.con.execute("select agenda, event from duplicate_events order by 1").fetchall()
    assert events == [("2026-0001", "baru"), ("2026-0003", "tutup")]


def test_a_list_that_a_letter_counts_is_whole(world: World) -> None:
    """If this fails, the centre's own word that a list is this short is not believed, and nothing ever closes."""
    arrive(world, MANY)
    arrive(world, FEW, replace(ANOMALIES, rows=3))
    assert open_after(world, "2026-0002") == len(FEW)


def test_a_list_that_the_office_emptied_is_no_wonder(world: World) -> None:
    """If this fails, an office that has done its work is told that the centre's list is torn off."""
    decide(world, arrive(world, MANY), "diperbaiki")
    arrive(world, FEW)
    assert open_after(world, "2026-0002") == len(FEW)
    assert {label for _, label in labels(world, "P9")} == {"baru", "selesai"}


def test_an_empty_list_needs_no_columns(world: World) -> None:
    """If this fails, what only other columns could show stays open for ever once the centre has nothing left."""
    arrive(world, [("P1", RELIGION)])
    arrive(world, [], File("anomali_11.csv", "anomali", ("nik", "tgl_lhr"), 0))
    assert labels(world, "P1", RELIGION) == [("1", "baru"), ("2", "hilang")]
