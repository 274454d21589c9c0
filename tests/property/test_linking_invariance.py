"""The same records give the same duplicates, bit for bit: in any order of rows, parts, threads, and on either side."""

import os
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # bench is no installed package

from office_kit.residents import again, resident

from bench.population import Population, Settings, generate
from bench.population import second as second_model
from expectations.matching import MatchingModel, shipped
from tasks.resolve.link import Linked, Steering, link, prepared_baseline

PAIR = ["left_row", "right_row"]
Rows = npt.NDArray[np.int64]
Groups = set[frozenset[int]]


@cache
def population(name: str) -> Population:
    made = {"first": generate, "second": second_model.generate}[name]
    return made(Settings(1500, duplicates=0.15, twins=0.04, parents_missing=(0.15, 0.25), seed=4))


@cache
def found(name: str) -> Linked:
    return link(population(name).people, model=model())


def model(sample: int = 200) -> MatchingModel:
    """The shipped one, fitted on fewer pairs than there are: which ones must not depend on the order of rows."""
    return replace(shipped(), fit=replace(shipped().fit, sample=sample))


def back(pairs: pl.DataFrame, order: Rows) -> pl.DataFrame:
    """Pairs of shuffled rows as pairs of the rows before."""
    rows = order[pairs.select(PAIR).to_numpy()]
    told = pairs.with_columns(left_row=pl.Series(rows.min(axis=1)), right_row=pl.Series(rows.max(axis=1)))
    return told.sort(PAIR)


def groups(linked: Linked, order: Rows | None = None) -> Groups:
    held = linked.clusters.group_by("cluster").agg("row")["row"].to_list()
    return {frozenset(rows if order is None else order[rows].tolist()) for rows in held}


@pytest.mark.parametrize("name", ["first", "second"])
def test_there_is_something_to_tell(name: str) -> None:
    """If this fails, the tests below compare empty tables."""
    linked = found(name)
    assert linked.candidates > 2 * model().fit.sample
    assert set(linked.pairs["band"]) == {"match", "possible", "none"}
    assert sum(len(each) > 1 for each in groups(linked)) > 50


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", ["first", "second"])
def test_the_order_of_rows_does_not_matter(name: str, seed: int) -> None:
    """If this fails, the same letter sorted otherwise finds other duplicates."""
    people = population(name).people
    order = np.random.default_rng(seed).permutation(people.height)
    shuffled = link(people[order], model=model())
    assert back(shuffled.pairs, order).equals(found(name).pairs)
    assert groups(shuffled, order) == groups(found(name))


def test_the_order_does_not_matter_where_ties_abound() -> None:
    """If this fails, of records that say nearly the same another one is proposed when the extract is sorted again."""
    rows = [again(resident(n), NIK=None, ALAMAT=f"JL {at}") for n in range(12) for at in range(2 + n)]
    people = pl.DataFrame({column: [row[column.upper()] for row in rows] for column in shipped().columns})
    first = link(people)
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(people.height)
        shuffled = link(people[order])
        assert back(shuffled.pairs, order).equals(first.pairs)
        assert groups(shuffled, order) == groups(first)


@pytest.mark.parametrize("parts", [1, 2, 7, 10_000])
def test_the_number_of_parts_does_not_matter(parts: int) -> None:
    """If this fails, a larger machine finds other duplicates than a small one."""
    linked = link(population("first").people, model=model(), steering=Steering(parts=parts))
    assert linked.pairs.equals(found("first").pairs)
    assert linked.clusters.equals(found("first").clusters)
    assert np.array_equal(linked.vectors, found("first").vectors)


