"""The ledger read once more from its first entry: every hash, and every decision and writing by what stood before it.

Decisions and writings are judged with the office's own reading of the entries (tasks.approvals), each time over a copy
in memory that ends just before the entry in question; the stand-alone verifier reads them in its own way.
"""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from expectations.approvals import CHAIN, LEVELS, STAFF, Separation
from tasks.approvals.case import Case
from tasks.approvals.docket import NO, SUBMIT, WITHDRAW, YES, Docket, Round, docket, fully_approved, signatures
from tasks.approvals.people import DEVICE as ENROLLED
from tasks.approvals.people import KINDS as ABOUT_PEOPLE
from tasks.approvals.people import Person, mandate_facts, people
from tasks.evidence.findings import Check, Finding, right, warn, wrong
from tasks.evidence.proofs import Used, enrolment_holds, proof_holds
from tasks.ledger import CLOCK_TOLERANCE, GENESIS, Entry, Kind, entry_hash
from tasks.office import WIB
from tasks.tree import Tree, rests_on, taken_over

SIGNED, WRITTEN = (Kind.DECISION, Kind.WITHDRAWN), (Kind.WRITTEN, Kind.UNDONE)
DONE = (*WRITTEN, Kind.PURGED)  # what needs everybody's word
PROVING = (*SIGNED, Kind.ATTEMPT, Kind.OPENED, Kind.PAUSED)
NOTED_ALONE = frozenset((*ABOUT_PEOPLE, *SIGNED, *DONE))  # one transaction and one anchor each
MALFORMED = (AssertionError, AttributeError, KeyError, TypeError, ValueError)
NEEDED: dict[str, dict[str, type]] = {  # what the reading of a batch relies on
    Kind.PROPOSED: {"round": int, "digest": str, "step": str}, Kind.VOIDED: {"round": int},
    Kind.DECISION: {"round": int, "role": str}, Kind.WITHDRAWN: {"round": int, "role": str},
    Kind.ATTEMPT: {"round": int, "role": str, "channel": str, "reason": str}, Kind.UNDO: {"undoes": str},
    Kind.WRITTEN: {"round": int, "digest": str}, Kind.UNDONE: {"digest": str, "undoes": str}, Kind.RECEIVED: {},
    Kind.PURGE: {"destroys": str}, Kind.PURGED: {"round": int, "digest": str, "destroys": str},
    Kind.PAUSED: {"letter": str, "rows": int, "refused": str},
}  # fmt: skip
COPY = """
create table entries (seq integer primary key, at text, kind text, batch text, actor text, payload text, prev text,
  hash text);
create index entries_batch on entries (batch, kind);
create index entries_actor on entries (actor);
create index entries_kind on entries (kind);
"""


@dataclass
class Book:
    """A ledger that was read. ``con``: its well-formed entries in memory; ``hashes``: by number, 64 zeros first."""

    con: sqlite3.Connection
    hashes: list[str] = field(default_factory=lambda: [GENESIS])
    alone: list[int] = field(default_factory=list)
    found: list[Finding] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    used: Used = field(default_factory=Used)
    newest_at: str = ""
    tree: Tree = field(default_factory=Tree)

    @property
    def count(self) -> int:
        """How many entries."""
        return len(self.hashes) - 1


def read_book(ledger: sqlite3.Connection) -> Book:
    """Reads and judges every entry. Nothing is raised for what is in the entries: it is found."""
    copy = sqlite3.connect(":memory:", isolation_level=None)
    copy.executescript(COPY)
    book = Book(copy)
    try:
        for row in ledger.execute("select seq, at, kind, batch, actor, payload, prev, hash from entries order by seq"):
            _take(book, row)
    except sqlite3.DatabaseError:
        book.found.append(wrong(Check.CHAIN, f"ledger.sqlite tidak terbaca sesudah entri {book.count}"))
    broken = [finding.seq for finding in book.found if finding.check is Check.CHAIN and finding.seq]
    if not broken:
        book.found.append(right(Check.CHAIN, f"Buku Agenda: {book.count} entri, kepala {book.hashes[-1]}"))
    return book


