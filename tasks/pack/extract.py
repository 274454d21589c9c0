"""The part of the ledger that a batch rests on, as exact lines, each with its proof to a tree that an entry commits to.

One JSON array a line: [[seq, at, kind, batch, actor, payload, prev, hash], proof]. Entries before the first writing
are proved to the tree of that writing, whose hash is printed on the Berita Acara; the others to the tree of the
pack's own entry, which is the last line and has no proof: its hash is the head that goes on paper with the pack.
"""

import json
import sqlite3
from typing import Any

from tasks.ledger import Kind
from tasks.tree import proofs, rests_on, taken_over

WRITINGS = (Kind.WRITTEN, Kind.UNDONE)
Line = tuple[Any, ...]  # seq, at, kind, batch, actor, payload (text), prev, hash


def lines_of(con: sqlite3.Connection, agenda: str) -> list[Line]:
    """Every entry so far that a batch rests on (tasks.tree), in order."""
    earlier = taken_over(con, agenda)
    rows = con.execute("select seq, at, kind, batch, actor, payload, prev, hash from entries order by seq")
    return [row for row in rows if rests_on(agenda, row[2], row[3], earlier)]


def extract(con: sqlite3.Connection, agenda: str, own: int) -> bytes:
    """The extract up to the pack's own entry (number ``own``)."""
    lines = [line for line in lines_of(con, agenda) if line[0] <= own]
    hashes = [digest for (digest,) in con.execute("select hash from entries where seq < ? order by seq", (own,))]
    first = next(line[0] for line in lines if line[2] in WRITINGS)
    before = [line[0] - 1 for line in lines if line[0] < first]
    after = [line[0] - 1 for line in lines if first <= line[0] < own]
    paths = [*proofs(hashes[: first - 1], before), *proofs(hashes, after), []]
    return "".join(
        f"{json.dumps([line, path], ensure_ascii=False)}\n" for line, path in zip(lines, paths, strict=True)
    ).encode()
