"""What a batch ended in, for people: read from the store and the ledger alone."""

import sqlite3
from datetime import datetime

import duckdb

from tasks.approvals.people import mandate_of
from tasks.ledger import Entry, Kind, entries, entries_of, verify
from tasks.load import ROWS_PER_FILE
from tasks.office import WIB, Office
from tasks.privacy import label, mask, mask_basis, mask_nik, scrub

SHOWN = 5


def wib(at: str) -> str:
    """A ledger time as the office reads it."""
    return f"{datetime.fromisoformat(at).astimezone(WIB):%d-%m-%Y %H.%M} WIB"


def report(con: duckdb.DuckDBPyConnection, ledger: sqlite3.Connection, office: Office) -> str:
    """Counts, the first written changes (masked), signatures, and the ledger's head. Plain text, Indonesian."""
    count, head = verify(ledger)
    lines = []
    for entry in entries(ledger, kind=Kind.WRITTEN):
        facts = entry.payload
        lines += [
            f"Agenda {entry.batch}: {facts['received']} baris diterima",
            *(f"  {outcome:16} {number:6}" for outcome, number in facts["outcomes"].items()),
            f"  {'ditolak pembaca':16} {facts['rejected']:6}",
            f"  {facts['written']} elemen ditulis ke penduduk, {facts['unchanged']} sudah benar di data kantor",
        ]
        lines += [
            *_written(con, entry.batch),
            *_decisions(ledger, entry.batch, facts["round"]),
            *_undone(con, entry.batch),
        ]
    for entry in entries(ledger, kind=Kind.UNDONE):
        facts = entry.payload
        lines.append(f"Agenda {entry.batch}: pembatalan {facts['undoes']}, {facts['restored']} elemen dikembalikan")
        lines += [*_decisions(ledger, entry.batch, 1), *_undone(con, entry.batch)]
    lines += [
        f"Buku Agenda: {count} entri, rantai utuh, kepala {head[:16]}",
        f"Store (terenkripsi): {office.store}",
        f"Salinan analis (tersamar): {office.published}/sinkron.duckdb",
    ]
    return "\n".join(lines)


def _open(_: str, value: str | None) -> str:
    return "(kosong)" if value is None else value


def _open_basis(basis: str, _: str) -> str:
    return basis


def history(con: duckdb.DuckDBPyConnection, agenda: str, *, masked: bool = True) -> list[str]:
    """Every approved change of a batch and of its undos, in the order of writing, one line each.

    Row, element, semula -> menjadi, whether it was written, dasar; an undo names itself instead of the centre's value.
    """
    told, why = (mask, mask_basis) if masked else (_open, _open_basis)
    rows = con.execute(
        """select h.agenda, a.undoes is not null as undo, row_id, element, before, register_before, after,
          case when undo then 'dikembalikan' when h.written then 'ditulis'
            when h.resident_id is null then 'tidak ada pada data kantor' else 'kantor sudah benar' end,
          basis, cause, h.written_on::varchar
        from history h join applied a using (agenda) where agenda = ?1 or starts_with(agenda, ?1 || '-U')
        order by a.n, row_id, element""",
        [agenda],
    ).fetchall()
    return [
        f"{day}  berkas {row // ROWS_PER_FILE} baris {row % ROWS_PER_FILE}  {label(element)}: "
        f"{'pembatalan ' + number if undo else 'pusat ' + told(element, before)} | kantor {told(element, held)} -> "
        f"{told(element, after)}  [{end}]  {why(basis, cause)}"
        for number, undo, row, element, before, held, after, end, basis, cause, day in rows
    ]


def _decisions(ledger: sqlite3.Connection, agenda: str, round_no: int) -> list[str]:
    """Who decided what in which post; what was withdrawn; where one person held two hands."""
    found = [entry for entry in entries_of(ledger, (Kind.DECISION, Kind.WITHDRAWN)) if entry.batch == agenda]
    return [_said(entry) for entry in found if entry.payload["round"] == round_no]


def _said(entry: Entry) -> str:
    facts = entry.payload
    mandate = mandate_of(facts["mandate"])
    letter = f"  surat {scrub(mandate.letter)}" if mandate.letter else ""
    noted = f"  CATATAN PEMISAHAN TUGAS: {facts['noted']}" if facts["noted"] else ""
    return f"  {mandate.title:12} {facts['decision']:6} {entry.actor}  {wib(facts['submitted_at'])}{letter}{noted}"


def _undone(con: duckdb.DuckDBPyConnection, agenda: str) -> list[str]:
    rows = con.execute(
        "select undone_by, a.written_on from undone u join applied a on a.agenda = undone_by where u.agenda = ?",
        [agenda],
    )
    return [f"  DIBATALKAN oleh {by}, {day:%d-%m-%Y}" for by, day in rows.fetchall()]


def _written(con: duckdb.DuckDBPyConnection, agenda: str) -> list[str]:
    rows = con.execute(
        """
        select p.nik, h.element, h.register_before, h.after, h.basis, h.cause
        from history h join penduduk p using (resident_id)
        where h.agenda = ? and h.written order by h.row_id, h.element limit ?""",
        [agenda, SHOWN],
    ).fetchall()
    return [
        f"    {mask_nik(nik)} {label(element)}: {mask(element, before)} -> {mask(element, after)} "
        f"({mask_basis(basis, cause)})"
        for nik, element, before, after, basis, cause in rows
    ]
