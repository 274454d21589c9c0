"""Texts of candidate pairs compared in C (rapidfuzz) and as numbered words; no loop over pairs."""

from functools import cached_property

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from tasks.resolve.numbers import LETTER_AT, WORDS
from tasks.resolve.prepare import Prepared

At = npt.NDArray[np.int64]
Held = npt.NDArray[np.bool_]
TEXT_TESTS = frozenset({"initials", "misspelt", "typo", "part", "jw"})
LONG = 5  # letters from which one slip is a slip and not another name (EKO, EKA)
LEAST_LIKE = 0.7  # what is less alike is told as 0; texts of LONG letters that differ by one slip are more alike


class Texts:
    """Texts of one column in pairs ``at`` (positions left, right); what several levels ask for is worked out once."""

    def __init__(self, sides: tuple[Prepared, Prepared], column: str, at: tuple[At, At]) -> None:
        self.sides, self.column, self.at = sides, column, at

    def held(self, test: str, at_least: float) -> Held:
        """Boolean per pair: the test holds."""
        if test == "jw":
            return np.asarray(self.likeness >= np.float32(at_least))
        if test == "misspelt":
            return np.asarray((self.likeness >= np.float32(at_least)) & self._unheard())
        return {"typo": self._typo, "initials": self._initials, "part": self._part}[test]()

    @cached_property
    def texts(self) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]]:
        """The cleaned texts of both records."""
        one, other = (side.texts[self.column].gather(at) for side, at in zip(self.sides, self.at, strict=True))
        return np.array(one.to_list(), object), np.array(other.to_list(), object)

    @cached_property
    def words(self) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
        """uint32 (pairs, WORDS) of both records."""
        one, other = (side.words[self.column][at] for side, at in zip(self.sides, self.at, strict=True))
        return one, other

    @cached_property
    def likeness(self) -> npt.NDArray[np.float32]:
        """Jaro-Winkler similarity (Winkler 1990), 0-1."""
        return np.asarray(cpdist(*self.texts, scorer=JaroWinkler.similarity, score_cutoff=LEAST_LIKE, dtype=np.float32))

    def _unheard(self) -> Held:
        """One of the two has a word that hardly any other record has: misspelt, rather than another name."""
        one, other = (side.unheard[self.column][at] for side, at in zip(self.sides, self.at, strict=True))
        return np.asarray(one | other)

    def _typo(self) -> Held:
        """One letter more, less, other, or two neighbours swapped (Damerau 1964), in texts long enough."""
        one, other = self.texts
        near = np.flatnonzero(self.likeness)
        held = np.zeros(len(one), bool)
        if len(near):
            one, other = one[near], other[near]
            letters = np.fromiter(map(len, one), int, len(one)) + np.fromiter(map(len, other), int, len(other))
            distance = cpdist(one, other, scorer=OSA.distance, score_cutoff=1, dtype=np.int32)
            held[near] = (distance <= 1) & (letters >= LONG * 2)
        return held

    def _initials(self) -> Held:
        """Word by word the same, where a single letter stands for every word it begins."""
        one, other = self.words
        shift, low = np.uint32(LETTER_AT), np.uint32((1 << LETTER_AT) - 1)
        held = np.ones(len(one), bool)
        for place in range(WORDS):
            mine, theirs = one[:, place], other[:, place]
            short = ((mine & low) == 0) | ((theirs & low) == 0)
            held &= (mine == theirs) | (short & (mine >> shift == theirs >> shift))
        return held

    def _part(self) -> Held:
        """Every word of the shorter text is in the longer one, in any order."""
        one, other = self.words
        counts = (one != 0).sum(axis=1), (other != 0).sum(axis=1)
        # A word may stand twice (RT 3 RW 3): counted from both sides, or the answer depends on which text is first.
        return np.asarray(np.minimum(_found(one, other), _found(other, one)) >= np.minimum(*counts))


def _found(one: npt.NDArray[np.uint32], other: npt.NDArray[np.uint32]) -> npt.NDArray[np.int8]:
    """How many words of the first text are in the other one."""
    found = np.zeros(len(one), np.int8)
    for place in range(WORDS):
        mine = one[:, place]
        found += (other == mine[:, None]).any(axis=1) & (mine != 0)
    return found
