"""The numbers in docs/linkage.md are right: counted by hand, and again by brute force over all pairs."""

import random
from itertools import combinations, product
from typing import Any

import polars as pl
import pytest

from bench.linkage import metrics

SEEDS = range(12)


def truth_of(persons: list[int]) -> pl.DataFrame:
    return pl.DataFrame({"row": range(len(persons)), "person": persons}, schema={"row": pl.Int64, "person": pl.Int64})


def pairs_of(rows: list[tuple[int, int, float]]) -> pl.DataFrame:
    told = pl.DataFrame(
        rows, schema={"left_row": pl.Int64, "right_row": pl.Int64, "probability": pl.Float64}, orient="row"
    )
    return metrics.canonical(told, one_file=True)


# Rows 0,1,2 are person A; 3,4 are B; 5 is C; 6 is D (C and D are twins).
PERSONS = [1, 1, 1, 2, 2, 3, 4]
# Said the wrong way round, twice, and with itself: (1,0) again at .3, (5,5).
SAID = [(1, 0, 0.99), (0, 1, 0.30), (1, 2, 0.60), (3, 4, 0.20), (5, 6, 0.97), (2, 3, 0.10), (5, 5, 1.0)]


def checked_small() -> tuple[pl.DataFrame, pl.DataFrame]:
    true = metrics.true_pairs(truth_of(PERSONS))
    return metrics.marked(pairs_of(SAID), true), true


def test_true_pairs_by_hand() -> None:
    """If this fails, recall is counted against the wrong number. A has 3 pairs, B one, C and D none: 4."""
    assert metrics.true_pairs(truth_of(PERSONS)).sort("left_row", "right_row").rows() == [
        (0, 1),
        (0, 2),
        (1, 2),
        (3, 4),
    ]


def test_true_pairs_between_two_files_by_hand() -> None:
    """If this fails, linking against the baseline is judged by pairs within it.

    Extract persons 1, 2, 9; baseline 2, 2, 1: row 0 meets baseline row 2, row 1 meets rows 0 and 1, row 2 nobody.
    """
    left, right = truth_of([1, 2, 9]), truth_of([2, 2, 1])
    assert sorted(metrics.true_pairs(left, right).rows()) == [(0, 2), (1, 0), (1, 1)]


def test_pairs_at_the_own_threshold_by_hand() -> None:
    """If this fails, the headline F1 is wrong.

    At 0.5: (0,1) right, (1,2) right, (5,6) wrong: P 2/3, R 2/4, F1 = 2*2/(3+4) = 4/7.
    """
    checked, true = checked_small()
    score = metrics.pair_score(checked, true.height)
    assert (score.found, score.right, score.true) == (3, 2, 4)
    assert (score.precision, score.recall, score.f1) == pytest.approx((2 / 3, 1 / 2, 4 / 7))


def test_best_threshold_by_hand() -> None:
    """If this fails, a peer is shown worse than it could be.

    Steps .99: 2*1/(1+4)=.4; .97: 2/(2+4)=.33; .60: 4/7=.571; .20: 6/8=.75; .10: 6/9=.67: best .75 at .20.
    """
    checked, true = checked_small()
    threshold, score = metrics.best_threshold(checked, true.height)
    assert threshold == 0.2
    assert score.f1 == pytest.approx(0.75)


def test_ties_are_never_cut() -> None:
    """If this fails, an engine with few distinct probabilities gets an F1 no threshold can reach.

    One right and one wrong link at .9 each: F1 = 2*1/(2+4) = 1/3, not 2*1/(1+4).
    """
    true = metrics.true_pairs(truth_of(PERSONS))
    checked = metrics.marked(pairs_of([(0, 1, 0.9), (5, 6, 0.9)]), true)
    assert metrics.best_threshold(checked, true.height)[1].f1 == pytest.approx(1 / 3)


def test_clusters_by_hand() -> None:
    """If this fails, a chain that swallows a family goes unseen.

    Clusters {0,1,2}, {4,5,6}; row 3 alone. Pairs inside: 3+3, right 3 (A whole), true 4: P 1/2, R 3/4.
    Exact: of two found clusters one is exactly a person; two persons have several rows: P R F1 1/2. Largest 3.
    """
    clusters = pl.DataFrame({"row": [0, 1, 2, 4, 5, 6], "cluster": ["a", "a", "a", "b", "b", "b"]})
    told = metrics.cluster_scores(clusters, truth_of(PERSONS))
    assert (told["pairwise"]["precision"], told["pairwise"]["recall"]) == (0.5, 0.75)
    assert (told["exact"]["found"], told["exact"]["right"], told["exact"]["true"]) == (2, 1, 2)
    assert told["largest"] == 3


def test_twins_bands_and_false_matches_by_hand() -> None:
    """If this fails, twins merged by an engine are not seen, or its calibration is told wrongly.

    Match band (>= .95): (0,1) .99 right, (5,6) .97 wrong: predicted .98, true .5; estimated false .02, true .5.
    Possible (.05-.95): .60 right, .20 right, .10 wrong: predicted .3, true 2/3. Twins: 1 of 2 in the band.
    """
    checked, _ = checked_small()
    told = metrics.bands(checked)
    assert told["match"] == pytest.approx({"pairs": 2, "predicted": 0.98, "true": 0.5})
    assert told["possible"] == pytest.approx({"pairs": 3, "predicted": 0.3, "true": 2 / 3})
    false = metrics.false_match_rate(checked)
    assert (false["estimated"], false["true"]) == pytest.approx((0.02, 0.5))
    twins = pl.DataFrame({"left_row": [6, 4], "right_row": [5, 5]})
    assert metrics.twin_shares(checked, twins) == {"twins": 2, "match": 0.5, "linked": 0.5}


