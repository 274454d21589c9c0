"""Who lives where with whom: four generations of families, built generation by generation.

Couples of one generation are the parents of the next; grandparents of the first are names only. The dead are parents
too, and no records. Siblings share mother, father, family card, home and mostly the birth place; adult children have
a card of their own and the same parents.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bench.population import names, places
from bench.population.chance import happens
from bench.population.dates import TODAY, YEAR_DAYS, conventional, of_year, years

Ints = NDArray[np.int64]
GENERATIONS = 4
NOBODY = -1
SINGLE, MARRIED, WIDOWED = 1, 2, 4
HEAD, WIFE, CHILD, SON_IN_LAW, GRANDCHILD = 1, 3, 4, 5, 6
JOINT_CARD = 0.10  # of couples live on the husband's parents' card
SIBSHIPS_PER_RECORD = 0.165  # of the first generation; measured, with some to spare


@dataclass
class Sibships:
    """Brothers and sisters to be born: rows of their parents in the name table, first birth (day), number, card, home."""

    mother: Ints
    father: Ints
    mother_birth: Ints
    first: Ints
    size: Ints
    card: Ints
    kecamatan: Ints
    place: Ints
    joint: NDArray[np.bool_]


@dataclass
class People:
    """People by number. ``name``, ``mother``, ``father``: rows of the name table; ``place``: number of a birth place.

    ``birth``: days since 1970; ``issued``: kecamatan number of the NIK's prefix; ``sibship``: siblings share it.
    """

    sex: Ints
    birth: Ints
    name: Ints
    mother: Ints
    father: Ints
    sibship: Ints
    kecamatan: Ints
    issued: Ints
    place: Ints
    card: Ints
    relation: Ints
    marital: Ints
    alive: NDArray[np.bool_]

    def take(self, rows: Ints) -> "People":
        """The people of the rows."""
        return People(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


@dataclass
class Register:
    """The growing register: name table in pieces, cards' kecamatan, number of sibships so far."""

    names: list[Ints] = field(default_factory=list)
    named: int = 0
    cards: list[Ints] = field(default_factory=list)
    carded: int = 0
    sibships: int = 0

    def name(self, tokens: Ints) -> Ints:
        """Adds names to the table; their rows."""
        self.names.append(tokens)
        self.named += len(tokens)
        return np.arange(self.named - len(tokens), self.named)

    def open_cards(self, kecamatan: Ints) -> Ints:
        """Opens a family card in each kecamatan; their numbers."""
        self.cards.append(kecamatan)
        self.carded += len(kecamatan)
        return np.arange(self.carded - len(kecamatan), self.carded)


def community(rng: np.random.Generator, records: int) -> tuple[People, Ints, Ints]:
    """Exactly ``records`` living people, the name table (m x 4) and each card's kecamatan number."""
    share = SIBSHIPS_PER_RECORD
    while True:
        register = Register()
        people = grown(rng, register, int(records * share) + 40)
        if people.alive.sum() >= records:
            break
        share *= 1.5
    order = rng.permutation(register.carded)[people.card]  # whole cards are in or out, but for the last one
    living = np.flatnonzero(people.alive)
    chosen = living[np.argsort(order[living], kind="stable")[:records]]
    return people.take(np.sort(chosen)), np.concatenate(register.names), np.concatenate(register.cards)


def grown(rng: np.random.Generator, register: Register, sibships: int) -> People:
    """All generations, living and dead."""
    brood = first_sibships(rng, register, sibships)
    generations = []
    for _ in range(GENERATIONS):
        people = born(rng, register, brood)
        brood = couples(rng, register, people)
        generations.append(people)
    return People(*(np.concatenate([getattr(g, name) for g in generations]) for name in People.__dataclass_fields__))


def first_sibships(rng: np.random.Generator, register: Register, n: int) -> Sibships:
    """The oldest generation's parents: names without records."""
    first = of_year(1929 + rng.beta(1.6, 1.1, size=n) * 36)
    mother_birth = first - (rng.uniform(17, 26, size=n) * YEAR_DAYS).astype(np.int64)
    year = years(mother_birth)
    mothers = register.name(names.draw(rng, np.full(n, 2), year))
    fathers = register.name(names.draw(rng, np.full(n, 1), year - 4))
    kecamatan = places.home_kecamatan(rng, n)
    size = 1 + rng.poisson(0.7, size=n)
    card = register.open_cards(kecamatan)
    return Sibships(
        mothers,
        fathers,
        mother_birth,
        first,
        size,
        card,
        kecamatan,
        places.birth_places(rng, kecamatan),
        np.zeros(n, bool),
    )


