"""The lembar verifikasi (handbook 7, "one page before a paraf"): what the chain reads, and initials in ink."""

import sqlite3
from datetime import datetime
from typing import Any

import duckdb

from expectations.approvals import CHAIN, LEVELS, STAFF
from expectations.outcomes import Outcome
from tasks.approvals.case import file_code
from tasks.approvals.docket import FINAL, docket
from tasks.documents.facts import (
    REPLY_DAYS,
    RISKIEST,
    About,
    Risks,
    categories,
    changes,
    check_same,
    clock,
    deactivations,
    elements,
    office_facts,
    risks,
)
from tasks.documents.facts_people import Decided, decided
from tasks.documents.facts_receipt import file_lines, follow_facts, letter_facts
from tasks.documents.followed import followed
from tasks.documents.issue import Document
from tasks.documents.render import render
from tasks.documents.words import duration, long_date, number, one_line, short_time
from tasks.errors import Exit, Problem, UserError
from tasks.ledger import Entry, Kind, entries
from tasks.office import Office
from tasks.privacy import scrub
from tasks.receipts import find_receipt
from tasks.reconcile.told import compared, warnings
from tasks.steps import Summary, finished

TEMPLATE = "lembar-verifikasi"


def sheet_name(agenda: str, round_no: int) -> str:
    """``lembar-verifikasi-2026-0001-r1.pdf``."""
    return f"{TEMPLATE}-{agenda}-r{round_no}.pdf"


def verification_sheet(
    con: duckdb.DuckDBPyConnection, ledger: sqlite3.Connection, office: Office, about: About
) -> Document:
    """The sheet of one round of a batch or an undo: masked, as of the moment its proposal was laid before the chain.

    ``about``: (agenda, round). Raises UserError (USAGE) when nothing was proposed to the chain in that round,
    DigestMismatchError when the store no longer holds what was proposed.
    """
    proposed = _proposed(ledger, about)
    made_at = datetime.fromisoformat(proposed.at)
    return Document(sheet_name(*about), render(TEMPLATE, sheet_facts(con, ledger, office, about), made_at), masked=True)


def sheet_facts(
    con: duckdb.DuckDBPyConnection, ledger: sqlite3.Connection, office: Office, about: About
) -> dict[str, Any]:
    """What the template prints: texts and formatted numbers; ``receipt`` is None for an undo, ``undo`` for a batch."""
    agenda, round_no = about
    proposed = _proposed(ledger, about)
    digest = str(proposed.payload["digest"])
    check_same(con, about, digest)
    undoing = entries(ledger, agenda, Kind.UNDO)
    done = finished(con, agenda)
    return office_facts(office, ledger) | {
        "agenda": agenda, "round": round_no, "digest": digest, "qr": digest, "code": file_code(digest),
        "code-for": ", ".join(level.title for level in ((STAFF, *CHAIN) if undoing else CHAIN)),
        "proposed": {"at": short_time(proposed.at), "head": f"{proposed.seq}:{file_code(proposed.hash)}"},
        "undo": _undo(undoing[0], proposed) if undoing else None,
        "receipt": None if undoing else _receipt(con, ledger, agenda, proposed),
        "outcomes": None if undoing else _outcomes(con, ledger, about, done),
        "elements": _elements(con, about), "changes": _changes(con, about),
        "people": [_person(one, round_no) for one in decided(ledger, agenda, proposed.seq)],
        "chain": [{"title": level.title, "meaning": level.meaning} for level in CHAIN],
    }  # fmt: skip


def _proposed(ledger: sqlite3.Connection, about: About) -> Entry:
    """The entry that laid the round before the chain: its time is the sheet's."""
    here = docket(ledger, about[0]).rounds.get(about[1])
    if here is None or FINAL not in here.proposed:
        received, allowed = "belum ada usulan pada ronde itu", "ronde yang sudah diajukan kepada Kasi"
        raise UserError(Exit.USAGE, Problem(f"agenda {scrub(about[0])}", received, allowed, "lihat: sinkron waiting"))
    return here.proposed[FINAL]


def _undo(asked: Entry, proposed: Entry) -> dict[str, str]:
    facts, size = asked.payload, proposed.payload
    return {
        "undoes": facts["undoes"], "reason": one_line(scrub(facts["reason"])), "asked_at": short_time(asked.at),
        "rows": number(size["rows"]), "changes": number(size["changes"]),
    }  # fmt: skip


