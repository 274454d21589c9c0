"""SOP step 6: melakukan update. One transaction writes exactly what was approved, once, with its history.

The digest is recomputed from the rows inside the writing transaction and the ledger is asked for three signatures of
that digest. Order on disk: store first, ledger second; a crash between them is finished by the next call or by
``repair``, because the store answers "already applied" and the missing ledger entry is then written.
"""

from datetime import datetime

import duckdb

from expectations.approvals import Separation
from expectations.columns import DATES
from tasks.approvals.case import Case
from tasks.approvals.docket import SYSTEM, docket, fully_approved
from tasks.errors import BasisUndoneError, DigestMismatchError, NotApprovedError
from tasks.ledger import Kind, LedgerConnection, append, check_clock, entries, writing
from tasks.office import WIB
from tasks.propose.changeset import digest
from tasks.remember.basis import taken_from, undone_since
from tasks.remember.keep import remember_rows
from tasks.resolve.decisions import remember
from tasks.steps import Summary, find, finish
from tasks.store import transaction
from tasks.tree import commit
from tasks.write.conflicts import UNDO, check_conflicts, check_not_void, elements

APPLY = "apply"


def apply(
    con: duckdb.DuckDBPyConnection, ledger: LedgerConnection, case: Case, about: tuple[datetime, Separation]
) -> tuple[Summary, bool]:
    """Writes an approved change-set; returns (summary, newly written). Called again, it changes nothing.

    ``about``: (now, the office's separation of duties). Summary: {digest, round, written, unchanged, received,
    rejected, outcomes}. Raises DigestMismatchError when the rows are not those of ``case`` or its round is void,
    NotApprovedError when signatures are missing, BasisUndoneError when a batch whose decisions it takes over is
    undone, ConflictError when a resident changed since the proposal. Then nothing is written.
    """
    with writing(ledger):  # nobody withdraws a signature between the check and the commit
        check_clock(ledger, about[0])
        done = already_written(con, case)
        newly = done is None
        if done is None:
            with transaction(con):
                done = _write(con, ledger, case, about)
        record_written(ledger, case.agenda, done, about[0])
    return done, newly


def _write(
    con: duckdb.DuckDBPyConnection, ledger: LedgerConnection, case: Case, about: tuple[datetime, Separation]
) -> Summary:
    now, separation = about
    check_approval(con, ledger, case, separation)
    if find(con, case.agenda, UNDO, case.round) is not None:
        raise DigestMismatchError(f"{case.agenda} adalah pembatalan; tidak ada yang ditulis")
    _check_basis(con, ledger, case)
    check_conflicts(con, case)
    write_rows(con, case, now)
    summary = _counts(con, case)
    note_written(con, case, summary, now)
    remember(con, case.agenda)
    remember_rows(con, case.agenda)
    return finish(con, case.agenda, (APPLY, 0), summary)


def already_written(con: duckdb.DuckDBPyConnection, case: Case) -> Summary | None:
    """What was written for this batch, or None. Raises DigestMismatchError when that was another change-set."""
    done = find(con, case.agenda, APPLY)
    if done is not None and done["digest"] != case.digest:
        raise DigestMismatchError(f"{case.agenda} sudah ditulis dengan sidik lain; tidak ada yang ditulis")
    return done


def check_approval(
    con: duckdb.DuckDBPyConnection, ledger: LedgerConnection, case: Case, separation: Separation
) -> None:
    """Raises DigestMismatchError when the round is void or the rows have another digest.

    Raises NotApprovedError when only somebody's approval is missing.
    """
    check_not_void(con, ledger, case)
    if digest(con, case.agenda, case.round) != case.digest:
        raise DigestMismatchError(f"usulan {case.agenda} berubah sesudah disetujui; tidak ada yang ditulis")
    if not fully_approved(ledger, case, separation):
        raise NotApprovedError(f"usulan {case.agenda} belum disetujui lengkap; tidak ada yang ditulis")


