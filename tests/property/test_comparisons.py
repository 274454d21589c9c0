"""Comparisons and bands: symmetric, blind to order, and never overruling the guards."""

import random

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from office_kit.memory import AGENDA, contract, linked, memory_store
from office_kit.residents import again, born, nik_of, resident

from expectations.matching import FIELDS, KINDS, MISSING
from tasks.resolve import resolve
from tasks.resolve.band import AT, MATCH, NONE, POSSIBLE, bands
from tasks.resolve.compare import FEATURES
from tasks.resolve.model import KindModel
from tasks.resolve.run import judge

NAME = st.one_of(st.none(), st.text("ABHIMNRSU ", min_size=1, max_size=12).map(lambda t: t.strip() or "A"))
DATE = st.one_of(st.none(), st.dates(pd.Timestamp("1920-01-01").date(), pd.Timestamp("2026-01-01").date()))
VALUES = {"name": NAME, "mother": NAME, "father": NAME, "place": NAME, "address": NAME, "birth": DATE,
          "sex": st.sampled_from(["1", "2", None]), "family": st.sampled_from(["3576021406129001", "3576021406129002",
          None]),
          "nik": st.one_of(st.none(), st.text("0123456789", min_size=16, max_size=16))}  # fmt: skip
PAIRS = st.lists(st.fixed_dictionaries({k: st.tuples(v, v) for k, v in VALUES.items()}), min_size=1, max_size=25)


def levels(pairs: list[dict[str, tuple[object, object]]], *, swap: bool) -> dict[str, list[int]]:
    found = {}
    for feature in FEATURES:
        sides = [pd.Series([pair[feature.field.name][side ^ swap] for pair in pairs], dtype=object) for side in (0, 1)]
        if feature.field.name == "birth":
            sides = [pd.to_datetime(side) for side in sides]
        found[feature.field.name] = feature._compute_vectorized(*sides).tolist()
    return found


@settings(max_examples=30)
@given(pairs=PAIRS)
def test_left_and_right_do_not_matter(pairs: list[dict[str, tuple[object, object]]]) -> None:
    """If this fails, whether two residents are one person depends on which is written first."""
    assert levels(pairs, swap=False) == levels(pairs, swap=True)


@settings(max_examples=30)
@given(pairs=PAIRS)
def test_levels_mean_what_they_say(pairs: list[dict[str, tuple[object, object]]]) -> None:
    """If this fails, equal values are not equal evidence, or a missing value is evidence."""
    for name, found in levels(pairs, swap=False).items():
        top = len(next(field for field in FIELDS if field.name == name).levels) - 1
        for level, pair in zip(found, pairs, strict=True):
            left, right = pair[name]
            assert (level == MISSING) is (left is None or right is None)
            assert level <= top
            if left is not None and left == right:
                assert level == top


VECTOR = st.tuples(*(st.integers(MISSING, len(field.levels) - 1) for field in FIELDS))


@settings(max_examples=200)
@given(vector=VECTOR, probability=st.floats(0, 1), gap=st.floats(0, 100))
def test_no_probability_overrules_the_guards(vector: tuple[int, ...], probability: float, gap: float) -> None:
    """If this fails, a high score makes twins, father and son, or man and woman one person."""
    (band,) = bands(np.array([probability]), np.array([vector], dtype=np.int8), np.array([gap]))
    value = {name: vector[at] for name, at in AT.items()}
    family = value["mother"] >= 2 or value["family"] == 1
    if value["birth"] == 3 and family and value["name"] in (0, 1):
        assert band == NONE
    if value["sex"] == 0 or gap >= 15 or value["name"] in (0, 1) or value["birth"] == 0:
        assert band != MATCH


CERTAIN = {"name": 3, "birth": 3, "mother": 3, "father": 3, "place": 2, "sex": 1, "nik": 2, "family": 0, "address": 2}


