"""Comparison vectors: per candidate pair and field one value, -1 where a record has none (Fellegi & Sunter 1969).

Numbers answer first: equality, digits and dates are arithmetic on arrays. Only pairs that could still be one person
have their texts compared (``texts``).
"""

from collections.abc import Callable
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
from recordlinkage.base import BaseCompareFeature

from expectations.matching.model import MISSING, Field, MatchingModel
from tasks.resolve.numbers import DIGITS, Numbers, derived
from tasks.resolve.prepare import Prepared
from tasks.resolve.texts import TEXT_TESTS, Texts

Vector = npt.NDArray[np.int8]
At = npt.NDArray[np.int64]
Held = npt.NDArray[np.bool_]
OPEN = -2  # no test on numbers holds; the texts have not been looked at
CONVENTIONAL = (701, 1231, 101)  # 1 July, 31 December, 1 January: registered when the day of birth was unknown
DATE_BITS = np.uint64(0xFFFFFF0000)  # digits 7 to 12 of a NIK
LOW_BITS = np.uint64(int("1" * DIGITS, 16))
HALF = np.uint64(4)


class Chunk:
    """Candidate pairs with the numbers of both records at hand. ``left_at``/``right_at``: positions of the records."""

    def __init__(self, sides: tuple[Prepared, Prepared], left_at: At, right_at: At) -> None:
        self.left, self.right = sides
        self.left_at, self.right_at = left_at, right_at

    def __len__(self) -> int:
        return len(self.left_at)

    @cached_property
    def _numbers(self) -> tuple[Numbers, Numbers]:
        return self.left.numbers[self.left_at], self.right.numbers[self.right_at]

    def both(self, column: str, part: str, at: At | None = None) -> tuple[Numbers, Numbers]:
        """One part of a column in both records, of all pairs or those ``at``."""
        whole = f"{column}.{part}"
        if whole not in self.left.parts:
            one, other = self.both(column, "clean", at)
            return derived(one, part), derived(other, part)
        one, other = self._numbers[0][:, self.left.parts[whole]], self._numbers[1][:, self.right.parts[whole]]
        return (one, other) if at is None else (one[at], other[at])


class FieldLevels(BaseCompareFeature):  # type: ignore[misc]  # recordlinkage ships no types
    """One field of the model as a recordlinkage feature: an Int8 value per pair (see ``Field.values``)."""

    def __init__(self, field: Field, sides: tuple[Prepared, Prepared]) -> None:
        super().__init__("row", "row", label=field.name)
        self.field = field
        self.sides = sides
        texts = [at for at, level in enumerate(field.levels) if level.test in TEXT_TESTS]
        self.numbers_only = min(texts, default=len(field.levels) - 1)  # the first level that needs a closer look

    @property
    def first_open(self) -> int:
        """The strongest value a pair left OPEN can still reach."""
        return self.field.first_value[self.numbers_only]

    def _compute_vectorized(self, left: pd.Series, right: pd.Series) -> pd.Series:
        chunk = Chunk(self.sides, left.to_numpy(), right.to_numpy())
        return pd.Series(self.closer(chunk, self.at_once(chunk)), index=left.index)

    def at_once(self, chunk: Chunk) -> Vector:
        """What the numbers tell; OPEN where the texts must be compared."""
        last = self.field.first_value[-2]
        values = np.full(len(chunk), OPEN if self.numbers_only < len(self.field.levels) - 1 else last, np.int8)
        one, other = chunk.both(self.field.column, "clean")
        missing = (one == 0) | (other == 0)
        values[missing] = MISSING
        at = np.flatnonzero(~missing)
        for level in range(self.numbers_only):
            held = _TESTS[self.field.levels[level].test](chunk, self.field.column, at, self.field.levels[level].at)
            values[at[held]] = self._valued(chunk, level, at[held])
            at = at[~held]
        return values

    def closer(self, chunk: Chunk, values: Vector) -> Vector:
        """``values`` with every OPEN pair judged by its texts."""
        at = np.flatnonzero(values == OPEN)
        if not len(at):
            return values
        values = values.copy()
        sides = (chunk.left, chunk.right)
        texts = Texts(sides, self.field.column, (chunk.left_at[at], chunk.right_at[at]))
        left = np.ones(len(at), bool)  # still without a level
        for level in range(self.numbers_only, len(self.field.levels) - 1):
            held = left & texts.held(self.field.levels[level].test, self.field.levels[level].at)
            values[at[held]] = self._valued(chunk, level, at[held])
            left &= ~held
        values[at[left]] = self.field.first_value[-2]
        return values

    def _valued(self, chunk: Chunk, level: int, at: At) -> Vector | int:
        first = self.field.first_value[level]
        if not self.field.levels[level].binned:
            return first
        return (chunk.right.bins[self.field.column][chunk.right_at[at]] + np.uint8(first)).astype(np.int8)


