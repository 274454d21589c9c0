"""How clerks spoil names: words changed, dropped, swapped, joined, shortened, titled, and letters mistyped."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bench.population import words
from bench.population.chance import happens
from bench.population.names import NONE, WIDTH, to_left
from bench.population.vocabulary import vocabulary

Ints = NDArray[np.int64]
MAX_LETTERS = 64
FEWEST_LETTERS = 3  # of a word that is still recognised with one letter wrong
REPLACED, LEFT_OUT, DOUBLED, SWAPPED = range(4)
BEFORE, AFTER = words.TITLES_BEFORE.split(), words.TITLES_AFTER.split()


@dataclass(frozen=True)
class Rates:
    """Probability of each kind of change in one name; they are independent, so a name may suffer several."""

    variant: float = 0.19
    old: float = 0.04
    initial: float = 0.06
    dropped: float = 0.065
    swapped: float = 0.025
    joined: float = 0.04
    typo: float = 0.15
    title: float = 0.02

    def times(self, factor: float) -> "Rates":
        """All rates multiplied."""
        return Rates(*(getattr(self, name) * factor for name in self.__dataclass_fields__))


def written(rng: np.random.Generator, tokens: Ints, rates: Rates) -> pl.Series:
    """The names as one clerk writes them (String)."""
    tokens = tokens.copy()
    n = len(tokens)
    respelled(rng, tokens, rates)
    shortened(rng, tokens, rates)
    tokens = to_left(tokens)
    several = tokens[:, 1] != NONE
    swap = several & happens(rng, n, rates.swapped)
    tokens[swap, :2] = tokens[swap, 1::-1]
    known = pl.Series(vocabulary().text)
    parts = [
        known.gather(pl.Series(np.where(tokens[:, at] == NONE, 0, tokens[:, at]))).to_frame(f"w{at}")
        for at in range(WIDTH)
    ]
    absent = pl.DataFrame({f"n{at}": tokens[:, at] == NONE for at in range(WIDTH)})
    frame = pl.concat(
        [*parts, absent, pl.DataFrame({"joined": several & happens(rng, n, rates.joined)})], how="horizontal"
    )
    present = [pl.when(~pl.col(f"n{at}")).then(pl.col(f"w{at}")) for at in range(WIDTH)]
    name = pl.concat_str(present, separator=" ", ignore_nulls=True)
    joined = pl.when("joined").then(name.str.replace(" ", "", literal=True)).otherwise(name)
    text = frame.select(name=joined).to_series()
    return titled(rng, mistyped(rng, text, happens(rng, n, rates.typo)), happens(rng, n, rates.title))


def one_word(rng: np.random.Generator, tokens: Ints, rows: Ints) -> Ints:
    """A word's place in each of the rows."""
    place: Ints = (rng.random(len(rows)) * (tokens[rows] != NONE).sum(axis=1)).astype(np.int64)
    return place


def respelled(rng: np.random.Generator, tokens: Ints, rates: Rates) -> None:
    """Another spelling or the old spelling of one word, in place."""
    known = vocabulary()
    rows = np.flatnonzero(happens(rng, len(tokens), rates.variant))
    place = one_word(rng, tokens, rows)
    token = tokens[rows, place]
    count = known.starts[token + 1] - known.starts[token]
    at = known.starts[token] + (rng.random(len(rows)) * count).astype(np.int64)
    tokens[rows, place] = np.where(count > 0, known.variants[at.clip(max=len(known.variants) - 1)], token)
    rows = np.flatnonzero(happens(rng, len(tokens), rates.old))
    place = one_word(rng, tokens, rows)
    tokens[rows, place] = known.old[tokens[rows, place]]


def shortened(rng: np.random.Generator, tokens: Ints, rates: Rates) -> None:
    """One word of several becomes an initial, or is left out, in place. The first one rarely."""
    count = (tokens != NONE).sum(axis=1)
    for rate, value in ((rates.initial, vocabulary().initial), (rates.dropped, None)):
        rows = np.flatnonzero((count > 1) & happens(rng, len(tokens), rate))
        later = 1 + (rng.random(len(rows)) * (count[rows] - 1)).astype(np.int64)
        place = np.where(happens(rng, len(rows), 0.2), 0, later)
        word = tokens[rows, place]
        tokens[rows, place] = np.where(word == NONE, NONE, value[word] if value is not None else NONE)


def mistyped(rng: np.random.Generator, text: pl.Series, chosen: NDArray[np.bool_]) -> pl.Series:
    """One letter replaced, left out, doubled or swapped with the next one in the chosen texts."""
    rows = np.flatnonzero(chosen)
    if not len(rows):
        return text
    letters = text.gather(rows).to_numpy().astype(f"S{MAX_LETTERS}").view(np.uint8).reshape(len(rows), MAX_LETTERS)
    new = mistakes(rng, letters)
    wrong = np.ascontiguousarray(new).view(f"S{MAX_LETTERS}").ravel().astype(f"U{MAX_LETTERS}")
    return text.scatter(rows, pl.Series(wrong.tolist()).str.strip_chars())


def mistakes(rng: np.random.Generator, letters: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """One mistake in each row of letters (n x MAX_LETTERS, 0 after the end); texts of one or two letters stay."""
    n = len(letters)
    length = (letters != 0).sum(axis=1)[:, None]
    at = (rng.random(n)[:, None] * length).astype(np.int64)
    kind = rng.choice(4, size=n, p=(0.35, 0.25, 0.2, 0.2))[:, None]
    column = np.arange(MAX_LETTERS)[None, :]
    swapped = (kind == SWAPPED) & (at + 1 < length)
    source = column + ((kind == LEFT_OUT) & (column >= at)) - ((kind == DOUBLED) & (column > at))
    source += (swapped & (column == at)).astype(np.int64) - (swapped & (column == at + 1))
    new = np.take_along_axis(letters, source.clip(0, MAX_LETTERS - 1), axis=1)
    letter = (ord("A") + rng.integers(0, 26, size=n)).astype(np.uint8)[:, None]
    new = np.where((kind == REPLACED) & (column == at), letter, new)
    return np.where(length < FEWEST_LETTERS, letters, new)


def titled(rng: np.random.Generator, text: pl.Series, chosen: NDArray[np.bool_]) -> pl.Series:
    """A title before or after the chosen names."""
    rows = np.flatnonzero(chosen)
    before = pl.Series(BEFORE).gather(rng.integers(0, len(BEFORE), size=len(rows))) + " "
    after = " " + pl.Series(AFTER).gather(rng.integers(0, len(AFTER), size=len(rows)))
    front = pl.Series(happens(rng, len(rows), 0.6))
    plain = text.gather(rows)
    new = (
        (before + plain)
        .to_frame("a")
        .with_columns(b=plain + after, front=front)
        .select(pl.when("front").then("a").otherwise("b"))
    )
    return text.scatter(rows, new.to_series()) if len(rows) else text
