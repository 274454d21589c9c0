"""The mixture of kinds: a fit that only gets better, keeps what is fixed, and counts every pair as it should."""

from dataclasses import replace
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from office_kit.kind_people import MODEL, PEOPLE, frame
from office_kit.residents import again, resident

from expectations.matching import MISSING, MatchingModel
from expectations.matching.model import BINS
from tasks.resolve.model import KindModel, Seen, seen
from tasks.resolve.prepare import Prepared, prepare

Vectors = npt.NDArray[np.int8]


@cache
def counted() -> Prepared:
    return prepare(PEOPLE, MODEL)


def classifier(model: MatchingModel = MODEL) -> KindModel:
    return KindModel(model, counted())


def drawn(kind: int, size: int, seed: int, missing: float = 0.1) -> Vectors:
    """Vectors as the shipped shares of a kind make them."""
    rng = np.random.default_rng(seed)
    told = [rng.choice(len(table[kind]), size, p=table[kind] / table[kind].sum()) for table in classifier().tables]
    vectors = np.stack(told, axis=1).astype(np.int8)
    return np.where(rng.random(vectors.shape) < missing, np.int8(MISSING), vectors)


def mixture(size: int, seed: int) -> Vectors:
    """Pairs of every kind in the shipped shares."""
    return np.concatenate([drawn(at, int(size * kind.prior) + 1, seed + at) for at, kind in enumerate(MODEL.kinds)])


def unlabelled(vectors: Vectors) -> Seen:
    return seen(vectors, np.ones((len(vectors), len(MODEL.kinds)), bool), np.ones(len(vectors)))


