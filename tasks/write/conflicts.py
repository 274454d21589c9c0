"""Residents that are no longer as a proposal saw them: found in the writing transaction, and the round is void.

A void round is never written, also when the conflict has gone since: its signatures were given to something else.
Order on disk: store first, ledger second; ``repair`` finishes what a crash between them left.
"""

import re
from datetime import datetime

import duckdb

from expectations.codes import CITY
from expectations.columns import STORED
from expectations.outcomes import FORBIDDEN_ELEMENTS, PROPOSAL_COLUMN
from tasks.approvals.case import Case
from tasks.approvals.docket import SYSTEM
from tasks.errors import ConflictError, DigestMismatchError, Exit, Problem, UserError
from tasks.ledger import Kind, LedgerConnection, append, entries, writing
from tasks.propose.corrections import as_text
from tasks.steps import Summary, find, finish
from tasks.store import transaction

WRITABLE = (*(name for name in STORED if name not in FORBIDDEN_ELEMENTS), PROPOSAL_COLUMN)
CONFLICT, CHANGED, SEPARATION, UNDONE = "konflik", "berubah", "pemisahan", "dasar dibatalkan"  # why a round is void
VOID, UNDO = "void", "undo"  # steps of a batch in the store
SHOWN = 10

# What others wrote to the same residents since batch $undoes and still holds. A batch and its undos all touch the same
# rows and each turns them over, so an odd number of them since then leaves the rows otherwise than that batch did.
_LATER = """
with families as (select agenda, regexp_replace(agenda, '-U[0-9]+$', '') as base, n from applied
  where n > (select n from applied where agenda = $undoes)),
since as (select base, max(n) as n from families group by base having count(*) % 2 = 1),
touched as (
  select h.resident_id, max(s.n) as n from history h join since s on h.agenda = s.base
  where h.written group by h.resident_id)
select c.row_id, c.element, a.agenda from changes c join touched t using (resident_id) join applied a using (n)
where c.agenda = $agenda and c.round = $round order by a.n desc, c.row_id, c.element
"""

_CONTRADICTING = """
select row_id from changes where agenda = ?1 and round = ?2 and element = ?3 and resident_id in (
  select resident_id from changes where agenda = ?1 and round = ?2 and element = ?3
  group by resident_id having count(distinct coalesce('=' || after, '')) > 1)
"""


def base_of(agenda: str) -> str:
    """The received batch behind an undo or destruction, or the batch itself: "2026-0001-U2" -> "2026-0001"."""
    return re.sub(r"-[UP][0-9]+$", "", agenda)


def elements(con: duckdb.DuckDBPyConnection, case: Case) -> list[str]:
    """The elements a change-set touches, sorted. Raises DigestMismatchError when one may not be written."""
    rows = con.execute(
        "select distinct element from changes where agenda = ? and round = ? order by 1", [case.agenda, case.round]
    ).fetchall()
    forbidden = [element for (element,) in rows if element not in WRITABLE]
    if forbidden:
        raise DigestMismatchError(f"elemen yang tidak boleh ditulis: {', '.join(forbidden)}")
    return [element for (element,) in rows]


def check_conflicts(con: duckdb.DuckDBPyConnection, case: Case) -> None:
    """Raises ConflictError with every (row_id, element) that a change-set can no longer be written to."""
    rows, later = _clashes(con, case)
    if not rows and not later:
        return
    numbers = ", ".join(str(row) for row in dict.fromkeys(row for row, _ in rows[:SHOWN]))
    received, next_step = _why(con, case, rows), "Staff menyusun ulang usulan"
    if later:
        received = f"{len(rows)} elemen milik orang yang ditulis lagi oleh {', '.join(later)}"
        next_step = f"batalkan dahulu {later[0]}: sinkron undo {later[0]}"
    elif case.agenda != base_of(case.agenda):
        next_step = "periksa siapa yang mengubah data itu, lalu ajukan perbaikannya sebagai usulan biasa"
    allowed = "data penduduk sama seperti saat diusulkan, dan satu isi untuk satu elemen satu orang"
    place = f"usulan {case.agenda}" + (f", baris {numbers}" if rows else "")
    problem = Problem(place, received, allowed, next_step)
    raise ConflictError(problem, rows, later)


def _why(con: duckdb.DuckDBPyConnection, case: Case, rows: list[tuple[int, str]]) -> str:
    """What stands in the way, in words: the register moved on, or rows of one person say different things."""
    apart = {
        (int(row_id), element) for element in elements(con, case)
        for (row_id,) in con.execute(_CONTRADICTING, [case.agenda, case.round, element]).fetchall()
    }  # fmt: skip
    told = {"sudah berubah sejak diusulkan": len(set(rows) - apart),
            "bertentangan dengan baris lain dari orang yang sama": len(apart)}  # fmt: skip
    return " dan ".join(f"{count} elemen {words}" for words, count in told.items() if count)


