"""Links records of any file: prepare, index, compare, model, band, cluster. Knows no batch and no office.

Nothing depends on the order of rows, on threads or on parts: the fit looks at pairs chosen by a hash of their content,
sums run over sorted vectors, ties are broken by content.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
import recordlinkage as rl

from expectations.matching import BANDS, MATCH, NONE, POSSIBLE, MatchingModel, shipped
from expectations.matching.model import CHAIN, DECIDED, EVEN
from tasks.resolve.band import Banded, bands, gap_years, holds
from tasks.resolve.calibrate import match_threshold
from tasks.resolve.group import grouped
from tasks.resolve.index import BlockingKeys, Blocks, blocks
from tasks.resolve.judge import At, Judge, Scored, Sides, code_of, decided
from tasks.resolve.model import KindModel, Vectors
from tasks.resolve.prepare import Prepared, prepare
from tasks.resolve.workers import Fan

ENOUGH_LABELS = 50  # decisions from which a sample says how often the match band is wrong; one answer never does
Baseline = tuple[Prepared, Blocks]


@dataclass(frozen=True)
class Steering:
    """What people and callers add.

    ``labels``: left_row, right_row (Int64), same (Boolean): decisions about pairs,
    which anchor the fit and are never overruled by the clustering. ``progress`` hears each step and the share done.
    ``parts``: in how many parts pairs are judged; the result never depends on it. ``touching``: Boolean per record of
    one file: only pairs with such a record are told. ``sure``: clusters are held together by the match band alone, not
    by every pair more likely than not. ``fan``: where blocks and pairs are worked on, None = here; the result is the
    same.
    """

    labels: pl.DataFrame | None = None
    progress: Callable[[str, float], None] = lambda _step, _share: None
    parts: int = 0
    touching: npt.NDArray[np.bool_] | None = None
    sure: bool = False
    fan: Fan | None = None


@dataclass(frozen=True)
class Linked:
    """What was found.

    ``pairs``: left_row, right_row (Int64, 0-based, ordered), weight (Float64, bits), probability
    (Float64), band, kind (String), kind_probability (Float64), guard (String or null); ``vectors``: int8 (pairs,
    fields), aligned; ``clusters``: row, cluster (Int64), with a second file also side ("left"/"right");
    ``candidates``: pairs compared; ``by_model``: the pairs as the model alone bands them, without people's decisions,
    to be held against them.
    """

    pairs: pl.DataFrame
    vectors: Vectors
    clusters: pl.DataFrame
    classifier: KindModel
    candidates: int
    by_model: pl.DataFrame

    def doubtful(self, most: int, *bands: str) -> pl.DataFrame:
        """The pairs of these bands (all without) nearest to even, with their position ``at`` in ``vectors``."""
        pairs = self.pairs.with_row_index("at").filter(pl.col("band").is_in(bands or BANDS))
        return pairs.sort((pl.col("probability") - EVEN).abs(), "left_row", "right_row").head(most)


def link(
    left: pl.DataFrame | Prepared,
    right: pl.DataFrame | Baseline | None = None,
    model: MatchingModel | None = None,
    steering: Steering | None = None,
) -> Linked:
    """Finds the records of ``left`` that are one person, or those of ``left`` and ``right``.

    Frames: String columns named as the model's; both may be prepared already (``prepare``, ``prepared_baseline``).
    """
    model, steering = model or shipped(), steering or Steering()
    steering.progress("menyiapkan catatan", 0.0)
    one = prepare(left, model) if isinstance(left, pl.DataFrame) else left
    baseline = prepared_baseline(right, model) if isinstance(right, pl.DataFrame) else right
    sides = Sides(one, one, within=True)
    if baseline is not None:
        sides = Sides(one.heard_by(baseline[0]), baseline[0], within=False)
    steering.progress("mencari calon pasangan", 0.3)
    pairs = candidates(sides, model, None if baseline is None else baseline[1], steering.fan)
    labels = None if steering.labels is None else decided(steering.labels, sides)
    steering.progress("mempelajari model", 0.5)
    judge = Judge(model, sides, labels)
    judge.fan = steering.fan
    judge.fit(*pairs)
    asked = pairs if steering.touching is None else _touching(pairs, steering.touching)
    scored = judge.with_labels(
        judge.survivors(*asked, parts=steering.parts, progress=steering.progress), steering.touching
    )
    judge.model = _safer(judge, scored)
    steering.progress("mengelompokkan", 0.95)
    scored, clusters = grouped(judge, scored, partial(_sure if steering.sure else _likely, judge))
    held = clusters["cluster"].to_numpy()
    by_model = _told(judge, scored, held)
    return Linked(
        _decided(judge, scored, by_model), scored.vectors, clusters, judge.classifier, len(asked[0]), by_model
    )


def prepared_baseline(frame: pl.DataFrame, model: MatchingModel) -> Baseline:
    """The records to link against, with their blocks, made once."""
    prepared = prepare(frame, model)
    return prepared, blocks(prepared, model.blocking)


def candidates(sides: Sides, model: MatchingModel, against: Blocks | None, fan: Fan | None = None) -> tuple[At, At]:
    """Pairs of positions, each once, in order; through recordlinkage's index."""
    left, right = (pd.DataFrame(index=pd.RangeIndex(len(side))) for side in (sides.left, sides.right))
    if len(left) < 1 + sides.within or not len(right):
        return np.array([], np.int64), np.array([], np.int64)
    index = rl.Index()
    index.add(BlockingKeys(model, sides.left, against, fan))
    pairs = index.index(left) if sides.within else index.index(left, right)
    return pairs.codes[0].astype(np.int64), pairs.codes[1].astype(np.int64)


