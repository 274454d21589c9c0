"""``sinkron agenda`` and ``disposisi``: the Buku Agenda of a year, shown, searched or printed; one receipt's sheet."""

import argparse
import sys
from dataclasses import astuple
from datetime import UTC, datetime

from flows.commands.reading import existing_office
from tasks.errors import Exit, Problem, UserError
from tasks.office import WIB


def agenda_command(arguments: argparse.Namespace) -> int:
    """The lines of one year, those that hold a text, or the year's PDF.

    Raises UserError (USAGE) when a part of the book is to be printed, or the year has no line.
    """
    from tasks.agenda_book import book, book_lines, matching
    from tasks.documents.issue import issue
    from tasks.ledger import open_ledger

    office, now = existing_office(), datetime.now(UTC)
    year = now.astimezone(WIB).year if arguments.tahun is None else arguments.tahun
    if arguments.cetak and arguments.cari:
        allowed, step = "satu tahun utuh", "cetak tanpa --cari; PDF-nya dapat dicari"
        raise UserError(Exit.USAGE, Problem("--cetak", "bersama --cari", allowed, step))
    with open_ledger(office) as ledger:
        if arguments.cetak:
            path = issue(office, ledger, (str(year), now), book(ledger, office, year))
            sys.stdout.write(f"{path}\n")
            return Exit.OK
        lines = matching(book_lines(ledger, year), arguments.cari or "")
    sys.stdout.write("".join(f"{_told(astuple(line))}\n" for line in lines) or f"Tidak ada baris ({year}).\n")
    return Exit.OK


def _told(line: tuple[str, ...]) -> str:
    """One line of the book for a terminal: number and time, then what it is about, then what became of it."""
    number, received, letter, dated, sender, subject, receiver, asked, to, forwarded, note = (
        " ".join(value.split()) for value in line
    )
    went = "belum diteruskan" if to == "-" else f"{asked}: {to}, {forwarded}"
    return (
        f"{number}  diterima {received} oleh {receiver}\n  surat {letter} tanggal {dated}, dari {sender}\n"
        f"  perihal {subject}\n  disposisi {went}\n  {note}"
    )


def disposition_command(arguments: argparse.Namespace) -> int:
    """The lembar disposisi of one receipt as PDF, with the book's own entry about it. Raises UserError (USAGE)."""
    from tasks.agenda_book import disposition
    from tasks.documents.issue import issue
    from tasks.ledger import open_ledger

    office = existing_office()
    with open_ledger(office) as ledger:
        paper = disposition(ledger, office, arguments.agenda)
        path = issue(office, ledger, (arguments.agenda, datetime.now(UTC)), paper)
    sys.stdout.write(f"{path}\n")
    return Exit.OK
