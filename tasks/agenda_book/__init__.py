"""The paper Buku Agenda and the lembar disposisi (handbook 7), made from the ledger alone."""

from tasks.agenda_book.lines import Line, book_lines, matching, years
from tasks.agenda_book.sheet import disposition
from tasks.agenda_book.year import book

__all__ = ["Line", "book", "book_lines", "disposition", "matching", "years"]
