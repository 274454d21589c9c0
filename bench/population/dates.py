"""Birth dates as days since 1970: conventional ones for the old, and the ways dates are recorded wrongly."""

import numpy as np
from numpy.typing import NDArray

from bench.population.chance import happens

Ints = NDArray[np.int64]
YEAR_DAYS = 365.2425
TODAY = int(np.datetime64("2026-10-01").astype(np.int64))  # the registers' day: later births do not exist
WOMAN = 2  # code of jenis_klmin; a man is 1
MONTHS = 12
SWAPPED, YEAR, DECADE, MONTH, DAY, CONVENTION = range(6)  # how a date is recorded wrongly
FIRST_CARD = int(np.datetime64("2005-01-01").astype(np.int64))  # when the first NO_KK of today's form was given
CONVENTIONS = ((7, 1), (12, 31), (1, 1))  # month, day written when the date is unknown (handbook 2.6)


def split(days: Ints) -> tuple[Ints, Ints, Ints]:
    """Year, month, day."""
    date = days.astype("datetime64[D]")
    month = date.astype("datetime64[M]").astype(np.int64)
    return (
        1970 + month // 12,
        month % 12 + 1,
        days - date.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + 1,
    )


def join(year: Ints, month: Ints, day: Ints) -> Ints:
    """Days since 1970; a day after the month's end becomes its last one."""
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    start = months.astype("datetime64[D]").astype(np.int64)
    length = (months + 1).astype("datetime64[D]").astype(np.int64) - start
    date: Ints = start + np.minimum(day, length) - 1
    return date


def years(days: Ints) -> Ints:
    """The year of each day."""
    return split(days)[0]


def of_year(year: NDArray[np.float64]) -> Ints:
    """The day of a year with a fraction."""
    return ((year - 1970) * YEAR_DAYS).astype(np.int64)


def conventional(rng: np.random.Generator, days: Ints) -> Ints:
    """Puts a share of the birth dates on a convention: many of the old, few of the young."""
    year, month, day = split(days)
    unknown = happens(rng, len(days), np.interp(year, (1935, 1955, 1970, 1985), (0.35, 0.2, 0.07, 0.004)))
    which = rng.choice(3, size=len(days), p=(0.52, 0.36, 0.12))
    months, day_of = (np.array(part)[which] for part in zip(*CONVENTIONS, strict=True))
    return join(year, np.where(unknown, months, month), np.where(unknown, day_of, day))


def misrecorded(rng: np.random.Generator, days: Ints) -> Ints:
    """Every date changed: day and month swapped, year by 1 or 10, month or day by a little, or a convention."""
    year, month, day = split(days)
    n = len(days)
    kind = rng.choice(6, size=n, p=(0.24, 0.22, 0.08, 0.10, 0.18, 0.18))
    step = rng.choice((-1, 1), size=n)
    swap = (kind == SWAPPED) & (day <= MONTHS) & (day != month)
    near = (kind == SWAPPED) & ~swap
    default = np.array(CONVENTIONS)[rng.choice(3, size=n, p=(0.5, 0.35, 0.15))]
    new_year = year + step * np.select([kind == YEAR, kind == DECADE], [1, 10], 0)
    new_month = np.select(
        [swap, kind == MONTH, kind == CONVENTION], [day, (month - 1 + step) % 12 + 1, default[:, 0]], month
    )
    ten = happens(rng, n, 0.3)
    moved = (day - 1 + step * np.where(ten, 10, 1)) % 28 + 1
    new_day = np.select([swap, (kind == DAY) | near, kind == CONVENTION], [month, moved, default[:, 1]], day)
    return np.minimum(join(new_year, new_month, new_day), TODAY)


def texts(days: Ints) -> NDArray[np.str_]:
    """ISO dates."""
    return np.datetime_as_string(days.astype("datetime64[D]"))


def nik_digits(days: Ints, sex: Ints) -> Ints:
    """DDMMYY with 40 added to a woman's day, as a number."""
    year, month, day = split(days)
    digits: Ints = (day + 40 * (sex == WOMAN)) * 10_000 + month * 100 + year % 100
    return digits
