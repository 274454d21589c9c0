"""One enforcement function for every decision, whatever way it came: ``decide``.

Prefect carries the question and the wait; what counts is what this function wrote to the ledger. A decision and
a refused attempt are both remembered by their gate key, because a resumed flow asks again from the top.
"""

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from expectations.approvals import CHAIN, STAFF
from tasks.ledger import Entry, Kind, append, entries, utc, writing
from tasks.office import WIB
from tasks.people import holds_mandate, matching_step, secret_of
from tasks.privacy import scrub

MAX_FAILURES = 5
LOCK_MINUTES = 15
YES, NO, SUBMIT = "Ya", "Tidak", "Ajukan"


@dataclass(frozen=True)
class Question:
    """What is decided: one level's answer to one digest in one round. ``key`` names the gate and the attempt."""

    agenda: str
    round: int
    role: str
    digest: str
    attempt: int

    @property
    def key(self) -> str:
        """Gate key, unique per level, round and attempt (Prefect: lower case, digits, dash)."""
        return f"{self.role}-r{self.round}-c{self.attempt}"


@dataclass(frozen=True)
class Answer:
    """What was typed, and when: ``at`` is the server's time of submission (aware).

    ``worksheet``: Staff's file as archived, may be empty. ``objection``: what the caller found wrong with that file,
    told to the person only once the code was right.
    """

    decision: str
    note: str
    nip: str
    code: str
    at: datetime
    worksheet: str = ""
    objection: str = ""


@dataclass(frozen=True)
class Verdict:
    """What the ledger says of one question. ``accepted`` False: an attempt, ``reason`` is shown in the next form."""

    accepted: bool
    decision: str
    note: str
    reason: str
    worksheet: str = ""


SAME_WORDS = "NIP atau kode tidak cocok"  # for an unknown person and for a wrong code alike


def recorded(con: sqlite3.Connection, question: Question) -> Verdict | None:
    """What was already decided about this question, or None."""
    for entry in entries(con, question.agenda):
        if entry.kind in (Kind.DECISION, Kind.ATTEMPT) and entry.payload.get("key") == question.key:
            return _verdict(entry)
    return None


@dataclass(frozen=True)
class Standing:
    """Where one level stands in one round: its valid decision, else the next attempt and why the last one failed."""

    verdict: Verdict | None
    attempt: int
    reason: str


def standing(con: sqlite3.Connection, agenda: str, level: tuple[str, int], digest: str) -> Standing:
    """What the ledger says of ``level`` = (role, round). A decision about another digest is no decision."""
    tried, reason = 0, ""
    for entry in entries(con, agenda):
        if entry.kind not in (Kind.DECISION, Kind.ATTEMPT) or (entry.payload["role"], entry.payload["round"]) != level:
            continue
        if entry.kind == Kind.DECISION and entry.payload["digest"] == digest:
            return Standing(_verdict(entry), tried, "")
        tried, reason = tried + 1, entry.payload["reason"] or "usulan berubah sejak keputusan itu"
    return Standing(None, tried + 1, reason)


def signatures(con: sqlite3.Connection, agenda: str, round_no: int, digest: str) -> dict[str, Entry]:
    """Role -> Ya of the approvers for exactly this round and digest. A Tidak in the round voids all of them."""
    valid: dict[str, Entry] = {}
    for entry in entries(con, agenda, Kind.DECISION):
        facts = entry.payload
        if facts["round"] != round_no or facts["role"] == STAFF.role:
            continue
        if facts["decision"] == NO:
            return {}
        if facts["digest"] == digest:
            valid[facts["role"]] = entry
    return valid


def refusals(con: sqlite3.Connection, agenda: str) -> list[Entry]:
    """Every Tidak of a batch, in order."""
    return [entry for entry in entries(con, agenda, Kind.DECISION) if entry.payload["decision"] == NO]


def fully_approved(con: sqlite3.Connection, agenda: str, round_no: int, digest: str) -> bool:
    """All levels of the chain, in order, by different people who did not prepare it, for exactly this digest."""
    signed = signatures(con, agenda, round_no, digest)
    order = [signed[level.role].seq for level in CHAIN if level.role in signed]
    people = {entry.actor for entry in signed.values()}
    complete = len(order) == len(CHAIN) == len(people) and order == sorted(order)
    return complete and not people & _preparers(con, agenda)