def test_an_estimate_far_off_is_not_within_a_factor_of_two() -> None:
    """If this fails, an engine that promises 0.1 % and delivers 10 % wrong links is called calibrated.

    1,000 links at .999, 100 of them wrong: limits of the true rate 8.2-12.0 %, twice the estimate 0.2 %.
    """
    checked = pl.DataFrame(
        {"probability": [0.999] * 1000, "right": [False] * 100 + [True] * 900, "band": ["match"] * 1000}
    )
    told = metrics.false_match_rate(checked)
    assert (told["lower"], told["upper"]) == pytest.approx((0.0821, 0.1203), abs=1e-3)
    assert not told["within"]


def test_own_bands_are_kept() -> None:
    """If this fails, an engine with bands of its own is judged by somebody else's."""
    told = pl.DataFrame({"left_row": [0], "right_row": [1], "probability": [0.99], "band": ["possible"]})
    assert metrics.canonical(told, one_file=True)["band"].to_list() == ["possible"]


def test_between_files_rows_are_not_swapped() -> None:
    """If this fails, extract and baseline positions are mixed up, and equal positions are taken for one row."""
    told = pl.DataFrame({"left_row": [5, 3], "right_row": [2, 3], "probability": [0.9, 0.8]})
    assert sorted(metrics.canonical(told, one_file=False).select(metrics.PAIR).rows()) == [(3, 3), (5, 2)]


def test_nothing_found_is_zero() -> None:
    """If this fails, an engine that finds nothing stops the whole comparison."""
    true = metrics.true_pairs(truth_of(PERSONS))
    checked = metrics.marked(pairs_of([]), true)
    assert metrics.pair_score(checked, true.height).f1 == 0
    assert metrics.best_threshold(checked, true.height)[1].f1 == 0
    assert metrics.cluster_scores(metrics.closure(checked, 7), truth_of(PERSONS))["largest"] == 1
    assert metrics.false_match_rate(checked)["pairs"] == 0


def brute(found: set[tuple[int, int]], true: set[tuple[int, int]]) -> tuple[float, float, float]:
    right = sum(pair in true for pair in found)
    precision, recall = right / len(found) if found else 0.0, right / len(true) if true else 0.0
    return precision, recall, 2 * precision * recall / (precision + recall) if right else 0.0


def case(seed: int) -> dict[str, Any]:
    chance = random.Random(seed)  # noqa: S311
    size = chance.randint(6, 14)
    persons = [chance.randint(0, size // 2) for _ in range(size)]
    true = {pair for pair in combinations(range(size), 2) if persons[pair[0]] == persons[pair[1]]}
    said = {}
    for pair in combinations(range(size), 2):
        if chance.random() < 0.5:
            said[pair] = round(min(max(chance.gauss(0.7 if pair in true else 0.3, 0.25), 0), 1), 1)
    shown = [(*(pair if chance.random() < 0.5 else pair[::-1]), told) for pair, told in said.items()]
    chance.shuffle(shown)
    return {"size": size, "persons": persons, "true": true, "said": said, "shown": shown}


@pytest.mark.parametrize("seed", SEEDS)
def test_pairs_as_brute_force_counts_them(seed: int) -> None:
    """If this fails, the joins count something else than all pairs gone through one by one."""
    one = case(seed)
    true = metrics.true_pairs(truth_of(one["persons"]))
    checked = metrics.marked(pairs_of(one["shown"]), true)
    score = metrics.pair_score(checked, true.height)
    linked = {pair for pair, told in one["said"].items() if told >= 0.5}
    assert (score.precision, score.recall, score.f1) == pytest.approx(brute(linked, one["true"]))
    every = [brute({p for p, told in one["said"].items() if told >= at}, one["true"])[2] for at in one["said"].values()]
    assert metrics.best_threshold(checked, true.height)[1].f1 == pytest.approx(max(every, default=0.0))
    band = [pair in one["true"] for pair, told in one["said"].items() if told >= metrics.MATCH_FROM]
    assert metrics.false_match_rate(checked)["true"] == pytest.approx(1 - sum(band) / len(band) if band else 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_clusters_as_brute_force_counts_them(seed: int) -> None:
    """If this fails, closure or the cluster counts differ from sets built row by row."""
    one = case(seed)
    groups = [{row} for row in range(one["size"])]
    for pair, told in one["said"].items():
        if told >= 0.5:
            first, second = (next(group for group in groups if row in group) for row in pair)
            if first is not second:
                groups.remove(second)
                first |= second
    people = [{row for row, who in enumerate(one["persons"]) if who == person} for person in set(one["persons"])]
    told = metrics.cluster_scores(metrics.closure(pairs_of(one["shown"]), one["size"]), truth_of(one["persons"]))
    inside = {pair for group in groups for pair in combinations(sorted(group), 2)}
    pairwise, exact = (told[kind] for kind in ("pairwise", "exact"))
    assert (pairwise["precision"], pairwise["recall"], pairwise["f1"]) == pytest.approx(brute(inside, one["true"]))
    several = [group for group in groups if len(group) > 1]
    assert exact["right"] == sum(group == person for group, person in product(several, people))
    assert (exact["found"], exact["true"]) == (len(several), sum(len(person) > 1 for person in people))
    assert told["largest"] == max(map(len, groups))
