"""The change-set's canonical bytes and their SHA-256: what people approve and what apply recomputes.

Format ``sinkron-change-set/2``: a header line, then one JSON array per outcome ("H") and per change ("U"), sorted by
row and element, then one per answer about a pair ("P"), sorted by its records. Dates are ISO text, null is null, there
are no floats; text is as stored, not normalised: two spellings are two values. Agenda and round are part of it, so a
signature of one round can not serve another.
"""

import hashlib
import json

import duckdb

FORMAT = "sinkron-change-set/2"

_LINES = """
select line from (
  select row_id, '' as element, to_json(['H', row_id::varchar, resident_id::varchar, outcome, basis, cause]) as line
  from outcomes where agenda = $agenda and round = $round
  union all
  select row_id, element, to_json(['U', row_id::varchar, resident_id::varchar, element, before, register_value, after,
    basis, cause]) from changes where agenda = $agenda and round = $round
  union all
  select null, left_id || ' ' || right_id, to_json(['P', left_id, right_id, verdict])
  from pair_answers where agenda = $agenda and round = $round)
order by row_id nulls last, element
"""


def canonical(con: duckdb.DuckDBPyConnection, agenda: str, round_no: int) -> bytes:
    """The canonical bytes of one round's change-set, as stored now."""
    rows = con.execute(_LINES, {"agenda": agenda, "round": round_no}).fetchall()
    header = json.dumps([FORMAT, agenda, round_no, len(rows)], separators=(",", ":"))
    return "\n".join([header, *(str(line) for (line,) in rows), ""]).encode()


def digest(con: duckdb.DuckDBPyConnection, agenda: str, round_no: int) -> str:
    """Hex SHA-256 of the canonical bytes."""
    return hashlib.sha256(canonical(con, agenda, round_no)).hexdigest()
