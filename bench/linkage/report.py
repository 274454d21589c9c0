"""docs/linkage.md from the results: the generated part between two markers, and the charts beside it."""

from pathlib import Path
from typing import Any

from bench.linkage import charts, engines
from bench.linkage.data import NAMES, ROOT
from bench.linkage.targets import TARGETS, Found

PAGE = ROOT / "docs" / "linkage.md"
IMAGES = ROOT / "docs" / "images"
BEGIN, END = "<!-- measured: make bench-link -->", "<!-- /measured -->"
GROWTH = (("10k", "100k"), ("100k", "1M"), ("1M", "3M"))
TITLES = {
    "febrl1": "febrl1, 1,000 rows", "febrl2": "febrl2, 5,000 rows", "febrl3": "febrl3, 5,000 rows",
    "febrl4": "febrl4, 5,000 rows against 5,000", "200": "200 residents", "2000": "2,000 residents", "10k": "10,000 residents",
    "100k": "100,000 residents", "100k-heldout": "100,000 residents, held-out seed",
    "100k-second": "100,000 residents, the second generator",
    "100k-dup20": "100,000 residents, 20 % duplicates", "100k-noparents": "100,000 residents, half the parents missing",
    "100k-twins6": "100,000 residents, 6 % twins", "1M": "1,000,000 residents", "3M": "3,000,000 residents",
    "10k-vs-1.2M": "10,000 rows against a baseline of 1,200,000",
}  # fmt: skip
Told = dict[str, Any]


def write(results: Told, page: Path = PAGE, images: Path = IMAGES) -> None:
    """Replaces what lies between the markers of the page, and the charts."""
    drawn = charts.draw(results, images)
    before, _, rest = page.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n\n{measured(results, drawn)}\n{END}{after}")


def measured(results: Told, drawn: dict[str, str]) -> str:
    """The whole generated part as Markdown."""
    parts = [conditions(results), "## Targets", targets(results)]
    parts += [f"![{title}](images/{name})" for name, title in drawn.items()]
    parts += ["## Ratios and growth", ratios(results), growth(results)]
    parts += ["## Sets"]
    for name in NAMES:
        if results["sets"].get(name, {}).get("engines"):
            parts += [f"### {TITLES[name]}", table(results["sets"][name])]
    if results.get("tuned"):
        parts += ["## Expert set-ups of Splink that were tried", tuned(results["tuned"])]
    return "\n\n".join(parts) + "\n"


def conditions(results: Told) -> str:
    """When, on what, with which versions."""
    machine, sets = results["machine"], [one for one in results["sets"].values() if one["engines"]]
    days = sorted({one["measured"] for one in sets}) or ["not measured"]
    loads = [run["cost"]["load"] for one in sets for run in one["engines"].values()] or [0.0]
    versions = ", ".join(f"{name} {number}" for name, number in results["versions"].items())
    return (
        f"{' to '.join(dict.fromkeys((days[0], days[-1])))}; {machine['cores']} cores, {machine['memory_gb']} GB, "
        f"{machine['system']}, Python {machine['python']}; {versions}.\n"
        f"Load average before the runs {min(loads):.1f}-{max(loads):.1f}: where it was above 1, compare CPU rather than wall."
    )


def targets(results: Told) -> str:
    """Each number the matcher is to reach, what was measured, and whether it was met."""
    found, rows = Found(results), []
    for target in TARGETS:
        value = target.measured(found)
        bound = f"{'>=' if target.at_least else '<='} {target.bound:g}"
        said = "not measured" if value is None else "**met**" if target.met(value) else "missed"
        rows.append([target.says, bound, "" if value is None else target.shown.format(value), said])
    return lines(["target", "bound", "measured", ""], rows)


def ratios(results: Told) -> str:
    """Cost of the best Splink and of recordlinkage in multiples of ours, per set."""
    found, rows = Found(results), []
    for name in NAMES:
        if found.run(name):
            best = found.best_splink(name)
            pairs = [
                found.ratio(name, engine, cost)
                for engine in (best, found.quickest_recordlinkage(name))
                for cost in ("wall", "cpu")
            ]
            rows.append(
                [name, (best or "").removeprefix("Splink 5 "), *("" if one is None else f"{one:.1f}" for one in pairs)]
            )
    head = ["ours = 1", "best Splink by F1", "Splink wall", "Splink CPU", "recordlinkage wall", "recordlinkage CPU"]
    return lines(head, rows) if rows else "Ours was not measured."


