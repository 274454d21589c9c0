"""Bands: match / possible / none by probability (Fellegi & Sunter 1969), with guards that no probability overrules."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from expectations.matching.model import BANDS, MISSING, Guard, MatchingModel
from tasks.resolve.compare import Chunk
from tasks.resolve.model import Floats, Vectors

DAYS_A_YEAR = 365.25


@dataclass(frozen=True)
class Banded:
    """``band``: position in BANDS per pair; ``guard``: position of the model's guard that limited it, or -1."""

    band: npt.NDArray[np.int64]
    guard: npt.NDArray[np.int64]


def bands(model: MatchingModel, probability: Floats, vectors: Vectors, gap_years: Floats) -> Banded:
    """Band per pair and the first guard that holds. ``gap_years``: between the birth dates, 0 where one is missing."""
    limits = model.limits
    band = (probability < limits.match).astype(np.int64) + (probability < limits.possible)
    guard = np.full(len(band), -1)
    for at, each in enumerate(model.guards):
        limit = BANDS.index(each.limit)
        held = holds(each, model, vectors) & (gap_years >= each.gap_years) & (guard < 0)
        held &= (band <= limit) | each.told
        band[held], guard[held] = limit, at
    return Banded(band, guard)


def holds(guard: Guard, model: MatchingModel, vectors: Vectors) -> npt.NDArray[np.bool_]:
    """Pairs whose levels fulfil all conditions of a guard; a missing field fulfils none."""
    held = np.ones(len(vectors), bool)
    for side, told in ((False, guard.at_least), (True, guard.below)):
        for name, level in told.items():
            field = model.fields[model.field_at[name]]
            value = vectors[:, model.field_at[name]]
            reached = value < field.first_value[field.at(level) + 1]
            held &= (value != MISSING) & (reached != side)
    return held


def gap_years(model: MatchingModel, pairs: Chunk) -> Floats:
    """Years between the two birth dates per pair; 0 where one is missing or the model has no date."""
    if model.birth is None:
        return np.zeros(len(pairs))
    one, other = pairs.both(model.birth.column, "clean")
    gap = np.abs(_years(one) - _years(other))
    return np.where((one == 0) | (other == 0), 0.0, gap)


def _years(date: npt.NDArray[np.uint64]) -> Floats:
    day = date.astype(np.int64)
    return np.asarray(day // 10_000 + (day // 100 % 100 * 30.4 + day % 100) / DAYS_A_YEAR)
