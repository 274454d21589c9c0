"""What one engine's pairs and clusters are worth on one set: every figure of the report, as plain numbers."""

from pathlib import Path
from typing import Any

import polars as pl

from bench.linkage import metrics
from bench.linkage.data import Data


def evaluate(data: Data, out: Path, threshold: float = metrics.OWN_THRESHOLD) -> dict[str, Any]:
    """Scores of the files in `out` (pairs.parquet, perhaps clusters.parquet) against the set's truth.

    The threshold is the engine's own; where it has no bands, the match band begins at 0.95 or, if higher, there.
    """
    truth, other = data.truth(), data.baseline_truth()
    true = metrics.true_pairs(truth, other)
    pairs = metrics.canonical(
        pl.read_parquet(out / "pairs.parquet"), one_file=other is None, match_from=max(metrics.MATCH_FROM, threshold)
    )
    checked = metrics.marked(pairs, true)
    at, best = metrics.best_threshold(checked, true.height)
    told = {
        "threshold": threshold,
        "true_pairs": true.height,
        "told_pairs": pairs.height,
        "pair": metrics.pair_score(checked, true.height, threshold).told(),
        "pair_best": {"threshold": at, **best.told()},
        "reached": int(checked["right"].sum()) / max(true.height, 1),
        "bands": metrics.bands(checked),
        "false_match": metrics.false_match_rate(checked),
    }
    twins = data.twins()
    if twins is not None and other is None:
        told["twins"] = metrics.twin_shares(pairs, twins, threshold)
    return told | _clustered(pairs, (truth, other), out, threshold)


def _clustered(
    pairs: pl.DataFrame, truths: tuple[pl.DataFrame, pl.DataFrame | None], out: Path, threshold: float
) -> dict[str, Any]:
    """Two files count as one: the baseline's rows come after the extract's, and links join them.

    Nothing where one of two files holds a person twice: no link between the files is asked to say that.
    """
    truth, other = truths
    if other is not None and (truth["person"].is_duplicated().any() or other["person"].is_duplicated().any()):
        return {}
    if other is not None:
        pairs = pairs.with_columns(pl.col("right_row") + truth.height)
        truth = _in_one(truth, other)
    own = out / "clusters.parquet"
    clusters = (
        pl.read_parquet(own) if own.exists() and other is None else metrics.closure(pairs, truth.height, threshold)
    )
    scored = metrics.cluster_scores(clusters, truth)
    at, best = metrics.best_closure(pairs, truth)
    if best["pairwise"]["f1"] < scored["pairwise"]["f1"]:
        at, best = None, scored
    return {
        "cluster": scored,
        "cluster_best": {"threshold": at, **best},
        "own_clusters": own.exists() and other is None,
    }


def _in_one(truth: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([truth.select("row", "person"), other.select(pl.col("row") + truth.height, "person")])
