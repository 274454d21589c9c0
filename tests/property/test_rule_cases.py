"""Each rule's own examples, and hundreds of families changed at random, judged by the rules and by a second opinion.

SINKRON_DEEP=1 in the environment judges ten times as many families.
"""

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import duckdb
import pytest
from office_kit.oracle import judges
from office_kit.oracle_cases import a_store, as_world, crowd_of_names, fill, joined, residents, through_gx
from office_kit.oracle_families import FAMILY_JUDGES
from office_kit.oracle_people import World
from office_kit.oracle_words import names_of_one_sex
from office_kit.oracle_worlds import apart, clean_case, example_worlds, mixed

from expectations.rules import BY_CODE, CATALOGUE, RULES, Level, Rule
from expectations.rules.cases import Case
from expectations.thresholds import DEFAULTS
from tasks.validate import Terms, define_batch, failing_rows

DEEP = 10 if os.environ.get("SINKRON_DEEP") else 1
AS_OF, LEAP_DAY = date(2026, 10, 5), date(2028, 2, 29)
DAYS = (AS_OF, date(2027, 2, 28), date(2028, 2, 28), date(2027, 3, 1))
SEEDS, FAMILIES, FEWEST = 6, 450, 12
NAMES = residents(crowd_of_names(SITI="2", BAMBANG="1"))
ROW_RULES = tuple(rule for rule in RULES if rule.is_row)
GROUPED = tuple(rule for rule in RULES if not rule.is_row)


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with a_store() as store:
        yield store


def judged(con: duckdb.DuckDBPyConnection, rules: tuple[Rule, ...], world: World, as_of: date) -> set[tuple[str, int]]:
    """(code, row_id) of all failing rows, by the rules' SQL."""
    fill(con, world)
    define_batch(con, "2026-0001", Terms(as_of.isoformat()))
    return {(code, n) for query in failing_rows(rules, DEFAULTS) for n, code in con.execute(query).fetchall()}


def accused(worlds: list[World], found: set[tuple[str, int]], code: str) -> list[bool]:
    """For each world, in the order they were joined: whether the rule has any of its rows."""
    numbers = {n for c, n in found if c == code}
    rows = iter(joined(worlds).rows)
    return [not numbers.isdisjoint([next(rows)["row_id"] for _ in world.rows]) for world in worlds]


Verdicts = dict[tuple[str, str], list[bool]]


@pytest.fixture(scope="module")
def row_verdicts(con: duckdb.DuckDBPyConnection) -> Verdicts:
    """(code, "breaks" or "keeps") -> verdicts of that row rule on its own examples, on several days."""
    verdicts: Verdicts = {}
    for as_of in DAYS:
        worlds, owners = [], []
        for rule in ROW_RULES:
            for kind, changes in (("breaks", rule.breaks), ("keeps", rule.keeps)):
                for seed in range(len(changes) * SEEDS * DEEP):
                    case = Case(random.Random(f"{rule.code}{kind}{seed}{as_of}"), as_of)  # noqa: S311 (examples)
                    changes[seed % len(changes)](case)
                    worlds.append(as_world(case))
                    owners.append((rule.code, kind))
        batch = joined(worlds)
        batch.register = NAMES
        found = judged(con, ROW_RULES, batch, as_of)
        rows = iter(batch.rows)
        for (code, kind), world in zip(owners, worlds, strict=True):
            mine = [(code, next(rows)["row_id"]) in found for _ in world.rows]
            verdicts.setdefault((code, kind), []).append(any(mine))
    return verdicts


@pytest.mark.parametrize("code", [rule.code for rule in ROW_RULES])
def test_row_rules_know_their_own_examples(row_verdicts: Verdicts, code: str) -> None:
    """If this fails, the catalogue shows staff an example that the rule does not see, or accuses a clean row."""
    assert len(row_verdicts[code, "breaks"]) >= len(DAYS) * SEEDS
    assert all(row_verdicts[code, "breaks"])
    assert not any(row_verdicts[code, "keeps"])


