"""The mixture of kinds: a fit that only gets better, keeps what is fixed, listens to people, and survives any table."""

import warnings
from dataclasses import replace
from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from office_kit.residents import again, born, nik_of, resident

from expectations.matching import BANDS, MISSING, Field, MatchingModel, shipped
from expectations.matching.model import BINS, Level
from tasks.resolve.link import Linked, Steering, link
from tasks.resolve.model import KindModel, Seen, seen
from tasks.resolve.prepare import Prepared, prepare

MODEL = shipped()
COLUMNS = tuple(MODEL.columns)
Vectors = npt.NDArray[np.int8]


def frame(rows: list[dict[str, str | None]]) -> pl.DataFrame:
    return pl.DataFrame({column: [row.get(column.upper()) for row in rows] for column in COLUMNS},
                        schema=dict.fromkeys(COLUMNS, pl.String))  # fmt: skip


def moved(number: int) -> dict[str, str | None]:
    """Resident ``number`` again, elsewhere and with another NIK."""
    person = resident(number)
    nik = nik_of(born(person), str(person["JENIS_KLMIN"]), 9500 + number % 400)
    return again(person, NIK=nik, ALAMAT="JL LAIN 9", NO_KK=f"357602140612{9500 + number % 400}")


TWICE = 30
PEOPLE = frame([*map(resident, range(200)), *map(moved, range(TWICE))])


@cache
def counted() -> Prepared:
    return prepare(PEOPLE, MODEL)


def classifier(model: MatchingModel = MODEL) -> KindModel:
    return KindModel(model, counted())


def drawn(kind: int, size: int, seed: int, missing: float = 0.1) -> Vectors:
    """Vectors as the shipped shares of a kind make them."""
    rng = np.random.default_rng(seed)
    told = [rng.choice(len(table[kind]), size, p=table[kind] / table[kind].sum()) for table in classifier().tables]
    vectors = np.stack(told, axis=1).astype(np.int8)
    return np.where(rng.random(vectors.shape) < missing, np.int8(MISSING), vectors)


def mixture(size: int, seed: int) -> Vectors:
    """Pairs of every kind in the shipped shares."""
    return np.concatenate([drawn(at, int(size * kind.prior) + 1, seed + at) for at, kind in enumerate(MODEL.kinds)])


def unlabelled(vectors: Vectors) -> Seen:
    return seen(vectors, np.ones((len(vectors), len(MODEL.kinds)), bool), np.ones(len(vectors)))


# --- the fit --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("binned", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_no_round_of_the_fit_makes_it_worse(seed: int, binned: bool) -> None:
    """If this fails, the fit wanders: what the model says depends on when it was stopped."""
    model, pairs = classifier(), unlabelled(mixture(3000, seed))
    model._em(pairs, 1e-6, 1, binned=binned)  # tied kinds are tied from the first round on
    steps = [model._em(pairs, 1e-6, 1, binned=binned) for _ in range(25)]
    assert (np.diff(steps) > -1e-9).all()
    assert steps[-1] > steps[0]


def test_shares_are_shares() -> None:
    """If this fails, the probabilities of the report add up to more or less than one."""
    model = classifier()
    vectors = mixture(2000, 1)
    model.learn_kinds(unlabelled(vectors))
    assert model.prior.sum() == pytest.approx(1)
    for table, levels in zip(model.tables, model.levels, strict=True):
        assert np.allclose(table.sum(axis=1), 1)
        assert (table > 0).all()
        assert np.allclose(levels.sum(axis=1), 1)
    assert np.allclose(model.kinds(vectors).sum(axis=1), 1)
    assert np.isfinite(model.weight(vectors)).all()


def test_what_is_tied_stays_tied_and_what_is_fixed_stays() -> None:
    """If this fails, who moved is said to misspell otherwise than who stayed, or twins stop being born together."""
    model = classifier()
    model.learn_kinds(unlabelled(mixture(5000, 2)))
    names = [kind.name for kind in MODEL.kinds]
    tied, fixed, free = 0, 0, 0
    for at, kind in enumerate(MODEL.kinds):
        for field, levels in zip(MODEL.fields, model.levels, strict=True):
            if field.name in kind.tied:
                assert np.allclose(levels[at], levels[names.index(kind.like)])
                tied += 1
            elif field.name in kind.fixed:
                assert np.allclose(levels[at], kind.levels[field.name])
                fixed += 1
            else:
                free += not np.allclose(levels[at], kind.levels[field.name])
    assert min(tied, fixed, free) > 0


