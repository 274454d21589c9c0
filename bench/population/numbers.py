"""NIK and NO_KK as integers of 16 digits: issued without clash, and spoilt the way clerks spoil them.

Serials are 9001-9999 (handbook section 5: test data never carries a number that may be a real person's).
"""

import numpy as np
from numpy.typing import NDArray

from bench.population.chance import happens

Ints = NDArray[np.int64]
FIRST_SERIAL, SERIALS = 9001, 999
THOUSANDS_OF_SERIAL = 3  # exponent of the digit that stays 9


def issued(rng: np.random.Generator, prefix: Ints) -> Ints:
    """``prefix`` (12 digits) + serial, in the order of the rows: neighbours like twins mostly get consecutive serials."""
    order = np.argsort(prefix, kind="stable")
    ordered = prefix[order]
    gap = 1 + rng.geometric(0.8, size=len(prefix)) - 1
    total = np.cumsum(gap)
    first = np.searchsorted(ordered, ordered)
    serial = np.empty_like(prefix)
    serial[order] = (total - total[first]) % SERIALS + FIRST_SERIAL
    return prefix * 10_000 + serial


def digit(numbers: Ints, place: Ints) -> Ints:
    """The digit at 10**place."""
    found: Ints = numbers // 10**place % 10
    return found


def misread(rng: np.random.Generator, numbers: Ints) -> Ints:
    """Every number with one digit changed (70 %) or two neighbours swapped; the serial's 9 stays."""
    n = len(numbers)
    free = np.array([place for place in range(15) if place != THOUSANDS_OF_SERIAL])
    place = free[rng.integers(0, len(free), size=n)]
    other = (digit(numbers, place) + rng.integers(1, 10, size=n)) % 10
    changed = numbers + (other - digit(numbers, place)) * 10**place
    pairs = np.array([low for low in range(14) if THOUSANDS_OF_SERIAL not in (low, low + 1)])
    low = pairs[rng.integers(0, len(pairs), size=n)]
    difference = digit(numbers, low + 1) - digit(numbers, low)
    swapped = numbers - difference * 10 ** (low + 1) + difference * 10**low
    wrong: Ints = np.where(happens(rng, n, 0.7) | (difference == 0), changed, swapped)
    return wrong
