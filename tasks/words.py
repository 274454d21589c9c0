"""The rules' words, worked out once per batch. `nz(nama_lgkp)` stands in nine rules: DuckDB would trim nine times.

DuckDB shares no subexpression across the branches of a condition, so the sharing is done here, for Great Expectations'
aggregate and for the pass that stores the keys alike.
"""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import replace

import duckdb

from expectations.columns import STORED
from expectations.rules import MACROS, Rule

COLUMNS = ("line_no", *STORED, "tgl_lhr_raw")
_NAMES = "|".join(macro.partition("(")[0] for macro in MACROS)
WORD = re.compile(rf"\b(?:{_NAMES})\((?:{'|'.join(COLUMNS)})(?:, '[^']*')*\)")


@contextlib.contextmanager
def worked_out(con: duckdb.DuckDBPyConnection, batch: str, rules: tuple[Rule, ...]) -> Iterator[tuple[Rule, ...]]:
    """Within, view ``batch`` holds the columns these rules read and their words; yields the rules said over those.

    ``batch``: the SELECT that view ``batch`` was made of; it is so again afterwards. When a word cannot be worked out
    nothing is changed, so that the rule that cannot be evaluated crashes under its own code.
    """
    spoken = tuple(replace(rule, sql=_over_words(rule.sql)) if rule.is_row else rule for rule in rules)
    words = {word: None for rule in rules if rule.is_row for word in WORD.findall(rule.sql)}
    read = re.sub(r'"[^"]*"', "", " ".join(rule.sql for rule in spoken))
    columns = ["row_id", "file_no", *(name for name in COLUMNS if re.search(rf"\b{name}\b", read))]
    chosen = ", ".join((*columns, *(f'{word} as "{word}"' for word in words)))
    try:
        con.execute(f"create or replace table memory.main.worked_out as select {chosen} from batch")
    except duckdb.Error:
        yield rules
        return
    try:
        con.execute("create or replace view memory.main.batch as select * from memory.main.worked_out")
        yield spoken
    finally:
        con.execute(f"create or replace view memory.main.batch as {batch}")
        con.execute("drop table memory.main.worked_out")


def _over_words(sql: str) -> str:
    return WORD.sub(lambda found: f'"{found[0]}"', sql)
