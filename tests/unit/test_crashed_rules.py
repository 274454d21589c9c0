"""A rule that can not be evaluated is a fault of the system, never a finding about a person (promise 4)."""

import pytest
from office_kit.small import AS_OF, Opened

from expectations.rules import BY_CODE, RULES, Resolution, Rule, Severity
from expectations.suite import build_suite
from tasks.errors import RuleCrashedError
from tasks.store import session_variables
from tasks.validate import Terms, define_batch, run_suite, validate

GOOD = BY_CODE["ANM-NAM-01"]


def rule(sql: str, code: str = "UJI-01", flags: str | None = None) -> Rule:
    return Rule(code, "Uji", Severity.ERROR, Resolution.NONE, ("nik",), sql, "", "", flags=flags)


def run(opened: Opened, *rules: Rule) -> dict[str, str]:
    define_batch(opened.con, opened.batch.agenda)
    setup = session_variables(AS_OF)
    for statement in setup:
        opened.con.execute(statement)
    return run_suite(opened.con, setup, rules)


CRASHES = {
    "unknown column": rule("kolom_yang_tidak_ada = 1"),
    "syntax": rule("nik = = 1"),
    "crash on data": rule("cast(nama_lgkp as integer) > 1"),
    "household, unknown column": rule("select no_kk from household where tidak_ada", flags="true"),
    "household, crash on data": rule("select no_kk from household where cast(no_kk as date) is null", flags="true"),
    "household, bad flags": rule("select no_kk from household", flags="tidak_ada = 1"),
}


@pytest.mark.parametrize("name", CRASHES)
def test_a_crashed_rule_is_a_system_error(opened: Opened, name: str) -> None:
    """If this fails, a mistake in a rule accuses every resident of the batch, or clears them all."""
    with pytest.raises(RuleCrashedError, match="UJI-01"):
        run(opened, GOOD, CRASHES[name])


def test_a_crash_does_not_quote_residents(opened: Opened) -> None:
    """If this fails, the message of a crashed rule carries a name into Prefect's database (promise 5)."""
    with pytest.raises(RuleCrashedError) as caught:
        run(opened, CRASHES["crash on data"])
    names = [name for (name,) in opened.con.execute("select nama_lgkp from extract_rows").fetchall()]
    assert not [name for name in names if name in str(caught.value)]


def test_good_rules_answer_with_every_failing_key(opened: Opened) -> None:
    """If this fails, a rule that works is taken for crashed, or the wrong rows are accused."""
    missing = rule("nik = (select min(nik) from batch)")
    answer = run(opened, missing, rule("false", "UJI-02"), rule("null", "UJI-03"))
    assert set(answer) == {"UJI-01"}
    rows = opened.con.execute(f"select row_id from ({answer['UJI-01']})").fetchall()
    assert rows == opened.con.execute("select row_id from batch where nik = (select min(nik) from batch)").fetchall()


def test_a_crash_stores_nothing_and_the_step_can_run_again(opened: Opened) -> None:
    """If this fails, findings of a half judged batch stay, or a mended rule is never run."""
    con, agenda = opened.con, opened.batch.agenda
    con.execute("delete from steps where step = 'validate'")
    before = sorted(con.execute("select * from findings").fetchall())
    con.execute("delete from findings")
    con.execute("alter table extract_rows rename column alamat to alamat_lama")
    with pytest.raises(RuleCrashedError):
        validate(con, agenda, Terms(AS_OF))
    assert con.execute("select count(*) from findings").fetchall() == [(0,)]
    con.execute("alter table extract_rows rename column alamat_lama to alamat")
    validate(con, agenda, Terms(AS_OF))
    assert sorted(con.execute("select * from findings").fetchall()) == before


def test_a_finished_step_is_not_run_again(opened: Opened) -> None:
    """If this fails, a resumed flow doubles every finding."""
    before = opened.con.execute("select count(*) from findings").fetchall()
    assert validate(opened.con, opened.batch.agenda, Terms("1999-01-01")) == opened.batch.done["validate"]
    assert opened.con.execute("select count(*) from findings").fetchall() == before


def test_rules_are_complete_and_unique() -> None:
    """If this fails, a rule has no text for the person who must act on it, or two rules share a code."""
    assert len(BY_CODE) == len(RULES)
    assert all(r.title and r.explanation and r.what_to_do and r.columns for r in RULES)
    suite = build_suite("uji")
    assert [e.meta["code"] for e in suite.expectations] == [r.code for r in RULES]
    assert all(r.title in e.description for e, r in zip(suite.expectations, RULES, strict=True))
