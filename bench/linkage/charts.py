"""Two charts of the results as SVG: F1 by engine and set, and time by size."""

from pathlib import Path
from typing import Any

from bench.linkage import engines
from bench.linkage.data import NAMES

Told = dict[str, Any]
# Okabe & Ito 2008: told apart by colour-blind readers as well; the shape says it once more.
LOOKS = {
    engines.SINKRON: ("#D55E00", "circle"),
    engines.LABELLED: ("#E69F00", "circle"),
    engines.PREPARED: ("#E69F00", "diamond"),
    engines.SPLINK_EXPERT: ("#0072B2", "square"),
    engines.SPLINK: ("#56B4E9", "square"),
    engines.RECORDLINKAGE_MANY: ("#009E73", "triangle-up"),
    engines.RECORDLINKAGE: ("#88CCAA", "triangle-up"),
    engines.DEDUPE: ("#999999", "cross"),
}
SIZES = ("200", "2000", "10k", "100k", "1M", "3M")
WIDTH = 560


def draw(results: Told, folder: Path) -> dict[str, str]:
    """Writes linkage-f1.svg and linkage-time.svg; returns their titles by file name."""
    import vl_convert

    told = {
        "linkage-f1.svg": ("Pair F1 at each engine's own threshold", quality(results)),
        "linkage-time.svg": ("Wall time by number of rows (log scales)", times(results)),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, (_, chart) in told.items():
        (folder / name).write_text(vl_convert.vegalite_to_svg(chart.to_json()) + "\n")
    return {name: title for name, (title, _) in told.items()}


def _finished(results: Told) -> list[Told]:
    return [
        {"set": name, "rows": one["rows"], "engine": engine, "f1": run["pair"]["f1"], "wall": run["cost"]["wall"],
         "cpu": run["cost"]["cpu"]}
        for name, one in results["sets"].items()
        for engine, run in one["engines"].items()
        if not run["cost"]["stopped"]
    ]  # fmt: skip


def _engine_scales(rows: list[Told]) -> tuple[Any, Any]:
    import altair as alt

    there = [engine for engine in LOOKS if any(row["engine"] == engine for row in rows)]
    colours = alt.Scale(domain=there, range=[LOOKS[engine][0] for engine in there])
    shapes = alt.Scale(domain=there, range=[LOOKS[engine][1] for engine in there])
    legend = alt.Legend(title=None, orient="bottom", columns=3, labelLimit=260, symbolSize=90)
    return alt.Color("engine:N", scale=colours, legend=legend), alt.Shape("engine:N", scale=shapes, legend=legend)


def quality(results: Told) -> Any:
    """One line per set, one mark per engine; a grey rule spans worst to best."""
    import altair as alt

    rows = [row for row in _finished(results) if row["engine"] not in {engines.PREPARED, engines.LABELLED}]
    colour, shape = _engine_scales(rows)
    order = [name for name in NAMES if any(row["set"] == name for row in rows)]
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("set:N", sort=order, title=None, axis=alt.Axis(labelFontSize=12))
    )
    span = base.mark_rule(color="#DDDDDD", strokeWidth=2).encode(x="min(f1):Q", x2="max(f1):Q")
    axis = alt.X("f1:Q", title="pair F1", scale=alt.Scale(domain=[0, 1]))
    marks = base.mark_point(filled=True, size=90, opacity=0.9).encode(x=axis, color=colour, shape=shape)
    return _framed((span + marks).properties(width=WIDTH, height=alt.Step(26)))


def times(results: Told) -> Any:
    """Seconds against rows for the generated populations with 5 % duplicates, one line per engine."""
    import altair as alt

    rows = [row for row in _finished(results) if row["set"] in SIZES and row["engine"] != engines.LABELLED]
    colour, shape = _engine_scales(rows)
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("rows:Q", title="rows", scale=alt.Scale(type="log"), axis=alt.Axis(format="~s")),
        y=alt.Y("wall:Q", title="wall time, seconds", scale=alt.Scale(type="log"), axis=alt.Axis(format="~g")),
        color=colour,
    )
    lines = base.mark_line(strokeWidth=2)
    return _framed(
        (lines + base.mark_point(filled=True, size=80, opacity=1).encode(shape=shape)).properties(
            width=WIDTH, height=340
        )
    )


def _framed(chart: Any) -> Any:
    axis = {"gridColor": "#EEEEEE", "domainColor": "#888888", "tickColor": "#888888", "titleFontWeight": "normal"}
    return chart.configure(background="white", padding=12, font="sans-serif", axis=axis, view={"stroke": None})
