"""Names of people: who is called how, given sex, year of birth and the family's ways."""

import numpy as np
from numpy.typing import NDArray

from bench.population.chance import happens
from bench.population.vocabulary import STYLES, vocabulary

Ints = NDArray[np.int64]
NONE = -1  # no token at this place
WIDTH = 4
YEARS = (1930, 1955, 1975, 1995, 2015)
STYLE_BY_YEAR = {  # probability of each style at YEARS
    "javanese": (0.64, 0.54, 0.34, 0.10, 0.03),
    "muslim": (0.33, 0.39, 0.40, 0.36, 0.30),
    "modern": (0.00, 0.03, 0.21, 0.49, 0.62),
    "christian": (0.03, 0.04, 0.05, 0.05, 0.05),
}
LENGTHS = {  # cumulative probability of one, two, three words
    "javanese": (0.66, 0.95, 0.995),
    "muslim": (0.30, 0.80, 0.98),
    "modern": (0.10, 0.55, 0.93),
    "christian": (0.12, 0.60, 0.94),
}
RARE_SHARE = 0.25
SAME_BEGINNING, SAME_END, SHARES_LATER, SHARES_FIRST, DIFFERENT = range(5)  # how twins are called
FATHERS_TOKEN = 0.15  # of sons bear their father's last word


def draw(rng: np.random.Generator, sex: Ints, year: Ints) -> Ints:
    """Token numbers (n x 4, -1 where there is none) for people of the sex ('1' man, '2' woman) and year of birth."""
    n = len(sex)
    tokens = np.full((n, WIDTH), NONE, dtype=np.int64)
    shares = np.cumsum([np.interp(year, YEARS, STYLE_BY_YEAR[style]) for style in STYLES], axis=0)
    style = (rng.random(n) > shares / shares[-1]).sum(axis=0)
    for at, name in enumerate(STYLES):
        for s in (1, 2):
            rows = np.flatnonzero((style == at) & (sex == s))
            length = 1 + (rng.random(len(rows))[:, None] > np.array(LENGTHS[name])).sum(axis=1)
            for place in range(WIDTH):
                wanted = rows[length > place]
                tokens[wanted, place] = pick(rng, (name, s, "first" if place == 0 else "last"), len(wanted))
            alone = rows[(length == 1) & happens(rng, len(rows), 0.85)]  # few are called just ABDUL
            tokens[alone, 0] = pick(rng, (name, s, "last"), len(alone))
    return no_word_twice(tokens)


def pick(rng: np.random.Generator, pool: tuple[str, int, str], n: int) -> Ints:
    """Tokens of a pool (style, sex, first or last), some of them rare ones."""
    style, sex, _ = pool
    ids, cumulative = vocabulary().pools[pool]
    chosen = ids[np.searchsorted(cumulative, rng.random(n)).clip(max=len(ids) - 1)]
    ids, cumulative = vocabulary().pools[style, sex, "rare"]
    seldom = ids[np.searchsorted(cumulative, rng.random(n)).clip(max=len(ids) - 1)]
    picked: Ints = np.where(happens(rng, n, RARE_SHARE), seldom, chosen)
    return picked


def no_word_twice(tokens: Ints) -> Ints:
    """NUR NUR HAYATI -> NUR HAYATI; the words stay in order and to the left."""
    for place in range(1, WIDTH):
        same = (tokens[:, :place] == tokens[:, place : place + 1]).any(axis=1)
        tokens[same, place] = NONE
    return to_left(tokens)


def to_left(tokens: Ints) -> Ints:
    """Closes gaps: words to the left in their order, -1 to the right."""
    order = np.argsort(tokens == NONE, axis=1, kind="stable")
    return np.take_along_axis(tokens, order, axis=1)


def with_fathers_token(rng: np.random.Generator, tokens: Ints, sex: Ints, father: Ints) -> Ints:
    """Lets 15 % of the sons end on their father's last word (``father``: the fathers' names, row by row)."""
    last = last_word(father)
    count = (tokens != NONE).sum(axis=1)
    chosen = np.flatnonzero((sex == 1) & happens(rng, len(sex), FATHERS_TOKEN) & (tokens[:, 0] != last))
    tokens[chosen, np.where(count[chosen] > 1, count[chosen] - 1, 1)] = last[chosen]
    return no_word_twice(tokens)


def last_word(tokens: Ints) -> Ints:
    """Each name's last token number."""
    last: Ints = tokens[np.arange(len(tokens)), (tokens != NONE).sum(axis=1) - 1]
    return last


def twin_of(rng: np.random.Generator, tokens: Ints, drawn: Ints) -> Ints:
    """A twin's name: the sibling's with one word changed as in RINI/RINA or RONI/DONI, or its other words, or its first one, or none.

    ``drawn``: independent names of the same people, from which the words that are not shared come.
    """
    n = len(tokens)
    likeness = rng.choice(5, size=n, p=(0.35, 0.15, 0.2, 0.15, 0.15))
    own, word = np.arange(n), rng.random(n)
    count = (tokens != NONE).sum(axis=1)
    place = np.where(word < np.where(count > 1, 0.5, 1.1), 0, count - 1)
    out = tokens.copy()
    for kind, other in ((SAME_BEGINNING, vocabulary().twin), (SAME_END, vocabulary().rhyme)):
        rows = own[likeness == kind]
        out[rows, place[rows]] = other[tokens[rows, place[rows]]]
    out[likeness == SHARES_LATER, 0] = drawn[likeness == SHARES_LATER, 0]
    out[likeness == SHARES_FIRST, 1:] = drawn[likeness == SHARES_FIRST, 1:]
    different = (likeness == DIFFERENT) | (out == tokens).all(axis=1)
    out[different] = drawn[different]
    return no_word_twice(out)
