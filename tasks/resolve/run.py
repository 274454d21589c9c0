"""Duplicate resolution of one batch: records -> index -> compare -> model -> band -> cluster -> survive."""

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import recordlinkage as rl

from expectations.matching import BANDS
from tasks.resolve.band import NONE, bands, gap_years, kind_names, reasons
from tasks.resolve.cluster import cluster
from tasks.resolve.compare import FEATURES
from tasks.resolve.index import BlockingKeys
from tasks.resolve.model import KindModel
from tasks.resolve.records import identify, records
from tasks.resolve.survive import survive
from tasks.steps import Summary, find, finish
from tasks.store import transaction

PAIR = 2  # recordlinkage divides by the number of possible pairs


def resolve(con: duckdb.DuckDBPyConnection, agenda: str) -> Summary:
    """Finds duplicates within the batch and against the register. Returns counts; pairs and clusters are stored.

    Summary: {records, identified, candidates, cocok, mungkin, kembar, clusters}.
    """
    if done := find(con, agenda, "resolve"):
        return done
    with transaction(con):
        identified = identify(con, agenda)
        known = records(con, agenda)
        judged = judge(known)
        pairs, members = cluster(judged)
        survivors = survive(members, known)
        worth = pairs.filter((pl.col("band") != NONE) | (pl.col("kind") == "kembar"))
        for table, frame in (("pairs", worth), ("clusters", survivors)):
            con.register("found", frame.select(pl.lit(agenda).alias("agenda"), pl.all()).to_arrow())
            con.execute(f"insert into {table} by name select * from found")
            con.unregister("found")
        counts = {band: int((pairs["band"] == band).sum()) for band in BANDS[:2]}
        summary = {
            "records": int(known["received"].sum()),
            "identified": identified,
            "candidates": pairs.height,
            **counts,
            "kembar": int((worth["kind"] == "kembar").sum()),
            "clusters": members["cluster_id"].n_unique(),
        }
        return finish(con, agenda, ("resolve", 0), summary)


def judge(known: pl.DataFrame) -> pl.DataFrame:
    """Every candidate pair with weight (bits), probability, band, kind, reason; ordered, same for any row order.

    ``known``: frame of ``records``. Pairs are written smaller record first.
    """
    empty = {
        "left_id": pl.String,
        "right_id": pl.String,
        "weight": pl.Float64,
        "probability": pl.Float64,
        "band": pl.String,
        "kind": pl.String,
        "reason": pl.String,
    }
    if known.height < PAIR:
        return pl.DataFrame(schema=empty)
    frame = known.sort("record_id").to_pandas()
    frame.index = pd.RangeIndex(len(frame))
    index = rl.Index()
    index.add(BlockingKeys())
    candidates = index.index(frame)
    if not len(candidates):
        return pl.DataFrame(schema=empty)
    comparer = rl.Compare()
    comparer.add(FEATURES)
    vectors = comparer.compute(candidates, frame)
    model = KindModel()
    model.fit(vectors)
    levels = vectors.to_numpy().astype(np.int8)
    left, right = (frame.take(candidates.get_level_values(side)) for side in (0, 1))
    kinds = model.kinds(levels)
    probability = model.prob(vectors).to_numpy()
    return pl.DataFrame({
        "left_id": left["record_id"].to_numpy(), "right_id": right["record_id"].to_numpy(),
        "weight": model.weight(levels).round(6), "probability": probability.round(9),
        "band": bands(probability, levels, gap_years(left["tgl_lhr"], right["tgl_lhr"])).tolist(),
        "kind": kind_names(kinds), "reason": reasons(levels),
    }, schema=empty)  # fmt: skip
