"""Candidate pairs: records that agree on a blocking key, found by sorting each key's hashes (a sort-merge join).

Several keys make up for one another's errors (Christen 2012, ch. 4); a block above the cap is split by further columns
before it is given up, because common values make many pairs and tell little. Behind recordlinkage's own index class.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from recordlinkage.base import BaseIndexAlgorithm

from expectations.matching.model import Blocking, Key, MatchingModel
from tasks.resolve.numbers import Numbers, combined
from tasks.resolve.prepare import Prepared
from tasks.resolve.workers import Fan, each

ROW_BITS = np.uint64(32)
PART_RECORDS = 1 << 20  # of one key that go elsewhere together, about; a block always stays whole


@dataclass(frozen=True)
class Level:
    """One key's blocks at one depth of splitting.

    ``packed``: uint64, sorted: the key's hash in the high bits, the record's position in the low ``bits``.
    """

    packed: Numbers
    bits: int

    @property
    def hashes(self) -> Numbers:
        """The key's hash per record, in order."""
        return self.packed >> np.uint64(self.bits)

    @property
    def rows(self) -> Numbers:
        """The record's position, in the order of the hashes."""
        return self.packed & np.uint64((1 << self.bits) - 1)


class BlockingKeys(BaseIndexAlgorithm):  # type: ignore[misc]  # recordlinkage ships no types
    """Pairs of records that share at least one blocking key of the model. Records are positions in ``Prepared``."""

    def __init__(
        self, model: MatchingModel, left: Prepared, right: "Blocks | None" = None, fan: Fan | None = None
    ) -> None:
        super().__init__(verify_integrity=False)
        self.blocking = model.blocking
        self.left = left
        self.right = right
        self.fan = fan

    def _dedup_index(self, frame: pd.DataFrame) -> pd.MultiIndex:
        if self.fan is not None:
            return _index(_fanned(self.fan, self.left, self.blocking), frame.index, frame.index)

        def pairs(key: Key) -> list[Numbers]:
            levels, cap = _levels(self.left, self.blocking, key), self.blocking.cap
            found = [_within(level, cap) for level in levels]
            return (
                [*found, _neighbours(self.left.content, levels[-1], cap)]
                if len(levels) > len(self.blocking.splits)
                else found
            )

        found = [pair for of_key in each(pairs, self.blocking.keys) for pair in of_key]
        return _index(found, frame.index, frame.index)

    def _link_index(self, left: pd.DataFrame, right: pd.DataFrame) -> pd.MultiIndex:
        found: list[Numbers] = []
        for key, levels in zip(self.blocking.keys, self.right or (), strict=True):
            rows = np.arange(len(self.left), dtype=np.uint64)
            for depth, level in enumerate(levels):
                hashes = _hashes(self.left, _at(self.blocking, key, depth), rows)
                pairs, rows = _across((hashes, rows), level, self.blocking.cap)
                found.append(pairs)
        return _index(found, left.index, right.index)


Blocks = list[list[Level]]  # per key, per depth


def blocks(records: Prepared, blocking: Blocking) -> Blocks:
    """Per blocking key its levels: all records, then those of blocks above the cap, split further."""
    return list(each(partial(_levels, records, blocking), blocking.keys))


def _levels(records: Prepared, blocking: Blocking, key: Key) -> list[Level]:
    bits = row_bits(records)
    rows = np.arange(len(records), dtype=np.uint64)
    levels: list[Level] = []
    for depth in range(len(blocking.splits) + 1):
        hashes = _hashes(records, _at(blocking, key, depth), rows)
        known = hashes != 0
        levels.append(Level(np.sort(hashes[known] >> np.uint64(bits) << np.uint64(bits) | rows[known]), bits))
        rows = _crowded(levels[-1], blocking.cap)
        if not len(rows):
            break
    return levels


def row_bits(records: Prepared) -> int:
    """Bits that a record's position needs."""
    return max(1, len(records).bit_length())


def _at(blocking: Blocking, key: Key, depth: int) -> Key:
    return Key((*key.parts, *(part for split in blocking.splits[:depth] for part in split.parts)))


def _hashes(records: Prepared, key: Key, rows: Numbers) -> Numbers:
    """The key of these records as one hash; 0 where a part is missing."""
    every = len(rows) == len(records)
    return combined([records.part(*part) if every else records.part(*part)[rows] for part in dict.fromkeys(key.parts)])


def _sizes(hashes: Numbers) -> npt.NDArray[np.int64]:
    """Records per block, in the order of the blocks."""
    starts = np.flatnonzero(hashes[1:] != hashes[:-1]) + 1
    return np.diff(np.concatenate([[0], starts, [len(hashes)]]))


def _crowded(level: Level, cap: int) -> Numbers:
    """The records of blocks above the cap, in their own order."""
    sizes = _sizes(level.hashes)
    return np.sort(level.rows[np.repeat(sizes > cap, sizes)])


def _within(level: Level, cap: int) -> Numbers:
    """Pairs of one file: within every block of 2 to ``cap`` records each with each, as smaller << 32 | larger."""
    hashes = level.hashes
    sizes = _sizes(hashes)
    kept = np.repeat((sizes > 1) & (sizes <= cap), sizes)
    hashes, rows = hashes[kept], level.rows[kept]
    found = [np.array([], np.uint64)]
    for step in range(1, min(cap, len(hashes))):
        at = np.flatnonzero(hashes[step:] == hashes[:-step])
        if not len(at):
            break
        found.append((rows[at] << ROW_BITS) | rows[at + step])  # rows of a block are in order
    return np.concatenate(found)


