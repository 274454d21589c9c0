"""Charts as SVG: declared with altair, drawn by vl-convert in this process, without a browser or the internet.

Sizes and margins are fixed and labels are cut here, so that the fonts of a machine change nothing.
"""

import re
from typing import Any

from expectations.rules import Severity
from tasks.findings_report.facts import MOST_FINDINGS, CauseCount, Facts
from tasks.findings_report.look import COLOURS, number
from tasks.privacy import label

RULES_SHOWN, REGIONS_SHOWN, CAUSES_SHOWN = 20, 20, 12
WIDTH, LABELS, STEP, LETTERS = 215, 265, 21, 41
Lines = list[dict[str, Any]]
LONG_FRACTION = re.compile(r"[0-9]+\.[0-9]{5,}")  # of a pixel: noise, and a run of digits that looks like a NIK
INK, CALM = "#24303b", "#4f7f86"
FONT = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"


def charts(facts: Facts) -> dict[str, str]:
    """Name -> SVG of the four charts: "rules", "regions", "spread", "causes". No chart where nothing was found."""
    drawn = {"spread": _columns(facts.spread)}
    if facts.rules:
        drawn["rules"] = _bars([
            (f"{c.rule.code}  {c.rule.told(c.rule.title, facts.thresholds)}", {c.rule.severity.value: c.rows})
            for c in facts.rules[:RULES_SHOWN]
        ])  # fmt: skip
        drawn["regions"] = _bars([(r.name.title(), r.severities) for r in facts.regions[:REGIONS_SHOWN]])
    if facts.causes:
        drawn["causes"] = _bars([(_cause(c), {"": c.resolved}) for c in facts.causes[:CAUSES_SHOWN]])
    return drawn


def _cause(cause: CauseCount) -> str:
    return f"{label(cause.element)} ({cause.source})"


def _short(text: str) -> str:
    return text if len(text) <= LETTERS else f"{text[: LETTERS - 1].rstrip()}…"


def _bars(lines: list[tuple[str, dict[str, int]]]) -> str:
    """Horizontal bars in the given order, stacked by severity ("": one calm colour), with the total at the end."""
    import altair as alt

    severities = [severity.value for severity in Severity]
    values: Lines = [
        {"at": at, "name": _short(name), "severity": severity, "stack": severities.index(severity) if severity else 0,
         "n": count}
        for at, (name, counts) in enumerate(lines) for severity, count in counts.items() if count
    ]  # fmt: skip
    totals: Lines = [
        {"at": at, "total": sum(counts.values()), "told": number(sum(counts.values()))}
        for at, (_, counts) in enumerate(lines)
    ]
    names = {at: _short(name) for at, (name, _) in enumerate(lines)}
    told = "{" + ", ".join(f"{at}: {_quoted(name)}" for at, name in names.items()) + "}[datum.value]"
    axis = alt.Axis(labelExpr=told, title=None, minExtent=LABELS, maxExtent=LABELS, labelLimit=0, ticks=False,
                    domain=False, labelPadding=LABELS, labelAlign="left")  # fmt: skip
    place = alt.Y("at:O", axis=axis, sort=None)
    most = max((line["total"] for line in totals), default=1)
    length = alt.Scale(domain=[0, most * 1.18], nice=False)
    colour = alt.Scale(domain=[*severities, ""], range=[*(COLOURS[s] for s in Severity), CALM])
    bars = alt.Chart(_data(values)).mark_bar(height=13).encode(
        x=alt.X("n:Q", axis=None, scale=length), y=place, order="stack:Q",
        color=alt.Color("severity:N", scale=colour, legend=None),
    )  # fmt: skip
    ends = alt.Chart(_data(totals)).mark_text(align="left", dx=5, fontSize=11.5, color=INK).encode(
        x=alt.X("total:Q", scale=length, axis=None), y=place, text="told:N"
    )  # fmt: skip
    return _svg((bars + ends).properties(width=WIDTH, height=alt.Step(STEP)))


def _quoted(text: str) -> str:
    """A string of Vega's expression language."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _columns(spread: list[tuple[int, int]]) -> str:
    """Rows by their number of findings."""
    import altair as alt

    values = [
        {"n": f"{n}+" if n == MOST_FINDINGS else str(n), "rows": rows, "told": number(rows), "clean": n == 0}
        for n, rows in spread
    ]
    most = max(1, *(rows for _, rows in spread))
    base = alt.Chart(_data(values)).encode(
        x=alt.X("n:N", sort=None, title="temuan pada satu baris",
                axis=alt.Axis(labelAngle=0, ticks=False, domainColor="#b9c2ca", labelPadding=6)),
        y=alt.Y("rows:Q", axis=None, scale=alt.Scale(domain=[0, most * 1.12], nice=False)),
    )  # fmt: skip
    colour = alt.condition("datum.clean", alt.value("#c3cfcd"), alt.value(CALM))
    bars = base.mark_bar(width=30).encode(color=colour)
    told = base.mark_text(dy=-7, fontSize=11.5, color=INK).encode(text="told:N")
    return _svg((bars + told).properties(width=WIDTH + LABELS - 20, height=CAUSES_SHOWN * STEP - 20))


def _data(values: Lines) -> Any:
    import altair as alt

    return alt.Data(values=values)  # type: ignore[no-untyped-call]


def _svg(chart: Any) -> str:
    import vl_convert

    spec = chart.configure(font=FONT, background="transparent", padding=4).configure_view(stroke=None)
    spec = spec.configure_axis(labelFontSize=11, titleFontSize=11.5, titleFontWeight="normal", labelColor=INK,
                               titleColor="#5a6672", grid=False)  # fmt: skip
    svg = str(vl_convert.vegalite_to_svg(spec.to_dict(), allowed_base_urls=[]))
    return LONG_FRACTION.sub(lambda found: f"{float(found[0]):.2f}", svg)
