"""Codes of a domicile that an extract tells by name: NO_PROP..NO_KEL from province, regency, kecamatan, kelurahan."""

from functools import cache

import polars as pl

from expectations.codes import CITY, CITY_NAME, NAMESAKE, PROVINCE_NAME, UNKNOWN_REGION, regions
from expectations.columns import CONTEXT

NAMES = (*CONTEXT, "kec_name", "kel_name")
PLACES = {"no_prop": (0, 2), "no_kab": (2, 2), "no_kec": (4, 2), "no_kel": (6, 4)}  # start and length in a code
OWN_PREFIXES, OTHER_PREFIXES = ("KOTA", "KOTAMADYA", "KODYA", ""), ("KABUPATEN", "KAB")


def with_region_codes(frame: pl.DataFrame) -> pl.DataFrame:
    """Fills NO_PROP..NO_KEL from the names of places where the extract has no codes; received codes stay.

    ``frame``: kec_name and kel_name, and prop_name and kab_name when the extract tells them. A kecamatan of the
    city's is at home unless province or regency say otherwise: other regencies have a Kranggan too. Elsewhere the only
    kecamatan of that name gives the regency, else UNKNOWN_REGION.
    """
    lacking = [pl.lit(None, pl.String).alias(name) for name in NAMES if name not in frame.columns]
    told = frame.lazy().with_columns(lacking).select(NAMES).collect()
    names = told.unique().filter(~pl.all_horizontal(pl.col("prop_name", "kab_name", "kec_name").is_null()))
    codes = pl.Series("code", [_code(*(_letters(name) for name in row)) for row in names.iter_rows()], pl.String)
    joined = told.join(names.with_columns(codes), on=NAMES, how="left", nulls_equal=True, maintain_order="left")
    return frame.with_columns(joined["code"]).with_columns(
        pl.coalesce(name, pl.col("code").str.slice(*place).replace("", None)) for name, place in PLACES.items()
    )


def _code(province: str, regency: str, district: str, village: str) -> str | None:
    """The longest code that these names (letters only, "" for none) determine."""
    city = _letters(CITY_NAME)
    namesake = regency in {prefix + city for prefix in OTHER_PREFIXES}
    foreign = regency and regency not in {prefix + city for prefix in OWN_PREFIXES}
    homeland = province in {"", _letters(PROVINCE_NAME)}
    codes = [code for code in _districts().get(district, []) if code[: len(CITY)] != CITY]
    if namesake and homeland:
        found = [code for code in codes if code.startswith(NAMESAKE)]
        return found[0] if len(found) == 1 else NAMESAKE
    if foreign or not homeland:
        inside = [code for code in codes if (code[:2] == CITY[:2]) == homeland or not province]
        return inside[0] if len(inside) == 1 else UNKNOWN_REGION
    own = [code for code in _districts().get(district, []) if code.startswith(CITY)]
    if own:
        return _villages().get((own[0], village), own[0])
    if not district:
        return CITY if regency else None
    return codes[0] if len(codes) == 1 else UNKNOWN_REGION


@cache
def _districts() -> dict[str, list[str]]:
    """Letters of a kecamatan's name -> the codes of all that bear it."""
    found: dict[str, list[str]] = {}
    for code, name in regions("kecamatan").items():
        found.setdefault(_letters(name), []).append(code)
    return found


@cache
def _villages() -> dict[tuple[str, str], str]:
    """(code of the kecamatan, letters of the kelurahan's name) -> code, of the own city."""
    return {(code[:6], _letters(name)): code for code, name in regions("kelurahan").items()}


def _letters(name: str | None) -> str:
    return "".join(c for c in (name or "").upper() if c.isascii() and c.isalpha())
