"""Comparisons against a second, slower reading of every test: one pair at a time, on plain texts."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
import pytest
import recordlinkage as rl
from office_kit.oracle_pairs import CONVENTIONAL, HOLDS, NUMBERS, READ

from expectations.matching import MISSING, Field, MatchingModel, shipped
from expectations.matching.model import BINS, TESTS, Level
from tasks.resolve.compare import features
from tasks.resolve.judge import Judge, Sides
from tasks.resolve.link import candidates
from tasks.resolve.prepare import prepare

PAIRS = 900
# --- dirty pairs ----------------------------------------------------------------------------------------------------

PEOPLE = ("SITI", "ST.", "MUHAMMAD", "MOH", "M", "NUR", "HAYATI", "SUSILO", "WATI", "DJOKO", "JOKO", "H.", "S.Pd",
          "DWI", "SRI", "AGUS", "EKO", "EKA", "A", "S", "KUSUMAYUDHA", "BIN", "RAHARDJO", "RAHARJO",
          "ENDAH")  # fmt: skip
PLACES = ("JL", "JALAN", "RT", "RW", "3", "003", "1", "7", "MERDEKA", "RAYA", "GG.", "DSN", "KAB.", "MOJOKERTO", "NO")
NOTHING = (None, "", "-", "0", " - ", "000")


def typed(chance: random.Random, text: str, letters: str) -> str:
    """The text with one slip of the typist."""
    at = chance.randrange(max(len(text), 1))
    return chance.choice([
        text[:at] + text[at + 1 :], text[:at] + chance.choice(letters) + text[at:],
        text[:at] + chance.choice(letters) + text[at + 1 :], text[:at] + text[at : at + 2][::-1] + text[at + 2 :],
    ])  # fmt: skip


def phrase(chance: random.Random, vocabulary: tuple[str, ...]) -> Iterator[str]:
    """A text and then another, made out of it in one or two steps, or by its own."""
    told = chance.choices(vocabulary, k=chance.randint(1, 7))
    yield " ".join(told)
    other = list(told)
    for _ in range(chance.choice([0, 1, 1, 1, 2])):
        at = chance.randrange(len(other))
        step = chance.randrange(6)
        if step == 0:
            chance.shuffle(other)
        elif step == 1:
            other[at] = other[at][:1]
        elif step == 2 and len(other) > 1:
            del other[at]
        elif step == 3:
            other[at] = typed(chance, other[at], "AEIJSY")
        elif step == 4:
            other.insert(at, chance.choice(vocabulary))
        else:
            other = chance.choices(vocabulary, k=len(other))
    yield " ".join(other)


def number(chance: random.Random) -> Iterator[str]:
    told = f"357602{chance.randint(1, 71):02d}{chance.choice(('0190', '1262'))}{chance.randint(9000, 9030)}"
    told = told[: chance.choice([16, 16, 16, 16, 15, 12, 4, 2])]
    yield told
    for _ in range(chance.choice([0, 1, 1, 2])):
        told = typed(chance, told, "0123456789") if chance.random() < 0.5 else f"{told[:-1]}{chance.randint(0, 9)}"
    yield chance.choice([told, told, told, "111111" + told[6:], "9" * 16, "0" * 16, f" {told[:4]}.{told[4:]}"])


def born(chance: random.Random) -> Iterator[str]:
    month, first = chance.choice([*sorted(CONVENTIONAL), (chance.randint(1, 12), chance.randint(1, 28))])
    told = date(chance.randint(1950, 1971), month, first)
    yield told.strftime(chance.choice(["%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%Y%m%d"]))
    for _ in range(chance.choice([0, 1, 1, 2])):
        step = chance.randrange(4)
        told = told.replace(
            year=told.year + chance.choice([-10, -1, 1, 10, 4]) * (step == 0),
            month=chance.randint(1, 12) if step == 1 and told.day <= 28 else told.month,
            day=chance.randint(1, 28) if step == 2 else told.day,
        )
        if step == 3 and told.day <= 12 and told.month <= 28:
            told = told.replace(day=told.month, month=told.day)
    yield chance.choice([f"{told}", f"{told:%Y%m%d}", f"{told}", "1990-02-30", "tidak tahu"])


def sex(chance: random.Random) -> Iterator[str]:
    yield from chance.choices(["1", "2", " 2 ", "L", "l"], k=2)


DIRTY: dict[str, Callable[[random.Random], Iterator[str]]] = {
    "name": lambda chance: phrase(chance, PEOPLE), "words": lambda chance: phrase(chance, PLACES),
    "digits": number, "date": born, "code": sex,
}  # fmt: skip


def dirty(model: MatchingModel, seed: int) -> pl.DataFrame:
    """Records 2n and 2n + 1 are a pair; one value in twenty is missing."""
    chance = random.Random(seed)  # noqa: S311 (examples, not secrets)
    told = {
        column: [
            chance.choice(NOTHING) if chance.random() < 0.05 else value
            for _ in range(PAIRS) for value in DIRTY[cleaner](chance)
        ]
        for column, cleaner in model.columns.items()
    }  # fmt: skip
    return pl.DataFrame(told, schema=dict.fromkeys(model.columns, pl.String))


def each_test_alone() -> MatchingModel:
    """Every test that a model may ask, on a field of its own: no stronger level hides it."""
    fields = tuple(
        Field(f"{column} {test} {at:g}", column, column, (Level(test, "ya", at), Level("else", "tidak")))
        for column, cleaner in shipped().columns.items()
        for test in TESTS[cleaner]
        for at in NUMBERS.get(test, (0.0,))
    )
    return replace(shipped(), fields=fields)


MODELS = {"penduduk": shipped, "each test alone": each_test_alone}


def compared(model: MatchingModel, people: pl.DataFrame, pairs: pd.MultiIndex) -> npt.NDArray[np.int8]:
    """Vectors through recordlinkage's own Compare."""
    sides = prepare(people, model)
    frame = pd.DataFrame({"row": np.arange(people.height)})
    return np.asarray(rl.Compare(features(model, sides, sides)).compute(pairs, frame).to_numpy())


