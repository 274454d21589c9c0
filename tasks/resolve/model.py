"""The classifier: a mixture of kinds of pairs, fitted without labels, behind recordlinkage's class.

Fellegi & Sunter (1969) for the match weight, extended to several kinds of match and non-match; Dempster, Laird & Rubin
(1977) for the fit (EM over distinct comparison vectors); the shipped shares enter as a Dirichlet prior (MAP), so that
small extracts stay close to them and kinds keep their meaning. How often a value occurs is tied into the levels
(after Winkler 1988): agreement that is inherited falls on common values as often as records do, agreement by
coincidence as often as pairs of records do; the two shares are counted, not fitted.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from recordlinkage.base import BaseClassifier

from expectations.matching.model import EVEN, MISSING, Field, MatchingModel
from tasks.resolve.numbers import combined
from tasks.resolve.prepare import Prepared

Vectors = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float64]
ENOUGH = 1e-6  # gain in log-likelihood per pair that is not worth another round
FIRST_ROUNDS = 12
STARTS = (1.0, 0.2, 5.0)  # how much more often matches may be than shipped
LEAST_SHARE = 0.1  # of the prior's pairs that every kind has: rare kinds keep their meaning in small extracts
PRIORS = (1.0, 10.0, 100.0)  # the prior's weight, raised while a kind was captured by another


@dataclass(frozen=True)
class Seen:
    """Distinct comparison vectors with how many pairs (or decisions) each stands for.

    ``allowed``: bool (vectors, kinds): kinds that people's decisions leave open; all of them where nobody decided.
    """

    vectors: Vectors
    count: Floats
    allowed: npt.NDArray[np.bool_]


class KindModel(BaseClassifier):  # type: ignore[misc]  # recordlinkage ships no types
    """P(kind | comparison vector) for every kind of the model; a missing field is no evidence.

    ``prior``: float64 (kinds,); ``tables``: per field float64 (kinds, values), P(value | kind).
    """

    def __init__(self, model: MatchingModel, counted: Prepared) -> None:
        self.model = model
        self.matches = np.array([kind.is_match for kind in model.kinds])
        self.prior: Floats = np.array([kind.prior for kind in model.kinds])
        self.levels: list[Floats] = [
            np.array([kind.levels[field.name] for kind in model.kinds]) for field in model.fields
        ]
        self.spread = [_spread(model, at, counted) for at in range(len(model.fields))]
        self.captured: tuple[str, ...] = ()
        self.ties = [_ties(model, field.name) for field in model.fields]
        self.fixed = [np.array([[field.name in kind.fixed] for kind in model.kinds]) for field in model.fields]
        self._shipped = (self.prior.copy(), [table.copy() for table in self.levels])

    @property
    def tables(self) -> list[Floats]:
        """P(value | kind) per field: the level's share, spread over its bins."""
        return self._tables(binned=True)

    def _tables(self, *, binned: bool) -> list[Floats]:
        found = []
        for field, level, spread in zip(self.model.fields, self.levels, self.spread, strict=True):
            of_level = np.array([at for at, _ in field.values])
            found.append(level[:, of_level] * (spread if binned else 1.0))
        return found

    def _fit(self, vectors: Vectors, y: npt.NDArray[np.int64] | None = None) -> None:
        """Recordlinkage's fit: ``y`` (1 = one person) turns every pair into a decision."""
        kinds = np.ones((len(vectors), len(self.prior)), bool)
        if y is not None:
            kinds = np.where(np.asarray(y, bool)[:, None], self.matches, ~self.matches)
        self.learn_kinds(seen(vectors.astype(np.int8), kinds, np.ones(len(vectors))))

    def learn_kinds(self, pairs: Seen) -> None:
        """Fits the kinds: several starts, first by levels alone, then with the frequency of values.

        A fit in which a kind took the place of another is not believed: the prior is given more weight and the fit
        repeated; what stays captured is told in ``captured``.
        """
        for weight in PRIORS:
            self._fit_once(pairs, weight)
            self.captured = self._captured()
            if not self.captured:
                return
        self.prior, self.levels = self._shipped[0].copy(), [table.copy() for table in self._shipped[1]]

    def _fit_once(self, pairs: Seen, weight: float) -> None:
        prior, levels = self._shipped
        worth = max(self.model.fit.prior_pairs, self.model.fit.prior_share * float(pairs.count.sum())) * weight
        found = []
        for times in STARTS:
            start = np.where(self.matches, prior * times, prior)
            self.prior, self.levels = start / start.sum(), [table.copy() for table in levels]
            gained = self._em(pairs, worth, FIRST_ROUNDS, binned=False)
            found.append((gained, self.prior, self.levels))
        _, self.prior, self.levels = max(found, key=lambda each: each[0])
        self._em(pairs, worth, self.model.fit.rounds, binned=False)
        self._em(pairs, worth, self.model.fit.rounds, binned=True)

    def _em(self, pairs: Seen, worth: float, rounds: int, *, binned: bool) -> float:
        """Rounds of EM until the likelihood stands still; returns the log-likelihood per pair."""
        one_hot, at = _one_hot(pairs.vectors, self.model)
        total, before = float(pairs.count.sum()) + worth, -np.inf
        prior0, levels0 = self._shipped
        for _ in range(rounds):
            joint = one_hot @ _stacked(self._tables(binned=binned)) + np.log(self.prior)
            joint = np.where(pairs.allowed, joint, -np.inf)
            top = joint.max(axis=1, keepdims=True)
            odds = np.exp(joint - top)
            whole = odds.sum(axis=1, keepdims=True)
            likelihood = float(((np.log(whole) + top)[:, 0] * pairs.count).sum()) / total
            share = odds / whole * pairs.count[:, None]
            mass = share.sum(axis=0) + worth * prior0
            self.prior = mass / mass.sum()
            seen_values = one_hot.T @ share
            self.levels = [
                self._refitted(
                    number,
                    _by_level(seen_values[first:last], field)
                    + worth * np.maximum(prior0, LEAST_SHARE)[:, None] * table0,
                )
                for number, ((first, last), field, table0) in enumerate(
                    zip(at, self.model.fields, levels0, strict=True)
                )
            ]
            if likelihood - before < ENOUGH:
                break
            before = likelihood
        return likelihood

    def _refitted(self, field: int, mass: Floats) -> Floats:
        fitted = _normalised(self.ties[field] @ mass)
        return np.where(self.fixed[field], self._shipped[1][field], fitted)

    def _captured(self) -> tuple[str, ...]:
        """Kinds whose fitted levels lie nearer to a shipped kind of the other class than to their own."""
        shipped = self._shipped[1]
        wrong = []
        for at, kind in enumerate(self.model.kinds):
            far = np.array([
                sum(_divergence(now[at], then[other]) for now, then in zip(self.levels, shipped, strict=True))
                for other in range(len(self.model.kinds))
            ])  # fmt: skip
            if self.matches[int(far.argmin())] != self.matches[at]:
                wrong.append(kind.name)
        return tuple(wrong)

    def log_evidence(self, vectors: Vectors) -> Floats:
        """Log P(vector | kind), float64 (pairs, kinds); fields with a missing (or OPEN) value add 0."""
        total = np.zeros((len(vectors), len(self.prior)))
        for at, table in enumerate(self.tables):
            value = vectors[:, at].astype(np.int64)
            logs = np.concatenate([np.log(table.T), np.zeros((1, len(self.prior)))])  # the last row: no evidence
            total += logs[np.where(value < 0, -1, value)]
        return total

    def kinds(self, vectors: Vectors) -> Floats:
        """P(kind | vector), float64 (pairs, kinds); rows sum to 1."""
        joint = self.log_evidence(vectors) + np.log(self.prior)
        odds = np.exp(joint - joint.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))

    def weight(self, vectors: Vectors) -> Floats:
        """Match weight in bits: log2 of P(vector | one person) / P(vector | not), the kinds in their shares."""
        evidence = self.log_evidence(vectors)
        match, other = self.matches, ~self.matches
        return np.asarray(
            (_mean_log(evidence[:, match], self.prior[match]) - _mean_log(evidence[:, other], self.prior[other]))
            / np.log(2)
        )

    def ceiling(self, vectors: Vectors, first_open: list[int]) -> Floats:
        """The highest probability of being one person that pairs with OPEN (< MISSING) fields can still reach.

        Exact bound: against each kind of non-match alone the open fields are taken at their most favourable value.
        """
        match, other = np.flatnonzero(self.matches), np.flatnonzero(~self.matches)
        known = self.log_evidence(vectors) + np.log(self.prior)
        tables = [np.log(table) for table in self.tables]
        best = np.array([
            [(table[one, first:] - table[two, first:]).max() for one in match for two in other]
            for table, first in zip(tables, first_open, strict=True)
        ])  # fmt: skip
        gain = ((vectors < MISSING).astype(np.float64) @ best).reshape(len(vectors), len(match), len(other))
        bound = known[:, match, None] + gain - known[:, None, other]
        log_odds = np.logaddexp.reduce(bound, axis=1).min(axis=1)
        return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -700, 700))))

    def _prob_match(self, vectors: Vectors) -> Floats:
        return np.asarray(self.kinds(vectors)[:, self.matches].sum(axis=1))

    def _predict(self, vectors: Vectors) -> Floats:
        return (self._prob_match(vectors) >= EVEN).astype(np.float64)


