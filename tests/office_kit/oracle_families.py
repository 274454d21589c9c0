"""A second opinion on rules of several rows: families, pairs and lists, in plain Python from the catalogue's words."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date

from office_kit.oracle_people import (
    CHILD,
    ELDERS,
    HEAD,
    SAME_MOTHER,
    SAME_NAME,
    SPOUSES,
    TWIN_NAME,
    Judge,
    World,
    grouped,
    identity,
    ids,
    one_person,
    persons,
)
from office_kit.oracle_words import (
    CITY,
    Row,
    active,
    age,
    alike,
    blank,
    digits16,
    domicile,
    letters,
    name,
    real_nik,
    unlike,
)

CROWD, CHILD_GAP, SIBLING_GAP = 15, 13, 180
MOTHER_AGES, FATHER_AGES = (13, 55), (14, 75)


def family_rule(judge: Callable[[list[Row]], Iterable[Row]]) -> Judge:
    """A judge of one family at a time that has any active member."""

    def all_families(world: World, _: date) -> set[int]:
        alive = [family for family in world.families.values() if any(map(active, family))]
        return set().union(*(ids(judge(family)) for family in alive))

    return all_families


def heads(family: list[Row]) -> list[Row]:
    return [row for row in family if active(row) and row["stat_hbkel"] == HEAD]


def two_heads(family: list[Row]) -> list[Row]:
    found = heads(family)
    return found if persons(found) > 1 else []


def head_gone(family: list[Row]) -> list[Row]:
    gone = any(row["stat_hbkel"] == HEAD and not active(row) for row in family)
    return [row for row in family if active(row)] if gone and not heads(family) else []


def scattered(family: list[Row]) -> list[Row]:
    """Members within the city only: who moved away lives elsewhere by right."""
    home = [row for row in family if domicile(row) == CITY]
    places = {(r["no_kec"], r["no_kel"]) for r in home if active(r) and None not in (r["no_kec"], r["no_kel"])}
    return home if len(places) > 1 else []


def lone_relative(family: list[Row]) -> list[Row]:
    alone = [row for row in family if active(row)]
    relations = {row["stat_hbkel"] for row in alone}
    return alone if persons(alone) == 1 and not relations & {HEAD, None} else []


def unmarried_head(family: list[Row]) -> list[Row]:
    spouse = any(active(row) and row["stat_hbkel"] in SPOUSES for row in family)
    return [row for row in heads(family) if spouse and row["stat_kwn"] not in ("2", None)]


def too_close(relations: tuple[str, ...], younger: str) -> Judge:
    """Members of these relations whose age and the head's are less than 13 years apart, or the wrong way round."""

    def judge(family: list[Row]) -> Iterator[Row]:
        for row in family:
            if active(row) and row["stat_hbkel"] in relations:
                for head in heads(family):
                    older, young = (head, row) if younger == "member" else (row, head)
                    if not one_person(row, head) and gap(older, young, -1000, CHILD_GAP - 1):
                        yield row

    return family_rule(judge)


def gap(older: Row, younger: Row, low: int, high: int) -> bool:
    """The older one's completed years when the younger was born lie between low and high."""
    a, b = older["tgl_lhr"], younger["tgl_lhr"]
    return isinstance(a, date) and isinstance(b, date) and low <= age(a, b) <= high


def with_parent(parent: str, wrong: Callable[[Row, Row], bool]) -> Judge:
    def judge(world: World, _: date) -> set[int]:
        return ids(
            row for row in world.rows for other in world.by_nik.get(str(row[f"nik_{parent}"]), [])
            if not one_person(row, other) and wrong(row, other)
        )  # fmt: skip

    return judge


def odd_age(low: int, high: int) -> Callable[[Row, Row], bool]:
    return lambda child, parent: gap(parent, child, -1000, low - 1) or gap(parent, child, high + 1, 1000)


def siblings(world: World, _: date) -> set[int]:
    children = grouped(world.people, lambda p: real_nik(p["nik_ibu"]))
    return ids(
        a for family in children.values() for a in family for b in family
        if not one_person(a, b) and isinstance(a["tgl_lhr"], date) and isinstance(b["tgl_lhr"], date)
        and 2 <= abs((a["tgl_lhr"] - b["tgl_lhr"]).days) <= SIBLING_GAP
    )  # fmt: skip


def two_families(world: World, _: date) -> set[int]:
    alive = grouped(filter(active, world.rows), lambda p: real_nik(p["nik"]))
    several = (rows for rows in alive.values() if len({digits16(row["no_kk"]) for row in rows} - {""}) > 1)
    return ids(row for rows in several for row in rows)


def one_nik_several(world: World, _: date) -> set[int]:
    received = grouped(world.rows, lambda p: real_nik(p["nik"]))
    held = grouped(world.register, lambda p: real_nik(p["nik"]))
    dated = [(a, b) for rows in received.values() for a in rows for b in rows if a is not b]
    return ids(
        [a for a, b in dated if unlike(a["nama_lgkp"], b["nama_lgkp"], SAME_NAME)
         or (None not in (a["tgl_lhr"], b["tgl_lhr"]) and a["tgl_lhr"] != b["tgl_lhr"])]
        + [a for a in world.rows for p in held.get(real_nik(a["nik"]), [])
           if unlike(a["nama_lgkp"], p["nama_lgkp"], SAME_NAME)]
    )  # fmt: skip