def born(rng: np.random.Generator, register: Register, brood: Sibships) -> People:
    """The children of the sibships, named; single, and on their parents' card."""
    of = np.repeat(np.arange(len(brood.size)), brood.size)
    start = np.repeat(np.cumsum(brood.size) - brood.size, brood.size)
    gaps = ((0.95 + rng.gamma(1.7, 1.5, size=len(of))) * YEAR_DAYS).astype(np.int64)
    gaps[np.arange(len(of)) == start] = 0
    birth = brood.first[of] + np.cumsum(gaps) - np.cumsum(gaps)[start]
    kept = (birth < TODAY) & (birth - brood.mother_birth[of] < 46 * YEAR_DAYS)
    of, birth = of[kept], conventional(rng, birth[kept])
    n = len(of)
    sex = rng.integers(1, 3, size=n)
    tokens = names.draw(rng, sex, years(birth))
    table = np.concatenate(register.names)
    tokens = names.with_fathers_token(rng, tokens, sex, table[brood.father[of]])
    register.names = [table]
    register.sibships += len(brood.size)
    elsewhere = np.where(happens(rng, n, 0.4), places.away_kecamatan(rng, n), places.home_kecamatan(rng, n))
    return People(
        sex=sex,
        birth=birth,
        name=register.name(tokens),
        mother=brood.mother[of],
        father=brood.father[of],
        sibship=of + register.sibships - len(brood.size),
        kecamatan=brood.kecamatan[of],
        issued=np.where(happens(rng, n, 0.92), brood.kecamatan[of], elsewhere),
        place=np.where(happens(rng, n, 0.9), brood.place[of], places.birth_places(rng, brood.kecamatan[of])),
        card=brood.card[of],
        relation=np.where(brood.joint[of], GRANDCHILD, CHILD),
        marital=np.full(n, SINGLE),
        alive=rng.random(n)
        > np.interp((TODAY - birth) / YEAR_DAYS, (0, 40, 60, 70, 80, 95), (0.01, 0.03, 0.12, 0.30, 0.62, 0.98)),
    )


def couples(rng: np.random.Generator, register: Register, people: People) -> Sibships:
    """Marries the generation within its kecamatan and ages; changes ``people`` in place, gives the children to come."""
    man, woman = married(rng, people)
    away = happens(rng, len(man), 0.15)
    kecamatan = np.where(away, places.home_kecamatan(rng, len(man)), people.kecamatan[man])
    parents_card = people.card[man]
    joint = happens(rng, len(man), JOINT_CARD) & ~away
    card = np.where(joint, parents_card, NOBODY)
    card[~joint] = register.open_cards(kecamatan[~joint])
    for side, other, role in ((man, woman, HEAD), (woman, man, WIFE)):
        people.card[side], people.kecamatan[side] = card, kecamatan
        people.marital[side] = np.where(people.alive[other], MARRIED, WIDOWED)
        alone = role == WIFE and ~people.alive[other]
        people.relation[side] = np.where(joint, CHILD if role == HEAD else SON_IN_LAW, np.where(alone, HEAD, role))
    adults_alone(rng, register, people)
    n = len(man)
    start = people.birth[woman] + ((18.5 + rng.gamma(2.2, 2.4, size=n)) * YEAR_DAYS).astype(np.int64)
    size = rng.poisson(np.interp(years(people.birth[woman]), (1935, 1960, 1980, 2000), (3.4, 2.6, 2.1, 1.9))).clip(0, 8)
    place = places.birth_places(rng, kecamatan)
    return Sibships(
        people.name[woman], people.name[man], people.birth[woman], start, size, card, kecamatan, place, joint
    )


def married(rng: np.random.Generator, people: People) -> tuple[Ints, Ints]:
    """Pairs of a man and a woman by number: same kecamatan, near in age, not of the same parents."""
    age = (TODAY - people.birth) / YEAR_DAYS
    likely = np.where(
        people.sex == 1,
        np.interp(age, (19, 25, 31, 42), (0, 0.38, 0.8, 0.95)),
        np.interp(age, (17, 22, 28, 40), (0, 0.4, 0.82, 0.96)),
    )
    weds = happens(rng, len(age), likely)
    lines = []
    for sex, older in ((1, 3.5), (2, 0.0)):
        group = np.flatnonzero(weds & (people.sex == sex))
        when = people.birth[group] + (older + rng.normal(0, 2, size=len(group))) * YEAR_DAYS
        group = group[np.lexsort((when, people.kecamatan[group]))]
        first = np.searchsorted(people.kecamatan[group], people.kecamatan[group])
        lines.append((group, people.kecamatan[group] * 10_000_000 + np.arange(len(group)) - first))
    (men, men_key), (women, women_key) = lines
    _, left, right = np.intersect1d(men_key, women_key, assume_unique=True, return_indices=True)
    unrelated = people.sibship[men[left]] != people.sibship[women[right]]
    return men[left][unrelated], women[right][unrelated]


def adults_alone(rng: np.random.Generator, register: Register, people: People) -> None:
    """A fifth of the single adults over 28 have a card of their own."""
    grown_up = (people.marital == SINGLE) & (TODAY - people.birth > 28 * YEAR_DAYS)
    alone = np.flatnonzero(grown_up & happens(rng, len(grown_up), 0.22))
    people.card[alone] = register.open_cards(people.kecamatan[alone])
    people.relation[alone] = HEAD
