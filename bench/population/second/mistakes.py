"""Another clerk's mistakes: neighbouring keys, look-alike shapes, hearing, cut fields, nicknames, lost and added words."""

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bench.population import dates
from bench.population.chance import happens

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
WIDTH = 72
MONTHS, LONG_WORD = 12, 5
SERIALS_NINE = 3  # exponent of the digit that stays 9
FIELD_WIDTH = 22  # of an old form: longer names were cut
KEYS = ("QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM")
SHAPES = {"I": "L", "L": "I", "M": "N", "N": "H", "H": "N", "U": "V", "V": "U", "C": "G", "G": "C", "E": "F", "F": "E", "O": "Q", "Q": "O",
          "B": "R", "R": "B", "D": "O", "S": "B", "A": "H", "P": "F", "T": "I", "Y": "V", "K": "X", "W": "M", "J": "I", "Z": "S"}  # fmt: skip
DIGIT_SHAPES = np.array([6, 7, 7, 8, 9, 6, 5, 1, 3, 4])  # what a digit is read as
HEARD = (
    ("SY", "S"), ("KH", "K"), ("DZ", "Z"), ("TH", "T"), ("RR", "R"), ("LL", "L"), ("SS", "S"), ("MM", "M"), ("TT", "T"), ("OE", "U"),
    ("DJ", "J"), ("YEH", "YAH"), ("IYEH", "IYAH"), ("F", "P"), ("V", "F"), ("Z", "J"), ("J", "Z"), ("X", "KS"), ("H ", " "), ("NG", "N"),
    ("AE", "AI"), ("UA", "UWA"), ("IA", "YA"), ("EU", "E"), ("O", "U"), ("U", "O"), ("I", "E"), ("E", "I"),
)  # fmt: skip
MISTAKES = ("key", "shape", "heard", "cut", "nick", "lost", "order", "initial", "space", "extra")
SHARES = (0.20, 0.13, 0.21, 0.04, 0.08, 0.09, 0.06, 0.08, 0.06, 0.05)
HOW_MANY = (0.46, 0.33, 0.16, 0.05)  # no, one, two, three mistakes in a name of a duplicate


def spoilt(rng: np.random.Generator, names: pl.Series, chances: tuple[float, ...], fathers: pl.Series) -> pl.Series:
    """Names with zero to three mistakes, numbers by ``chances``; ``fathers`` give the words that are added."""
    count = rng.choice(len(chances), size=len(names), p=chances)
    for turn in range(1, len(chances)):
        rows = np.flatnonzero(count >= turn)
        kind = rng.choice(len(MISTAKES), size=len(rows), p=SHARES)
        for at, name in enumerate(MISTAKES):
            mine = rows[kind == at]
            if len(mine):
                names = replaced(names, mine, ways(name)(rng, names.gather(mine), fathers.gather(mine)))
    return names


def replaced(text: pl.Series, rows: Ints, new: pl.Series) -> pl.Series:
    """The text with new values at the rows."""
    wanted = pl.DataFrame({"row": rows, "new": new})
    table = text.to_frame("text").with_columns(row=pl.int_range(pl.len(), dtype=pl.Int64))
    joined = table.join(wanted, on="row", how="left", maintain_order="left")
    return joined.select(pl.coalesce("new", "text")).to_series()


Way = Callable[[np.random.Generator, pl.Series, pl.Series], pl.Series]


def ways(name: str) -> Way:
    """The function of a mistake."""
    return {
        "key": lambda rng, text, _: letters(rng, text, NEIGHBOURS),
        "shape": lambda rng, text, _: letters(rng, text, SHAPE_TABLE),
        "heard": heard,
        "cut": lambda _, text, __: text.str.slice(0, FIELD_WIDTH).str.strip_chars(),
        "nick": nicknamed,
        "lost": lost,
        "order": lambda _, text, __: words(text, pl.col("w").list.reverse()),
        "initial": initials,
        "space": spaces,
        "extra": added,
    }[name]


