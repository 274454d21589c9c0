"""Guards: evidence that no score overrules (handbook 2). Each promise to the office, and the model's guards as data."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from office_kit.mixtures import vectors
from office_kit.residents import again, born, nik_of, resident

from expectations.matching import BANDS, MATCH, MISSING, NONE, POSSIBLE, Guard, shipped
from tasks.resolve.band import bands
from tasks.resolve.link import Linked, link

MODEL = shipped()
COLUMNS = tuple(MODEL.columns)
ALIKE = ("name", "mother", "father", "place", "sex", "family", "address")
SAME = dict.fromkeys(ALIKE, "same") | {"birth": "usual", "nik": "else"}
NAMED_OTHERWISE = ("typo", "part", "jw 0.82", "else")


def banded(*pairs: dict[str, str], gap: float = 0.0) -> list[tuple[str, str | None]]:
    """Band and guard of pairs of which the model is certain."""
    told = vectors(MODEL, *pairs)
    found = bands(MODEL, np.ones(len(told)), told, np.full(len(told), gap))
    names = [*(guard.name for guard in MODEL.guards), None]
    return [(BANDS[band], names[guard]) for band, guard in zip(found.band, found.guard, strict=True)]


def test_certain_pairs_without_a_guard_are_matches() -> None:
    """If this fails, every pair goes to people and the tests below prove nothing."""
    assert banded(SAME, SAME | {"name": "sound", "nik": "same"}, {"name": "same"}) == [(MATCH, None)] * 3


@pytest.mark.parametrize("name", NAMED_OTHERWISE)
def test_twins_are_never_a_match(name: str) -> None:
    """If this fails, a score proposes to switch off the identity of a living twin."""
    twins = SAME | {"name": name}
    told = banded(
        twins,
        twins | {"birth": "same"},
        twins | {"mother": "sound"},
        twins | {"mother": "else"},
        twins | {"family": "else"},
    )
    assert [band for band, _ in told] == [POSSIBLE] * 5
    assert {guard for _, guard in told} <= {"twin", "twin of one family card"}


def test_one_nik_on_two_people_is_told() -> None:
    """If this fails, a NIK given to two people is taken as proof that they are one."""
    shared = {"nik": "same", "name": "else", "sex": "same"}
    assert banded(shared, shared | {"birth": "usual", "mother": "else"}) == [(POSSIBLE, "shared nik")] * 2


def test_man_and_woman_go_to_people() -> None:
    """If this fails, two people of different sex are one person because a score says so."""
    assert banded(SAME | {"sex": "else"}) == [(POSSIBLE, "sex")]


@pytest.mark.parametrize(("gap", "band"), [(14.9, MATCH), (15.0, POSSIBLE), (60.0, POSSIBLE)])
def test_a_generation_apart_goes_to_people(gap: float, band: str) -> None:
    """If this fails, a son named after his father is proposed for deactivation."""
    assert banded(SAME | {"birth": "slip"}, gap=gap)[0][0] == band


def test_unknown_values_limit_nothing() -> None:
    """If this fails, a resident whose sex or mother is not recorded can never be found twice."""
    for field in MODEL.fields:
        known = {name: level for name, level in SAME.items() if name != field.name}
        assert banded(known)[0] == (MATCH, None)


VECTOR = st.tuples(*(st.integers(MISSING, len(field.values) - 1) for field in MODEL.fields))


def holds(guard: Guard, vector: tuple[int, ...], gap: float) -> bool:
    """A guard's condition, word by word."""
    for asked, reaches in ((guard.at_least, True), (guard.below, False)):
        for name, level in asked.items():
            field, value = MODEL.fields[MODEL.field_at[name]], vector[MODEL.field_at[name]]
            if value == MISSING or (field.values[value][0] <= field.at(level)) is not reaches:
                return False
    return gap >= guard.gap_years


@given(VECTOR, st.floats(0, 1), st.floats(0, 100))
def test_no_probability_overrules_a_guard(vector: tuple[int, ...], probability: float, gap: float) -> None:
    """If this fails, a high score makes twins, father and son, or man and woman one person."""
    found = bands(MODEL, np.array([probability]), np.array([vector], np.int8), np.array([gap]))
    holding = [at for at, guard in enumerate(MODEL.guards) if holds(guard, vector, gap)]
    alone = (probability < MODEL.limits.match) + (probability < MODEL.limits.possible)
    asked = [at for at in holding if MODEL.guards[at].told or alone <= BANDS.index(MODEL.guards[at].limit)]
    assert found.guard[0] == (asked[0] if asked else -1)
    assert found.band[0] == (BANDS.index(MODEL.guards[asked[0]].limit) if asked else alone)


# --- through the whole linking --------------------------------------------------------------------------------------


def linked(*rows: dict[str, str | None]) -> Linked:
    """Two hundred residents and these at the end."""
    people = [*map(resident, range(300, 500)), *rows]
    return link(pl.DataFrame({column: [row[column.upper()] for row in people] for column in COLUMNS}))


def told(found: Linked) -> list[tuple[str, str | None]]:
    return found.pairs.filter(pl.col("left_row") >= 200).select("band", "guard").rows()


def other_nik(person: dict[str, str | None], serial: int) -> str:
    return nik_of(born(person), str(person["JENIS_KLMIN"]), serial)


def test_relatives_who_agree_on_nearly_everything_are_no_match() -> None:
    """If this fails, twins, namesakes of two generations, or people of one family card are merged."""
    man = resident(14)
    twin = again(man, NAMA_LGKP="SLAMET RAHARDJO", NIK=other_nik(man, 9600))
    son = again(man, TGL_LHR="1999-03-04", NIK=other_nik(man, 9601), NAMA_LGKP_AYAH=man["NAMA_LGKP"])
    brother = again(man, NAMA_LGKP="BAMBANG", TGL_LHR="1975-05-05", NIK=other_nik(man, 9602))
    for relative in (twin, son, brother):
        assert MATCH not in {band for band, _ in told(linked(man, relative))}


def test_one_nik_on_two_people_is_no_match() -> None:
    """If this fails, of two residents who were given one NIK one is switched off."""
    one, other = resident(14), again(resident(31), NIK=resident(14)["NIK"])
    assert MATCH not in {band for band, _ in told(linked(one, other))}
    alike = again(one, NAMA_LGKP="WAGIMIN", TGL_LHR="1999-01-02")  # of one family, one address
    assert told(linked(one, alike)) in ([(POSSIBLE, "shared nik")], [(POSSIBLE, None)], [(NONE, None)], [])


def test_a_chain_goes_to_people() -> None:
    """If this fails, records that resemble only their neighbour are one person without anybody looking."""
    rows = [again(resident(14), NIK=None, ALAMAT=f"JL {n} A") for n in range(12)]
    found = linked(*rows)
    assert (POSSIBLE, "chain") in told(found)
    held = found.clusters["cluster"]
    apart = found.pairs.filter(held.gather(found.pairs["left_row"]) != held.gather(found.pairs["right_row"]))
    assert MATCH not in set(apart["band"])
