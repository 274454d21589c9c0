"""Received text becomes the store's types: invisible marks removed, labels coded, dates parsed, places numbered.

The text of names, NIK and addresses is kept as received, so that rules judge what really came; only invisible
marks around identifiers are removed (BRK-05) and labels of coded columns become SIAK codes.
"""

from collections.abc import Iterable

import polars as pl

from expectations.codes import ACTIVE, CODED, DEAD, INACTIVE, LEFT, REGION_WIDTHS, code_of_label, squeeze
from expectations.columns import DATES, IDENTIFIERS, STORED
from tasks.places import with_region_codes

HIDDEN = (  # seen around numbers that were copied from web pages, PDF and chat
    "\u00a0\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff\t'"
)
INVISIBLE = HIDDEN + " "
# [0-9], never the class of all digits: polars knows those of every script, and no cast reads them.
CLOCK = r"(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?"
YEAR_FIRST = rf"^([0-9]{{4}})-([0-9]{{1,2}})-([0-9]{{1,2}}){CLOCK}$"
TWO_PLACES = tuple(rf"^([0-9]{{1,2}}){mark}([0-9]{{1,2}}){mark}([0-9]{{4}}){CLOCK}$" for mark in ("-", "/", r"\."))
SERIAL = r"^([1-9][0-9]{4})(?:\.0+)?$"  # five digits: 18 May 1927 and later; fewer could be a year
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
    status = pl.col("status_dasar").str.strip_chars(INVISIBLE).str.replace_all(r"[\s_]+", " ").str.to_uppercase()
    typed = typed.with_columns(
        pl.coalesce(
            "stat_hidup",
            pl.when(status.is_in(DEAD)).then(pl.lit("2")).when(status == "HIDUP").then(pl.lit("1")),
        ),
        pl.coalesce(
            "flag_status",
            pl.when(status.is_in(LEFT)).then(pl.lit(INACTIVE)).when(status == "HIDUP").then(pl.lit(ACTIVE)),
        ),
    )
    return with_region_codes(typed).select("line_no", *STORED, "tgl_lhr_raw")


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


DERIVED = {"kab_name": ("no_prop", "no_kab"), "kec_name": ("no_prop", "no_kab", "no_kec"), "kel_name": ("no_kel",),
           "status_dasar": ("stat_hidup", "flag_status")}  # fmt: skip


def given(columns: Iterable[str]) -> list[str]:
    """Contract columns that a file tells, with those made from others: a rule judges only what was told."""
    told = set(columns)
    return sorted(told.union(*(names for column, names in DERIVED.items() if column in told)))
