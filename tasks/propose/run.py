"""Builds one round's change-set: proposals, then Staff's decisions and answers over them, then the digest."""

import duckdb

from expectations.codes import CITY
from expectations.columns import STORED
from expectations.memory import REMEMBERED
from expectations.outcomes import BY_STAFF, FORBIDDEN_ELEMENTS, Outcome
from tasks.propose.agreed import postpone_contradictions
from tasks.propose.answered import answered_cases
from tasks.propose.causes import build_causes
from tasks.propose.changeset import digest
from tasks.propose.corrections import as_text, build_corrections
from tasks.propose.outcomes import PROPOSAL_CHANGES, build_outcomes
from tasks.remember.again import take_over
from tasks.remember.basis import drop_undone_pairs, forget_unsettled, taken_from
from tasks.remember.keep import UNTIL
from tasks.steps import Summary, find, finish
from tasks.store import transaction

NOT_OURS = "orang ini tidak ada lagi dalam data kantor, atau berdomisili di luar kota: teliti ulang"

_OVERRULE = """
create or replace temp table decided as
select * from decisions where agenda = getvariable('agenda')
qualify row_number() over (partition by row_id order by round desc) = 1
"""

# basis null: the proposal's own stands; "" none but what happened or the day it waits for. An earlier decision's own
# day to wait for is in its basis, and gives way to the one Staff's sheet tells.
_DECIDE = f"""
update proposed set outcome = d.outcome, cause = '{BY_STAFF}', needs_person = false,
  basis = concat_ws('; ', nullif(coalesce(d.basis, regexp_replace(proposed.basis, '{UNTIL}', '')), ''), d.event,
    'ditunda sampai ' || strftime(d.until, '%d-%m-%Y'))
from decided d where d.row_id = proposed.row_id
"""

# What can not be written is not proposed, whoever wants it: else the whole batch would fail on it in every round.
_POSTPONE = f"""
update proposed set outcome = '{Outcome.POSTPONED}', basis = '{NOT_OURS}', needs_person = true
where outcome = '{Outcome.CORRECTED}' and row_id in (
  select c.row_id from corrections c left join penduduk p using (resident_id)
  where c.resident_id is not null and (p.resident_id is null or p.no_prop || p.no_kab <> '{CITY}'))
"""


def propose(con: duckdb.DuckDBPyConnection, agenda: str, round_no: int, *, step: str = "propose") -> Summary:
    """Writes outcomes and changes of one round and returns what is in it, in figures.

    ``step`` "draft" is what Staff sees, "propose" what approvers sign (with Staff's decisions in it). Returns {digest,
    rows, needs_person, changes, outcomes, rests_on, repeats}; ``rests_on``: the batches whose decisions are taken over;
    ``repeats``: rows corrected or proposed inactive because it was decided so before, which Staff submits once more.
    Asserts that every loaded row has exactly one outcome.
    """
    if done := find(con, agenda, step, round_no):
        return done
    if step == "draft":
        build_causes(con, agenda)
    with transaction(con):
        if step == "draft":
            _keep_answers(con, agenda, round_no)
        con.execute("set variable agenda = ?", [agenda])
        build_corrections(con)
        build_outcomes(con)
        take_over(con, agenda, (round_no, step))
        drop_undone_pairs(con, agenda, (round_no, step))
        with answered_cases(con, agenda):
            _overrule(con)
        con.execute(_POSTPONE)
        postpone_contradictions(con)
        con.execute(PROPOSAL_CHANGES)
        for table in ("outcomes", "changes"):
            con.execute(f"delete from {table} where agenda = ? and round = ?", [agenda, round_no])
        con.execute(
            """insert into outcomes select getvariable('agenda'), ?, row_id, resident_id, outcome, basis,
            cause, needs_person from proposed""",
            [round_no],
        )
        con.execute(
            """insert into changes select getvariable('agenda'), ?, c.row_id, c.resident_id, c.element,
            c.before, c.register_value, c.after, c.basis, c.cause
            from corrections c join proposed p using (row_id) where p.outcome in (?, ?)
              and (c.element = 'usulan') = (p.outcome = ?)""",
            [round_no, Outcome.CORRECTED, Outcome.DEACTIVATION, Outcome.DEACTIVATION],
        )
        return finish(con, agenda, (step, round_no), _summary(con, agenda, round_no))


def _overrule(con: duckdb.DuckDBPyConnection) -> None:
    """Staff's word stands: its outcome, its elements, its basis. A decided row needs no person any more."""
    con.execute(_OVERRULE)
    forget_unsettled(con)
    con.execute(_DECIDE)
    con.execute("""delete from corrections using decided d
        where d.row_id = corrections.row_id and not list_contains(coalesce(d.kept, []), corrections.element)""")
    for place in ("", "_2"):
        found = con.execute(f"select distinct element{place} from decided where element{place} is not null").fetchall()
        for (element,) in found:
            if element not in STORED or element in FORBIDDEN_ELEMENTS:
                raise KeyError(element)  # the worksheet's reader refuses these; nothing else writes decisions
            con.execute(f"""insert into corrections
                select m.row_id, m.resident_id, '{element}', {as_text("m", element)}, {as_text("p", element)},
                  d.after{place}, d.basis, '{BY_STAFF}', false
                from decided d join mine m using (row_id) left join penduduk p on p.resident_id = m.resident_id
                where d.element{place} = '{element}'""")


def _keep_answers(con: duckdb.DuckDBPyConnection, agenda: str, round_no: int) -> None:
    """A new round begins with the answers about pairs as they stood; its worksheet shows them and may change them."""
    con.execute("delete from pair_answers where agenda = ? and round = ?", [agenda, round_no])
    con.execute(
        """insert into pair_answers select agenda, ?, left_id, right_id, verdict, note from pair_answers
        where agenda = ? and round = ? order by left_id, right_id""",
        [round_no, agenda, round_no - 1],
    )


def _summary(con: duckdb.DuckDBPyConnection, agenda: str, round_no: int) -> Summary:
    key = [agenda, round_no]
    outcomes = dict(
        con.execute(
            "select outcome, count(*)::int from outcomes where agenda = ? and round = ? group by 1 order by 1", key
        ).fetchall()
    )
    counts = con.execute(
        """
        select (select count(*) from outcomes where agenda = ?1 and round = ?2),
          (select count(*) from outcomes where agenda = ?1 and round = ?2 and needs_person),
          (select count(*) from changes where agenda = ?1 and round = ?2),
          (select count(*) from extract_rows where agenda = ?1),
          (select count(*) from outcomes where agenda = ?1 and round = ?2 and cause = ?3 and outcome in (?4, ?5))""",
        [*key, REMEMBERED, Outcome.CORRECTED, Outcome.DEACTIVATION],
    ).fetchall()[0]
    if counts[0] != counts[3] or sum(outcomes.values()) != counts[0]:
        raise AssertionError("setiap baris harus berakhir pada tepat satu hasil")
    return {
        "digest": digest(con, agenda, round_no),
        "rows": counts[0],
        "needs_person": counts[1],
        "changes": counts[2],
        "outcomes": outcomes,
        "rests_on": taken_from(con, agenda, round_no),
        "repeats": counts[4],
    }
