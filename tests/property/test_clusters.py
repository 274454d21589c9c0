"""Clusters against a second clustering, and what no clustering may do: overrule people, chain strangers, grow."""

from itertools import combinations

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from office_kit.residents import again, resident
from scipy.cluster.hierarchy import fcluster, linkage

from expectations.matching import shipped
from tasks.resolve.cluster import ALWAYS, NEVER, Links, cluster
from tasks.resolve.link import Linked, Steering, link

Groups = set[frozenset[int]]
COLUMNS = tuple(shipped().columns)


def links_of(likely: dict[tuple[int, int], float]) -> Links:
    one, other = (np.array([pair[side] for pair in likely], np.int64) for side in (0, 1))
    return Links(one, other, np.array(list(likely.values()), np.float64))


def groups(held: npt.NDArray[np.int64]) -> Groups:
    return {frozenset(np.flatnonzero(held == each).tolist()) for each in set(held.tolist())}


def random_graph(seed: int, nodes: int, share: float) -> dict[tuple[int, int], float]:
    """Probabilities without ties; a share of the pairs has none."""
    rng = np.random.default_rng(seed)
    return {
        pair: float(rng.choice([rng.random() ** 4, 1 - rng.random() ** 4]))
        for pair in combinations(range(nodes), 2) if rng.random() < share
    }  # fmt: skip


def slowly(nodes: int, likely: dict[tuple[int, int], float], most: int, left: int = 0) -> Groups:
    """Average linkage by its definition: the likeliest two groups are joined, one merge at a time."""
    found = [frozenset([node]) for node in range(nodes)]

    def average(one: frozenset[int], other: frozenset[int]) -> float:
        pairs = [(min(a, b), max(a, b)) for a in one for b in other if not left or (a < left) != (b < left)]
        return sum(likely.get(pair, 0.0) for pair in pairs) / len(pairs) if pairs else 0.0

    while True:
        joinable = [(average(a, b), a, b) for a, b in combinations(found, 2) if len(a) + len(b) <= most]
        best = max(joinable, key=lambda each: each[0], default=(0.0, frozenset(), frozenset()))
        if best[0] < 0.5:
            return set(found)
        found = [each for each in found if each not in best[1:]] + [best[1] | best[2]]


@pytest.mark.parametrize("seed", range(40))
def test_average_linkage_is_scipys(seed: int) -> None:
    """If this fails, the groups are not those of the published method that the report names."""
    nodes = 3 + seed % 12
    likely = dict.fromkeys(combinations(range(nodes), 2), 0.0) | random_graph(seed, nodes, 0.7)
    distances = [1 - likely[pair] for pair in combinations(range(nodes), 2)]
    label = fcluster(linkage(distances, "average"), 0.5, "distance")
    assert groups(cluster(nodes, links_of(likely), nodes)) == groups(label)


@pytest.mark.parametrize("left", [0, 5])
@pytest.mark.parametrize("seed", range(30))
def test_one_merge_at_a_time_gives_the_same(seed: int, left: int) -> None:
    """If this fails, merging in rounds is another method, or the size cap or the two files change what is joined."""
    nodes = 7 + seed % 6
    likely = random_graph(seed, nodes, 0.6)
    likely = {pair: p for pair, p in likely.items() if not left or (pair[0] < left) != (pair[1] < left)}
    for most in (2, 3, 6):
        found = groups(cluster(nodes, links_of(likely), most, left))
        assert found == slowly(nodes, likely, most, left)
        assert max(map(len, found)) <= most


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.integers(4, 16))
def test_the_order_of_pairs_does_not_matter(seed: int, nodes: int) -> None:
    """If this fails, sorting an extract otherwise gives other groups."""
    likely = random_graph(seed, nodes, 0.6)
    shuffled = list(likely.items())
    np.random.default_rng(seed).shuffle(shuffled)
    turned = {(b, a) if seed % 2 else (a, b): p for (a, b), p in shuffled}
    first = cluster(nodes, links_of(likely), 6)
    assert np.array_equal(first, cluster(nodes, links_of(turned), 6))
    assert all(first[node] == min(np.flatnonzero(first == first[node])) for node in range(nodes))


