"""What is asked of a person and what was answered; the statement that a person's key signs."""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from tasks.approvals.case import Case, bare_code
from tasks.approvals.device import Assertion
from tasks.approvals.docket import DEVICE, FORM
from tasks.ledger import canonical, utc
from tasks.privacy import scrub

LONGEST_DECISION = 20


@dataclass(frozen=True)
class Question:
    """What is decided: one level's answer to one case. ``attempt`` and ``channel`` (of the docket) name the asking."""

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

    ``code``: one-time code; or ``signature``: Ed25519 over ``statement``, hex; or ``assertion``: a device key's over
    the same; ``at`` is then when the statement was laid before the person. ``file_code``: the kode berkas.
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
    assertion: Assertion | None = None


def statement(question: Question, answer: Answer) -> bytes:
    """What a person's key signs: who decides what about which change-set, and when. An entry holds all of it.

    The answer is taken as it is, made ``legible`` before: its entry gives the same bytes in every year. A device key
    signs the kode berkas as well: a try that had another one can not be filed as a decision.
    """
    case = question.case
    facts = {
        "agenda": case.agenda, "round": case.round, "digest": case.digest, "key": question.key, "role": question.role,
        "decision": answer.decision, "note": answer.note, "nip": answer.nip, "at": utc(answer.at),
    }  # fmt: skip
    if question.channel == DEVICE:
        return f"sinkron-putusan/2\n{canonical(facts | {'file_code': bare_code(answer.file_code)})}".encode()
    return f"sinkron-putusan/1\n{canonical(facts)}".encode()


def legible(answer: Answer) -> Answer:
    """The answer as it is kept: without half characters, which no UTF-8 text can hold, and with a masked note.

    A decision that is none is kept short and masked like a note. Done again, it changes nothing.
    """
    given = {field.name: getattr(answer, field.name) for field in fields(answer)}
    texts: dict[str, Any] = {
        name: text.encode("utf-8", "replace").decode() for name, text in given.items() if isinstance(text, str)
    }
    kept = {"decision": scrub(texts["decision"])[:LONGEST_DECISION], "note": kept_note(texts["note"])}
    return replace(answer, **texts | kept)


def kept_note(note: str) -> str:
    """A note as the ledger keeps it: a NIK in it is masked; blanks at its ends go last, for masking may bare some."""
    return scrub(note).strip()