@pytest.mark.parametrize("code", [rule.code for rule in GROUPED])
def test_rules_of_several_rows_know_their_own_examples(con: duckdb.DuckDBPyConnection, code: str) -> None:
    """If this fails, the planted case of a family, pair or list rule is not flagged, or a clean family is."""
    rule = BY_CODE[code]
    for changes, expected in ((rule.breaks, True), (rule.keeps, False)):
        worlds = example_worlds(changes, SEEDS * DEEP, AS_OF)
        verdicts = accused(worlds, judged(con, (rule,), joined(worlds), AS_OF), code)
        assert [at % len(changes) for at, verdict in enumerate(verdicts) if verdict is not expected] == []


def test_clean_families_have_no_finding_at_all(con: duckdb.DuckDBPyConnection) -> None:
    """If this fails, a family without any fault is accused."""
    chance = random.Random(7)  # noqa: S311 (examples, not secrets)
    batch = joined(as_world(case) for case in apart(200 * DEEP, chance, AS_OF))
    batch.register += NAMES
    assert judged(con, RULES, batch, AS_OF) == set()
    known = joined(as_world(case, whole=False) for case in apart(100, chance, AS_OF))
    known.register = residents(known.rows) + NAMES
    assert judged(con, RULES, known, AS_OF) == set()


@pytest.mark.parametrize("as_of", [*DAYS, LEAP_DAY])
def test_a_clean_family_is_clean_on_every_day(con: duckdb.DuckDBPyConnection, as_of: date) -> None:
    """If this fails, ages are counted wrongly at the end of February and a clean family is accused."""
    assert judged(con, RULES, as_world(clean_case(random.Random(1), as_of)), as_of) == set()  # noqa: S311


def test_every_rule_has_examples_of_both_kinds() -> None:
    """If this fails, a rule is on paper only: nobody can show a row that breaks it, or one that keeps it."""
    assert all(rule.breaks and rule.keeps for rule in RULES)
    files = [rule for rule in CATALOGUE if rule.level is Level.FILE]
    assert len(files) == 7
    assert not [rule.code for rule in files if rule.sql or rule.breaks or rule.keeps or rule in RULES]


@dataclass
class Mixed:
    """Families changed at random: what the rules found through Great Expectations, and the second opinion."""

    world: World
    found: dict[str, set[int]]
    second: dict[str, set[int]]


@pytest.fixture(scope="module")
def families(con: duckdb.DuckDBPyConnection) -> list[Mixed]:
    made = []
    for seed, as_of in enumerate((AS_OF, LEAP_DAY)):
        world = mixed(FAMILIES * DEEP, seed, as_of)
        found, _ = through_gx(con, world, as_of)
        rows = judges(names_of_one_sex(world.register))
        second = {code: judge(world, as_of) for code, judge in FAMILY_JUDGES.items()}
        second |= {code: {int(str(r["row_id"])) for r in world.rows if rows[code](r, as_of)} for code in rows}
        made.append(Mixed(world, found, second))
    return made


def test_every_rule_of_several_rows_has_a_second_opinion() -> None:
    """If this fails, a rule was added that nobody checks independently."""
    assert sorted(FAMILY_JUDGES) == sorted(rule.code for rule in GROUPED)


@pytest.mark.parametrize("code", [rule.code for rule in RULES])
def test_two_implementations_agree_on_families(families: list[Mixed], code: str) -> None:
    """If this fails, a family is accused of something that is not so, or an anomaly of this kind is not seen."""
    for one in families:
        found = one.found.get(code, set())
        wrong = {"hanya aturan": found - one.second[code], "hanya pembanding": one.second[code] - found}
        assert not any(wrong.values()), {side: sorted(numbers)[:5] for side, numbers in wrong.items()}


@pytest.mark.parametrize("code", [rule.code for rule in GROUPED])
def test_no_rule_of_several_rows_is_judged_on_empty_examples(families: list[Mixed], code: str) -> None:
    """If this fails, two implementations agree only because nobody ever met the case."""
    failing, received = (sum(map(len, kind)) for kind in ((f.second[code] for f in families),
                                                          (f.world.rows for f in families)))  # fmt: skip
    assert FEWEST <= failing <= received // 2
