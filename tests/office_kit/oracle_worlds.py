"""Many families as one batch: the rules' own cases side by side, and families changed at random."""

import contextlib
import copy
import random
from datetime import date, timedelta
from typing import TYPE_CHECKING

from expectations.rules import RULES, Level
from expectations.rules.cases import Case
from expectations.rules.model import Change
from office_kit.oracle_cases import as_world, crowd_of_names, joined, residents
from office_kit.oracle_people import World

if TYPE_CHECKING:
    from office_kit.oracle_words import Row

DEFAULT_DAYS = {(1, 1), (1, 7), (31, 12)}  # a clean family has no conventional birthday (ANM-TGL-06)
MISSING = (None, "-", "0", "")
OTHER_NAMES = ("ZULFA QORI", "HJ. SITI AMINAH", "SITI AMINAH", "SITI AMINA", "BAMBANG WIBOWO", "BAMBANG WIBAWA", None,
               "-")  # fmt: skip
MOTHERS = ("SUMIATI", "PARTINAH", "KASIYEM", "WARSINI", "SUMIYATI", "TUKINAH")


def clean_case(chance: random.Random, as_of: date) -> Case:
    """A clean family as of a day on which nobody has a conventional birthday."""
    while True:
        case = Case(chance, as_of)
        if not DEFAULT_DAYS & {(row["tgl_lhr"].day, row["tgl_lhr"].month) for row in case.family}:
            return case
        as_of -= timedelta(days=1)


def apart(count: int, chance: random.Random, as_of: date) -> list[Case]:
    """Clean families no two of which share a birthday, the youngest as of ``as_of``: strangers to each other."""
    return [clean_case(chance, as_of - timedelta(days=3 * n)) for n in range(count)]


def example_worlds(changes: tuple[Change, ...], seeds: int, as_of: date) -> list[World]:
    """``seeds`` families for each change, each in a world of its own."""
    chance = random.Random(76)  # noqa: S311 (examples, not secrets)
    cases = apart(len(changes) * seeds, chance, as_of)
    for at, case in enumerate(cases):
        changes[at % len(changes)](case)
    return [as_world(case) for case in cases]


class Mutator:
    """Changes families at random: rules' own breaks, and edits that make rows of one family look like another's."""

    def __init__(self, seed: int, as_of: date) -> None:
        self.chance = random.Random(seed)  # noqa: S311 (examples, not secrets)
        self.as_of = as_of
        self.changes = [c for rule in RULES if not rule.is_row for c in (*rule.breaks, *rule.keeps)]
        self.row_changes = [c for rule in RULES if rule.level is Level.ROW for c in rule.breaks]
        self.kks: list[str] = []

    def world(self) -> World:
        """One family, perhaps known to the register, perhaps of a file that lists whole families."""
        chance = self.chance
        case = clean_case(chance, self.as_of - timedelta(days=chance.randrange(1500)))
        for row in case.family[:2]:
            row["nama_lgkp_ibu"] = chance.choice(MOTHERS)
        for row in case.family:
            row["no_akta_lhr"] = chance.choice((row["no_akta_lhr"], None, "-", f"AL-{chance.randrange(400)}"))
        self.kks.append(case.head["no_kk"])
        if chance.random() < 0.5:
            known = copy.deepcopy(case.family)
            case.register += known[: chance.choice((1, 3, 4, 4))]
        for change in chance.choices(self.changes, k=chance.choice((0, 1, 1, 1, 2, 3))):
            with contextlib.suppress(TypeError):  # the change before took a date that this one counts from
                change(case)
        if chance.random() < 0.1:
            chance.choice(self.row_changes)(case)
        for _ in range(chance.choice((0, 0, 1, 1, 2))):
            self._edit(case)
        if case.register and chance.random() < 0.2:
            person = chance.choice(case.register)
            person.update(chance.choice(({"stat_hidup": "2"}, {"flag_status": "2"}, {"nik": None})))
        chance.shuffle(case.family)
        case.family = case.family[: chance.choice((1, 2, 3, 4, 4, 4, 30, 30, 30))]
        return as_world(case, whole=chance.random() < 0.4)

    def _edit(self, case: Case) -> None:
        chance = self.chance
        row, other = chance.choice(case.family), chance.choice(case.family)
        born = row["tgl_lhr"] or date(1980, 4, 11)
        edits: tuple[Row, ...] = (
            {"stat_hidup": chance.choice(("2", "2", None, " ", "-", "")), "flag_status": chance.choice(("0", "", "-"))},
            {"flag_status": chance.choice(("2", None))}, {"stat_hbkel": chance.choice("1234789")},
            {"stat_hbkel": None}, {"nik": chance.choice(MISSING)}, {"nik": other["nik"]},
            {"no_kk": chance.choice((*MISSING, chance.choice(self.kks)))}, {"nik_ibu": other["nik"]},
            {"nik_ibu": chance.choice(MISSING), "nik_ayah": other["nik"]}, {"nama_lgkp": chance.choice(OTHER_NAMES)},
            {"nama_lgkp_ibu": chance.choice(OTHER_NAMES)}, {"stat_kwn": chance.choice(("1", "2", "3", None))},
            {"tgl_lhr": born + timedelta(days=chance.choice((-1, 1, 2, 90, 181, 365, 4700, 9000, 14000)))},
            {"tgl_lhr": other["tgl_lhr"]}, {"no_kel": chance.choice(("1009", None)), "no_prop": "35"},
            {"no_kab": chance.choice(("15", None))},
        )  # fmt: skip
        case.put(row, **chance.choice(edits))
        if chance.random() < 0.1:
            case.put(case.head, stat_kwn=chance.choice(("1", "3", "4", None)))
        if chance.random() < 0.1 and case.child["tgl_lhr"]:
            case.put(case.sibling, tgl_lhr=case.child["tgl_lhr"] + timedelta(days=chance.choice((1, 2, 180, 181))))
        if chance.random() < 0.05 and case.child["tgl_lhr"]:  # children of no family, or without numbers of their own
            shared = chance.choice(({"no_kk": "-"}, {"nik": "-"}, {"nik": None}))
            later = timedelta(days=chance.choice((0, 0, 90)))
            case.put(case.sibling, tgl_lhr=case.child["tgl_lhr"] + later, **shared)
            case.put(case.child, **shared)
        if chance.random() < 0.15:  # a missing NIK is nobody's: two of them in one family
            case.put(other, nik=row["nik"] if row["nik"] in MISSING else chance.choice(MISSING))


def mixed(count: int, seed: int, as_of: date) -> World:
    """A batch of families changed at random, beside a register and lists."""
    mutator = Mutator(seed, as_of)
    world = joined(mutator.world() for _ in range(count))
    world.register += residents(crowd_of_names(SITI="2", BAMBANG="1"))
    return world
