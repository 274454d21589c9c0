"""Survivorship: which NIK of one person stays (handbook 2.3, Permendagri 74/2015 art. 3). Only ever a proposal."""

import polars as pl

from expectations.codes import CITY
from expectations.matching import RECORDED

UNDECIDED = "perlu biometrik: tidak tepat satu catatan yang sudah rekam KTP-el"
OUTSIDE = "catatan lain berdomisili di luar kota"


def survive(clusters: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """Adds ``survives`` (Boolean, null when people must decide) and ``basis`` to record_id, cluster_id.

    Exactly one record with a recorded KTP-el in the cluster: it stays. Otherwise, or when a record lives outside
    the city, nobody is proposed.
    """
    facts = clusters.join(records.select("record_id", "ektp_status", "city"), on="record_id", maintain_order="left")
    recorded = pl.col("ektp_status").is_in(RECORDED).fill_null(value=False)
    one = recorded.sum().over("cluster_id") == 1
    outside = (pl.col("city") != CITY).fill_null(value=True).any().over("cluster_id")
    return facts.select(
        "record_id", "cluster_id",
        pl.when(one & ~outside).then(recorded).otherwise(None).alias("survives"),
        pl.when(outside).then(pl.lit(OUTSIDE)).when(~one).then(pl.lit(UNDECIDED))
        .when(recorded).then(pl.lit("satu-satunya catatan dengan KTP-el"))
        .otherwise(pl.lit("orang yang sama sudah rekam KTP-el dengan NIK lain")).alias("basis"),
    )  # fmt: skip
