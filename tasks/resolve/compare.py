"""Comparison vectors: for each candidate pair and field a level, -1 where a value is missing.

Strings by Jaro-Winkler (Winkler 1990) in C (rapidfuzz ``cpdist``); dates and numbers as arrays. No loop over pairs.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz.distance import JaroWinkler
from rapidfuzz.process import cpdist
from recordlinkage.base import BaseCompareFeature

from expectations.matching import FIELDS, MISSING, SIMILAR, VERY_SIMILAR, Field

Levels = npt.NDArray[np.int8]
DECADE = 10
DIGIT_EDITS = 2


class FieldLevels(BaseCompareFeature):  # type: ignore[misc]  # recordlinkage ships no types
    """One field of the model as a recordlinkage feature: an Int8 level per pair."""

    def __init__(self, field: Field) -> None:
        column = field.columns[0]
        super().__init__(column, column, label=field.name)
        self.field = field

    def _compute_vectorized(self, left: pd.Series, right: pd.Series) -> pd.Series:
        missing = (left.isna() | right.isna()).to_numpy()
        levels = _LEVELS[self.field.name](left, right)
        return pd.Series(np.where(missing, MISSING, levels).astype(np.int8), index=left.index)


def similarity(left: pd.Series, right: pd.Series) -> npt.NDArray[np.float32]:
    """Jaro-Winkler similarity per pair, 0-1; missing values count as empty."""
    return np.asarray(
        cpdist(
            left.fillna("").tolist(),
            right.fillna("").tolist(),
            scorer=JaroWinkler.similarity,
            dtype=np.float32,
            workers=2,
        )
    )


def _text(left: Any, right: Any) -> Levels:
    score = similarity(left, right)
    same = (left == right).to_numpy()
    return np.select([same, score >= VERY_SIMILAR, score >= SIMILAR], [3, 2, 1], 0).astype(np.int8)


def _text3(left: Any, right: Any) -> Levels:
    same = (left == right).to_numpy()
    return np.select([same, similarity(left, right) >= VERY_SIMILAR], [2, 1], 0).astype(np.int8)


def _same(left: Any, right: Any) -> Levels:
    return np.asarray(left == right).astype(np.int8)


def _birth(left: Any, right: Any) -> Levels:
    """Near: day and month swapped, or exactly one of day, month, year differs (years by 1 or 10)."""
    a, b = pd.to_datetime(left).dt, pd.to_datetime(right).dt
    day, month, year = (a.day - b.day).abs(), (a.month - b.month).abs(), (a.year - b.year).abs()
    swapped = (a.day == b.month) & (a.month == b.day) & (year == 0)
    off = (day > 0).astype(int) + (month > 0).astype(int) + (year > 0).astype(int)
    near = swapped | ((off == 1) & ((year == 0) | year.isin([1, DECADE])))
    return np.select([off == 0, near, year == 0], [3, 2, 1], 0).astype(np.int8)


def _digits(values: Any) -> npt.NDArray[np.uint8]:
    text = values.fillna("0" * 16).str.pad(16, fillchar="0").str.slice(0, 16)
    return np.frombuffer("".join(text).encode("ascii"), dtype=np.uint8).reshape(-1, 16)


def _nik(left: Any, right: Any) -> Levels:
    differing = _digits(left) != _digits(right)
    prefix = ~differing[:, :12].any(axis=1)
    return np.select([prefix, differing.sum(axis=1) <= DIGIT_EDITS], [2, 1], 0).astype(np.int8)


_LEVELS = {
    "name": _text,
    "mother": _text,
    "father": _text,
    "place": _text3,
    "address": _text3,
    "sex": _same,
    "family": _same,
    "birth": _birth,
    "nik": _nik,
}

FEATURES = [FieldLevels(field) for field in FIELDS]