def distinct(vectors: Vectors) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """(first, code): a pair of each distinct vector, in a fixed order, and per pair which of them it has."""
    whole = combined([vectors[:, at].astype(np.uint64) for at in range(vectors.shape[1])], keep_missing=True)
    _, first, code = np.unique(whole, return_index=True, return_inverse=True)
    return first, code


def seen(vectors: Vectors, allowed: npt.NDArray[np.bool_], count: Floats) -> Seen:
    """Distinct (vector, allowed kinds) with the sum of ``count``, in a fixed order."""
    first, code = distinct(np.concatenate([vectors, allowed.astype(np.int8)], axis=1))
    totals = np.bincount(code, weights=count, minlength=len(first)).astype(np.float64)
    return Seen(vectors[first], totals, allowed[first])


def _spread(model: MatchingModel, at: int, counted: Prepared) -> Floats:
    """(kinds, values): how a level's share falls on its bins: as records where it is inherited, else as pairs."""
    field = model.fields[at]
    binned = np.array([field.levels[level].binned for level, _ in field.values])
    spread = np.ones((len(model.kinds), len(field.values)))
    if binned.any():
        each = np.array([number for _, number in field.values])
        by_kind = np.array([0 if field.name in kind.inherits else 1 for kind in model.kinds])
        spread = np.where(binned, counted.shares[field.column][by_kind][:, each], 1.0)
    return spread


