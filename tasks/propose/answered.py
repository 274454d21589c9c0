"""What a case was answered becomes the proposal about its row; Staff proves who they are before it counts.

The answer stands as Staff's word before the first round (round 0 of ``decisions``), so that worksheet, lists and
letters of the batch know it, and any later word of Staff outweighs it. Which outcome a region's answer leads to is the
handbook's (8): (a) stays here: our row was right, or waits for the SKPWNI; (b) theirs: our record is proposed inactive,
where the register has one of this city; (c) both wrong: the Ditjen and the biometric recording. Another region's
record is never written.

A region answers for the person of the row. The register's record under the same NIK counts as that person only when no
rule saw two people on the NIK (GND-01) and at least two of name, birth date and mother agree. Names are alike from
``twin_name`` on (Winkler 1990) or when they differ in two letters at most (Damerau 1964). Twins and siblings bear such
names too: beside the same mother a name agrees only when it sounds the same or has the same words, and one that does
not speaks against everything else (as the matching model's guards against twins). Of anybody else (a) and (b) prove
nothing, and who owns the NIK is for the biometrics (Permendagri 74/2015).
"""

import contextlib
from collections.abc import Iterator

import duckdb

from expectations.cases import ANSWERED
from expectations.codes import CITY
from expectations.outcomes import BY_STAFF, Outcome
from expectations.thresholds import DEFAULTS
from tasks.cases.layout import BOTH_WRONG, CAME, REGION_ANSWERS, STAYED_AWAY, STAYS_HERE, THEIRS
from tasks.cases.view import case_number
from tasks.cases.waits import SOMEBODY_ELSE

NO_ONE_CAME = "warga belum datang"
SLIPS = 2  # letters, as for subjects (tasks.reconcile.subjects)

# The two records that an answer is about: the row's, and the register's under its identity.
_BOTH = f"""
create or replace temp table both_records as
select c.row_id, p.resident_id, r.nama_lgkp as name, p.nama_lgkp as our_name, name_bare(r.nama_lgkp_ibu) as mother,
  name_bare(p.nama_lgkp_ibu) as our_mother, coalesce(r.tgl_lhr = p.tgl_lhr, false) as same_birth
from case_answers c join identities i using (agenda, row_id) join extract_rows r using (agenda, row_id)
join penduduk p on p.resident_id = i.resident_id and p.no_prop || p.no_kab = '{CITY}' where c.agenda = $agenda
"""


def _alike(one: str, other: str, percent: str) -> str:
    """SQL: two bare names, both told, that are alike from a threshold on, or but for a slip."""
    return f"""{one} <> '' and {other} <> '' and (jaro_winkler_similarity({one}, {other}) >= {DEFAULTS[percent] / 100}
    or damerau_levenshtein({one}, {other}) <= {SLIPS})"""


_OURSELVES = f"""
create or replace temp table ourselves as
with bare as (
  select b.* replace (name_bare(b.name) as name, name_bare(b.our_name) as our_name),
    coalesce(h.sound = o.sound or h.bag = o.bag, false) as heard
  from both_records b left join heard h on h.name = b.name left join heard o on o.name = b.our_name),
agreeing as (
  select *, {_alike("mother", "our_mother", "same_mother")} as same_mother,
    {_alike("name", "our_name", "twin_name")} as same_name from bare)
select row_id, resident_id,
  case when name = '' or our_name = '' then same_birth and same_mother
    when same_mother then heard else same_birth and (same_name or heard) end as is_same
from agreeing
"""

# ours: the record of this city that the row stands for; stranger: it is another person's.
_SAID = f"""
insert into decisions
with flagged as (
  select c.row_id from case_answers c join findings f on f.code = 'GND-01'
    and (f.agenda = c.agenda and f.row_id = c.row_id or f.agenda = c.case_agenda and f.row_id = c.case_row)
  where c.agenda = $agenda),
told as (
  select c.*, p.resident_id is not null as ours,
    p.resident_id is not null and (c.row_id in (from flagged) or not p.is_same) as stranger
  from case_answers c left join ourselves p using (row_id) where c.agenda = $agenda)
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
        _compare(con, agenda)
        con.execute(_SAID, {"agenda": agenda, "events": [*REGION_ANSWERS, CAME]})
        con.execute("drop table temp.main.ourselves")
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


def _compare(con: duckdb.DuckDBPyConnection, agenda: str) -> None:
    """Temp table ``ourselves``: row_id, resident_id, is_same, for the answered rows that a resident of ours stands for.

    Names are heard as the matching does it (``tasks.resolve.names``).
    """
    from tasks.resolve.names import clean_names

    con.execute(_BOTH, {"agenda": agenda})
    told = con.execute("select name from both_records union select our_name from both_records order by all").pl()
    heard = clean_names(told["name"]).select(told["name"], "sound", "bag")
    con.register("heard", heard.to_arrow())
    con.execute(_OURSELVES)
    con.unregister("heard")
    con.execute("drop table temp.main.both_records")  # personal values leave the session