def _take(book: Book, row: tuple[Any, ...]) -> None:
    """One entry: its hash, then what it says, then it is added to what stood before the next."""
    number, prev = book.count + 1, book.hashes[-1]
    seq, *fields, stored_prev, stored = row
    try:
        found = entry_hash(prev, seq, *fields)
    except UnicodeEncodeError:
        found = ""
    if (seq, stored_prev, stored) != (number, prev, found):
        book.found.append(wrong(Check.CHAIN, f"rantai putus pada entri {number}", number))
    before = book.tree.facts
    book.hashes.append(str(stored))
    try:
        book.tree.add(bytes.fromhex(str(stored)))
        at, kind, batch, actor, text = fields
        entry = Entry(number, at, kind, batch, actor, json.loads(text), str(stored))
        _check_shape(entry)
        book.found.extend(_committed(book, entry, before))
        book.found.extend(_judged(book, entry))
        book.con.execute("insert into entries values (?, ?, ?, ?, ?, ?, ?, ?)", (number, *fields, prev, str(stored)))
        if entry.kind in ABOUT_PEOPLE:
            book.people = people(book.con)
    except MALFORMED:
        check = Check.ENTRY if fields[1] in (*NOTED_ALONE, Kind.PROPOSED, Kind.VOIDED) else Check.SHAPE
        book.found.append(wrong(check, f"entri {number}: bukan seperti yang ditulis Sinkron", number))


def _check_shape(entry: Entry) -> None:
    """Raises what MALFORMED names when reading the entry later could not work."""
    needed = NEEDED.get(entry.kind, {})
    if not isinstance(entry.payload, dict) or not all(isinstance(entry.payload[name], t) for name, t in needed.items()):
        raise TypeError(entry.kind)


def _judged(book: Book, entry: Entry) -> Iterator[Finding]:
    """What is wrong with one entry, by the entries before it."""
    if entry.kind in NOTED_ALONE:
        book.alone.append(entry.seq)
    if entry.kind != Kind.CLOCK and book.newest_at and entry.at < book.newest_at:
        behind = datetime.fromisoformat(book.newest_at) - datetime.fromisoformat(entry.at)
        if behind > CLOCK_TOLERANCE:
            yield wrong(Check.CLOCK, f"entri {entry.seq}: waktunya sebelum entri sebelumnya", entry.seq)
    book.newest_at = entry.at
    if entry.kind in SIGNED:
        yield from _decision(book, entry)
    if entry.kind in PROVING:
        book.used.note(entry)
    if not enrolment_holds(entry, book.people.get(str(entry.payload.get("nip")))):
        yield wrong(Check.PROOF, f"entri {entry.seq}: kunci perangkat tanpa kode pendaftaran yang berlaku", entry.seq)
    if entry.kind in DONE:
        yield from _writing(book, entry)
    if entry.kind == Kind.CREDENTIAL and entry.payload.get("method") == ENROLLED:
        sign = sha256(bytes.fromhex(entry.payload["proof"]["key"])).hexdigest()[:16]
        yield right(Check.MANDATE, f"kunci perangkat, entri {entry.seq}: {entry.payload['nip']} sidik {sign}")
    if entry.kind in (Kind.PERSON, Kind.MANDATE):
        given, demo = entry.payload["mandate"], " DEMO" if entry.payload.get("demo") else ""
        text = f"mandat{demo}, entri {entry.seq}: {entry.payload['nip']} {' '.join(given.values())}"
        yield right(Check.MANDATE, text)


def _committed(book: Book, entry: Entry, before: dict[str, Any]) -> Iterator[Finding]:
    """A writing, an undo or a pack says which entries were before it: all of them, and those that it rests on."""
    if entry.kind not in DONE and "tree" not in entry.payload:
        return
    place = f"entri {entry.seq} ({entry.kind} {entry.batch})"
    if entry.payload.get("tree") != before:
        yield wrong(Check.TREE, f"{place}: pohonnya bukan dari entri sebelumnya", entry.seq)
    rows = book.con.execute("select kind, batch, hash from entries order by seq")
    earlier = taken_over(book.con, entry.batch)
    own = Tree(digest for kind, batch, digest in rows if rests_on(entry.batch, kind, batch, earlier))
    if entry.payload.get("rests") != own.facts:
        yield wrong(Check.RESTS, f"{place}: menyebut entri lain sebagai dasarnya", entry.seq)


