"""Judges candidate pairs: fits the classifier on a sample, then scores every pair that can still be one person."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
import recordlinkage as rl

from expectations.matching import MatchingModel
from tasks.resolve.band import holds
from tasks.resolve.compare import OPEN, Chunk, features
from tasks.resolve.index import pairs_of
from tasks.resolve.model import Floats, KindModel, Vectors, distinct, seen
from tasks.resolve.numbers import combined
from tasks.resolve.prepare import Prepared
from tasks.resolve.workers import Fan, each

At = npt.NDArray[np.int64]
CHUNK = 1 << 17  # pairs judged at a time: their numbers stay in the processor's cache
A_LABEL = 20_000  # pairs of the sample beside which a decision counts one more: one answer does not outvote few pairs
WHOLE = float(1 << 64)
ROW_BITS = 32


@dataclass(frozen=True)
class Sides:
    """The records of both files; the same ones twice ``within`` one file."""

    left: Prepared
    right: Prepared
    within: bool


@dataclass(frozen=True)
class Labels:
    """People's decisions: positions of both records and whether they are one person."""

    left: At
    right: At
    same: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Scored:
    """Pairs worth telling. ``left``, ``right``: positions, ordered; ``vectors``: int8; ``probability``: float64."""

    left: At
    right: At
    vectors: Vectors
    probability: Floats

    @property
    def codes(self) -> At:
        """One number per pair, in the pairs' order."""
        return code_of(self.left, self.right)

    def at(self, kept: npt.NDArray[Any]) -> "Scored":
        """These pairs of them: positions or Boolean per pair."""
        return Scored(self.left[kept], self.right[kept], self.vectors[kept], self.probability[kept])

    def followed_by(self, *others: "Scored") -> "Scored":
        """These pairs, then the others."""
        names = ("left", "right", "vectors", "probability")
        return Scored(*(np.concatenate([getattr(part, name) for part in (self, *others)]) for name in names))

    def with_more(self, other: "Scored") -> "Scored":
        """These pairs and others that are not among them, ordered."""
        every = self.followed_by(other)
        return every.at(np.argsort(every.codes, kind="stable"))


def code_of(left: At, right: At) -> At:
    """One number per pair of positions, ordered as the pairs are."""
    return (left << ROW_BITS) | right


def decided(labels: pl.DataFrame, sides: Sides) -> Labels:
    """left_row, right_row (Int64), same (Boolean) -> Labels; within one file the smaller row is the left one."""
    known = labels.drop_nulls("same")
    left, right = known["left_row"].to_numpy().astype(np.int64), known["right_row"].to_numpy().astype(np.int64)
    if sides.within:
        left, right = np.minimum(left, right), np.maximum(left, right)
    return Labels(left, right, known["same"].to_numpy().astype(bool))


@dataclass(frozen=True)
class Part:
    """Pairs to be judged elsewhere, with the records they need. ``right`` None: the records of ``left``.

    ``at``: positions of both records of each pair in these records; ``rows``: and of these in the whole file.
    """

    model: MatchingModel
    classifier: KindModel
    left: Prepared
    right: Prepared | None
    at: tuple[At, At]
    rows: tuple[At, At]

    def __repr__(self) -> str:
        """What an engine may log."""
        return f"Part({len(self.at[0])})"


def judge_part(part: Part) -> Scored:
    """The pairs of a part worth telling, by positions in the whole file."""
    sides = Sides(part.left, part.left if part.right is None else part.right, within=part.right is None)
    judge = Judge(part.model, sides)
    judge.classifier = part.classifier
    scored = judge.judged(*part.at)
    return replace(scored, left=part.rows[0][scored.left], right=part.rows[1][scored.right])