def growth(results: Told) -> str:
    """Exponents of wall and CPU between sizes, per engine."""
    found, rows = Found(results), []
    for engine in (engines.SINKRON, engines.SPLINK_EXPERT, engines.SPLINK, engines.RECORDLINKAGE):
        steps = [[found.exponent(*step, cost, engine) for cost in ("wall", "cpu")] for step in GROWTH]
        told = ["" if None in step else f"{step[0]:.2f} / {step[1]:.2f}" for step in steps]
        if any(told):
            rows.append([engine, *told])
    return lines(["growth exponent, wall / CPU", *(f"{small} to {large}" for small, large in GROWTH)], rows)


HEAD = ["engine", "wall s", "CPU s", "peak MB", "candidates", "P", "R", "F1", "best F1 (at)", "cluster F1 / best", "exact F1", "largest",
        "twins matched / linked", "wrong in match band: est. / true", "load"]  # fmt: skip


def table(one: Told) -> str:
    """One set: a row per engine."""
    known = [engine.name for engine in engines.ENGINES]
    names = sorted(one["engines"], key=lambda name: known.index(name) if name in known else len(known))
    return lines(HEAD, [row(name, one["engines"][name]) for name in names])


def row(name: str, run: Told) -> list[str]:
    """One engine on one set; a run that was stopped says why."""
    spent = run["cost"]
    if spent["stopped"]:
        return [name, spent["stopped"], *[""] * (len(HEAD) - 2)]
    pair, best, wrong, candidates = run["pair"], run["pair_best"], run["false_match"], run.get("candidates")
    twins, once = run.get("twins"), f" (+ {run['prepare']['wall']:.1f} once)" if "prepare" in run else ""
    return [
        name,
        f"{spent['wall']:.1f}{once}",
        f"{spent['cpu']:.1f}",
        f"{spent['peak'] / 1e6:.0f}",
        f"{candidates:,}" if candidates is not None else "not told",
        f"{pair['precision']:.3f}",
        f"{pair['recall']:.3f}",
        f"**{pair['f1']:.4f}**",
        f"{best['f1']:.4f} ({best['threshold']:.6g})",
        *grouped(run),
        f"{twins['match']:.3f} / {twins['linked']:.3f}" if twins and twins["twins"] else "",
        f"{wrong['estimated']:.2%} / {wrong['true']:.2%}",
        f"{spent['load']:.1f}",
    ]


def grouped(run: Told) -> list[str]:
    """Cluster F1 (own / best), exact F1 and the largest cluster, where clusters were counted."""
    if "cluster" not in run:
        return ["", "", ""]
    own, best = run["cluster"], run["cluster_best"]
    f1 = f"{own['pairwise']['f1']:.4f} / {best['pairwise']['f1']:.4f}"
    return [f1, f"{own['exact']['f1']:.4f}", f"{own['largest']:,}"]


def tuned(told: Told) -> str:
    """What each expert set-up reached, best first."""
    parts = []
    for name, kinds in told.items():
        order = sorted(
            (kind for kind in kinds if "pair" in kinds[kind]), key=lambda kind: -kinds[kind]["pair_best"]["f1"]
        )
        rows = [
            [kind, f"{kinds[kind]['pair']['f1']:.4f}", f"{kinds[kind]['pair_best']['f1']:.4f} ({kinds[kind]['pair_best']['threshold']:.6g})",
             f"{kinds[kind]['reached']:.3f}", "{:.3f}".format(kinds[kind]["twins"]["linked"]),
             f"{kinds[kind]['cluster']['pairwise']['f1']:.4f}", f"{kinds[kind]['cost']['wall']:.1f}", f"{kinds[kind]['cost']['cpu']:.1f}"]
            for kind in order
        ]  # fmt: skip
        rows += [[kind, "stopped or refused", "", "", "", "", "", ""] for kind in kinds if "pair" not in kinds[kind]]
        parts.append(
            lines(
                [
                    f"set-up, on {name}",
                    "F1 at 0.5",
                    "best F1 (at)",
                    "true pairs reached",
                    "twins linked at 0.5",
                    "cluster F1",
                    "wall s",
                    "CPU s",
                ],
                rows,
            )
        )
    return "\n\n".join(parts)


def lines(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table; the first column is text, the others are numbers."""
    rule = ["---", *["--:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, rule, *rows))
