"""A matching model with the shares it is shipped with, as a classifier that was never fitted, and its vectors."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from expectations.matching import MISSING, Field, MatchingModel, shipped
from expectations.matching.model import BINS

COMMON, RARE = BINS - 1, 0


@dataclass
class Mixture:
    """What a fitted classifier knows."""

    model: MatchingModel
    prior: npt.NDArray[np.float64]
    tables: list[npt.NDArray[np.float64]]
    matches: npt.NDArray[np.bool_]


def mixture(name: str = "penduduk") -> Mixture:
    """The shipped shares; inherited agreement falls on rare values too, coincidence favours common ones."""
    model = shipped(name)
    inherited = np.arange(BINS, 0, -1.0)
    tables = []
    for field in model.fields:
        rows = []
        for kind in model.kinds:
            bins = inherited if field.name in kind.inherits else inherited[::-1] ** 2
            share = [kind.levels[field.name][level] for level, _ in field.values]
            spread = [bins[at] / bins.sum() if field.levels[level].binned else 1.0 for level, at in field.values]
            rows.append(np.array(share) * spread)
        tables.append(np.array(rows))
    prior = np.array([kind.prior for kind in model.kinds])
    return Mixture(model, prior, tables, np.array([kind.is_match for kind in model.kinds]))


def vectors(model: MatchingModel, *pairs: dict[str, str]) -> npt.NDArray[np.int8]:
    """Comparison vectors from field -> level (``"same"``; ``"same*"``: on a common value); others are missing."""
    rows = [[_value(field, pair[field.name]) if field.name in pair else MISSING for field in model.fields]
            for pair in pairs]  # fmt: skip
    return np.array(rows, dtype=np.int8)


def _value(field: Field, told: str) -> int:
    level = field.at(told.removesuffix("*"))
    often = COMMON if told.endswith("*") else RARE
    return field.values.index((level, often if field.levels[level].binned else 0))
