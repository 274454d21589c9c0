"""One enforcement function for every decision, whatever way it came: ``decide``.

Prefect carries the question and the wait; what counts is what this function wrote to the ledger. Decisions, refused
tries and withdrawals are remembered by their gate key, because a resumed flow asks again from the top.
"""

import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from expectations.approvals import CHAIN, LEVELS, STAFF, Separation
from tasks.approvals.answer import Answer, Question, legible, statement
from tasks.approvals.case import Case, same_code
from tasks.approvals.docket import DEVICE, DRAFT, FINAL, FORM, NO, SUBMIT, WITHDRAW, YES, Docket, Round, docket
from tasks.approvals.people import Person, mandate_facts, people
from tasks.approvals.prove import BY_DEVICE, NOT_PROVED, Proof, prove
from tasks.ledger import (
    CLOCK_TOLERANCE,
    Entry,
    Kind,
    LedgerConnection,
    append,
    entries,
    utc,
    verify,
    writing,
)
from tasks.office import WIB, Office

SIGNED_WITHIN = timedelta(minutes=5)  # by a device key, from the moment the statement was laid before it
TOO_LATE = "lewat lima menit sejak tombol ditekan; tanda tangani lagi"
PAST_THE_DOOR = "isian ini tidak datang lewat login orang itu; isi lagi dari alamat kantor"


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


def decide(con: LedgerConnection, office: Judging, question: Question, answer: Answer) -> Verdict:
    """Judges one answer and writes exactly one ledger entry for its key; asked again, returns what was written.

    The chain is verified first. All checks and the entry are one transaction. Raises LedgerBrokenError; UserError
    (OFFICE) when this machine's clock went back or its files can not be written.
    """
    answer = legible(answer)
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
        return Verdict(not judged.reason, answer.decision, answer.note, judged.reason, answer.worksheet)


def _payload(question: Question, answer: Answer, judged: _Judged) -> dict[str, object]:
    """What the ledger keeps."""
    return {
        "key": question.key, "role": question.role, "channel": question.channel, "round": question.case.round,
        "digest": question.case.digest, "decision": answer.decision, "note": answer.note,
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
    if not reason and not _came_right(office, question, answer, proof):
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


def _came_right(office: Judging, question: Question, answer: Answer, proof: Proof) -> bool:
    """Through the signer's own login where one is needed; a device key signs on its own page alone, logged in."""
    needs_login = {FORM: office.needs_login, DEVICE: True}.get(question.channel, False)
    by_page = (question.channel == DEVICE) is (proof.method == BY_DEVICE)
    return by_page and (answer.login == answer.nip or not needs_login)


def _stale(batch: Docket, here: Round, question: Question, times: tuple[datetime, datetime]) -> str:
    """Why the question is not one that is open now: another round, another digest, answered, or wrong in time."""
    at, now = times
    if not batch.is_open or here.closed or here.number != batch.current.number:
        return "ronde ini sudah ditutup; buka formulir yang terbaru"
    if not question.case.digest or here.digest_for(question.role) != question.case.digest:
        return "usulan sudah berganti; buka formulir yang terbaru"
    if question.role in here.decisions:
        return "jenjang ini sudah memutuskan"
    proposed = here.proposed[DRAFT if question.role == STAFF.role else FINAL]
    return _wrong_in_time(question.channel, at, (datetime.fromisoformat(proposed.at), now))


def _wrong_in_time(channel: str, at: datetime, between: tuple[datetime, datetime]) -> str:
    """Why an answer of ``at`` is not one of now; ``between``: what it is about was proposed, and now."""
    proposed, now = between
    if at > now + CLOCK_TOLERANCE:
        return "waktu pengisian di depan jam kantor; betulkan jam komputer"
    if channel == DEVICE and now - at > SIGNED_WITHIN:
        return TOO_LATE
    return "isian lebih tua daripada usulannya; isi lagi" if at < proposed - CLOCK_TOLERANCE else ""


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
