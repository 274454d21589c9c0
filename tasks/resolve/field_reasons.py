"""What each compared field says about many pairs, one line per pair and field: Staff reads it beside both values."""

from typing import Any

import numpy as np
import polars as pl

from expectations.matching import MISSING, Field
from tasks.resolve.explain import SLIGHT, STRENGTHS, UNTOLD, Mixture, Vectors, agreement_of, shapley, words_of

FOR, AGAINST, NEITHER = "mendukung", "menentang", "hampir tidak berpengaruh"
# A family card that differs speaks for one person where the other explanation is a twin: said as such (explain).
THOUGH_DIFFERENT, THOUGH_SAME = "kurang wajar bagi dua orang sekeluarga", "wajar juga bagi dua orang"


def field_reasons(classifier: Mixture, vectors: Vectors) -> pl.DataFrame:
    """One line per pair and field, ordered by both. Each distinct vector is explained once.

    pair UInt32 (position in ``vectors``), n Int64 (place of the field in the model), words String, bits Float64 (its
    Shapley value, > 0 speaks for one person), agreement Int8 (1 the values agree, 0 in part, -1 not or not filled in).
    """
    fields = classifier.model.fields
    distinct, inverse = np.unique(vectors, axis=0, return_inverse=True)
    bits = shapley(classifier, distinct)[inverse.reshape(-1)]
    told = [
        pl.DataFrame({"value": vectors[:, n], "bits": bits[:, n]})
        .with_row_index("pair")
        .join(_said(field, n), on="value", how="left", maintain_order="left")
        for n, field in enumerate(fields)
    ]
    return pl.concat(told).sort("pair", "n").select("pair", "n", "words", "bits", "agreement")


def _said(field: Field, n: int) -> pl.DataFrame:
    """What each value of a comparison vector says here."""
    values = range(MISSING, len(field.values))
    said: dict[str, list[Any]] = {
        "words": [words_of(field, value) for value in values],
        "agreement": [agreement_of(field, value) for value in values],
    }
    return pl.DataFrame(said).select(
        pl.Series("value", values, pl.Int8), pl.lit(n, pl.Int64).alias("n"), "words", pl.col("agreement").cast(pl.Int8)
    )


def weighed(words: pl.Expr, bits: pl.Expr, agreement: pl.Expr) -> pl.Expr:
    """``sama, jarang dipakai: mendukung (kuat)``: what a field says and how strongly, as in ``explain.sentence``."""
    strength = pl.lit(STRENGTHS[-1][1])
    for limit, word in reversed(STRENGTHS[:-1]):
        strength = pl.when(bits.abs() <= limit).then(pl.lit(word)).otherwise(strength)
    side = (
        pl.when((bits > 0) & (agreement >= 0)).then(pl.lit(FOR)).when(bits > 0).then(pl.lit(THOUGH_DIFFERENT))
        .when(agreement <= 0).then(pl.lit(AGAINST)).otherwise(pl.lit(THOUGH_SAME))
    )  # fmt: skip
    return (
        pl.when(words == UNTOLD).then(words)
        .when(bits.abs() < SLIGHT).then(pl.format("{}: {}", words, pl.lit(NEITHER)))
        .otherwise(pl.format("{}: {} ({})", words, side, strength))
    )  # fmt: skip
