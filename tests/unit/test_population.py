"""The synthetic registers that duplicate resolution is measured on: both models of bench/population."""

import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import polars as pl
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # bench is not installed

from bench.population import Population, Settings, generate  # noqa: E402 - needs the path above
from bench.population import second as second_model  # noqa: E402
from bench.population.baseline import split  # noqa: E402
from expectations.columns import BY_NAME  # noqa: E402

MODELS: dict[str, Callable[[Settings], Population]] = {"first": generate, "second": second_model.generate}
ASKED = Settings(15_000, duplicates=0.08, twins=0.03, parents_missing=(0.10, 0.30), seed=7)
KINDS = {"original", "moved", "re-entered", "split", "drifted"}
WHOLE_NIK = pl.col("nik").str.contains(r"^\d{16}$")


@cache
def made(model: str) -> Population:
    return MODELS[model](ASKED)


@pytest.fixture(params=sorted(MODELS))
def model(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def population(model: str) -> Population:
    return made(model)


@pytest.fixture
def everything(population: Population) -> pl.DataFrame:
    """Records beside their truth."""
    return pl.concat([population.people, population.truth], how="horizontal")


def test_as_many_records_and_duplicates_as_asked(population: Population) -> None:
    """If this fails, the share of duplicates a matcher is said to cope with is not the share it was given."""
    truth = population.truth
    assert population.people.height == ASKED.residents
    assert truth.filter(pl.col("kind") != "original").height == round(ASKED.residents * ASKED.duplicates)
    assert set(truth["kind"].unique()) == KINDS
    sizes = truth.group_by("person").len()["len"]
    assert 2 <= sizes.max() <= 4
    assert (sizes == 2).sum() > (sizes == 3).sum() > 0


def test_truth_names_each_row_once(population: Population) -> None:
    """If this fails, recall and precision are counted against the wrong records."""
    truth = population.truth
    assert truth.schema == {"row": pl.Int64, "person": pl.Int64, "kind": pl.String, "twin": pl.Boolean}
    assert truth["row"].to_list() == list(range(ASKED.residents))
    assert truth.filter(pl.col("kind") == "original")["person"].is_unique().all()
    assert truth["person"].n_unique() == truth.filter(pl.col("kind") == "original").height
    assert not truth["person"].is_sorted()  # else the order of rows would betray who is who


def test_columns_are_the_contracts_and_all_text(population: Population) -> None:
    """If this fails, a reader or matcher of the office does not know the columns of the measurement."""
    assert set(population.people.columns) <= set(BY_NAME)
    assert set(population.people.schema.values()) == {pl.String()}
    born = population.people["tgl_lhr"].drop_nulls()
    assert born.str.to_date("%Y-%m-%d", strict=True).is_between(pl.date(1900, 1, 1), pl.date(2026, 10, 1)).all()


def test_niks_are_built_like_niks_and_are_nobodys(everything: pl.DataFrame) -> None:
    """If this fails, the measurement says nothing of real NIKs, or holds a number that may be somebody's."""
    whole = everything.filter(WHOLE_NIK)
    assert whole["nik"].str.slice(12, 1).eq("9").all()
    assert everything["no_kk"].drop_nulls().str.contains(r"^\d{12}9\d{3}$").all()
    known = whole.filter(pl.col("kind") == "original").drop_nulls(["tgl_lhr", "jenis_klmin"])
    day = pl.col("tgl_lhr").str.slice(8, 2).cast(pl.Int64) + 40 * (pl.col("jenis_klmin") == "2")
    date = day.cast(pl.String).str.zfill(2) + pl.col("tgl_lhr").str.slice(5, 2) + pl.col("tgl_lhr").str.slice(2, 2)
    agrees = known.select(date == pl.col("nik").str.slice(6, 6)).to_series()
    assert 0.97 < agrees.mean() < 1  # a few dates, sexes and numbers are wrong in any register
    missing = everything.filter(~WHOLE_NIK.fill_null(value=False))["nik"]
    assert set(missing.unique()) == {"0", "-", "", None}
    assert len(missing) < 0.02 * ASKED.residents


def test_a_few_niks_belong_to_two_people(everything: pl.DataFrame) -> None:
    """If this fails, a matcher that merges on an equal NIK alone is never caught."""
    first = everything.filter(WHOLE_NIK & (pl.col("kind") == "original"))
    assert 0.001 < 1 - first["nik"].n_unique() / first.height < 0.006


def test_parents_are_missing_as_often_as_asked(population: Population) -> None:
    """If this fails, the figures for registers with half the parents missing are of another register."""
    for name, share in zip(("nama_lgkp_ibu", "nama_lgkp_ayah"), ASKED.parents_missing, strict=True):
        assert population.people[name].is_null().mean() == pytest.approx(share, abs=0.01)
    both = population.people.select(pl.all_horizontal(pl.col("nama_lgkp_ibu", "nama_lgkp_ayah").is_null())).to_series()
    assert both.mean() == pytest.approx(0.03, abs=0.006)  # independently


def test_twins_are_two_people_born_alike(population: Population, everything: pl.DataFrame) -> None:
    """If this fails, the rate of twins wrongly merged is measured on pairs that are no twins."""
    originals = population.truth.filter(pl.col("kind") == "original")
    assert originals["twin"].mean() == pytest.approx(ASKED.twins, abs=0.001)
    pairs = population.twins
    assert pairs.columns == ["left_row", "right_row"]
    assert (pairs["left_row"] < pairs["right_row"]).all()
    assert pairs.is_unique().all()
    left, right = everything[pairs["left_row"]], everything[pairs["right_row"]]
    assert (left["person"] != right["person"]).all()
    assert left["twin"].all()
    assert right["twin"].all()
    first = (left["kind"] == "original") & (right["kind"] == "original")
    assert first.sum() == originals["twin"].sum() / 2
    for name in ("tgl_lhr", "no_kk"):
        same = (left[name] == right[name]).filter(first).drop_nulls()
        assert same.mean() > 0.96, name
    assert (left["nama_lgkp"] == right["nama_lgkp"]).mean() < 0.02


def test_siblings_share_parents_and_home(everything: pl.DataFrame) -> None:
    """If this fails, the families that mislead a matcher are not there."""
    children = everything.filter((pl.col("kind") == "original") & (pl.col("stat_hbkel") == "4"))
    homes = (
        children.drop_nulls(["no_kk", "nama_lgkp_ibu"])
        .group_by("no_kk")
        .agg(pl.len(), pl.col("nama_lgkp_ibu").n_unique().alias("mothers"))
    )
    several = homes.filter(pl.col("len") > 1)
    assert several.height > 800
    assert several.filter(pl.col("mothers") < pl.col("len")).height > 0.8 * several.height


def test_duplicates_differ_and_can_be_found(everything: pl.DataFrame) -> None:
    """If this fails, duplicates are copies any tool finds, or have nothing left to be known by."""
    first = everything.filter(pl.col("kind") == "original").select("person", "nama_lgkp", "tgl_lhr", "nik", "no_kk")
    later = everything.filter(pl.col("kind") != "original").join(first, on="person", suffix="_first")
    for name, low, high in (("nama_lgkp", 0.4, 0.7), ("tgl_lhr", 0.75, 0.92)):
        assert low < (later[name] == later[f"{name}_first"]).mean() < high, name
    moved = later.filter(pl.col("kind") == "moved")
    assert (moved["no_kk"] == moved["no_kk_first"]).mean() < 0.01
    drifted = later.filter(pl.col("kind") == "drifted")
    assert (drifted["nik"] == drifted["nik_first"]).mean() > 0.7


def test_same_seed_same_bytes(model: str, tmp_path: Path) -> None:
    """If this fails, two measurements of one seed are of different registers and cannot be compared."""
    written = []
    for at, seed in enumerate((3, 3, 4)):
        made_again = MODELS[model](Settings(3_000, seed=seed))
        for name in ("people", "truth", "twins"):
            getattr(made_again, name).write_parquet(tmp_path / f"{at}{name}", compression="zstd")
        written.append([(tmp_path / f"{at}{name}").read_bytes() for name in ("people", "truth", "twins")])
    assert written[0] == written[1]
    assert written[0][0] != written[2][0]


@pytest.mark.parametrize("rows", [1, 200])
@pytest.mark.parametrize("share", [0.0, 0.4])
def test_small_and_extreme_registers(model: str, rows: int, share: float) -> None:
    """If this fails, small extracts cannot be measured at all."""
    small = MODELS[model](Settings(rows, duplicates=share, twins=0.0, parents_missing=(0.0, 1.0)))
    assert small.people.height == small.truth.height == rows
    assert small.truth.filter(pl.col("kind") != "original").height == round(rows * share)
    assert small.people["nama_lgkp_ayah"].null_count() == rows
    assert small.people["nama_lgkp_ibu"].null_count() == 0


def test_impossible_shares_are_refused() -> None:
    """If this fails, a mistyped share (5 for 0.05) gives a register that says something else."""
    with pytest.raises(ValueError, match="duplicates"):
        Settings(100, duplicates=5)


def test_extract_and_baseline_part_the_register(population: Population) -> None:
    """If this fails, the linking of an extract is judged by links that are not there."""
    cut = split(population, 2_000, seed=1)
    assert (cut.extract.height, cut.baseline.height) == (2_000, ASKED.residents - 2_000)
    assert cut.extract_truth["row"].to_list() == list(range(2_000))
    left = cut.extract_truth["person"].gather(cut.links["left_row"])
    right = cut.baseline_truth["person"].gather(cut.links["right_row"])
    assert left.equals(right)
    every = cut.extract_truth.join(cut.baseline_truth, on="person")
    assert every.height == cut.links.height
    linked = cut.links["left_row"].n_unique()
    wanted = min(round(2_000 * 0.4), cut.extract_truth.filter(pl.col("kind") != "original").height)
    assert linked == pytest.approx(wanted, rel=0.05)
    assert cut.extract_truth["person"].n_unique() < 2_000  # some repeat each other within the extract


@pytest.mark.parametrize("name", ["bench.population", "bench.population.second"])
def test_command_line_writes_the_files(name: str, tmp_path: Path) -> None:
    """If this fails, the one command that makes the benchmark's table stops at its data."""
    command = [sys.executable, "-m", name, str(tmp_path), "--residents", "2000", "--duplicates", "0.2"]
    told = subprocess.run(
        [*command, "--parents-missing", "0.5,0.1", "--baseline-split", "100"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(told.stdout.splitlines()) == 1
    assert told.stderr == ""
    frames = {path.stem: pl.read_parquet(path) for path in tmp_path.glob("*.parquet")}
    assert {"people", "truth", "twins", "extract", "baseline", "link_truth"} <= set(frames)
    assert frames["people"].height == 2000
    assert frames["people"]["nama_lgkp_ibu"].is_null().mean() == pytest.approx(0.5, abs=0.05)
    assert frames["link_truth"].columns == ["left_row", "right_row"]
