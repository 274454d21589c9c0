"""The second model's twins: rhyming names, a shared first word, or nothing in common."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bench.population.second.households import CHILD
from bench.population.second.mistakes import replaced

Ints = NDArray[np.int64]
RHYME, FIRST_WORD, LATER_WORDS, UNLIKE = range(4)
ONSETS = ("B", "D", "F", "H", "J", "K", "L", "M", "N", "R", "S", "T", "W", "Y")


def make_twins(rng: np.random.Generator, frame: pl.DataFrame, share: float) -> tuple[pl.DataFrame, Ints, Ints]:
    """The people with ``share`` of them twins (children at home of one mother and father), and the pairs' positions.

    Raises ValueError when there are too few such siblings.
    """
    wanted = round(frame.height * share / 2)
    child = (frame["relation"] == CHILD).to_numpy()
    kin = frame["kin"].to_numpy()
    able = np.flatnonzero(child[:-1] & child[1:] & (kin[:-1] == kin[1:]))
    rank = np.full(frame.height + 1, len(able))
    draw = rng.permutation(len(able))
    rank[able] = draw
    after = np.r_[rank[1:], len(able)]
    before = np.r_[len(able), rank[:-1]]
    free = able[(rank[able] < after[able]) & (rank[able] < before[able])]  # no person in two pairs
    if len(free) < wanted:
        raise ValueError("too few siblings at home for the share of twins")
    one = free[np.argsort(rank[free])][:wanted]
    two = one + 1
    birth, sex = frame["birth"].to_numpy().copy(), frame["sex"].to_numpy().copy()
    birth[two] = birth[one]
    likeness = rng.choice(4, size=wanted, p=(0.4, 0.25, 0.15, 0.2))
    sex[two] = np.where(likeness != UNLIKE, sex[one], sex[two])
    told = called(rng, likeness, frame["name"].gather(one), frame["name"].gather(two))
    changed = frame.with_columns(name=replaced(frame["name"], two, told), birth=pl.Series(birth), sex=pl.Series(sex))
    return changed, one, two


def called(rng: np.random.Generator, likeness: Ints, mine: pl.Series, its: pl.Series) -> pl.Series:
    """The second twins' names, from the first ones' (``mine``) and the names they would have had (``its``)."""
    onset = pl.Series(ONSETS).gather(rng.integers(0, len(ONSETS), size=len(mine)))
    table = pl.DataFrame({"mine": mine, "its": its, "likeness": likeness, "onset": onset})
    first, rest = pl.col("mine").str.split(" ").list.first(), pl.col("mine").str.split(" ").list.slice(1).list.join(" ")
    new = (
        pl.when(pl.col("likeness") == RHYME)
        .then(pl.concat_str("onset", pl.col("mine").str.replace("^[^AIUEO ]+", "")))
        .when(pl.col("likeness") == FIRST_WORD)
        .then(pl.format("{} {}", first, pl.col("its").str.split(" ").list.last()))
        .when(pl.col("likeness") == LATER_WORDS)
        .then(pl.format("{} {}", pl.col("its").str.split(" ").list.first(), rest).str.strip_chars())
        .otherwise("its")
    )
    return table.select(
        pl.when(new == pl.col("mine")).then(pl.concat_str("mine", pl.lit(" KEMBAR"))).otherwise(new)
    ).to_series()
