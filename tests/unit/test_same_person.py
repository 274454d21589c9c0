"""Duplicates: who is one person, who is not, and who only looks like it (handbook 2, 8, 10)."""

import polars as pl
import pytest
from office_kit.files import Row
from office_kit.memory import AGENDA, linked, memory_store
from office_kit.residents import again, born, nik_of, resident

from expectations.matching import BAND_WORDS, MATCH, NONE, POSSIBLE, shipped
from tasks.resolve.records import identify
from tasks.resolve.run import link_records, pairs_of, resolve
from tasks.resolve.survive import OUTSIDE, UNDECIDED, survive

UNDECIDED_YET = pl.DataFrame(schema={"left_id": pl.String, "right_id": pl.String, "same": pl.Boolean})
Answer = tuple[str, str | None, str | None]  # band, kind, guard


def judge(known: pl.DataFrame) -> pl.DataFrame:
    """The pairs of these records that the office is told."""
    return pairs_of(known, link_records(known, UNDECIDED_YET))


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
    "no father": (resident(13), resident(13, NIK=other_nik(resident(13), 9500), NAMA_LGKP_AYAH="-")),
}
SLIPS = {
    "a slip in the name, moved": (
        resident(19, NAMA_LGKP="RAHHARTO IONO"),
        resident(
            19, NAMA_LGKP="ARHHARTO IONO", NIK=other_nik(resident(19), 9519), NO_KK="3576021406129511", ALAMAT="JL 2"
        ),
    ),
    "half the name": (
        resident(70, NAMA_LGKP="WIDURI TEJANINGRUM"),
        resident(70, NAMA_LGKP="WIDURI", NIK=other_nik(resident(70), 9570)),
    ),
}  # fmt: skip
FATHER = resident(14)
SON = resident(16, NAMA_LGKP=FATHER["NAMA_LGKP"], NO_KK=FATHER["NO_KK"], ALAMAT=FATHER["ALAMAT"], TGL_LHR="1989-03-04",
               NAMA_LGKP_AYAH=FATHER["NAMA_LGKP"])  # fmt: skip
GRANDFATHER = resident(71)
NAMESAKE = again(GRANDFATHER, NIK=other_nik(GRANDFATHER, 9571), TGL_LHR=f"1999{str(GRANDFATHER['TGL_LHR'])[4:]}")
OTHERS = {
    "father and son of one name": (FATHER, SON),
    "and everything else alike": (GRANDFATHER, NAMESAKE),
    "man and woman of one name": (resident(18), resident(18, NIK=other_nik(resident(18), 9518), JENIS_KLMIN="2")),
}
NO_NIK = (None, "", "0", "-", " - ", "000", "12345", "3,57602E+15", "357602110480900O", "0000000000000000")
STRANGERS = {
    f"{at} {nik}": (resident(number, NIK=nik), resident(number + 1, NIK=nik, **birth))
    for at, nik in enumerate(NO_NIK)
    for number, birth in ((20 + 4 * at, {}), (22 + 4 * at, {"TGL_LHR": resident(22 + 4 * at)["TGL_LHR"]}))
}
SHARED_NIK = {
    "strangers": (resident(72), again(resident(77), NIK=resident(72)["NIK"])),
    "of one family": (resident(73), again(resident(73), NAMA_LGKP="WAGIMIN", TGL_LHR="1999-01-02")),
}
NAMED_APART = {
    "HASAN AND TRI": twins(74, ("BAGASKORO", "TRI UNDUH"), 9075),
    "DWI AND KENANGA": twins(75, ("DWI", "KENANGA ARUM"), 9076),
}
ALL = TWINS | TWINS_ALIKE | SAME | SLIPS | OTHERS | SHARED_NIK | NAMED_APART | STRANGERS


UNTOLD = (BAND_WORDS[NONE], None, None)


def answers(found: pl.DataFrame) -> dict[frozenset[str], Answer]:
    told = found.select("left_id", "right_id", "band", "kind", "guard").rows()
    return {frozenset((left, right)): (band, kind, guard) for left, right, band, kind, guard in told}


@pytest.fixture(scope="module", params=["in one letter", "each alone"])
def answer_of(request: pytest.FixtureRequest) -> dict[str, Answer]:
    """What each pair above is told as; "bukan" when it is not even told."""
    if request.param == "each alone":
        return {name: next(iter(answers(judge(linked((), pair))).values()), UNTOLD) for name, pair in ALL.items()}
    rows = [row for pair in ALL.values() for row in pair]
    found = answers(judge(linked((), rows)))
    ids = [f"B{10_000_002 + at}" for at in range(len(rows))]
    return {name: found.get(frozenset(ids[2 * at : 2 * at + 2]), UNTOLD) for at, name in enumerate(ALL)}


