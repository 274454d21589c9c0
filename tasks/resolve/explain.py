"""Why two records may be one person: a reason per field, in bits and in words a Kasi reads.

The model is a mixture of kinds of pairs, so fields are not independent given match or non-match, and the match weight
is no sum of field weights as in Fellegi & Sunter (1969). A field's bits are therefore its Shapley value (Shapley 1953,
"A value for n-person games"): its mean contribution to the log2 odds over all orders in which the fields may become
known. They add up to the whole and depend on no order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import factorial, inf, log2
from typing import Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from expectations.matching import BANDS, MATCH, MISSING, NONE, POSSIBLE, Field, Guard, MatchingModel
from expectations.matching.model import ELSE, EVEN

Bits = npt.NDArray[np.float64]
Vectors = npt.NDArray[np.int8]
UNTOLD = "tidak diisi"
MOST_FIELDS = 16  # every subset of the fields is weighed: 65,536 of them
AT_ONCE = 2_000_000  # numbers held while subsets are weighed: 16 MB
DECIMALS = 9  # of a bit: below it the order of additions would show

# Strength of evidence by how many times likelier it makes one person, 2 ** bits (Kass & Raftery 1995, section 3.2:
# up to 3 "not worth more than a bare mention", 20 "positive", 150 "strong", more "very strong").
STRENGTHS = ((log2(3), "lemah"), (log2(20), "sedang"), (log2(150), "kuat"), (inf, "sangat kuat"))
SLIGHT = 0.25  # bits: less than 1.2 times likelier; told as neither for nor against
COMMON, RARE = 4, 1  # bins of how often a value occurs: over 128 records, up to 8 records
SURE, UNSURE = 0.995, 0.005  # rounded they would read as certain and as impossible
AGREEMENTS = ("same", "usual", "sound", "bag", "initials")  # tests that say: the same value, written otherwise at most
NEAR = 0.9  # probability from which a pair that is no match needs a word why
BAND_TOLD = {MATCH: "Cocok:", POSSIBLE: "Mungkin"}
OFTEN, SELDOM = "sering dipakai", "jarang dipakai"


class Mixture(Protocol):
    """What an explanation needs of a fitted classifier (``tasks.resolve.model.KindModel``).

    ``prior``: (kinds,); ``tables``: per field (kinds, values), P(value | kind) > 0; ``matches``: Boolean (kinds,).
    """

    model: MatchingModel
    prior: Bits
    matches: npt.NDArray[np.bool_]

    @property
    def tables(self) -> Sequence[Bits]:
        """P(value | kind) per field."""
        ...


@dataclass(frozen=True)
class FieldEvidence:
    """What one field says. ``bits`` > 0 speaks for one person, < 0 against; exactly 0 when a value is not filled in.

    ``agreement``: 1 the values agree, 0 in part, -1 not at all or not filled in.
    """

    name: str
    label: str
    words: str
    bits: float
    present: bool
    agreement: int = 0

    @property
    def told(self) -> str:
        """``nama sama``."""
        return f"{self.label} {self.words}"


@dataclass(frozen=True)
class KindShare:
    """One kind of pair and how probable it is for this pair."""

    name: str
    words: str
    share: float
    is_match: bool


@dataclass(frozen=True)
class Explanation:
    """One pair. ``start``: log2 odds of one person before comparing, ``final`` after; the fields' bits lie between.

    ``probability``: of one person, all kinds of match together. ``kind``, ``second``: the two most probable kinds;
    ``rival``: the most probable kind of the other side, match against no match.
    """

    start: float
    fields: tuple[FieldEvidence, ...]
    final: float
    probability: float
    kind: KindShare
    second: KindShare
    rival: KindShare


def explain(classifier: Mixture, vectors: Vectors) -> list[Explanation]:
    """One explanation per pair, in order; equal vectors share one. ``vectors``: int8 (pairs, fields).

    Raises ValueError for a model of more than ``MOST_FIELDS`` fields.
    """
    if not len(vectors):
        return []
    distinct, inverse = np.unique(vectors, axis=0, return_inverse=True)
    told = np.empty(len(distinct), dtype=object)
    told[:] = _explain_distinct(classifier, distinct)
    return list(told[inverse.reshape(-1)])


def _explain_distinct(classifier: Mixture, vectors: Vectors) -> list[Explanation]:
    fields, kinds = classifier.model.fields, classifier.model.kinds
    bits = shapley(classifier, vectors)
    with np.errstate(divide="ignore"):
        joint = classifier.prior * np.prod(_likelihoods(classifier, vectors), axis=1)
    shares = joint / joint.sum(axis=1, keepdims=True)
    matches = classifier.matches
    start = float(np.log2(classifier.prior[matches].sum()) - np.log2(classifier.prior[~matches].sum()))
    explanations = []
    for vector, row, share in zip(vectors.tolist(), bits.tolist(), shares, strict=True):
        evidence = tuple(
            FieldEvidence(
                field.name, field.label, words_of(field, value), bit, value != MISSING, agreement_of(field, value)
            )
            for field, value, bit in zip(fields, vector, row, strict=True)
        )
        order = np.argsort(-share, kind="stable")
        told = [KindShare(kinds[k].name, kinds[k].words, float(share[k]), bool(matches[k])) for k in order]
        rival = next(kind for kind in told if kind.is_match != told[0].is_match)
        explanations.append(
            Explanation(start, evidence, start + sum(row), float(share[matches].sum()), told[0], told[1], rival)
        )
    return explanations


def shapley(classifier: Mixture, vectors: Vectors) -> Bits:
    """Bits per pair and field, float64 (pairs, fields); rows sum to final minus starting log2 odds.

    A missing field changes the odds of no subset, so that its value is exactly 0 and those of the others are what
    they would be without it.
    """
    count = len(classifier.tables)
    if count > MOST_FIELDS:
        raise ValueError(f"a pair of {count} fields cannot be explained; at most {MOST_FIELDS}")
    sizes = np.bitwise_count(np.arange(1 << count)).astype(np.int64)
    orders = np.array([factorial(s) * factorial(count - s - 1) / factorial(count) for s in range(count)])
    step = max(1, AT_ONCE // (len(classifier.prior) << count))
    bits = np.zeros((len(vectors), count))
    for first in range(0, len(vectors), step):
        odds = _subset_odds(classifier, vectors[first : first + step])
        for at in range(count):
            halves = odds.reshape(len(odds), -1, 2, 1 << at)
            without = sizes.reshape(-1, 2, 1 << at)[:, 0]
            gained = (halves[:, :, 1] - halves[:, :, 0]) * orders[without]
            bits[first : first + step, at] = gained.sum(axis=(1, 2))
    return np.asarray(bits.round(DECIMALS)) + 0.0  # no -0.0


def _subset_odds(classifier: Mixture, vectors: Vectors) -> Bits:
    """Log2 odds of one person, (pairs, 2 ** fields): per subset of the fields; bit i of its number: field i counts."""
    likelihoods = _likelihoods(classifier, vectors)
    joint = np.empty((len(vectors), 1 << likelihoods.shape[1], len(classifier.prior)))
    joint[:, 0] = classifier.prior
    for at in range(likelihoods.shape[1]):
        half = 1 << at
        joint[:, half : 2 * half] = joint[:, :half] * likelihoods[:, at, None]
    least = np.finfo(np.float64).tiny
    match, other = (
        np.maximum(joint[:, :, side].sum(axis=2), least) for side in (classifier.matches, ~classifier.matches)
    )
    return np.asarray(np.log2(match) - np.log2(other))


def _likelihoods(classifier: Mixture, vectors: Vectors) -> Bits:
    """P(value | kind), (pairs, fields, kinds), scaled so that each field's likeliest kind has 1; missing: 1 for all."""
    found = np.ones((len(vectors), len(classifier.tables), len(classifier.prior)))
    for at, table in enumerate(classifier.tables):
        known = vectors[:, at] > MISSING
        found[known, at] = table.T[vectors[known, at].astype(np.int64)]
    return np.asarray(found / found.max(axis=2, keepdims=True))


