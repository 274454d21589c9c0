"""The store against the ledger: what was written is what was signed, and nothing else is in the register."""

from collections.abc import Iterator
from typing import Any

import duckdb

from expectations.approvals import Separation
from expectations.columns import STORED
from expectations.outcomes import FORBIDDEN_ELEMENTS, PROPOSAL_COLUMN
from expectations.retention import EMPTIED, REMOVED
from tasks.anchors import STORE, Anchor
from tasks.approvals.case import Case
from tasks.approvals.docket import docket, fully_approved
from tasks.errors import UserError
from tasks.evidence.findings import Check, Finding, right, warn, wrong
from tasks.evidence.heads import bound
from tasks.evidence.replay import WRITTEN, Book
from tasks.ledger import Kind, entries_of
from tasks.propose.changeset import digest
from tasks.propose.corrections import as_text
from tasks.remember.basis import taken_from
from tasks.steps import verify_marks

WRITABLE = frozenset({*STORED, PROPOSAL_COLUMN} - set(FORBIDDEN_ELEMENTS))

# What was written differs from what was signed: history is made from changes, line by line.
_HISTORY = """
with signed as (
  select agenda, row_id, resident_id, element, before, register_value, after, basis, cause,
    resident_id is not null and register_value is distinct from after as written
  from changes where agenda = $agenda and round = $round),
kept as (
  select agenda, row_id, resident_id, element, before, register_before, after, basis, cause, written
  from history where agenda = $agenda)
select count(*) from ((from signed except all from kept) union all (from kept except all from signed))
"""
_LAST_WRITTEN = """
select h.resident_id, h.after from history h join applied a using (agenda) where h.written and h.element = ?
qualify row_number() over (partition by h.resident_id order by a.n desc) = 1
"""


def compare_store(book: Book, con: duckdb.DuckDBPyConnection, noted: list[Anchor]) -> list[Finding]:
    """All comparisons of an open store with a read ledger; ``noted``: the second file's lines from before both."""
    found = list(_marks(con, noted))
    found += _writings(book, con)
    found += _proposals(book, con)
    found += _register(con)
    found += _destroyed(book, con)
    return found


def _marks(con: duckdb.DuckDBPyConnection, noted: list[Anchor]) -> Iterator[Finding]:
    """The store's own chain, and the heads of it that were noted outside."""
    try:
        count, _ = verify_marks(con)
    except UserError as error:
        yield wrong(Check.STORE, str(error))
        return
    hashes = dict(con.execute("select n, hash from marks").fetchall())
    known = [anchor for anchor in bound(noted, STORE) if anchor.number]
    for anchor in known:
        if hashes.get(anchor.number) != anchor.hash:
            text = f"tanda {anchor.number} yang dicatat jangkar pada {anchor.at} tidak ada di store"
            yield wrong(Check.STORE, text)
    last = max((anchor.number for anchor in known), default=0)
    yield right(Check.STORE, f"store: {count} tanda, dicatat jangkar sampai {last}")
    if last < count:
        yield warn(Check.STORE, f"{count - last} tanda terakhir store belum dicatat jangkar saat pemeriksaan dimulai")


