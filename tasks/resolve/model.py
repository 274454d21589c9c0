"""The classifier: a mixture of kinds of pairs fitted by expectation-maximisation, behind recordlinkage's class.

Fellegi & Sunter (1969) for the match weight, Dempster, Laird & Rubin (1977) for the fit; the shipped probabilities
enter as a Dirichlet prior (MAP), so small extracts stay close to them and kinds keep their meaning.
"""

import numpy as np
import numpy.typing as npt
from recordlinkage.base import BaseClassifier

from expectations.matching import FIELDS, KINDS, MISSING, PRIOR_PAIRS, ROUNDS

Vector = npt.NDArray[np.float64]
EVEN = 0.5  # recordlinkage's two classes; our bands use finer limits (band.py)
MATCHES = np.array([kind.is_match for kind in KINDS])


class KindModel(BaseClassifier):  # type: ignore[misc]  # recordlinkage ships no types
    """P(kind | comparison vector) for every kind of ``expectations.matching``; missing levels are no evidence."""

    def __init__(self) -> None:
        self.prior: Vector = np.array([kind.prior for kind in KINDS])
        self.levels: list[Vector] = [np.array([kind.levels[field.name] for kind in KINDS]) for field in FIELDS]
        self._shipped = (self.prior.copy(), [table.copy() for table in self.levels])

    def _fit(self, vectors: npt.NDArray[np.int8], y: object = None) -> None:
        """EM over distinct agreement patterns; ``y`` is not used (label-free)."""
        del y
        patterns, counts = np.unique(vectors.astype(np.int8), axis=0, return_counts=True)
        prior0, levels0 = self._shipped
        for _ in range(ROUNDS):
            share = self.kinds(patterns) * counts[:, None]
            mass = share.sum(axis=0) + PRIOR_PAIRS * prior0
            self.prior = mass / mass.sum()
            for at, table0 in enumerate(levels0):
                observed = patterns[:, at]
                seen = np.stack([share[observed == level].sum(axis=0) for level in range(table0.shape[1])], axis=1)
                table = seen + PRIOR_PAIRS * table0
                self.levels[at] = table / table.sum(axis=1, keepdims=True)

    def log_evidence(self, vectors: npt.NDArray[np.int8]) -> Vector:
        """Log P(vector | kind), shape (pairs, kinds), float64; fields with a missing level add 0."""
        total = np.zeros((len(vectors), len(KINDS)))
        for at, table in enumerate(self.levels):
            observed = vectors[:, at].astype(np.int64)
            total += np.where((observed == MISSING)[:, None], 0.0, np.log(table.T[np.maximum(observed, 0)]))
        return total

    def kinds(self, vectors: npt.NDArray[np.int8]) -> Vector:
        """P(kind | vector), shape (pairs, kinds); rows sum to 1."""
        joint = self.log_evidence(vectors) + np.log(self.prior)
        joint -= joint.max(axis=1, keepdims=True)
        odds = np.exp(joint)
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))

    def weight(self, vectors: npt.NDArray[np.int8]) -> Vector:
        """Match weight in bits: log2 of P(vector | one person) / P(vector | not)."""
        evidence = self.log_evidence(vectors)
        match, other = MATCHES, ~MATCHES
        return np.asarray(
            (_mean_log(evidence[:, match], self.prior[match]) - _mean_log(evidence[:, other], self.prior[other]))
            / np.log(2)
        )

    def _prob_match(self, vectors: npt.NDArray[np.int8]) -> Vector:
        return np.asarray(self.kinds(vectors)[:, MATCHES].sum(axis=1))

    def _predict(self, vectors: npt.NDArray[np.int8]) -> Vector:
        return (self._prob_match(vectors) >= EVEN).astype(np.float64)


def _mean_log(evidence: Vector, prior: Vector) -> Vector:
    top = evidence.max(axis=1, keepdims=True)
    return np.asarray(np.log(np.exp(evidence - top) @ (prior / prior.sum())) + top[:, 0])
