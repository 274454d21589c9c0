"""Received text becomes the store's types: invisible marks removed, labels coded, dates parsed, places numbered.

The text of names, NIK and addresses is kept as received, so that rules judge what really came; only invisible
marks around identifiers are removed (BRK-05) and labels of coded columns become SIAK codes.
"""

from collections.abc import Iterable

import polars as pl

from expectations.codes import CITY, CODED, REGION_WIDTHS, UNKNOWN_REGION, code_of_label, regions, squeeze
from expectations.columns import DATES, IDENTIFIERS, STORED

HIDDEN = (  # seen around numbers that were copied from web pages, PDF and chat
    "\u00a0\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff\t'"
)
INVISIBLE = HIDDEN + " "
CLOCK = r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
YEAR_FIRST = rf"^(\d{{4}})-(\d{{1,2}})-(\d{{1,2}}){CLOCK}$"
TWO_PLACES = tuple(rf"^(\d{{1,2}}){mark}(\d{{1,2}}){mark}(\d{{4}}){CLOCK}$" for mark in ("-", "/", r"\."))
SERIAL = r"^([1-9]\d{4})(?:\.0+)?$"  # five digits: 18 May 1927 and later; fewer could be a year
LAST_SERIAL = 80_000
SERIAL_ZERO = pl.lit("1899-12-30").str.to_date()  # Excel's day 0, its 29 February 1900 that never was included


def normalise(frame: pl.DataFrame) -> pl.DataFrame:
    """Contract columns as text -> the store's types: DATE columns parsed, ``tgl_lhr_raw`` kept, codes for labels."""
    typed = frame.with_columns(
        pl.col("tgl_lhr").alias("tgl_lhr_raw"),
        *(pl.col(name).str.strip_chars(INVISIBLE) for name in IDENTIFIERS),
        *(_parse_date(frame, name) for name in DATES),
        *(_code(frame, name) for name in CODED),
        *(pl.col(name).str.strip_chars(INVISIBLE).str.zfill(width) for name, width in REGION_WIDTHS.items()),
        pl.col("ektp_status").str.strip_chars(INVISIBLE).str.to_uppercase(),
    )
    alive = pl.col("status_dasar").str.to_uppercase()
    typed = typed.with_columns(
        pl.coalesce(
            "stat_hidup",
            pl.when(alive.is_in(["MATI", "MENINGGAL"])).then(pl.lit("2")).when(alive == "HIDUP").then(pl.lit("1")),
        ),
        pl.coalesce("flag_status", pl.when(alive == "HIDUP").then(pl.lit("0"))),
    )
    return _with_region_codes(typed).select("line_no", *STORED, "tgl_lhr_raw")


def _parse_date(frame: pl.DataFrame, name: str) -> pl.Expr:
    """A date that can be read in one way: years of two digits and mm/dd stay null, for the rules to tell (BRK-07).

    Parsed once per distinct text: a million residents have some forty thousand birthdays.
    """
    received = frame[name].drop_nulls().unique()
    text = pl.col(name).str.strip_chars(INVISIBLE)
    iso = [_iso(text, YEAR_FIRST, (1, 2, 3)), *(_iso(text, pattern, (3, 2, 1)) for pattern in TWO_PLACES)]
    days = pl.duration(days=serial_days(text))
    parsed = received.to_frame().select(pl.coalesce(*iso, SERIAL_ZERO + days).cast(pl.Date).alias("date"))["date"]
    return pl.col(name).replace_strict(received, parsed, default=None, return_dtype=pl.Date)


def _iso(text: pl.Expr, pattern: str, place: tuple[int, int, int]) -> pl.Expr:
    year, month, day = (text.str.extract(pattern, group).str.zfill(2) for group in place)
    return pl.concat_str(year, month, day, separator="-").str.to_date("%Y-%m-%d", strict=False)


def serial_days(text: pl.Expr) -> pl.Expr:
    """Excel's day number (1900 system) where a text is one, else null."""
    days = text.str.extract(SERIAL, 1).cast(pl.Int64, strict=False)
    return pl.when(days <= LAST_SERIAL).then(days)


def _code(frame: pl.DataFrame, name: str) -> pl.Expr:
    """Labels to codes by the distinct values of the column; an unknown value stays as it came, for the rules."""
    values = frame[name].drop_nulls().unique().to_list()
    known = code_of_label(name)
    codes = {value: known.get(squeeze(value), value.strip(INVISIBLE).lstrip("0") or value) for value in values}
    return pl.col(name).replace_strict(codes, default=None, return_dtype=pl.String)


def _with_region_codes(frame: pl.DataFrame) -> pl.DataFrame:
    """Fills NO_PROP..NO_KEL from the names of kecamatan and kelurahan when the extract has no codes.

    Names outside the city give the regency of the only district of that name, or UNKNOWN_REGION.
    """
    squeezed = {c: pl.col(c).str.to_uppercase().str.replace_all(r"[^A-Z]", "") for c in ("kec_name", "kel_name")}
    home = {
        (_letters(regions("kecamatan")[code[:6]]), _letters(name)): code for code, name in regions("kelurahan").items()
    }
    districts: dict[str, list[str]] = {}
    for code, name in regions("kecamatan").items():
        districts.setdefault(_letters(name), []).append(code)
    elsewhere = {name: codes[0] for name, codes in districts.items() if len(codes) == 1}
    pairs = frame.select(squeezed["kec_name"], squeezed["kel_name"]).unique().drop_nulls("kec_name")
    city_districts = {district for district, _ in home}

    def code_for(district: str, village: str | None) -> str:
        if district in city_districts:
            return home.get((district, village or ""), f"{CITY}{_district_code(district)}")
        return elsewhere.get(district, UNKNOWN_REGION)

    table = pairs.with_columns(pl.Series("code", [code_for(*pair) for pair in pairs.iter_rows()], pl.String))
    joined = frame.with_columns(squeezed["kec_name"].alias("k1"), squeezed["kel_name"].alias("k2")).join(
        table, left_on=["k1", "k2"], right_on=["kec_name", "kel_name"], how="left", nulls_equal=True,
        maintain_order="left",
    )  # fmt: skip
    start = {"no_prop": (0, 2), "no_kab": (2, 2), "no_kec": (4, 2), "no_kel": (6, 4)}
    return joined.with_columns(
        pl.coalesce(name, pl.col("code").str.slice(*place).replace("", None)) for name, place in start.items()
    )


def _letters(name: str) -> str:
    return "".join(c for c in name.upper() if c.isalpha())


def _district_code(district: str) -> str:
    return next(
        code[4:6] for code, name in regions("kecamatan").items() if code.startswith(CITY) and _letters(name) == district
    )


DERIVED = {"kec_name": ("no_prop", "no_kab", "no_kec"), "kel_name": ("no_kel",),
           "status_dasar": ("stat_hidup", "flag_status")}  # fmt: skip


def given(columns: Iterable[str]) -> list[str]:
    """Contract columns that a file tells, with those made from others: a rule judges only what was told."""
    told = set(columns)
    return sorted(told.union(*(names for column, names in DERIVED.items() if column in told)))
