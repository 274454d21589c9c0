"""The false-match rate that people are told before they approve, and the pairs they are asked about."""

from math import isclose

import numpy as np
import polars as pl
import pytest

from expectations.matching import MATCH, NONE, POSSIBLE
from tasks.resolve.calibrate import (
    calibration,
    clerical_sample,
    estimated_rate,
    expected_rate,
    match_threshold,
    recalibrated,
    strata,
    threshold_for,
)  # fmt: skip
from tasks.resolve.calibration_chart import calibration_chart

RATE = 0.005
NO_LABELS = pl.DataFrame(schema={"left_row": pl.Int64, "right_row": pl.Int64, "same": pl.Boolean})


def pairs_of(probability: list[float], kinds: tuple[str, ...] = ("same",)) -> pl.DataFrame:
    p = pl.Series(probability, dtype=pl.Float64)
    rows = pl.Series(range(len(p)), dtype=pl.Int64)
    return pl.DataFrame({
        "left_row": rows, "right_row": rows + len(p), "probability": p,
        "kind": [kinds[at % len(kinds)] for at in range(len(p))], "guard": pl.Series([None] * len(p), dtype=pl.String),
    }).with_columns(pl.when(p >= 0.95).then(pl.lit(MATCH)).when(p >= 0.05).then(pl.lit(POSSIBLE))
                    .otherwise(pl.lit(NONE)).alias("band"))  # fmt: skip


@pytest.fixture
def linked() -> pl.DataFrame:
    """5,000 pairs of two kinds, most of them certain, as a linking gives them."""
    sure = 1 - np.geomspace(1e-8, 0.05, 4500)
    return pairs_of([*sure.tolist(), *np.linspace(0.94, 0.02, 500).tolist()], ("same", "moved"))


def answered(sample: pl.DataFrame, same: pl.Expr) -> pl.DataFrame:
    return sample.select("left_row", "right_row", same.alias("same"))


def test_the_models_own_estimate() -> None:
    """If this fails, the number of expected false matches that people see is not the sum of what is said per pair."""
    assert isclose(expected_rate(np.array([0.9, 1.0, 0.8])), 0.1)
    assert expected_rate(np.array([])) == 0.0


@pytest.mark.parametrize("rate,threshold", [(0.0, 1.0), (0.05, 0.9), (0.0999, 0.9), (0.1, 0.8), (0.5, 0.2)])
def test_the_threshold_keeps_the_rate(rate: float, threshold: float) -> None:
    """If this fails, the match band holds more errors than the office allowed, or sends sure pairs to people."""
    assert threshold_for(np.array([0.8, 1.0, 0.9, 0.2]), rate) == threshold


def test_no_pair_is_sure_enough() -> None:
    """If this fails, a band opens although not even its surest pair is within the allowed rate."""
    assert threshold_for(np.array([0.9, 0.9]), 0.05) == 1.0
    assert threshold_for(np.array([]), 0.05) == 1.0


def test_pairs_of_one_probability_share_one_fate() -> None:
    """If this fails, which of two equal pairs is proposed depends on the order of rows."""
    assert threshold_for(np.array([0.999, 0.9, 0.9]), 0.055) == 0.999


def test_people_are_asked_where_errors_hide(linked: pl.DataFrame) -> None:
    """If this fails, two hundred answers are spent on pairs that teach nothing, or a whole kind is never asked."""
    sample = clerical_sample(linked, 200)
    assert sample.height == 200
    assert sample.select("left_row", "right_row").is_unique().all()
    assert 0.85 <= (sample["band"] == MATCH).mean() <= 0.95
    assert set(sample["stratum"]) == set(strata(linked.filter(pl.col("band") != NONE)))
    doubtful = sample.filter(pl.col("band") == MATCH)["probability"] < 0.999
    everywhere = linked.filter(pl.col("band") == MATCH)["probability"] < 0.999
    assert doubtful.mean() > 1.5 * everywhere.mean()
    sizes = linked.select(strata(linked)).to_series().value_counts()
    told = sample.group_by("stratum").agg(pl.len(), pl.col("stratum_pairs", "stratum_sample").first())
    assert told.filter(pl.col("len") != pl.col("stratum_sample")).is_empty()
    assert told.join(sizes, on="stratum").filter(pl.col("stratum_pairs") != pl.col("count")).is_empty()


