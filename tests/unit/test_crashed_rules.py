"""A rule that can not be evaluated is a fault of the system, never a finding about a person (promise 4)."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import pytest
from great_expectations.datasource.fluent.interfaces import Batch
from office_kit.oracle_cases import AGENDA, a_store, fill, findings, through_gx
from office_kit.oracle_people import World
from office_kit.oracle_worlds import mixed

from expectations.rules import BY_CODE, RULES, Level, Resolution, Rule, Severity
from expectations.thresholds import DEFAULTS
from tasks.errors import RuleCrashedError
from tasks.store import session_variables
from tasks.validate import Terms, define_batch, run_suite, validate

AS_OF = date(2026, 10, 6)
TERMS = Terms(AS_OF.isoformat())
GOOD = BY_CODE["ANM-NAM-01"]


@pytest.fixture(scope="module")
def world() -> World:
    """Families of two files; one row of each tells no father (ANM-HUB-12)."""
    made = mixed(40, 3, AS_OF)
    for number in (1, 2):
        next(row for row in made.rows if row["file_no"] == number)["nama_lgkp_ayah"] = None
    return made


@pytest.fixture
def con(world: World) -> Iterator[duckdb.DuckDBPyConnection]:
    with a_store() as store:
        fill(store, world)
        yield store


def rule(sql: str, code: str = "UJI-01", level: Level = Level.ROW) -> Rule:
    return Rule(code=code, title="Uji", level=level, severity=Severity.ERROR, resolution=Resolution.NONE,
                columns=("nik",), sql=sql, explanation="Uji.", what_to_do="Uji.")  # fmt: skip


def run(con: duckdb.DuckDBPyConnection, *rules: Rule) -> dict[str, int]:
    define_batch(con, AGENDA, TERMS)
    return run_suite(con, session_variables(TERMS.as_of), rules, DEFAULTS)


CRASHES = {
    "unknown column": rule("kolom_yang_tidak_ada = 1"),
    "syntax": rule("nik = = 1"),
    "crash on data": rule("cast(nama_lgkp as integer) > 1"),
    **{f"{level.value}, unknown column": rule("select row_id from household where tidak_ada", level=level)
       for level in (Level.HOUSEHOLD, Level.PAIR, Level.EXTERNAL)},
    **{f"{level.value}, crash on data": rule("select row_id from people where cast(nama_lgkp as date) is null",
                                             level=level)
       for level in (Level.HOUSEHOLD, Level.PAIR, Level.EXTERNAL)},
    "unknown list": rule("select row_id from batch where nik in (select nik from ref_lain)", level=Level.EXTERNAL),
}  # fmt: skip


@pytest.mark.parametrize("name", CRASHES)
def test_a_crashed_rule_is_a_system_error(con: duckdb.DuckDBPyConnection, world: World, name: str) -> None:
    """If this fails, a mistake in a rule accuses every resident, clears them all, or is quoted with their names."""
    with pytest.raises(RuleCrashedError, match="UJI-01") as caught:
        run(con, GOOD, CRASHES[name], rule("nik is null", "UJI-02"))
    told = f"{caught.value!r} {caught.value.__cause__!r}"
    private = {
        str(row[column])
        for row in world.rows
        for column in ("nik", "nama_lgkp", "no_kk")
        if len(str(row[column] or "")) > 3
    }
    assert len(private) > 50
    assert not [value for value in private if value in told]
    assert "UJI-02" not in told
    assert GOOD.code not in told


def test_a_threshold_nobody_declared_is_no_verdict(con: duckdb.DuckDBPyConnection) -> None:
    """If this fails, a rule with a mistyped threshold clears everybody."""
    with pytest.raises(KeyError, match="ambang_lain"):
        run(con, rule("age(tgl_lhr) > @ambang_lain"))


def test_good_rules_tell_how_many_rows_fail(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """If this fails, a rule that works is taken for crashed, or rows are miscounted (NULL is no violation)."""
    pairs = rule("select row_id from batch union all select row_id from batch", "UJI-04", Level.PAIR)
    counted = run(con, rule("row_id % 2 = 0"), rule("false", "UJI-02"), rule("null", "UJI-03"), pairs)
    assert counted == {"UJI-01": sum(int(str(row["row_id"])) % 2 == 0 for row in world.rows),
                       "UJI-04": len(world.rows)}  # fmt: skip


def test_a_crash_stores_nothing_and_the_step_can_run_again(con: duckdb.DuckDBPyConnection) -> None:
    """If this fails, findings of a half judged batch stay, or a mended rule is never run."""
    con.execute("alter table memory.main.ref_kelurahan rename to ref_hilang")
    with pytest.raises(RuleCrashedError, match="ANM-WIL-02"):
        validate(con, AGENDA, TERMS)
    assert findings(con) == {}
    assert con.execute("select count(*) from steps").fetchall() == [(0,)]
    con.execute("alter table memory.main.ref_hilang rename to ref_kelurahan")
    summary = validate(con, AGENDA, TERMS)
    stored = findings(con)
    assert summary["rules"] == {code: len(rows) for code, rows in sorted(stored.items())}
    assert summary["findings"] == sum(map(len, stored.values())) > 100
    assert summary["rows"] == len(set().union(*stored.values()))
    assert validate(con, AGENDA, Terms("1999-01-01")) == summary  # a finished step is not run again
    assert findings(con) == stored


def test_findings_that_are_not_as_many_as_counted_are_not_stored(con: duckdb.DuckDBPyConnection) -> None:
    """If this fails, what Great Expectations counted and what the office works on drift apart unseen."""
    con.execute("insert into findings values (?, 1, 'ANM-NIK-01')", [AGENDA])
    with pytest.raises(AssertionError, match="hitungan Great Expectations"):
        validate(con, AGENDA, TERMS)
    assert findings(con) == {"ANM-NIK-01": {1}}


def test_files_without_a_column_are_spared_and_told(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """If this fails, an export without mothers' names accuses everybody in it, or counts as free of faults."""
    missing = {"nama_lgkp_ibu", "tgl_entri"}
    whole, _ = through_gx(con, world, AS_OF)
    fill(con, world)
    told = [column for column in world.rows[0] if column not in missing | {"row_id", "file_no", "line_no"}]
    con.execute("update files set columns = ? where file_no = 2", [told])
    con.execute("update extract_rows set nama_lgkp_ibu = null, tgl_entri = null where file_no = 2")
    summary = validate(con, AGENDA, TERMS)
    spared = {r.code for r in RULES if missing & set(r.columns)}
    assert summary["unjudged"] == dict.fromkeys([r.code for r in RULES if r.code in spared], 1)
    assert {"ANM-HUB-12", "ANM-HUB-09", "GND-03", "ANM-NAM-07", "ANM-TGL-07"} <= spared
    second_file = {int(str(row["row_id"])) for row in world.rows if row["file_no"] == 2}
    stored = findings(con)
    assert second_file
    assert not [code for code in spared if stored.get(code, set()) & second_file]
    assert whole["ANM-HUB-12"] - second_file == stored["ANM-HUB-12"]
    same = [code for code in whole if code not in spared and BY_CODE[code].is_row]
    assert len(same) > 10
    assert all(stored[code] == whole[code] for code in same)


