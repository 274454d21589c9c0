"""What a case was answered becomes the proposal about its row; Staff proves who they are before it counts.

The answer stands as Staff's word before the first round (round 0 of ``decisions``), so that worksheet, lists and
letters of the batch know it, and any later word of Staff outweighs it. Which outcome a region's answer leads to is the
handbook's (8): (a) stays here: our row was right, or waits for the SKPWNI; (b) theirs: our record is proposed inactive,
where the register has one of this city; (c) both wrong: the Ditjen and the biometric recording. Another region's
record is never written.
"""

import contextlib
from collections.abc import Iterator

import duckdb

from expectations.cases import ANSWERED
from expectations.codes import CITY
from expectations.outcomes import BY_STAFF, Outcome
from tasks.cases.layout import BOTH_WRONG, CAME, REGION_ANSWERS, STAYED_AWAY, STAYS_HERE, THEIRS

NO_ONE_CAME = "warga belum datang"

_SAID = f"""
insert into decisions
select c.agenda, c.row_id, 0,
  case c.answer when '{STAYS_HERE}' then if(p.resident_id is null, '{Outcome.POSTPONED}', '{Outcome.UNFOUNDED}')
    when '{THEIRS}' then if(p.resident_id is null, '{Outcome.OTHER_REGION}', '{Outcome.DEACTIVATION}')
    when '{BOTH_WRONG}' then '{Outcome.POSTPONED}' else c.outcome end,
  c.element, c.after, null, null, [],
  concat_ws('; ', if(c.answer = '{STAYED_AWAY}', '{NO_ONE_CAME}', c.basis), 'kasus ' || c.case_agenda || ' '
    || c.case_row // 10000000 || '/' || c.case_row % 10000000),
  c.document, c.number, c.dated, if(list_contains($events, c.answer), c.answer, null), c.until, c.note
from case_answers c join identities i using (agenda, row_id)
left join penduduk p on p.resident_id = i.resident_id and p.no_prop || p.no_kab = '{CITY}'
where c.agenda = $agenda
"""


@contextlib.contextmanager
def answered_cases(con: duckdb.DuckDBPyConnection, agenda: str) -> Iterator[None]:
    """Around Staff's decisions being laid over the proposals: answers of cases are among them, under their own cause.

    Needs ``identities``; within it temp table ``decided`` is made. Without answers nothing happens.
    """
    there = con.execute("select 1 from case_answers where agenda = ? limit 1", [agenda]).fetchone()
    if there:
        con.execute("delete from decisions where agenda = ? and round = 0", [agenda])
        con.execute(_SAID, {"agenda": agenda, "events": [*REGION_ANSWERS, CAME]})
    yield
    if there:
        con.execute(
            """update proposed set cause = ?, needs_person = true from decided d
            where d.row_id = proposed.row_id and d.round = 0""",
            [ANSWERED],
        )
        con.execute(
            """update corrections set cause = ? from decided d
            where d.row_id = corrections.row_id and d.round = 0 and corrections.cause = ?""",
            [ANSWERED, BY_STAFF],
        )
