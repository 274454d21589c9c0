"""Which people are recorded again, how, and together with whom."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.population.chance import happens

Ints = NDArray[np.int64]
ORIGINAL, MOVED, REENTERED, SPLIT, DRIFTED = range(5)
KINDS = ("original", "moved", "re-entered", "split", "drifted")
KIND_SHARES = (0.40, 0.25, 0.20, 0.15)  # of the duplicates, in the order of KINDS[1:]
SECOND, THIRD = 0.09, 0.012  # of the duplicates are a person's second or third one
FAMILY_MOVES = 0.35  # of the moved came with others of their card
LEAVES_WITH_FAMILY = 0.85


@dataclass(frozen=True)
class Again:
    """Records to add: the person recorded again, the kind, and the event (equal for a family that moved together)."""

    person: Ints
    kind: Ints
    event: Ints


def planned(rng: np.random.Generator, cards: Ints, wanted: int) -> Again:
    """``wanted`` further records of the people on the cards (one number per person), mostly one for a person."""
    third, second = round(wanted * THIRD), round(wanted * SECOND)
    first = wanted - second - third
    together = families(rng, cards, round(first * KIND_SHARES[0] * FAMILY_MOVES))
    left = np.setdiff1d(np.arange(len(cards)), together, assume_unique=True)
    single = rng.permutation(left)[: first - len(together)]
    people = np.concatenate([together, single])
    repeated = rng.permutation(people)[:second]
    person = np.concatenate([people, repeated, repeated[:third]])
    counts = np.round(np.array(KIND_SHARES) * wanted).astype(np.int64)
    counts[0] = wanted - counts[1:].sum() - len(together)
    rest = np.repeat(np.arange(MOVED, DRIFTED + 1), counts.clip(min=0))[: wanted - len(together)]
    kind = np.concatenate([np.full(len(together), MOVED), rng.permutation(rest)])
    event = np.concatenate([cards[together], cards.max() + 1 + np.arange(wanted - len(together))])
    return Again(person, kind, event)


def families(rng: np.random.Generator, cards: Ints, wanted: int) -> Ints:
    """About ``wanted`` people of whole cards, most members of each."""
    _, of = np.unique(cards, return_inverse=True)
    order = rng.permutation(of.max() + 1)[of]
    going = np.flatnonzero((np.bincount(of)[of] > 1) & happens(rng, len(cards), LEAVES_WITH_FAMILY))
    return np.sort(going[np.argsort(order[going], kind="stable")[:wanted]])