@pytest.mark.parametrize("against", [False, True])
def test_the_number_of_threads_does_not_matter(tmp_path: Path, against: bool) -> None:
    """If this fails, two offices with the same letter and other machines approve other duplicates."""
    people = population("first").people
    people[:400].write_parquet(tmp_path / "surat.parquet")
    people[400:].write_parquet(tmp_path / "data.parquet")
    written = []
    for threads in ("1", "2"):
        out = [tmp_path / f"{name}{threads}.parquet" for name in ("pasangan", "kelompok")]
        words = ["link", str(tmp_path / "surat.parquet"), "--pairs", str(out[0]), "--clusters", str(out[1])]
        words += ["--against", str(tmp_path / "data.parquet")] if against else []
        names = ("POLARS_MAX_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")
        subprocess.run([sys.executable, "-c", "import sys; from flows.cli import main; sys.exit(main(sys.argv[1:]))",
                        *words], check=True, env=os.environ | dict.fromkeys(names, threads))  # fmt: skip
        written.append([path.read_bytes() for path in out])
    assert written[0] == written[1]
    assert pl.read_parquet(tmp_path / "pasangan1.parquet").height > 10


def test_a_prepared_baseline_is_the_baseline() -> None:
    """If this fails, the baseline prepared in the morning gives other duplicates than the one of the letter's hour."""
    people = population("second").people
    extract, baseline = people[:300], people[300:]
    slow, fast = link(extract, baseline), link(extract, prepared_baseline(baseline, shipped()))
    assert slow.pairs.height > 10
    assert slow.pairs.equals(fast.pairs)
    assert slow.clusters.equals(fast.clusters)


def test_the_order_of_either_file_does_not_matter() -> None:
    """If this fails, the baseline must be sorted as it was last year to give the same duplicates."""
    people = population("first").people
    extract, baseline = people[:400], people[400:]
    first = link(extract, baseline)
    rng = np.random.default_rng(8)
    left, right = rng.permutation(extract.height), rng.permutation(baseline.height)
    other = link(extract[left], baseline[right])
    told = other.pairs.with_columns(
        left_row=pl.Series(left[other.pairs["left_row"]]), right_row=pl.Series(right[other.pairs["right_row"]])
    )
    assert told.sort(PAIR).equals(first.pairs)


def test_either_file_may_be_the_baseline() -> None:
    """If this fails, which of two regencies' files is named first decides who is one person.

    How common a value is, and which blocks are too large, is told by the baseline: both are left out here.
    """
    asked = shipped()
    plain = tuple(replace(field, levels=tuple(replace(level, binned=False) for level in field.levels))
                  for field in asked.fields)  # fmt: skip
    asked = replace(asked, fields=plain, blocking=replace(asked.blocking, cap=5000))
    people = population("first").people
    one, other = link(people[:500], people[500:], asked), link(people[500:], people[:500], asked)
    mirrored = other.pairs.rename({"left_row": "right_row", "right_row": "left_row"}).select(one.pairs.columns)
    assert one.pairs.height > 10
    assert mirrored.sort(PAIR).equals(one.pairs)
    sides = [linked.clusters.with_columns(own=(pl.col("side") == side)).group_by("cluster").agg("own", "row")
             for linked, side in ((one, "left"), (other, "right"))]  # fmt: skip
    first, second = ({frozenset(zip(own, row, strict=True)) for _, own, row in each.iter_rows()} for each in sides)
    assert first == second


def test_the_order_of_decisions_does_not_matter() -> None:
    """If this fails, the order in which Staff answered decides about other people's records."""
    people, rng = population("first").people, np.random.default_rng(2)
    truth = population("first").truth["person"].to_numpy()
    asked = found("first").pairs.filter(pl.col("band") == "possible").select(PAIR)
    rows = asked.to_numpy()
    labels = asked.with_columns(same=pl.Series(truth[rows[:, 0]] == truth[rows[:, 1]]))
    first = link(people, model=model(), steering=Steering(labels=labels))
    mixed = labels[rng.permutation(labels.height)].select(pl.col("right_row").alias("left_row"),
                                                          pl.col("left_row").alias("right_row"), "same")  # fmt: skip
    other = link(people, model=model(), steering=Steering(labels=mixed))
    assert other.pairs.equals(first.pairs)
    assert other.clusters.equals(first.clusters)
    assert not first.pairs.equals(found("first").pairs)
    order = rng.permutation(people.height)
    place = np.argsort(order)
    moved = labels.with_columns(pl.Series(name, place[labels[name]]) for name in PAIR)
    shuffled = link(people[order], model=model(), steering=Steering(labels=moved))
    assert back(shuffled.pairs, order).equals(first.pairs)
    assert groups(shuffled, order) == groups(first)