def _neighbours(content: Numbers, level: Level, cap: int) -> Numbers:
    """In blocks that no split made small enough every record with its next one, by content.

    The sorted neighbourhood (Hernandez & Stolfo 1995) with the smallest window: many records of one person are found
    however many there are, and a name that half a village bears costs one pair each.
    """
    sizes = _sizes(level.hashes)
    kept = np.repeat(sizes > cap, sizes)
    hashes, rows = level.hashes[kept], level.rows[kept]
    order = np.lexsort((content[rows], hashes))
    hashes, rows = hashes[order], rows[order]
    at = np.flatnonzero(hashes[1:] == hashes[:-1])
    one, other = rows[at], rows[at + 1]
    return (np.minimum(one, other) << ROW_BITS) | np.maximum(one, other)


@dataclass(frozen=True)
class Part:
    """Some blocks of one key, whole. ``hashes``, ``rows`` (positions, ascending): per record; ``bits``: of a Level.

    ``content``: per record where no split is left, else empty.
    """

    hashes: Numbers
    rows: Numbers
    content: Numbers
    bits: int
    cap: int

    def __repr__(self) -> str:
        """What an engine may log."""
        return f"Part({len(self.rows)})"


def pairs_within(part: Part) -> tuple[Numbers, Numbers]:
    """Pairs of a part's blocks, and the records of those above the cap, by positions in the whole file."""
    bits, here = np.uint64(part.bits), np.arange(len(part.rows), dtype=np.uint64)
    level = Level(np.sort(part.hashes >> bits << bits | here), part.bits)
    found = [_within(level, part.cap)] + ([_neighbours(part.content, level, part.cap)] if len(part.content) else [])
    pairs = np.concatenate(found)
    one, other = (part.rows[at.astype(np.int64)] for at in (pairs >> ROW_BITS, pairs & np.uint64(0xFFFFFFFF)))
    return (one << ROW_BITS) | other, part.rows[_crowded(level, part.cap).astype(np.int64)]


def _fanned(fan: Fan, records: Prepared, blocking: Blocking) -> list[Numbers]:
    """The same pairs, every key's blocks worked on elsewhere, split by split."""
    found: list[Numbers] = []
    crowded = dict.fromkeys(blocking.keys, np.arange(len(records), dtype=np.uint64))
    for depth in range(len(blocking.splits) + 1):
        order: list[Key] = []
        parts = _parts(records, blocking, (depth, crowded), order)
        crowded = {}
        for at, (pairs, left) in enumerate(fan.each(pairs_within, parts)):
            found.append(pairs)
            if len(left):
                crowded[order[at]] = np.sort(np.concatenate([crowded.get(order[at], left[:0]), left]))
    return found


def _parts(
    records: Prepared, blocking: Blocking, at: tuple[int, dict[Key, Numbers]], order: list[Key]
) -> Iterator[Part]:
    """The parts of every key at one depth; ``order`` hears whose each is. Parted by the first bits of the hash."""
    depth, crowded = at
    bits, last = row_bits(records), depth == len(blocking.splits)
    for key, rows in crowded.items():
        hashes = _hashes(records, _at(blocking, key, depth), rows)
        first = max(0, len(rows) // PART_RECORDS).bit_length()
        place = hashes >> np.uint64(64 - first) if first else np.zeros(len(hashes), np.uint64)
        for number in range(1 << first):
            mine = np.flatnonzero((place == number) & (hashes != 0))
            if len(mine):
                content = records.content[rows[mine].astype(np.int64)] if last else hashes[:0]
                order.append(key)
                yield Part(hashes[mine], rows[mine], content, bits, blocking.cap)


def _across(left: tuple[Numbers, Numbers], right: Level, cap: int) -> tuple[Numbers, Numbers]:
    """Pairs between two files, and the left records whose block on the right is above the cap.

    ``left``: hash and position per record.
    """
    hashes, rows = (told[left[0] != 0] for told in left)
    low = hashes >> np.uint64(right.bits) << np.uint64(right.bits)
    first = np.searchsorted(right.packed, low, "left")
    count = np.searchsorted(right.packed, low | np.uint64((1 << right.bits) - 1), "right") - first
    fits = count <= cap
    first, size = first[fits], count[fits]
    within = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    one = np.repeat(rows[fits], size)
    other = right.packed[np.repeat(first, size) + within] & np.uint64((1 << right.bits) - 1)
    return (one << ROW_BITS) | other, rows[~fits]


def _index(found: list[Numbers], left: pd.Index, right: pd.Index) -> pd.MultiIndex:
    """The pairs found, each once, in order."""
    pairs = np.sort(np.concatenate([*found, np.array([], np.uint64)]))
    pairs = pairs[np.concatenate([[True], pairs[1:] != pairs[:-1]])] if len(pairs) else pairs
    return pairs_of(left, right, (pairs >> ROW_BITS, pairs & np.uint64(0xFFFFFFFF)))


def pairs_of(left: "pd.Index[Any]", right: "pd.Index[Any]", codes: tuple[Any, Any]) -> pd.MultiIndex:
    """The form recordlinkage gives pairs, made of the positions of both records without looking them up."""
    at: Any = [each.astype(np.int64) for each in codes]
    levels: Any = [left, right]
    return pd.MultiIndex(levels=levels, codes=at, verify_integrity=False)
