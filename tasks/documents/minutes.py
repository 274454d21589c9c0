"""The Berita Acara after data were written or taken back (handbook 7): what was done, on whose word, what changed."""

import hashlib
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from expectations.approvals import CHAIN, LEVELS
from expectations.outcomes import MEANINGS, Outcome
from tasks.approvals.case import file_code
from tasks.approvals.docket import docket
from tasks.documents.annex import annex_name, sealed_annex
from tasks.documents.facts import Change, changes, check_same, elements, office_facts
from tasks.documents.facts_people import BY_CODE, Decided, standing
from tasks.documents.facts_receipt import file_lines, follow_facts, letter_facts
from tasks.documents.followed import followed
from tasks.documents.issue import Document
from tasks.documents.render import marks, render
from tasks.documents.words import counted, day_in_words, long_date, number, one_line, short_time, wib_time
from tasks.errors import Exit, Problem, UserError
from tasks.ledger import Entry, Kind, entries
from tasks.office import Office
from tasks.privacy import scrub
from tasks.purge_page import backups_since
from tasks.receipts import find_receipt

TEMPLATE = "berita-acara"
ON_PAPER = 500  # changes; a batch with more has all of them in its encrypted annex, and the riskiest on paper
QR_FORMAT = "SINKRON/1"
PAGE_HEIGHT, POINTS_PER_MM = 297.0, 72 / 25.4  # A4


@dataclass(frozen=True)
class Box:
    """A place for a signature. ``page`` from 0; the rest in points from the page's lower left corner."""

    page: int
    left: float
    bottom: float
    right: float
    top: float


def minutes_name(agenda: str) -> str:
    """``berita-acara-2026-0001.pdf``."""
    return f"{TEMPLATE}-{agenda}.pdf"


def minutes(con: duckdb.DuckDBPyConnection, ledger: sqlite3.Connection, office: Office, agenda: str) -> list[Document]:
    """The Berita Acara (masked) of a finished batch, undo or destruction; over ON_PAPER changes also its sealed annex.

    Raises UserError (USAGE) when it is not written, DigestMismatchError when the store does not hold what was signed.
    """
    facts, annex = _facts(con, ledger, office, agenda)
    made_at = datetime.fromisoformat(_written(ledger, agenda).at)
    paper = Document(minutes_name(agenda), render(TEMPLATE, facts, made_at), masked=True)
    return [paper, Document(annex_name(agenda), annex, masked=False)] if annex else [paper]


def signature_boxes(
    con: duckdb.DuckDBPyConnection, ledger: sqlite3.Connection, office: Office, agenda: str
) -> dict[str, Box]:
    """Role of the chain -> where on the Berita Acara that level signs. Raises UserError as ``minutes`` does."""
    facts, _ = _facts(con, ledger, office, agenda)
    return {place["role"]: _box(place) for place in marks(TEMPLATE, facts, "ttd")}


def _box(place: dict[str, Any]) -> Box:
    left, top = place["x"] * POINTS_PER_MM, (PAGE_HEIGHT - place["y"]) * POINTS_PER_MM
    width, height = (place[side] * POINTS_PER_MM for side in ("width", "height"))
    return Box(place["page"] - 1, left, top - height, left + width, top)


def _written(ledger: sqlite3.Connection, agenda: str) -> Entry:
    """The entry that finished the batch or undo: the paper's time, and the head it bears."""
    entry = docket(ledger, agenda).written
    if entry is None:
        received, allowed = "belum ditulis, atau tidak dikenal", "agenda yang datanya sudah ditulis"
        raise UserError(Exit.USAGE, Problem(f"agenda {scrub(agenda)}", received, allowed, "lihat: sinkron status"))
    return entry


def _facts(
    con: duckdb.DuckDBPyConnection, ledger: sqlite3.Connection, office: Office, agenda: str
) -> tuple[dict[str, Any], bytes | None]:
    """What the template prints, and the encrypted annex when there are too many changes for paper.

    Asserts that ledger and store count the same written elements.
    """
    entry = _written(ledger, agenda)
    if entry.kind == Kind.PURGED:
        return _purge_facts(ledger, office, entry), None
    about = (agenda, int(entry.payload.get("round", docket(ledger, agenda).current.number)))
    digest = str(entry.payload["digest"])
    check_same(con, about, digest)
    per_element = elements(con, about)
    done = (sum(row[1] for row in per_element), sum(row[2] for row in per_element))
    if done[0] != entry.payload.get("written", entry.payload.get("restored")):
        raise AssertionError("Buku Agenda dan store menghitung elemen yang ditulis secara berbeda")
    annex = sealed_annex(con, office, about, entry) if sum(done) > ON_PAPER else None
    batch = entry.kind == Kind.WRITTEN
    return _common(ledger, office, entry, about[1]) | {
        "batch": _batch(con, ledger, entry) if batch else None, "undo": None if batch else _undo(ledger, entry, con),
        "elements": {"rows": [[name, number(writes), number(right)] for name, writes, right in per_element],
                     "sums": [number(count) for count in done]},
        "changes": _annex_lines(changes(con, about, ON_PAPER), sum(done)),
        "annex": annex and {"name": annex_name(agenda), "sha256": hashlib.sha256(annex).hexdigest()},
    }, annex  # fmt: skip


