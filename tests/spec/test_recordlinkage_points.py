"""recordlinkage's three extension points still behave as our index, comparisons and classifier need them."""

from functools import cache

import numpy as np
import pandas as pd
import polars as pl
import pytest
import recordlinkage as rl
from office_kit.residents import again, resident
from recordlinkage.base import BaseClassifier, BaseCompareFeature, BaseIndexAlgorithm

from expectations.matching import MatchingModel, shipped
from tasks.resolve.compare import FieldLevels, features
from tasks.resolve.index import BlockingKeys, blocks
from tasks.resolve.model import KindModel
from tasks.resolve.prepare import Prepared, prepare

TWICE = 40


@cache
def people() -> Prepared:
    """Two hundred residents; the first forty come again at the end, moved."""
    rows = [*map(resident, range(200)), *(again(resident(n), ALAMAT="JL LAIN 9", NIK=None) for n in range(TWICE))]
    frame = pl.DataFrame({column: [row[column.upper()] for row in rows] for column in model().columns})
    return prepare(frame, model())


def model() -> MatchingModel:
    return shipped()


def indexed() -> tuple[pd.DataFrame, pd.MultiIndex]:
    frame = pd.DataFrame({"row": np.arange(len(people()))})
    index = rl.Index()
    index.add(BlockingKeys(model(), people()))
    return frame, index.index(frame)


def vectors() -> pd.DataFrame:
    frame, pairs = indexed()
    comparer = rl.Compare()
    comparer.add(features(model(), people(), people()))
    return comparer.compute(pairs, frame)


TRUE = pd.MultiIndex.from_arrays([np.arange(TWICE), np.arange(200, 200 + TWICE)])


def test_ours_are_recordlinkages() -> None:
    """If this fails, the matcher no longer runs through the library whose terms the procedure is written in."""
    assert issubclass(BlockingKeys, BaseIndexAlgorithm)
    assert issubclass(FieldLevels, BaseCompareFeature)
    assert issubclass(KindModel, BaseClassifier)


def test_index_takes_our_algorithm() -> None:
    """If this fails, a new recordlinkage asks indexing algorithms for something else than `_dedup_index`."""
    _, pairs = indexed()
    assert not pairs.has_duplicates
    assert (pairs.get_level_values(0) < pairs.get_level_values(1)).all()
    assert set(TRUE) <= set(pairs)


def test_index_joins_ours_with_its_own() -> None:
    """If this fails, our index cannot be used beside the library's: labels of rows and pairs are not theirs."""
    frame = pd.DataFrame({"row": np.arange(len(people())), "sex": 1}, index=[f"r{n}" for n in range(len(people()))])
    index = rl.Index()
    index.add(BlockingKeys(model(), people()))
    index.block("row")
    pairs = index.index(frame)
    assert {(f"r{a}", f"r{b}") for a, b in TRUE} <= {tuple(sorted(pair, key=lambda r: int(r[1:]))) for pair in pairs}


def test_index_links_two_files() -> None:
    """If this fails, an extract cannot be compared with the baseline: `_link_index` is gone."""
    frame = pd.DataFrame(index=pd.RangeIndex(len(people())))
    index = rl.Index()
    index.add(BlockingKeys(model(), people(), list(blocks(people(), model().blocking))))
    pairs = index.index(frame, frame)
    assert {(n, n) for n in range(200)} <= set(pairs)
    assert set(indexed()[1]) <= set(pairs)


def test_compare_takes_our_features() -> None:
    """If this fails, a new recordlinkage changes the comparison vectors: other labels, types, or missing as 0."""
    found = vectors()
    assert found.columns.to_list() == [field.name for field in model().fields]
    assert set(map(str, found.dtypes)) == {"int8"}
    assert found.index.equals(indexed()[1])
    assert (found.loc[TRUE, "nik"] == -1).all()
    assert (found.loc[TRUE, "birth"] == 0).all()


def test_compare_puts_ours_beside_its_own() -> None:
    """If this fails, whoever adds a comparison of the library to ours gets misaligned rows."""
    frame, pairs = indexed()
    comparer = rl.Compare()
    comparer.add(features(model(), people(), people())[:2])
    comparer.exact("row", "row", label="row")
    found = comparer.compute(pairs, frame)
    assert found["name"].equals(vectors()["name"])
    assert (found["row"] == 0).all()


def test_classifier_is_fitted_and_asked() -> None:
    """If this fails, `fit`, `prob` or `predict` of the library no longer reach our model."""
    found = vectors()
    classifier = KindModel(model(), people())
    classifier.fit(found)
    share = classifier.prob(found)
    assert share.index.equals(found.index)
    assert share.between(0, 1).all()
    links = classifier.predict(found)
    assert set(links) == set(share[share >= 0.5].index)
    assert (classifier.prob(found.iloc[::-1]).sort_index() == share.sort_index()).all()


def test_the_librarys_measures_judge_our_links() -> None:
    """If this fails, the figures in the report are not those of the library that others measure with."""
    found = vectors()
    classifier = KindModel(model(), people())
    links = classifier.fit_predict(found)
    assert rl.recall(TRUE, links) == pytest.approx(1)
    assert rl.precision(TRUE, links) > 0.9
    assert rl.fscore(TRUE, links) > 0.95


def test_classifier_learns_from_known_matches() -> None:
    """If this fails, answers of people, given as the library takes them (`match_index`), teach our model nothing."""
    found = vectors()
    classifier = KindModel(model(), people())
    classifier.fit(found)
    before = classifier.prob(found)
    first = before.idxmax()
    same = found[(found == found.loc[[first]].to_numpy()).all(axis=1)].index
    classifier = KindModel(model(), people())
    classifier.fit(found, TRUE.difference(same))
    assert classifier.prob(found)[first] < before[first]
