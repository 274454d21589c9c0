"""Undoing a written batch, or an earlier undo: a small change-set of its own, approved by the same chain.

Undoing restores the residents' rows byte for byte, so it is refused while a later batch that still holds touched any
of the same residents: newest first. Nothing is erased: the undo is in history beside what it undid.
"""

import json
from datetime import datetime

import duckdb

from expectations.approvals import Separation
from tasks.approvals.case import Case
from tasks.approvals.docket import SYSTEM, docket
from tasks.approvals.waiting import open_batches
from tasks.errors import DigestMismatchError, Exit, Problem, UserError
from tasks.ledger import Kind, LedgerConnection, append, check_clock, entries, writing
from tasks.privacy import scrub
from tasks.propose.changeset import digest
from tasks.reconcile.labels import credit_again
from tasks.retention.due import check_there
from tasks.steps import Summary, find, finish, finished
from tasks.store import transaction
from tasks.tree import commit
from tasks.write.apply import APPLY, already_written, check_approval, note_written, write_rows
from tasks.write.conflicts import UNDO, VOID, base_of, check_conflicts

CAUSE = "undo"
MAX_REASON = 500

# What a batch wrote, turned round. Change-set columns as everywhere; basis and cause say what is undone.
_INVERSE = f"""
select $case as agenda, 1 as round, row_id, resident_id, element, after as before, after as register_value,
  register_before as after, 'pembatalan ' || agenda as basis, '{CAUSE}' as cause
from history where agenda = $agenda and written
"""


def propose_undo(
    con: duckdb.DuckDBPyConnection, ledger: LedgerConnection, agenda: str, why: tuple[str, datetime]
) -> Case:
    """The change-set that undoes a written batch or undo, for the chain to approve; the open one when there is one.

    ``why``: (reason in words, now). Case agenda "<base>-U<n>", round 1. Raises UserError (USAGE) when the batch was
    never written, is undone already, or no reason is given; ConflictError, naming rows and what to undo first, when
    later batches touched the same residents or the register no longer holds what the batch wrote.
    """
    reason, now = scrub(why[0].strip())[:MAX_REASON], why[1]
    _check_holds(con, agenda)
    if not reason:
        raise UserError(Exit.USAGE, Problem("alasan pembatalan", "kosong", "alasan dalam kata", "tuliskan alasannya"))
    _check_kept(ledger, base_of(agenda))
    with writing(ledger):
        found = _open_case(con, ledger, agenda)
        if found is None:
            with transaction(con):
                found = _build(con, agenda, reason)
        record_request(ledger, found.agenda, finished(con, found.agenda)[UNDO, found.round], now)
    return found


def _check_kept(ledger: LedgerConnection, base: str) -> None:
    """Raises UserError when what the batch was made from is destroyed, or people are asked whether it should be."""
    check_there(ledger, base)
    if asked := [one.agenda for one in open_batches(ledger) if one.destroys == base]:
        received, step = f"pemusnahannya sedang diputuskan ({asked[0]})", "jawab itu dahulu dengan Tidak"
        raise UserError(Exit.USAGE, Problem(f"agenda {base}", received, "agenda yang datanya tetap disimpan", step))


def _check_holds(con: duckdb.DuckDBPyConnection, agenda: str) -> None:
    """Raises UserError when the batch is not written, or undone."""
    rows = con.execute(
        "select u.undone_by from applied a left join undone u using (agenda) where a.agenda = ?", [agenda]
    ).fetchall()
    place, allowed = f"agenda {scrub(agenda)}", "penerimaan atau pembatalan yang sudah ditulis"
    if not rows:
        raise UserError(
            Exit.USAGE, Problem(place, "belum pernah ditulis, atau tidak dikenal", allowed, "lihat: sinkron status")
        )
    by = rows[0][0]
    if by is not None:
        step = f"untuk mengembalikannya: sinkron undo {by}"
        raise UserError(Exit.USAGE, Problem(place, f"sudah dibatalkan oleh {by}", allowed, step))


def _open_case(con: duckdb.DuckDBPyConnection, ledger: LedgerConnection, agenda: str) -> Case | None:
    """The undo of ``agenda`` that is neither written nor void, and not refused or withdrawn."""
    rows = con.execute(
        """select s.agenda, s.round, s.summary from steps s
        where s.step = ?1 and not exists (select 1 from steps d where d.agenda = s.agenda and d.step in (?2, ?3))
        order by s.agenda""",
        [UNDO, APPLY, VOID],
    ).fetchall()
    for name, round_no, text in rows:
        request = json.loads(text)
        if request["undoes"] == agenda and docket(ledger, name).is_open:
            return Case(name, round_no, request["digest"])
    return None