def _common(ledger: sqlite3.Connection, office: Office, entry: Entry, round_no: int) -> dict[str, Any]:
    """What every Berita Acara says: when, on whose word, and by what it can be found and verified."""
    agenda, digest, at = entry.batch, str(entry.payload["digest"]), wib_time(entry.at)
    approvals = standing(ledger, agenda, round_no)
    return office_facts(office, ledger) | {
        "agenda": agenda, "round": round_no, "digest": digest, "code": file_code(digest),
        "qr": f"{QR_FORMAT} {agenda} {digest} {entry.seq}:{entry.hash}",
        "head": {"number": entry.seq, "hash": entry.hash, "code": f"{entry.seq}:{file_code(entry.hash)}"},
        "day": day_in_words(at.date()), "date": long_date(at.date()), "time": f"{at:%H.%M} WIB", "year": at.year,
        "approvals": [_approval(one) for one in approvals],
        "by": " dan ".join(dict.fromkeys(one.way for one in approvals)),
        "signers": [_signer(one, office) for one in approvals if one.role in {level.role for level in CHAIN}],
        "batch": None, "undo": None, "purge": None, "annex": None,
    }  # fmt: skip


def _purge_facts(ledger: sqlite3.Connection, office: Office, entry: Entry) -> dict[str, Any]:
    """Of a destruction: what is gone, by names and hashes of the files as they came, and what is left."""
    asked, gone = entries(ledger, entry.batch, Kind.PURGE)[0], str(entry.payload["destroys"])
    receipt, received = find_receipt(ledger, gone), entries(ledger, gone, Kind.RECEIVED)[0]
    written = docket(ledger, gone).written
    nothing = {"written": [], "right": [], "total": "0", "shown": "0", "capped": False}
    return _common(ledger, office, entry, int(entry.payload["round"])) | {
        "purge": {
            "destroys": gone, "reason": one_line(scrub(asked.payload["reason"])), "asked_at": short_time(asked.at),
            "received_at": short_time(received.at), "written_at": short_time(written.at) if written else "-",
            "archived": counted(entry.payload["files"]), "rows": counted(entry.payload["rows"]),
            "cases": counted(entry.payload["cases"]),
            "files": file_lines(receipt), "backups": backups_since(ledger, received.at),
        },
        "elements": {"rows": [], "sums": ["0", "0"]}, "changes": nothing,
    }  # fmt: skip


def _batch(con: duckdb.DuckDBPyConnection, ledger: sqlite3.Connection, entry: Entry) -> dict[str, Any]:
    """The receipt and what became of its rows. Asserts that outcomes and rejected lines add up to received ones."""
    counts, receipt = entry.payload, find_receipt(ledger, entry.batch)
    received = entries(ledger, entry.batch, Kind.RECEIVED)[0]
    if sum(counts["outcomes"].values()) + counts["rejected"] != counts["received"]:
        raise AssertionError("jumlah hasil dan ditolak tidak sama dengan jumlah diterima")
    return {
        "follows": follow_facts(followed(con, ledger, entry.batch)),
        "letter": letter_facts(receipt), "files": file_lines(receipt), "received_at": short_time(received.at),
        "received": counted(counts["received"]), "total": number(counts["received"]),
        "outcomes": [[o.value, number(counts["outcomes"].get(o.value, 0)), MEANINGS[o]] for o in Outcome],
        "rejected": number(counts["rejected"]),
        "written": counted(counts["written"]), "unchanged": counted(counts["unchanged"]),
    }  # fmt: skip


def _undo(ledger: sqlite3.Connection, entry: Entry, con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    asked = entries(ledger, entry.batch, Kind.UNDO)[0]
    rows = con.execute("select count(distinct row_id) from changes where agenda = ?", [entry.batch]).fetchall()[0][0]
    return {
        "undoes": asked.payload["undoes"], "reason": one_line(scrub(asked.payload["reason"])),
        "asked_at": short_time(asked.at), "restored": counted(entry.payload["restored"]), "rows": counted(rows),
    }  # fmt: skip


def _approval(one: Decided) -> dict[str, str]:
    return {
        "at": short_time(one.at), "post": one.post, "letter": one.letter, "name": one.name, "nip": one.nip,
        "meaning": LEVELS[one.role].meaning, "noted": one.noted, "way": "" if one.way == BY_CODE else one.way,
    }  # fmt: skip


def _signer(one: Decided, office: Office) -> dict[str, str]:
    """Who signs in a box. The head of the chain signs under the office's full title, "Plh." before it."""
    title = LEVELS[one.role].title
    acting = one.post.removesuffix(title)
    post = office.settings.kop.kepala if one.role == CHAIN[-1].role else title
    return {
        "role": one.role, "post": acting + post, "name": one.name, "nip": one.nip, "letter": one.letter,
        "meaning": LEVELS[one.role].meaning,
    }  # fmt: skip


def _annex_lines(found: list[Change], total: int) -> dict[str, Any]:
    """The changes on paper, numbered as in the encrypted annex: first those written, then those only reported."""
    lines = [(one.writes, [number(n), one.nik, one.element, one.sent, one.held, one.after, one.basis])
             for n, one in enumerate(found, start=1)]  # fmt: skip
    return {
        "written": [[*line[:3], *line[4:]] for writes, line in lines if writes],
        "right": [[*line[:4], *line[5:]] for writes, line in lines if not writes],
        "total": number(total), "shown": number(len(lines)), "capped": len(lines) < total,
    }  # fmt: skip
