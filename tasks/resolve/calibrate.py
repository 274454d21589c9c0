"""How far the match band can be believed: its false-match rate, from a few pairs that people judged.

Probabilities are over-confident near certainty, where a twin who moved or a shared NIK is left, and 200 labels of
thousands of pairs meet none of one error in a thousand. So labels correct a curve of true over stated error
(``error_curve``), and people are asked where that teaches most.

``pairs``: frame with ``probability`` Float64, ``band``, ``kind`` and optionally ``guard`` String (a pair with a guard
is never a match); its key is left_row, right_row (or left_id, right_id). ``labelled``: the same key and ``same``
Boolean, null = "tidak tahu": left out and counted. Keys that ``pairs`` does not have are ignored.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from expectations.matching import BAND_WORDS, BANDS, MATCH, POSSIBLE
from tasks.resolve.error_curve import CONFIDENCE, ErrorCurve, allocation

Floats = npt.NDArray[np.float64]

# Ranges of the model's probability that a pair is no match: strata of the sample, lines of the table.
EDGES = (1e-6, 1e-4, 1e-3, 0.01, 0.05, 0.2, 0.5)
RANGES = ("0,999999-1", "0,9999-0,999999", "0,999-0,9999", "0,99-0,999", "0,95-0,99", "0,8-0,95", "0,5-0,8", "0-0,5")
POSSIBLE_SHARE = 0.1  # of the sample: pairs just below the band tell how steep the curve is
SPREAD_SHARE = 0.25  # of the sample: by the size of strata, so that a model that is sure and wrong is found out
LEAST_LABELS = 2  # per stratum


@dataclass(frozen=True)
class Estimate:
    """False-match rate (0-1) of the match band: ``rate``, with a central 95 % interval ``low`` to ``high``.

    ``by_model``: what the model believes without labels. ``by_sample``: difference estimator (Särndal et al. 1992),
    unbiased whatever the model believes, but coarse: it can be below 0. ``bound``: upper bound of the labels alone
    (Clopper & Pearson 1934 at the effective sample size, Korn & Graubard 1998). ``pairs``: in the band; ``labels``:
    of them judged; ``unknown``: of them answered "tidak tahu".
    """

    rate: float
    low: float
    high: float
    by_model: float
    by_sample: float
    bound: float
    pairs: int
    labels: int
    unknown: int


def expected_rate(probability: Floats) -> float:
    """The model's own estimate of the false-match rate (0-1) of pairs with these match probabilities; 0 for none."""
    return float(np.mean(1 - probability)) if len(probability) else 0.0


def threshold_for(probability: Floats, rate: float) -> float:
    """Lowest probability from which all pairs at or above it keep an expected false-match rate within ``rate`` (0-1).

    The error level decides the threshold (Fellegi & Sunter 1969). 1.0 when not even the surest pairs are within it.
    """
    return _threshold(probability, 1 - probability, rate)


def match_threshold(pairs: pl.DataFrame, labelled: pl.DataFrame | None, rate: float) -> float:
    """Probability from which a pair may be in the match band so that its false-match rate (0-1) stays within ``rate``.

    Labels only ever raise the model's own ``threshold_for``. 1.0 closes the band: people judge every pair.
    """
    free = pairs.filter(_free(pairs))
    probability = free["probability"].to_numpy()
    stated = threshold_for(probability, rate)
    if labelled is None:
        return stated
    return max(stated, _threshold(probability, 1 - recalibrated(free, labelled), rate))


def _threshold(probability: Floats, error: Floats, rate: float) -> float:
    order = np.argsort(-probability, kind="stable")
    ranked = probability[order]
    ends_a_tie = np.ones(len(ranked), bool)  # pairs of one probability share one fate
    ends_a_tie[:-1] = ranked[1:] != ranked[:-1]
    within = np.cumsum(error[order]) <= rate * np.arange(1, len(ranked) + 1)
    allowed = ranked[ends_a_tie & within]
    return float(allowed[-1]) if len(allowed) else 1.0


def strata(pairs: pl.DataFrame) -> pl.Series:
    """Stratum of each pair, String "band | kind | range of the match probability"."""
    ranges = pl.Series("range", RANGES)[_range_at(pairs)]
    return pairs.select(pl.format("{} | {} | {}", "band", "kind", ranges).alias("stratum"))["stratum"]


def _range_at(pairs: pl.DataFrame) -> npt.NDArray[np.intp]:
    return np.searchsorted(EDGES, 1 - pairs["probability"].to_numpy())


def _key(frame: pl.DataFrame) -> list[str]:
    return ["left_row", "right_row"] if "left_row" in frame.columns else ["left_id", "right_id"]


def _free(pairs: pl.DataFrame) -> pl.Series:
    return pairs["guard"].is_null() if "guard" in pairs.columns else pl.repeat(value=True, n=pairs.height, eager=True)