def test_who_stops_early_leaves_a_balanced_sample(linked: pl.DataFrame) -> None:
    """If this fails, Staff who answer half of the questions answered them about one kind of pair only."""
    sample = clerical_sample(linked, 200)
    half, whole = (each.group_by("stratum").len() for each in (sample.head(100), sample))
    half = half.join(whole, on="stratum", how="right")
    assert ((half["len"].fill_null(0) - half["len_right"] / 2).abs() <= 1).all()


def test_the_choice_does_not_depend_on_row_order(linked: pl.DataFrame) -> None:
    """If this fails, two offices with the same extract in another order are asked about other pairs."""
    keyed = linked.with_columns((pl.col("left_row") * 7919 + 11).cast(pl.UInt64).alias("key"))
    turned = keyed.sample(fraction=1, shuffle=True, seed=3).with_columns(pl.col("left_row", "right_row") + 100_000)
    assert clerical_sample(keyed, 50)["key"].to_list() == clerical_sample(turned, 50)["key"].to_list()
    assert clerical_sample(linked, 50).equals(clerical_sample(linked.reverse(), 50))


def test_pairs_of_the_offices_records_can_be_asked_too(linked: pl.DataFrame) -> None:
    """If this fails, the office's own batches, whose pairs have record ids, get no estimate."""
    ids = pl.format("B{}", "left_row").alias("left_id"), pl.format("P{}", "right_row").alias("right_id")
    named = linked.select(*ids, "probability", "kind", "band")
    sample = clerical_sample(named, 40)
    labels = sample.select("left_id", "right_id", pl.lit(value=True).alias("same"))
    assert estimated_rate(named, labels).labels == (sample["band"] == MATCH).sum()


@pytest.mark.parametrize("size", [0, 1, 7, 200, 9000])
def test_any_number_of_questions(linked: pl.DataFrame, size: int) -> None:
    """If this fails, a small office can not ask a few questions, or a large one not all."""
    assert clerical_sample(linked, size).height == min(size, linked.filter(pl.col("band") != NONE).height)


def test_nothing_found_and_nothing_asked() -> None:
    """If this fails, an extract without duplicates ends in an error."""
    none = pairs_of([])
    assert clerical_sample(none, 200).is_empty()
    assert estimated_rate(none, NO_LABELS).pairs == 0
    assert len(recalibrated(none, NO_LABELS)) == 0
    assert match_threshold(none, NO_LABELS, RATE) == 1.0
    assert calibration(none).is_empty()


def test_an_answer_of_everybody_is_the_truth() -> None:
    """If this fails, a band that people judged completely is still only estimated."""
    band = pairs_of(np.linspace(0.951, 0.999, 60).tolist())
    estimate = estimated_rate(band, answered(clerical_sample(band, 200), pl.col("left_row") >= 3))
    assert (estimate.low, estimate.rate, estimate.high) == (0.05, 0.05, 0.05)
    assert isclose(estimate.by_sample, 0.05)
    assert estimate.labels == 60


def test_who_does_not_know_is_counted_and_left_out(linked: pl.DataFrame) -> None:
    """If this fails, "tidak tahu" counts as a duplicate or as none."""
    sample = clerical_sample(linked, 200)
    sure = answered(sample, pl.lit(value=True))
    unsure = answered(sample, pl.when(pl.int_range(pl.len()) % 10 > 0).then(pl.lit(value=True)))
    told = estimated_rate(linked, unsure)
    assert told.unknown > 0
    assert told.labels + told.unknown == estimated_rate(linked, sure).labels
    only_sure = estimated_rate(linked, unsure.drop_nulls())
    assert (told.rate, told.high) == (only_sure.rate, only_sure.high)