def _receipt(
    con: duckdb.DuckDBPyConnection, ledger: sqlite3.Connection, agenda: str, proposed: Entry
) -> dict[str, Any]:
    """The letter, the files with their control totals, and the centre's clock on the day of the proposal."""
    receipt = find_receipt(ledger, agenda)
    due = clock(con, ledger, agenda, datetime.fromisoformat(proposed.at))
    left = f"sisa {due.left} hari" if due.left >= 0 else f"lewat {-due.left} hari"
    return {
        "follows": follow_facts(followed(con, ledger, agenda)),
        "letter": letter_facts(receipt), "files": file_lines(receipt), "several": len(receipt.files) > 1,
        "total": [number(sum(f[key] for f in receipt.files)) for key in ("received", "loaded", "rejected")],
        "received_at": f"{due.received:%d-%m-%Y %H.%M} WIB", "deadline": long_date(due.deadline), "left": left,
        "days": REPLY_DAYS,
    }  # fmt: skip


def _outcomes(
    con: duckdb.DuckDBPyConnection, ledger: sqlite3.Connection, about: About, done: dict[tuple[str, int], Summary]
) -> dict[str, Any]:
    """Category x outcome, its sums up to the received rows, and what to look at twice.

    Asserts that outcomes and rejected lines add up to what was received: a sheet that does not is never printed.
    """
    plan = done["propose", about[1]]
    files = find_receipt(ledger, about[0]).files
    received, rejected = (sum(facts[key] for facts in files) for key in ("received", "rejected"))
    if sum(plan["outcomes"].values()) + rejected != received:
        raise AssertionError("jumlah hasil dan ditolak tidak sama dengan jumlah diterima")
    total, first = deactivations(con, about)
    return {
        "heads": [o.value for o in Outcome],
        "categories": [
            [name, *(number(count) for count in counts.values())] for name, counts in categories(con, about)
        ],
        "sums": [number(plan["outcomes"].get(o.value, 0)) for o in Outcome],
        "loaded": number(plan["rows"]), "rejected": number(rejected), "received": number(received),
        "deactivations": {"total": number(total), "more": total > len(first), "rows": [list(row) for row in first]},
        "risks": _risk_lines(risks(con, about, done["resolve", 0])),
        "compared": _compared(done),
    }  # fmt: skip


def _risk_lines(here: Risks) -> list[list[str]]:
    counts = {
        "pasangan cocok": here.matches, "pasangan mungkin": here.possible, "pasangan kembar": here.twins,
        "kelompok orang": here.clusters, "satu NIK pada dua KK": here.shared, "umur di atas 100 tahun": here.aged,
        "diputuskan tangan Staff": here.by_hand, "usulan sistem yang perlu diteliti orang": here.open_rows,
    } | here.earlier  # fmt: skip
    answers = " / ".join(number(count) for count in here.answers.values())
    lines = [[name, number(count)] for name, count in counts.items()]
    return [*lines, [f"jawaban Staff atas pasangan: {' / '.join(here.answers)}", answers]]


def _compared(done: dict[tuple[str, int], Summary]) -> dict[str, Any] | None:
    """The findings against those of earlier extracts: how many of these, [label, findings], and what is in doubt."""
    counts = compared(done)
    if not counts:
        return None
    earlier = number(done["reconcile", 0]["earlier"])
    told = [[label, number(count)] for label, count in counts.items()]
    return {"earlier": earlier, "counts": told, "warnings": warnings(done)}


def _elements(con: duckdb.DuckDBPyConnection, about: About) -> dict[str, Any]:
    rows = elements(con, about)
    return {
        "rows": [[name, number(writes), number(right)] for name, writes, right in rows],
        "sums": [number(sum(row[1] for row in rows)), number(sum(row[2] for row in rows))],
    }


def _changes(con: duckdb.DuckDBPyConnection, about: About) -> list[list[str]]:
    found = changes(con, about, RISKIEST)
    return [[one.nik, one.element, one.sent, one.held, one.after, one.basis] for one in found]


def _person(one: Decided, round_no: int) -> dict[str, str]:
    """One decision before this sheet, with how long it took beside the SOP's time."""
    void = "" if one.round == round_no else ", gugur"
    withdrawn = f" {one.withdrawn}" if one.withdrawn else ""
    return {
        "at": short_time(one.at), "post": one.post, "letter": one.letter, "name": one.name, "nip": one.nip,
        "decision": f"{one.decision}{withdrawn} (ronde {one.round}{void})", "noted": one.noted, "note": one.note,
        "took": duration(one.minutes), "standard": duration(LEVELS[one.role].minutes),
    }  # fmt: skip