def clerical_sample(pairs: pl.DataFrame, size: int = 200) -> pl.DataFrame:
    """The ``size`` pairs to ask people about, nine in ten of the match band.

    Rows of ``pairs`` and, of each row's stratum, ``stratum`` String, ``stratum_pairs`` and ``stratum_sample`` Int64
    (pairs it has, pairs asked). Most go where errors of the match band hide and the model's word is weakest
    (``allocation``), a quarter by the size of strata. Within a stratum a hash chooses: of ``key`` (UInt64 of what both
    records say) where the caller gives one, so that row order changes nothing; otherwise of the pair's key. People who
    stop early leave a balanced sample.
    """
    asked = pairs.with_columns(strata(pairs)).filter(_free(pairs))
    band, below = (asked.filter(pl.col("band") == each) for each in (MATCH, POSSIBLE))
    few = min(round(size * POSSIBLE_SHARE), below.height)
    counts = pl.concat([_allocated(band, size - few), _allocated(below, few)])
    drawn = asked.with_columns(_hash(asked)).join(counts, on="stratum", how="inner")
    rank = pl.struct("hash", *_key(pairs)).rank("ordinal").over("stratum").cast(pl.Int64)
    return (
        drawn.with_columns(rank.alias("rank"))
        .filter(pl.col("rank") <= pl.col("stratum_sample"))
        .sort((pl.col("rank") - 0.5) / pl.col("stratum_sample"), "stratum")
        .drop("rank", "hash")
    )


def _allocated(pairs: pl.DataFrame, size: int) -> pl.DataFrame:
    schema = {"stratum": pl.String, "stratum_pairs": pl.Int64, "stratum_sample": pl.Int64}
    if pairs.is_empty():
        return pl.DataFrame(schema=schema)
    names, at = np.unique(pairs["stratum"].to_numpy(), return_inverse=True)
    none = np.zeros(len(names), np.int64)
    curve = ErrorCurve(pairs["probability"].to_numpy(), at, none, none)
    spread = np.floor(size * SPREAD_SHARE * curve.pairs / max(pairs.height, 1)).astype(np.int64)
    counts = allocation(curve.pairs, curve.prior, np.maximum(spread, LEAST_LABELS), size)
    told = {"stratum": names.astype(str), "stratum_pairs": curve.pairs, "stratum_sample": counts}
    return pl.DataFrame(told, schema=schema)


def _hash(pairs: pl.DataFrame) -> pl.Series:
    """UInt64 per pair that no library's version changes (splitmix64, Steele et al. 2014)."""
    if "key" in pairs.columns:
        state = pairs["key"].cast(pl.UInt64).to_numpy()
    elif "left_row" in pairs.columns:
        state = (pairs["left_row"].to_numpy() << 32 ^ pairs["right_row"].to_numpy()).astype(np.uint64)
    else:
        state = pairs.select(pl.struct(*_key(pairs)).rank("dense"))["left_id"].cast(pl.UInt64).to_numpy()
    state = state + np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        state = (state ^ (state >> np.uint64(shift))) * np.uint64(factor)
    return pl.Series("hash", state ^ (state >> np.uint64(31)))


def _answers(pairs: pl.DataFrame, labelled: pl.DataFrame) -> pl.DataFrame:
    """``pairs`` with ``stratum``, ``free``, ``answer`` Boolean (null: none) and ``unknown`` Boolean, same order.

    People who contradict each other about a pair do not know.
    """
    key = _key(pairs)
    one = labelled.select(*key, "same").group_by(key).agg(
        pl.when(pl.col("same").n_unique() == 1).then(pl.col("same").first()).alias("answer"),
        pl.lit(value=True).alias("asked"),
    )  # fmt: skip
    return (
        pairs.drop("answer", "asked", "unknown", "free", strict=False)
        .with_columns(strata(pairs), _free(pairs).alias("free"))
        .join(one, on=key, how="left", maintain_order="left")
        .with_columns((pl.col("asked").is_not_null() & pl.col("answer").is_null()).alias("unknown"))
    )


def _curve(answers: pl.DataFrame) -> tuple[npt.NDArray[np.str_], ErrorCurve]:
    """Names of the strata, and the curve that the answers about pairs without a guard teach."""
    names, at = np.unique(answers["stratum"].to_numpy().astype(str), return_inverse=True)
    judged = answers.select(pl.col("free") & pl.col("answer").is_not_null()).to_series().to_numpy()
    wrong = judged & ~answers["answer"].fill_null(value=True).to_numpy()
    labels, errors = (np.bincount(at[each], minlength=len(names)) for each in (judged, wrong))
    return names, ErrorCurve(answers["probability"].to_numpy(), at, labels, errors)


