"""Bands: match / possible / none by probability, with guards that no probability overrules, and a reason in words."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from expectations.matching import (
    BANDS,
    FIELDS,
    KINDS,
    MATCH_FROM,
    MAX_BIRTH_GAP_YEARS,
    MISSING,
    POSSIBLE_FROM,
)  # fmt: skip

MATCH, POSSIBLE, NONE = BANDS
AT = {field.name: position for position, field in enumerate(FIELDS)}
SAME_BIRTH, SAME_NAME, SAME_NIK_START = 3, 2, 2  # levels: birth "sama", name "sangat mirip", NIK "12 angka awal sama"


def bands(
    probability: npt.NDArray[np.float64], vectors: npt.NDArray[np.int8], gap_years: npt.NDArray[np.float64]
) -> npt.NDArray[np.str_]:
    """Band per pair. Twins (one birth date, one mother or family, other names) are never a match or possible."""
    level = {name: vectors[:, at] for name, at in AT.items()}
    one_family = (level["mother"] >= SAME_NAME) | (level["family"] == 1)
    other_name = (level["name"] != MISSING) & (level["name"] < SAME_NAME)
    twins = (level["birth"] == SAME_BIRTH) & one_family & other_name
    band = np.select([probability >= MATCH_FROM, probability >= POSSIBLE_FROM], [MATCH, POSSIBLE], NONE)
    # One family, one birth date, consecutive numbers, names alike but not the same: twins named alike, or a slip.
    alike = (
        (level["birth"] == SAME_BIRTH)
        & (level["family"] == 1)
        & (level["nik"] == SAME_NIK_START)
        & (level["name"] == SAME_NAME)
    )
    doubtful = alike | (level["sex"] == 0) | (gap_years >= MAX_BIRTH_GAP_YEARS) | other_name | (level["birth"] == 0)
    band = np.where((band == MATCH) & doubtful, POSSIBLE, band)
    return np.where(twins, NONE, band)


def kind_names(kinds: npt.NDArray[np.float64]) -> list[str]:
    """The most probable kind per pair, in the model's words."""
    return [KINDS[at].name for at in kinds.argmax(axis=1)]


def reasons(vectors: npt.NDArray[np.int8]) -> list[str]:
    """What agreed and what did not, in words a Kasi reads; no values of the records."""
    patterns, inverse = np.unique(vectors, axis=0, return_inverse=True)
    words = ["; ".join(_word(field_at, int(level)) for field_at, level in enumerate(pattern)) for pattern in patterns]
    return [words[at] for at in inverse.reshape(-1)]


def _word(at: int, level: int) -> str:
    field = FIELDS[at]
    return f"{field.label} {'tidak diisi' if level == MISSING else field.levels[level]}"


def gap_years(left: "pd.Series[pd.Timestamp]", right: "pd.Series[pd.Timestamp]") -> npt.NDArray[np.float64]:
    """Years between two birth dates per pair; 0 where one is missing."""
    days = (pd.to_datetime(left).to_numpy() - pd.to_datetime(right).to_numpy()) / np.timedelta64(1, "D")
    return np.nan_to_num(np.abs(days) / 365.25)
