"""Pairs for people to judge: both records side by side, and an empty column for the answer."""

import polars as pl

from expectations.matching import MatchingModel
from tasks.read.text_layout import FORMULA

LEFT, RIGHT = "_kiri", "_kanan"


def questions(chosen: pl.DataFrame, model: MatchingModel, left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """left_row, right_row, an empty ``same``, then each column of the model of both records (``_kiri``, ``_kanan``).

    ``chosen``: left_row and right_row; ``left``, ``right``: the records, aligned. The model's own opinion is left out,
    so that it sways nobody. What a spreadsheet would run or cut (formulas, long numbers) is marked with an apostrophe.
    """
    values = [
        _safe(frame[column], digits=cleaner == "digits").alias(f"{column}{side}")
        for column, cleaner in model.columns.items()
        for frame, side in ((left, LEFT), (right, RIGHT))
    ]
    return chosen.select("left_row", "right_row", pl.lit("").alias("same")).with_columns(values)


def _safe(values: pl.Series, *, digits: bool) -> pl.Series:
    risky = values.str.contains(FORMULA) | (values.str.contains("^[0-9]+$") & pl.lit(digits))
    return values.to_frame("v").select(pl.when(risky).then("'" + pl.col("v")).otherwise("v").alias("v"))["v"]