def test_every_story_is_of_two_records() -> None:
    """If this fails, a story below is about one record told twice, and passes whatever the matcher says."""
    for pair in ALL.values():
        assert linked((), pair).height == 2
    rows = [row for pair in ALL.values() for row in pair]
    assert linked((), rows).height == len(rows)


@pytest.mark.parametrize("name", TWINS | TWINS_ALIKE | NAMED_APART)
def test_twins_are_never_a_match(answer_of: dict[str, Answer], name: str) -> None:
    """If this fails, the office proposes to switch off the identity of a living twin."""
    assert answer_of[name][0] != BAND_WORDS[MATCH]


@pytest.mark.parametrize("name", NAMED_APART)
def test_twins_with_other_names_are_told_as_twins(answer_of: dict[str, Answer], name: str) -> None:
    """If this fails, the Kasi is not told that two people born together are twins and no duplicates."""
    assert answer_of[name][1] == "kembar"


@pytest.mark.parametrize("name", SAME)
def test_the_same_person_twice_is_found(answer_of: dict[str, Answer], name: str) -> None:
    """If this fails, the one thing the centre asks for is not found: one person with two NIKs."""
    assert answer_of[name][0] == BAND_WORDS[MATCH]


@pytest.mark.parametrize("name", SLIPS)
def test_a_person_who_may_be_a_twin_is_asked_about(answer_of: dict[str, Answer], name: str) -> None:
    """If this fails, who was registered again with a slip in the name is decided without people, or not found."""
    assert answer_of[name][0] == BAND_WORDS[POSSIBLE]


@pytest.mark.parametrize("name", OTHERS)
def test_people_of_one_name_are_not_one_person(answer_of: dict[str, Answer], name: str) -> None:
    """If this fails, a son named after his father is proposed for deactivation."""
    assert answer_of[name][0] != BAND_WORDS[MATCH]


@pytest.mark.parametrize("name", SHARED_NIK)
def test_one_nik_on_two_people_does_not_make_them_one(answer_of: dict[str, Answer], name: str) -> None:
    """If this fails, of two residents who were given one NIK one is switched off."""
    assert answer_of[name][0] != BAND_WORDS[MATCH]


@pytest.mark.parametrize("name", STRANGERS)
def test_missing_and_broken_niks_are_never_the_same_nik(answer_of: dict[str, Answer], name: str) -> None:
    """If this fails, everybody without a NIK is one person."""
    assert answer_of[name][0] == BAND_WORDS[NONE]


def test_a_missing_nik_is_nobody_in_the_register() -> None:
    """If this fails, a row without NIK is written to a resident who also has none."""
    known = [resident(n, NIK=nik) for n, nik in enumerate(NO_NIK)]
    received = [resident(n + 20, NIK=nik) for n, nik in enumerate(NO_NIK)]
    assert identify(memory_store(known, received), AGENDA) == 0


def test_dashes_are_no_evidence() -> None:
    """If this fails, two empty fields make strangers alike."""
    empty = {"NAMA_LGKP_IBU": "-", "NAMA_LGKP_AYAH": None, "TMPT_LHR": " - ", "ALAMAT": "-", "NO_KK": "0"}
    pair = judge(linked((), [again(PERSON, **empty), again(PERSON, **empty, NIK=other_nik(PERSON, 9500))]))
    missing = pair["reason"][0].partition("Tidak diisi atau tidak terbaca: ")[2].partition(".")[0]
    assert set(missing.split("; ")) == {"nama ibu", "nama ayah", "tempat lahir", "alamat", "nomor KK"}


@pytest.mark.parametrize("rows", [[PERSON], [resident(2, NIK="0000000000000000")], [resident(3), resident(5)]])
def test_too_few_records_to_compare(rows: list[Row]) -> None:
    """If this fails, a letter about one resident, in an office without baseline, stops with a traceback."""
    con = memory_store((), rows)
    summary = resolve(con, AGENDA)
    assert (summary["records"], summary["candidates"], summary["clusters"]) == (len(rows), 0, 0)


def test_common_values_do_not_explode() -> None:
    """If this fails, 1 July (the registry's unknown date) compares everybody with everybody."""
    blocking = shipped().blocking
    crowd = [again(resident(at), TGL_LHR="1960-07-01", NAMA_LGKP_IBU="SITI", NIK=f"357602010760{9100 + at}")
             for at in range(300)]  # fmt: skip
    found = link_records(linked((), crowd), UNDECIDED_YET)
    assert found.candidates < 300 * blocking.cap * len(blocking.keys) / 2


def test_residents_are_not_compared_among_themselves() -> None:
    """If this fails, a letter about ten people reports duplicates the centre never asked about."""
    twice = [again(resident(n), NIK=other_nik(resident(n), 9500 + n)) for n in (1, 2)]
    found = answers(judge(linked([PERSON, twice[0], resident(2), twice[1]], [resident(2)])))
    assert frozenset(("P1", "P2")) not in found
    assert found[frozenset(("P3", "P4"))][0] == BAND_WORDS[MATCH]


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
