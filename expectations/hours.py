"""When the office works: hours of a day, and the month of Ramadan, as data.

Source: Perpres 21/2023 ps 4 (37.5 hours a week, in Ramadan 32.5, breaks not counted); where in the day a break lies is
the office's custom. National holidays and cuti bersama come from the package ``holidays``; what the office itself
declares (``kalender.csv``) comes before both.
"""

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum


@dataclass(frozen=True)
class Hours:
    """A working day, WIB: from ``opens`` to ``closes`` without the break."""

    opens: time
    break_from: time
    break_until: time
    closes: time


FRIDAY, SATURDAY = 4, 5  # date.weekday(); from SATURDAY on nobody works

DAY = Hours(time(7, 30), time(12), time(13), time(16))
DAY_FRIDAY = Hours(time(7, 30), time(11, 30), time(13), time(16, 30))
RAMADAN_DAY = Hours(time(8), time(12), time(12, 30), time(15))
RAMADAN_FRIDAY = Hours(time(8), time(11, 30), time(12, 30), time(15, 30))

# First and last day of fasting as decided by the government (sidang isbat); 2027 is expected, not decided.
RAMADAN = {
    2025: (date(2025, 3, 1), date(2025, 3, 30)),
    2026: (date(2026, 2, 19), date(2026, 3, 20)),
    2027: (date(2027, 2, 8), date(2027, 3, 9)),
}
RAMADAN_DAYS = 30  # of a year that the table does not know: so many days before Idul Fitri


class DayKind(StrEnum):
    """What a line of the office's calendar makes of its days."""

    OFF = "libur"
    WORKING = "masuk"
    RAMADAN = "ramadan"
