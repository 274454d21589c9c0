"""Whether the analysts' copy is behind what the office wrote: publishing failed, or the file is not there."""

import contextlib
import sqlite3
from datetime import datetime
from pathlib import Path

from tasks.ledger import Entry, Kind, entries_of
from tasks.office import WIB


def newest_written(ledger: sqlite3.Connection) -> Entry | None:
    """The entry of the newest writing or undo; None while nothing was written."""
    found = entries_of(ledger, (Kind.WRITTEN, Kind.UNDONE))
    return max(found, key=lambda entry: entry.seq, default=None)


def published_at(copy: Path) -> datetime | None:
    """When the copy was made (its own word); None when there is none that can be read."""
    import duckdb

    if not copy.exists():
        return None
    with contextlib.suppress(duckdb.Error), duckdb.connect(str(copy), read_only=True) as con:
        made: datetime = con.execute("select diterbitkan_pada from terbitan").fetchall()[0][0]
        return made.replace(tzinfo=WIB)
    return None


def missing(copy: Path, ledger: sqlite3.Connection) -> Entry | None:
    """The newest writing when the copy does not hold it; the copy tells its moment in whole seconds."""
    written, made = newest_written(ledger), published_at(copy)
    if written is None or (made is not None and made >= datetime.fromisoformat(written.at).replace(microsecond=0)):
        return None
    return written


def standing(copy: Path, ledger: sqlite3.Connection) -> str | None:
    """One line about the copy for people; None while nothing was written and no copy is needed."""
    written = newest_written(ledger)
    if written is None:
        return None
    at, made = datetime.fromisoformat(written.at).astimezone(WIB), published_at(copy)
    if made is not None and missing(copy, ledger) is None:
        return f"Salinan analis: terbit {made:%d-%m-%Y %H.%M} WIB, memuat semua yang sudah ditulis"
    now = "belum ada atau tidak terbaca" if made is None else f"terbit {made:%d-%m-%Y %H.%M} WIB"
    return (
        f"Salinan analis TERTINGGAL: {now}; agenda {written.batch} ditulis {at:%d-%m-%Y %H.%M} WIB belum ada di "
        f"dalamnya. Bila run-nya tidak sedang berjalan: sinkron recover menerbitkannya lagi"
    )
