"""Household rules on small families: the office's members, with the received rows in place of those they stand for."""

from dataclasses import dataclass

import pytest
from office_kit.files import Row
from office_kit.residents import again, resident
from office_kit.small import AS_OF, found_office, receive_rows

from expectations.rules import RULES, Level
from tasks.load import ROWS_PER_FILE, load
from tasks.store import open_store
from tasks.validate import Terms, validate

HOUSEHOLD = {rule.code for rule in RULES if rule.level is Level.HOUSEHOLD and "from household" in rule.sql}
RELATIVE, HEAD, WIFE, CHILD, PARENT = "9", "1", "3", "4", "7"
YOUNG, OLD = "1990-02-14", "1962-02-14"


@dataclass(frozen=True)
class Family:
    """``known``: the register's members; ``received``: rows with the findings expected on each."""

    known: list[Row]
    received: list[tuple[Row, set[str]]]


def family(start: int, *kin: str, **common: str) -> list[Row]:
    """Residents start, start+1, ... in one family, with these relations to the head."""
    kk = f"357602140613{9000 + start}"
    return [resident(start + at, NO_KK=kk, STAT_HBKEL=relation, **common) for at, relation in enumerate(kin)]


def _families() -> dict[str, Family]:
    made: dict[str, Family] = {}
    a, b = family(0, RELATIVE, RELATIVE)
    made["tanpa kepala"] = Family([a, b], [(a, {"ANM-KEL-01"})])
    a, b, c = family(2, HEAD, HEAD, RELATIVE)
    made["dua kepala"] = Family([a, b, c], [(a, {"ANM-KEL-02"}), (c, set())])
    a, b = family(5, HEAD, RELATIVE)
    made["baris diterima membuat dua kepala"] = Family([a, b], [(again(b, STAT_HBKEL=HEAD), {"ANM-KEL-02"})])
    a, b = family(7, HEAD, HEAD)
    made["baris diterima menggantikan kepala"] = Family([a, b], [(again(b, STAT_HBKEL=RELATIVE), set())])
    a, b, c = family(9, HEAD, RELATIVE, RELATIVE)
    made["kepala wafat"] = Family([again(a, STAT_HIDUP="2"), b, c], [(b, {"ANM-KEL-01", "ANM-KEL-03"})])
    crowd = family(12, HEAD, *[RELATIVE] * 15)
    made["16 anggota"] = Family(crowd, [(crowd[3], {"ANM-KEL-04"})])
    crowd = family(28, HEAD, *[RELATIVE] * 14)
    made["15 anggota"] = Family(crowd, [(crowd[3], set())])
    a, b = family(43, HEAD, RELATIVE)
    made["dua kelurahan"] = Family([a, b], [(again(b, NO_KEL="1008"), {"ANM-KEL-05"})])
    a, b = family(45, HEAD, RELATIVE)
    made["anggota pindah ke kabupaten"] = Family([a, again(b, NO_KAB="15", NO_KEL="2001")], [(a, set())])
    a, b = family(47, HEAD, RELATIVE)
    made["anggota pindah ke kota 12.76"] = Family([a, again(b, NO_PROP="12", NO_KEL="1001")], [(a, set())])
    (a,) = family(49, RELATIVE)
    made["anggota tunggal"] = Family([a], [(a, {"ANM-KEL-01", "ANM-KEL-07"})])
    (a,) = family(50, HEAD)
    made["kepala tunggal"] = Family([a], [(a, set())])
    a, b = family(51, HEAD, "3")
    made["istri, kepala belum kawin"] = Family(
        [a, again(b, STAT_KWN="2")], [(a, {"ANM-HUB-04"}), (again(b, STAT_KWN="2"), set())]
    )
    a, b = family(53, HEAD, "3", STAT_KWN="2")
    made["istri, kepala kawin"] = Family([a, b], [(a, set())])
    a, b = family(55, HEAD, HEAD)
    made["tidak dikenal"] = Family([], [(a, set()), (b, set())])
    a, b = family(57, HEAD, RELATIVE)
    made["kepala dengan NIK rusak"] = Family([a, b], [(again(a, NIK=str(a["NIK"])[:15]), set())])
    a, b = family(59, HEAD, RELATIVE)
    made["kepala dua kali dalam berkas"] = Family([a, b], [(a, set()), (a, set())])
    a, b = family(61, HEAD, RELATIVE)
    made["kepala tanpa NIK di data kantor"] = Family([again(a, NIK="0"), b], [(b, set())])
    a, b = family(64, HEAD, CHILD)
    made["anak seumur kepala"] = Family([a, b], [(b, {"ANM-HUB-05"})])
    a, b = family(66, HEAD, CHILD, NIK="-")
    a, b = again(a, TGL_LHR=OLD), again(b, TGL_LHR="1970-02-14")
    made["anak seumur kepala, keduanya tanpa NIK"] = Family([a, b], [(b, {"ANM-HUB-05"})])
    a, b = family(68, HEAD, PARENT)
    a, b = again(a, TGL_LHR=OLD), again(b, TGL_LHR=YOUNG)
    made["orang tua lebih muda"] = Family([a, b], [(b, {"ANM-HUB-11"}), (a, set())])
    a, b = family(70, HEAD, WIFE, STAT_KWN="2")
    made["istri dengan NIK kepala, lebih dulu dalam berkas"] = Family(
        [a, b], [(again(b, NIK=a["NIK"]), set()), (a, set())]
    )
    a, b = family(72, HEAD, RELATIVE)
    made["sel status berisi spasi"] = Family([a, b], [(again(a, STAT_HIDUP=" ", FLAG_STATUS="-"), set())])
    made["orang lain tanpa NIK"] = Family([], [(resident(63, NIK="0"), set())])
    return made


FAMILIES = _families()


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[set[str]]]:
    """Family -> household findings of each received row, from one run over all families."""
    known = tuple(person for f in FAMILIES.values() for person in f.known)
    office, _ = found_office(tmp_path_factory.mktemp("keluarga") / "kantor", known)
    rows = [row for f in FAMILIES.values() for row, _ in f.received]
    receipt = receive_rows(office, tuple(rows))
    with open_store(office) as con:
        load(con, office, receipt)
        validate(con, receipt.agenda, Terms(AS_OF))
        facts = con.execute("select row_id, code from findings").fetchall()
    codes: dict[int, set[str]] = {}
    for row_id, code in facts:
        codes.setdefault(row_id - ROWS_PER_FILE - 2, set()).add(code)
    at, result = 0, {}
    for name, one in FAMILIES.items():
        result[name] = [codes.get(at + i, set()) & HOUSEHOLD for i in range(len(one.received))]
        at += len(one.received)
    return result


@pytest.mark.parametrize("name", FAMILIES)
def test_families_are_judged_as_the_catalogue_says(found: dict[str, list[set[str]]], name: str) -> None:
    """If this fails, a family is accused of something it is not, or its fault is not seen."""
    assert found[name] == [expected for _, expected in FAMILIES[name].received]


def test_every_household_rule_is_seen_here() -> None:
    """If this fails, a household rule was added that no family tests."""
    assert set().union(*(codes for f in FAMILIES.values() for _, codes in f.received)) == HOUSEHOLD
