"""The second register's records: originals, and duplicates that arose by marriage, moving, re-entry and drift."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bench.population import dates, numbers
from bench.population.chance import happens
from bench.population.generator import Population, Settings
from bench.population.second import households, mistakes, words
from bench.population.second.places import regions, residences
from bench.population.second.twins import make_twins
from bench.population.twins import record_pairs

Ints = NDArray[np.int64]
KINDS = ("original", "moved", "re-entered", "split", "drifted")
SHARES = (0.52, 0.18, 0.12, 0.18)  # of the duplicates, KINDS[1:]
GROWN, SETTLED = 18, 40  # between these ages people move most
SECOND, THIRD = 0.06, 0.01  # of the duplicates are a person's second, third one
NEW_NIK = {"original": 1.0, "moved": 0.55, "re-entered": 0.9, "split": 0.3, "drifted": 0.0}
WRONG_NIK = {"original": 0.004, "moved": 0.06, "re-entered": 0.05, "split": 0.10, "drifted": 0.18}
HUSBANDS_NAME = 0.2  # of women who moved or split
BLANK = {
    "tmpt_lhr": (0.02, 0.07),
    "tgl_lhr": (0.008, 0.03),
    "alamat": (0.02, 0.06),
    "no_kk": (0.005, 0.02),
    "jenis_klmin": (0.001, 0.006),
}
NO_NIK = (0.008, 0.025)
SHARED_NIK = 0.003
OWN = ((0.97, 0.03), mistakes.HOW_MANY)
PARENTS = ((0.9, 0.09, 0.01), (0.62, 0.28, 0.10))
DATE_WRONG = (0.004, 0.17)


@dataclass
class Draft:
    """Records being written: ``frame`` in the order originals, duplicates; ``later`` = 1 where a duplicate."""

    frame: pl.DataFrame
    later: Ints


def generate(settings: Settings) -> Population:
    """The register of the settings by the second model; the same settings give the same frames."""
    rng = np.random.default_rng([settings.seed, 1945])
    again = round(settings.residents * settings.duplicates)
    folk = households.community(rng, settings.residents - again)
    people, one, two = make_twins(rng, folk.frame, settings.twins)
    draft = recorded(rng, people, folk.houses, again)
    frame = spoil(rng, draft)
    frame = blank(rng, frame, draft.later, settings.parents_missing)
    order = rng.permutation(settings.residents)
    person = draft.frame["person"].to_numpy()[order]
    twin = np.isin(person, np.concatenate([one, two]))
    truth = pl.DataFrame(
        {"row": np.arange(len(order)), "person": person, "kind": draft.frame["kind"][order], "twin": twin}
    )
    return Population(frame[order], truth, record_pairs(person, one, two))


def recorded(rng: np.random.Generator, people: pl.DataFrame, houses: int, again: int) -> Draft:
    """Originals in their houses, then duplicates with the houses they went to; NIK not yet."""
    person, kind = repeated(rng, people, again)
    home = residences(rng, houses)
    first = pl.concat([people, home[people["house"].to_numpy()]], how="horizontal")
    first = first.with_columns(person=pl.int_range(pl.len(), dtype=pl.Int64), kind=pl.lit("original"))
    birthplace = np.where(
        happens(rng, houses, 0.75), home["region"].to_numpy(), rng.integers(0, regions().height, size=houses)
    )
    first = first.with_columns(
        born=pl.Series(birthplace[people["kin"].to_numpy() % houses]),
        issued=pl.Series(birthplace[people["kin"].to_numpy() % houses]),
    )
    later = first[person].with_columns(kind=pl.Series(kind, dtype=pl.String))
    fresh = residences(rng, again)
    moved, new_card = pl.col("kind") == "moved", pl.col("kind").is_in(["moved", "split"])
    places = [
        pl.when(moved).then(fresh[name]).otherwise(name).alias(name)
        for name in ("region", "alamat", "no_rt", "no_rw", "no_kel")
    ]
    later = later.with_columns(places).with_columns(no_kk=pl.when(new_card).then(fresh["no_kk"]).otherwise("no_kk"))
    bride = (
        pl.Series(happens(rng, again, HUSBANDS_NAME))
        & (later["sex"] == words.WOMAN)
        & later["partner"].is_not_null()
        & later["kind"].is_in(["moved", "split"])
    )
    title = pl.Series(np.where(happens(rng, again, 0.5), "NY. ", "").tolist(), dtype=pl.String)
    husbands = pl.concat_str(
        title,
        pl.when(title == "")
        .then(
            pl.format("{} {}", pl.col("name").str.split(" ").list.first(), pl.col("partner").str.split(" ").list.last())
        )
        .otherwise("partner"),
    )
    later = later.with_columns(name=pl.when(bride).then(husbands).otherwise("name"))
    frame = pl.concat([first, later])
    return Draft(frame, (frame["kind"] != "original").cast(pl.Int64).to_numpy())


def repeated(rng: np.random.Generator, people: pl.DataFrame, again: int) -> tuple[Ints, list[str]]:
    """Who is recorded again and how; the young and the married women more often."""
    second, third = round(again * SECOND), round(again * THIRD)
    age = (dates.TODAY - people["birth"].to_numpy()) / dates.YEAR_DAYS
    weight = np.where((age > GROWN) & (age < SETTLED), 2.0, 1.0) * np.where(
        people["sex"].to_numpy() == words.WOMAN, 1.3, 1.0
    )
    once = np.argsort(rng.exponential(size=len(age)) / weight, kind="stable")[: again - second - third]
    more = rng.permutation(once)[:second]
    person = np.concatenate([once, more, more[:third]])
    return person, [KINDS[1 + at] for at in rng.choice(4, size=again, p=SHARES)]


def spoil(rng: np.random.Generator, draft: Draft) -> pl.DataFrame:
    """The contract's columns as text, with mistakes."""
    frame, later = draft.frame, draft.later
    first = int((later == 0).sum())
    halves = [slice(0, first), slice(first, None)]
    father = frame["father"]
    texts = {
        column: pl.concat(
            [mistakes.spoilt(rng, frame[name][half], chances[at], father[half]) for at, half in enumerate(halves)]
        )
        for column, name, chances in (
            ("nama_lgkp", "name", OWN),
            ("nama_lgkp_ibu", "mother", PARENTS),
            ("nama_lgkp_ayah", "father", PARENTS),
        )
    }
    birth = frame["birth"].to_numpy().copy()
    wrong = happens(rng, len(birth), np.array(DATE_WRONG)[later])
    birth[wrong] = mistakes.wrong_dates(rng, birth[wrong])
    known, region = regions(), frame["region"].to_numpy()
    code = known["code"].gather(region).cast(pl.String)
    town = np.where(
        happens(rng, len(birth), 0.7),
        known["town"].gather(frame["born"]).to_numpy(),
        known["name"].gather(frame["born"]).to_numpy(),
    )
    steady = np.where(
        later == 0, town, np.where(happens(rng, len(birth), 0.85), town[frame["person"].to_numpy()], town)
    )
    return pl.DataFrame(
        {
            "nik": identity(rng, draft, birth), "no_kk": frame["no_kk"].cast(pl.String), "nama_lgkp": texts["nama_lgkp"],
            "jenis_klmin": frame["sex"].cast(pl.String), "tmpt_lhr": pl.Series(steady.tolist(), dtype=pl.String), "tgl_lhr": pl.Series(birth.astype("datetime64[D]")).cast(pl.String),
            "nama_lgkp_ibu": texts["nama_lgkp_ibu"], "nama_lgkp_ayah": texts["nama_lgkp_ayah"], "stat_hbkel": frame["relation"],
            "stat_kwn": pl.Series(np.where(frame["partner"].is_null().to_numpy(), "1", "2").tolist(), dtype=pl.String), "alamat": frame["alamat"], "no_rt": frame["no_rt"],
            "no_rw": frame["no_rw"], "no_prop": code.str.slice(0, 2), "no_kab": code.str.slice(2, 2), "no_kec": code.str.slice(4, 2), "no_kel": frame["no_kel"],
            "kec_name": known["name"].gather(region),
        }
    )  # fmt: skip


