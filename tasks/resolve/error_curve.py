"""True over stated error of a matching model, learned from labels: a curve with a floor that strata depart from.

logit(true) = offset + slope * logit(stated) (Cox 1958), never below a floor: certainty about records that look alike
has an end. What is known before any label is the shape that measured populations had; labels move it. Each stratum
may depart from the curve (beta-binomial), so that what people found there outweighs the curve as labels grow.
Offset, slope and floor are integrated over a fixed grid: the same labels give the same numbers everywhere.
"""

from functools import cache, cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

CONFIDENCE = 0.95
LEAST_ERROR = 1e-9  # stated error of a probability that a table rounded to 1
# Before any label, (centre, standard deviation): over-confidence as measured; the floor as a natural logarithm.
OFFSET, SLOPE, FLOOR = (0.1, 0.4), (0.85, 0.1), (float(np.log(0.0006)), 0.8)
CAPTURED = 0.02  # chance that a model is sure and wrong, with any floor up to one half: a kind was captured
DEPARTURE = 3.0  # false matches that the curve's word is worth in a stratum: it may be wrong there by 60 %
STEP = 0.25  # of logit(stated), for tables
LOGITS = np.arange(-20.75, 21, STEP)


@cache
def _grid() -> tuple[Floats, Floats]:
    """(true error of every curve at every LOGITS, log of the curve's prior probability), curves in rows."""
    from scipy.special import expit, logsumexp

    axis, deep = np.linspace(-2.2, 2.2, 9), np.linspace(np.log(5e-5), np.log(0.5), 20)
    offset, slope, floor = (each.reshape(-1, 1) for each in np.meshgrid(axis, axis, deep, indexing="ij"))
    least = np.exp(floor)
    line = OFFSET[0] + OFFSET[1] * offset + (SLOPE[0] + SLOPE[1] * slope) * LOGITS
    usual = np.exp(-(((deep - FLOOR[0]) / FLOOR[1]) ** 2) / 2)
    deepest = np.log((1 - CAPTURED) * usual / usual.sum() + CAPTURED / len(deep))
    prior = -(offset**2 + slope**2).ravel() / 2 + np.broadcast_to(deepest, (len(axis), len(axis), len(deep))).ravel()
    return least + (1 - least) * expit(line), prior - logsumexp(prior)


def stated_logit(probability: Floats) -> Floats:
    """Logit of the stated probability that a pair is no match."""
    error = np.clip(1 - probability, LEAST_ERROR, 1 - LEAST_ERROR)
    return np.asarray(np.log(error) - np.log1p(-error), float)


def allocation(pairs: Counts, error: Floats, least: Counts, size: int) -> Counts:
    """How many of each stratum's ``pairs`` to ask about, ``size`` in all (fewer when there are no more).

    n + n0 is proportional to N * sqrt(e (1 - e)), where the curve's word is worth n0 labels (Ericson 1965); with no
    such word it is Neyman's (1934) allocation. ``error``: expected per stratum; ``least``: asked in any case.
    """
    least = np.minimum(least if least.sum() <= size else 0, pairs)
    wanted = pairs * np.sqrt(error * (1 - error))
    known = DEPARTURE / np.minimum(error, 1 - error)
    low, high = -40.0, 40.0  # logarithm of the factor; bisection is exact enough after 80 halvings
    for _ in range(80):
        middle = (low + high) / 2
        if np.clip(np.exp(middle) * wanted - known, least, pairs).sum() > size:
            high = middle
        else:
            low = middle
    exact = np.clip(np.exp(low) * wanted - known, least, pairs)
    counts = np.floor(exact + 1e-6).astype(np.int64)
    spare = max(0, min(size, int(pairs.sum())) - int(counts.sum()))
    order = np.argsort(np.where(counts < pairs, counts - exact, np.inf), kind="stable")
    counts[order[:spare]] += counts[order[:spare]] < pairs[order[:spare]]
    return np.asarray(counts, np.int64)


class ErrorCurve:
    """What is believed about the false matches of strata after ``labels`` of them showed ``errors``.

    ``probability``, ``stratum`` (0, 1, ...): per pair, as the model states. ``labels``, ``errors``: per stratum.
    """

    def __init__(self, probability: Floats, stratum: Counts, labels: Counts, errors: Counts) -> None:
        self.labels, self.errors, self.stratum = labels, errors, stratum
        self.logit = stated_logit(probability)
        self.pairs = np.bincount(stratum, minlength=len(labels))
        at = np.rint((self.logit - LOGITS[0]) / STEP).astype(np.int64)
        held = np.bincount(stratum * len(LOGITS) + at, minlength=len(labels) * len(LOGITS)).reshape(len(labels), -1)
        self.means = np.clip(_grid()[0] @ (held / np.maximum(held.sum(1, keepdims=True), 1)).T, 1e-12, 1 - 1e-9)

    @cached_property
    def prior(self) -> Floats:
        """Expected error of each stratum before any label."""
        return np.asarray(np.exp(_grid()[1]) @ self.means, float)

    @cached_property
    def _beta(self) -> tuple[Floats, Floats, Floats]:
        """Per curve and stratum the two counts of the beta posterior; per curve its posterior probability."""
        from scipy.special import betaln, logsumexp

        strength = DEPARTURE / np.minimum(self.means, 1 - self.means)
        wrong, right = strength * self.means, strength * (1 - self.means)
        after = wrong + self.errors, right + self.labels - self.errors
        likelihood = (betaln(*after) - betaln(wrong, right)).sum(1) + _grid()[1]
        return *after, np.exp(likelihood - logsumexp(likelihood))

    def share(self, inside: npt.NDArray[np.bool_]) -> tuple[float, float, float]:
        """(low, median, high) of the share of errors among all pairs of the strata ``inside``.

        Labelled pairs count as people said. The rest is a mixture, over the curves, of gammas with the mean and the
        variance of the beta-binomial sum; as errors are whole pairs, the interval ends at whole pairs.
        """
        from scipy.special import gammainc

        wrong, right, chance = (self._beta[0][:, inside], self._beta[1][:, inside], self._beta[2])
        rest, found = (self.pairs - self.labels)[inside], int(self.errors[inside].sum())
        total = int(self.pairs[inside].sum())
        if not rest.sum():
            return (found / total,) * 3
        rate, strength = wrong / (wrong + right), wrong + right
        mean = rate @ rest
        variance = (rest * rate * (1 - rate) * (strength + rest) / (strength + 1)).sum(1)
        sums = np.geomspace(mean.min() * 1e-3, mean.max() * 20 + 1, 600)
        shares = chance @ gammainc((mean**2 / variance)[:, None], sums * (mean / variance)[:, None])
        low, middle, high = np.interp([(1 - CONFIDENCE) / 2, 0.5, (1 + CONFIDENCE) / 2], shares, sums)
        ends = found + np.floor(low), found + middle, min(found + np.ceil(high), found + rest.sum())
        return float(ends[0] / total), float(ends[1] / total), float(ends[2] / total)

    def error(self) -> Floats:
        """Expected error (0-1) of every pair: the corrected curve, shifted to what its stratum's labels say."""
        from scipy.special import expit, logit

        wrong, right, chance = self._beta
        shift = logit(chance @ (wrong / (wrong + right))) - logit(chance @ self.means)
        curve = np.interp(self.logit, LOGITS, logit(np.clip(chance @ _grid()[0], 1e-12, 1 - 1e-12)))
        return np.asarray(expit(curve + shift[self.stratum]), float)