def table(pairs: dict[str, str]) -> NDArray[np.uint8]:
    """256 x 8: what each letter may become; itself when nothing is said."""
    out = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 8, axis=1)
    for letter, others in pairs.items():
        out[ord(letter)] = [ord(others[at % len(others)]) for at in range(8)]
    return out


def neighbours() -> dict[str, str]:
    """Each key's left and right neighbour and the one below."""
    found = {}
    for row, line in enumerate(KEYS):
        for at, key in enumerate(line):
            below = KEYS[row + 1][at : at + 1] if row + 1 < len(KEYS) else ""
            found[key] = line[max(at - 1, 0) : at] + line[at + 1 : at + 2] + below
    return found


NEIGHBOURS, SHAPE_TABLE = table(neighbours()), table(SHAPES)


def letters(rng: np.random.Generator, text: pl.Series, becomes: NDArray[np.uint8]) -> pl.Series:
    """One letter of each text (not the first, seven times of eight) becomes another by the table."""
    grid = text.to_numpy().astype(f"S{WIDTH}").view(np.uint8).reshape(len(text), WIDTH).copy()
    length = (grid != 0).sum(axis=1)
    at = np.maximum(
        (rng.random(len(text)) * length).astype(np.int64), (rng.random(len(text)) * 8).astype(np.int64).clip(max=1)
    )
    at = np.minimum(at, length - 1)
    rows = np.arange(len(text))
    grid[rows, at] = becomes[grid[rows, at], rng.integers(0, 8, size=len(text))]
    return pl.Series(grid.view(f"S{WIDTH}").ravel().astype(f"U{WIDTH}").tolist(), dtype=pl.String)


def heard(rng: np.random.Generator, text: pl.Series, _: pl.Series) -> pl.Series:
    """Written as heard: one rule of HEARD, the first of three that fits."""
    done = np.zeros(len(text), bool)
    for _turn in range(3):
        rule = np.where(done, -1, rng.integers(0, len(HEARD), size=len(text)))
        before = text
        for at, (sound, spelled) in enumerate(HEARD):
            mine = np.flatnonzero(rule == at)
            if len(mine):
                text = replaced(text, mine, text.gather(mine).str.replace(sound, spelled, literal=True))
        done |= (text != before).to_numpy()
    return text


def words(text: pl.Series, change: pl.Expr) -> pl.Series:
    """The text's words (list ``w``) changed and joined again."""
    return text.to_frame("t").with_columns(w=pl.col("t").str.split(" ")).select(change.list.join(" ")).to_series()


def nicknamed(rng: np.random.Generator, text: pl.Series, _: pl.Series) -> pl.Series:
    """BAMBANG SUTRISNO -> BANG, BANG SUTRISNO or BAMBANG SUTRISNO ALIAS BANG."""
    first = pl.col("t").str.split(" ").list.first()
    short = first.str.tail(4)
    way = pl.Series("way", rng.integers(0, 3, size=len(text)))
    rest = pl.col("t").str.split(" ").list.slice(1).list.join(" ")
    called = pl.when(pl.col("way") == 0).then(short).when(pl.col("way") == 1).then(pl.format("{} {}", short, rest))
    return (
        text.to_frame("t")
        .with_columns(way)
        .select(called.otherwise(pl.format("{} ALIAS {}", pl.col("t"), short)).str.strip_chars())
        .to_series()
    )


def lost(rng: np.random.Generator, text: pl.Series, _: pl.Series) -> pl.Series:
    """The last word, or the first one, is left out; one-word names stay."""
    front = pl.Series("front", happens(rng, len(text), 0.3))
    frame = text.to_frame("t").with_columns(front, w=pl.col("t").str.split(" "))
    kept = pl.when("front").then(pl.col("w").list.slice(1)).otherwise(pl.col("w").list.head(pl.col("w").list.len() - 1))
    return frame.select(pl.when(pl.col("w").list.len() > 1).then(kept).otherwise("w").list.join(" ")).to_series()


