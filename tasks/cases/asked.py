"""Which regions an open case has been asked at already: one question per case and region, however often it comes."""

import duckdb
import polars as pl

from expectations.cases import CaseKind
from tasks.cases.waits import OF_BATCH, THEN, regions_asked, waits

_BEFORE = f"""
with recursive {waits(THEN, OF_BATCH)},
earlier as (
  select b.subject, b.agenda, b.row_id, b.written_on from steps_of h join steps_of b
    on b.subject = h.subject and b.kind = h.kind and b.stretch = h.stretch and b.place < h.place
  where h.agenda = $agenda and h.kind = '{CaseKind.OTHER_REGION}'),
{regions_asked("earlier")}
select s.row_id, h.region, min(e.written_on) as asked_on from subjects s join earlier e using (subject)
join halves h on h.agenda = e.agenda and h.row_id = e.row_id where s.agenda = $agenda group by all order by all
"""


def asked_before(con: duckdb.DuckDBPyConnection, agenda: str) -> pl.DataFrame:
    """row_id Int64, region String, asked_on Date: whom earlier batches asked about cases that this batch finds open.

    As the office stood when the batch was written, so that its lists are the same whenever they are made again.
    """
    return con.execute(_BEFORE, {"agenda": agenda}).pl()
