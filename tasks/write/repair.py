"""Store and ledger told apart by a crash: what the store holds is written to the ledger, never the other way round.

Every writing commits in the store first and is entered in the ledger second, so after a crash the ledger can only
lack the newest entries. A ledger that knows more than the store means that an older store was put back.
"""

import json
from datetime import datetime

import duckdb

from expectations.approvals import CHAIN
from tasks.approvals.docket import PURGE, YES
from tasks.errors import Exit, Problem, UserError
from tasks.ledger import Kind, LedgerConnection, entries, writing
from tasks.retention.purge import PURGED, record_purge_request, record_purged
from tasks.steps import Summary
from tasks.write.apply import APPLY, record_written
from tasks.write.conflicts import UNDO, VOID, record_void
from tasks.write.undo import record_request, record_undone

Place = tuple[str, int]  # agenda, round of the step
RECORDED = {
    Kind.UNDO: "permintaan pembatalan", Kind.VOIDED: "usulan gugur", Kind.WRITTEN: "penulisan",
    Kind.UNDONE: "pembatalan", Kind.PURGE: "permintaan pemusnahan", Kind.PURGED: "pemusnahan",
}  # fmt: skip


def repair(con: duckdb.DuckDBPyConnection, ledger: LedgerConnection, now: datetime) -> list[str]:
    """Enters in the ledger what the store holds and the ledger lacks; returns one line for each, none when all is well.

    Writes nothing and raises UserError (OFFICE), naming what to restore, when the ledger holds a writing, an undo or a
    void round that the store lacks, or when the store holds a writing that the ledger knows no approval of.
    """
    held = {step: _steps(con, step) for step in (UNDO, VOID, APPLY, PURGE, PURGED)}
    undone = {place: done for place, done in held[APPLY].items() if "undoes" in done}
    written = {place: done for place, done in held[APPLY].items() if "undoes" not in done}
    expected = {Kind.UNDO: held[UNDO], Kind.PURGE: held[PURGE], Kind.VOIDED: held[VOID], Kind.WRITTEN: written,
                Kind.UNDONE: undone, Kind.PURGED: held[PURGED]}  # fmt: skip
    problems = [problem for kind, places in expected.items() for problem in _lost(ledger, kind, places)]
    problems += _unapproved(ledger, held[APPLY] | held[PURGED])
    if problems:
        raise UserError(Exit.OFFICE, *problems)
    recorders = {
        Kind.UNDO: lambda place, done: record_request(ledger, place[0], done, now),
        Kind.VOIDED: lambda place, done: record_void(ledger, place, done, now),
        Kind.WRITTEN: lambda place, done: record_written(ledger, place[0], done, now),
        Kind.UNDONE: lambda place, done: record_undone(ledger, place[0], done, now),
        Kind.PURGE: lambda place, done: record_purge_request(ledger, place[0], done, now),
        Kind.PURGED: lambda place, done: record_purged(ledger, place[0], done, now),
    }
    lines = []
    for kind, places in expected.items():
        for place, done in places.items():
            with writing(ledger):
                if recorders[kind](place, done):
                    lines.append(f"Buku Agenda dilengkapi: {RECORDED[kind]} {place[0]}")
    return lines


def _steps(con: duckdb.DuckDBPyConnection, step: str) -> dict[Place, Summary]:
    """(agenda, round) -> summary, in the order of writing as far as there is one."""
    rows = con.execute(
        """select s.agenda, s.round, s.summary from steps s left join applied a using (agenda)
        where s.step = ? order by a.n, s.agenda, s.round""",
        [step],
    ).fetchall()
    return {(agenda, round_no): json.loads(text) for agenda, round_no, text in rows}


def _lost(ledger: LedgerConnection, kind: Kind, held: dict[Place, Summary]) -> list[Problem]:
    """What the ledger tells of and the store does not hold with the same digest."""
    digests = {
        (agenda, round_no if kind is Kind.VOIDED else 0): done["digest"] for (agenda, round_no), done in held.items()
    }
    return [
        Problem(
            f"entri {entry.seq} Buku Agenda, agenda {entry.batch}", f"{RECORDED[kind]} yang tidak ada dalam store",
            "store yang memuat semua yang tercatat",
            "pulihkan store.duckdb dari cadangan sesudah entri itu: sinkron restore",
        )
        for entry in entries(ledger, kind=kind)
        if digests.get((entry.batch, entry.payload["round"] if kind is Kind.VOIDED else 0)) != entry.payload["digest"]
    ]  # fmt: skip


def _unapproved(ledger: LedgerConnection, held: dict[Place, Summary]) -> list[Problem]:
    """What was written and is not in the ledger, nor signed there: the ledger is older than the store.

    A signature withdrawn between the crash and now does not count as missing: it was there when the store was written.
    """
    known = {entry.batch for kind in (Kind.WRITTEN, Kind.UNDONE, Kind.PURGED) for entry in entries(ledger, kind=kind)}
    return [
        Problem(
            f"agenda {agenda}", "sudah ditulis, tetapi persetujuannya tidak ada dalam Buku Agenda",
            "Buku Agenda yang memuat persetujuannya", "pulihkan ledger.sqlite dari cadangan: sinkron restore",
        )
        for (agenda, _), done in held.items()
        if agenda not in known and not _signed(ledger, agenda, done)
    ]  # fmt: skip


def _signed(ledger: LedgerConnection, agenda: str, done: Summary) -> bool:
    """Whether each level of the chain said Ya to this digest at some time."""
    said = {
        entry.payload["role"]
        for entry in entries(ledger, agenda, Kind.DECISION)
        if (entry.payload["round"], entry.payload["digest"], entry.payload["decision"])
        == (done["round"], done["digest"], YES)
    }
    return said >= {level.role for level in CHAIN}
