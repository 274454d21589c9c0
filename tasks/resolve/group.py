"""From pairs to clusters: groups are completed (every pair in them compared), then clustered by average linkage."""

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from tasks.resolve.cluster import ALWAYS, NEVER, Links, cluster, components
from tasks.resolve.judge import At, Judge, Scored, Sides

if TYPE_CHECKING:
    from collections.abc import Callable

PAIR = 2
APART = 0.49  # below what holds two groups together


def grouped(judge: Judge, scored: Scored, believed: "Callable[[Scored], Any]") -> tuple[Scored, pl.DataFrame]:
    """(pairs, clusters): the pairs with those that only the completion found, and the clusters (see ``Linked``).

    ``believed``: Boolean per pair: may hold a cluster together. People's decisions are never overruled.
    """
    sides = judge.sides
    offset = 0 if sides.within else len(sides.left)
    nodes = len(sides.right) + offset
    group = components(nodes, _links(judge, scored, offset, believed))
    scored = _completed(judge, scored, group, offset)
    links, place = _links(judge, scored, offset, believed), _places(sides, offset)
    links = Links(place[links.one], place[links.other], links.likely)
    held = cluster(nodes, links, judge.model.limits.cluster, offset)[place]
    smallest = np.full(nodes, nodes)
    np.minimum.at(smallest, held, np.arange(nodes))
    return scored, _frame(smallest[held], sides)


def _places(sides: Sides, offset: int) -> At:
    """Per node its place by content: clustering breaks ties by it, so that the order of rows decides nothing."""
    files = [sides.right.content] if sides.within else [sides.left.content, sides.right.content]
    places = [np.argsort(np.argsort(content, kind="stable"), kind="stable") for content in files]
    return np.concatenate([places[0], *(place + offset for place in places[1:])])


def _links(judge: Judge, scored: Scored, offset: int, believed: "Callable[[Scored], Any]") -> Links:
    likely = np.where(believed(scored), scored.probability, np.minimum(scored.probability, APART))
    one, other = scored.left, scored.right + offset
    if judge.labels is not None:
        one = np.concatenate([one, judge.labels.left])
        other = np.concatenate([other, judge.labels.right + offset])
        likely = np.concatenate([likely, np.where(judge.labels.same, ALWAYS, NEVER)])
    return Links(one, other, likely)


def _completed(judge: Judge, scored: Scored, group: At, offset: int) -> Scored:
    """Adds the pairs of every group of more than two records that blocking did not find."""
    size = np.bincount(group, minlength=len(group))[group]
    rows = np.flatnonzero((size > PAIR) & (size <= judge.model.limits.completed))
    rows = rows[np.argsort(group[rows], kind="stable")]
    one, other = _each_with_each(group[rows])
    one, other = rows[one], rows[other]
    if offset:  # pairs within one of the two files are no pairs of this linking
        across = (one < offset) & (other >= offset)
        one, other = one[across], other[across]
    codes = _codes(one, other - offset)
    new = ~np.isin(codes, _codes(scored.left, scored.right))
    one, other = one[new], other[new] - offset
    if not len(one):
        return scored
    added = judge.scored(one, other, judge.vectors_of(one, other))
    worth = added.probability >= judge.model.limits.report
    order = np.argsort(np.concatenate([_codes(scored.left, scored.right), codes[new][worth]]), kind="stable")
    return Scored(*(
        np.concatenate([getattr(scored, name), getattr(added, name)[worth]])[order]
        for name in ("left", "right", "vectors", "probability")
    ))  # fmt: skip


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


def _codes(left: At, right: At) -> At:
    return (left << 32) | right


def _frame(held: At, sides: Sides) -> pl.DataFrame:
    if sides.within:
        return pl.DataFrame({"row": np.arange(len(held)), "cluster": held})
    left = len(sides.left)
    rows = np.concatenate([np.arange(left), np.arange(len(held) - left)])
    side = pl.Series("side", np.where(np.arange(len(held)) < left, "left", "right"))
    return pl.DataFrame({"row": rows, "cluster": held}).with_columns(side)