def initials(rng: np.random.Generator, text: pl.Series, _: pl.Series) -> pl.Series:
    """Words after the first, or before the last, become a letter."""
    last = pl.Series("last", happens(rng, len(text), 0.25))
    frame = text.to_frame("t").with_columns(last, w=pl.col("t").str.split(" "))
    letter = pl.col("w").list.eval(pl.element().str.slice(0, 1))
    short = pl.when("last").then(pl.concat_list(letter.list.head(pl.col("w").list.len() - 1), pl.col("w").list.tail(1)))
    return frame.select(
        short.otherwise(pl.concat_list(pl.col("w").list.head(1), letter.list.slice(1))).list.join(" ")
    ).to_series()


def spaces(rng: np.random.Generator, text: pl.Series, _: pl.Series) -> pl.Series:
    """Words joined, or a long one-word name cut in two."""
    at = pl.Series("at", rng.integers(2, 5, size=len(text)))
    cut = pl.concat_str(pl.col("t").str.slice(0, pl.col("at")), pl.lit(" "), pl.col("t").str.slice(pl.col("at")))
    joined = pl.col("t").str.replace(" ", "", literal=True)
    one = ~pl.col("t").str.contains(" ") & (pl.col("t").str.len_chars() > LONG_WORD)
    return text.to_frame("t").with_columns(at).select(pl.when(one).then(cut).otherwise(joined)).to_series()


def added(rng: np.random.Generator, text: pl.Series, fathers: pl.Series) -> pl.Series:
    """The father's first word comes after the name, sometimes with BIN."""
    link = pl.Series("link", np.where(happens(rng, len(text), 0.4), " BIN ", " ").tolist(), dtype=pl.String)
    frame = pl.DataFrame({"t": text, "f": fathers.str.split(" ").list.first().fill_null("")}).with_columns(link)
    return frame.select(pl.concat_str("t", "link", "f").str.strip_chars()).to_series()


def wrong_dates(rng: np.random.Generator, days: Ints) -> Ints:
    """Every date changed: age guessed (1 January or 1 July), misread digit of day or year, swapped, rounded to 5 years."""
    year, month, day = dates.split(days)
    n = len(days)
    kind = rng.choice(5, size=n, p=(0.28, 0.24, 0.14, 0.2, 0.14))
    guess = dates.join(year + rng.integers(-3, 4, size=n), np.where(happens(rng, n, 0.5), 1, 7), np.ones(n, np.int64))
    read_day = dates.join(year, month, (day // 10 * 10 + DIGIT_SHAPES[day % 10]).clip(1, 31))
    swapped = dates.join(year, np.where(day > MONTHS, month, day), np.where(day > MONTHS, (day + 9) % 28 + 1, month))
    read_year = dates.join(year // 10 * 10 + DIGIT_SHAPES[year % 10], month, day)
    rounded = dates.join((year + 2) // 5 * 5, month, day)
    wrong: Ints = np.minimum(np.choose(kind, [guess, read_day, swapped, read_year, rounded]), dates.TODAY)
    return wrong


def wrong_numbers(rng: np.random.Generator, numbers: Ints) -> Ints:
    """One digit read as a look-alike, or two digits two places apart exchanged; the serial's first digit stays."""
    places = np.array([p for p in range(15) if p != SERIALS_NINE])[rng.integers(0, 14, size=len(numbers))]
    digit = numbers // 10**places % 10
    read = numbers + (DIGIT_SHAPES[digit] - digit) * 10**places
    low = np.array([0, 4, 5, 6, 7, 8, 9, 10, 11, 12])[rng.integers(0, 10, size=len(numbers))]
    a, b = numbers // 10**low % 10, numbers // 10 ** (low + 2) % 10
    exchanged = numbers + (b - a) * 10**low + (a - b) * 10 ** (low + 2)
    wrong: Ints = np.where(happens(rng, len(numbers), 0.65) | (a == b), read, exchanged)
    return wrong
