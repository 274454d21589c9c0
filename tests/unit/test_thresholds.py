"""The Kabid's numbers: each one moves a verdict, an odd one is refused, and a batch records what it was judged by."""

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import duckdb
import pytest
from office_kit.oracle_cases import AGENDA, a_store, as_world, crowd_of_names, fill, residents, through_gx
from office_kit.oracle_worlds import clean_case

from expectations.rules import BY_CODE, Rule
from expectations.rules.cases import Case
from expectations.thresholds import DEFAULTS, THRESHOLDS, checked
from tasks.validate import Terms, define_batch, failing_rows

AS_OF = date(2026, 10, 5)
Change = Callable[[Case], object]


def crowd(case: Case) -> None:
    for n in range(12):
        case.copy(case.head, nik=case.nik(case.head, serial=f"95{n:02d}"), stat_hbkel="9")


def twins(case: Case) -> None:
    case.put(case.child, nama_lgkp="SITI AMINAH")
    case.put(case.sibling, nama_lgkp="SITI RAHMAH", tgl_lhr=case.child["tgl_lhr"])


def other_mother(case: Case) -> None:
    case.put(case.wife, nama_lgkp="SITI AMINAH")
    case.put(case.sibling, nama_lgkp_ibu="SITI AMINAH")
    case.put(case.child, nama_lgkp_ibu="SUTI AMANDA")


def twice(case: Case) -> None:
    case.copy(case.wife, nik=case.number("010190"), nama_lgkp_ibu="SUMIYATUN")


# Threshold -> the rule that reads it, a family on its edge, and the value that turns the verdict round.
EDGES: dict[str, tuple[str, Change, int]] = {
    "head_min_age": ("ANM-KEL-06", lambda c: c.put(c.head, tgl_lhr=c.born(16), stat_kwn="1"), 16),
    "household_max": ("ANM-KEL-04", crowd, 16),
    "child_gap": ("ANM-HUB-05", lambda c: c.put(c.child, tgl_lhr=c.born(34)), 11),
    "mother_min_gap": ("ANM-HUB-06", lambda c: c.put(c.child, tgl_lhr=c.born(31)), 11),
    "mother_max_gap": ("ANM-HUB-06", lambda c: c.put(c.wife, tgl_lhr=c.born(72)), 65),
    "father_min_gap": ("ANM-HUB-07", lambda c: c.put(c.child, tgl_lhr=c.born(33)), 12),
    "father_max_gap": ("ANM-HUB-07", lambda c: c.put(c.head, tgl_lhr=c.born(95)), 90),
    "sibling_max_gap": (
        "ANM-HUB-10", lambda c: c.put(c.sibling, tgl_lhr=c.child["tgl_lhr"] + timedelta(days=100)), 99),
    "same_name": ("ANM-HUB-09", other_mother, 70),
    "twin_name": ("GND-09", twins, 85),
    "same_mother": ("GND-03", twice, 92),
    "short_name": ("ANM-NAM-03", lambda c: c.any(nama_lgkp="BI"), 1),
    "long_name": ("ANM-NAM-06", lambda c: c.any(nama_lgkp="A" * 61), 61),
    "max_age": ("ANM-TGL-04", lambda c: c.any(tgl_lhr=c.born(125)), 125),
    "verify_age": ("ANM-TGL-05", lambda c: c.any(tgl_lhr=c.born(100)), 101),
    "adult_age": ("ANM-KWN-01", lambda c: c.any(stat_kwn="2", tgl_lhr=c.born(18)), 18),
    "min_marriage_age": ("ANM-KWN-02", lambda c: c.any(stat_kwn="2", tgl_lhr=c.born(12)), 12),
    "working_age": ("ANM-PKJ-01", lambda c: c.put(c.child, jenis_pkrjn="15"), 14),
    "student_max_age": ("ANM-PKJ-02", lambda c: c.put(c.head, jenis_pkrjn="3"), 45),
    "pension_min_age": ("ANM-PKJ-03", lambda c: c.any(jenis_pkrjn="4", tgl_lhr=c.born(37)), 37),
    "service_min_age": ("ANM-PKJ-04", lambda c: c.any(jenis_pkrjn="6", tgl_lhr=c.born(17)), 17),
    "service_max_age": ("ANM-PKJ-04", lambda c: c.any(jenis_pkrjn="6", tgl_lhr=c.born(70)), 70),
    "recording_age": ("ANM-HDP-03", lambda c: c.put(c.head, ektp_status=None, tgl_lhr=c.born(24)), 24),
    "dormant_years": ("ANM-HDP-04", lambda c: c.put(c.head, ektp_status=None, tgl_ubah=c.born(7)), 7),
    "name_sex_count": ("ANM-NAM-10", lambda c: c.put(c.head, nama_lgkp="SITI W"), 27),
    "name_sex_ratio": ("ANM-NAM-10", lambda c: c.put(c.head, nama_lgkp="SITI W"), 26),
}  # fmt: skip


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with a_store() as store:
        yield store


