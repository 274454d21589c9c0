"""Bits per field against a second, slower reading of Shapley's definition, and what must hold for any model."""

from dataclasses import dataclass
from itertools import permutations
from math import log2

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.matching import MISSING, Field, Kind, MatchingModel
from expectations.matching.model import Blocking, Level
from tasks.resolve.explain import MOST_FIELDS, explain, shapley

FIELDS, VALUES = 4, 3


@dataclass
class Fitted:
    """What a fitted classifier knows."""

    model: MatchingModel
    prior: npt.NDArray[np.float64]
    tables: list[npt.NDArray[np.float64]]
    matches: npt.NDArray[np.bool_]


def fitted(seed: int, kinds: int, fields: int = FIELDS) -> Fitted:
    """A model with random shares, some of them tiny."""
    rng = np.random.default_rng(seed)
    levels = tuple(Level("same" if at == 0 else "else", f"tingkat {at}") for at in range(VALUES))
    names = [f"f{at}" for at in range(fields)]
    matches = np.arange(kinds) % 2 == 0
    model = MatchingModel(
        "acak", "Acak", dict.fromkeys(names, "code"), tuple(Field(name, name, name, levels) for name in names),
        Blocking(10, ()),
        tuple(Kind(f"k{at}", f"jenis {at}", 0.0, bool(matches[at]), frozenset(), {}) for at in range(kinds)),
    )  # fmt: skip
    tables = [rng.dirichlet(np.full(VALUES, 0.3), kinds).clip(1e-7) for _ in names]
    return Fitted(model, rng.dirichlet(np.ones(kinds)), [t / t.sum(axis=1, keepdims=True) for t in tables], matches)


def odds(model: Fitted, vector: list[int], known: tuple[int, ...]) -> float:
    """Log2 odds of one person when only some fields are known, number by number."""
    sides = {True: 0.0, False: 0.0}
    for kind, prior in enumerate(model.prior):
        share = float(prior)
        for at in known:
            if vector[at] != MISSING:
                share *= float(model.tables[at][kind, vector[at]])
        sides[bool(model.matches[kind])] += share
    return log2(sides[True]) - log2(sides[False])


def by_every_order(model: Fitted, vector: list[int]) -> list[float]:
    """Mean gain of each field over all orders of becoming known."""
    orders = list(permutations(range(FIELDS)))
    bits = [0.0] * FIELDS
    for order in orders:
        for place, at in enumerate(order):
            gain = odds(model, vector, order[: place + 1]) - odds(model, vector, order[:place])
            bits[at] += gain / len(orders)
    return bits


vectors = st.lists(st.lists(st.integers(MISSING, VALUES - 1), min_size=FIELDS, max_size=FIELDS), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), kinds=st.integers(2, 7), rows=vectors)
def test_bits_are_the_mean_over_every_order(seed: int, kinds: int, rows: list[list[int]]) -> None:
    """If this fails, a Kasi is told that a field speaks for one person when in truth another one does."""
    model = fitted(seed, kinds)
    found = shapley(model, np.array(rows, dtype=np.int8))
    for row, bits in zip(rows, found, strict=True):
        assert bits == pytest.approx(by_every_order(model, row), abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), kinds=st.integers(2, 7), rows=vectors)
def test_bits_add_up_from_the_start_to_the_result(seed: int, kinds: int, rows: list[list[int]]) -> None:
    """If this fails, the bars of the chart end elsewhere than at the probability written beside them."""
    model = fitted(seed, kinds)
    for row, told in zip(rows, explain(model, np.array(rows, dtype=np.int8)), strict=True):
        assert told.start == pytest.approx(odds(model, row, ()), abs=1e-9)
        assert told.start + sum(each.bits for each in told.fields) == pytest.approx(told.final, abs=1e-12)
        assert told.final == pytest.approx(odds(model, row, tuple(range(FIELDS))), abs=1e-6)
        assert told.probability == pytest.approx(1 / (1 + 2**-told.final), abs=1e-6)
        for at, each in enumerate(told.fields):
            assert each.present == (row[at] != MISSING)
            assert each.present or (each.bits == 0.0 and each.words == "tidak diisi")
        assert told.kind.share >= told.second.share
        assert told.rival.is_match != told.kind.is_match


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), rows=vectors, order=st.permutations(range(FIELDS)))
def test_no_order_of_fields_or_pairs_changes_an_explanation(seed: int, rows: list[list[int]], order: list[int]) -> None:
    """If this fails, the same two records are explained otherwise when a column is written elsewhere in the model."""
    model = fitted(seed, 5)
    given_ = np.array(rows, dtype=np.int8)
    turned = Fitted(model.model, model.prior, [model.tables[at] for at in order], model.matches)
    assert shapley(turned, given_[:, order]) == pytest.approx(shapley(model, given_)[:, order], abs=1e-6)
    together = explain(model, given_)
    assert together == [explain(model, given_[at : at + 1])[0] for at in range(len(rows))]
    assert explain(model, given_[::-1]) == together[::-1]


def test_alike_fields_share_their_evidence_evenly() -> None:
    """If this fails, of two columns that say the same the first takes all the credit."""
    model = fitted(3, 5)
    model.tables[1] = model.tables[0]
    bits = shapley(model, np.array([[1, 1, 0, 2]], dtype=np.int8))[0]
    assert bits[0] == pytest.approx(bits[1], abs=1e-9)
    assert bits[0] != 0


def test_a_model_of_very_many_fields_is_refused() -> None:
    """If this fails, asking for reasons under a wide model takes all memory instead of being refused."""
    model = fitted(1, 3, MOST_FIELDS + 1)
    with pytest.raises(ValueError, match=str(MOST_FIELDS)):
        shapley(model, np.zeros((1, MOST_FIELDS + 1), dtype=np.int8))
