"""What a case was answered becomes the proposal about its row; Staff proves who they are before it counts.

The answer stands as Staff's word before the first round (round 0 of ``decisions``), so that worksheet, lists and
letters of the batch know it, and any later word of Staff outweighs it. Which outcome a region's answer leads to is the
handbook's (8): (a) stays here: our row was right, or waits for the SKPWNI; (b) theirs: our record is proposed inactive,
where the register has one of this city; (c) both wrong: the Ditjen and the biometric recording. Another region's
record is never written.

A region answers for the person of the row. The register's record under the same NIK counts as that person only when no
rule saw two people on the NIK (GND-01) and name or mother agrees; of anybody else (a) and (b) prove nothing, and who
owns the NIK is for the biometrics (Permendagri 74/2015).
"""

import contextlib
from collections.abc import Iterator

import duckdb

from expectations.cases import ANSWERED
from expectations.codes import CITY
from expectations.matching import SIMILAR
from expectations.outcomes import BY_STAFF, Outcome
from tasks.cases.layout import BOTH_WRONG, CAME, REGION_ANSWERS, STAYED_AWAY, STAYS_HERE, THEIRS
from tasks.cases.view import case_number

NO_ONE_CAME = "warga belum datang"
SOMEBODY_ELSE = "NIK ini di data kantor milik orang lain (nama dan ibu berbeda): biometrik menentukan pemiliknya"

# ours: the record of this city that the row stands for; stranger: it is another person's.
_SAID = f"""
insert into decisions
with flagged as (
  select c.row_id from case_answers c join findings f on f.code = 'GND-01'
    and (f.agenda = c.agenda and f.row_id = c.row_id or f.agenda = c.case_agenda and f.row_id = c.case_row)
  where c.agenda = $agenda),
told as (
  select c.*, p.resident_id is not null as ours, p.resident_id is not null and (c.row_id in (from flagged)
    or not coalesce(greatest(alike(r.nama_lgkp, p.nama_lgkp), alike(r.nama_lgkp_ibu, p.nama_lgkp_ibu)) >= $alike,
      false)) as stranger
  from case_answers c join identities i using (agenda, row_id) join extract_rows r using (agenda, row_id)
  left join penduduk p on p.resident_id = i.resident_id and p.no_prop || p.no_kab = '{CITY}'
  where c.agenda = $agenda)
select agenda, row_id, 0,
  case when answer in ('{STAYS_HERE}', '{THEIRS}') and stranger then '{Outcome.POSTPONED}'
    when answer = '{STAYS_HERE}' then if(ours, '{Outcome.UNFOUNDED}', '{Outcome.POSTPONED}')
    when answer = '{THEIRS}' then if(ours, '{Outcome.DEACTIVATION}', '{Outcome.OTHER_REGION}')
    when answer = '{BOTH_WRONG}' then '{Outcome.POSTPONED}' else outcome end,
  element, after, element_2, after_2, [],
  concat_ws('; ', if(answer = '{STAYED_AWAY}', '{NO_ONE_CAME}', basis),
    if(answer in ('{STAYS_HERE}', '{THEIRS}') and stranger, '{SOMEBODY_ELSE}', null),
    'kasus ' || {case_number("case_agenda", "case_row")}),
  document, number, dated, if(list_contains($events, answer), answer, null), until, note
from told
"""


@contextlib.contextmanager
def answered_cases(con: duckdb.DuckDBPyConnection, agenda: str) -> Iterator[None]:
    """Around Staff's decisions being laid over the proposals: answers of cases are among them, under their own cause.

    Needs ``identities``; within it temp table ``decided`` is made. Without answers nothing happens.
    """
    there = con.execute("select 1 from case_answers where agenda = ? limit 1", [agenda]).fetchone()
    if there:
        con.execute("delete from decisions where agenda = ? and round = 0", [agenda])
        con.execute(_SAID, {"agenda": agenda, "events": [*REGION_ANSWERS, CAME], "alike": 100 * SIMILAR})
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
