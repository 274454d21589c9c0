"""How good links are, against a known truth (Christen 2012, Data Matching, chapter 7; Hand & Christen 2018 on F1).

Frames: `truth` row (0-based position in the file), person (who it is); `pairs` left_row, right_row, probability, and
band where the engine has bands; `clusters` row, cluster. Within one file a pair has no order; between two files
left_row belongs to the extract and right_row to the baseline. Everything counts in polars: millions of pairs are fine.
"""

from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

PAIR = ("left_row", "right_row")
OWN_THRESHOLD = 0.5
MATCH, POSSIBLE, NONE = "match", "possible", "none"
# Bands for an engine without any: the usual reading of a match probability (sure from 95 %, of interest from 5 %).
MATCH_FROM, POSSIBLE_FROM = 0.95, 0.05
# Thresholds at which transitive closure is tried for the best cluster F1.
CLOSURES = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.99999)
# A pair within the same file with the same probability is one step of the threshold: ties are never cut.
TIES = 12


@dataclass(frozen=True)
class Score:
    """Precision, recall and F1 (shares of 1) with the counts they come from; 0/0 is 0, as scikit-learn has it."""

    found: int
    right: int
    true: int

    @property
    def precision(self) -> float:
        """Share of what was found that is true."""
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        """Share of what is true that was found."""
        return self.right / self.true if self.true else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both: 2 right / (found + true)."""
        return 2 * self.right / (self.found + self.true) if self.found + self.true else 0.0

    def told(self) -> dict[str, float | int]:
        """All of it, for a results file."""
        return {**asdict(self), "precision": self.precision, "recall": self.recall, "f1": self.f1}


def true_pairs(truth: pl.DataFrame, baseline: pl.DataFrame | None = None) -> pl.DataFrame:
    """All pairs of rows of one person: within one file (left_row < right_row), or between extract and baseline."""
    left = truth.lazy().select(pl.col("row").cast(pl.Int64).alias("left_row"), "person")
    other = truth if baseline is None else baseline
    right = other.lazy().select(pl.col("row").cast(pl.Int64).alias("right_row"), "person")
    joined = left.join(right, on="person")
    if baseline is None:
        joined = joined.filter(pl.col("left_row") < pl.col("right_row"))
    return joined.select(PAIR).collect()


def canonical(pairs: pl.DataFrame, *, one_file: bool, match_from: float = MATCH_FROM) -> pl.DataFrame:
    """Each pair once (its highest probability), never a row with itself; in one file the smaller row comes first."""
    left, right = (pl.col(name).cast(pl.Int64) for name in PAIR)
    told = pairs.lazy().with_columns(left, right, pl.col("probability").cast(pl.Float64).round(TIES))
    if one_file:
        told = told.filter(pl.col("left_row") != pl.col("right_row")).with_columns(
            pl.min_horizontal(PAIR).alias("left_row"), pl.max_horizontal(PAIR).alias("right_row")
        )
    if "band" not in pairs.columns:
        told = told.with_columns(band=band_of(pl.col("probability"), match_from))
    return (
        told.sort("probability", descending=True)
        .unique(PAIR, keep="first")
        .select(*PAIR, "probability", "band")
        .collect()
    )


def band_of(probability: pl.Expr, match_from: float) -> pl.Expr:
    """The band of an engine that has none of its own."""
    sure = pl.when(probability >= match_from).then(pl.lit(MATCH))
    return sure.when(probability >= POSSIBLE_FROM).then(pl.lit(POSSIBLE)).otherwise(pl.lit(NONE))


def marked(pairs: pl.DataFrame, true: pl.DataFrame) -> pl.DataFrame:
    """The pairs with `right`: whether both rows are one person."""
    return pairs.join(true.with_columns(right=True), on=PAIR, how="left").with_columns(
        pl.col("right").fill_null(value=False)
    )


def pair_score(checked: pl.DataFrame, true: int, threshold: float = OWN_THRESHOLD) -> Score:
    """Pairs at or above the threshold against the number of true pairs."""
    linked = checked.filter(pl.col("probability") >= threshold)["right"]
    return Score(found=linked.len(), right=int(linked.sum()), true=true)


def best_threshold(checked: pl.DataFrame, true: int) -> tuple[float, Score]:
    """The threshold with the highest F1 (an oracle: it looks at the truth); of equal ones the highest."""
    steps = checked.group_by("probability").agg(pl.len().alias("found"), pl.col("right").sum())
    steps = steps.sort("probability", descending=True).with_columns(
        pl.col("found").cum_sum(), pl.col("right").cum_sum()
    )
    if steps.is_empty():
        return 1.0, Score(0, 0, true)
    f1 = 2 * pl.col("right") / (pl.col("found") + true)
    best = steps.row(steps.select(f1.arg_max()).item(), named=True)
    return best["probability"], Score(int(best["found"]), int(best["right"]), true)


def _pairs_in(size: pl.Expr) -> pl.Expr:
    return size * (size - 1) // 2


def cluster_scores(clusters: pl.DataFrame, truth: pl.DataFrame) -> dict[str, Any]:
    """Clusters against persons: all pairs inside clusters, and clusters of two or more that are exactly one person.

    Rows that no cluster names stand alone. Exact: Menestrina et al. 2010, "Evaluating entity resolution results".
    """
    both = (
        truth.lazy()
        .select(pl.col("row").cast(pl.Int64), "person")
        .join(clusters.lazy().select(pl.col("row").cast(pl.Int64), "cluster").unique("row"), on="row", how="left")
    )
    # a row alone gets a cluster of its own: its negative position, which no cluster number meets
    named = pl.col("cluster").rank("dense").cast(pl.Int64)
    both = both.with_columns(pl.coalesce(named, -1 - pl.col("row")).alias("cluster"))
    cells = both.group_by("cluster", "person").agg(pl.len().cast(pl.Int64).alias("cell")).with_columns(
        size=pl.col("cell").sum().over("cluster"), persons=pl.col("cell").sum().over("person")
    ).collect()  # fmt: skip
    groups = cells.unique("cluster")["size"]
    people = cells.unique("person")["persons"]
    whole = (pl.col("cell") == pl.col("size")) & (pl.col("cell") == pl.col("persons")) & (pl.col("cell") > 1)
    count = pl.col("n")
    pairwise = Score(
        found=int(groups.to_frame("n").select(_pairs_in(count).sum()).item()),
        right=int(cells.select(_pairs_in(pl.col("cell")).sum()).item()),
        true=int(people.to_frame("n").select(_pairs_in(count).sum()).item()),
    )
    exact = Score(int((groups > 1).sum()), int(cells.select(whole.sum()).item()), int((people > 1).sum()))
    return {"pairwise": pairwise.told(), "exact": exact.told(), "largest": int(groups.max() or 0)}


def closure(pairs: pl.DataFrame, rows: int, threshold: float = OWN_THRESHOLD) -> pl.DataFrame:
    """Connected components of the links at the threshold: clusters for engines that have none. row, cluster."""
    import numpy as np
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    linked = pairs.filter(pl.col("probability") >= threshold)
    left, right = (linked[name].to_numpy() for name in PAIR)
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(rows, rows))
    _, labels = connected_components(graph, directed=False)
    return pl.DataFrame({"row": np.arange(rows), "cluster": labels})


def best_closure(pairs: pl.DataFrame, truth: pl.DataFrame) -> tuple[float, dict[str, Any]]:
    """The threshold of `CLOSURES` whose components have the best pairwise F1 (an oracle), with their scores."""
    tried = [(at, cluster_scores(closure(pairs, truth.height, at), truth)) for at in CLOSURES]
    return max(tried, key=lambda one: one[1]["pairwise"]["f1"])


def twin_shares(pairs: pl.DataFrame, twins: pl.DataFrame, threshold: float = OWN_THRESHOLD) -> dict[str, float | int]:
    """Of the true twin pairs (two people), the share in the match band and the share linked at the threshold or above."""
    born = canonical(twins.select(*PAIR, probability=pl.lit(1.0)), one_file=True).select(PAIR)
    met = born.join(pairs, on=PAIR)
    share = {"match": (met["band"] == MATCH).sum(), "linked": (met["probability"] >= threshold).sum()}
    return {
        "twins": born.height,
        **{name: number / born.height if born.height else 0.0 for name, number in share.items()},
    }


def bands(checked: pl.DataFrame) -> dict[str, dict[str, float | int]]:
    """Per band: pairs, predicted precision (mean probability) and true precision."""
    told = checked.group_by("band").agg(
        pl.len().alias("pairs"), pl.col("probability").mean().alias("predicted"), pl.col("right").mean().alias("true")
    )
    return {row.pop("band"): row for row in told.sort("band").iter_rows(named=True)}


def false_match_rate(checked: pl.DataFrame) -> dict[str, float | int | bool]:
    """The match band's estimated (1 - mean probability) and true share of wrong links, and whether within factor 2.

    `upper` and `lower` are the 95 % limits of the true share had these pairs been a sample (Clopper-Pearson): with few
    wrong links the rate itself is uncertain, and "within" asks only that twice/half the estimate meets those limits.
    """
    from scipy.stats import beta

    band = checked.filter(pl.col("band") == MATCH)
    if band.is_empty():
        return {"pairs": 0, "estimated": 0.0, "true": 0.0, "lower": 0.0, "upper": 1.0, "within": True}
    pairs, wrong = band.height, int((~band["right"]).sum())
    estimated = 1 - float(band["probability"].mean())
    lower = float(beta.ppf(0.025, wrong, pairs - wrong + 1)) if wrong else 0.0
    upper = float(beta.ppf(0.975, wrong + 1, pairs - wrong)) if wrong < pairs else 1.0
    return {
        "pairs": pairs, "estimated": estimated, "true": wrong / pairs, "lower": lower, "upper": upper,
        "within": 2 * estimated >= lower and estimated / 2 <= upper,
    }  # fmt: skip
