"""The lembar disposisi of one receipt: filled in from the ledger up to the receipt, the rest left to ink."""

import sqlite3
from datetime import datetime, timedelta

from expectations.approvals import CHAIN, STAFF
from tasks.agenda_book.lines import LONGEST, NO_LETTER, RECEIVERS
from tasks.documents.facts import REPLY_DAYS, office_facts
from tasks.documents.issue import Document
from tasks.documents.render import render
from tasks.documents.words import letter_date, long_date, number, wib_time
from tasks.ledger import Kind, entries
from tasks.office import Office
from tasks.privacy import scrub
from tasks.receipts import find_receipt

# What a head asks of those the letter goes to; the SOP's own steps come first.
REQUESTS = ("Teliti dan sinkronkan", "Verifikasi dan paraf", "Tanggapan dan saran", "Koordinasi dengan daerah lain",
            "Siapkan balasan", "Untuk diketahui, arsip")  # fmt: skip


def disposition(ledger: sqlite3.Connection, office: Office, agenda: str) -> Document:
    """The sheet of a receipt, masked, as of its receipt. Raises UserError (USAGE) for an unknown agenda number."""
    receipt = find_receipt(ledger, agenda)
    entry = entries(ledger, agenda, Kind.RECEIVED)[0]
    at = wib_time(entry.at)
    letter = {name: scrub(text)[:LONGEST] for name, text in (receipt.letter or {}).items()}
    rows = sum(facts["received"] for facts in receipt.files)
    facts = office_facts(office, ledger) | {
        "agenda": agenda,
        "letter": [
            ["Surat dari", letter.get("sender", "")], ["No. surat", letter.get("number", NO_LETTER)],
            ["Tgl surat", letter_date(letter.get("date", ""))],
        ],
        "arrived": [
            ["Diterima tgl", f"{long_date(at.date())}, pukul {at:%H.%M} WIB"], ["No. agenda", agenda],
            ["Diterima oleh", RECEIVERS.get(entry.payload["origin"].partition(":")[0], "Sinkron")],
        ],
        "subject": letter.get("subject", ""),
        "content": f"{number(len(receipt.files))} berkas, {number(rows)} baris",
        "deadline": "menurut penerimaan asal tiap kasus (lihat: sinkron cases)" if receipt.answers_cases
                    else f"{long_date(at.date() + timedelta(days=REPLY_DAYS))} ({REPLY_DAYS} hari sejak diterima)",
        "files": [[scrub(one["name"]), number(one["received"]), one["sha256"]] for one in receipt.files],
        "levels": [level.title for level in (*reversed(CHAIN), STAFF)],
        "requests": list(REQUESTS),
        "foot": f"Agenda {agenda} - entri {entry.seq} Buku Agenda",
    }  # fmt: skip
    content = render("lembar-disposisi", facts, datetime.fromisoformat(entry.at))
    return Document(f"lembar-disposisi-{agenda}.pdf", content, masked=True)
