"""Times the cleaning of names, and measures its sound key: variants of one name found, different names confused.

Usage: python bench/names.py [--rows 1000000] [--runs 3] [--variants LIST.csv] [--names EXTRACT.csv]
Timed: distinct fictional names made of syllables (about 25,000 words, with titles and abbreviations), CPU = user + system.
--variants: a list with columns canonical, variant: recall = share of pairs with one ``sound`` or one ``bag``, alone
and before another word. --names: an extract with NAMA_LGKP; its distinct words and whole names are paired at random,
and pairs with one ``sound`` are the false matches per 10,000 (an upper bound: some *are* spellings of one name).
"""

import argparse
import resource
import time
from pathlib import Path
from statistics import median

import numpy as np
import polars as pl

from expectations.names import FAMILIES, TITLES_BEFORE
from tasks.resolve.names import clean_names

SYLLABLES = [
    *(
        "SU",
        "TRI",
        "YO",
        "NO",
        "WA",
        "TI",
        "AR",
        "DI",
        "RAH",
        "MAN",
        "NUR",
        "HA",
        "YAN",
        "TO",
        "SET",
        "IA",
        "WAN",
        "KUS",
    ),
    *("MI", "LES", "TA", "RI", "PUR", "BU", "DJO", "OE", "KHO", "IR", "UL", "ZA", "IN"),
]
WORDS = 25_000
PAIRS = 1_000_000


def made(rows: int) -> pl.Series:
    """Distinct fictional names of one to four words; common words are common, as in life."""
    chance = np.random.default_rng(3576)
    parts = chance.integers(0, len(SYLLABLES), (WORDS, 4))
    length = chance.integers(2, 5, WORDS)
    words = ["".join(SYLLABLES[at] for at in row[:size]) for row, size in zip(parts, length, strict=True)]
    words = [f"{one}." for one in (*FAMILIES["MUHAMMAD"], *TITLES_BEFORE[:8])] + sorted(set(words))
    every = int(rows * 2.8) + 100
    picks = [np.minimum(chance.zipf(1.3, every) - 1, chance.integers(0, len(words), every)) for _ in range(4)]
    vocabulary, used = pl.Series(words), chance.integers(1, 5, every)
    columns = [
        pl.Series(str(at), vocabulary.gather(pick)).set(pl.Series(used <= at), None) for at, pick in enumerate(picks)
    ]
    joined = pl.DataFrame(columns).select(pl.concat_str(pl.all(), separator=" ", ignore_nulls=True).alias("name"))
    return joined["name"].unique(maintain_order=True).head(rows)


def cpu() -> float:
    """CPU seconds of this process, user and system, all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def speed(names: pl.Series, runs: int) -> str:
    """Names per second; the first run pays for imports and is not counted."""
    clean_names(names.head(1000))
    walls, cpus = [], []
    for _ in range(runs):
        wall, busy = time.perf_counter(), cpu()
        clean_names(names)
        walls.append(time.perf_counter() - wall)
        cpus.append(cpu() - busy)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"{len(names):,} distinct names, median of {runs}: {median(walls):.2f} s wall, {median(cpus):.2f} CPU-s, "
        f"{len(names) / median(cpus):,.0f} names per CPU-second, peak {peak:,.0f} MB"
    )


def recall(path: Path) -> str:
    """The share of listed variants found by the key."""
    pairs = pl.read_csv(path, infer_schema=False).filter(pl.col("canonical") != pl.col("variant"))
    found = []
    for after in ("", " BUDIONO"):
        one, other = (clean_names(pairs[side] + after) for side in ("canonical", "variant"))
        found.append(((one["sound"] == other["sound"]) | (one["bag"] == other["bag"])).mean())
    return f"{len(pairs)} variants: recall {found[0]:.3f} alone, {found[1]:.3f} before another word"


def confused(path: Path) -> list[str]:
    """False matches among random pairs of words and of whole names."""
    names = pl.read_csv(path, infer_schema=False)["NAMA_LGKP"].drop_nulls().unique().sort()
    words = names.str.split(" ").explode().unique().sort()
    told = []
    for kind, values in (("words", words.filter(words.str.len_chars() > 1)), ("names", names)):
        sound = clean_names(values)["sound"]
        chance = np.random.default_rng(1)
        left, right = (pl.Series(chance.integers(0, len(values), PAIRS)) for _ in range(2))
        same = (sound.gather(left) == sound.gather(right)).filter(left != right)
        told.append(f"{len(values):,} distinct {kind}: {1e4 * same.mean():.2f} of 10,000 random pairs sound alike")
    return told


def main() -> None:
    """Prints what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--variants", type=Path)
    parser.add_argument("--names", type=Path)
    asked = parser.parse_args()
    print(speed(made(asked.rows), asked.runs))
    if asked.variants:
        print(recall(asked.variants))
    if asked.names:
        print(*confused(asked.names), sep="\n")


if __name__ == "__main__":
    main()