def reread(model: MatchingModel, people: pl.DataFrame) -> Iterator[list[int]]:
    """The same vectors, one pair at a time."""
    read = {column: READ[cleaner](people[column]) for column, cleaner in model.columns.items()}
    for column, length in model.lengths.items():
        read[column] = [value if value and len(str(value).lstrip(":")) == length else None for value in read[column]]
    often = {column: Counter(getattr(value, "sound", "") or value for value in told) for column, told in read.items()}
    for at in range(0, people.height, 2):
        yield [
            _value(field, model.columns[field.column], (read[field.column][at], read[field.column][at + 1]),
                   often[field.column])
            for field in model.fields
        ]  # fmt: skip


def _value(field: Field, cleaner: str, pair: tuple[object, object], often: Counter[object]) -> int:
    if None in pair:
        return MISSING
    for number_of, level in enumerate(field.levels[:-1]):
        if HOLDS[cleaner, level.test](*pair, level.at):
            count = often[getattr(pair[1], "sound", "") or pair[1]]
            step = next(n for n in range(BINS) if count <= 2 * 4**n or n == BINS - 1)
            return field.first_value[number_of] + (step if level.binned else 0)
    return field.first_value[-2]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("model", MODELS)
def test_levels_mean_what_they_say(model: str, seed: int) -> None:
    """If this fails, a Kasi reads "beda satu angka" or "bunyi sama" about values that are not so."""
    asked = MODELS[model]()
    people = dirty(asked, seed)
    pairs = pd.MultiIndex.from_arrays([np.arange(0, 2 * PAIRS, 2), np.arange(1, 2 * PAIRS, 2)])
    found = compared(asked, people, pairs)
    second = np.array(list(reread(asked, people)))
    for at, field in enumerate(asked.fields):
        off = np.flatnonzero(found[:, at] != second[:, at])
        assert not [(field.name, *people[field.column][2 * n : 2 * n + 2], found[n, at], second[n, at]) for n in off]
        reached = {np.searchsorted(field.first_value, value, "right") - 1 for value in found[:, at] if value != MISSING}
        tested = {at for at, level in enumerate(field.levels) if level.test != "misspelt"}
        assert reached == tested, f"{field.name}: a level that no example reaches"


@pytest.mark.parametrize("model", MODELS)
def test_left_and_right_do_not_matter(model: str) -> None:
    """If this fails, whether two residents are one person depends on which is written first."""
    asked = MODELS[model]()
    people = dirty(asked, 11)
    sides = [np.arange(0, 2 * PAIRS, 2), np.arange(1, 2 * PAIRS, 2)]
    one, other = (compared(asked, people, pd.MultiIndex.from_arrays(each)) for each in (sides, sides[::-1]))
    off = (one != other).any(axis=0)
    assert not [field.name for field, wrong in zip(asked.fields, off, strict=True) if wrong]


@pytest.mark.parametrize("nothing", [None, "", "-", " - ", "0"])
def test_nothing_is_no_evidence(nothing: str | None) -> None:
    """If this fails, two residents without a NIK, or with a dash for a mother, are alike in it."""
    model = shipped()
    people = pl.DataFrame(dict.fromkeys(model.columns, [nothing] * 2), schema=dict.fromkeys(model.columns, pl.String))
    assert (compared(model, people, pd.MultiIndex.from_arrays([[0], [1]])) == MISSING).all()


@pytest.mark.parametrize("report", [1e-4, 0.01, 0.5])
def test_no_pair_worth_telling_is_dropped_early(report: float) -> None:
    """If this fails, the shortcut before the texts are compared loses true duplicates, or gives another probability."""
    model = shipped()
    model = replace(model, limits=replace(model.limits, report=report))
    people = dirty(model, 5)
    sides = Sides(*[prepare(people, model)] * 2, within=True)
    left, right = candidates(sides, model, None)
    left, right = np.append(left, np.arange(0, 2 * PAIRS, 2)), np.append(right, np.arange(1, 2 * PAIRS, 2))
    judge = Judge(model, sides)
    judge.fit(left, right)
    slow = judge.scored(left, right, compared(model, people, pd.MultiIndex.from_arrays([left, right])))
    worth = (slow.probability >= report) | judge.shared(slow.vectors)
    fast = judge.survivors(left, right, progress=lambda _step, _share: None)
    assert 0 < worth.sum() < len(left)
    assert (fast.left.tolist(), fast.right.tolist()) == (left[worth].tolist(), right[worth].tolist())
    assert np.array_equal(fast.vectors, slow.vectors[worth])
    assert np.array_equal(fast.probability, slow.probability[worth])
