"""The Buku Agenda of one year as a PDF to print and to search in."""

import sqlite3
from dataclasses import astuple
from datetime import datetime

from tasks.agenda_book.lines import COLUMNS, book_lines, day_time, newest, returned, years
from tasks.approvals.case import file_code
from tasks.documents.facts import office_facts
from tasks.documents.issue import Document
from tasks.documents.render import render
from tasks.documents.words import counted
from tasks.errors import Exit, Problem, UserError
from tasks.office import Office


def book(ledger: sqlite3.Connection, office: Office, year: int) -> Document:
    """The book of one year, masked (the ledger holds nothing of a resident); the same as long as nothing happens.

    Its time and its head are those of the newest entry it tells of. Raises UserError (USAGE) for a year without any.
    """
    told = newest(ledger, year)
    if told is None:
        known = ", ".join(map(str, years(ledger))) or "belum ada"
        problem = Problem("--tahun", f"{year} tidak memuat catatan", f"tahun yang ada: {known}", "sebut tahun lain")
        raise UserError(Exit.USAGE, problem)
    lines = book_lines(ledger, year)
    facts = office_facts(office, ledger) | {
        "year": year, "heads": list(COLUMNS), "lines": [list(astuple(line)) for line in lines],
        "counted": counted(len(lines)), "returned": [list(astuple(one)) for one in returned(ledger, year)],
        "foot": f"Buku Agenda {year} - keadaan sampai entri {told.seq}:{file_code(told.hash)}, {day_time(told.at)} WIB",
    }  # fmt: skip
    return Document(
        f"buku-agenda-{year}.pdf", render("buku-agenda", facts, datetime.fromisoformat(told.at)), masked=True
    )
