"""Many short texts as runs of word codes: what is done to a word is done once, however many values hold it.

A million different names share some ten thousand words. A value is a stretch of one long array of codes; taking words
off, or spelling them otherwise, works on that array.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Codes = NDArray[np.int64] | NDArray[np.int32]
    Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Runs:
    """Value i is ``codes[ends[i - 1]:ends[i]]``; a code is a place in ``words`` (String, distinct, never blank)."""

    words: pl.Series
    codes: "Codes"
    ends: "Codes"

    @property
    def starts(self) -> "Codes":
        """Where each value begins."""
        import numpy as np

        return np.concatenate([np.zeros(1, self.ends.dtype), self.ends])[:-1]

    def at_end(self, *, first: bool) -> "Mask":
        """Per word: is it the first (or last) of its value."""
        import numpy as np

        mask = np.zeros(len(self.codes), bool)
        starts = self.starts
        held = self.ends > starts
        mask[starts[held] if first else self.ends[held] - 1] = True
        return mask

    def among(self, words: Collection[str]) -> "Mask":
        """Per word: is it one of ``words``."""
        return self.words.is_in(list(words)).to_numpy()[self.codes]

    def kept(self, keep: "Mask") -> "Runs":
        """Without the words not kept."""
        import numpy as np

        if keep.all():
            return self
        passed = np.concatenate([np.zeros(1, np.int32), np.cumsum(keep, dtype=np.int32)])
        return Runs(self.words, self.codes[keep], passed[self.ends])

    def respelled(self, forms: Sequence[pl.Series], form: "Codes") -> "Runs":
        """Each word in one of several spellings; ``form``: per word, which of ``forms`` (each aligned to ``words``)."""
        words, codes = encoded(pl.concat(forms))
        return replace(self, words=words, codes=codes[self.codes + len(self.words) * form])

    def lists(self, spelled: pl.Series, codes: "Codes | None" = None) -> pl.Series:
        """List[String] per value: ``spelled`` instead of ``words``; ``codes`` into it instead of the runs' own."""
        import numpy as np
        import pyarrow as pa

        flat = spelled.gather(self.codes if codes is None else codes).to_arrow(compat_level=pl.CompatLevel.newest())
        offsets = np.concatenate([np.zeros(1, np.int64), self.ends])
        made = pl.from_arrow(pa.LargeListArray.from_arrays(pa.array(offsets), flat))
        return made if isinstance(made, pl.Series) else made.to_series()


def encoded(values: pl.Series) -> tuple[pl.Series, "Codes"]:
    """The distinct values, and for every value its place among them."""
    import numpy as np

    coded = values.cast(pl.Categorical(pl.Categories.random()))
    distinct = coded.unique()
    physical = distinct.to_physical().to_numpy()
    place = np.zeros(int(physical.max(initial=0)) + 1, np.int32)
    place[physical] = np.arange(len(physical), dtype=np.int32)
    return distinct.cast(pl.String), place[coded.to_physical().to_numpy()]


def runs_of(raw: pl.Series, letters: Callable[[pl.Series], pl.Series]) -> Runs:
    """Values (String, null: no words) parted at blanks; ``letters`` cleans a distinct piece into words and blanks.

    A piece may hold several words ("H.ABDUL") or none ("-").
    """
    import numpy as np

    pieces = raw.cast(pl.String).fill_null("").str.split(" ")
    ends = np.cumsum(pieces.list.len().to_numpy(), dtype=np.int64)
    distinct, codes = encoded(pieces.explode() if len(raw) else pl.Series([], dtype=pl.String))
    split = letters(distinct).str.split(" ")
    held = split.list.len().to_numpy().astype(np.int32)
    words, of_split = encoded(split.explode() if len(split) else distinct)
    first = np.cumsum(held, dtype=np.int32) - held
    held[(words == "").to_numpy()[of_split[first]]] = 0
    many = held[codes]
    if (many == 1).all():
        return Runs(words, of_split[first][codes], ends)
    passed = np.concatenate([np.zeros(1, np.int64), np.cumsum(many)])
    inner = np.arange(passed[-1], dtype=np.int32) + np.repeat(first[codes] - passed[:-1].astype(np.int32), many)
    return Runs(words, of_split[inner], passed[ends])


def trimmed(runs: Runs, titles: Collection[str], *, front: bool, guard: "Mask | None" = None) -> Runs:
    """Without the titles (of one word or several) at the front or back, but never without the last word.

    ``guard``: words that stay although they look like a title.
    """
    import numpy as np

    number, keys, longest = _title_numbers(runs.words, titles)
    pieces = number[runs.codes]
    if guard is not None:
        pieces[guard] = 0
    base = int(number.max(initial=0)) + 1
    start, end, keep = runs.starts, runs.ends.copy(), np.ones(len(runs.codes), bool)
    active = np.flatnonzero(end - start > 1)
    active = active[pieces[start[active] if front else end[active] - 1] > 0]
    while len(active):
        taken = np.zeros(len(active), np.int32)
        for length in range(1, longest + 1):
            fits = end[active] - start[active] > length
            at = np.where(fits, start[active] if front else end[active] - length, 0)
            key = np.zeros(len(active), np.int64)
            for step in range(length):
                piece = pieces[np.where(fits, at + step, 0)]
                fits &= piece > 0
                key = key * base + piece
            taken[fits & np.isin(key, keys)] = length
        active, taken = active[taken > 0], taken[taken > 0]
        for step in range(longest):
            of = active[taken > step]
            keep[start[of] + step if front else end[of] - 1 - step] = False
        if front:
            start[active] += taken
        else:
            end[active] -= taken
    return runs.kept(keep)


def _title_numbers(words: pl.Series, titles: Collection[str]) -> tuple["Codes", "Codes", int]:
    """Per word its number among the words of titles (0: none); the titles as numbers in that base; the longest."""
    import numpy as np

    present = set(words.filter(words.is_in(sorted({piece for title in titles for piece in title.split()}))))
    possible = sorted(title for title in titles if present.issuperset(title.split()))
    number = {piece: at for at, piece in enumerate(sorted(present), start=1)}
    base = len(number) + 1
    keys = [sum(number[piece] * base**at for at, piece in enumerate(reversed(title.split()))) for title in possible]
    known = words.replace_strict(list(number), list(number.values()), default=0, return_dtype=pl.Int64)
    return known.to_numpy().copy(), np.array(keys, np.int64), max((len(t.split()) for t in possible), default=0)
