"""One enforcement function for every decision, whatever way it came: ``decide``.

Prefect carries the question and the wait; what counts is what this function wrote to the ledger. Decisions, refused
tries and withdrawals are remembered by their gate key, because a resumed flow asks again from the top.
"""

import sqlite3
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from expectations.approvals import CHAIN, LEVELS, STAFF, Separation
from tasks.approvals.case import Case, same_code
from tasks.approvals.docket import DRAFT, FINAL, FORM, NO, SUBMIT, WITHDRAW, YES, Docket, Round, docket
from tasks.approvals.people import Person, mandate_facts, people
from tasks.approvals.prove import NOT_PROVED, Proof, prove
from tasks.ledger import (
    CLOCK_TOLERANCE,
    Entry,
    Kind,
    LedgerConnection,
    append,
    canonical,
    entries,
    utc,
    verify,
    writing,
)
from tasks.office import WIB, Office
from tasks.privacy import scrub

LONGEST_DECISION = 20
PAST_THE_DOOR = "isian ini tidak datang lewat login orang itu; isi lagi dari alamat kantor"


@dataclass(frozen=True)
class Question:
    """What is decided: one level's answer to one case. ``attempt`` and ``channel`` (FORM, TERMINAL) name the asking."""

    case: Case
    role: str
    attempt: int
    channel: str = FORM

    @property
    def key(self) -> str:
        """Gate key, unique per level, round, channel and attempt (Prefect: lower case, digits, dash)."""
        return f"{self.role}-r{self.case.round}-{self.channel}{self.attempt}"


@dataclass(frozen=True)
class Answer:
    """What was typed, and when: ``at`` is the server's time of submission (aware).

    ``code``: one-time code; or ``signature``: Ed25519 over ``statement``, hex. ``file_code``: the kode berkas.
    ``worksheet``: Staff's file as archived, may be empty. ``objection``: what the caller found wrong with that file,
    told to the person only once the code was right. ``login``: NIP of the login it came through, "" = none.
    """

    decision: str
    note: str
    nip: str
    code: str
    at: datetime
    file_code: str = ""
    signature: str = ""
    worksheet: str = ""
    objection: str = ""
    login: str = ""


@dataclass(frozen=True)
class Verdict:
    """What the ledger says of one question. ``accepted`` False: an attempt, ``reason`` is shown in the next form."""

    accepted: bool
    decision: str
    note: str
    reason: str
    worksheet: str = ""


@dataclass(frozen=True)
class Judging:
    """What an office judges with: the key of the codes' secrets (32 bytes), its separation rule, its clock.

    ``needs_login``: a form counts only when it came through a login of the person who signs (the production form).
    """

    key: bytes
    separation: Separation
    now: datetime
    needs_login: bool = False


def judging(office: Office, now: datetime) -> Judging:
    """The office's own."""
    return Judging(office.key("totp"), office.separation(), now, office.settings.pintu.wajib)


@dataclass(frozen=True)
class _Judged:
    """How one answer was judged. ``reason`` "": it counts. ``noted``: what a strict office would have refused."""

    reason: str
    proof: Proof = NOT_PROVED
    noted: str = ""
    withdraws: str = ""
    mandate: dict[str, str] | None = None


def next_question(con: sqlite3.Connection, case: Case, role: str, channel: str = FORM) -> tuple[Question, str]:
    """The next asking of a level, and why the last answer there did not count ("" when none failed)."""
    here = docket(con, case.agenda).rounds.get(case.round, Round(case.round))
    return Question(case, role, here.tries[role, channel] + 1, channel), here.reasons.get(role, "")


def recorded(con: sqlite3.Connection, question: Question) -> Verdict | None:
    """What was already written about this question, or None."""
    for entry in entries(con, question.case.agenda):
        if entry.kind in (Kind.DECISION, Kind.ATTEMPT, Kind.WITHDRAWN) and entry.payload["key"] == question.key:
            return verdict_of(entry)
    return None


def verdict_of(entry: Entry) -> Verdict:
    """An entry as its question's verdict."""
    facts = entry.payload
    accepted = entry.kind != Kind.ATTEMPT
    return Verdict(accepted, facts["decision"], facts["note"], facts["reason"], facts["worksheet"])


