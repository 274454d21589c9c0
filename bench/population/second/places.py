"""Kecamatan and homes of the second register: other provinces, other ways of naming a place."""

import numpy as np
import polars as pl

from bench.population import dates, numbers
from bench.population.chance import happens
from bench.population.places import REGIONS

REGENCIES = (
    "3204",
    "3273",
    "3205",
    "3201",
    "1271",
    "1275",
    "5103",
    "5108",
    "7371",
    "7302",
    "3529",
    "3526",
    "3372",
    "3313",
)
AREAS = ("DESA", "KP.", "PERUM", "GG.", "BLOK", "LINGK.")
AREA_NAMES = [
    "CIBEUREUM",
    "SUKAJADI",
    "CIPTA",
    "ASRI",
    "PONDOK",
    "INDAH",
    "BABAKAN",
    "SINDANGSARI",
    "MEKARWANGI",
    "PASIRJATI",
    "BANTARSARI",
    "CIMANGGIS",
    "RANCAMANYAR",
    "KUTA",
    "BARU",
    "SEMPIDI",
    "LOVINA",
    "TAMALATE",
    "PANAIKANG",
    "BINJAI",
    "TEMBUNG",
    "KALIANGET",
    "PRAGAAN",
    "AMBUNTEN",
    "JEBRES",
    "NUSUKAN",
    "COLOMADU",
    "MARGAHAYU",
    "CIKAMBUY",
    "TAROGONG",
    "LEUWILIANG",
    "CIAWI",
]


def regions() -> pl.DataFrame:
    """Columns code (Int64), name, town (regency's name) of the kecamatan of REGENCIES."""
    table = pl.read_csv(REGIONS, schema_overrides={"code": pl.String}).filter(pl.col("level") == "kecamatan")
    table = table.filter(pl.col("code").str.slice(0, 4).is_in(REGENCIES)).sort("code")
    towns = dict(
        zip(
            REGENCIES,
            [
                "BANDUNG",
                "BANDUNG",
                "GARUT",
                "BOGOR",
                "MEDAN",
                "BINJAI",
                "BADUNG",
                "SINGARAJA",
                "MAKASSAR",
                "BULUKUMBA",
                "SUMENEP",
                "BANGKALAN",
                "SURAKARTA",
                "KARANGANYAR",
            ],
            strict=True,
        )
    )
    return table.select(
        pl.col("code").cast(pl.Int64), "name", town=pl.col("code").str.slice(0, 4).replace_strict(towns)
    )


def residences(rng: np.random.Generator, n: int) -> pl.DataFrame:
    """Homes: region (row of regions()), no_kk, alamat, no_rt, no_rw, no_kel."""
    known = regions()
    region = (rng.random(n) ** 1.3 * known.height).astype(np.int64)
    day = rng.integers(dates.FIRST_CARD, dates.TODAY, size=n)
    card = numbers.issued(rng, known["code"].to_numpy()[region] * 1_000_000 + dates.nik_digits(day, np.ones_like(day)))
    area = (
        pl.Series(AREAS).gather(rng.integers(0, len(AREAS), size=n))
        + " "
        + pl.Series(AREA_NAMES).gather((region * 5 + rng.integers(0, 9, size=n)) % len(AREA_NAMES))
    )
    number = pl.Series(np.where(happens(rng, n, 0.6), rng.integers(1, 90, size=n), 0)).cast(pl.String)
    frame = pl.DataFrame(
        {
            "region": region,
            "no_kk": card,
            "area": area,
            "number": number,
            "rt": rng.integers(1, 9, size=n),
            "rw": rng.integers(1, 16, size=n),
        }
    )
    return frame.select(
        "region", "no_kk", alamat=pl.when(pl.col("number") == "0").then("area").otherwise(pl.format("{} NO. {}", "area", "number")),
        no_rt=pl.col("rt").cast(pl.String).str.zfill(3), no_rw=pl.col("rw").cast(pl.String).str.zfill(3),
        no_kel=pl.Series(rng.integers(2001, 2016, size=n)).cast(pl.String),
    )  # fmt: skip
