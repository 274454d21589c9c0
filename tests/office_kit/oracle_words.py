"""The words of the second opinion: what "missing", "age" or "the same name" mean in the handbook, in plain Python.

Nothing here reads the rules' SQL. Where the office's words leave a choice open, the choice is told in the docstring.
"""

import csv
import re
from datetime import date
from functools import cache

from expectations.codes import REFERENCE

Row = dict[str, object]
CITY = "3576"
BLANKS = " \u00a0\t"
# Titles and degrees as they look when only letters are left of a name.
TITLES = {"DR", "DRS", "DRA", "IR", "H", "HJ", "PROF", "KH", "NY", "TN", "SPD", "SH", "SE", "ST", "MSI", "MM", "SKOM",
          "SAG", "AMD"}  # fmt: skip
STRONG_USERS, STRONG_RATIO, SHORTEST_NAME = 20, 20, 3


def blank(value: object) -> bool:
    """Nothing, spaces, or a dash."""
    return value is None or str(value).strip(BLANKS) in ("", "-")


def no_number(value: object) -> bool:
    """No identifier: blank or a lone zero (handbook 2.10)."""
    return blank(value) or str(value).strip(BLANKS) == "0"


def digits16(value: object) -> str:
    """The value when it is 16 ASCII digits, else an empty string."""
    return str(value) if re.fullmatch(r"[0-9]{16}", str(value or "")) else ""


def calendar(day: int, month: int, year: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def nik_births(nik: str) -> list[date]:
    """The birth dates a NIK can mean: 19YY and 20YY, a woman's day without its 40."""
    day, month, year = int(nik[6:8]), int(nik[8:10]), int(nik[10:12])
    found = [calendar(day - 40 if day > 40 else day, month, century + year) for century in (1900, 2000)]
    return [born for born in found if born]


def nik_sex(nik: str) -> str:
    return "2" if int(nik[6:8]) > 40 else "1"


def filler_nik(value: object) -> bool:
    """One digit repeated, thirteen nines, or counting up: a number typed to fill the field."""
    nik = digits16(value)
    return bool(nik) and (len(set(nik)) == 1 or nik.startswith("9" * 13) or nik == "1234567890" + "123456")


def real_nik(value: object) -> str:
    """A NIK that can be somebody's: 16 digits, a serial, no filler. Only such numbers can be "the same NIK"."""
    nik = digits16(value)
    return "" if nik.endswith("0000") or filler_nik(nik) else nik


def kk_date(value: object) -> date | None:
    kk = digits16(value)
    return calendar(int(kk[6:8]), int(kk[8:10]), 2000 + int(kk[10:12])) if kk else None


def age(born: date, day: date) -> int:
    """Completed years; on 28 February nobody born on the 29th has a birthday yet."""
    return day.year - born.year - ((born.month, born.day) > (day.month, day.day))


def aged(row: Row, today: date, low: int, high: int = 10_000) -> bool:
    born = row["tgl_lhr"]
    return isinstance(born, date) and low <= age(born, today) <= high


def younger(row: Row, today: date, years: int) -> bool:
    born = row["tgl_lhr"]
    return isinstance(born, date) and age(born, today) < years


def simple_upper(text: object) -> str:
    """Capitals letter by letter: a letter whose capital is two letters stays, as in the store."""
    return "".join(c.upper() if len(c.upper()) == 1 else c for c in str(text))


def name(value: object) -> str:
    """A name without outer blanks, empty when missing."""
    return "" if blank(value) else str(value).strip(BLANKS)


def words(text: str) -> list[str]:
    """Words are parted by blanks of any kind: a hard space parts them as well (handbook 4)."""
    return [word for word in re.split(f"[{BLANKS}]+", text) if word]


def letters(value: object) -> list[str]:
    """The runs of the letters A-Z in a name, in capitals."""
    return re.findall("[A-Z]+", simple_upper(value or ""))


@cache
def bare(value: object) -> str:
    """A name for comparing: words of letters only, without titles and degrees."""
    found = letters(value)
    kept, at = [], 0
    while at < len(found):
        if found[at : at + 2] == ["M", "SI"]:
            at += 2
            continue
        if found[at] not in TITLES:
            kept.append(found[at])
        at += 1
    return " ".join(kept)


@cache
def jaro_winkler(one: str, other: str) -> float:
    """Jaro-Winkler by the textbook: prefix weight 0.1 up to 4 letters, given only to a Jaro likeness above 0.7."""
    if not one or not other:
        return float(one == other)
    reach = max(max(len(one), len(other)) // 2 - 1, 0)
    taken = [False] * len(other)
    mine = []
    for at, letter in enumerate(one):
        for there in range(max(0, at - reach), min(len(other), at + reach + 1)):
            if not taken[there] and other[there] == letter:
                taken[there] = True
                mine.append(letter)
                break
    if not mine:
        return 0.0
    theirs = [letter for letter, used in zip(other, taken, strict=True) if used]
    swapped = sum(a != b for a, b in zip(mine, theirs, strict=True)) // 2
    jaro = (len(mine) / len(one) + len(mine) / len(other) + (len(mine) - swapped) / len(mine)) / 3
    prefix = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return jaro + min(prefix, 4) * 0.1 * (1 - jaro) if jaro > 0.7 else jaro


def likeness(one: object, other: object) -> float | None:
    """Percent; None when either is missing: what is missing proves nothing."""
    a, b = bare(one), bare(other)
    return 100 * jaro_winkler(a, b) if a and b else None


def unlike(one: object, other: object, percent: int) -> bool:
    value = likeness(one, other)
    return value is not None and value < percent


def alike(one: object, other: object, percent: int) -> bool:
    value = likeness(one, other)
    return value is not None and value >= percent


def domicile(row: Row) -> str | None:
    parts = (row["no_prop"], row["no_kab"])
    return None if None in parts else "".join(map(str, parts))


def active(row: Row) -> bool:
    """Alive and not moved, as far as the row tells; an empty cell tells nothing against it."""
    alive, flag = row["stat_hidup"], row["flag_status"]
    return (blank(alive) or alive == "1") and (blank(flag) or flag == "0")


@cache
def known_districts() -> frozenset[str]:
    """Every district code the reference table ever held (handbook 2.5)."""
    with (REFERENCE / "regions_history.csv").open(encoding="utf-8") as file:
        return frozenset(line["code"] for line in csv.DictReader(file))


def first_name(row: Row) -> str:
    return bare(row["nama_lgkp"]).split(" ")[0]


def names_of_one_sex(register: list[Row]) -> dict[str, str]:
    """First name -> the sex that nearly all its bearers have: 20 people or more, 20 to 1 or more."""
    counts: dict[str, dict[str, int]] = {}
    for person in register:
        if person["jenis_klmin"] in ("1", "2"):
            mine = counts.setdefault(first_name(person), {"1": 0, "2": 0})
            mine[str(person["jenis_klmin"])] += 1
    return {
        word: max(mine, key=lambda sex: mine[sex]) for word, mine in counts.items()
        if len(word) >= SHORTEST_NAME and sum(mine.values()) >= STRONG_USERS
        and max(mine.values()) >= STRONG_RATIO * min(mine.values())
    }  # fmt: skip