def features(model: MatchingModel, left: Prepared, right: Prepared) -> list[FieldLevels]:
    """One recordlinkage feature per field; the frames they are computed on have one column ``row``: the position."""
    return [FieldLevels(field, (left, right)) for field in model.fields]


def _equal(part: str) -> Callable[[Chunk, str, At, float], Held]:
    def test(chunk: Chunk, column: str, at: At, _: float) -> Held:
        one, other = chunk.both(column, part, at)
        return np.asarray((one == other) & (one != 0))  # a short number has no head

    return test


def _differing(one: Numbers, other: Numbers) -> Numbers:
    """A set bit for every half-byte (digit) that differs."""
    bits = one ^ other
    bits |= bits >> np.uint64(2)
    return (bits | (bits >> np.uint64(1))) & LOW_BITS


def _edits(chunk: Chunk, column: str, at: At, most: float) -> Held:
    """At most so many digits differ, or two neighbouring digits are swapped."""
    one, other = chunk.both(column, "clean", at)
    differing = _differing(one, other)
    count = np.bitwise_count(differing)
    lowest = differing & (~differing + np.uint64(1))
    shift = np.bitwise_count(lowest - np.uint64(1)).astype(np.uint64)
    pair, pair2 = one >> np.minimum(shift, np.uint64(56)), other >> np.minimum(shift, np.uint64(56))
    neighbours = differing == (lowest | (lowest << HALF))
    first, second = np.uint64(0xF), np.uint64(0xF0)
    swapped = neighbours & ((pair & first) << HALF == pair2 & second) & ((pair2 & first) << HALF == pair & second)
    return np.asarray((count <= most) | ((count == 2) & swapped))  # noqa: PLR2004 (two digits swapped)


def _consecutive(chunk: Chunk, column: str, at: At, most: float) -> Held:
    """The same place and birth date, serials close to each other: registered one after the other, as twins are."""
    one, other = chunk.both(column, "clean", at)
    head = derived(one, "head")
    same = (head == derived(other, "head")) & (head != 0)
    return np.asarray(same & (np.abs(_serial(one) - _serial(other)) <= most))


def _dated(one: Numbers, other: Numbers) -> Held:
    """Only the birth date in the numbers differs: it says again what the dates of birth say."""
    return np.asarray((one ^ other) & ~DATE_BITS == 0)


def _serial(number: Numbers) -> npt.NDArray[np.int64]:
    digits = [((number >> np.uint64(4 * place)) & np.uint64(0xF)).astype(np.int64) - 1 for place in range(4)]
    return np.asarray(digits[0] + 10 * digits[1] + 100 * digits[2] + 1000 * digits[3])


def _date(test: Callable[[Numbers, Numbers], Held]) -> Callable[[Chunk, str, At, float], Held]:
    def dates(chunk: Chunk, column: str, at: At, _: float) -> Held:
        return np.asarray(test(*chunk.both(column, "clean", at)))

    return dates


def _conventional(date: Numbers) -> Held:
    return np.isin(derived(date, "monthday"), np.array(CONVENTIONAL, np.uint64))


PARTS = ((1, 100), (100, 100), (10_000, 10_000))  # day, month, year within yyyymmdd


def _one_part(one: Numbers, other: Numbers) -> Held:
    """Exactly one of day, month and year differs."""
    off = [one // unit % size != other // unit % size for unit, size in PARTS]
    return np.asarray(np.sum(off, axis=0) == 1)


def _slip(one: Numbers, other: Numbers) -> Held:
    """One part differs in one digit, or the year by 1 or 10: how a date is mistyped."""
    digits = [one // unit % 10 != other // unit % 10 for unit in 10 ** np.arange(8, dtype=np.uint64)]
    years = np.abs((one // 10_000).astype(np.int64) - (other // 10_000).astype(np.int64))
    return np.asarray(_one_part(one, other) & ((np.sum(digits, axis=0) == 1) | np.isin(years, (1, 10))))


_TESTS: dict[str, Callable[[Chunk, str, At, float], Held]] = {
    "same": _equal("clean"), "sound": _equal("sound"), "bag": _equal("bag"), "head": _equal("head"),
    "tail": _equal("tail"), "year": _equal("year"), "edits": _edits,
    "consecutive": _consecutive,
    "dated": _date(_dated), "swapped": _equal("swapped"),
    "usual": _date(lambda one, other: (one == other) & ~_conventional(one)),
    "slip": _date(_slip), "one part": _date(_one_part),
    "convention": _date(lambda one, other: (derived(one, "year") == derived(other, "year"))
                        & (_conventional(one) | _conventional(other))),
}  # fmt: skip
