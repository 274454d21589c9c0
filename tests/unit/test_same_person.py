"""Duplicates: who is one person, who is not, and who only looks like it (handbook 2, 8, 10)."""

import polars as pl
import pytest
from office_kit.files import Row
from office_kit.memory import AGENDA, linked, memory_store
from office_kit.residents import again, born, nik_of, resident

from expectations.matching import FIELDS, KINDS, MAX_BLOCK, MAX_CLUSTER
from tasks.resolve import resolve
from tasks.resolve.band import MATCH, NONE, POSSIBLE
from tasks.resolve.cluster import cluster
from tasks.resolve.records import identify
from tasks.resolve.run import judge
from tasks.resolve.survive import OUTSIDE, UNDECIDED, survive

PERSON = resident(1)


def other_nik(person: Row, serial: int) -> str:
    return nik_of(born(person), str(person["JENIS_KLMIN"]), serial)


def twins(number: int, names: tuple[str, str], serial: int) -> tuple[Row, Row]:
    first = resident(number, NAMA_LGKP=names[0])
    return first, again(first, NAMA_LGKP=names[1], NIK=other_nik(first, serial))


TWINS = {
    "named differently": twins(1, ("HASAN WIJAYA", "HUSEN WIJAYA"), 9002),
    "DWI and TRI": twins(2, ("DWI LESTARI", "TRI LESTARI"), 9003),
    "RINA and RANI": twins(3, ("RINA", "RANI"), 9004),
    "second names alike": twins(4, ("SEKAR ARUM", "MENUR ARUM"), 9005),
    "numbers far apart": twins(5, ("HASAN WIJAYA", "HUSEN WIJAYA"), 9500),
}
TWINS_ALIKE = {
    names[1]: twins(number, names, 9001 + number)
    for number, names in enumerate(
        [("NURUL HIDAYAH", "NURUL HIDAYATI"), ("PUTRI AYU", "PUTRA AYU"), ("EKO UTOMO", "EKO UTAMO"), ("M ALI",
        "M ALWI")], 6)
}  # fmt: skip
SAME = {
    "moved": (
        resident(10),
        resident(10, NIK=other_nik(resident(10), 9500), NO_KK="3576021406129510", ALAMAT="JL JAUH 1"),
    ),
    "same address": (resident(11), resident(11, NIK=other_nik(resident(11), 9500))),
    "no NIK": (resident(12), resident(12, NIK=None)),
    "a slip in the name, moved": (
        resident(19, NAMA_LGKP="RAHHARTO IONO"),
        resident(
            19, NAMA_LGKP="ARHHARTO IONO", NIK=other_nik(resident(19), 9519), NO_KK="3576021406129511", ALAMAT="JL 2"
        ),
    ),
    "no father": (resident(13), resident(13, NIK=other_nik(resident(13), 9500), NAMA_LGKP_AYAH="-")),
}
FATHER = resident(14)
SON = resident(16, NAMA_LGKP=FATHER["NAMA_LGKP"], NO_KK=FATHER["NO_KK"], ALAMAT=FATHER["ALAMAT"], TGL_LHR="1989-03-04",
               NAMA_LGKP_AYAH=FATHER["NAMA_LGKP"])  # fmt: skip
GRANDSON = again(SON, NIK=other_nik(SON, 9516), NAMA_LGKP_IBU=FATHER["NAMA_LGKP_IBU"], TMPT_LHR=FATHER["TMPT_LHR"],
                 NAMA_LGKP_AYAH=FATHER["NAMA_LGKP_AYAH"], TGL_LHR=f"1999{str(FATHER['TGL_LHR'])[4:]}")  # fmt: skip
OTHERS = {
    "father and son of one name": (FATHER, SON),
    "and everything else alike": (FATHER, GRANDSON),
    "man and woman of one name": (resident(18), resident(18, NIK=other_nik(resident(18), 9518), JENIS_KLMIN="2")),
}
NO_NIK = (None, "", "0", "-", " - ", "000", "12345", "3,57602E+15", "357602110480900O", "0000000000000000")
STRANGERS = {
    f"{at} {nik}": (resident(number, NIK=nik), resident(number + 1, NIK=nik, **birth))
    for at, nik in enumerate(NO_NIK)
    for number, birth in ((20 + 4 * at, {}), (22 + 4 * at, {"TGL_LHR": resident(22 + 4 * at)["TGL_LHR"]}))
}
ALL = TWINS | TWINS_ALIKE | SAME | OTHERS | STRANGERS


