"""One wrong element explains several findings: the probable root cause, and what its correction would change."""

import copy
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import duckdb
import pytest
from office_kit.oracle import judges
from office_kit.oracle_cases import AGENDA, a_store, as_world, findings, residents, through_gx
from office_kit.oracle_people import World
from office_kit.oracle_words import Row, names_of_one_sex
from office_kit.oracle_worlds import clean_case, mixed

from expectations.columns import DATES
from expectations.hypotheses import OWN_NIK, REGISTER
from expectations.rules import BY_CODE, RULES, Severity
from expectations.rules.cases import Case
from tasks.propose import propose
from tasks.propose.causes import build_causes
from tasks.resolve.records import identify
from tasks.validate import Terms, validate

AS_OF = date(2026, 10, 5)
ROW_CODES = {rule.code for rule in RULES if rule.is_row}


@dataclass(frozen=True)
class Cause:
    """One line of ``root_causes``; the value stays out of messages."""

    row_id: int
    rank: int
    element: str
    source: str
    value: str = field(repr=False)
    resolves: frozenset[str]
    raises: frozenset[str]


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with a_store() as store:
        yield store


def causes_of(con: duckdb.DuckDBPyConnection, world: World) -> tuple[dict[str, set[int]], list[Cause]]:
    """What GX finds in a world, and the causes offered for it."""
    found, _ = through_gx(con, world, AS_OF)
    identify(con, AGENDA)
    explained = build_causes(con, AGENDA)
    lines = con.execute("select row_id, rank, element, source, value, resolves, raises from root_causes "
                        "where agenda = ? order by row_id, rank", [AGENDA]).fetchall()  # fmt: skip
    offered = [Cause(*line[:5], frozenset(line[5]), frozenset(line[6])) for line in lines]
    assert explained == len({cause.row_id for cause in offered})
    return found, offered


def codes_of(found: dict[str, set[int]], row_id: object) -> set[str]:
    return {code for code, rows in found.items() if row_id in rows and code in ROW_CODES}


def corrected(row: Row, cause: Cause) -> Row:
    """The row with the one element really corrected."""
    value = date.fromisoformat(cause.value) if cause.element in DATES else cause.value
    text = {"tgl_lhr_raw": cause.value} if cause.element == "tgl_lhr" else {}
    return row | {cause.element: value} | text


def case() -> Case:
    return clean_case(random.Random(11), AS_OF)  # noqa: S311 (an example, not a secret)


def wrong_year(made: Case) -> Row:
    """The father's birth year is typed 33 years late; his NIK is right."""
    born = made.head["tgl_lhr"]
    return made.put(made.head, tgl_lhr=born.replace(year=born.year + 33))


def wrong_sex(made: Case) -> Row:
    return made.put(made.wife, jenis_klmin="1")


SLIPS = {
    "tgl_lhr": (wrong_year, {"ANM-NIK-09", "ANM-TGL-07", "ANM-KWN-02", "ANM-KWN-06", "ANM-PDK-01", "ANM-PKJ-01"}),
    "jenis_klmin": (wrong_sex, {"ANM-NIK-10", "ANM-HUB-01"}),
}


@pytest.mark.parametrize("element", SLIPS)
@pytest.mark.parametrize("source", [OWN_NIK, REGISTER])
def test_one_slip_is_the_first_cause_of_all_its_findings(
    con: duckdb.DuckDBPyConnection, element: str, source: str
) -> None:
    """If this fails, staff chase six findings one by one, where one wrong birth year explains them all."""
    made, slip = case(), SLIPS[element]
    if source == REGISTER:
        made.register = copy.deepcopy(made.family)
    right = made.family[0 if element == "tgl_lhr" else 1][element]
    slip[0](made)
    world = as_world(made)
    found, offered = causes_of(con, world)
    row = next(r for r in world.rows if codes_of(found, r["row_id"]))
    assert codes_of(found, row["row_id"]) == slip[1]
    mine = [cause for cause in offered if cause.row_id == row["row_id"]]
    assert [c for c in offered if c.row_id != row["row_id"]] == []
    first = mine[0]
    assert (first.rank, first.element, first.source, first.value) == (1, element, source, str(right))
    assert first.resolves == slip[1]
    assert first.raises == set()
    again = World([corrected(r, first) if r is row else r for r in world.rows], world.register, whole=world.whole)
    assert through_gx(con, again, AS_OF)[0] == {}


def test_a_correction_that_would_accuse_anew_is_not_offered(con: duckdb.DuckDBPyConnection) -> None:
    """If this fails, the list tells staff to correct a right birth date after a wrong NIK."""
    made = case()
    made.put(made.child, nik=made.nik(made.child, born=made.born(3, 20)), nik_ktpel=None)  # a toddler's NIK, or 103
    world = as_world(made)
    found, offered = causes_of(con, world)
    assert codes_of(found, world.rows[2]["row_id"]) == {"ANM-NIK-09"}
    assert offered == []


def test_a_clean_family_and_an_unexplained_row_have_no_cause(con: duckdb.DuckDBPyConnection) -> None:
    """If this fails, a guess is shown where nothing is known."""
    assert causes_of(con, as_world(case()))[1] == []
    made = case()
    made.put(made.head, alamat=None, agama="X")
    found, offered = causes_of(con, as_world(made))
    assert set(found) == {"ANM-ALM-01", "ANM-KOD-02"}
    assert offered == []


