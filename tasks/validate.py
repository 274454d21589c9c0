"""SOP step 2: meneliti. Every rule runs as a Great Expectations expectation on the store; every failing key is kept.

GX is asked for counts, never for values: no personal data enters a GX result. The keys of the failing rows are then
stored by one pass over the batch, and must be as many as GX counted.
"""

import os
from dataclasses import dataclass, field
from typing import Any

import duckdb

from expectations.rules import RULES, VIEWS, Rule
from expectations.thresholds import DEFAULTS, filled
from tasks.errors import RuleCrashedError
from tasks.steps import Summary, find, finish
from tasks.store import session_variables, transaction
from tasks.words import worked_out

RESULT_FORMAT: dict[str, Any] = {"result_format": "BASIC", "partial_unexpected_count": 0}


@dataclass(frozen=True)
class Terms:
    """What a batch is judged by: the day it was received (ISO) and the office's thresholds."""

    as_of: str
    thresholds: dict[str, int] = field(default_factory=lambda: dict(DEFAULTS))


def validate(con: duckdb.DuckDBPyConnection, agenda: str, terms: Terms) -> Summary:
    """Judges a loaded batch by all rules. Returns {findings, rows, rules: {code: count}, unjudged, thresholds}.

    ``unjudged``: rules that some file could not be judged by, for want of a column -> how many files. Raises
    RuleCrashedError when any rule could not be evaluated: then nothing is stored.
    """
    if done := find(con, agenda, "validate"):
        return done
    define_batch(con, agenda, terms)
    rules, unjudged = judging_rules(con, agenda)
    with worked_out(con, _received(agenda), rules) as spoken:
        counted = run_suite(con, session_variables(terms.as_of), spoken, terms.thresholds)
        failed = tuple(rule for rule in spoken if counted.get(rule.code))
        with transaction(con):
            for query in failing_rows(failed, terms.thresholds):
                con.execute(f"insert into findings select ?, row_id, code from ({query})", [agenda])
            judged_by = {"as_of": terms.as_of, "thresholds": terms.thresholds}
            summary = _summary(con, agenda) | {"unjudged": unjudged, "without": unheld(con)} | judged_by
            if summary["rules"] != counted:
                raise AssertionError("jumlah temuan yang disimpan tidak sama dengan hitungan Great Expectations")
            return finish(con, agenda, ("validate", 0), summary)


