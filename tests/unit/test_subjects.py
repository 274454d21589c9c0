"""Who a received row is about: known again when misspelt, and never taken for somebody else under the same NIK."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from office_kit.files import Row, write_csv
from office_kit.residents import again, resident
from office_kit.signers import Desk
from office_kit.small import ABROAD, found_office

from tasks.load import load
from tasks.office import Office
from tasks.receive import receive
from tasks.reconcile.subjects import name_subjects
from tasks.resolve.records import identify
from tasks.store import open_store

HERE, OTHER = resident(19), resident(75)
NEW = resident(81, **ABROAD)  # nobody the register knows
SOMEBODY_ELSE = {"NAMA_LGKP": OTHER["NAMA_LGKP"], "NAMA_LGKP_IBU": OTHER["NAMA_LGKP_IBU"]}


@dataclass
class Opened:
    office: Office
    desk: Desk
    con: duckdb.DuckDBPyConnection


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    office, desk = found_office(tmp_path / "kantor")
    with open_store(office) as con:
        yield Opened(office, desk, con)


def received(opened: Opened, *rows: Row) -> list[str]:
    """The subject of each row of the next extract; a clean resident at its end makes it another file each time."""
    number = len(opened.con.execute("select distinct agenda from subjects").fetchall()) + 1
    path = write_csv(opened.office.inbox / f"ganda-{number}.csv", (*rows, resident(29 + number)))
    receipt = receive(opened.office, [path], None, (opened.desk.clock, "inbox"))
    load(opened.con, opened.office, receipt)
    identify(opened.con, receipt.agenda)
    name_subjects(opened.con, receipt.agenda)
    asked = "select subject from subjects where agenda = ? order by row_id"
    return [subject for (subject,) in opened.con.execute(asked, [receipt.agenda]).fetchall()][:-1]


def test_two_people_of_one_nik(opened: Opened) -> None:
    """If this fails, a stranger's findings, cases and decisions are told of the resident who has that NIK."""
    resident_row, stranger = received(opened, HERE, again(HERE, **SOMEBODY_ELSE))
    assert resident_row[0] == "P"
    assert stranger[0] == "N"
    assert received(opened, again(HERE, **SOMEBODY_ELSE), HERE) == [stranger, resident_row]


def test_two_people_unknown_to_the_register(opened: Opened) -> None:
    """If this fails, two people of another regency with one NIK are one case, and one answer closes both."""
    one, other = received(opened, NEW, again(NEW, **SOMEBODY_ELSE))
    assert one != other
    assert received(opened, again(NEW, **SOMEBODY_ELSE), NEW) == [other, one]
    assert received(opened, again(NEW, **SOMEBODY_ELSE)) == [other]


def misspelt(person: Row) -> Row:
    name = str(person["NAMA_LGKP"])
    return again(person, NAMA_LGKP=f"{name[:3]}{name[4:]}")


@pytest.mark.parametrize(
    "changed",
    [misspelt(NEW), again(NEW, TGL_LHR="1991-07-05"), again(NEW, NAMA_LGKP="NAMA BARU"), again(NEW, NAMA_LGKP=None),
     again(NEW, NO_KK=resident(84)["NO_KK"], ALAMAT="JL PINDAH 3"), again(misspelt(NEW), TGL_LHR=None)],
    ids=["name misspelt", "birth date corrected", "other name, same mother", "no name", "moved", "birth date lost"],
)  # fmt: skip
def test_the_same_person_told_otherwise(opened: Opened, changed: Row) -> None:
    """If this fails, what the centre corrects or misspells looks fixed, and comes back as new under the same person."""
    first = received(opened, NEW)
    assert received(opened, changed) == first
    assert received(opened, NEW, changed) == [*first, *first]


def test_in_one_list_in_any_order(opened: Opened) -> None:
    """If this fails, the order of rows decides how many people a list is about."""
    rows = (NEW, misspelt(NEW), again(NEW, **SOMEBODY_ELSE), again(NEW, TGL_LHR="1991-07-05"))
    forwards, backwards = received(opened, *rows), received(opened, *rows[::-1])
    assert len(set(forwards)) == 2
    assert backwards == forwards[::-1]


def test_a_resident_misspelt_is_the_resident(opened: Opened) -> None:
    """If this fails, a resident with a wrong name in the centre's list has no history."""
    told = received(
        opened, HERE, misspelt(HERE), again(HERE, NAMA_LGKP="NAMA KELIRU"), again(HERE, TGL_LHR="1990-02-14")
    )
    assert len(set(told)) == 1
    assert told[0][0] == "P"


MOTHER = {"NAMA_LGKP_IBU": OTHER["NAMA_LGKP_IBU"]}  # as the centre has her; the register has another


@pytest.mark.parametrize("told", [MOTHER, {"TGL_LHR": "1990-02-14"}], ids=["mother", "birth date"])
def test_a_resident_as_earlier_lists_told(opened: Opened, told: Row) -> None:
    """If this fails, a resident with a new name in the centre's list is somebody new, and Staff decides all again."""
    renamed = again(HERE, NAMA_LGKP="NAMA BARU", **told)
    (first,) = received(opened, again(HERE, **told))
    assert first[0] == "P"
    assert received(opened, renamed) == [first]
    sex = "2" if HERE["JENIS_KLMIN"] == "1" else "1"
    (stranger,) = received(opened, again(renamed, JENIS_KLMIN=sex, NAMA_LGKP="LAIN LAGI"))
    assert stranger[0] == "N"
    assert received(opened, renamed, again(renamed, JENIS_KLMIN=sex, NAMA_LGKP="LAIN LAGI")) == [first, stranger]


def test_a_resident_and_a_new_name_in_one_list(opened: Opened) -> None:
    """If this fails, two rows of one resident are one person in two lists, and two people when they come in one."""
    told = received(opened, again(HERE, NAMA_LGKP="NAMA BARU", **MOTHER), again(HERE, **MOTHER))
    assert len(set(told)) == 1
    assert told[0][0] == "P"


def test_a_nik_of_a_crowd_is_nobodys(opened: Opened) -> None:
    """If this fails, a column filled with one NIK makes one person of a whole village, or stops the comparison."""
    crowd = [again(resident(n, **ABROAD), NIK=NEW["NIK"]) for n in range(90, 118)]
    told = received(opened, *crowd)
    assert len(set(told)) == len(crowd)
    assert {subject[0] for subject in told} == {"H"}
    assert received(opened, *crowd[::-1]) == told[::-1]


@pytest.mark.parametrize(
    "said", [{}, {"ALAMAT": "JL UJI NO 1"}, {"NAMA_LGKP": "SEKAR"}], ids=["empty", "place", "name"]
)
def test_rows_that_say_too_little_are_nobodys(opened: Opened, said: Row) -> None:
    """If this fails, unrelated rows without a person share their findings, cases and decisions."""
    bare: Row = dict.fromkeys(HERE) | {"NO_PROP": "35", "NO_KAB": "76", "AGAMA": "1"} | said
    told = [*received(opened, bare, bare), *received(opened, bare)]
    assert len(set(told)) == 3


def test_a_row_without_a_nik_is_known_by_what_it_says(opened: Opened) -> None:
    """If this fails, a person without a NIK is new in every list, and whatever was found is never closed as theirs."""
    nameless: Row = again(NEW, NIK=None)
    (first,) = received(opened, nameless)
    assert first[0] == "H"
    assert received(opened, again(nameless, NIK="-", NAMA_LGKP=f" {str(NEW['NAMA_LGKP']).lower()} ")) == [first]