@pytest.fixture(scope="module")
def many(con: duckdb.DuckDBPyConnection) -> tuple[World, dict[str, set[int]], list[Cause]]:
    world = mixed(250, 5, AS_OF)
    return world, *causes_of(con, world)


def test_every_first_cause_does_what_it_says(
    con: duckdb.DuckDBPyConnection, many: tuple[World, dict[str, set[int]], list[Cause]]
) -> None:
    """If this fails, "if corrected, these findings disappear" is not what happens when somebody corrects it."""
    world, before, offered = many
    first = {cause.row_id: cause for cause in offered if cause.rank == 1}
    rows = [corrected(row, first[row["row_id"]]) if row["row_id"] in first else row for row in world.rows]
    after, _ = through_gx(con, World(rows, world.register, world.dead, world.moved, world.whole), AS_OF)
    assert len(first) > 30
    for row_id, cause in first.items():
        old, new = codes_of(before, row_id), codes_of(after, row_id)
        assert (old - new, new - old) == (cause.resolves, cause.raises)
        assert cause.resolves


def test_every_cause_of_every_rank_is_true_and_serious_ones_are_left_out(
    many: tuple[World, dict[str, set[int]], list[Cause]],
) -> None:
    """If this fails, a second guess promises what it does not hold, or brings a new ERROR or WARNING."""
    world, before, offered = many
    mine = judges(names_of_one_sex(world.register))
    rows = {row["row_id"]: row for row in world.rows}
    assert len({cause.element for cause in offered}) >= 5
    for cause in offered:
        new = {code for code, judge in mine.items() if judge(corrected(rows[cause.row_id], cause), AS_OF)}
        old = codes_of(before, cause.row_id)
        assert (old - new, new - old) == (cause.resolves, cause.raises)
        assert all(BY_CODE[code].severity is Severity.INFO for code in cause.raises)


def test_causes_of_one_row_are_ranked_and_different(many: tuple[World, dict[str, set[int]], list[Cause]]) -> None:
    """If this fails, the better explanation stands below the worse, or one is told twice."""
    _, _, offered = many
    by_row: dict[int, list[Cause]] = {}
    for cause in offered:
        by_row.setdefault(cause.row_id, []).append(cause)
    assert any(len(causes) > 1 for causes in by_row.values())
    for causes in by_row.values():
        assert causes[0].rank == 1
        gains = [len(cause.resolves) - len(cause.raises) for cause in causes]
        assert gains == sorted(gains, reverse=True)
        assert len({(cause.element, cause.value) for cause in causes}) == len(causes)


def test_another_nik_is_shown_as_a_cause_and_never_becomes_a_change(con: duckdb.DuckDBPyConnection) -> None:
    """If this fails, the system writes another NIK for somebody (handbook 2.3), or shows values in a summary."""
    made = case()
    made.register = copy.deepcopy(made.family)
    right, born = made.child["nik"], made.head["tgl_lhr"]
    made.put(made.child, nik=right[:15], nik_ktpel=None)
    made.put(made.head, tgl_lhr=born.replace(year=born.year + 33))
    world = as_world(made)
    through_gx(con, world, AS_OF)
    identify(con, AGENDA)
    summary = propose(con, AGENDA, 1, step="draft")
    shown = con.execute("select element, value from root_causes where row_id = ? and rank = 1",
                        [world.rows[2]["row_id"]]).fetchall()  # fmt: skip
    assert shown == [("nik", right)]
    changed = con.execute("select distinct element from changes where agenda = ?", [AGENDA]).fetchall()
    assert ("nik",) not in changed
    text = json.dumps([summary, *con.execute("select summary from steps").fetchall()])
    private = {str(row[c]) for row in made.register for c in ("nik", "nama_lgkp", "no_kk", "tgl_lhr")}
    assert not [value for value in private if value in text]


def test_a_file_without_a_column_still_gets_its_causes(con: duckdb.DuckDBPyConnection) -> None:
    """If this fails, an export without mothers' names gets no explanations: each would "raise" a missing name."""
    made = case()
    row = wrong_year(made)
    world = as_world(made)
    through_gx(con, world, AS_OF)
    for table in ("steps", "findings"):
        con.execute(f"delete from {table}")
    told = [c for c in world.rows[0] if c not in {"nama_lgkp_ibu", "row_id", "file_no", "line_no"}]
    con.execute("update files set columns = ?", [told])
    con.execute("update extract_rows set nama_lgkp_ibu = null")
    validate(con, AGENDA, Terms(AS_OF.isoformat()))
    identify(con, AGENDA)
    assert build_causes(con, AGENDA) == 1
    best = con.execute("select element, value, resolves from root_causes where rank = 1").fetchall()
    assert [(element, set(resolves)) for element, _, resolves in best] == [("tgl_lhr", SLIPS["tgl_lhr"][1])]
    assert "ANM-NIK-09" in codes_of(findings(con), world.rows[0]["row_id"])
    assert best[0][1] != str(row["tgl_lhr"])


def test_residents_of_the_register_explain_only_their_own_rows(con: duckdb.DuckDBPyConnection) -> None:
    """If this fails, a stranger's data are held against a resident."""
    made, other = case(), clean_case(random.Random(12), date(2024, 3, 9))  # noqa: S311 (examples, not secrets)
    wrong_year(made)
    world = as_world(made)
    world.register = residents(other.family)
    offered = causes_of(con, world)[1]
    assert offered
    assert {cause.source for cause in offered} == {OWN_NIK}
