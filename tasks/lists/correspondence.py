"""The reply to the Dirjen, and one letter per regency that is asked: PDF without NIK or name of a resident.

Each letter names the lists that go with it by their SHA-256, so that letter and list can not be exchanged.
"""

import hashlib
import sqlite3
from datetime import date, timedelta
from typing import Any

import duckdb

from expectations.cases import ANSWER_DAYS_LEFT, LEAST_ANSWER_DAYS
from expectations.outcomes import Outcome
from expectations.referral import ANSWERS
from tasks.documents.facts import REPLY_DAYS, office_facts
from tasks.documents.followed import Followed
from tasks.documents.issue import Document
from tasks.documents.render import render
from tasks.documents.words import counted, letter_date, long_date, number
from tasks.lists.batch import Batch, signer
from tasks.lists.make import REJECTED, Listed, Lists, make_lists
from tasks.lists.outcomes import RIGHT, UNREGISTERED, WRITTEN
from tasks.lists.referral import regency
from tasks.office import Office
from tasks.privacy import scrub

# The SOP's sender, when no cover letter named one.
CENTRE = "Direktur Jenderal Kependudukan dan Pencatatan Sipil Kementerian Dalam Negeri"
LONGEST_TOLD = 300  # letters of a fact of the cover letter


def lists_and_letters(
    con: duckdb.DuckDBPyConnection, ledger: sqlite3.Connection, office: Office, agenda: str
) -> list[Document]:
    """The five lists, the reply and the letters to regencies of a written batch, none for an undo.

    Raises as ``make_lists`` does.
    """
    made = make_lists(con, ledger, office, agenda)
    return [*made.files, *_letters(ledger, office, made)] if made else []


def _letters(ledger: sqlite3.Connection, office: Office, made: Lists) -> list[Document]:
    common = common_facts(ledger, office, made.batch) | {"follows": [_follows(one) for one in made.follows]}
    agenda, at = made.batch.agenda, made.batch.written_at
    reply = render("surat-balasan", common | _reply(office, made), at)
    found = [Document(f"surat-balasan-{agenda}.pdf", reply, masked=True)]
    for asked in made.regions:
        content = render("surat-luar-kota", common | _question(made, asked), at)
        found.append(Document(f"surat-luar-kota-{agenda}-{asked.region}.pdf", content, masked=True))
    return found


def common_facts(ledger: sqlite3.Connection, office: Office, batch: Batch) -> dict[str, Any]:
    """What every letter bears: letterhead, date, numbers, who signs."""
    kop = office.settings.kop
    return office_facts(office, ledger) | {
        "agenda": batch.agenda,
        "date": f"{kop.kota}, {long_date(batch.written_at.date())}",
        "received_on": long_date(batch.received_at.date()),
        "letter": _letter_told(batch.receipt.letter),
        "signer": signer(ledger, batch, kop.kepala),
        "foot": f"Agenda {batch.agenda} - sidik usulan {batch.entry.payload['digest'][:16]} - "
                f"entri {batch.entry.seq} Buku Agenda. Surat ini tidak memuat data pribadi penduduk.",
    }  # fmt: skip


def _letter_told(letter: dict[str, str] | None) -> dict[str, str] | None:
    if not letter:
        return None
    told = {name: scrub(letter.get(name, ""))[:LONGEST_TOLD] for name in ("sender", "number", "subject")}
    return told | {"date": letter_date(scrub(letter.get("date", ""))[:LONGEST_TOLD])}


def _follows(one: Followed) -> dict[str, Any]:
    """An earlier receipt as the letters of a batch of answers name it."""
    return {
        "agenda": one.receipt.agenda, "letter": _letter_told(one.receipt.letter),
        "received_on": long_date(one.received.date()),
    }  # fmt: skip


def _addressed(made: Lists) -> str:
    """Who sent the data, of a batch of answers whoever sent those that it follows up."""
    receipts = [one.receipt for one in made.follows] or [made.batch.receipt]
    senders = (scrub(one.letter["sender"])[:LONGEST_TOLD] for one in receipts if one.letter)
    return " dan ".join(dict.fromkeys(senders)) or CENTRE


def _reply(office: Office, made: Lists) -> dict[str, Any]:
    batch = made.batch
    rows = [(listed.called, number(listed.rows)) for listed in made.centre.values()]
    total = sum(listed.rows for listed in made.centre.values()) + batch.rejected
    if total != batch.received:
        raise AssertionError("jumlah dalam surat balasan tidak sama dengan jumlah diterima")
    lists = [*made.centre.values(), *([made.rejected] if made.rejected else [])]
    to = _addressed(made)
    return {
        "to": to, "place": "Jakarta" if "direktur jenderal" in to.lower() else "Tempat",
        "received": counted(batch.received),
        "rows": [*rows, (REJECTED[1], number(batch.rejected))],
        "total": number(total),
        "told": _told(made),
        "files": _sent(made),
        "attached": counted(len(lists)),
        "lists": _attached(lists),
        "copies": [copy.strip() for copy in office.settings.kop.tembusan.split(";") if copy.strip()],
    }  # fmt: skip