def statement(question: Question, answer: Answer) -> bytes:
    """What an Ed25519 key signs: who decides what about which change-set, and when. An entry holds all of it."""
    case = question.case
    facts = {
        "agenda": case.agenda, "round": case.round, "digest": case.digest, "key": question.key, "role": question.role,
        "decision": answer.decision, "note": kept_note(answer.note), "nip": answer.nip, "at": utc(answer.at),
    }  # fmt: skip
    return f"sinkron-putusan/1\n{canonical(facts)}".encode()


def decide(con: LedgerConnection, office: Judging, question: Question, answer: Answer) -> Verdict:
    """Judges one answer and writes exactly one ledger entry for its key; asked again, returns what was written.

    The chain is verified first. All checks and the entry are one transaction. Raises LedgerBrokenError; UserError
    (OFFICE) when this machine's clock went back or its files can not be written.
    """
    answer = _legible(answer)
    with writing(con):
        verify(con)
        known = recorded(con, question)
        if known is not None:
            return known
        person = people(con).get(answer.nip)
        proof = prove(con, office.key, person, (answer, statement(question, answer)))
        judged = _judge(con, office, (question, answer, person), proof)
        kind = Kind.ATTEMPT if judged.reason else Kind.WITHDRAWN if judged.withdraws else Kind.DECISION
        entry = _payload(question, answer, judged)
        append(con, office.now, (kind, question.case.agenda, proof.actor), entry)
        return Verdict(not judged.reason, answer.decision, kept_note(answer.note), judged.reason, answer.worksheet)


def _legible(answer: Answer) -> Answer:
    """The answer without half characters, which no UTF-8 text can hold: a planted one must not stop the run.

    A decision that is none is kept short and masked like a note.
    """
    given = {field.name: getattr(answer, field.name) for field in fields(answer)}
    texts: dict[str, Any] = {
        name: text.encode("utf-8", "replace").decode() for name, text in given.items() if isinstance(text, str)
    }
    return replace(answer, **texts | {"decision": scrub(texts["decision"])[:LONGEST_DECISION]})


def kept_note(note: str) -> str:
    """A note as the ledger keeps it: a NIK in it is masked."""
    return scrub(note.strip())


def _payload(question: Question, answer: Answer, judged: _Judged) -> dict[str, object]:
    """What the ledger keeps."""
    return {
        "key": question.key, "role": question.role, "channel": question.channel, "round": question.case.round,
        "digest": question.case.digest, "decision": answer.decision, "note": kept_note(answer.note),
        "submitted_at": utc(answer.at), "worksheet": answer.worksheet, "reason": judged.reason,
        "withdraws": judged.withdraws, "noted": judged.noted, "mandate": judged.mandate,
        **({"login": answer.login} if answer.login else {}),
        **judged.proof.facts,
    }  # fmt: skip


def _judge(
    con: sqlite3.Connection, office: Judging, about: tuple[Question, Answer, Person | None], proof: Proof
) -> _Judged:
    """Every condition of a decision, in the order in which a person is told."""
    question, answer, person = about
    if proof.reason or person is None:
        return _Judged(proof.reason, proof)
    batch = docket(con, question.case.agenda)
    here = batch.rounds.get(question.case.round, Round(question.case.round))
    withdraws = _previous(here, question.role) if answer.decision == WITHDRAW else ""
    acts_as = withdraws or question.role
    day = answer.at.astimezone(WIB).date().isoformat()
    mandate = person.mandate(acts_as, day)
    if person.disabled or mandate is None:
        told = f"{answer.at.astimezone(WIB):%d-%m-%Y}"
        return _Judged(f"orang ini tidak memegang jabatan {LEVELS[acts_as].title} pada {told}", proof)
    judged = _Judged("", proof, withdraws=withdraws, mandate=mandate_facts(mandate))
    reason = _stale(batch, here, question, (answer.at, office.now))
    if not reason and office.needs_login and question.channel == FORM and answer.login != answer.nip:
        reason = PAST_THE_DOOR
    if not reason and not same_code(answer.file_code, question.case.code):
        reason = "kode berkas tidak cocok dengan usulan ini; baca lagi dari lembar usulan"
    if not reason and answer.decision == WITHDRAW:
        reason = _judge_withdrawal(here, withdraws, answer.nip)
    elif not reason and question.role == STAFF.role:
        reason = _judge_staff(here, answer)
    elif not reason:
        return _judge_approver(batch, here, (question, answer), (office.separation, judged))
    return replace(judged, reason=reason)


