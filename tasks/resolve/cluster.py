"""Clusters: which records are one person, by average linkage over the probabilities of all pairs of a group.

Components of linked pairs chain strangers together through one weak bridge (Draisbach & Naumann 2013); average linkage
(UPGMA, Sokal & Michener 1958) joins two groups only when their pairs agree on average. Merging reciprocal nearest
neighbours in rounds gives the same tree as one merge at a time (Murtagh 1983), and every round is arithmetic on arrays.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from expectations.matching.model import EVEN

At = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
NEVER = -np.inf  # a pair that people told apart: no average recovers from it
ALWAYS = 1e6  # a pair that people told is one person: above any average of probabilities, in groups of any size


@dataclass(frozen=True)
class Links:
    """Undirected pairs between nodes 0..n-1. ``likely``: probability of being one person (or NEVER, ALWAYS)."""

    one: At
    other: At
    likely: Floats


def components(nodes: int, links: Links) -> At:
    """Per node the smallest node it is connected with by pairs more likely than not."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    held = links.likely >= EVEN
    graph = coo_array((np.ones(held.sum()), (links.one[held], links.other[held])), shape=(nodes, nodes))
    _, group = connected_components(graph, directed=False)
    smallest = np.full(nodes, nodes)
    np.minimum.at(smallest, group, np.arange(nodes))
    return np.asarray(smallest[group])


def cluster(nodes: int, links: Links, most: int, left: int = 0) -> At:
    """Per node the smallest node of its cluster. No cluster holds more than ``most`` nodes unless people said so.

    Ties go to smaller nodes: the caller numbers them by content, not by row. Pairs not given count as probability 0: a
    group stays together only when most of its pairs speak for it. With ``left`` the nodes below it are of one file and
    the others of another; only pairs across are counted.
    """
    group = np.arange(nodes)
    size = np.ones(nodes, np.int64)
    mine = (group < left).astype(np.int64)
    one, other, total = links.one.copy(), links.other.copy(), links.likely.copy()
    while len(one):
        one, other, total = _summed(group[one], group[other], total)
        theirs = size - mine
        pairs = mine[one] * theirs[other] + theirs[one] * mine[other] if left else size[one] * size[other]
        average = total / pairs
        fits = (average >= EVEN) & ((size[one] + size[other] <= most) | (average > 1))
        if not fits.any():
            break
        into = _reciprocal(nodes, one[fits], other[fits], average[fits])
        group = into[group]
        size = np.bincount(group, minlength=nodes)
        mine = np.bincount(group, weights=np.arange(nodes) < left, minlength=nodes).astype(np.int64)
    return group


def _summed(one: At, other: At, total: Floats) -> tuple[At, At, Floats]:
    """Pairs between groups, smaller first, each once with the sum of its members; pairs within a group are gone."""
    low, high = np.minimum(one, other), np.maximum(one, other)
    apart = low != high
    low, high, total = low[apart], high[apart], total[apart]
    order = np.lexsort((total, high, low))
    low, high, total = low[order], high[order], total[order]
    if not len(low):
        return low, high, total
    first = np.flatnonzero(np.concatenate([[True], (low[1:] != low[:-1]) | (high[1:] != high[:-1])]))
    return low[first], high[first], np.add.reduceat(total, first)


def _reciprocal(nodes: int, one: At, other: At, average: Floats) -> At:
    """Per node the node it is merged into: pairs that are each other's likeliest, ties to the smallest pair."""
    both, partner = np.concatenate([one, other]), np.concatenate([other, one])
    low, high = np.minimum(both, partner), np.maximum(both, partner)
    order = np.lexsort((high, low, -np.concatenate([average, average]), both))
    both, partner = both[order], partner[order]
    first = np.concatenate([[True], both[1:] != both[:-1]])
    best = np.full(nodes, -1)
    best[both[first]] = partner[first]
    at = np.flatnonzero((best >= 0) & (best[best] == np.arange(nodes)))
    into = np.arange(nodes)
    into[at] = np.minimum(at, best[at])
    return into
