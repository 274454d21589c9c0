"""The calibration table as a small chart: predicted against true false-match rate per range of the probability."""

from typing import Any

import polars as pl

from tasks.resolve.calibrate import RANGES

INK, CALM = "#24303b", "#4f7f86"
WIDTH, STEP = 360, 26


def calibration_chart(table: pl.DataFrame) -> str:
    """SVG of ``calibration``'s table: bar = predicted share of wrong pairs, point and line = by labels with 95 %.

    Drawn by altair and vl-convert in this process, without a browser or the internet.
    """
    import altair as alt
    import vl_convert

    shares = table.filter(pl.col("group").is_in(RANGES)).select(
        "group", predicted=1 - pl.col("predicted"), observed=1 - pl.col("observed"), low=1 - pl.col("high"),
        high=1 - pl.col("low"),
    )  # fmt: skip
    base = alt.Chart(alt.Data(values=shares.to_dicts())).encode(  # type: ignore[no-untyped-call]
        y=alt.Y(
            "group:N", sort=list(RANGES), title="peluang orang sama (batang: perkiraan model; titik: jawaban orang)"
        )
    )
    scale = alt.Scale(domain=[0, 1])
    x: Any = alt.X("predicted:Q", scale=scale, title="bagian yang bukan orang sama", axis=alt.Axis(format="%"))
    bars = base.mark_bar(height=10, color=CALM, opacity=0.5).encode(x=x)
    known = "isValid(datum.observed)"
    line = base.transform_filter(known).mark_rule(color=INK).encode(x=alt.X("low:Q", scale=scale), x2="high:Q")
    point = base.transform_filter(known).mark_point(filled=True, color=INK, size=40).encode(
        x=alt.X("observed:Q", scale=scale)
    )  # fmt: skip
    chart = (bars + line + point).properties(width=WIDTH, height=alt.Step(STEP)).configure_view(stroke=None)
    return str(vl_convert.vegalite_to_svg(chart.to_dict(), allowed_base_urls=[]))
