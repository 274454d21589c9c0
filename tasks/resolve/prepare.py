"""Records made ready for matching: every column cleaned once per distinct value and turned into numbers.

Equality of cleaned values is asked millions of times and likeness of texts seldom, so that a record is one row of
64-bit numbers (hashes of its cleaned values, 0 = missing) with its texts beside them.
"""

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from expectations.matching.model import BINS, CLEANERS, MatchingModel
from tasks.resolve.names import clean_names, clean_words
from tasks.resolve.numbers import DIGITS, LETTER_AT, NUMBERS, Numbers, combined, derived, hashed, numbered_words
from tasks.resolve.workers import each

if TYPE_CHECKING:
    from collections.abc import Callable

START = 4  # letters
LIKENESS_TESTS = ("jw", "typo", "misspelt")
WORD_TESTS = ("part", "initials", "misspelt")
HEARD = np.uint32((1 << 22) - 1)  # words are counted by these bits
SELDOM, ENOUGH = 2, 20_000  # a word of at most so many records is seldom, where there are enough to tell


@dataclass(frozen=True)
class Prepared:
    """Records of one file. ``numbers``: uint64 (records, parts), columns named by ``parts``; 0 is missing.

    ``content``: uint64, a hash of all the record's values. Per column: ``texts``: cleaned String series; ``words``:
    uint32 (records, WORDS), 0 is no word; ``heard``: uint8, how many records have a word, by its low bits; ``unheard``:
    Boolean, the record has a word that hardly any other has; ``bins``: uint8, how often its value occurs; ``shares``:
    float64 (2, BINS), the share of records and of agreeing pairs of records in each bin.
    """

    parts: dict[str, int]
    numbers: Numbers
    content: Numbers
    texts: dict[str, pl.Series] = field(default_factory=dict)
    words: dict[str, npt.NDArray[np.uint32]] = field(default_factory=dict)
    heard: dict[str, npt.NDArray[np.uint8]] = field(default_factory=dict)
    unheard: dict[str, npt.NDArray[np.bool_]] = field(default_factory=dict)
    bins: dict[str, npt.NDArray[np.uint8]] = field(default_factory=dict)
    shares: dict[str, npt.NDArray[np.float64]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.numbers)

    def part(self, column: str, part: str = "clean") -> Numbers:
        """One part of one column for every record; parts of digits and dates are worked out of the whole."""
        whole = f"{column}.{part}"
        if whole in self.parts:
            return self.numbers[:, self.parts[whole]]
        return derived(self.numbers[:, self.parts[f"{column}.clean"]], part)

    def at(self, rows: npt.NDArray[np.int64]) -> "Prepared":
        """These records alone, as they were counted among all; ``heard`` is left out."""
        return replace(
            self,
            numbers=self.numbers[rows],
            content=self.content[rows],
            texts={column: values.gather(rows) for column, values in self.texts.items()},
            words={column: values[rows] for column, values in self.words.items()},
            unheard={column: values[rows] for column, values in self.unheard.items()},
            bins={column: values[rows] for column, values in self.bins.items()},
            heard={},
        )

    def heard_by(self, register: "Prepared") -> "Prepared":
        """The same records, their words judged by how often they occur in the register."""
        told = {column: _unheard(words, register.heard[column], len(register))
                for column, words in self.words.items() if column in register.heard}  # fmt: skip
        return replace(self, unheard=told)


def prepare(frame: pl.DataFrame, model: MatchingModel) -> Prepared:
    """``frame``: String columns named as the model's (one missing from the frame is missing in every record)."""
    absent = [pl.lit(None, pl.String).alias(column) for column in model.columns if column not in frame.columns]
    made = _Columns(model, frame.with_columns(absent).select(pl.col(*model.columns).cast(pl.String)))
    jobs: list[Callable[[], None]] = [partial(made.texts_of, cleaner) for cleaner in ("name", "words")]
    jobs += [partial(made.number, column) for column, cleaner in model.columns.items() if cleaner in NUMBERS]
    list(each(lambda job: job(), jobs))
    values = [made.numbers[:, at] for name, at in made.parts.items() if name.endswith(".clean")]
    content = combined(values, keep_missing=True)
    return _counted(Prepared(made.parts, made.numbers, content, made.texts, made.words), model)


def _counted(prepared: Prepared, model: MatchingModel) -> Prepared:
    """With how often words and values occur, where the model asks for it."""
    for asked in model.fields:
        column = asked.column
        if any(level.test == "misspelt" for level in asked.levels):
            counts = np.bincount((prepared.words[column] & HEARD).ravel(), minlength=int(HEARD) + 1)
            prepared.heard[column] = np.minimum(counts, np.iinfo(np.uint8).max).astype(np.uint8)
            prepared.unheard[column] = _unheard(prepared.words[column], prepared.heard[column], len(prepared))
        if any(level.binned for level in asked.levels):
            counted = "sound" if model.columns[column] == "name" else "clean"
            prepared.bins[column], prepared.shares[column] = _bins(prepared.part(column, counted))
    return prepared


