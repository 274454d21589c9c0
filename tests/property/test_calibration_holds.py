"""Estimates from answers against populations whose truth is known: intervals hold, nothing is biased, order is kept."""

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.matching import MATCH, POSSIBLE
from tasks.resolve.calibrate import clerical_sample, estimated_rate, recalibrated

WORLDS = 80
Floats = npt.NDArray[np.float64]


def world(seed: int, pairs: int) -> tuple[pl.DataFrame, Floats]:
    """Pairs as linkings of registers give them, and the true error of each: over-confident, with a floor."""
    chance = np.random.default_rng(seed)
    spread = chance.dirichlet([8, 4, 3, 2, 1.5, 1.5])
    logit = np.concatenate([
        chance.uniform(low, high, count)
        for (low, high), count in zip([(-20, -14), (-14, -9), (-9, -7), (-7, -4.6), (-4.6, -3), (-3, 2)],
                                      chance.multinomial(pairs, spread), strict=True)
    ])  # fmt: skip
    stated = 1 / (1 + np.exp(-logit))
    floor = np.exp(chance.normal(np.log(0.0006), 0.8))
    true = floor + (1 - floor) / (1 + np.exp(-(chance.normal(0.1, 0.4) + chance.normal(0.85, 0.1) * logit)))
    kind = chance.integers(0, 2, pairs)
    true = np.clip(true * chance.gamma(3, 1 / 3, 2)[kind], 0, 1)
    frame = pl.DataFrame({
        "left_row": np.arange(pairs), "right_row": np.arange(pairs) + pairs, "probability": 1 - stated,
        "kind": np.array(["same", "moved"])[kind].tolist(),
        "band": np.where(stated <= 0.05, MATCH, POSSIBLE).tolist(),
    })  # fmt: skip
    return frame, true


def asked(frame: pl.DataFrame, true: Floats, seed: int) -> tuple[pl.DataFrame, float]:
    """Two hundred answers of people who know, and the band's true rate."""
    chance = np.random.default_rng(seed + 10_000)
    same = pl.Series("same", chance.random(frame.height) >= true)
    keyed = frame.with_columns(pl.Series("key", chance.integers(0, 2**63, frame.height, dtype=np.uint64)), same)
    band = same.filter(frame["band"] == MATCH)
    return clerical_sample(keyed, 200), int((~band).sum()) / len(band)


@pytest.mark.parametrize("pairs", [400, 5000])
def test_the_interval_holds_the_truth(pairs: int) -> None:
    """If this fails, the office is told "0,1 to 0,4 %" and the truth lies outside, oftener than one time in twenty."""
    inside, near = 0, 0
    for seed in range(WORLDS):
        frame, true = world(seed, pairs)
        labels, rate = asked(frame, true, seed)
        estimate = estimated_rate(frame, labels)
        inside += estimate.low <= rate <= estimate.high
        few = 2 / estimate.pairs  # two pairs more or less: nobody can tell them from labels
        near += rate / 2 - few <= estimate.rate <= 2 * rate + few
    assert inside >= 0.95 * WORLDS - 2 * (0.95 * 0.05 * WORLDS) ** 0.5  # two standard errors of the count
    assert near >= 0.75 * WORLDS


def test_the_estimate_by_the_sample_is_unbiased() -> None:
    """If this fails, a model that is sure and wrong bends the estimate that is to be free of it."""
    frame, _ = world(3, 3000)
    true = np.where(frame["kind"] == "moved", 0.25, 0.02)  # has nothing to do with what the model says
    same = pl.Series("same", np.random.default_rng(5).random(3000) >= true)
    rate = 1 - same.filter(frame["band"] == MATCH).mean()
    found = []
    for seed in range(80):
        key = pl.Series("key", np.random.default_rng(seed).integers(0, 2**63, 3000, dtype=np.uint64))
        labels = clerical_sample(frame.with_columns(key, same), 200)
        found.append(estimated_rate(frame, labels).by_sample)
    assert abs(np.mean(found) - rate) <= 3 * np.std(found) / len(found) ** 0.5


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000), size=st.integers(0, 300))
def test_recalibration_keeps_the_order_and_the_scale(seed: int, size: int) -> None:
    """If this fails, a pair with more evidence becomes less probable than one with less, or a probability passes 1."""
    frame, true = world(seed, 300)
    labels, _ = asked(frame, true, seed)
    corrected = recalibrated(frame, labels.head(size))
    order = np.argsort(frame["probability"].to_numpy(), kind="stable")
    assert (np.diff(corrected[order]) >= -1e-12).all()
    assert ((corrected >= 0) & (corrected <= 1)).all()
    assert np.array_equal(recalibrated(frame.reverse(), labels.head(size).reverse()), corrected[::-1])


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000))
def test_row_order_changes_no_estimate(seed: int) -> None:
    """If this fails, the same answers give the office another rate when a file is sorted differently."""
    frame, true = world(seed, 300)
    labels, _ = asked(frame, true, seed)
    mixed = labels.sample(fraction=1, shuffle=True, seed=seed)
    one, other = estimated_rate(frame, labels), estimated_rate(frame.sample(fraction=1, shuffle=True, seed=seed), mixed)
    assert (one.rate, one.low, one.high, one.bound) == (other.rate, other.low, other.high, other.bound)