@pytest.fixture(scope="module")
def band_of() -> dict[str, str]:
    """The band of each pair above, all linked in one letter; "bukan" when a pair is not even compared."""
    rows = [row for pair in ALL.values() for row in pair]
    found = {
        (left, right): band
        for left, right, band in judge(linked((), rows)).select("left_id", "right_id", "band").rows()
    }
    ids = [f"B{10_000_002 + at}" for at in range(len(rows))]
    return {name: found.get((ids[2 * at], ids[2 * at + 1]), NONE) for at, name in enumerate(ALL)}


@pytest.mark.parametrize("name", TWINS)
def test_twins_are_never_duplicates(band_of: dict[str, str], name: str) -> None:
    """If this fails, the office proposes to switch off the identity of a living twin."""
    assert band_of[name] == NONE


@pytest.mark.parametrize("name", TWINS_ALIKE)
def test_twins_with_names_alike_are_left_to_people(band_of: dict[str, str], name: str) -> None:
    """If this fails, twins named alike, with consecutive numbers in one family, are taken for one person."""
    assert band_of[name] != MATCH


@pytest.mark.parametrize("name", SAME)
def test_the_same_person_twice_is_found(band_of: dict[str, str], name: str) -> None:
    """If this fails, the one thing the centre asks for is not found: one person with two NIKs."""
    assert band_of[name] == MATCH


@pytest.mark.parametrize("name", OTHERS)
def test_people_of_one_name_are_not_one_person(band_of: dict[str, str], name: str) -> None:
    """If this fails, a son named after his father is proposed for deactivation."""
    assert band_of[name] != MATCH


@pytest.mark.parametrize("name", STRANGERS)
def test_missing_and_broken_niks_are_never_the_same_nik(band_of: dict[str, str], name: str) -> None:
    """If this fails, everybody without a NIK is one person."""
    assert band_of[name] == NONE


def test_a_missing_nik_is_nobody_in_the_register() -> None:
    """If this fails, a row without NIK is written to a resident who also has none."""
    known = [resident(n, NIK=nik) for n, nik in enumerate(NO_NIK)]
    received = [resident(n + 20, NIK=nik) for n, nik in enumerate(NO_NIK)]
    assert identify(memory_store(known, received), AGENDA) == 0


def test_dashes_are_no_evidence() -> None:
    """If this fails, two empty fields make strangers alike."""
    empty = {"NAMA_LGKP_IBU": "-", "NAMA_LGKP_AYAH": None, "TMPT_LHR": " - ", "ALAMAT": "-", "NO_KK": "0"}
    pair = judge(linked((), [again(PERSON, **empty), again(PERSON, **empty, NIK=other_nik(PERSON, 9500))]))
    assert pair["reason"][0].count("tidak diisi") == len(empty)


@pytest.mark.parametrize("rows", [[PERSON], [resident(2, NIK="0000000000000000")], [resident(3), resident(5)]])
def test_too_few_records_to_compare(rows: list[Row]) -> None:
    """If this fails, a letter about one resident, in an office without baseline, stops with a traceback."""
    con = memory_store((), rows)
    summary = resolve(con, AGENDA)
    assert (summary["records"], summary["candidates"], summary["clusters"]) == (len(rows), 0, 0)


def test_common_values_do_not_explode() -> None:
    """If this fails, 1 July (the registry's unknown date) compares everybody with everybody."""
    crowd = [again(resident(at), TGL_LHR="1960-07-01", NAMA_LGKP_IBU="SITI", NIK=f"357602010760{9100 + at}")
             for at in range(MAX_BLOCK + 10)]  # fmt: skip
    assert judge(linked((), crowd)).height < MAX_BLOCK * 10


def test_residents_are_not_compared_among_themselves() -> None:
    """If this fails, a letter about ten people reports duplicates the centre never asked about."""
    twice = again(PERSON, NIK=other_nik(PERSON, 9500))
    found = judge(linked([PERSON, twice, resident(2)], [resident(2)]))
    assert not found.filter((pl.col("left_id") == "P1") & (pl.col("right_id") == "P2")).height


IDENTITIES = {
    "same NIK": (PERSON, PERSON, "P1"),
    "same NIK, other name": (PERSON, again(PERSON, NAMA_LGKP="LAIN SEKALI"), "P1"),
    "same NIK, other birth date": (PERSON, again(PERSON, TGL_LHR="1999-01-01"), "P1"),
    "same NIK, other name and birth date": (
        PERSON,
        again(PERSON, NAMA_LGKP="LAIN SEKALI", TGL_LHR="1999-01-01"),
        "B10000002",
    ),
    "other NIK, same person": (PERSON, again(PERSON, NIK=other_nik(PERSON, 9500)), "B10000002"),
    "NIK with an impossible date": (resident(2, NIK="3576023213629002"), resident(2, NIK="3576023213629002"), "P1"),
    "temporary NIK": (resident(2, NIK="0576020301629002"), resident(2, NIK="0576020301629002"), "P1"),
    "placeholder NIK, other person": (
        resident(2, NIK="0" * 16),
        resident(4, NIK="0" * 16, TGL_LHR=resident(2)["TGL_LHR"]),
        "B10000002",
    ),
    "broken NIK, same person": (PERSON, again(PERSON, NIK="357602"), "P1"),
    "broken NIK, other mother": (PERSON, again(PERSON, NIK="357602", NAMA_LGKP_IBU="LAIN"), "B10000002"),
    "broken NIK, no mother": (
        again(PERSON, NAMA_LGKP_IBU="-"),
        again(PERSON, NIK="357602", NAMA_LGKP_IBU="-"),
        "B10000002",
    ),
}