def _decision(book: Book, entry: Entry) -> Iterator[Finding]:
    """Who, with which post on that day, proved how, about what that was open."""
    facts, place = entry.payload, f"entri {entry.seq} ({entry.payload['role']} {entry.batch})"
    at, role = datetime.fromisoformat(facts["submitted_at"]), facts["withdraws"] or facts["role"]
    day = at.astimezone(WIB).date().isoformat()
    person = book.people.get(entry.actor)
    if person is None or person.mandate(role, day) is None:
        text = f"{place}: {entry.actor} tidak memegang jabatan {LEVELS[role].title} pada {day}"
        yield wrong(Check.MANDATE, text, entry.seq)
    if not facts["proved"] or facts["reason"]:
        yield wrong(Check.MANDATE, f"{place}: tercatat tanpa bukti orang", entry.seq)
    elif not proof_holds(book.used, entry, person):
        yield wrong(Check.PROOF, f"{place}: kode dipakai lagi atau dari waktu lain, atau tanda tangan palsu", entry.seq)
    batch = docket(book.con, entry.batch)
    here = batch.rounds.get(facts["round"], Round(facts["round"]))
    if not _says_one_thing(entry, here):
        yield wrong(Check.PROOF, f"{place}: keputusan, pencabutan, dan jenjangnya tidak cocok", entry.seq)
    held = person.mandate(role, day) if person else None
    if held and facts["mandate"] != mandate_facts(held):
        yield wrong(Check.PROOF, f"{place}: mandat yang dicatat bukan mandatnya pada {day}", entry.seq)
    if not (_is_open(batch, here) and facts["digest"] and here.digest_for(facts["role"]) == facts["digest"]):
        yield wrong(Check.OPEN, f"{place}: bukan untuk usulan yang sedang terbuka", entry.seq)
    elif entry.kind == Kind.DECISION and facts["role"] in here.decisions:
        yield wrong(Check.OPEN, f"{place}: jenjang itu sudah memutuskan", entry.seq)
    if at > datetime.fromisoformat(entry.at) + CLOCK_TOLERANCE:
        yield wrong(Check.PROOF, f"{place}: diisi sesudah dicatat", entry.seq)


def _says_one_thing(entry: Entry, here: Round) -> bool:
    """A withdrawal is a Cabut of one's own signature, and nothing else is; a level says what it may say."""
    facts = entry.payload
    if entry.kind == Kind.WITHDRAWN:
        signed = here.decisions.get(facts["withdraws"])
        return facts["decision"] == WITHDRAW and signed is not None and signed.actor == entry.actor
    allowed = (SUBMIT,) if facts["role"] == STAFF.role else (YES, NO)
    return facts["decision"] in allowed and not facts["withdraws"]


def _is_open(batch: Docket, here: Round) -> bool:
    return batch.is_open and here.closed is None and here.number == batch.current.number


def _writing(book: Book, entry: Entry) -> Iterator[Finding]:
    """Whether everything that a writing needs stood before it."""
    facts, place = entry.payload, f"entri {entry.seq} ({entry.kind} {entry.batch})"
    case = Case(entry.batch, facts.get("round", 1), facts["digest"])
    batch = docket(book.con, entry.batch)
    if not fully_approved(book.con, case, Separation.NOTED):
        yield wrong(Check.WRITTEN, f"{place}: {_missing(book, batch, case)}", entry.seq)
    if batch.written is not None:
        yield wrong(Check.WRITTEN, f"{place}: ditulis dua kali", entry.seq)
    undone = facts.get("undoes")
    if undone and docket(book.con, undone).written is None:
        yield wrong(Check.WRITTEN, f"{place}: membatalkan {undone} yang belum ditulis", entry.seq)
    if batch.undoes != undone:
        yield wrong(Check.UNDO, f"{place}: bukan yang diminta dibatalkan", entry.seq)
    gone = facts.get("destroys")
    if batch.destroys != gone:
        yield wrong(Check.PURGE, f"{place}: bukan yang diminta dimusnahkan", entry.seq)
    if gone and docket(book.con, gone).written is None:
        yield wrong(Check.PURGE, f"{place}: memusnahkan {gone} yang belum selesai", entry.seq)
    for role, by in signatures(book.con, case).items():
        if by.payload["noted"]:
            text = f"{place}: {by.actor} ({role}) {by.payload['noted']}; DICATAT oleh kantor"
            yield warn(Check.WRITTEN, text, entry.seq)


def _missing(book: Book, batch: Docket, case: Case) -> str:
    """Why a writing was not approved, in words."""
    signed = signatures(book.con, case)
    if batch.current.number != case.round or batch.current.closed is not None:
        return "rondenya sudah ditutup"
    if batch.current.digest_for(CHAIN[0].role) != case.digest:
        return "sidiknya lain dari usulan"
    lacking = [level.title for level in CHAIN if level.role not in signed]
    if lacking:
        return f"tanpa Ya {', '.join(lacking)}"
    if batch.current.needs_staff and STAFF.role not in batch.current.decisions:
        return "Staff belum mengajukan"
    return "urutan jenjang salah, orang yang sama dua kali, atau penyusun keputusan yang dipakai lagi"
