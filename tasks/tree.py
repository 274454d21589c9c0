"""Merkle tree over the ledger: a root that stands for all entries before one, and short proofs that one is among them.

Source: RFC 6962 (Certificate Transparency), section 2.1. A leaf is an entry's chain hash as 32 bytes. Every writing and
undo commits to two trees: ``tree``, over all entries before it; ``rests``, over those of them that it rests on (its
own batch's, who may decide, and who decided in the batches whose decisions it takes over). A pack that leaves one of
the latter out has another root.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from hashlib import sha256
from typing import Any

from tasks.approvals.people import KINDS as ABOUT_PEOPLE
from tasks.ledger import Kind

UNDO_MARK = "-U"  # between a batch's agenda number and the number of its undo


def leaf(data: bytes) -> bytes:
    """Hash of one entry in the tree: SHA-256 over 0x00 and the data."""
    return sha256(b"\0" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Hash of two subtrees: SHA-256 over 0x01 and both. The two prefixes keep a node from passing for an entry."""
    return sha256(b"\1" + left + right).digest()


class Tree:
    """A tree that grows to the right: the roots of its full subtrees are kept, the largest first."""

    def __init__(self, hashes: Iterable[str] = ()) -> None:
        self.size = 0
        self._full: list[bytes] = []
        for one in hashes:
            self.add(bytes.fromhex(one))

    def add(self, data: bytes) -> None:
        """One more leaf; as many subtrees become full as the size has ones at its end."""
        new, ones = leaf(data), self.size
        while ones & 1:
            new, ones = node(self._full.pop(), new), ones >> 1
        self._full.append(new)
        self.size += 1

    @property
    def facts(self) -> dict[str, Any]:
        """{size, root}: number of leaves, Merkle tree hash in hex (of nothing: SHA-256 of nothing)."""
        if not self._full:
            return {"size": 0, "root": sha256().hexdigest()}
        root = self._full[-1]
        for left in reversed(self._full[:-1]):
            root = node(left, root)
        return {"size": self.size, "root": root.hex()}


def proofs(hashes: Sequence[str], wanted: Iterable[int]) -> list[list[str]]:
    """For each wanted leaf (from 0) its path to the root: the neighbours' hashes (hex) from the bottom up.

    Pairing level by level, an odd last one going up as it is, gives RFC 6962's tree.
    """
    levels = [[leaf(bytes.fromhex(one)) for one in hashes]]
    while len(levels[-1]) > 1:
        below = levels[-1]
        pairs = zip(below[::2], below[1::2], strict=False)
        levels.append([*(node(left, right) for left, right in pairs), *(below[-1:] if len(below) % 2 else ())])
    return [[level[(at >> up) ^ 1].hex() for up, level in enumerate(levels) if (at >> up) ^ 1 < len(level)]
            for at in wanted]  # fmt: skip


def rests_on(agenda: str, kind: str, batch: str, earlier: Collection[str] = ()) -> bool:
    """Whether a batch rests on an entry of that kind and batch: its own, its undos', or about who may decide.

    ``earlier``: the batches whose decisions it takes over; of them, who decided.
    """
    own = batch == agenda or batch.startswith(agenda + UNDO_MARK)
    return own or kind in ABOUT_PEOPLE or (kind == Kind.DECISION and batch in earlier)


def taken_over(con: sqlite3.Connection, agenda: str) -> set[str]:
    """The batches whose decisions the proposals of a batch take over."""
    proposed = con.execute("select payload from entries where batch = ? and kind = ?", (agenda, Kind.PROPOSED))
    return {earlier for (text,) in proposed for earlier in json.loads(text).get("rests_on", ())}


def commit(con: sqlite3.Connection, agenda: str) -> dict[str, dict[str, Any]]:
    """{tree, rests} over all entries written so far, for the entry of ``agenda`` that the caller's transaction adds."""
    every, own, earlier = Tree(), Tree(), taken_over(con, agenda)
    for kind, batch, digest in con.execute("select kind, batch, hash from entries order by seq"):
        every.add(bytes.fromhex(digest))
        if rests_on(agenda, kind, batch, earlier):
            own.add(bytes.fromhex(digest))
    return {"tree": every.facts, "rests": own.facts}
