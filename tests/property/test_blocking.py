"""Candidate pairs against brute force: every pair of records, every key, one at a time, on plain texts."""

import random
import re
from dataclasses import replace
from functools import cache
from itertools import combinations

import pandas as pd
import polars as pl
import pytest
import recordlinkage as rl
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.matching import Key, MatchingModel, shipped
from expectations.matching.model import CLEANERS, Blocking
from tasks.resolve.index import BlockingKeys, blocks
from tasks.resolve.judge import Sides
from tasks.resolve.link import candidates
from tasks.resolve.names import clean_names, clean_words
from tasks.resolve.prepare import prepare

Pairs = list[tuple[int, int]]
Values = list[dict[tuple[str, str], str | None]]

FEW = {
    "name": ["SITI AMINAH", "AMINAH SITI", "ST AMINAH", "BUDI", "BUDI SANTOSO", "BOEDI", "-", None],
    "words": ["MOJOKERTO", "KAB. MOJOKERTO", "GRESIK", "", None],
    "digits": [*(f"3576020107629{n:03d}" for n in (1, 2, 11)), *(f"3576021006629{n:03d}" for n in (1, 2)),
               "3574020107629001", "3576", "62", "0", "-", None],
    "date": ["1960-07-01", "1960-01-07", "1961-07-01", "1962-05-05", "05-05-1962", "x", None],
    "code": ["1", "2", " 2 ", "-", None],
}  # fmt: skip


@cache
def parts(cleaner: str, raw: str | None) -> dict[str, str | None]:
    """Every part of a value that a key may take; None where there is none."""
    if cleaner == "name":
        clean, tokens, sound, bag = clean_names(pl.Series([raw], dtype=pl.String)).row(0)
        return {"clean": clean, "sound": sound, "bag": bag, "first": tokens and tokens[0],
                "last": tokens and tokens[-1], "start": sound and sound[:4]}  # fmt: skip
    if cleaner == "words":
        clean = clean_words(pl.Series([raw], dtype=pl.String))[0]
        return {"clean": clean, "start": clean and clean[:4]}
    if cleaner == "digits":
        bare = re.sub("[^0-9]", "", raw or "")
        known = bare != "" and (len(set(bare)) > 1 or (bare[0] != "0" and len(bare) < 5))
        return {"clean": bare if known else None, "head": (bare[:-4] if known else None) or None,
                "tail": bare[-10:] if known else None}  # fmt: skip
    if cleaner == "date":
        found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)|(\d\d)-(\d\d)-(\d{4})", raw or "")
        if not found:
            return dict.fromkeys(CLEANERS["date"])
        year, month, day = found.group(1, 2, 3) if found[1] else found.group(6, 5, 4)
        return {"clean": year + month + day, "year": year, "monthday": month + day,
                "swapped": year + "".join(sorted([month, day]))}  # fmt: skip
    text = (raw or "").strip().upper()
    return {"clean": None if text in {"", "-", "0"} else text}


def values(model: MatchingModel, people: pl.DataFrame) -> Values:
    return [
        {(column, part): value if whole(row[column], model.lengths.get(column)) else None
         for column, cleaner in model.columns.items() for part, value in parts(cleaner, row[column]).items()}
        for row in people.rows(named=True)
    ]  # fmt: skip


def whole(raw: str | None, length: int | None) -> bool:
    """A number of another length than a NIK has is none."""
    return length is None or len(re.sub("[^0-9]", "", raw or "")) == length


def agree(one: dict[tuple[str, str], str | None], other: dict[tuple[str, str], str | None], key: Key) -> bool:
    return all(one[part] is not None and one[part] == other[part] for part in key.parts)


def brute(left: Values, right: Values, blocking: Blocking) -> set[tuple[int, int]]:
    """A record meets its block of the other file, or the part of it that also agrees on the splits, if small enough."""
    found = set()
    for key in blocking.keys:
        for at, record in enumerate(left):
            for depth in range(len(blocking.splits) + 1):
                whole = Key((*key.parts, *(part for split in blocking.splits[:depth] for part in split.parts)))
                block = [there for there, other in enumerate(right) if agree(record, other, whole)]
                if len(block) <= blocking.cap:
                    found |= {(at, there) for there in block}
                    break
    return found


def crowded(told: Values, blocking: Blocking) -> list[set[int]]:
    """The blocks that no split makes small enough."""
    found = []
    for key in blocking.keys:
        last = Key((*key.parts, *(part for split in blocking.splits for part in split.parts)))
        for at in range(len(told)):
            for depth in range(len(blocking.splits) + 1):
                split = Key((*key.parts, *(part for split in blocking.splits[:depth] for part in split.parts)))
                if sum(agree(told[at], other, split) for other in told) <= blocking.cap:
                    break
            else:
                found.append({there for there, other in enumerate(told) if agree(told[at], other, last)})
    return found