class Judge:
    """The classifier of one linking and what it needs to look at a pair. ``fan``: who judges pairs, None = we here."""

    fan: Fan | None = None

    def __init__(self, model: MatchingModel, sides: Sides, labels: Labels | None = None) -> None:
        self.model = model
        self.sides = sides
        self.labels = labels
        self.features = features(model, sides.left, sides.right)
        self.classifier = KindModel(model, sides.right)

    def fit(self, left: At, right: At) -> None:
        """Learns the kinds from a sample of the candidates and from people's decisions."""
        chosen = self._sample(left, right)
        vectors = self._vectors(left[chosen], right[chosen])
        kinds = len(self.model.kinds)
        allowed, count = np.ones((len(vectors), kinds), bool), np.ones(len(vectors))
        if self.labels is not None:
            mine = self.vectors_of(self.labels.left, self.labels.right)
            confined = np.where(self.labels.same[:, None], self.classifier.matches, ~self.classifier.matches)
            vectors, allowed = np.concatenate([vectors, mine]), np.concatenate([allowed, confined])
            worth = min(self.model.fit.label_pairs, 1 + len(chosen) / A_LABEL)
            count = np.concatenate([count, np.full(len(mine), worth)])
        if len(vectors):
            self.classifier.learn_kinds(seen(vectors, allowed, count))

    def _sample(self, left: At, right: At) -> At:
        """Positions of at most about ``fit.sample`` pairs, chosen by their content: the same in any order of rows."""
        if len(left) <= self.model.fit.sample:
            return np.arange(len(left))
        one, other = self.sides.left.content[left], self.sides.right.content[right]
        chance = combined([np.minimum(one, other), np.maximum(one, other)], keep_missing=True)
        return np.flatnonzero(chance < np.uint64(WHOLE * self.model.fit.sample / len(left)))

    def _vectors(self, left: At, right: At) -> Vectors:
        """Comparison vectors through recordlinkage's own Compare."""
        if not len(left):
            return np.zeros((0, len(self.features)), np.int8)
        frames = [pd.DataFrame({"row": np.arange(len(side))}) for side in (self.sides.left, self.sides.right)]
        pairs = pairs_of(frames[0].index, frames[1].index, (left, right))
        comparer = rl.Compare(self.features)
        vectors = comparer.compute(pairs, frames[0]) if self.sides.within else comparer.compute(pairs, *frames)
        return np.asarray(vectors.to_numpy(np.int8))

    def vectors_of(self, left: At, right: At) -> Vectors:
        """Comparison vectors of few pairs."""
        chunk = self.chunk(left, right)
        return np.stack([feature.closer(chunk, feature.at_once(chunk)) for feature in self.features], axis=1)

    def chunk(self, left: At, right: At) -> Chunk:
        """These pairs with the numbers of both records at hand."""
        return Chunk((self.sides.left, self.sides.right), left, right)

    def survivors(self, left: At, right: At, *, parts: int = 0, progress: Callable[[str, float], None]) -> Scored:
        """Every pair whose probability reaches ``limits.report``; the others are never looked at closer than needed."""
        found = Scored(left[:0], right[:0], np.zeros((0, len(self.features)), np.int8), np.zeros(0))
        parted = []
        of = list(_parts(len(left), parts))
        if self.fan is None:
            judged = each(lambda part: self.judged(left[part], right[part]), of)
        else:
            judged = self.fan.each(judge_part, (self.part(left[part], right[part]) for part in of))
        for done, scored in enumerate(judged):
            progress("membandingkan", 0.6 + 0.35 * done / len(of))
            parted.append(scored)
        return found.followed_by(*parted)

    def part(self, left: At, right: At) -> Part:
        """These pairs with all that is needed to judge them elsewhere."""
        if self.sides.within:
            rows = np.unique(np.concatenate([left, right]))
            at = np.searchsorted(rows, left), np.searchsorted(rows, right)
            return Part(self.model, self.classifier, self.sides.left.at(rows), None, at, (rows, rows))
        one, other = np.unique(left), np.unique(right)
        at = np.searchsorted(one, left), np.searchsorted(other, right)
        records = self.sides.left.at(one), self.sides.right.at(other)
        return Part(self.model, self.classifier, *records, at, (one, other))

    def with_labels(self, scored: Scored, touching: npt.NDArray[np.bool_] | None) -> Scored:
        """The pairs with those that people decided and that were not found or not worth telling.

        ``touching``: Boolean per record; only pairs with such a record are added.
        """
        if self.labels is None or not len(self.labels.left):
            return scored
        told = code_of(self.labels.left, self.labels.right)
        if touching is not None:
            told = told[touching[self.labels.left] | touching[self.labels.right]]
        new = np.unique(told[~np.isin(told, scored.codes)])
        left, right = new >> ROW_BITS, new & ((1 << ROW_BITS) - 1)
        return scored.with_more(self.scored(left, right, self.vectors_of(left, right)))

    def judged(self, left: At, right: At) -> Scored:
        """Numbers first; texts field by field, only of pairs that can still reach ``limits.report``."""
        chunk = self.chunk(left, right)
        vectors = np.stack([feature.at_once(chunk) for feature in self.features], axis=1)
        for at, feature in enumerate(self.features):
            if (vectors[:, at] == OPEN).any():
                kept = self._hopeful(vectors)
                left, right, vectors = left[kept], right[kept], vectors[kept]
                vectors[:, at] = feature.closer(self.chunk(left, right), vectors[:, at])
        scored = self.scored(left, right, vectors)
        return scored.at((scored.probability >= self.model.limits.report) | self.shared(vectors))

    def shared(self, vectors: Vectors, *, surely: bool = True) -> npt.NDArray[np.bool_]:
        """Pairs told however unlikely (guards with ``told``); not ``surely``: as far as numbers tell."""
        found = np.zeros(len(vectors), bool)
        for guard in self.model.guards:
            if guard.told:
                found |= holds(guard if surely else replace(guard, below={}), self.model, vectors)
        return found

    def _hopeful(self, vectors: Vectors) -> npt.NDArray[np.bool_]:
        """Pairs that reach ``limits.report`` when what is still OPEN turns out at its best."""
        first, code = distinct(vectors)
        reach = self.classifier.ceiling(vectors[first], [feature.first_open for feature in self.features])
        hopeful = (reach >= self.model.limits.report) | self.shared(vectors[first], surely=False)
        return np.asarray(hopeful[code])

    def scored(self, left: At, right: At, vectors: Vectors) -> Scored:
        """Probability of being one person per pair, worked out once per distinct vector."""
        first, code = distinct(vectors)
        probability = self.classifier.kinds(vectors[first])[:, self.classifier.matches].sum(axis=1)
        return Scored(left, right, vectors, probability[code])


def _parts(pairs: int, parts: int) -> list[slice]:
    size = max(1, -(-pairs // parts)) if parts else CHUNK
    return [slice(start, start + size) for start in range(0, pairs, size)]
