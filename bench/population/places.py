"""Kecamatan, birth places and addresses: two regencies and a city around Mojokerto, and where people move to.

Region codes come from ``data/reference/regions.csv``. Addresses are kept as numbers until they are written, because
two clerks write the same house in different ways.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bench.population import words

Ints = NDArray[np.int64]
REGIONS = Path(__file__).resolve().parents[2] / "data/reference/regions.csv"
HOME = {"3516": "MOJOKERTO", "3576": "MOJOKERTO", "3517": "JOMBANG"}
AWAY = {"3578": "SURABAYA", "3515": "SIDOARJO", "3514": "PASURUAN", "3518": "NGANJUK", "3506": "KEDIRI", "3524": "LAMONGAN",
        "3525": "GRESIK", "3507": "MALANG", "3171": "JAKARTA", "3275": "BEKASI", "3374": "SEMARANG", "5171": "DENPASAR"}  # fmt: skip
TOWNS = len({*HOME.values(), *AWAY.values()})
LAST_RURAL = 70  # regency numbers from 71 on are cities
VILLAGES = 14  # per kecamatan
STREETS = [name for line in words.STREETS.splitlines() for name in line.split("|")]
HAMLETS = [
    f"{name} {side}".strip()
    for side in ("", "LOR", "KIDUL", "WETAN", "KULON", "TENGAH")
    for line in words.HAMLETS.splitlines()
    for name in line.split("|")
]
HOUSE_STYLES = 5


@dataclass(frozen=True)
class Regions:
    """Kecamatan by number: ``code`` (six digits), ``name``, ``weight`` of residence; home ones come before ``home``.

    ``town``: birth place texts; ``near``: the town number of each kecamatan's regency (its own name follows the towns).
    """

    code: Ints
    name: list[str]
    home: int
    weight: NDArray[np.float64]
    town: list[str]
    near: Ints


@cache
def regions() -> Regions:
    """The kecamatan of HOME (all) and of AWAY, in the order of their codes."""
    table = pl.read_csv(REGIONS, schema_overrides={"code": pl.String}).filter(level="kecamatan").sort("code")
    found = [table.filter(pl.col("code").str.slice(0, 4).is_in(list(group))) for group in (HOME, AWAY)]
    every = pl.concat(found)
    towns = list(dict.fromkeys([*HOME.values(), *AWAY.values()]))
    regency = every["code"].str.slice(0, 4).to_list()
    weight = 1 / (np.random.default_rng(3516).permutation(found[0].height) + 8.0) ** 0.7
    return Regions(
        code=every["code"].cast(pl.Int64).to_numpy(),
        name=every["name"].to_list(),
        home=found[0].height,
        weight=weight / weight.sum(),
        town=[*towns, *every["name"].to_list()],
        near=np.array([towns.index((HOME | AWAY)[code]) for code in regency]),
    )


def home_kecamatan(rng: np.random.Generator, n: int) -> Ints:
    """Kecamatan numbers of HOME, big ones more often."""
    return rng.choice(regions().home, size=n, p=regions().weight)


def away_kecamatan(rng: np.random.Generator, n: int) -> Ints:
    """Kecamatan numbers outside HOME."""
    return rng.integers(regions().home, len(regions().code), size=n)


def birth_places(rng: np.random.Generator, kecamatan: Ints) -> Ints:
    """Town numbers: mostly the regency's name, sometimes the kecamatan's, sometimes a town far away."""
    known = regions()
    away = known.near[away_kecamatan(rng, len(kecamatan))]
    own = TOWNS + kecamatan
    which = rng.choice(3, size=len(kecamatan), p=(0.72, 0.18, 0.10))
    return np.choose(which, [known.near[kecamatan], own, away])


def regency_of(place: Ints) -> Ints:
    """The town of a kecamatan's regency; other birth places as they are."""
    return np.where(place < TOWNS, place, regions().near[(place - TOWNS).clip(min=0)])