@pytest.mark.parametrize("name", IDENTITIES)
def test_who_a_received_row_stands_for(name: str) -> None:
    """If this fails, a row is written to somebody else's record, or nobody's."""
    known, received, record = IDENTITIES[name]
    con = memory_store([known], [received])
    con.execute("insert into findings select agenda, row_id, 'ANM-NIK-02' from extract_rows where length(nik) <> 16")
    identify(con, AGENDA)
    assert con.execute("select record_id from identities").fetchall() == [(record,)]


def test_a_nik_that_two_residents_share_identifies_neither() -> None:
    """If this fails, one of two residents with the same NIK gets the other's correction."""
    con = memory_store([PERSON, again(PERSON, NAMA_LGKP="PURWA LAIN")], [PERSON])
    assert identify(con, AGENDA) == 0


def chain(length: int) -> pl.DataFrame:
    ids = [f"P{at:02d}" for at in range(length)]
    return pl.DataFrame({"left_id": ids[:-1], "right_id": ids[1:], "band": [MATCH] * (length - 1)})


def test_groups_larger_than_a_life_are_not_believed() -> None:
    """If this fails, a chain of look-alikes makes a dozen residents one person."""
    pairs, members = cluster(chain(MAX_CLUSTER))
    assert (members.height, members["cluster_id"].unique().to_list()) == (MAX_CLUSTER, ["P00"])
    assert set(pairs["band"]) == {MATCH}
    pairs, members = cluster(chain(MAX_CLUSTER + 1))
    assert members.is_empty()
    assert set(pairs["band"]) == {POSSIBLE}


def test_only_matches_join_a_group() -> None:
    """If this fails, a mere possibility merges two people's cases."""
    pairs = pl.DataFrame(
        {"left_id": ["P1", "P2", "P5"], "right_id": ["P2", "P3", "P6"], "band": [MATCH, POSSIBLE, NONE]}
    )
    same, members = cluster(pairs)
    assert sorted(members["record_id"]) == ["P1", "P2"]
    assert same["band"].to_list() == pairs["band"].to_list()


STAYS = {
    "one recorded": (["CARD PRINTED", "BELUM REKAM"], ["3576", "3576"], [True, False], None),
    "one recorded of three": (["BELUM REKAM", None, "BIO CAPTURED"], ["3576"] * 3, [False, False, True], None),
    "both recorded": (["CARD PRINTED", "PRINT READY RECORD"], ["3576", "3576"], [None, None], UNDECIDED),
    "none recorded": (["BELUM REKAM", None], ["3576", "3576"], [None, None], UNDECIDED),
    "duplicate record is not recorded": (["DUPLICATE RECORD", "CARD PRINTED"], ["3576", "3576"], [False, True], None),
    "one outside": (["CARD PRINTED", "BELUM REKAM"], ["3576", "3515"], [None, None], OUTSIDE),
    "one unknown place": (["CARD PRINTED", "BELUM REKAM"], ["3576", None], [None, None], OUTSIDE),
}


@pytest.mark.parametrize("name", STAYS)
def test_which_nik_stays(name: str) -> None:
    """If this fails, the NIK with the KTP-el is proposed inactive, or another regency's resident is decided on here."""
    status, city, expected, basis = STAYS[name]
    ids = [f"P{at}" for at in range(len(status))]
    members = pl.DataFrame({"record_id": ids, "cluster_id": ["P0"] * len(ids)})
    facts = pl.DataFrame({"record_id": ids, "ektp_status": status, "city": city})
    answer = survive(members, facts)
    assert answer["survives"].to_list() == expected
    assert basis is None or set(answer["basis"]) == {basis}


def test_the_model_is_a_model() -> None:
    """If this fails, the shipped probabilities are none, or a field has more levels than probabilities."""
    assert sum(kind.prior for kind in KINDS) == pytest.approx(1)
    for kind in KINDS:
        assert set(kind.levels) == {field.name for field in FIELDS}
        for field in FIELDS:
            assert len(kind.levels[field.name]) == len(field.levels)
            assert sum(kind.levels[field.name]) == pytest.approx(1)