def words_of(field: Field, value: int) -> str:
    """What a value of a comparison vector says, e.g. ``sama, jarang dipakai``."""
    if value == MISSING:
        return UNTOLD
    at, often = field.values[value]
    level = field.levels[at]
    if not level.binned or RARE < often < COMMON:
        return level.words
    return f"{level.words}, {OFTEN if often >= COMMON else SELDOM}"


def agreement_of(field: Field, value: int) -> int:
    """1: the values agree, 0: in part, -1: not at all or not filled in."""
    if value == MISSING or field.levels[field.values[value][0]].test == ELSE:
        return -1
    return 1 if field.levels[field.values[value][0]].test in AGREEMENTS else 0


def strength(bits: float) -> str:
    """How strong evidence of so many bits is, in a word (``STRENGTHS``)."""
    return next(word for limit, word in STRENGTHS if abs(bits) <= limit)


def of_hundred(probability: float) -> str:
    """``72 dari 100``: never certain, never impossible."""
    if probability >= SURE:
        return "lebih dari 99 dari 100"
    return "kurang dari 1 dari 100" if probability < UNSURE else f"{probability * 100:.0f} dari 100"


def sentence(explanation: Explanation, band: str, guard: Guard | None) -> str:
    """The pair in plain Indonesian: result, what speaks for and against, what is missing. No values of the records."""
    fields = sorted(explanation.fields, key=lambda each: -abs(each.bits))
    spoken = {
        "Mendukung": [_weighed(each) for each in fields if each.bits >= SLIGHT and each.agreement >= 0],
        "Menentang": [_weighed(each) for each in fields if each.bits <= -SLIGHT and each.agreement <= 0],
        # A family card that differs speaks for one person where the other explanation is a twin: said as such.
        "Kurang wajar bagi dua orang sekeluarga": [
            _weighed(each) for each in fields if each.bits >= SLIGHT and each.agreement < 0
        ],
        "Wajar juga bagi dua orang": [_weighed(each) for each in fields if each.bits <= -SLIGHT and each.agreement > 0],
        "Hampir tidak berpengaruh": [each.told for each in fields if each.present and abs(each.bits) < SLIGHT],
        "Tidak diisi atau tidak terbaca": [each.label for each in explanation.fields if not each.present],
    }
    parts = [
        _verdict(explanation, band, guard),
        *(f"{head}: {'; '.join(said)}" for head, said in spoken.items() if said),
    ]
    if guard:
        follows = "tidak diusulkan sebagai ganda" if guard.limit == NONE else "diputuskan orang"
        parts.append(f"Penjaga: {guard.words}, jadi {follows}")
    elif band == POSSIBLE and explanation.probability >= NEAR:
        parts.append("Belum mencapai batas cocok untuk data ini, jadi diputuskan orang")
    return ". ".join(parts) + "."