def _clashes(con: duckdb.DuckDBPyConnection, case: Case) -> tuple[list[tuple[int, str]], list[str]]:
    """((row_id, element) in order, agenda numbers written since, newest first). The latter only for an undo."""
    request = find(con, case.agenda, UNDO, case.round)
    clashes, later = set(), []
    if request is not None:
        key = {"undoes": request["undoes"], "agenda": case.agenda, "round": case.round}
        for row_id, element, agenda in con.execute(_LATER, key).fetchall():
            clashes.add((row_id, element))
            later.append(agenda)
        later += _turned_since(con, request["undoes"])
    for element in elements(con, case):
        rows = con.execute(_changed(element, undoing=request is not None), [case.agenda, case.round, element])
        clashes |= {(row_id, element) for (row_id,) in rows.fetchall()}
    return sorted(clashes), list(dict.fromkeys(later))


def _turned_since(con: duckdb.DuckDBPyConnection, undoes: str) -> list[str]:
    """The newest undo of the same letter when it left it otherwise than ``undoes`` did, written rows or none."""
    since = con.execute(
        """select agenda from applied where (agenda = ?1 or starts_with(agenda, ?1 || '-U'))
          and n > (select n from applied where agenda = ?2) order by n desc""",
        [base_of(undoes), undoes],
    ).fetchall()
    return [since[0][0]] if len(since) % 2 else []


def _changed(element: str, *, undoing: bool) -> str:
    """SQL: rows whose resident is gone, has another value now, or belongs to another regency; or contradict others.

    An undo may move a resident back into the city: the batch it undoes had moved it out.
    """
    abroad = "" if undoing else f"or p.no_prop || p.no_kab <> '{CITY}'"
    return f"""
    select c.row_id from changes c left join penduduk p using (resident_id)
    where c.agenda = ?1 and c.round = ?2 and c.element = ?3 and c.resident_id is not null
      and (p.resident_id is null or c.register_value is distinct from {as_text("p", element)} {abroad})
    union {_CONTRADICTING}"""


def check_not_void(con: duckdb.DuckDBPyConnection, ledger: LedgerConnection, case: Case) -> None:
    """Raises DigestMismatchError when the round was declared void in the store or in the ledger."""
    rounds = [entry.payload["round"] for entry in entries(ledger, case.agenda, Kind.VOIDED)]
    if case.round in rounds or find(con, case.agenda, VOID, case.round) is not None:
        raise DigestMismatchError(f"usulan {case.agenda} ronde {case.round} sudah gugur; tidak ada yang ditulis")


def void(con: duckdb.DuckDBPyConnection, ledger: LedgerConnection, case: Case, about: tuple[str, datetime]) -> Summary:
    """Declares a round void for ever; called again it changes nothing. Returns {digest, why, rows}.

    ``about``: (CONFLICT, CHANGED, SEPARATION or UNDONE, now). Table ``conflicts`` then lists the rows that stand in the
    way, for Staff; their number is in the ledger. Raises UserError when the batch is written already.
    """
    with writing(ledger):
        done = find(con, case.agenda, VOID, case.round)
        if done is None:
            with transaction(con):
                done = _store_void(con, case, about[0])
        record_void(ledger, (case.agenda, case.round), done, about[1])
    return done


def _store_void(con: duckdb.DuckDBPyConnection, case: Case, why: str) -> Summary:
    if find(con, case.agenda, "apply") is not None:
        raise UserError(Exit.OFFICE, _written(case.agenda))
    rows = _clashes(con, case)[0] if why == CONFLICT else []
    if rows:
        lines = [(case.agenda, case.round, row_id, element) for row_id, element in rows]
        con.executemany("insert into conflicts values (?, ?, ?, ?)", lines)
    done = {"digest": case.digest, "why": why, "rows": len(rows)}
    return finish(con, case.agenda, (VOID, case.round), done)


def conflicts(con: duckdb.DuckDBPyConnection, agenda: str, round_no: int) -> list[tuple[int, str]]:
    """(row_id, element) of what made a round void, in order; empty when nothing did."""
    rows = con.execute(
        "select row_id, element from conflicts where agenda = ? and round = ? order by all", [agenda, round_no]
    )
    return [(row_id, element) for row_id, element in rows.fetchall()]


def record_void(ledger: LedgerConnection, place: tuple[str, int], done: Summary, now: datetime) -> bool:
    """The ledger's entry for a void round (``place`` = agenda, round), once, in the caller's transaction.

    Returns whether it was added now.
    """
    agenda, round_no = place
    if any(entry.payload["round"] == round_no for entry in entries(ledger, agenda, Kind.VOIDED)):
        return False
    append(ledger, now, (Kind.VOIDED, agenda, SYSTEM), {"round": round_no, **done})
    return True


def _written(agenda: str) -> Problem:
    return Problem(f"usulan {agenda}", "sudah ditulis", "usulan yang belum ditulis", f"batalkan: sinkron undo {agenda}")
