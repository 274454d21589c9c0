"""A second, slower reading of every comparison's tests: one pair at a time, on plain texts."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from office_kit.oracle_words import jaro_winkler
from tasks.resolve.names import clean_names, clean_words

WORDS = 5  # of a text are compared one by one
NUMBERS: dict[str, tuple[float, ...]] = {
    "jw": (0.82, 0.9, 0.92),
    "misspelt": (0.8,),
    "edits": (1, 2),
    "consecutive": (3,),
}
CONVENTIONAL = {(1, 1), (7, 1), (12, 31)}

# --- one value ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Text:
    """A cleaned name or address (the cleaning has a second reading of its own in test_name_keys)."""

    clean: str
    tokens: tuple[str, ...]
    sound: str = ""
    bag: str = ""


def names(raw: pl.Series) -> list[Text | None]:
    return [clean and Text(clean, tuple(tokens), sound, bag) for clean, tokens, sound, bag in clean_names(raw).rows()]


def words(raw: pl.Series) -> list[Text | None]:
    return [Text(clean, tuple(clean.split(" "))) if clean and clean != "0" else None for clean in clean_words(raw)]


def digits(raw: str | None) -> str | None:
    bare = re.sub("[^0-9]", "", raw or "")
    filler = len(set(bare)) == 1 and (len(bare) >= 5 or bare[0] == "0")
    counted_up = bare == "1234567890" + "123456"
    known = 0 < len(bare) <= 16 and not (filler or counted_up or (len(bare) == 16 and bare.startswith("9" * 13)))
    return bare.rjust(16, ":") if known else None


def day(raw: str | None) -> date | None:
    for pattern in ("%Y-%m-%d", "%Y%m%d", "%d-%m-%Y", "%d/%m/%Y"):
        try:
            return datetime.strptime(raw or "", pattern).date()  # noqa: DTZ007
        except ValueError:
            continue
    return None


def code(raw: str | None) -> str | None:
    text = (raw or "").strip().upper()
    return None if text in {"", "-", "0"} else text


READ: dict[str, Callable[[pl.Series], list[object]]] = {
    "name": names, "words": words,
    **{cleaner: lambda raw, one=one: [one(each) for each in raw]
       for cleaner, one in (("digits", digits), ("date", day), ("code", code))},
}  # fmt: skip

# --- two values -----------------------------------------------------------------------------------------------------


def one_slip(a: str, b: str) -> bool:
    """One letter more, less or other, or two neighbours swapped, letter by letter."""
    if len(a) > len(b):
        a, b = b, a
    if len(b) - len(a) == 1:
        return any(b[:at] + b[at + 1 :] == a for at in range(len(b)))
    differ = [at for at in range(len(a)) if a[at] != b[at]] if len(a) == len(b) else [0] * 9
    swapped = (
        len(differ) == 2 and differ[1] == differ[0] + 1 and a[differ[0]] + a[differ[1]] == b[differ[1]] + b[differ[0]]
    )
    return len(differ) <= 1 or swapped


def typo(a: Text, b: Text) -> bool:
    return min(len(a.clean), len(b.clean)) >= 5 and one_slip(a.clean, b.clean)


def initials(a: Text, b: Text) -> bool:
    one, other = a.tokens[:WORDS], b.tokens[:WORDS]
    return len(one) == len(other) and all(
        x == y or (1 in {len(x), len(y)} and x[0] == y[0]) for x, y in zip(one, other, strict=True)
    )


def part(a: Text, b: Text) -> bool:
    one, other = a.tokens[:WORDS], b.tokens[:WORDS]
    least = min(len(one), len(other))
    return sum(x in other for x in one) >= least and sum(y in one for y in other) >= least


def edits(a: str, b: str, most: float) -> bool:
    differ = [at for at in range(16) if a[at] != b[at]]
    swapped = len(differ) == 2 and differ[1] == differ[0] + 1 and {a[d] for d in differ} == {b[d] for d in differ}
    return len(differ) <= most or swapped


def parts_off(a: date, b: date) -> int:
    return (a.day != b.day) + (a.month != b.month) + (a.year != b.year)


def slip(a: date, b: date) -> bool:
    digits_off = sum(x != y for x, y in zip(f"{a:%Y%m%d}", f"{b:%Y%m%d}", strict=True))
    return parts_off(a, b) == 1 and (digits_off == 1 or abs(a.year - b.year) in {1, 10})


def conventional(a: date) -> bool:
    return (a.month, a.day) in CONVENTIONAL


HOLDS: dict[tuple[str, str], Callable[..., bool]] = {
    **{(kind, "same"): lambda a, b, _: a.clean == b.clean for kind in ("name", "words")},
    **{(kind, "same"): lambda a, b, _: a == b for kind in ("digits", "date", "code")},
    **{(kind, "typo"): lambda a, b, _: typo(a, b) for kind in ("name", "words")},
    **{(kind, "part"): lambda a, b, _: part(a, b) for kind in ("name", "words")},
    **{(kind, "jw"): lambda a, b, at: jaro_winkler(a.clean, b.clean) > at - 1e-7 for kind in ("name", "words")},
    ("name", "misspelt"): lambda _a, _b, _at: False,  # nobody can tell which words are seldom from so few records
    ("name", "sound"): lambda a, b, _: a.sound == b.sound,
    ("name", "bag"): lambda a, b, _: a.bag == b.bag,
    ("name", "initials"): lambda a, b, _: initials(a, b),
    ("digits", "edits"): edits,
    ("digits", "head"): lambda a, b, _: a[:12] == b[:12] != ":" * 12,
    ("digits", "tail"): lambda a, b, _: a[6:] == b[6:],
    ("digits", "dated"): lambda a, b, _: a[:6] + a[12:] == b[:6] + b[12:],
    ("digits", "consecutive"): lambda a, b, at: (
        a[:12] == b[:12] != ":" * 12 and abs(int(a[12:]) - int(b[12:])) <= at
    ),
    ("date", "usual"): lambda a, b, _: a == b and not conventional(a),
    ("date", "swapped"): lambda a, b, _: a.year == b.year and {a.day, a.month} == {b.day, b.month},
    ("date", "slip"): lambda a, b, _: slip(a, b),
    ("date", "one part"): lambda a, b, _: parts_off(a, b) == 1,
    ("date", "convention"): lambda a, b, _: a.year == b.year and (conventional(a) or conventional(b)),
    ("date", "year"): lambda a, b, _: a.year == b.year,
}  # fmt: skip
