"""Every row rule, run by Great Expectations, against a second implementation: thousands of rows on the rules' edges.

SINKRON_DEEP=1 in the environment judges ten times as many rows.
"""

import os
import random
from collections import Counter
from dataclasses import dataclass
from datetime import date

import duckdb
import pytest
from office_kit.oracle import Judge, judges
from office_kit.oracle_cases import a_store, crowd_of_names, received, residents, through_gx
from office_kit.oracle_people import World
from office_kit.oracle_rows import exemplary, imagined, pooled
from office_kit.oracle_words import Row, jaro_winkler, names_of_one_sex

from expectations.rules import BY_CODE, RULES, Level

DEEP = 10 if os.environ.get("SINKRON_DEEP") else 1
DAYS = (date(2026, 2, 28), date(2028, 2, 29), date(2027, 3, 1))
POOLED, IMAGINED, EXAMPLES, FEWEST = 900, 200, 14, 30  # rows of each kind on each of the DAYS; fewest of each verdict
ROW_RULES = [rule.code for rule in RULES if rule.is_row]
REGISTER = residents(crowd_of_names(SITI="2", BAMBANG="1", ANI="2"))


@dataclass
class Judged:
    """The rows of one day, the row_ids each rule failed, and the row_ids the second opinion fails."""

    as_of: date
    rows: dict[int, Row]
    found: dict[str, set[int]]
    second: dict[str, set[int]]


def generated(as_of: date) -> list[Row]:
    chance = random.Random(as_of.toordinal())  # noqa: S311 (examples, not secrets)
    rows = pooled(as_of, POOLED * DEEP, chance) + imagined(as_of, IMAGINED * DEEP)
    return received(rows + exemplary(as_of, EXAMPLES * DEEP, chance))


@pytest.fixture(scope="module")
def judged() -> list[Judged]:
    mine: dict[str, Judge] = judges(names_of_one_sex(REGISTER))
    days = []
    with a_store() as con:
        for as_of in DAYS:
            rows = generated(as_of)
            found, _ = through_gx(con, World(rows, REGISTER), as_of)
            by_id = {int(str(row["row_id"])): row for row in rows}
            second = {code: {n for n, row in by_id.items() if mine[code](row, as_of)} for code in ROW_RULES}
            days.append(Judged(as_of, by_id, found, second))
    return days


def test_every_row_rule_has_a_second_opinion() -> None:
    """If this fails, a rule was added that nobody checks independently."""
    assert sorted(judges({})) == sorted(ROW_RULES)


@pytest.mark.parametrize("code", ROW_RULES)
def test_two_implementations_agree(judged: list[Judged], code: str) -> None:
    """If this fails, residents are accused of something that is not so, or an anomaly of this kind is not seen."""
    shown = ("nik", "no_kk", "nama_lgkp", "tgl_lhr", "tgl_lhr_raw", *BY_CODE[code].columns)
    for day in judged:
        found = day.found.get(code, set())
        only_rule, only_second = found - day.second[code], day.second[code] - found
        wrong = {
            side: [{k: day.rows[n][k] for k in shown} for n in sorted(numbers)[:3]]
            for side, numbers in (("hanya aturan", only_rule), ("hanya pembanding", only_second)) if numbers
        }  # fmt: skip
        assert not wrong, (day.as_of, len(only_rule), len(only_second), wrong)


@pytest.mark.parametrize("code", ROW_RULES)
def test_no_rule_is_judged_on_empty_examples(judged: list[Judged], code: str) -> None:
    """If this fails, two implementations agree only because nobody ever met the case."""
    failing = sum(len(day.second[code]) for day in judged)
    assert FEWEST <= failing <= sum(len(day.rows) for day in judged) - FEWEST
    assert all(day.second[code] for day in judged)


def test_more_than_two_hundred_failing_rows_are_all_kept(judged: list[Judged]) -> None:
    """If this fails, the 201st resident with an anomaly is forgotten (Great Expectations stops at 200)."""
    day = judged[0]
    many = [code for code in ROW_RULES if len(day.second[code]) > 250]
    assert len(many) > 5
    assert all(day.found[code] == day.second[code] for code in many)


def test_household_rules_stay_silent_about_unknown_families(judged: list[Judged]) -> None:
    """If this fails, a family of which the list shows only two members is said to have no head."""
    whole = {r.code for r in RULES if r.level is Level.HOUSEHOLD and "from household" in r.sql}
    assert len(whole) == 9
    assert not whole & set().union(*(day.found for day in judged))


def test_every_nik_that_is_not_sixteen_digits_is_found(judged: list[Judged]) -> None:
    """If this fails, a broken NIK falls between the rules and its row is closed as 'tidak terbukti'."""
    for day in judged:
        seen = set().union(*(day.found.get(f"ANM-NIK-0{n}", set()) for n in (1, 2, 3, 4)))
        whole = {n for n, row in day.rows.items() if len(str(row["nik"] or "")) == 16 and str(row["nik"]).isascii()
                 and str(row["nik"]).isdigit()}  # fmt: skip
        assert set(day.rows) - seen == whole
        told = Counter(n for n in range(1, 5) for _ in day.found[f"ANM-NIK-0{n}"])
        assert sum(told.values()) == len(seen), "satu NIK rusak ditemukan oleh tepat satu aturan"


def test_likeness_is_the_textbook_one() -> None:
    """If this fails, DuckDB changed Jaro-Winkler (prefix weight 0.1, 4 letters, above 0.7 only): all limits move."""
    chance = random.Random(4)  # noqa: S311 (examples, not secrets)
    words = ["SITI AMINAH", "SITI AMINA", "DARTO WIBOWO", "DARTO WIBAWA", "EKO", "EKA", "MOHAMAD", "MUHAMMAD"]
    words += ["".join(chance.choices("ABEI ", k=chance.randint(1, 9))) for _ in range(60)]
    con = duckdb.connect()
    found = con.execute("select a, b, jaro_winkler_similarity(a, b) from (select unnest($w) as a), "
                        "(select unnest($w) as b)", {"w": words}).fetchall()  # fmt: skip
    con.close()
    assert max(abs(jaro_winkler(a, b) - value) for a, b, value in found) < 1e-12
