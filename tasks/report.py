"""What a batch ended in, for people: read from the store and the ledger alone."""

import sqlite3
from datetime import datetime

import duckdb

from tasks.ledger import Kind, entries, verify
from tasks.load import ROWS_PER_FILE
from tasks.office import WIB, Office
from tasks.privacy import label, mask, mask_nik

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
        lines += _written(con, entry.batch)
        for decision in entries(ledger, entry.batch, Kind.DECISION):
            said = decision.payload
            if said["round"] == facts["round"]:
                lines.append(f"  {said['role']:6} {said['decision']:6} {decision.actor}  {wib(said['submitted_at'])}")
    lines += [
        f"Buku Agenda: {count} entri, rantai utuh, kepala {head[:16]}",
        f"Store (terenkripsi): {office.store}",
        f"Salinan analis (tersamar): {office.published}/sinkron.duckdb",
    ]
    return "\n".join(lines)


def history(con: duckdb.DuckDBPyConnection, agenda: str) -> list[str]:
    """Every approved change of a batch, one masked line each: row, element, semula -> menjadi, written, dasar."""
    rows = con.execute(
        """select row_id, element, before, register_before, after, written, basis, written_on::varchar
        from history where agenda = ? order by row_id, element""",
        [agenda],
    ).fetchall()
    return [
        f"{day}  berkas {row // ROWS_PER_FILE} baris {row % ROWS_PER_FILE}  {label(element)}: "
        f"pusat {mask(element, before)} | kantor {mask(element, held)} -> {mask(element, after)}  "
        f"[{'ditulis' if written else 'kantor sudah benar'}]  {basis}"
        for row, element, before, held, after, written, basis, day in rows
    ]


def _written(con: duckdb.DuckDBPyConnection, agenda: str) -> list[str]:
    rows = con.execute(
        """
        select p.nik, h.element, h.register_before, h.after, h.basis from history h join penduduk p using (resident_id)
        where h.agenda = ? and h.written order by h.row_id, h.element limit ?""",
        [agenda, SHOWN],
    ).fetchall()
    return [
        f"    {mask_nik(nik)} {label(element)}: {mask(element, before)} -> {mask(element, after)} ({basis})"
        for nik, element, before, after, basis in rows
    ]