def _weighed(each: FieldEvidence) -> str:
    return f"{each.told} ({strength(each.bits)})"


def _verdict(explanation: Explanation, band: str, guard: Guard | None) -> str:
    kind, rival = explanation.kind, explanation.rival
    if band == NONE and not kind.is_match:
        return f"Bukan ganda: {kind.words} (kemungkinan {of_hundred(kind.share)})"
    one = f"orang yang sama ({of_hundred(explanation.probability)})"
    if band == NONE:
        return f"Bukan ganda menurut {'penjaga' if guard else 'ambang'}, walaupun hitungan menyebut {one}"
    if explanation.probability < EVEN:
        other = rival if kind.is_match else kind
        return f"{BAND_TOLD[band]} {one}; lebih mungkin: {other.words} ({of_hundred(other.share)})"
    kind, rival = (kind, rival) if kind.is_match else (rival, kind)
    told = f"{BAND_TOLD[band]} {one}. Paling mungkin: {kind.words}"
    return told if band == MATCH else f"{told}; kemungkinan lain: {rival.words} ({of_hundred(rival.share)})"


def reasons(classifier: Mixture, vectors: Vectors, bands: pl.Series, guards: pl.Series) -> pl.Series:
    """Sentences of many pairs, String, in order. ``bands``: words of BANDS; ``guards``: ``Guard.name`` or null.

    Each distinct (vector, band, guard) is explained and told once.
    """
    known = classifier.model.guard_named
    names = list(known)
    codes = [_codes(bands, list(BANDS)), _codes(guards, names)]
    keyed = np.column_stack([vectors, *codes])
    distinct, inverse = np.unique(keyed, axis=0, return_inverse=True)
    explanations = explain(classifier, distinct[:, :-2])
    told = [
        sentence(each, BANDS[band], known[names[guard]] if guard >= 0 else None)
        for each, (band, guard) in zip(explanations, distinct[:, -2:].tolist(), strict=True)
    ]
    return pl.Series("reason", told, dtype=pl.String).gather(inverse.reshape(-1))


def _codes(words: pl.Series, known: list[str]) -> Vectors:
    """Position of each word, -1 for null. Raises polars' InvalidOperationError for a word that is not known."""
    codes = words.cast(pl.String).cast(pl.Enum(known)).to_physical().cast(pl.Int8)
    return codes.fill_null(-1).to_numpy()