def check_within(model: MatchingModel, people: pl.DataFrame) -> None:
    """Every pair of small blocks; in blocks that stay too large each record with a neighbour, and nothing else."""
    told, found = values(model, people), within(model, people)
    expected = {(a, b) for a, b in brute(told, told, model.blocking) if a < b}
    large = crowded(told, model.blocking)
    assert len(set(found)) == len(found)
    assert expected <= set(found)
    more = set(found) - expected
    assert all(any({a, b} <= block for block in large) for a, b in more)
    assert len(more) <= sum(len(block) - 1 for block in {frozenset(block): block for block in large}.values()) * len(
        model.blocking.keys
    )
    for block in large:
        together = {min(block)}
        while (
            reached := {b for a, b in [*found, *((b, a) for a, b in found)] if a in together and b in block} - together
        ):
            together |= reached
        assert together == block


def table(model: MatchingModel, rows: int, seed: int) -> pl.DataFrame:
    """Few values per column, so that blocks are large."""
    chance = random.Random(seed)  # noqa: S311 (examples, not secrets)
    told = {column: chance.choices(FEW[cleaner], k=rows) for column, cleaner in model.columns.items()}
    return pl.DataFrame(told, schema=dict.fromkeys(model.columns, pl.String))


def within(model: MatchingModel, people: pl.DataFrame) -> Pairs:
    sides = prepare(people, model)
    left, right = candidates(Sides(sides, sides, within=True), model, None)
    return list(zip(left.tolist(), right.tolist(), strict=True))


def across(model: MatchingModel, left: pl.DataFrame, right: pl.DataFrame) -> Pairs:
    sides = Sides(prepare(left, model), prepare(right, model), within=False)
    found = candidates(sides, model, list(blocks(sides.right, model.blocking)))
    return list(zip(found[0].tolist(), found[1].tolist(), strict=True))


def capped(cap: int, **changes: tuple[Key, ...]) -> MatchingModel:
    return replace(shipped(), blocking=replace(shipped().blocking, cap=cap, **changes))


def every_part() -> tuple[Key, ...]:
    """One key per part of every column."""
    return tuple(Key(((column, part),)) for column, cleaner in shipped().columns.items() for part in CLEANERS[cleaner])


@pytest.mark.parametrize("part", every_part(), ids=lambda key: key.name)
def test_every_part_alone(part: Key) -> None:
    """If this fails, a blocking key finds other records than those that agree on what it names."""
    model = capped(1000, keys=(part,), splits=())
    people = table(model, 40, 1)
    told = values(model, people)
    assert within(model, people) == [(a, b) for a, b in combinations(range(40), 2) if agree(told[a], told[b], part)]


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.sampled_from([2, 3, 5, 12, 1000]), st.integers(2, 60))
def test_blocks_are_split_and_pairs_told_once(seed: int, cap: int, rows: int) -> None:
    """If this fails, duplicates in common blocks are never compared, or strangers are, or a pair is counted twice."""
    splits = tuple(random.Random(seed).sample(every_part(), 2))  # noqa: S311
    model = capped(cap, splits=splits)
    people = table(model, rows, seed)
    check_within(model, people)


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.sampled_from([2, 3, 5, 12, 1000]), st.integers(1, 40), st.integers(1, 40))
def test_between_two_files_likewise(seed: int, cap: int, rows: int, others: int) -> None:
    """If this fails, an extract is compared with other residents of the baseline than it should."""
    splits = tuple(random.Random(seed).sample(every_part(), 2))  # noqa: S311
    model = capped(cap, splits=splits)
    left, right = table(model, rows, seed), table(model, others, seed + 1)
    assert across(model, left, right) == sorted(brute(values(model, left), values(model, right), model.blocking))


@pytest.mark.parametrize("cap", [2, 25])
def test_one_block_of_everybody_is_split_by_its_own_records(cap: int) -> None:
    """If this fails, a letter about people of one birth date compares records that agree on nothing else."""
    sex, place, street = (Key(((column, "clean"),)) for column in ("jenis_klmin", "tmpt_lhr", "alamat"))
    model = capped(cap, keys=(sex,), splits=(place, street))
    people = table(model, 300, 3).with_columns(jenis_klmin=pl.Series(["1", "2"] * 150))
    told = values(model, people)
    found = within(model, people)
    assert all(agree(told[a], told[b], Key((*sex.parts, *place.parts))) for a, b in found)
    check_within(model, people)


def test_the_cap_holds() -> None:
    """If this fails, 1 July (the registry's unknown date) compares everybody with everybody, and the night is over."""
    model = shipped()
    people = table(model, 3000, 9)
    keys, cap = len(model.blocking.keys), model.blocking.cap
    assert len(within(model, people)) <= keys * 3000 * (cap - 1) / 2
    assert len(across(model, people[:500], people[500:])) <= keys * 500 * cap


def test_recordlinkage_index_gives_the_same_pairs() -> None:
    """If this fails, our blocking works in our pipeline only, and not as the recordlinkage algorithm that it is."""
    model = capped(5)
    people = table(model, 50, 4)
    index = rl.Index([BlockingKeys(model, prepare(people, model))])
    assert index.index(pd.DataFrame(index=pd.RangeIndex(50))).to_list() == within(model, people)