def test_people_who_contradict_each_other_do_not_know(linked: pl.DataFrame) -> None:
    """If this fails, whose answer stands later in a file decides."""
    sample = clerical_sample(linked, 200)
    both = pl.concat([answered(sample, pl.lit(value=True)), answered(sample.head(20), pl.lit(value=False))])
    assert estimated_rate(linked, both) == estimated_rate(linked, both.reverse())
    assert estimated_rate(linked, both).unknown == (sample.head(20)["band"] == MATCH).sum()


def test_a_sure_and_wrong_model_is_found_out(linked: pl.DataFrame) -> None:
    """If this fails, a model that takes siblings for one person keeps its own low estimate in spite of the answers."""
    wrong = estimated_rate(linked, answered(clerical_sample(linked, 200), pl.col("left_row") % 5 > 0))
    assert wrong.by_model < 0.01
    assert 0.1 < wrong.rate < 0.4
    assert wrong.low <= 0.2 <= wrong.high
    assert wrong.bound > 0.2


def test_answers_raise_the_threshold_and_never_lower_it(linked: pl.DataFrame) -> None:
    """If this fails, the match band stays open although the answers contradict it, or labels open it wider."""
    sample = clerical_sample(linked, 200)
    alone = match_threshold(linked, None, RATE)
    assert alone == threshold_for(linked["probability"].to_numpy(), RATE)
    doubted = match_threshold(linked, answered(sample, pl.col("probability") >= 0.99), RATE)
    assert alone < doubted
    assert match_threshold(linked, answered(sample, pl.lit(value=True)), RATE) >= alone


def test_guarded_pairs_teach_nothing_about_the_others(linked: pl.DataFrame) -> None:
    """If this fails, twins that a guard keeps apart make every sure pair look doubtful."""
    twins = linked.with_columns(
        pl.when(pl.col("left_row") % 10 == 0).then(pl.lit("twin")).alias("guard"),
        pl.when(pl.col("left_row") % 10 == 0).then(pl.lit(POSSIBLE)).otherwise("band").alias("band"),
    )
    sample = clerical_sample(twins, 200)
    assert sample["guard"].null_count() == 200
    labels = answered(sample, pl.lit(value=True))
    guarded = answered(twins.filter(pl.col("guard").is_not_null()).head(50), pl.lit(value=False))
    assert estimated_rate(twins, labels) == estimated_rate(twins, pl.concat([labels, guarded]))


def test_the_table_tells_predicted_and_true_per_band(linked: pl.DataFrame) -> None:
    """If this fails, the page shows people a precision that nobody measured, or hides how few answers it rests on."""
    sample = clerical_sample(linked, 200)
    table = calibration(linked, answered(sample, pl.col("probability") > 0.5))
    assert table["group"].head(3).to_list() == ["cocok", "mungkin", "bukan"]
    match = table.row(0, named=True)
    assert match["pairs"] == 4500
    assert isclose(match["predicted"], linked.head(4500)["probability"].mean())
    assert (match["labels"], match["observed"], match["high"]) == ((sample["band"] == MATCH).sum(), 1.0, 1.0)
    assert 0.9 < match["low"] < 1.0
    assert table["pairs"].tail(-3).sum() == linked.height
    assert table.row(2, named=True)["observed"] is None
    without = calibration(linked)
    assert without["observed"].null_count() == without.height


def test_the_chart_is_drawn_offline(linked: pl.DataFrame) -> None:
    """If this fails, the report has no picture of predicted against true, or one of thousands of numbers."""
    svg = calibration_chart(calibration(linked, answered(clerical_sample(linked, 200), pl.col("probability") > 0.9)))
    assert svg.startswith("<svg")
    assert "peluang orang sama" in svg
    assert "http" not in svg.replace("http://www.w3.org", "")
