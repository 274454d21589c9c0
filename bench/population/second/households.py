"""Households first: a couple or a lone parent, their children, sometimes an old parent; adults are tied into kin groups.

Also: men with two wives in two households, children of an earlier marriage, and lodgers without kin.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bench.population.chance import happens
from bench.population.dates import TODAY, YEAR_DAYS
from bench.population.second import words
from bench.population.second.words import MAN, WOMAN

Ints = NDArray[np.int64]
MEAN_SIZE = 3.35  # people of a household, to know how many are needed; measured
TWO_WIVES, EARLIER_CHILDREN, OLD_PARENT, LONE = 0.03, 0.08, 0.09, 0.14
EARLIER_AT_MOST = 2
HEAD, WIFE, CHILD, PARENT = "1", "3", "4", "7"


@dataclass
class Folk:
    """People in household order; ``houses``: how many.

    ``frame``: house, sex, birth (day), kin (same mother and father), relation, people (which of the six), name, mother,
    father, partner (name or null), order.
    """

    frame: pl.DataFrame
    houses: int


def community(rng: np.random.Generator, wanted: int) -> Folk:
    """Exactly ``wanted`` people: household by household, the last one cut."""
    houses = int(wanted / MEAN_SIZE * 1.12) + 20
    people = rng.choice(6, size=houses, p=words.PEOPLES)
    head_birth = TODAY - ((24 + rng.gamma(3.2, 7.0, size=houses).clip(max=62)) * YEAR_DAYS).astype(np.int64)
    husbands, wives = adults(rng, people, head_birth, MAN), adults(rng, people, head_birth, WOMAN)
    second = np.flatnonzero(happens(rng, houses, TWO_WIVES))
    first = np.roll(second, 1)  # the husband of another house
    shared = husbands.select("name", "clan", "house")[first].with_columns(house=pl.Series(second))
    fathers = (
        husbands.select("house", "name", "clan").join(shared, on="house", how="left", suffix="_other").sort("house")
    )
    fathers = fathers.with_columns(name=pl.coalesce("name_other", "name"), clan=pl.coalesce("clan_other", "clan"))
    lone = happens(rng, houses, LONE)
    absent = np.where(lone, rng.integers(1, 3, size=houses), 0)
    absent[second] = MAN  # he is registered in his first house
    kids = children(rng, wives, fathers, people)
    old = old_parents(rng, husbands)
    husbands = husbands.with_columns(partner=wives["name"]).filter(pl.Series(absent != MAN))
    wives = wives.with_columns(partner=fathers["name"], relation=pl.Series(np.where(absent == MAN, HEAD, WIFE))).filter(
        pl.Series(absent != WOMAN)
    )
    everyone = pl.concat([husbands, wives, kids, old], how="diagonal").sort(
        "house", "relation", "order", maintain_order=True
    )
    if everyone.height < wanted:
        raise ValueError("too few households for the people wanted")
    return Folk(everyone.head(wanted), houses)


def adults(rng: np.random.Generator, people: Ints, head_birth: Ints, sex: int) -> pl.DataFrame:
    """One adult per house, in kin groups of one to five who were born within some years of each other."""
    n = len(people)
    younger = 3.2 if sex == WOMAN else 0.0
    birth = head_birth + ((younger + rng.normal(0, 3.5, size=n)) * YEAR_DAYS).astype(np.int64)
    birth = np.minimum(birth, TODAY - int(18 * YEAR_DAYS))
    line = np.lexsort((birth + rng.normal(0, 900, size=n), people))
    starts = np.r_[True, happens(rng, n - 1, 0.5)] | np.r_[True, np.diff(people[line]) != 0]
    kin = np.empty(n, np.int64)
    kin[line] = np.cumsum(starts) - 1
    groups = int(kin.max()) + 1
    folk = np.zeros(groups, np.int64)
    folk[kin] = people
    mother = words.names(rng, folk, np.full(groups, WOMAN), rng.integers(0, 4, size=groups))
    clan = words.clans(rng, folk)
    father = words.with_clan(words.names(rng, folk, np.full(groups, MAN), rng.integers(0, 4, size=groups)), clan)
    order = rng.integers(0, 5, size=n)
    given = words.names(rng, people, np.full(n, sex), order)
    own = clan.gather(kin)
    return pl.DataFrame(
        {
            "house": np.arange(n), "sex": np.full(n, sex), "birth": birth, "kin": kin + (sex - 1) * 10_000_000, "people": people,
            "name": words.with_clan(given, own), "clan": own, "mother": mother.gather(kin), "father": father.gather(kin), "order": order,
            "relation": [HEAD if sex == MAN else WIFE] * n,
        }
    )  # fmt: skip


def children(rng: np.random.Generator, wives: pl.DataFrame, fathers: pl.DataFrame, people: Ints) -> pl.DataFrame:
    """The children at home: the couple's, and the wife's from an earlier marriage (another father's name)."""
    n = len(people)
    count = rng.binomial(6, rng.beta(2.2, 3.4, size=n))
    house = np.repeat(np.arange(n), count)
    order = np.arange(len(house)) - np.repeat(np.cumsum(count) - count, count)
    start = wives["birth"].to_numpy() + ((19 + rng.gamma(2.0, 2.6, size=n)) * YEAR_DAYS).astype(np.int64)
    birth = start[house] + ((order * 2.9 + rng.uniform(0, 1.7, size=len(house))) * YEAR_DAYS).astype(np.int64)
    earlier = happens(rng, n, EARLIER_CHILDREN)[house] & (order < EARLIER_AT_MOST)
    at_home = (birth < TODAY) & (
        rng.random(len(house)) < np.interp((TODAY - birth) / YEAR_DAYS, (17, 24, 32), (1.0, 0.6, 0.12))
    )
    house, order, birth, earlier = house[at_home], order[at_home], birth[at_home], earlier[at_home]
    sex = rng.integers(1, 3, size=len(house))
    former = words.names(rng, people, np.full(n, MAN), rng.integers(0, 4, size=n))
    father = pl.DataFrame(
        {"is": earlier, "former": former.gather(house), "name": fathers["name"].gather(house)}
    ).select(pl.when("is").then("former").otherwise("name"))
    clan = pl.DataFrame({"is": earlier, "clan": fathers["clan"].gather(house)}).select(
        pl.when(~pl.col("is")).then("clan")
    )
    name = words.with_clan(words.names(rng, people[house], sex, order), clan.to_series())
    carries = pl.Series(happens(rng, len(house), 0.1))
    table = pl.DataFrame(
        {
            "house": house, "sex": sex, "birth": birth, "kin": 20_000_000 + house * 2 + earlier, "people": people[house],
            "name": name, "clan": clan.to_series(), "mother": wives["name"].gather(house), "father": father.to_series(), "order": order,
            "relation": [CHILD] * len(house), "carries": carries,
        }
    )  # fmt: skip
    bin_father = pl.when(pl.col("carries") & ~pl.col("father").str.starts_with("I ")).then(
        pl.col("father").str.split(" ").list.first()
    )
    return table.with_columns(name=pl.concat_str("name", bin_father, separator=" ", ignore_nulls=True)).drop("carries")


def old_parents(rng: np.random.Generator, husbands: pl.DataFrame) -> pl.DataFrame:
    """Some heads house their widowed mother or father, whose own parents are names only."""
    chosen = husbands.filter(pl.Series(happens(rng, husbands.height, OLD_PARENT))).unique(
        "kin", keep="first", maintain_order=True
    )
    n = chosen.height
    sex = np.where(happens(rng, n, 0.7), WOMAN, MAN)
    birth = chosen["birth"].to_numpy() - (rng.uniform(19, 33, size=n) * YEAR_DAYS).astype(np.int64)
    folk = chosen["people"].to_numpy()
    return pl.DataFrame(
        {
            "house": chosen["house"], "sex": sex, "birth": np.maximum(birth, TODAY - int(97 * YEAR_DAYS)), "kin": 40_000_000 + np.arange(n),
            "people": folk, "name": pl.Series(np.where(sex == WOMAN, chosen["mother"].to_numpy(), chosen["father"].to_numpy()).tolist(), dtype=pl.String),
            "clan": pl.Series([None] * n, dtype=pl.String), "mother": words.names(rng, folk, np.full(n, WOMAN), np.zeros(n, np.int64)),
            "father": words.names(rng, folk, np.full(n, MAN), np.zeros(n, np.int64)), "order": np.zeros(n, np.int64), "relation": [PARENT] * n,
        }
    )  # fmt: skip
