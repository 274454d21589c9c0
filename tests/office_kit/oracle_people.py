"""Who is who in the second opinion: the people of a batch and its register, their families, who is one person.

Two rows of one real NIK are one person; a number that is missing or broken is nobody else's (handbook 2.10). A resident
whose row was received is judged by that row. Families are judged when they are known whole.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from office_kit.oracle_words import (
    Row,
    alike,
    digits16,
    letters,
    no_number,
    real_nik,
)

SAME_NAME, TWIN_NAME, SAME_MOTHER = 85, 92, 88
HEAD, SPOUSES, CHILD, ELDERS = "1", ("2", "3"), "4", ("7", "8")


def identity(row: Row) -> tuple[object, ...]:
    return row["no_kk"], row["tgl_lhr"], " ".join(letters(row["nama_lgkp"]))


@dataclass
class World:
    """Received ``rows`` (with row_id and file_no), the ``register``, the lists, and the files of ``whole`` families.

    Residents carry row_id None.
    """

    rows: list[Row] = field(default_factory=list)
    register: list[Row] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    whole: set[int] = field(default_factory=set)

    @cached_property
    def people(self) -> list[Row]:
        """Every received row, and the residents that no received row stands for."""
        numbers = {real_nik(row["nik"]) for row in self.rows} - {""}
        known = {identity(row) for row in self.rows if None not in identity(row)[:2]}
        roles = {
            (row["no_kk"], row["stat_hbkel"], row["nama_lgkp"])
            for row in self.rows
            if row["stat_hbkel"] in (HEAD, *SPOUSES)
        }

        def corrected(p: Row) -> bool:  # a received head or spouse of that family with a like name stands for it
            mine = (p["no_kk"], p["stat_hbkel"])
            names = [name_ for kk, role, name_ in roles if (kk, role) == mine and kk is not None]
            return any(alike(named, p["nama_lgkp"], SAME_NAME) for named in names)

        return self.rows + [
            p for p in self.register if p["nik"] not in numbers and identity(p) not in known and not corrected(p)
        ]

    @cached_property
    def families(self) -> dict[str, list[Row]]:
        """NO_KK -> the people of each family that is known whole."""
        registered = {p["no_kk"] for p in self.register}
        known = {
            digits16(row["no_kk"]) for row in self.rows if row["file_no"] in self.whole or row["no_kk"] in registered
        } - {""}
        found: dict[str, list[Row]] = {kk: [] for kk in known}
        for person in self.people:
            if person["no_kk"] in found:
                found[str(person["no_kk"])].append(person)
        return found

    @cached_property
    def by_nik(self) -> dict[str, list[Row]]:
        return grouped(self.people, lambda p: real_nik(p["nik"]))

    @cached_property
    def by_birth(self) -> dict[object, list[Row]]:
        return grouped(self.people, lambda p: p["tgl_lhr"])


def grouped(people: Iterable[Row], key: Callable[[Row], object]) -> dict[object, list[Row]]:
    """People by a key; those without one are in no group."""
    found: dict[object, list[Row]] = defaultdict(list)
    for person in people:
        if key(person):
            found[key(person)].append(person)
    return found


def ids(rows: Iterable[Row]) -> set[int]:
    """Received rows only: residents of the register are never accused."""
    return {int(str(row["row_id"])) for row in rows if row["row_id"] is not None}


def persons(rows: Iterable[Row]) -> int:
    return len({who(row) for row in rows})


def who(row: Row) -> object:
    """A real NIK is one person; without one, family, name and birth date are; without those, every row is its own."""
    kk, born, called = identity(row)
    unknown = no_number(kk) or not called or born is None
    return real_nik(row["nik"]) or (id(row) if unknown else (kk, called, born))


def one_person(a: Row, b: Row) -> bool:
    return a is b or who(a) == who(b)


Judge = Callable[[World, date], set[int]]
