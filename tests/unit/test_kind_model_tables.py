"""Linking by the mixture of kinds over any table and model: a column less or more, few rows, people's answers."""

import warnings
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from office_kit.kind_people import COLUMNS, MODEL, PEOPLE, TWICE, frame
from office_kit.residents import again, resident

from expectations.matching import BANDS, Field, MatchingModel
from expectations.matching.model import Level
from tasks.resolve.link import Linked, Steering, link


def probability(linked: Linked, left: int, right: int) -> float:
    told = linked.pairs.filter((pl.col("left_row") == left) & (pl.col("right_row") == right))["probability"]
    return float(told[0]) if len(told) else 0.0


@pytest.mark.parametrize("same", [True, False])
def test_decisions_move_the_fit(same: bool) -> None:
    """If this fails, Staff answer pair after pair and the next batch asks the same."""
    doubtful = [again(resident(n), NIK=None, NO_KK=None, ALAMAT="-", NAMA_LGKP_IBU="-", NAMA_LGKP_AYAH=None)
                for n in (150, 151, 152, 153)]  # fmt: skip
    people = pl.concat([PEOPLE, frame(doubtful)])
    rows = [(150 + n, PEOPLE.height + n, same) for n in range(3)]
    labels = pl.DataFrame(rows, schema=["left_row", "right_row", "same"], orient="row")
    before, after = link(people), link(people, steering=Steering(labels=labels))
    asked = (153, PEOPLE.height + 3)  # answered by nobody
    gained = probability(after, *asked) - probability(before, *asked)
    assert gained > 0 if same else gained < 0


def without(name: str) -> MatchingModel:
    """The shipped model without one field and the guards that ask for it."""
    guards = tuple(guard for guard in MODEL.guards if name not in {**guard.at_least, **guard.below})
    return replace(MODEL, fields=tuple(field for field in MODEL.fields if field.name != name), guards=guards)


def one_more() -> MatchingModel:
    """The shipped model with one more field, on a column that it knew for blocking only."""
    field = Field(
        "town",
        "kota",
        "kota",
        (Level("same", "sama", binned=True), Level("initials", "singkat"), Level("else", "lain")),
    )
    kinds = tuple(replace(kind, levels=kind.levels | {"town": (0.5, 0.1, 0.4)}) for kind in MODEL.kinds)
    return replace(MODEL, columns=MODEL.columns | {"kota": "name"}, fields=(*MODEL.fields, field), kinds=kinds)


TABLES = {
    "a column of nothing": lambda name: PEOPLE.with_columns(pl.lit(None, pl.String).alias(name)),
    "a column of dashes": lambda name: PEOPLE.with_columns(pl.lit("-").alias(name)),
    "a column left out": PEOPLE.drop,
}


def sane(linked: Linked) -> None:
    """Thirty people stand twice in it, and nobody else."""
    numbers = linked.pairs.select("weight", "probability", "kind_probability").to_numpy()
    assert np.isfinite(numbers).all()
    assert linked.pairs["probability"].is_between(0, 1).all()
    true = {(n, 200 + n) for n in range(TWICE)}
    likely = set(linked.pairs.filter(pl.col("probability") >= 0.5).select("left_row", "right_row").rows())
    assert len(likely & true) >= TWICE - 2
    assert len(likely - true) <= 2


@pytest.mark.parametrize("field", [field.name for field in MODEL.fields if field.name not in {"name", "birth"}])
def test_a_field_less_breaks_nothing(field: str) -> None:
    """If this fails, a regency that does not record the father cannot be linked."""
    sane(link(PEOPLE, model=without(field)))


def test_a_field_more_breaks_nothing() -> None:
    """If this fails, nobody can add a comparison to a model."""
    town = pl.Series("kota", [None, "MOJOKERTO", "GRESIK"] * 76 + ["-", "M"])
    sane(link(PEOPLE.with_columns(town), model=one_more()))
    sane(link(PEOPLE, model=one_more()))


@pytest.mark.parametrize("column", [column for column in COLUMNS if column not in {"nama_lgkp", "tgl_lhr"}])
@pytest.mark.parametrize("table", TABLES)
def test_an_empty_column_breaks_nothing(table: str, column: str) -> None:
    """If this fails, an extract without addresses or mothers stops, or makes everybody alike."""
    sane(link(TABLES[table](column)))


def test_unknown_columns_change_nothing() -> None:
    """If this fails, what else stands in the extract decides who is one person."""
    more = PEOPLE.with_columns(pl.lit("x").alias("catatan"), pl.int_range(pl.len()).alias("row"))
    assert link(more.select(sorted(more.columns))).pairs.equals(link(PEOPLE).pairs)


SMALL: dict[str, list[dict[str, str | None]]] = {
    "nobody": [], "one": [resident(1)], "two": [resident(1), resident(2)], "all missing": [{}] * 50,
    "only dashes": [dict.fromkeys(map(str.upper, COLUMNS), "-")] * 50, "two hundred": [*map(resident, range(200))],
}  # fmt: skip


@pytest.mark.parametrize("rows", SMALL)
@pytest.mark.parametrize("other", [None, "nobody", "two hundred"])
def test_small_and_empty_tables(rows: str, other: str | None) -> None:
    """If this fails, a letter about nobody, one resident or strangers stops with a traceback or finds a duplicate."""
    left = frame(SMALL[rows])
    right = None if other is None else frame(SMALL[other])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        linked = link(left, right)
    known = {row["NIK"] for row in SMALL[rows] if row} & {row["NIK"] for row in SMALL[other or "nobody"]}
    matches = linked.pairs.filter(pl.col("band") == "match")
    assert matches.height == (0 if other is None else len(known - {"-"}))
    assert linked.clusters.height == left.height + (0 if right is None else right.height)
    assert linked.pairs.schema["guard"] == pl.String
    assert set(linked.pairs["band"]) <= set(BANDS)


def test_copies_of_one_row_are_one_person_up_to_the_limit() -> None:
    """If this fails, a row that the clerk sent twice is two residents, or a hundred copies are one life."""
    few = link(frame([resident(1)] * 4))
    assert few.clusters["cluster"].to_list() == [0] * 4
    many = link(frame([resident(1)] * 100))
    assert max(many.clusters.group_by("cluster").len()["len"]) <= MODEL.limits.cluster