@settings(max_examples=150)
@given(st.integers(0, 100_000), st.integers(3, 20))
def test_people_are_never_overruled(seed: int, nodes: int) -> None:
    """If this fails, a pair that Staff decided on is joined or parted again, directly or through other records."""
    rng = np.random.default_rng(seed)
    person = rng.integers(0, max(2, nodes // 4), nodes)
    decided = [pair for pair in combinations(range(nodes), 2) if rng.random() < 0.3]
    likely = random_graph(seed, nodes, 0.7)
    same = {pair: bool(person[pair[0]] == person[pair[1]]) for pair in decided}
    one, other = (np.array([pair[side] for pair in (*likely, *same)], np.int64) for side in (0, 1))
    links = Links(one, other, np.array([*likely.values(), *(ALWAYS if yes else NEVER for yes in same.values())]))
    held = cluster(nodes, links, 4)
    assert [pair for pair, yes in same.items() if (held[pair[0]] == held[pair[1]]) is not np.bool_(yes)] == []


def test_people_who_contradict_each_other_join_nobody() -> None:
    """If this fails, one of two contradicting decisions switches an identity off; a third person must look."""
    links = links_of({(0, 1): 0.9, (0, 2): 0.9, (1, 2): 0.9})
    told = Links(np.append(links.one, [0, 0, 0]), np.append(links.other, [1, 1, 1]),
                 np.append(links.likely, [ALWAYS, ALWAYS, NEVER]))  # fmt: skip
    held = cluster(3, told, 6)
    assert held[0] != held[1]


def test_a_weak_bridge_does_not_hold() -> None:
    """If this fails, one look-alike makes two families' records one person."""
    camps = {pair: 0.97 for camp in ((0, 1, 2), (3, 4, 5)) for pair in combinations(camp, 2)}
    assert groups(cluster(6, links_of(camps | {(2, 3): 0.95}), 6)) == {frozenset({0, 1, 2}), frozenset({3, 4, 5})}


def test_a_long_chain_is_taken_apart() -> None:
    """If this fails, a chain of look-alikes makes a dozen residents one person."""
    chain = {(at, at + 1): 0.96 for at in range(39)}
    assert max(map(len, groups(cluster(40, links_of(chain), 6)))) == 2


# --- through the whole linking --------------------------------------------------------------------------------------


def records(rows: list[dict[str, str | None]]) -> pl.DataFrame:
    return pl.DataFrame({column: [row[column.upper()] for row in rows] for column in COLUMNS},
                        schema=dict.fromkeys(COLUMNS, pl.String))  # fmt: skip


def together(linked: Linked) -> Groups:
    return {frozenset(rows) for rows in linked.clusters.group_by("cluster").agg("row")["row"].to_list()}


def decisions(*pairs: tuple[int, int, bool]) -> Steering:
    schema = {"left_row": pl.Int64, "right_row": pl.Int64, "same": pl.Boolean}
    return Steering(labels=pl.DataFrame(pairs, schema=schema, orient="row"))


PEOPLE = records([*map(resident, range(60)), *(again(resident(n), ALAMAT="JL LAIN 3") for n in range(10))])


def test_decisions_stand_in_the_clusters() -> None:
    """If this fails, what Staff decided is forgotten by the next batch."""
    before = together(link(PEOPLE))
    assert frozenset({0, 60}) in before
    told = decisions((60, 0, False), (1, 61, True), (20, 40, True), (40, 50, True))
    after = together(link(PEOPLE, steering=told))
    assert {frozenset({0}), frozenset({60}), frozenset({1, 61}), frozenset({20, 40, 50})} <= after


def test_a_third_record_does_not_join_what_people_parted() -> None:
    """If this fails, two people that Staff told apart are one person again because a third record resembles both."""
    rows = [*map(resident, range(40)), again(resident(5), ALAMAT="JL 2"), again(resident(5), ALAMAT="JL 3")]
    assert frozenset({5, 40, 41}) in together(link(records(rows)))
    parted = link(records(rows), steering=decisions((5, 41, False)))
    assert not [each for each in together(parted) if {5, 41} <= each]
    pair = parted.pairs.filter((pl.col("left_row") == 5) & (pl.col("right_row") == 41))
    assert "match" not in pair["band"]


def test_more_records_than_a_life_has_are_not_one_person() -> None:
    """If this fails, a name and birth date that half a village was given becomes one resident."""
    rows = [again(resident(3), NIK=None, ALAMAT=f"JL {n} A") for n in range(15)]
    linked = link(records([*rows, *map(resident, range(10, 40))]))
    assert max(map(len, together(linked))) == shipped().limits.cluster
    assert linked.pairs.filter(pl.col("guard") == "chain").height


@pytest.mark.parametrize("seed", range(5))
def test_ties_are_broken_by_what_the_records_say(seed: int) -> None:
    """If this fails, of two equally likely partners the one that stands first in the file is taken."""
    rows = [again(resident(3), NIK=None, ALAMAT=f"JL {n} A") for n in range(15)]
    people = records([*rows, *map(resident, range(10, 40))])
    order = np.random.default_rng(seed).permutation(people.height)
    shuffled = {frozenset(int(order[at]) for at in each) for each in together(link(people[order]))}
    assert shuffled == together(link(people))