def test_much_data_moves_the_prior_and_few_do_not() -> None:
    """If this fails, a letter of ten people overturns the shipped model, or a whole city teaches it nothing."""
    match = classifier().matches
    many, few = classifier(), classifier()
    sample = np.concatenate([drawn(0, 4000, 1), drawn(2, 4000, 2)])
    many.learn_kinds(unlabelled(sample))
    few.learn_kinds(unlabelled(sample[::800]))
    told = float(classifier().prior[match].sum())
    assert abs(few.prior[match].sum() - told) < 0.02
    assert many.prior[match].sum() > 0.4


def test_one_vector_seen_often_counts_as_often() -> None:
    """If this fails, pairs counted together weigh otherwise than one by one."""
    vectors = mixture(800, 3)
    together, apart = classifier(), classifier()
    together.learn_kinds(unlabelled(np.repeat(vectors, 3, axis=0)))
    pairs = unlabelled(vectors)
    apart.learn_kinds(Seen(pairs.vectors, pairs.count * 3, pairs.allowed))
    assert np.array_equal(together.prior, apart.prior)
    assert all(np.array_equal(a, b) for a, b in zip(together.levels, apart.levels, strict=True))


@given(st.randoms(use_true_random=False))
@settings(max_examples=10)
def test_the_order_of_pairs_does_not_matter(chance: st.DrawFn) -> None:
    """If this fails, the same pairs in another order teach another model."""
    vectors = mixture(600, 4)
    order = list(range(len(vectors)))
    chance.shuffle(order)
    one, other = classifier(), classifier()
    one.learn_kinds(unlabelled(vectors))
    other.learn_kinds(unlabelled(vectors[order]))
    assert np.array_equal(one.prior, other.prior)
    assert all(np.array_equal(a, b) for a, b in zip(one.levels, other.levels, strict=True))


def test_a_captured_kind_is_told_and_not_believed() -> None:
    """If this fails, "one person" silently comes to mean "one household", and siblings are merged."""
    stranger = [kind.name for kind in MODEL.kinds].index("stranger")
    strangers = drawn(stranger, 20_000, 5, missing=0.0)
    everyone_one_person = np.ones(len(strangers), np.int64)
    unheld = classifier(replace(MODEL, fit=replace(MODEL.fit, prior_pairs=1, prior_share=0)))
    unheld._fit(strangers, everyone_one_person)
    assert set(unheld.captured) & {kind.name for kind in MODEL.kinds if kind.is_match}
    assert np.array_equal(unheld.prior, classifier().prior)
    assert all(np.array_equal(a, b) for a, b in zip(unheld.levels, classifier().levels, strict=True))
    held = classifier()
    held._fit(strangers, everyone_one_person)
    assert held.captured == ()
    assert held.weight(strangers).max() < held.weight(drawn(0, 200, 6, missing=0.0)).mean()


def test_missing_fields_say_nothing() -> None:
    """If this fails, an empty cell is evidence."""
    nothing = np.full((1, len(MODEL.fields)), MISSING, np.int8)
    model = classifier()
    assert model.log_evidence(nothing).tolist() == [[0.0] * len(MODEL.kinds)]
    assert model.weight(nothing)[0] == pytest.approx(0)
    assert np.allclose(model.kinds(nothing)[0], model.prior)


def test_weight_by_hand() -> None:
    """If this fails, the match weight on the screen is not log2 of the two likelihoods."""
    model = classifier()
    for vector in mixture(40, 7):
        sides = {True: 0.0, False: 0.0}
        for at, kind in enumerate(MODEL.kinds):
            product = kind.prior / sum(each.prior for each in MODEL.kinds if each.is_match is kind.is_match)
            for table, value in zip(model.tables, vector, strict=True):
                product *= 1 if value == MISSING else table[at, value]
            sides[kind.is_match] += product
        assert model.weight(vector[None])[0] == pytest.approx(np.log2(sides[True] / sides[False]), abs=1e-9)


def test_a_common_value_agrees_for_less() -> None:
    """If this fails, two residents named SITI are one person as likely as two of a name nobody else has."""
    rows = [again(resident(n), NAMA_LGKP="SITI" if n % 2 else resident(n)["NAMA_LGKP"]) for n in range(200)]
    model = KindModel(MODEL, prepare(frame(rows), MODEL))
    vector = np.full((BINS, len(MODEL.fields)), MISSING, np.int8)
    vector[:, MODEL.field_at["name"]] = np.arange(BINS)
    weight = model.weight(vector)
    assert weight[0] > weight[3] + 1  # up to 2 records; up to 128


# --- labels ---------------------------------------------------------------------------------------------------------


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


# --- other tables, other models -------------------------------------------------------------------------------------


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
