"""What SQLite says when the ledger can not be read or written, in the office's words."""

import contextlib
import sqlite3
from collections.abc import Iterator

from tasks.errors import Exit, LedgerBrokenError, Problem, UserError

PRIMARY = 0xFF  # the lower byte of SQLite's extended result codes
SURROUNDINGS = {
    sqlite3.SQLITE_FULL: ("cakram penuh", "beri tempat di cakram"),
    sqlite3.SQLITE_IOERR: ("cakram tidak dapat dibaca atau ditulis", "periksa cakram dan tempat kosongnya"),
    sqlite3.SQLITE_READONLY: ("hanya dapat dibaca", "beri izin tulis pada berkas dan foldernya"),
    sqlite3.SQLITE_CANTOPEN: ("tidak dapat dibuka", "beri izin baca dan tulis pada berkas dan foldernya"),
    sqlite3.SQLITE_PERM: ("tidak boleh dibuka", "beri izin baca dan tulis pada berkas dan foldernya"),
    sqlite3.SQLITE_BUSY: ("dipakai proses lain", "tunggu proses itu selesai"),
}
DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT}
NOT_TEXT = "Could not decode"  # Python's own: a text of the file is no UTF-8


@contextlib.contextmanager
def told(name: str, *, opening: bool = False) -> Iterator[None]:
    """Lets SQLite's errors out as the office's.

    Raises UserError (OFFICE) for a full or read-only disk and a ledger held for long, LedgerBrokenError for a damaged
    file; ``opening``: whatever fails on our own fixed statements is damage. The triggers' refusals pass as they are.
    """
    try:
        yield
    except UnicodeDecodeError:  # SQLite quotes damaged names in its messages, and Python can not read those
        if not opening:
            raise
        raise LedgerBrokenError(_broken(name)) from None
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & PRIMARY
        if code in SURROUNDINGS:
            received, step = SURROUNDINGS[code]
            problem = Problem(name, received, "berkas yang dapat dibaca dan ditulis",
                              f"{step}, lalu ulangi; yang sudah tercatat tetap tercatat")  # fmt: skip
            raise UserError(Exit.OFFICE, problem) from None
        if opening or code in DAMAGED or str(error).startswith(NOT_TEXT):
            raise LedgerBrokenError(_broken(name)) from None
        raise


def _broken(name: str) -> str:
    return f"{name} bukan buku agenda yang utuh: pulihkan dari cadangan"
