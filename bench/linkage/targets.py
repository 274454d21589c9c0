"""The numbers the matcher is to reach (issue 4), each with what was measured and whether it was met."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.linkage.engines import LABELLED, PREPARED, RECORDLINKAGE, RECORDLINKAGE_MANY, SINKRON, SPLINK, SPLINK_EXPERT

Told = dict[str, Any]
GB = 1e9
FEWEST_SETS = 10  # fewer say nothing of "every set"


@dataclass(frozen=True)
class Target:
    """What is to be reached; `measured` is nothing where a run is missing, else a number held against `bound`."""

    says: str
    bound: float
    measured: Callable[["Found"], float | None]
    shown: str = "{:.3f}"
    at_least: bool = True

    def met(self, value: float) -> bool:
        """Whether the value reaches the bound."""
        return value >= self.bound if self.at_least else value <= self.bound


class Found:
    """Results by set and engine; nothing where a run is missing or was stopped."""

    def __init__(self, results: Told) -> None:
        self.sets = results["sets"]

    def run(self, name: str, engine: str = SINKRON) -> Told | None:
        """One run that finished."""
        told = self.sets.get(name, {}).get("engines", {}).get(engine)
        return told if told and not told["cost"]["stopped"] else None

    def value(self, name: str, *path: str, engine: str = SINKRON) -> float | None:
        """One figure of it."""
        told: Any = self.run(name, engine)
        for key in path:
            told = told.get(key) if told else None
        return told

    def best_splink(self, name: str) -> str | None:
        """The set-up of Splink with the highest pair F1 at its own threshold on this set."""
        there = [engine for engine in (SPLINK, SPLINK_EXPERT) if self.run(name, engine)]
        return max(there, key=lambda engine: self.run(name, engine)["pair"]["f1"], default=None)

    def quickest_recordlinkage(self, name: str) -> str | None:
        """The set-up of recordlinkage that ended first on this set: at a million rows not every one ends."""
        there = [engine for engine in (RECORDLINKAGE, RECORDLINKAGE_MANY) if self.run(name, engine)]
        return min(there, key=lambda engine: self.run(name, engine)["cost"]["wall"], default=None)

    def ratio(self, name: str, engine: str | None, cost: str) -> float | None:
        """How many times ours another engine costs."""
        other, own = self.value(name, "cost", cost, engine=engine or ""), self.value(name, "cost", cost)
        return other / own if other and own else None

    def exponent(self, small: str, large: str, cost: str, engine: str = SINKRON) -> float | None:
        """Growth: cost ~ rows ** exponent between two sizes."""
        first, last = (self.value(name, "cost", cost, engine=engine) for name in (small, large))
        if not first or not last:
            return None
        return math.log(last / first) / math.log(self.sets[large]["rows"] / self.sets[small]["rows"])

    def lowest(self, names: tuple[str, ...], *path: str) -> float | None:
        """The lowest of a figure over sets, nothing if one is missing."""
        values = [self.value(name, *path) for name in names]
        return None if None in values else min(values)

    def calibrated(self, engine: str, *, strictly: bool = False) -> float | None:
        """Share of the sets where the match band's estimated false-match rate is within a factor 2 of the true rate.

        Strictly: of the rate counted; else of the 95 % interval around it, since a small file has two or three wrong pairs.
        """
        told = [run["false_match"] for name in self.sets if (run := self.run(name, engine))]
        good = [_within(one["estimated"], one["true"]) if strictly else one["within"] for one in told]
        return sum(good) / len(good) if len(good) >= FEWEST_SETS else None


def _within(estimated: float, true: float) -> bool:
    return true <= 2 * estimated and estimated <= 2 * true


def _f1(name: str) -> Callable[[Found], float | None]:
    return lambda found: found.value(name, "pair", "f1")


def _times(name: str, cost: str) -> Callable[[Found], float | None]:
    return lambda found: found.ratio(name, found.best_splink(name), cost)


def _gb(name: str) -> Callable[[Found], float | None]:
    return lambda found: None if (peak := found.value(name, "cost", "peak")) is None else peak / GB


TARGETS = (
    Target("1M: pair F1, no labels (aimed 0.985)", 0.975, _f1("1M")),
    Target("1M: times faster than the best Splink, wall (aimed 3)", 2.5, _times("1M", "wall"), "{:.1f}"),
    Target("1M: times less CPU than the best Splink", 3, _times("1M", "cpu"), "{:.1f}"),
    Target("1M: times faster than recordlinkage, the quickest set-up that ends", 10,
           lambda found: found.ratio("1M", found.quickest_recordlinkage("1M"), "wall"), "{:.1f}"),
    Target("1M: peak memory, GB (aimed 1.0)", 1.5, _gb("1M"), "{:.2f}", at_least=False),
    Target("1M: largest cluster", 6, lambda found: found.value("1M", "cluster", "largest"), "{:.0f}", at_least=False),
    Target("1M to 3M: growth exponent, wall", 1.2, lambda found: found.exponent("1M", "3M", "wall"), "{:.2f}", at_least=False),
    Target("1M to 3M: growth exponent, CPU", 1.2, lambda found: found.exponent("1M", "3M", "cpu"), "{:.2f}", at_least=False),
    Target("3M: peak memory, GB", 3, _gb("3M"), "{:.2f}", at_least=False),
    Target("10,000 rows against a prepared baseline of 1.2M, s", 2,
           lambda found: found.value("10k-vs-1.2M", "cost", "wall", engine=PREPARED), "{:.1f}", at_least=False),
    Target("20 % duplicates: pair F1", 0.975, _f1("100k-dup20")),
    Target("half the parents missing: pair F1", 0.94, _f1("100k-noparents")),
    Target("6 % twins: share of twin pairs in the match band", 0.01,
           lambda found: found.value("100k-twins6", "twins", "match"), "{:.4f}", at_least=False),
    Target("200 rows: pair F1, shipped model", 0.96, _f1("200")),
    Target("2,000 rows: pair F1, shipped model", 0.96, _f1("2000")),
    Target("febrl 1-4: lowest cluster F1", 0.998,
           lambda found: found.lowest(("febrl1", "febrl2", "febrl3", "febrl4"), "cluster", "pairwise", "f1"), "{:.4f}"),
    Target("200 labels: share of sets with the false-match rate estimated within factor 2 (interval)", 1,
           lambda found: found.calibrated(LABELLED), "{:.2f}"),
    Target("200 labels: the same, of the counted rate", 1, lambda found: found.calibrated(LABELLED, strictly=True), "{:.2f}"),
    Target("no labels: share of sets within factor 2 (interval)", 1, lambda found: found.calibrated(SINKRON), "{:.2f}"),
)  # fmt: skip
