"""Turns neighbouring siblings into twins: one birth date, one birth place, similar names."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bench.population import names
from bench.population.chance import happens
from bench.population.dates import YEAR_DAYS, years
from bench.population.families import People

Ints = NDArray[np.int64]
SAME_SEX = 0.75


def make_twins(rng: np.random.Generator, people: People, table: Ints, share: float) -> tuple[Ints, Ints]:
    """Changes people and name table in place so that ``share`` of the people are twins; the pairs' two halves.

    Chosen are siblings next to each other by birth, on one card and at most eight years apart, in the sex mix of twins.
    """
    order = np.lexsort((people.birth, people.sibship))
    left, right = order[:-1], order[1:]
    near = people.birth[right] - people.birth[left] < 8 * YEAR_DAYS
    able = (people.sibship[left] == people.sibship[right]) & (people.card[left] == people.card[right]) & near
    wanted = round(len(people.birth) * share / 2)
    same = people.sex[left] == people.sex[right]
    a: list[Ints] = []
    b: list[Ints] = []
    taken = np.zeros(len(people.birth), dtype=bool)
    for group, count in ((able & same, round(wanted * SAME_SEX)), (able & ~same, wanted)):
        need = count - sum(len(part) for part in a)
        chosen = apart(rng.permutation(np.flatnonzero(group)), left, right, taken)[: max(need, 0)]
        a.append(left[chosen])
        b.append(right[chosen])
        taken[left[chosen]] = taken[right[chosen]] = True
    one, two = np.concatenate(a), np.concatenate(b)
    people.birth[two], people.place[two], people.issued[two] = people.birth[one], people.place[one], people.issued[one]
    drawn = names.draw(rng, people.sex[two], years(people.birth[two]))
    model = table[people.name[one]]
    other_sex = people.sex[one] != people.sex[two]
    twin = names.twin_of(rng, model, drawn)
    table[people.name[two]] = np.where(other_sex[:, None] & happens(rng, len(two), 0.6)[:, None], drawn, twin)
    return one, two


def apart(places: Ints, left: Ints, right: Ints, taken: NDArray[np.bool_]) -> Ints:
    """The places in their order, without those that would use a person twice."""
    places = places[~taken[left[places]] & ~taken[right[places]]]
    rank = np.full(len(taken), len(places))
    for side in (left, right):
        np.minimum.at(rank, side[places], np.arange(len(places)))
    first = (rank[left[places]] == np.arange(len(places))) & (rank[right[places]] == np.arange(len(places)))
    chosen: Ints = places[first]
    return chosen


def record_pairs(person: Ints, one: Ints, two: Ints) -> pl.DataFrame:
    """left_row < right_row (Int64): every pair of records of two twins; ``person``: the person of each row."""
    rows = pl.DataFrame({"row": np.arange(len(person)), "person": person})
    pairs = pl.DataFrame({"one": one, "two": two})
    found = pairs.join(rows.rename({"row": "a"}), left_on="one", right_on="person").join(
        rows.rename({"row": "b"}), left_on="two", right_on="person"
    )
    return found.select(left_row=pl.min_horizontal("a", "b"), right_row=pl.max_horizontal("a", "b")).sort(
        "left_row", "right_row"
    )