def copies(world: World, _: date) -> set[int]:
    """The same person twice in ONE file: two lists of the centre may both name somebody."""
    same = grouped((row for row in world.rows if active(row) and real_nik(row["nik"])),
                   lambda r: (r["file_no"], r["nik"], *identity(r)))  # fmt: skip
    return ids(row for rows in same.values() if len(rows) > 1 for row in rows)


def others(world: World) -> Iterator[tuple[Row, Row]]:
    """A received row and another record of the same birth date under another real NIK."""
    for row in world.rows:
        for other in world.by_birth.get(row["tgl_lhr"], []):
            if real_nik(row["nik"]) and real_nik(other["nik"]) and row["nik"] != other["nik"]:
                yield row, other


def two_niks(*, same_city: bool) -> Judge:
    def judge(world: World, _: date) -> set[int]:
        return ids(
            a for a, b in others(world)
            if None not in (domicile(a), domicile(b)) and (domicile(a) == domicile(b)) is same_city
            and a["jenis_klmin"] is not None and a["jenis_klmin"] == b["jenis_klmin"]
            and alike(a["nama_lgkp"], b["nama_lgkp"], TWIN_NAME)
            and alike(a["nama_lgkp_ibu"], b["nama_lgkp_ibu"], SAME_MOTHER)
        )  # fmt: skip

    return judge


def double_families(world: World, _: date) -> set[int]:
    members: dict[str, set[str]] = defaultdict(set)
    for row in world.rows:
        if digits16(row["no_kk"]) and real_nik(row["nik"]):
            members[str(row["no_kk"])].add(str(row["nik"]))
    double = {a for a in members for b in members if a != b and len(members[a] & members[b]) > 1}
    return ids(row for row in world.rows if row["no_kk"] in double)


def one_certificate(world: World, _: date) -> set[int]:
    niks: dict[str, set[object]] = defaultdict(set)
    for person in world.people:
        if not blank(person["no_akta_lhr"]) and real_nik(person["nik"]):
            niks[name(person["no_akta_lhr"])].add(person["nik"])
    return ids(row for row in world.rows if len(niks.get(name(row["no_akta_lhr"]), ())) > 1)


def twins(world: World, _: date) -> set[int]:
    return ids(
        a for a, b in others(world)
        if digits16(a["no_kk"]) and a["no_kk"] == b["no_kk"] and a["stat_hbkel"] == b["stat_hbkel"] == CHILD
        and letters(a["nama_lgkp_ibu"]) == letters(b["nama_lgkp_ibu"])
        and unlike(a["nama_lgkp"], b["nama_lgkp"], TWIN_NAME)
    )  # fmt: skip


def dead(world: World, _: date) -> set[int]:
    gone = set(world.dead) | {p["nik"] for p in world.register if p["stat_hidup"] == "2"}
    return ids(row for row in world.rows if active(row) and real_nik(row["nik"]) and row["nik"] in gone)


def moved(world: World, _: date) -> set[int]:
    left = {p["nik"] for p in world.register if p["stat_hidup"] == "1" and p["flag_status"] not in ("0", None)}
    return ids(
        row for row in world.rows
        if active(row) and domicile(row) == CITY and real_nik(row["nik"]) and row["nik"] in left | set(world.moved)
    )  # fmt: skip


FAMILY_JUDGES: dict[str, Judge] = {
    "ANM-KEL-01": family_rule(lambda family: [] if heads(family) else family),
    "ANM-KEL-02": family_rule(two_heads),
    "ANM-KEL-03": family_rule(head_gone),
    "ANM-KEL-04": family_rule(lambda family: family if persons(filter(active, family)) > CROWD else []),
    "ANM-KEL-05": family_rule(scattered),
    "ANM-KEL-07": family_rule(lone_relative),
    "ANM-KEL-08": two_families,
    "ANM-HUB-04": family_rule(unmarried_head),
    "ANM-HUB-05": too_close((CHILD,), "member"),
    "ANM-HUB-06": with_parent("ibu", odd_age(*MOTHER_AGES)),
    "ANM-HUB-07": with_parent("ayah", odd_age(*FATHER_AGES)),
    "ANM-HUB-09": with_parent("ibu", lambda c, p: unlike(c["nama_lgkp_ibu"], p["nama_lgkp"], SAME_NAME)),
    "ANM-HUB-10": siblings,
    "ANM-HUB-11": too_close(ELDERS, "head"),
    "GND-01": one_nik_several,
    "GND-02": copies,
    "GND-03": two_niks(same_city=True),
    "GND-04": two_niks(same_city=False),
    "GND-07": double_families,
    "GND-08": one_certificate,
    "GND-09": twins,
    "ANM-HDP-01": dead,
    "ANM-HDP-02": moved,
}