def _build(con: duckdb.DuckDBPyConnection, agenda: str, reason: str) -> Case:
    """Stores the change-set of a new undo; raises ConflictError when it could not be written."""
    base = base_of(agenda)
    earlier = con.execute(
        "select count(*) from steps where step = ? and starts_with(agenda, ? || '-U')", [UNDO, base]
    ).fetchall()[0][0]
    name = f"{base}-U{earlier + 1}"
    con.execute(f"insert into changes from ({_INVERSE}) order by row_id, element", {"case": name, "agenda": agenda})
    rows, changes = con.execute(
        "select count(distinct row_id), count(*) from changes where agenda = ?", [name]
    ).fetchall()[0]
    found = Case(name, 1, digest(con, name, 1))
    request = {
        "undoes": agenda, "reason": reason, "digest": found.digest, "rows": rows, "changes": changes,
    }  # fmt: skip
    finish(con, name, (UNDO, 1), request)
    check_conflicts(con, found)
    return found


def undo(
    con: duckdb.DuckDBPyConnection, ledger: LedgerConnection, case: Case, about: tuple[datetime, Separation]
) -> tuple[Summary, bool]:
    """Writes an approved undo; returns (summary, newly written). Called again, it changes nothing.

    ``about``: (now, the office's separation of duties). Summary: {digest, round, undoes, written}; ``written``
    elements were restored. Raises as ``apply`` does, and then nothing is written.
    """
    with writing(ledger):  # nobody withdraws a signature between the check and the commit
        check_clock(ledger, about[0])
        done = already_written(con, case)
        newly = done is None
        if done is None:
            with transaction(con):
                done = _restore(con, ledger, case, about)
        record_undone(ledger, case.agenda, done, about[0])
    return done, newly


def _restore(
    con: duckdb.DuckDBPyConnection, ledger: LedgerConnection, case: Case, about: tuple[datetime, Separation]
) -> Summary:
    now, separation = about
    check_approval(con, ledger, case, separation)
    undoes = _asked(con, ledger, case)
    _check_inverse(con, case, undoes)
    check_conflicts(con, case)
    write_rows(con, case, now)
    written = con.execute("select count(*) from history where agenda = ?", [case.agenda]).fetchall()[0][0]
    summary = {"digest": case.digest, "round": case.round, "undoes": undoes, "written": written}
    note_written(con, case, summary, now)
    credit_again(con, base_of(case.agenda))
    return finish(con, case.agenda, (APPLY, 0), summary)


def _asked(con: duckdb.DuckDBPyConnection, ledger: LedgerConnection, case: Case) -> str:
    """What this undo is of, where ledger and store agree about it."""
    stored = find(con, case.agenda, UNDO, case.round)
    for entry in entries(ledger, case.agenda, Kind.UNDO):
        asked = (entry.payload["undoes"], entry.payload["digest"])
        if stored is not None and asked == (stored["undoes"], case.digest):
            return str(stored["undoes"])
    raise DigestMismatchError(f"pembatalan {case.agenda} tidak tercatat di Buku Agenda; tidak ada yang ditulis")


def _check_inverse(con: duckdb.DuckDBPyConnection, case: Case, undoes: str) -> None:
    """What was signed must be exactly what history says was written, turned round."""
    stored = "select * from changes where agenda = $case and round = 1"
    differing = con.execute(
        f"select count(*) from (({stored} except {_INVERSE}) union all ({_INVERSE} except {stored}))",
        {"case": case.agenda, "agenda": undoes},
    ).fetchall()[0][0]
    if differing or case.round != 1:
        raise DigestMismatchError(f"{case.agenda} bukan kebalikan {undoes}; tidak ada yang ditulis")


def record_request(ledger: LedgerConnection, agenda: str, request: Summary, now: datetime) -> bool:
    """The ledger's entries for a requested undo, once, in the caller's transaction; whether they were added now."""
    if entries(ledger, agenda, Kind.UNDO):
        return False
    asked = {key: request[key] for key in ("undoes", "reason", "digest")}
    proposed = {"round": 1, "step": UNDO, "staff": True} | {key: request[key] for key in ("digest", "rows", "changes")}
    append(ledger, now, (Kind.UNDO, agenda, SYSTEM), asked)
    append(ledger, now, (Kind.PROPOSED, agenda, SYSTEM), proposed)
    return True


def record_undone(ledger: LedgerConnection, agenda: str, summary: Summary, now: datetime) -> bool:
    """The ledger's entry for a written undo, once, in the caller's transaction; whether it was added now."""
    if entries(ledger, agenda, Kind.UNDONE):
        return False
    undone = {"undoes": summary["undoes"], "digest": summary["digest"], "restored": summary["written"]}
    append(ledger, now, (Kind.UNDONE, agenda, SYSTEM), undone | commit(ledger, agenda))
    return True