def _stale(batch: Docket, here: Round, question: Question, times: tuple[datetime, datetime]) -> str:
    """Why the question is not one that is open now: another round, another digest, answered, or wrong in time."""
    at, now = times
    if not batch.is_open or here.closed or here.number != batch.current.number:
        return "ronde ini sudah ditutup; buka formulir yang terbaru"
    if not question.case.digest or here.digest_for(question.role) != question.case.digest:
        return "usulan sudah berganti; buka formulir yang terbaru"
    if question.role in here.decisions:
        return "jenjang ini sudah memutuskan"
    if at > now + CLOCK_TOLERANCE:
        return "waktu pengisian di depan jam kantor; betulkan jam komputer"
    step = here.proposed[DRAFT if question.role == STAFF.role else FINAL]
    if at < datetime.fromisoformat(step.at) - CLOCK_TOLERANCE:
        return "isian lebih tua daripada usulannya; isi lagi"
    return ""


def _previous(here: Round, role: str) -> str:
    """The level that signed last before ``role``: the one that may still withdraw."""
    order = [STAFF.role, *(level.role for level in CHAIN)]
    earlier = [name for name in order[: order.index(role)] if name in here.decisions]
    return earlier[-1] if earlier else ""


def _judge_withdrawal(here: Round, withdraws: str, nip: str) -> str:
    if not withdraws:
        return "tidak ada tanda tangan yang dapat dicabut di sini"
    if here.decisions[withdraws].actor != nip:
        return "hanya penanda tangan jenjang terakhir yang dapat mencabutnya"
    return ""


def _judge_staff(here: Round, answer: Answer) -> str:
    """Who approved something in this round may not turn into its preparer afterwards."""
    if answer.decision != SUBMIT:
        return f"keputusan harus {SUBMIT}"
    if answer.objection:
        return answer.objection
    if answer.nip in {entry.actor for role, entry in here.decisions.items() if role != STAFF.role}:
        return "orang ini sudah memutuskan sebagai penyetuju pada ronde ini"
    return ""


def _judge_approver(
    batch: Docket, here: Round, said: tuple[Question, Answer], terms: tuple[Separation, _Judged]
) -> _Judged:
    (question, answer), (separation, judged) = said, terms
    if answer.decision not in (YES, NO):
        return replace(judged, reason=f"keputusan harus {YES}, {NO} atau {WITHDRAW}")
    if answer.decision == NO and not answer.note.strip():
        return replace(judged, reason="Tidak wajib disertai catatan")
    order = [level.role for level in CHAIN]
    missing = [role for role in order[: order.index(question.role)] if role not in here.decisions]
    if here.needs_staff and STAFF.role not in here.decisions:
        missing.insert(0, STAFF.role)
    if missing:
        return replace(judged, reason=f"belum disetujui {', '.join(missing)} untuk sidik yang sama")
    broken = _two_hands(batch, here, answer)
    if separation is Separation.NOTED:
        return replace(judged, noted=broken)
    return replace(judged, reason=broken)


def _two_hands(batch: Docket, here: Round, answer: Answer) -> str:
    """Why this hand would be a second one of the same person; who only decided in an earlier batch may say Tidak."""
    if answer.nip in {entry.actor for role, entry in here.decisions.items() if role != STAFF.role}:
        return "satu orang tidak boleh menyetujui dua jenjang"
    if earlier := batch.decided_before.get(answer.nip):
        told = f"menyusun keputusan agenda {earlier} yang dipakai lagi; minta Plh/Plt"
        return told if answer.decision == YES else ""
    return "penyusun usulan tidak boleh menyetujuinya" if answer.nip in batch.preparers else ""
