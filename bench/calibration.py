"""`python -m bench.calibration [SET ...]`: the match band's estimated false-match rate against the true one.

Each set is linked once without labels; then, for several draws, 200 pairs of `clerical_sample` are answered from the
truth and `estimated_rate` is compared with the band's true rate. Writes bench/calibration.md.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import polars as pl

from bench.linkage import data
from bench.linkage.metrics import PAIR, true_pairs
from expectations.matching import MATCH, shipped
from tasks.resolve.calibrate import clerical_sample, estimated_rate
from tasks.resolve.link import link

PAGE = Path(__file__).with_suffix(".md")
SETS = (
    "200",
    "2000",
    "10k",
    "100k",
    "100k-heldout",
    "100k-second",
    "100k-dup20",
    "100k-noparents",
    "100k-twins6",
    *data.FEBRL,
)
LABELS, DRAWS, FACTOR, FEW = 200, 20, 2, 2
HEAD = (
    "| set | pairs in the band | false | true rate | model alone | with 200 labels: median (10 %-90 % of draws) | within a factor 2 | or 2 pairs | interval holds |\n"
    "|---|---|---|---|---|---|---|---|---|\n"
)


def known(name: str) -> data.Data:
    """The set, made when it is not there."""
    if name in data.FEBRL:
        return data.febrl(name)
    return data.generated(next(each for each in data.POPULATIONS if each.name == name))


def judged(one: data.Data) -> pl.DataFrame:
    """The set's pairs as linked without labels, with `right`: whether both records are one person."""
    frames = [pl.read_parquet(path) for path in (one.people, one.baseline) if path]
    linked = link(frames[0], frames[1] if len(frames) > 1 else None, shipped(one.model))
    truth = true_pairs(one.truth(), one.baseline_truth()).select(*PAIR, right=True)
    return linked.pairs.join(truth, on=PAIR, how="left").with_columns(pl.col("right").fill_null(value=False))


def line(name: str, pairs: pl.DataFrame) -> str:
    """One line of the table; a draw differs from another in the hash that chooses within strata."""
    band = pairs.filter(pl.col("band") == MATCH)
    false = int((~band["right"]).sum())
    true = false / max(band.height, 1)
    found = []
    for seed in range(DRAWS):
        chance = np.random.default_rng(seed).integers(0, 2**63, pairs.height, dtype=np.uint64)
        asked = clerical_sample(pairs.with_columns(pl.Series("key", chance)), LABELS)
        found.append(estimated_rate(pairs, asked.select("left_row", "right_row", pl.col("right").alias("same"))))
    rates = np.array([each.rate for each in found])
    near = (rates >= true / FACTOR) & (rates <= true * FACTOR)
    few = FEW / max(band.height, 1)
    nearly = (rates >= true / FACTOR - few) & (rates <= true * FACTOR + few)
    holds = np.mean([each.low <= true <= each.high for each in found])
    low, middle, high = np.quantile(rates, [0.1, 0.5, 0.9])
    return (
        f"| {name} | {band.height:,} | {false} | {true:.3%} | {found[0].by_model:.3%} | {middle:.3%} ({low:.3%}-{high:.3%}) "
        f"| {near.mean():.0%} | {nearly.mean():.0%} | {holds:.0%} |\n"
    )


def main() -> None:
    """Measures and writes the page."""
    parser = argparse.ArgumentParser(prog="python -m bench.calibration", description=__doc__)
    parser.add_argument("sets", nargs="*", default=SETS, help=f"of: {', '.join(data.NAMES)}")
    lines = []
    for name in parser.parse_args().sets:
        started = time.monotonic()
        lines.append(line(name, judged(known(name))))
        print(f"{lines[-1].strip()}  [{time.monotonic() - started:.0f} s]", flush=True)
    PAGE.write_text(
        "# The match band's false-match rate: estimated from 200 answers, and true\n\n"
        f"`python -m bench.calibration`; {DRAWS} draws of {LABELS} pairs per set, answered from the truth; linked without\n"
        'labels. "or 2 pairs": within a factor 2, or within two pairs of that. "interval holds": the 95 % interval\n'
        f"contains the true rate. Bands without any false pair have no factor.\n\n{HEAD}{''.join(lines)}"
    )


if __name__ == "__main__":
    main()