@pytest.mark.parametrize(("change", "gap", "band"), [
    ({}, 0, MATCH), ({"sex": 0}, 0, POSSIBLE), ({"birth": 0}, 0, POSSIBLE), ({"birth": 1}, 15, POSSIBLE),
    ({"birth": 2, "name": 1}, 0, POSSIBLE), ({"name": 1}, 0, NONE), ({"name": MISSING}, 0, MATCH),
    ({"name": 0, "mother": 0, "family": 1}, 0, NONE), ({"name": 0, "mother": 0}, 0, POSSIBLE),
])  # fmt: skip
def test_each_guard_alone(change: dict[str, int], gap: int, band: str) -> None:
    """If this fails, one of the guards is gone and certainty alone decides who is one person."""
    vector = [(CERTAIN | change)[field.name] for field in FIELDS]
    found = bands(np.array([1.0]), np.array([vector], dtype=np.int8), np.array([float(gap)]))
    assert found.tolist() == [band]


@settings(max_examples=40)
@given(vectors=st.lists(VECTOR, min_size=1, max_size=40))
def test_probabilities_are_probabilities_after_any_fit(vectors: list[tuple[int, ...]]) -> None:
    """If this fails, an unusual extract breaks the score: negative, above one, or not a number."""
    model = KindModel()
    table = np.array(vectors, dtype=np.int8)
    model._fit(table)
    shares = model.kinds(table)
    assert np.allclose(shares.sum(axis=1), 1)
    assert ((shares >= 0) & (shares <= 1)).all()
    assert np.isfinite(model.weight(table)).all()
    assert model.prior.sum() == 1 or abs(model.prior.sum() - 1) < 1e-9


def test_weight_by_hand() -> None:
    """If this fails, the match weight on the screen is not log2 of the two likelihoods."""
    vector = [3, 3, MISSING, 3, 2, 1, 0, 0, 0]
    likelihood = {True: 0.0, False: 0.0}
    share = {match: sum(k.prior for k in KINDS if k.is_match is match) for match in (True, False)}
    for kind in KINDS:
        product = kind.prior / share[kind.is_match]
        for field, level in zip(FIELDS, vector, strict=True):
            product *= 1 if level == MISSING else kind.levels[field.name][level]
        likelihood[kind.is_match] += product
    weight = KindModel().weight(np.array([vector], dtype=np.int8))[0]
    assert abs(weight - np.log2(likelihood[True] / likelihood[False])) < 1e-9


def crowd() -> list[dict[str, str | None]]:
    rows = [resident(n) for n in range(30)]
    for n in (3, 7, 11):  # one person twice, the second time moved
        nik = nik_of(born(rows[n]), str(rows[n]["JENIS_KLMIN"]), 9500 + n)
        rows.append(again(rows[n], NIK=nik, ALAMAT="JL LAIN", NO_KK=f"35760214061295{n:02d}"))
    rows.append(again(rows[5], NIK=nik_of(born(rows[5]), "2", 9505), NAMA_LGKP="SARI MAHARANI"))  # a twin
    return rows


def test_the_order_of_lines_does_not_matter() -> None:
    """If this fails, the same letter sorted otherwise finds other duplicates."""
    rows, answers = crowd(), []
    for seed in range(2):
        random.Random(seed).shuffle(rows)  # noqa: S311 (examples, not secrets)
        found = judge(linked((), rows))
        niks = dict(linked((), rows).select("record_id", "nik").rows())
        columns = ("left_id", "right_id", "weight", "probability", "band", "kind")
        answers.append({
            (frozenset((niks[left], niks[right])), *rest) for left, right, *rest in found.select(columns).rows()
        })  # fmt: skip
    assert answers[0] == answers[1]
    assert sum(row[3] == MATCH for row in answers[0]) == 3


def test_the_order_of_records_and_the_threads_do_not_matter() -> None:
    """If this fails, running the step again gives other duplicates."""
    known = linked((), crowd())
    first = judge(known)
    assert judge(known.sample(fraction=1, shuffle=True, seed=3)).equals(first)
    tables = []
    for threads in (1, 2):
        con = memory_store(crowd()[:20], crowd()[10:])
        con.execute(f"set threads = {threads}")
        resolve(con, AGENDA)
        tables.append([con.sql(f"from {t} order by all").pl() for t in ("pairs", "clusters", "identities")])
    assert all(a.equals(b) for a, b in zip(*tables, strict=True))


def test_contract_rows_keep_their_columns() -> None:
    """If this fails, the tests themselves compare empty columns."""
    frame = contract([resident(1)])
    assert frame.select(pl.col("nama_lgkp_ibu", "alamat", "nik").is_not_null().all()).row(0) == (True, True, True)
