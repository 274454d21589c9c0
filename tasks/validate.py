"""SOP step 2: meneliti. Every rule runs as a Great Expectations expectation on the store; every failing key is kept.

GX is asked for counts and for its own query text, never for values: no personal data enters a GX result.
"""

import os
from typing import Any

import duckdb

from expectations.rules import BY_CODE, RULES, Rule
from tasks.errors import RuleCrashedError
from tasks.steps import Summary, find, finish
from tasks.store import session_variables, transaction

RESULT_FORMAT: dict[str, Any] = {
    "result_format": "BASIC",
    "unexpected_index_column_names": ["row_id"],
    "partial_unexpected_count": 0,
    "return_unexpected_index_query": True,
}

# A family as it stands: the office's members, with the received rows in place of the people they stand for.
HOUSEHOLD = """
create or replace view memory.main.household as
with families as (select distinct b.no_kk from memory.main.batch b semi join office.main.penduduk using (no_kk)),
stays as (
  select p.* from office.main.penduduk p semi join families using (no_kk)
  where not exists (select 1 from memory.main.batch b where b.nik = p.nik and nik_real(b.nik))
    and not exists (select 1 from memory.main.batch b where b.no_kk = p.no_kk and b.tgl_lhr = p.tgl_lhr
                    and name_key(b.nama_lgkp) = name_key(p.nama_lgkp)))
select no_kk, stat_hbkel, stat_kwn, no_prop, no_kab, no_kec, no_kel, active(stat_hidup, flag_status) as active
from stays
union all
select no_kk, stat_hbkel, stat_kwn, no_prop, no_kab, no_kec, no_kel, active(stat_hidup, flag_status) as active
from (select distinct on (if(nik_real(nik), nik, row_id::varchar), no_kk) * from memory.main.batch
      order by row_id) semi join families using (no_kk)
"""


def validate(con: duckdb.DuckDBPyConnection, agenda: str, as_of: str) -> Summary:
    """Judges a loaded batch by all rules as of an ISO date. Returns {findings, rows, rules: {code: count}}.

    Raises RuleCrashedError when any rule could not be evaluated: then nothing is stored.
    """
    if done := find(con, agenda, "validate"):
        return done
    define_batch(con, agenda)
    variables = session_variables(as_of)
    for statement in variables:
        con.execute(statement)
    failing = run_suite(con, variables)
    with transaction(con):
        for code, query in failing.items():
            con.execute(f"insert into findings select ?, row_id, ? from ({query})", [agenda, code])
        counts = dict(
            con.execute(
                "select code, count(*)::int from findings where agenda = ? group by code order by code", [agenda]
            ).fetchall()
        )
        rows = con.execute("select count(distinct row_id)::int from findings where agenda = ?", [agenda]).fetchall()
        summary = {"findings": sum(counts.values()), "rows": rows[0][0], "rules": counts}
        return finish(con, agenda, ("validate", 0), summary)


def define_batch(con: duckdb.DuckDBPyConnection, agenda: str) -> None:
    """Views ``batch`` (the received rows) and ``household``, in the memory catalog where GX's cursors see them."""
    con.execute(
        "create or replace view memory.main.batch as select * exclude (agenda) from office.main.extract_rows "
        f"where agenda = '{agenda}'"
    )
    con.execute(HOUSEHOLD)


def run_suite(
    con: duckdb.DuckDBPyConnection, setup: tuple[str, ...], rules: tuple[Rule, ...] = RULES
) -> dict[str, str]:
    """Runs the suite on view ``batch``; returns rule code -> SQL giving the ``row_id`` of every failing row.

    Only rules with failing rows are in the answer. Raises RuleCrashedError naming the rules that crashed.
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
    suite = context.suites.add(build_suite("sinkron", rules))
    data = asset.add_batch_definition_whole_table("all")
    definition = context.validation_definitions.add(gx.ValidationDefinition(name="batch", data=data, suite=suite))
    results = definition.run(result_format=RESULT_FORMAT).results
    crashed = [_code(r) for r in results if r.exception_info.get("raised_exception") is not False]
    if crashed or len(results) != len(rules):
        raise RuleCrashedError(f"aturan gagal dijalankan: {', '.join(sorted(crashed)) or 'hasil tidak lengkap'}")
    return {_code(result): _failing_query(result) for result in results if not result.success}


def _code(result: Any) -> str:
    return str(result.expectation_config.meta["code"])


def _failing_query(result: Any) -> str:
    rule = BY_CODE.get(_code(result))
    if rule is not None and rule.is_household:
        text = str(result.expectation_config.kwargs["unexpected_rows_query"]).format(batch="batch")
    else:
        text = str(result.result["unexpected_index_query"])
    return text.rstrip().rstrip(";")