def _touching(pairs: tuple[At, At], touched: npt.NDArray[np.bool_]) -> tuple[At, At]:
    kept = touched[pairs[0]] | touched[pairs[1]]
    return pairs[0][kept], pairs[1][kept]


def _likely(judge: Judge, scored: Scored) -> npt.NDArray[np.bool_]:
    """More likely than not, and beyond what a guard that holds asks for."""
    gap, likely = gap_years(judge.model, judge.chunk(scored.left, scored.right)), scored.probability >= EVEN
    for guard in judge.model.guards:
        held = holds(guard, judge.model, scored.vectors) & (gap >= guard.gap_years)
        likely &= ~held | (scored.probability >= guard.cluster_from)
    return np.asarray(likely)


def _sure(judge: Judge, scored: Scored) -> npt.NDArray[np.bool_]:
    return np.asarray(_banded(judge, scored).band == BANDS.index(MATCH))


def _banded(judge: Judge, scored: Scored) -> Banded:
    gap = gap_years(judge.model, judge.chunk(scored.left, scored.right))
    return bands(judge.model, scored.probability, scored.vectors, gap)


def _safer(judge: Judge, scored: Scored) -> MatchingModel:
    """The model with the match band's limit raised where the band would hold more false matches than allowed."""
    limits = judge.model.limits
    pairs = _told(judge, scored, np.zeros(len(judge.sides.left) + len(judge.sides.right), np.int64))
    pairs = pairs.with_columns(probability=pl.Series(scored.probability))  # a limit rounded up excludes its own pairs
    labels = None
    if judge.labels is not None and len(judge.labels.left) >= ENOUGH_LABELS:
        told = judge.labels
        labels = pl.DataFrame({"left_row": told.left, "right_row": told.right, "same": told.same})
    least = match_threshold(pairs, labels, limits.false_match_rate)
    return replace(judge.model, limits=replace(limits, match=max(limits.match, least)))


def _told(judge: Judge, scored: Scored, held: At) -> pl.DataFrame:
    """The pairs as everybody reads them. A match that clustering took apart goes to people: a chain.

    ``held``: cluster of each record of ``left``, then of ``right``.
    """
    model, classifier = judge.model, judge.classifier
    banded = _banded(judge, scored)
    offset = 0 if judge.sides.within else len(judge.sides.left)
    apart = (banded.band == BANDS.index(MATCH)) & (held[scored.left] != held[scored.right + offset])
    band = np.where(apart, BANDS.index(POSSIBLE), banded.band)
    guard = np.where(apart, list(model.guard_named).index(CHAIN.name), banded.guard)
    kinds = classifier.kinds(scored.vectors)
    likelier = (scored.probability >= EVEN)[:, None] == classifier.matches  # a kind of the side that is likelier
    best = np.where(likelier, kinds, -1.0).argmax(axis=1)
    return pl.DataFrame({
        "left_row": scored.left, "right_row": scored.right, "weight": classifier.weight(scored.vectors).round(6),
        "probability": scored.probability.round(9), "band": _named(BANDS, band),
        "kind": _named([kind.name for kind in model.kinds], best),
        "kind_probability": kinds[np.arange(len(best)), best].round(9), "guard": _named(list(model.guard_named), guard),
    })  # fmt: skip


def _decided(judge: Judge, scored: Scored, pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs with the band people gave them, where they decided: they are not asked again."""
    if judge.labels is None:
        return pairs
    codes = code_of(judge.labels.left, judge.labels.right)
    answers = pl.DataFrame({"code": codes, "same": judge.labels.same}).unique("code")
    mine = pl.DataFrame({"code": scored.codes})
    same = mine.join(answers, on="code", how="left", maintain_order="left")["same"]
    told = pl.when(same).then(pl.lit(MATCH)).otherwise(pl.lit(NONE))
    return pairs.with_columns(
        pl.when(same.is_not_null()).then(told).otherwise("band").alias("band"),
        pl.when(same.is_not_null()).then(pl.lit(DECIDED.name)).otherwise("guard").alias("guard"),
    )


def _named(names: Sequence[str], codes: npt.NDArray[np.int64]) -> pl.Series:
    """Names by their position; null for -1."""
    return pl.Series(names, dtype=pl.String).gather(pl.Series(codes, dtype=pl.Int64).replace(-1, None))


def reporting_from(model: MatchingModel, probability: float) -> MatchingModel:
    """The same model, telling pairs from another probability on."""
    return replace(model, limits=replace(model.limits, report=probability))
