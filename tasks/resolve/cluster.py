"""Clusters: records connected by the match band. A group larger than a person's history is not believed."""

import numpy as np
import polars as pl
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from expectations.matching import MAX_CLUSTER
from tasks.resolve.band import MATCH, POSSIBLE


def cluster(pairs: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(pairs, clusters): ``clusters`` has record_id, cluster_id (smallest record of the group).

    Groups above MAX_CLUSTER are taken apart: their pairs fall back to the possible band, for people to decide.
    """
    linked = pairs.filter(pl.col("band") == MATCH)
    names = pl.concat([linked["left_id"], linked["right_id"]]).unique().sort()
    if names.is_empty():
        return pairs, pl.DataFrame(schema={"record_id": pl.String, "cluster_id": pl.String})
    code = dict(zip(names.to_list(), range(len(names)), strict=True))
    left = linked["left_id"].replace_strict(code, return_dtype=pl.Int64).to_numpy()
    right = linked["right_id"].replace_strict(code, return_dtype=pl.Int64).to_numpy()
    graph = coo_matrix((np.ones(len(left)), (left, right)), shape=(len(names), len(names)))
    _, group = connected_components(graph, directed=False)
    members = pl.DataFrame({"record_id": names, "group": group}).with_columns(
        pl.col("record_id").min().over("group").alias("cluster_id"), pl.len().over("group").alias("size")
    )
    too_big = members.filter(pl.col("size") > MAX_CLUSTER)["record_id"]
    doubtful = (pl.col("band") == MATCH) & pl.col("left_id").is_in(too_big.implode())
    pairs = pairs.with_columns(pl.when(doubtful).then(pl.lit(POSSIBLE)).otherwise("band").alias("band"))
    return pairs, members.filter(pl.col("size") <= MAX_CLUSTER).select("record_id", "cluster_id")