def _sent(made: Lists) -> list[dict[str, str]]:
    """The centre's files: those received, or those that the answered cases came from, with the rows answered."""
    if not made.follows:
        return [_file(facts, facts["received"]) for facts in made.batch.receipt.files]
    if sum(sum(one.rows.values()) for one in made.follows) != made.batch.received:
        raise AssertionError("baris yang ditindaklanjuti tidak sama dengan jumlah diterima")
    return [
        _file(one.receipt.files[file_no - 1], count, f" (agenda {one.receipt.agenda})")
        for one in made.follows for file_no, count in one.rows.items()
    ]  # fmt: skip


def _file(facts: dict[str, Any], rows: int, known_as: str = "") -> dict[str, str]:
    return {"name": f"{scrub(facts['name'])}{known_as}", "rows": number(rows), "sha256": facts["sha256"]}


def _attached(lists: list[Listed]) -> list[dict[str, str]]:
    return [
        {"name": file.name, "called": listed.called, "rows": number(lines) if lines else "nihil",
         "sha256": hashlib.sha256(file.content).hexdigest()}
        for listed in lists for file, lines in zip(listed.files, listed.lines, strict=True)
    ]  # fmt: skip


def _told(made: Lists) -> list[str]:
    """What the centre is asked for or told, one paragraph per outcome that has rows."""
    batch, elements = made.batch, made.corrected
    kept = elements.get(RIGHT, 0) + elements.get(UNREGISTERED, 0)
    paragraphs = {
        Outcome.CORRECTED: f"elemen data pada {_rows(made, Outcome.CORRECTED)} diperbaiki menurut data atau dokumen "
        f"pada kolom dasar: {number(elements.get(WRITTEN, 0))} elemen telah diperbaiki pada data kami, dan "
        f"{number(kept)} elemen berbeda hanya pada data pusat, sehingga mohon disesuaikan;",
        Outcome.DEACTIVATION: f"{_rows(made, Outcome.DEACTIVATION)} kami usulkan untuk dinonaktifkan atau dihapus; "
        "pelaksanaannya merupakan kewenangan Direktorat Jenderal;",
        Outcome.OTHER_REGION: f"{_rows(made, Outcome.OTHER_REGION)} menyangkut penduduk luar kota; {_asked(made)};",
        Outcome.UNFOUNDED: f"{_rows(made, Outcome.UNFOUNDED)} kami tutup tanpa perubahan karena data kami sudah benar;",
        Outcome.POSTPONED: f"{_rows(made, Outcome.POSTPONED)} menunggu dokumen, kehadiran penduduk, atau hasil "
        "perekaman biometrik, dan akan kami sampaikan menyusul;",
    }
    found = [text for outcome, text in paragraphs.items() if batch.rows(outcome)]
    if batch.rejected:
        found.append(f"{counted(batch.rejected)} baris tidak dapat dibaca dan kami kembalikan untuk diperbaiki;")
    found = found or ["daftar tersebut tidak memuat data lagi, sehingga tidak ada yang perlu kami tindak lanjuti;"]
    return [*found[:-1], f"{found[-1][:-1]}."]


def _rows(made: Lists, outcome: Outcome) -> str:
    return f"{counted(made.batch.rows(outcome))} baris"


def _asked(made: Lists) -> str:
    """Who was asked about other regions' rows, who answered, and what nobody could be asked about."""
    parts = (
        (len(made.regions), "konfirmasi telah kami mintakan kepada {} kabupaten/kota"),
        (made.answered, "{} baris telah dijawab daerahnya"),
        (made.pending, "konfirmasi atas {} baris telah kami mintakan sebelumnya dan masih kami tunggu"),
        (made.unplaced, "daerah {} baris belum diketahui sehingga mohon petunjuk Direktorat Jenderal"),
    )
    return ", dan ".join(text.format(counted(count)) for count, text in parts if count)


def _question(made: Lists, asked: Listed) -> dict[str, Any]:
    received = made.follows[0].received if made.follows else made.batch.received_at
    deadline: date = received.date() + timedelta(days=REPLY_DAYS - ANSWER_DAYS_LEFT)
    return {
        "place": regency(asked.region),
        "persons": counted(asked.persons),
        "rows": counted(asked.rows),
        "deadline": long_date(max(deadline, made.batch.written_at.date() + timedelta(days=LEAST_ANSWER_DAYS))),
        "answers": list(ANSWERS.values()),
        "lists": _attached([asked]),
    }
