"""Which single correction explains most of a person's findings: each is tried and the corrected row judged again."""

import duckdb

from expectations.columns import DATES, STORED
from expectations.hypotheses import HYPOTHESES
from expectations.rules import RULES, Severity
from tasks.store import transaction
from tasks.validate import define_batch, failing_rows, judging_rules, terms_of

_TRIALS = """
create or replace table memory.main.trials (trial_id bigint, row_id bigint, file_no integer, trust integer,
  element varchar, source varchar, value varchar)
"""

_RANKED = """
insert into root_causes
with now as (select row_id, list(code order by code) as codes from findings
             where agenda = getvariable('agenda') and code in {row_rules} group by all),
later as (select row_id as trial_id, list(code order by code) as codes from judged_again group by all),
tried as (select t.*, list_filter(n.codes, lambda c: not list_contains(coalesce(l.codes, []), c)) as resolves,
            list_filter(coalesce(l.codes, []), lambda c: not list_contains(n.codes, c)) as raises
          from trials t join now n using (row_id) left join later l using (trial_id)),
once as (select * from tried where len(resolves) > 0 and not list_has_any(raises, {serious})
         qualify row_number() over (partition by row_id, element, value order by trust) = 1)
select getvariable('agenda'), row_id, row_number() over (partition by row_id
    order by len(resolves) - len(raises) desc, trust), element, source, value, resolves, raises
from once
"""


def build_causes(con: duckdb.DuckDBPyConnection, agenda: str) -> int:
    """Fills ``root_causes`` of a validated batch, best explanation first; returns how many rows have one.

    Needs ``identities``. Judged again by the rules of one row; what a correction does to the family is seen when it is
    received again. A correction that would raise a new ERROR or WARNING of one row explains nothing and is left out.
    """
    terms = terms_of(con, agenda)
    define_batch(con, agenda, terms)
    con.execute("set variable agenda = ?", [agenda])
    _try_all(con)
    row_rules = tuple(rule for rule in judging_rules(con, agenda)[0] if rule.is_row)
    again = failing_rows(row_rules, terms.thresholds)[0].replace(" from batch", " from memory.main.corrected")
    con.execute(f"create or replace table memory.main.judged_again as {again}")
    serious = [rule.code for rule in RULES if rule.severity is not Severity.INFO]
    with transaction(con):
        con.execute("delete from root_causes where agenda = ?", [agenda])
        con.execute(_RANKED.format(row_rules=tuple(rule.code for rule in row_rules), serious=serious))
    con.execute("drop view memory.main.corrected; drop table memory.main.trials; drop table memory.main.judged_again")
    found = con.execute("select count(*)::int from root_causes where agenda = ? and rank = 1", [agenda]).fetchall()
    return int(found[0][0])


def _try_all(con: duckdb.DuckDBPyConnection) -> None:
    """``trials``: one line per row with findings and hypothesis of another value; ``corrected``: the rows as tried."""
    con.execute(_TRIALS)
    for trust, hypothesis in enumerate(HYPOTHESES):
        received = f"m.{hypothesis.element}"
        con.execute(f"""insert into memory.main.trials
            select m.row_id * 100 + {trust}, m.row_id, m.file_no, {trust}, '{hypothesis.element}',
              '{hypothesis.source}', ({hypothesis.value})::varchar
            from batch m join identities i on i.agenda = getvariable('agenda') and i.row_id = m.row_id
            left join penduduk p on p.resident_id = i.resident_id
            where m.row_id in (select row_id from findings where agenda = getvariable('agenda'))
              and ({hypothesis.value}) is not null and ({hypothesis.value}) is distinct from {received}""")
    elements = sorted({hypothesis.element for hypothesis in HYPOTHESES})
    replaced = ", ".join(
        f"if(t.element = '{name}', t.value{'::date' if name in DATES else ''}, m.{name}) as {name}" for name in elements
    )
    kept = ", ".join(name for name in STORED if name not in elements)
    con.execute(f"""create or replace view memory.main.corrected as
        select t.trial_id as row_id, t.file_no, {replaced}, {kept},
          if(t.element = 'tgl_lhr', t.value, m.tgl_lhr_raw) as tgl_lhr_raw
        from memory.main.trials t join memory.main.batch m using (row_id)""")
