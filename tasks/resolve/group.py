"""From pairs to clusters: groups are completed (every pair in them compared), then clustered by average linkage."""

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from tasks.resolve.cluster import ALWAYS, NEVER, Links, cluster, components
from tasks.resolve.judge import At, Judge, Scored, Sides, code_of

if TYPE_CHECKING:
    from collections.abc import Callable

PAIR = 2
APART = 0.49  # below what holds two groups together


def grouped(judge: Judge, scored: Scored, believed: "Callable[[Scored], Any]") -> tuple[Scored, pl.DataFrame]:
    """(pairs, clusters): the pairs with those that only the completion found, and the clusters (see ``Linked``).

    ``believed``: Boolean per pair: may hold a cluster together. People's decisions are never overruled.
    """
    offset = 0 if judge.sides.within else len(judge.sides.left)
    links = _links(judge, scored, offset, believed)
    nodes = _Nodes(judge.sides, offset, links)
    group = components(len(nodes.records), nodes.numbered(links))
    scored = _completed(judge, scored, (nodes.records, group), offset)
    links = nodes.numbered(_links(judge, scored, offset, believed))
    held = cluster(len(nodes.records), links, judge.model.limits.cluster, nodes.left)
    first = np.full(len(held), np.iinfo(np.int64).max)
    np.minimum.at(first, held, nodes.records)
    whole = np.arange(offset + len(judge.sides.right))
    whole[nodes.records] = first[held]
    return scored, _frame(whole, judge.sides)


class _Nodes:
    """The records that have links, numbered by content: ties go by it, so that the order of rows decides nothing.

    ``records``: record of each number (those of a second file after the first's); ``left``: how many are of the first.
    """

    def __init__(self, sides: Sides, offset: int, links: Links) -> None:
        self._sorted = np.unique(np.concatenate([links.one, links.other]))
        first = self._sorted[self._sorted < offset]
        content = np.concatenate([sides.left.content[first], sides.right.content[self._sorted[len(first) :] - offset]])
        order = np.lexsort((content, self._sorted >= offset))
        self.records = self._sorted[order]
        self.left = len(first)
        self._number = np.empty(len(order), np.int64)
        self._number[order] = np.arange(len(order))

    def numbered(self, links: Links) -> Links:
        """The same links between numbers."""
        one, other = (self._number[np.searchsorted(self._sorted, each)] for each in (links.one, links.other))
        return Links(one, other, links.likely)


def _links(judge: Judge, scored: Scored, offset: int, believed: "Callable[[Scored], Any]") -> Links:
    likely = np.where(believed(scored), scored.probability, np.minimum(scored.probability, APART))
    one, other = scored.left, scored.right + offset
    if judge.labels is not None:
        one = np.concatenate([one, judge.labels.left])
        other = np.concatenate([other, judge.labels.right + offset])
        likely = np.concatenate([likely, np.where(judge.labels.same, ALWAYS, NEVER)])
    return Links(one, other, likely)


def _completed(judge: Judge, scored: Scored, grouped: tuple[At, At], offset: int) -> Scored:
    """Adds the pairs of every group of more than two records that blocking did not find.

    ``grouped``: the records that have links, and the group of each.
    """
    records, group = grouped
    size = np.bincount(group, minlength=len(group))[group]
    kept = np.flatnonzero((size > PAIR) & (size <= judge.model.limits.completed))
    kept = kept[np.lexsort((records[kept], group[kept]))]
    one, other = _each_with_each(group[kept])
    one, other = records[kept][one], records[kept][other]
    if offset:  # pairs within one of the two files are no pairs of this linking
        across = (one < offset) & (other >= offset)
        one, other = one[across], other[across]
    new = ~np.isin(code_of(one, other - offset), scored.codes)
    one, other = one[new], other[new] - offset
    if not len(one):
        return scored
    added = judge.scored(one, other, judge.vectors_of(one, other))
    return scored.with_more(added.at(added.probability >= judge.model.limits.report))


def _each_with_each(group: At) -> tuple[At, At]:
    """Positions of all pairs within runs of one group."""
    one, other = [np.array([], np.int64)], [np.array([], np.int64)]
    for step in range(1, len(group)):
        at = np.flatnonzero(group[step:] == group[:-step])
        if not len(at):
            break
        one.append(at)
        other.append(at + step)
    return np.concatenate(one), np.concatenate(other)


def _frame(held: At, sides: Sides) -> pl.DataFrame:
    if sides.within:
        return pl.DataFrame({"row": np.arange(len(held)), "cluster": held})
    left = len(sides.left)
    rows = np.concatenate([np.arange(left), np.arange(len(held) - left)])
    side = pl.Series("side", np.where(np.arange(len(held)) < left, "left", "right"))
    return pl.DataFrame({"row": rows, "cluster": held}).with_columns(side)