def unheld(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Rules that could not see anything, because the office's knowledge they compare with is not there -> which."""
    known = {
        name: con.execute(f"select 1 from {name} limit 1").fetchone() is not None
        for name in ("penduduk", "known_families", "ref_first_name", "ref_dead", "ref_moved")
    }
    needs = (
        ("household", known["known_families"], "keluarga tidak diketahui utuh: perlu data penduduk kantor"),
        ("ref_first_name", known["penduduk"], "perlu data penduduk kantor"),
        ("ref_dead", known["ref_dead"], "daftar kematian belum dimuat"),
        ("ref_moved", known["ref_moved"], "daftar pindah belum dimuat"),
    )
    return {rule.code: why for rule in RULES for name, there, why in needs if not there and name in rule.sql}


def _summary(con: duckdb.DuckDBPyConnection, agenda: str) -> Summary:
    by_rule = "select code, count(*)::int from findings where agenda = ? group by code order by code"
    counts = dict(con.execute(by_rule, [agenda]).fetchall())
    rows = con.execute("select count(distinct row_id)::int from findings where agenda = ?", [agenda]).fetchall()
    return {"findings": sum(counts.values()), "rows": rows[0][0], "rules": counts}


def define_batch(con: duckdb.DuckDBPyConnection, agenda: str, terms: Terms) -> None:
    """View ``batch`` (the received rows) and the rules' other views, in the memory catalog that GX's cursors see."""
    for statement in session_variables(terms.as_of):
        con.execute(statement)
    con.execute(f"create or replace view memory.main.batch as {_received(agenda)}")
    whole = con.execute("select file_no from files where agenda = ? and whole_families", [agenda]).fetchall()
    files = ", ".join(str(number) for (number,) in whole) or "-1"
    for view in VIEWS:
        con.execute(filled(view, terms.thresholds).replace("{whole}", files))


def _received(agenda: str) -> str:
    return f"select * exclude (agenda) from office.main.extract_rows where agenda = '{agenda}'"


def terms_of(con: duckdb.DuckDBPyConnection, agenda: str) -> Terms:
    """The terms a batch was judged by, for whoever judges a part of it again."""
    summary = find(con, agenda, "validate")
    if summary is None:
        raise AssertionError("batch belum diteliti")
    return Terms(summary["as_of"], summary["thresholds"])


def judging_rules(con: duckdb.DuckDBPyConnection, agenda: str) -> tuple[tuple[Rule, ...], dict[str, int]]:
    """The rules, each sparing the files that lack a column it reads; and code -> how many files it spares.

    A file without record of its columns has all.
    """
    files = con.execute(
        "select file_no, columns from files where agenda = ? and columns is not null order by file_no", [agenda]
    ).fetchall()
    lacking = {rule.code: tuple(n for n, given in files if not set(rule.columns) <= set(given)) for rule in RULES}
    unjudged = {code: len(numbers) for code, numbers in lacking.items() if numbers}
    return tuple(rule.sparing(lacking[rule.code]) for rule in RULES), unjudged


def failing_rows(rules: tuple[Rule, ...], thresholds: dict[str, int]) -> list[str]:
    """Queries giving (row_id, code) of every failing row: ONE for all row rules, one for each other rule."""
    predicates = ", ".join(f"if({rule.statement(thresholds)}, '{rule.code}', null)" for rule in rules if rule.is_row)
    queries = [
        f"select distinct row_id, '{rule.code}' as code from batch where row_id in ({rule.statement(thresholds)})"
        for rule in rules
        if not rule.is_row
    ]
    if predicates:
        codes = f"list_filter([{predicates}], lambda code: code is not null)"
        queries.insert(0, f"select row_id, unnest({codes}) as code from batch")
    return queries


def run_suite(
    con: duckdb.DuckDBPyConnection, setup: tuple[str, ...], rules: tuple[Rule, ...], thresholds: dict[str, int]
) -> dict[str, int]:
    """Runs the suite on view ``batch``; returns rule code -> number of failing rows, of the rules that have any.

    Raises RuleCrashedError naming the rules that crashed.
    """
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx

    from expectations.suite import build_suite
    from tasks import gx_duckdb

    context = gx.get_context(mode="ephemeral")
    quiet: Any = {"globally": False, "metric_calculations": False}
    context.variables.progress_bars = quiet
    search_path = "set search_path = 'memory.main,office.main'"
    arguments = gx_duckdb.on_connection(con, (search_path, *setup))
    source = context.data_sources.add_sinkron_duckdb("office", connection_string="duckdb://", kwargs=arguments)
    asset = source.add_table_asset("batch", table_name="batch")
    data = asset.add_batch_definition_whole_table("all").get_batch()
    results = data.validate(build_suite("sinkron", rules, thresholds), result_format=RESULT_FORMAT).results
    crashed = [_code(r) for r in results if r.exception_info.get("raised_exception") is not False]
    if crashed or len(results) != len(rules):
        raise RuleCrashedError(f"aturan gagal dijalankan: {', '.join(sorted(crashed)) or 'hasil tidak lengkap'}")
    return {_code(result): _count(result) for result in sorted(results, key=_code) if not result.success}


def _code(result: Any) -> str:
    return str(result.expectation_config.meta["code"])


def _count(result: Any) -> int:
    """Failing rows of one result: map expectations and query expectations tell it under different names."""
    told = result.result
    return int(told["unexpected_count"] if "unexpected_count" in told else told["observed_value"])