def _ties(model: MatchingModel, field: str) -> Floats:
    """(kinds, kinds): 1 where two kinds share what they learn about a field."""
    owner = {kind.name: kind.like if field in kind.tied else kind.name for kind in model.kinds}
    return np.array([[owner[one.name] == owner[other.name] for other in model.kinds] for one in model.kinds], float)


def _one_hot(vectors: Vectors, model: MatchingModel) -> tuple["npt.NDArray[np.float64]", list[tuple[int, int]]]:
    from scipy.sparse import csr_array

    sizes = [len(field.values) for field in model.fields]
    ends = np.cumsum(sizes)
    value = vectors.astype(np.int64)
    row, at = np.nonzero(value != MISSING)
    column = value[row, at] + (ends - sizes)[at]
    matrix = csr_array((np.ones(len(row)), (row, column)), shape=(len(vectors), int(ends[-1])))
    return matrix, list(zip((ends - sizes).tolist(), ends.tolist(), strict=True))


def _stacked(tables: list[Floats]) -> Floats:
    return np.log(np.concatenate(tables, axis=1)).T


def _by_level(values: Floats, field: Field) -> Floats:
    """(values, kinds) -> (kinds, levels): the bins of a level together."""
    return np.add.reduceat(values, field.first_value[:-1], axis=0).T


def _normalised(table: Floats) -> Floats:
    return np.asarray(table / table.sum(axis=1, keepdims=True))


def _divergence(one: Floats, other: Floats) -> float:
    return float((one * np.log(one / other)).sum())


def _mean_log(evidence: Floats, prior: Floats) -> Floats:
    top = evidence.max(axis=1, keepdims=True)
    return np.asarray(np.log((np.exp(evidence - top) * (prior / prior.sum())).sum(axis=1)) + top[:, 0])