class _Columns:
    """What the columns become while they are cleaned."""

    def __init__(self, model: MatchingModel, frame: pl.DataFrame) -> None:
        self.model, self.frame = model, frame
        self.parts = {part: at for at, part in enumerate(_parts_kept(model))}
        self.tested = {(each.column, level.test) for each in model.fields for level in each.levels}
        self.numbers = np.zeros((frame.height, len(self.parts)), np.uint64)
        self.texts: dict[str, pl.Series] = {}
        self.words: dict[str, npt.NDArray[np.uint32]] = {}

    def number(self, column: str) -> None:
        """Cleans a column that is no text."""
        number = NUMBERS[self.model.columns[column]](self.frame[column])
        if length := self.model.lengths.get(column):
            number[number >> np.uint64(4 * (length - 1)) == 0] = 0  # too short
            if length < DIGITS:
                number[number >> np.uint64(4 * length) != 0] = 0
        self.numbers[:, self.parts[f"{column}.clean"]] = number

    def texts_of(self, cleaner: str) -> None:
        """Cleans the distinct texts of all columns of one kind together: a mother is a resident too."""
        columns = [column for column, each in self.model.columns.items() if each == cleaner]
        if not columns:
            return
        raw = pl.concat([self.frame[column].alias("raw") for column in columns]).unique()
        clean = _named(raw) if cleaner == "name" else _worded(raw)
        coded = pl.DataFrame({"raw": raw, "code": np.arange(len(raw), dtype=np.uint32)})
        words = numbered_words(clean["tokens"]) if any(self._asked(each, WORD_TESTS) for each in columns) else None
        hashes = {part: hashed(clean[part]) for part in clean.columns if part != "tokens"}
        for column in columns:
            told = self.frame.select(pl.col(column).alias("raw"))
            code = told.join(coded, on="raw", how="left", nulls_equal=True, maintain_order="left")["code"].to_numpy()
            for part, values in hashes.items():
                if f"{column}.{part}" in self.parts:
                    self.numbers[:, self.parts[f"{column}.{part}"]] = values[code]
            if self._asked(column, LIKENESS_TESTS):
                self.texts[column] = clean["clean"].gather(code)
            if words is not None and self._asked(column, WORD_TESTS):
                self.words[column] = words[code]

    def _asked(self, column: str, tests: tuple[str, ...]) -> bool:
        return any((column, test) in self.tested for test in tests)


def _parts_kept(model: MatchingModel) -> list[str]:
    """Parts that a key or a test asks for, without those worked out of the whole (``derived``)."""
    keys = (*model.blocking.keys, *model.blocking.splits)
    asked = {f"{column}.{part}" for key in keys for column, part in key.parts}
    tests = {f"{each.column}.{level.test}" for each in model.fields for level in each.levels}
    counted = {f"{each.column}.sound" for each in model.fields if any(level.binned for level in each.levels)}
    hashed_parts = {f"{column}.{part}" for column, cleaner in model.columns.items() if cleaner not in NUMBERS
                    for part in CLEANERS[cleaner]}  # fmt: skip
    return sorted((asked | tests | counted) & hashed_parts | {f"{column}.clean" for column in model.columns})


def _named(raw: pl.Series) -> pl.DataFrame:
    clean = clean_names(raw)
    tokens = pl.col("tokens").list
    start = pl.col("sound").str.slice(0, START)
    return clean.with_columns(tokens.first().alias("first"), tokens.last().alias("last"), start.alias("start"))


def _worded(raw: pl.Series) -> pl.DataFrame:
    text = clean_words(raw).alias("clean")
    clean = text.set(text == "0", None).to_frame()  # what clerks write for "none"
    words = pl.col("clean").str.split(" ")
    return clean.with_columns(words.alias("tokens"), pl.col("clean").str.slice(0, START).alias("start"))


def _unheard(words: npt.NDArray[np.uint32], heard: npt.NDArray[np.uint8], records: int) -> npt.NDArray[np.bool_]:
    """Records with a word that at most SELDOM of ``records`` have; nobody can tell from few records."""
    if records < ENOUGH:
        return np.zeros(len(words), bool)
    full = (words & np.uint32((1 << LETTER_AT) - 1)) != 0
    return np.asarray(((heard[words & HEARD] <= SELDOM) & full).any(axis=1))


def _bins(values: Numbers) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float64]]:
    """How often each record's value occurs, in BINS steps of four, and the shares of records and of agreeing pairs."""
    distinct, code, count = np.unique(values, return_inverse=True, return_counts=True)
    count = np.where(distinct == 0, 0, count)
    step = np.clip(np.ceil(np.log2(np.maximum(count, 1) / 2) / 2), 0, BINS - 1).astype(np.uint8)
    records = np.bincount(step, weights=count, minlength=BINS) + 1.0
    pairs = np.bincount(step, weights=count * (count - 1.0), minlength=BINS) + 1.0
    return step[code], np.stack([records / records.sum(), pairs / pairs.sum()])