def identity(rng: np.random.Generator, draft: Draft, birth: Ints) -> pl.Series:
    """NIK as text: new or kept, misread, lent to a relative of the house."""
    frame, n = draft.frame, len(birth)
    code = regions()["code"].to_numpy()
    person = frame["person"].to_numpy()
    at = np.where((draft.later == 1) & happens(rng, n, 0.8), frame["region"].to_numpy(), frame["issued"].to_numpy())
    true = np.where((draft.later == 0) | happens(rng, n, 0.3), frame["birth"].to_numpy(), birth)
    nik = numbers.issued(rng, code[at] * 1_000_000 + dates.nik_digits(true, frame["sex"].to_numpy()))
    kind = frame["kind"]
    own = nik[person]
    nik = np.where(happens(rng, n, kind.replace_strict(NEW_NIK).to_numpy()), nik, own)
    wrong = np.flatnonzero(happens(rng, n, kind.replace_strict(WRONG_NIK).to_numpy()))
    nik[wrong] = mistakes.wrong_numbers(rng, nik[wrong])
    originals = int((draft.later == 0).sum())
    borrowers = rng.permutation(originals)[: round(originals * SHARED_NIK)]
    nik[borrowers] = own[
        (borrowers + np.where(happens(rng, len(borrowers), 0.7), 1, rng.integers(1, max(originals, 2)))) % originals
    ]
    return pl.Series(nik).cast(pl.String)


def blank(rng: np.random.Generator, frame: pl.DataFrame, later: Ints, parents: tuple[float, float]) -> pl.DataFrame:
    """Fields left empty; parents at the rates asked."""
    for name, rates in BLANK.items():
        gone = pl.Series(happens(rng, frame.height, np.array(rates)[later]))
        frame = frame.with_columns(pl.when(~gone).then(name).alias(name))
    for name, share in zip(("nama_lgkp_ibu", "nama_lgkp_ayah"), parents, strict=True):
        gone = pl.Series(happens(rng, frame.height, share))
        frame = frame.with_columns(pl.when(~gone).then(name).alias(name))
    gone = pl.Series(happens(rng, frame.height, np.array(NO_NIK)[later]))
    unknown = pl.Series(["0", "-", "", None], dtype=pl.String).gather(rng.integers(0, 4, size=frame.height))
    return frame.with_columns(nik=pl.when(gone).then(unknown).otherwise("nik"))