def _writings(book: Book, con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """Every writing of the ledger in the store with the same figures and bytes, and the other way round."""
    columns = ("agenda", "round", "digest", "written", "unchanged", "received", "undoes")
    rows = con.execute(f"select {', '.join(columns)} from applied order by n").fetchall()
    held = {row[0]: dict(zip(columns, row, strict=True)) for row in rows}
    told = {entry.batch: entry for entry in entries_of(book.con, WRITTEN)}
    for agenda, entry in told.items():
        place = f"entri {entry.seq} ({entry.kind} {agenda})"
        if agenda not in held:
            yield wrong(Check.STORE, f"{place}: tidak ada di store; pulihkan store sesudah entri itu", entry.seq)
            continue
        for fault in _differing(con, held[agenda], entry.payload):
            yield wrong(Check.STORE, f"{place}: {fault}", entry.seq)
    for agenda, row in held.items():
        if agenda not in told:
            yield _untold(book, agenda, row)
    for (agenda,) in con.execute(
        "select distinct agenda from history where agenda not in (select agenda from applied) order by 1"
    ).fetchall():
        yield wrong(Check.STORE, f"agenda {agenda}: riwayat penulisan tanpa penulisan yang tercatat")
    yield right(Check.STORE, f"store: {len(held)} penulisan, sidiknya dihitung ulang")


def _differing(con: duckdb.DuckDBPyConnection, row: dict[str, Any], facts: dict[str, Any]) -> Iterator[str]:
    """Faults of one writing: figures, digest recomputed from the signed rows, history line by line."""
    agenda, place = row["agenda"], {"agenda": row["agenda"], "round": row["round"]}
    written, unchanged = con.execute(
        "select count(*) filter (written), count(*) filter (not written) from history where agenda = ?", [agenda]
    ).fetchall()[0]
    expected = {"digest": facts["digest"], "round": facts.get("round", 1), "undoes": facts.get("undoes")}
    expected["written"] = facts["restored"] if "restored" in facts else facts["written"]
    if "unchanged" in facts:
        expected |= {"unchanged": facts["unchanged"], "received": facts["received"]}
    for name, value in expected.items():
        if row[name] != value:
            yield f"{name} di store lain dari Buku Agenda"
    if written != expected["written"] or unchanged != facts.get("unchanged", unchanged):
        yield f"riwayat memuat {written} + {unchanged} elemen, Buku Agenda mencatat angka lain"
    if digest(con, agenda, row["round"]) != facts["digest"]:
        yield "usulan di store lain dari yang ditandatangani (sidik dihitung ulang)"
    elif con.execute(_HISTORY, place).fetchall()[0][0]:
        yield "riwayat lain dari usulan yang ditandatangani"


def _untold(book: Book, agenda: str, row: dict[str, Any]) -> Finding:
    if fully_approved(book.con, Case(agenda, row["round"], row["digest"]), Separation.NOTED):
        return warn(Check.STORE, f"agenda {agenda}: ditulis, belum tercatat di Buku Agenda; jalankan sinkron recover")
    return wrong(Check.STORE, f"agenda {agenda}: ditulis di store tanpa persetujuan di Buku Agenda")


def _proposals(book: Book, con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """A change-set put before people is in the store with that digest; one in the store was put before people."""
    held = {
        (agenda, round_no, step): found
        for agenda, round_no, step, found in con.execute(
            """select agenda, round, step, summary ->> 'digest' from steps
            where step in ('draft', 'propose', 'undo', 'purge') order by all"""
        ).fetchall()
    }
    told = {(e.batch, e.payload["round"], e.payload["step"]): e for e in entries_of(book.con, (Kind.PROPOSED,))}
    for (agenda, round_no, step), entry in told.items():
        if held.get((agenda, round_no, step)) != entry.payload["digest"]:
            text = f"entri {entry.seq}: usulan {agenda} ronde {round_no} ({step}) tidak ada di store dengan sidik itu"
            yield warn(Check.STORE, text, entry.seq)
        elif step == "propose" and not {*taken_from(con, agenda, round_no)} <= {*entry.payload.get("rests_on", ())}:
            text = f"entri {entry.seq}: usulan {agenda} ronde {round_no} memakai keputusan agenda yang tidak disebutnya"
            yield wrong(Check.STORE, text, entry.seq)
    for agenda, round_no, step in held:
        if (agenda, round_no, step) not in told and docket(book.con, agenda).is_open:
            yield warn(Check.STORE, f"usulan {agenda} ronde {round_no} ({step}) di store belum tercatat di Buku Agenda")


def _register(con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """Every element that a batch wrote still reads as it was last written."""
    elements = con.execute("select distinct element from history where written order by 1").fetchall()
    for (element,) in elements:
        if element not in WRITABLE:
            yield wrong(Check.STORE, "riwayat memuat elemen yang tidak boleh ditulis")
            continue
        count = con.execute(
            f"""select count(*) from ({_LAST_WRITTEN}) w left join penduduk p using (resident_id)
            where p.resident_id is null or {as_text("p", element)} is distinct from w.after""",
            [element],
        ).fetchall()[0][0]
        if count:
            text = f"register: {count} nilai {element} lain dari yang terakhir ditulis; diubah tanpa persetujuan"
            yield wrong(Check.STORE, text)


def _destroyed(book: Book, con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """Nothing that a batch was made from came back into the store after it was destroyed."""
    held = {agenda for (agenda,) in con.execute("select agenda from steps where step = 'purged'").fetchall()}
    told = {entry.batch: entry for entry in entries_of(book.con, (Kind.PURGED,))}
    for case, entry in told.items():
        left = [
            name for name, what in (*((n, " or ".join(f"{one} is not null" for one in c)) for n, c in EMPTIED.items()),
                                    *((name, "true") for name in REMOVED))
            if con.execute(f"select count(*) from {name} where agenda = ? and ({what})",
                           [entry.payload["destroys"]]).fetchall()[0][0]
        ]  # fmt: skip
        left += _named(con, str(entry.payload["destroys"]))
        if left or case not in held:
            text = f"entri {entry.seq}: data agenda {entry.payload['destroys']} masih ada di store"
            yield wrong(Check.PURGE, text, entry.seq)
    for case in held - told.keys():
        yield warn(Check.PURGE, f"{case}: dimusnahkan di store, belum tercatat; jalankan sinkron recover")


def _named(con: duckdb.DuckDBPyConnection, agenda: str) -> list[str]:
    """The table where a destroyed batch still tells of somebody by NIK whom no other batch knows."""
    count = con.execute(
        """select count(*) from subjects where agenda = ?1 and subject like 'N%' and subject not in (
          select subject from subjects where agenda not in (
            select summary ->> 'destroys' from steps where step = 'purged'))""",
        [agenda],
    ).fetchall()[0][0]
    return ["subjects"] if count else []