def test_no_personal_value_enters_a_great_expectations_result(
    con: duckdb.DuckDBPyConnection, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, names and numbers of residents leave the store with a validation result (promise 5)."""
    kept: list[Any] = []
    validated = Batch.validate

    def listening(self: Any, *args: Any, **kwargs: Any) -> Any:
        kept.append(validated(self, *args, **kwargs))
        return kept[-1]

    monkeypatch.setattr(Batch, "validate", listening)
    summary = validate(con, AGENDA, TERMS)
    text = json.dumps([result.to_json_dict() for result in kept]) + json.dumps(summary)
    assert len(kept) == 1
    assert all(code in text for code in summary["rules"])
    columns = ("nik", "no_kk", "nama_lgkp", "nik_ibu", "nama_lgkp_ibu", "tgl_lhr", "alamat", "no_akta_lhr")
    values = {str(row[c]) for row in world.rows for c in columns if len(str(row[c] or "")) > 4}
    assert len(values) > 300
    assert not [value for value in values if value in text and value != TERMS.as_of]


def test_the_rules_that_crash_are_all_named(con: duckdb.DuckDBPyConnection) -> None:
    """If this fails, a developer mends one rule and the office waits for the next crash."""
    with pytest.raises(RuleCrashedError) as caught:
        run(con, GOOD, CRASHES["unknown list"], rule("select x from batch", "UJI-09", Level.PAIR))
    assert "UJI-01, UJI-09" in str(caught.value)