def _check_basis(con: duckdb.DuckDBPyConnection, ledger: LedgerConnection, case: Case) -> None:
    """The earlier decisions that it takes over still hold, and their batches were named to who judged separation."""
    place, named = (case.agenda, case.round), docket(ledger, case.agenda).current.rests_on
    if undone := undone_since(con, *place):
        told = f"usulan {case.agenda} memakai keputusan agenda {', '.join(undone)} yang sudah dibatalkan"
        raise BasisUndoneError(f"{told}; tidak ada yang ditulis")
    if unnamed := [earlier for earlier in taken_from(con, *place) if earlier not in named]:
        told = f"usulan {case.agenda} memakai keputusan agenda {', '.join(unnamed)} yang tidak disebut saat diajukan"
        raise DigestMismatchError(f"{told}; tidak ada yang ditulis")


def write_rows(con: duckdb.DuckDBPyConnection, case: Case, now: datetime) -> None:
    """History first, then the residents, inside the caller's transaction."""
    key = [case.agenda, case.round]
    con.execute(
        """insert into history
        select agenda, row_id, resident_id, element, before, register_value, after, basis, cause,
          resident_id is not null and register_value is distinct from after, ?3::date
        from changes where agenda = ?1 and round = ?2 order by row_id, element""",
        [*key, _day(now)],
    )
    for element in elements(con, case):
        value = "c.after::date" if element in DATES else "c.after"
        con.execute(
            f"""update penduduk set {element} = {value} from changes c
            where c.agenda = ?1 and c.round = ?2 and c.element = '{element}'
              and c.resident_id = penduduk.resident_id and c.register_value is distinct from c.after""",
            key,
        )


def note_written(con: duckdb.DuckDBPyConnection, case: Case, summary: Summary, now: datetime) -> None:
    """One line per batch or undo, numbered in the order of writing."""
    con.execute(
        """insert into applied select ?, ?, ?, ?, ?, ?, ?::date, ?, coalesce(max(n), 0) + 1 from applied""",
        [case.agenda, case.round, case.digest, summary["written"], summary.get("unchanged", 0),
         summary.get("received", 0), _day(now), summary.get("undoes")],
    )  # fmt: skip


def record_written(ledger: LedgerConnection, agenda: str, summary: Summary, now: datetime) -> bool:
    """The ledger's entry for a written batch, once, in the caller's transaction; returns whether it was added now.

    It commits to all entries before it (tasks.tree), so that its head, printed on the Berita Acara, stands for them.
    """
    if entries(ledger, agenda, Kind.WRITTEN):
        return False
    append(ledger, now, (Kind.WRITTEN, agenda, SYSTEM), summary | commit(ledger, agenda))
    return True


def _day(now: datetime) -> str:
    return now.astimezone(WIB).date().isoformat()


def _counts(con: duckdb.DuckDBPyConnection, case: Case) -> Summary:
    """What the batch ends in; asserts that every received line is an outcome or a rejected line (promise 1)."""
    key = [case.agenda, case.round]
    outcomes = dict(
        con.execute(
            "select outcome, count(*)::int from outcomes where agenda = ? and round = ? group by 1 order by 1", key
        ).fetchall()
    )
    written, unchanged, received, rejected = con.execute(
        """select (select count(*) from history where agenda = ?1 and written),
          (select count(*) from history where agenda = ?1 and not written),
          sum(received)::int, sum(rejected)::int from files where agenda = ?1""",
        [case.agenda],
    ).fetchall()[0]
    if received != sum(outcomes.values()) + rejected:
        raise AssertionError("jumlah diterima tidak sama dengan jumlah hasil")
    return {
        "digest": case.digest,
        "round": case.round,
        "written": written,
        "unchanged": unchanged,
        "received": received,
        "rejected": rejected,
        "outcomes": outcomes,
    }
