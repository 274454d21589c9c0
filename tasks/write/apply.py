"""SOP step 6: melakukan update. One transaction writes exactly what was approved, once, with its history.

The digest is recomputed from the rows inside the writing transaction and the ledger is asked for three signatures of
that digest. Order on disk: store first, ledger second; a crash between them is repaired by the next call, because
the store answers "already applied" and the missing ledger entry is then written.
"""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

import duckdb

from expectations.codes import CITY
from expectations.columns import DATES, STORED
from expectations.outcomes import FORBIDDEN_ELEMENTS, PROPOSAL_COLUMN
from tasks.approve import fully_approved
from tasks.errors import DigestMismatchError, Exit, Problem, UserError
from tasks.ledger import Kind, append, entries, writing
from tasks.office import WIB
from tasks.propose.changeset import digest
from tasks.propose.corrections import as_text
from tasks.resolve.decisions import remember
from tasks.steps import Summary, find, finish
from tasks.store import transaction

WRITABLE = (*(name for name in STORED if name not in FORBIDDEN_ELEMENTS), PROPOSAL_COLUMN)


@dataclass(frozen=True)
class Approved:
    """What was approved: one round's digest of one batch."""

    agenda: str
    round: int
    digest: str


def apply(
    con: duckdb.DuckDBPyConnection, ledger: sqlite3.Connection, approved: Approved, now: datetime
) -> tuple[Summary, bool]:
    """Writes an approved change-set; returns (summary, newly written). Called again, it changes nothing.

    Summary: {digest, round, written, unchanged, received, outcomes}. Raises DigestMismatchError when rows or
    signatures are not those of ``approved``; UserError when a resident changed since the proposal. Then nothing
    is written.
    """
    done = find(con, approved.agenda, "apply")
    if done is None:
        with transaction(con):
            _check_approval(con, ledger, approved)
            _check_conflicts(con, approved)
            summary = _write(con, approved, now)
            remember(con, approved.agenda)
            done = finish(con, approved.agenda, ("apply", 0), summary)
        newly = True
    elif done["digest"] != approved.digest:
        raise DigestMismatchError(f"{approved.agenda} sudah ditulis dengan sidik lain; tidak ada yang ditulis")
    else:
        newly = False
    _record(ledger, approved.agenda, done, now)
    return done, newly


def _check_approval(con: duckdb.DuckDBPyConnection, ledger: sqlite3.Connection, approved: Approved) -> None:
    if digest(con, approved.agenda, approved.round) != approved.digest:
        raise DigestMismatchError(f"usulan {approved.agenda} berubah sesudah disetujui; tidak ada yang ditulis")
    if not fully_approved(ledger, approved.agenda, approved.round, approved.digest):
        raise DigestMismatchError(f"usulan {approved.agenda} belum disetujui lengkap; tidak ada yang ditulis")


def _elements(con: duckdb.DuckDBPyConnection, approved: Approved) -> list[str]:
    rows = con.execute(
        "select distinct element from changes where agenda = ? and round = ? order by 1",
        [approved.agenda, approved.round],
    ).fetchall()
    forbidden = [element for (element,) in rows if element not in WRITABLE]
    if forbidden:
        raise DigestMismatchError(f"elemen yang tidak boleh ditulis: {', '.join(forbidden)}")
    return [element for (element,) in rows]


def _check_conflicts(con: duckdb.DuckDBPyConnection, approved: Approved) -> None:
    """A resident's element that is no longer what the proposal saw, or two changes of one element of one resident."""
    clashes = []
    key = [approved.agenda, approved.round]
    for element in _elements(con, approved):
        clashes += con.execute(
            f"""select c.row_id from changes c left join penduduk p using (resident_id)
            where c.agenda = ?1 and c.round = ?2 and c.element = '{element}' and c.resident_id is not null
              and (p.resident_id is null or c.register_value is distinct from {as_text("p", element)}
                   or p.no_prop || p.no_kab <> '{CITY}')
            union select max(row_id) from changes where agenda = ?1 and round = ?2 and element = '{element}'
              and resident_id is not null group by resident_id having count(distinct after) > 1""",
            key,
        ).fetchall()
    if clashes:
        rows = ", ".join(str(row) for (row,) in clashes[:10])
        raise UserError(
            Exit.OFFICE,
            Problem(
                f"usulan {approved.agenda}, baris {rows}",
                f"{len(clashes)} elemen sudah berubah sejak diusulkan",
                "data penduduk sama seperti saat diusulkan",
                "kembalikan ke Staff untuk diusulkan ulang",
            ),
        )


def _write(con: duckdb.DuckDBPyConnection, approved: Approved, now: datetime) -> Summary:
    day = now.astimezone(WIB).date().isoformat()
    key = [approved.agenda, approved.round]
    con.execute(
        """insert into history
        select agenda, row_id, resident_id, element, before, register_value, after, basis, cause,
          resident_id is not null and register_value is distinct from after, ?3::date
        from changes where agenda = ?1 and round = ?2 order by row_id, element""",
        [*key, day],
    )
    for element in _elements(con, approved):
        value = "c.after::date" if element in DATES else "c.after"
        con.execute(
            f"""update penduduk set {element} = {value} from changes c
            where c.agenda = ?1 and c.round = ?2 and c.element = '{element}'
              and c.resident_id = penduduk.resident_id and c.register_value is distinct from c.after""",
            key,
        )
    summary = _counts(con, approved)
    con.execute(
        "insert into applied values (?, ?, ?, ?, ?, ?, ?::date)",
        [*key, approved.digest, summary["written"], summary["unchanged"], summary["received"], day],
    )
    return summary


def _counts(con: duckdb.DuckDBPyConnection, approved: Approved) -> Summary:
    """What the batch ends in; asserts that every received line is an outcome or a rejected line (promise 1)."""
    key = [approved.agenda, approved.round]
    outcomes = dict(
        con.execute(
            "select outcome, count(*)::int from outcomes where agenda = ? and round = ? group by 1 order by 1", key
        ).fetchall()
    )
    written, unchanged, received, rejected = con.execute(
        """select (select count(*) from history where agenda = ?1 and written),
          (select count(*) from history where agenda = ?1 and not written),
          sum(received)::int, sum(rejected)::int from files where agenda = ?1""",
        [approved.agenda],
    ).fetchall()[0]
    if received != sum(outcomes.values()) + rejected:
        raise AssertionError("jumlah diterima tidak sama dengan jumlah hasil")
    return {
        "digest": approved.digest,
        "round": approved.round,
        "written": written,
        "unchanged": unchanged,
        "received": received,
        "rejected": rejected,
        "outcomes": outcomes,
    }


def _record(ledger: sqlite3.Connection, agenda: str, summary: Summary, now: datetime) -> None:
    with writing(ledger):
        if not entries(ledger, agenda, Kind.WRITTEN):
            append(ledger, now, (Kind.WRITTEN, agenda, "sinkron"), summary)