def flagged(con: duckdb.DuckDBPyConnection, rule: Rule, change: Change, thresholds: dict[str, int]) -> bool:
    case = clean_case(random.Random(3), AS_OF)  # noqa: S311 (an example, not a secret)
    change(case)
    world = as_world(case)
    world.register = residents([*crowd_of_names(SITI="2"), crowd_of_names(JOKO="1")[0] | {"nama_lgkp": "SITI"}])
    fill(con, world)
    define_batch(con, AGENDA, Terms(AS_OF.isoformat(), thresholds))
    return any(con.execute(query).fetchall() for query in failing_rows((rule,), thresholds))


@pytest.mark.parametrize("name", DEFAULTS)
def test_every_threshold_moves_a_verdict(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """If this fails, the Kabid sets a number and nothing changes, or it changes another rule than it says."""
    code, change, value = EDGES[name]
    assert flagged(con, BY_CODE[code], change, DEFAULTS)
    assert not flagged(con, BY_CODE[code], change, DEFAULTS | {name: value})


@pytest.mark.parametrize("threshold", THRESHOLDS, ids=lambda threshold: threshold.name)
def test_values_within_bounds_are_taken_and_others_refused(threshold) -> None:
    """If this fails, a slip of the finger (170 for 17) silences a rule for the whole city."""
    for value in (threshold.lowest, threshold.highest):
        assert checked({threshold.name: value}) == (DEFAULTS | {threshold.name: value}, [])
    for wrong in (threshold.lowest - 1, threshold.highest + 1, str(threshold.value), 17.0, None, True):
        values, told = checked({threshold.name: wrong})
        assert values == DEFAULTS
        assert len(told) == 1
        assert threshold.name in told[0]
        fixed = threshold.lowest == threshold.highest
        assert (f"tetap {threshold.value}" if fixed else f"{threshold.lowest}-{threshold.highest}") in told[0]


def test_all_wrong_thresholds_are_told_at_once() -> None:
    """If this fails, the Kabid mends one number, runs again, and is told the next."""
    values, told = checked({"umur_kepala": 3, "max_age": 7, "child_gap": 14, "x" * 99: 1})
    assert len(told) == 3
    assert values == DEFAULTS | {"child_gap": 14}
    assert all(len(line) < 100 for line in told)


def test_a_batch_records_the_numbers_it_was_judged_by(con: duckdb.DuckDBPyConnection) -> None:
    """If this fails, nobody can say afterwards why a resident was, or was not, found (BPK asks)."""
    case = clean_case(random.Random(3), AS_OF)  # noqa: S311 (an example, not a secret)
    case.put(case.child, jenis_pkrjn="15")
    asked = DEFAULTS | {"working_age": 14, "verify_age": 45, "mother_min_gap": 20}
    found, summary = through_gx(con, as_world(case), AS_OF, asked)
    assert summary["thresholds"] == asked
    row = as_world(case).rows
    assert found == {"ANM-TGL-05": {row[0]["row_id"]}}  # 45 years old; the child's work is no finding at 14
    assert summary["rules"] == {"ANM-TGL-05": 1}