@dataclass
class Homes:
    """Addresses as numbers, one entry per family card: kecamatan, village, RT, RW, road, house, way of writing."""

    kecamatan: Ints
    village: Ints
    rt: Ints
    rw: Ints
    road: Ints
    house: Ints
    style: Ints

    def take(self, rows: Ints) -> "Homes":
        """The homes of the rows."""
        return Homes(*(getattr(self, field)[rows] for field in self.__dataclass_fields__))

    def put(self, rows: Ints, other: "Homes") -> None:
        """Replaces the homes of the rows."""
        for field in self.__dataclass_fields__:
            getattr(self, field)[rows] = getattr(other, field)


def homes(rng: np.random.Generator, kecamatan: Ints) -> Homes:
    """A home in each kecamatan given. A village has few roads or hamlets: neighbours share most of an address."""
    n = len(kecamatan)
    village = (rng.random(n) ** 1.4 * VILLAGES).astype(np.int64)
    urban = is_urban(kecamatan)
    local = rng.integers(0, 6, size=n) + 7 * village + 31 * kecamatan
    return Homes(
        kecamatan=kecamatan,
        village=village,
        rt=1 + rng.integers(0, 6, size=n),
        rw=1 + (rng.random(n) ** 1.5 * 12).astype(np.int64),
        road=np.where(urban, local % len(STREETS), local % len(HAMLETS)),
        house=1 + (rng.random(n) ** 2 * 180).astype(np.int64),
        style=rng.choice(HOUSE_STYLES, size=n, p=(0.55, 0.15, 0.1, 0.12, 0.08)),
    )


def is_urban(kecamatan: Ints) -> NDArray[np.bool_]:
    """Cities (regency numbers 71-79) have streets and house numbers, the others hamlets."""
    return regions().code[kecamatan] // 100 % 100 > LAST_RURAL


def columns(at: Homes) -> pl.DataFrame:
    """alamat, no_rt, no_rw, no_prop, no_kab, no_kec, no_kel, kec_name (all String), a row per home."""
    code = regions().code[at.kecamatan]
    urban = is_urban(at.kecamatan)
    frame = pl.DataFrame(
        {
            "urban": urban, "style": at.style, "house": at.house.astype(str), "rt": at.rt, "rw": at.rw,
            "road": pl.Series(STREETS).gather(at.road % len(STREETS)), "hamlet": pl.Series(HAMLETS).gather(at.road % len(HAMLETS)),
            "code": code, "kel": np.where(urban, 1001, 2001) + at.village,
            "kec_name": pl.Series(regions().name).gather(at.kecamatan),
        }
    )  # fmt: skip
    rt, rw = (pl.col(name).cast(pl.String).str.zfill(3) for name in ("rt", "rw"))
    padded = pl.col("code").cast(pl.String)
    return frame.select(
        alamat=pl.when("urban").then(written(street=True, rt=rt, rw=rw)).otherwise(written(street=False, rt=rt, rw=rw)),
        no_rt=rt,
        no_rw=rw,
        no_prop=padded.str.slice(0, 2),
        no_kab=padded.str.slice(2, 2),
        no_kec=padded.str.slice(4, 2),
        no_kel=pl.col("kel").cast(pl.String),
        kec_name="kec_name",
    )


def written(*, street: bool, rt: pl.Expr, rw: pl.Expr) -> pl.Expr:
    """An address in one of five ways of writing it."""
    name, house = pl.col("road" if street else "hamlet"), pl.col("house")
    if street:
        ways = [
            pl.format("JL. {} NO. {}", name, house), pl.format("JL {} NO {}", name, house), pl.format("JALAN {} {}", name, house),
            pl.format("JL. {} NO.{} RT {} RW {}", name, house, rt, rw), pl.format("{} {}", name, house),
        ]  # fmt: skip
    else:
        ways = [
            pl.format("DSN. {}", name), pl.format("DUSUN {}", name), pl.format("DSN {} RT {} RW {}", name, rt, rw),
            pl.format("DS. {} RT.{}/RW.{}", name, rt, rw), name,
        ]  # fmt: skip
    return pl.coalesce(pl.when(pl.col("style") == at).then(way) for at, way in enumerate(ways))