def decide(con: sqlite3.Connection, totp_key: bytes, question: Question, answer: Answer) -> Verdict:
    """Judges one answer and writes exactly one ledger entry for its key; asked again, returns what was written.

    ``totp_key``: 32 bytes opening the registry's secrets. All checks and the entry are one transaction.
    """
    with writing(con):
        known = recorded(con, question)
        if known is not None:
            return known
        reason, step = _judge(con, totp_key, question, answer)
        kind = Kind.ATTEMPT if reason else Kind.DECISION
        payload = {
            "key": question.key, "role": question.role, "round": question.round, "digest": question.digest,
            "decision": answer.decision, "note": scrub(answer.note.strip()), "submitted_at": utc(answer.at),
            "worksheet": answer.worksheet, "reason": reason, "totp_step": step,
        }  # fmt: skip
        registered = con.execute("select 1 from people where nip = ?", (answer.nip,)).fetchone()
        append(con, answer.at, (kind, question.agenda, answer.nip if registered else "tidak dikenal"), payload)
        return Verdict(not reason, answer.decision, answer.note.strip(), reason, answer.worksheet)


def _judge(con: sqlite3.Connection, totp_key: bytes, question: Question, answer: Answer) -> tuple[str, int]:
    """("", step) when the answer counts, else (why not, 0). The code is burnt as soon as it was right."""
    step, reason = _authenticate(con, totp_key, answer)
    if reason:
        return reason, 0
    day = answer.at.astimezone(WIB).date().isoformat()
    if not holds_mandate(con, answer.nip, question.role, day):
        return f"orang ini tidak memegang jabatan {question.role} pada {day}", 0
    allowed = (SUBMIT,) if question.role == STAFF.role else (YES, NO)
    if answer.decision not in allowed:
        return f"keputusan harus {' atau '.join(allowed)}", 0
    if question.role == STAFF.role:
        return answer.objection or _judge_preparer(con, question, answer.nip), step
    if answer.decision == NO and not answer.note.strip():
        return "Tidak wajib disertai catatan", 0
    return _judge_order(con, question, answer.nip), step


def _preparers(con: sqlite3.Connection, agenda: str) -> set[str]:
    """NIPs of everybody who submitted a proposal of this batch, in any round."""
    return {e.actor for e in entries(con, agenda, Kind.DECISION) if e.payload["role"] == STAFF.role}


def _judge_preparer(con: sqlite3.Connection, question: Question, nip: str) -> str:
    """Who approved something in this round may not turn into its preparer afterwards."""
    for entry in entries(con, question.agenda, Kind.DECISION):
        if entry.actor == nip and entry.payload["role"] != STAFF.role and entry.payload["round"] == question.round:
            return "orang ini sudah memutuskan sebagai penyetuju pada ronde ini"
    return ""


def _judge_order(con: sqlite3.Connection, question: Question, nip: str) -> str:
    signed = signatures(con, question.agenda, question.round, question.digest)
    earlier = [level.role for level in CHAIN[: [level.role for level in CHAIN].index(question.role)]]
    missing = [role for role in earlier if role not in signed]
    if missing:
        return f"belum disetujui {', '.join(missing)} untuk sidik yang sama"
    if nip in {entry.actor for entry in signed.values()}:
        return "satu orang tidak boleh menyetujui dua jenjang"
    if nip in _preparers(con, question.agenda):
        return "penyusun usulan tidak boleh menyetujuinya"
    return ""


def _authenticate(con: sqlite3.Connection, totp_key: bytes, answer: Answer) -> tuple[int, str]:
    row = con.execute("select last_step, failures, locked_until from people where nip = ?", (answer.nip,)).fetchone()
    if row is None:
        return 0, SAME_WORDS
    last_step, failures, locked_until = row
    if locked_until and utc(answer.at) < locked_until:
        return 0, f"terkunci sementara setelah {MAX_FAILURES} kali salah; coba lagi {LOCK_MINUTES} menit kemudian"
    step = matching_step(secret_of(con, totp_key, answer.nip), answer.code, answer.at)
    if step is None:
        failures += 1
        locked = utc(answer.at + timedelta(minutes=LOCK_MINUTES)) if failures >= MAX_FAILURES else None
        con.execute(
            "update people set failures = ?, locked_until = ? where nip = ?",
            (0 if locked else failures, locked, answer.nip),
        )
        return 0, SAME_WORDS
    if step <= last_step:
        return 0, "kode sudah dipakai; tunggu kode berikutnya"
    con.execute("update people set last_step = ?, failures = 0, locked_until = null where nip = ?", (step, answer.nip))
    return step, ""


def _verdict(entry: Entry) -> Verdict:
    facts = entry.payload
    return Verdict(entry.kind == Kind.DECISION, facts["decision"], facts["note"], facts["reason"], facts["worksheet"])