@pytest.mark.parametrize("binned", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_no_round_of_the_fit_makes_it_worse(seed: int, binned: bool) -> None:
    """If this fails, the fit wanders: what the model says depends on when it was stopped."""
    model, pairs = classifier(), unlabelled(mixture(3000, seed))
    model._em(pairs, 1e-6, 1, binned=binned)  # tied kinds are tied from the first round on
    steps = [model._em(pairs, 1e-6, 1, binned=binned) for _ in range(25)]
    assert (np.diff(steps) > -1e-9).all()
    assert steps[-1] > steps[0]


def test_shares_are_shares() -> None:
    """If this fails, the probabilities of the report add up to more or less than one."""
    model = classifier()
    vectors = mixture(2000, 1)
    model.learn_kinds(unlabelled(vectors))
    assert model.prior.sum() == pytest.approx(1)
    for table, levels in zip(model.tables, model.levels, strict=True):
        assert np.allclose(table.sum(axis=1), 1)
        assert (table > 0).all()
        assert np.allclose(levels.sum(axis=1), 1)
    assert np.allclose(model.kinds(vectors).sum(axis=1), 1)
    assert np.isfinite(model.weight(vectors)).all()


def test_what_is_tied_stays_tied_and_what_is_fixed_stays() -> None:
    """If this fails, who moved is said to misspell otherwise than who stayed, or twins stop being born together."""
    model = classifier()
    model.learn_kinds(unlabelled(mixture(5000, 2)))
    names = [kind.name for kind in MODEL.kinds]
    tied, fixed, free = 0, 0, 0
    for at, kind in enumerate(MODEL.kinds):
        for field, levels in zip(MODEL.fields, model.levels, strict=True):
            if field.name in kind.tied:
                assert np.allclose(levels[at], levels[names.index(kind.like)])
                tied += 1
            elif field.name in kind.fixed:
                assert np.allclose(levels[at], kind.levels[field.name])
                fixed += 1
            else:
                free += not np.allclose(levels[at], kind.levels[field.name])
    assert min(tied, fixed, free) > 0


def test_much_data_moves_the_prior_and_few_do_not() -> None:
    """If this fails, a letter of ten people overturns the shipped model, or a whole city teaches it nothing."""
    match = classifier().matches
    many, few = classifier(), classifier()
    sample = np.concatenate([drawn(0, 4000, 1), drawn(2, 4000, 2)])
    many.learn_kinds(unlabelled(sample))
    few.learn_kinds(unlabelled(sample[::800]))
    told = float(classifier().prior[match].sum())
    assert abs(few.prior[match].sum() - told) < 0.02
    assert many.prior[match].sum() > 0.4


def test_one_vector_seen_often_counts_as_often() -> None:
    """If this fails, pairs counted together weigh otherwise than one by one."""
    vectors = mixture(800, 3)
    together, apart = classifier(), classifier()
    together.learn_kinds(unlabelled(np.repeat(vectors, 3, axis=0)))
    pairs = unlabelled(vectors)
    apart.learn_kinds(Seen(pairs.vectors, pairs.count * 3, pairs.allowed))
    assert np.array_equal(together.prior, apart.prior)
    assert all(np.array_equal(a, b) for a, b in zip(together.levels, apart.levels, strict=True))


@given(st.randoms(use_true_random=False))
@settings(max_examples=10)
def test_the_order_of_pairs_does_not_matter(chance: st.DrawFn) -> None:
    """If this fails, the same pairs in another order teach another model."""
    vectors = mixture(600, 4)
    order = list(range(len(vectors)))
    chance.shuffle(order)
    one, other = classifier(), classifier()
    one.learn_kinds(unlabelled(vectors))
    other.learn_kinds(unlabelled(vectors[order]))
    assert np.array_equal(one.prior, other.prior)
    assert all(np.array_equal(a, b) for a, b in zip(one.levels, other.levels, strict=True))


def test_a_captured_kind_is_told_and_not_believed() -> None:
    """If this fails, "one person" silently comes to mean "one household", and siblings are merged."""
    stranger = [kind.name for kind in MODEL.kinds].index("stranger")
    strangers = drawn(stranger, 20_000, 5, missing=0.0)
    everyone_one_person = np.ones(len(strangers), np.int64)
    unheld = classifier(replace(MODEL, fit=replace(MODEL.fit, prior_pairs=1, prior_share=0)))
    unheld._fit(strangers, everyone_one_person)
    assert set(unheld.captured) & {kind.name for kind in MODEL.kinds if kind.is_match}
    assert np.array_equal(unheld.prior, classifier().prior)
    assert all(np.array_equal(a, b) for a, b in zip(unheld.levels, classifier().levels, strict=True))
    held = classifier()
    held._fit(strangers, everyone_one_person)
    assert held.captured == ()
    assert held.weight(strangers).max() < held.weight(drawn(0, 200, 6, missing=0.0)).mean()


def test_missing_fields_say_nothing() -> None:
    """If this fails, an empty cell is evidence."""
    nothing = np.full((1, len(MODEL.fields)), MISSING, np.int8)
    model = classifier()
    assert model.log_evidence(nothing).tolist() == [[0.0] * len(MODEL.kinds)]
    assert model.weight(nothing)[0] == pytest.approx(0)
    assert np.allclose(model.kinds(nothing)[0], model.prior)


def test_weight_by_hand() -> None:
    """If this fails, the match weight on the screen is not log2 of the two likelihoods."""
    model = classifier()
    for vector in mixture(40, 7):
        sides = {True: 0.0, False: 0.0}
        for at, kind in enumerate(MODEL.kinds):
            product = kind.prior / sum(each.prior for each in MODEL.kinds if each.is_match is kind.is_match)
            for table, value in zip(model.tables, vector, strict=True):
                product *= 1 if value == MISSING else table[at, value]
            sides[kind.is_match] += product
        assert model.weight(vector[None])[0] == pytest.approx(np.log2(sides[True] / sides[False]), abs=1e-9)


def test_a_common_value_agrees_for_less() -> None:
    """If this fails, two residents named SITI are one person as likely as two of a name nobody else has."""
    rows = [again(resident(n), NAMA_LGKP="SITI" if n % 2 else resident(n)["NAMA_LGKP"]) for n in range(200)]
    model = KindModel(MODEL, prepare(frame(rows), MODEL))
    vector = np.full((BINS, len(MODEL.fields)), MISSING, np.int8)
    vector[:, MODEL.field_at["name"]] = np.arange(BINS)
    weight = model.weight(vector)
    assert weight[0] > weight[3] + 1  # up to 2 records; up to 128