def estimated_rate(pairs: pl.DataFrame, labelled: pl.DataFrame) -> Estimate:
    """The false-match rate of the match band from the answers to its ``clerical_sample`` (others would be biased).

    Give the pairs that the sample was drawn from: they tell the strata.
    """
    answers = _answers(pairs, labelled).filter(pl.col("band").is_in([MATCH, POSSIBLE]))
    band = answers.filter(pl.col("band") == MATCH)
    if band.is_empty():
        return Estimate(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0, 0, 0)
    names, curve = _curve(answers)
    inside = np.char.startswith(names, f"{MATCH} |")
    low, rate, high = curve.share(inside)
    per_label = curve.pairs / np.maximum(curve.labels, 1)  # Horvitz & Thompson (1952)
    total = curve.pairs * curve.prior + per_label * (curve.errors - curve.labels * curve.prior)
    alone = _by_labels(band).row(0, named=True)
    return Estimate(
        rate, low, high, by_model=expected_rate(band["probability"].sort().to_numpy()),
        by_sample=float(total[inside].sum() / band.height), bound=1 - (alone["low"] or 0.0), pairs=band.height,
        labels=int(curve.labels[inside].sum()), unknown=int(band["unknown"].sum()),
    )  # fmt: skip


def recalibrated(pairs: pl.DataFrame, labelled: pl.DataFrame) -> Floats:
    """The match probability per pair (0-1, the order of ``pairs``) as the labels correct it.

    Isotonic regression (Zadrozny & Elkan 2002) of the corrected curve: never falls where the model's rises; where
    there are few labels it is the model's own, less its usual over-confidence.
    """
    from scipy.optimize import isotonic_regression

    if pairs.is_empty():
        return np.empty(0)
    _, curve = _curve(_answers(pairs, labelled))
    _, at = np.unique(pairs["probability"].to_numpy(), return_inverse=True)
    sizes = np.bincount(at)
    fitted = isotonic_regression(np.bincount(at, 1 - curve.error()) / sizes, weights=sizes).x
    return np.asarray(fitted[at].round(12), float)  # sums of ties may differ in the last bit


def calibration(pairs: pl.DataFrame, labelled: pl.DataFrame | None = None) -> pl.DataFrame:
    """Predicted and true precision of each band, then of each range of the match probability, surest first.

    ``group`` String (the office's word of a band, or "0,99-0,999"), ``pairs`` Int64, ``predicted`` Float64 (0-1),
    ``labels``, ``unknown`` Int64, and by the labels ``observed``, ``low``, ``high`` Float64 (95 %; null without).
    """
    none = pairs.select(_key(pairs)).clear().with_columns(pl.lit(None, pl.Boolean).alias("same"))
    answers = _answers(pairs, none if labelled is None else labelled)
    ranges = answers.with_columns(pl.Series("group", _range_at(pairs), pl.Int64))
    banded = answers.with_columns(pl.col("band").replace_strict({b: at - len(BANDS) for at, b in enumerate(BANDS)},
                                                                return_dtype=pl.Int64).alias("group"))  # fmt: skip
    words = {at - len(BANDS): BAND_WORDS[band] for at, band in enumerate(BANDS)} | dict(enumerate(RANGES))
    return (
        _by_labels(pl.concat([banded, ranges]), "group").sort("group")
        .with_columns(pl.col("group").replace_strict(words, return_dtype=pl.String))
    )  # fmt: skip


def _by_labels(answers: pl.DataFrame, *group: str) -> pl.DataFrame:
    """Per group: pairs, predicted, labels, unknown, and the precision by labels with its 95 % interval.

    Labels weigh as many pairs as they stand for (Horvitz & Thompson 1952); Clopper-Pearson at the effective sample
    size (Korn & Graubard 1998).
    """
    from scipy.stats import beta

    judged = pl.col("answer").is_not_null()
    weight = pl.when(judged).then(pl.len().over("stratum", *group) / judged.sum().over("stratum", *group))
    sorted_weight = pl.col("weight").sort_by("weight", "answer")  # sums that no order of rows changes
    told = answers.with_columns(weight.alias("weight")).group_by(group or pl.lit(0).alias("all")).agg(
        pl.len().cast(pl.Int64).alias("pairs"), pl.col("probability").sort().mean().alias("predicted"),
        judged.sum().cast(pl.Int64).alias("labels"), pl.col("unknown").sum().cast(pl.Int64),
        ((sorted_weight * pl.col("answer").sort_by("weight", "answer")).sum() / sorted_weight.sum()).alias("observed"),
        (sorted_weight.sum() ** 2 / (sorted_weight**2).sum()).alias("effective"),
    ).with_columns(pl.when(pl.col("labels") > 0).then(pl.col("observed", "effective")))  # fmt: skip
    right, wrong = (
        (told["effective"] * share).to_numpy() for share in (told["observed"], 1 - told["observed"])
    )  # NaN where there are no labels
    tail = (1 - CONFIDENCE) / 2
    low = pl.Series("low", beta.ppf(tail, np.maximum(right, 1e-12), wrong + 1))
    high = pl.Series("high", beta.ppf(1 - tail, right + 1, np.maximum(wrong, 1e-12)))
    return told.drop("effective").with_columns(low.fill_nan(None), high.fill_nan(None))
