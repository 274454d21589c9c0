"""What a curious reader of the analysts' copy can do: put together what all tables tell of a pseudonym, and count.

Written apart from the office's own check: plain Python over what the file itself says it holds, with an own list of
what may be known of a neighbour.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import duckdb

NEIGHBOURS_KNOW = (
    "no_kec", "no_kel", "birth_year", "birth_decade", "jenis_klmin", "stat_kwn", "stat_hbkel", "pddk_akh",
    "jenis_pkrjn", "daerah",
)  # fmt: skip
# What people hear of the office's work on somebody; a rule, a reason or a kind of pair only where it is told at all.
PEOPLE_HEAR = ("agenda", "outcome", "jenis", "luar_kota", "ektp_status", "usulan", "element")
TOLD_OR_EMPTY = ("code", "cause", "basis", "kind")
Profile = frozenset[tuple[str, Hashable]]


@dataclass(frozen=True)
class Table:
    """A table with people in it: which columns those are, and all rows."""

    name: str
    people: tuple[str, ...]
    columns: tuple[str, ...]
    rows: list[tuple[Hashable, ...]]

    def column(self, name: str) -> Iterable[Hashable]:
        """One column."""
        at = self.columns.index(name)
        return (row[at] for row in self.rows)


def tables_about_people(path: Path) -> list[Table]:
    """Every table of the file that has a column of people."""
    found = []
    with duckdb.connect(str(path), read_only=True) as con:
        for (name,) in con.execute("select table_name from duckdb_tables() order by 1").fetchall():
            asked = con.execute(f"from {name}")
            columns = tuple(column[0] for column in asked.description)
            people = tuple(column for column in columns if column.startswith("orang"))
            if people:
                found.append(Table(name, people, columns, asked.fetchall()))
    return found


def profiles(tables: list[Table]) -> dict[Hashable, Profile]:
    """Pseudonym -> all that any table tells of that person and a neighbour may know."""
    told: dict[Hashable, set[tuple[str, Hashable]]] = defaultdict(set)
    for table in tables:
        for trait in NEIGHBOURS_KNOW:
            if trait in table.columns:
                for person, value in zip(table.column(table.people[0]), table.column(trait), strict=True):
                    if value not in {None, ""}:
                        told[person].add((trait, value))
    return {person: frozenset(values) for person, values in told.items()}


def singled_out(path: Path, k: int) -> list[str]:
    """Every group of fewer than ``k`` people: by all that is told of them, in a table or with one value of a column."""
    tables = tables_about_people(path)
    told = profiles(tables)
    return [
        f"{table.name}.{column}: {count} orang"
        for table in tables
        for column, members in _known_groups(table)
        for count in Counter(told[person] for person in members if told.get(person)).values() if count < k
    ]  # fmt: skip


def singled_out_by_few_traits(path: Path, k: int) -> list[str]:
    """The same by every one and every two traits, of everybody in a table."""
    tables = tables_about_people(path)
    told = profiles(tables)
    found = []
    for table in tables:
        members = {person for side in table.people for person in table.column(side)}
        for size in (1, 2):
            for traits in combinations(NEIGHBOURS_KNOW, size):
                groups = Counter(frozenset(t for t in told.get(person, ()) if t[0] in traits) for person in members)
                found += [f"{table.name} {sorted(g)}: {n}" for g, n in groups.items() if g and n < k]
    return found


def _known_groups(table: Table) -> Iterator[tuple[str, set[Hashable]]]:
    """Who is in the table, and who has each value of each column that somebody may know."""
    everybody: set[Hashable] = set()
    for side in table.people:
        everybody |= set(table.column(side))
    yield "(tabel)", everybody
    for column in (column for column in table.columns if column in (*PEOPLE_HEAR, *TOLD_OR_EMPTY)):
        groups: dict[Hashable, set[Hashable]] = defaultdict(set)
        for side in table.people:
            for value, person in zip(table.column(column), table.column(side), strict=True):
                if value is not None or column in PEOPLE_HEAR:
                    groups[value].add(person)
        for members in groups.values():
            yield column, members
