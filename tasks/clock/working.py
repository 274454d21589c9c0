"""Working time: minutes of the office's hours between two moments, and the moment at which so many have passed."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cache

from expectations.hours import (
    DAY,
    DAY_FRIDAY,
    FRIDAY,
    RAMADAN,
    RAMADAN_DAY,
    RAMADAN_DAYS,
    RAMADAN_FRIDAY,
    SATURDAY,
    DayKind,
    Hours,
)  # fmt: skip
from tasks.office import WIB

ONE_DAY = timedelta(days=1)
LONGEST = 10 * 366  # days that are searched for working time: an office that never opens again is a broken calendar
ISLAMIC_NEW_DAY = "Hari Raya Idul Fitri"
Span = tuple[datetime, datetime]


@cache
def national_holidays(year: int) -> dict[date, str]:
    """National holidays and cuti bersama of a year by the joint decree (SKB 3 Menteri), as ``holidays`` has them."""
    from holidays import country_holidays

    found = country_holidays("ID", years=year, categories=("public", "government"), language="id")
    return {day: name for day, name in found.items() if day.year == year}


def is_decreed(year: int) -> bool:
    """Whether the year's cuti bersama are known: without them the decree is not out, and deadlines are estimates."""
    return any("cuti bersama" in name.lower() for name in national_holidays(year).values())


@cache
def fasting(year: int) -> tuple[date, date]:
    """First and last day of Ramadan that end in this year: declared, else RAMADAN_DAYS before Idul Fitri."""
    if year in RAMADAN:
        return RAMADAN[year]
    feasts = [day for day, name in national_holidays(year).items() if name.startswith(ISLAMIC_NEW_DAY)]
    if not feasts:  # beyond what the package knows
        return date.max, date.max
    return min(feasts) - RAMADAN_DAYS * ONE_DAY, min(feasts) - ONE_DAY


class WorkCalendar:
    """When the office works; ``declared``: days it decided about itself (``tasks.clock.read_calendar``)."""

    def __init__(self, declared: Iterable[tuple[date, date, DayKind]] = ()) -> None:
        self._own: dict[date, DayKind] = {}
        self._fasts: list[tuple[date, date]] = []
        for first, last, kind in declared:
            if kind is DayKind.RAMADAN:
                self._fasts.append((first, last))
            else:
                self._own |= dict.fromkeys((first + n * ONE_DAY for n in range((last - first).days + 1)), kind)
        self._spans: dict[date, tuple[Span, ...]] = {}
        self._pauses: tuple[Span, ...] = ()

    def without(self, pauses: Iterable[Span]) -> "WorkCalendar":
        """The same calendar in which no time passes between the two moments (with a zone) of each pause."""
        made = WorkCalendar()
        made._own, made._fasts = self._own, self._fasts
        # One that ends before it begins was entered on both sides of a clock that was set back: it counts for nothing.
        whole = [(start.astimezone(WIB), end.astimezone(WIB)) for start, end in pauses if start < end]
        made._pauses = (*self._pauses, *whole)
        return made

    def is_working(self, day: date) -> bool:
        """Whether anybody is at work on a day, WIB."""
        kind = self._own.get(day)
        if kind is not None:
            return kind is DayKind.WORKING
        return day.weekday() < SATURDAY and day not in national_holidays(day.year)

    def hours(self, day: date) -> Hours | None:
        """The hours of a day, None when nobody works. A Saturday that was declared working has an ordinary day's."""
        if not self.is_working(day):
            return None
        friday = day.weekday() == FRIDAY
        if self._is_fast(day):
            return RAMADAN_FRIDAY if friday else RAMADAN_DAY
        return DAY_FRIDAY if friday else DAY

    def _is_fast(self, day: date) -> bool:
        own = [fast for fast in self._fasts if fast[1].year == day.year]
        return any(first <= day <= last for first, last in own or [fasting(day.year)])

    def spans(self, day: date) -> tuple[Span, ...]:
        """The stretches of work of a day, in order, as WIB moments."""
        if day not in self._spans:
            of_day = self.hours(day)
            pairs = ((of_day.opens, of_day.break_from), (of_day.break_until, of_day.closes)) if of_day else ()
            spans = [(datetime.combine(day, start, WIB), datetime.combine(day, end, WIB)) for start, end in pairs]
            for pause in self._pauses:
                spans = [left for span in spans for left in _left(span, pause)]
            self._spans[day] = tuple(spans)
        return self._spans[day]

    def minutes(self, start: datetime, end: datetime) -> float:
        """Working minutes between two moments with a zone; 0 where ``end`` is not later."""
        start, end = start.astimezone(WIB), end.astimezone(WIB)
        total, day = 0.0, start.date()
        while day <= end.date():
            for opens, closes in self.spans(day):
                total += max((min(end, closes) - max(start, opens)).total_seconds(), 0.0) / 60
            day += ONE_DAY
        return total

    def after(self, start: datetime, minutes: float) -> datetime:
        """The first moment at which so many working minutes have passed since ``start``, WIB.

        Of 0 minutes: ``start`` itself. Raises ValueError where no work lies ahead for years.
        """
        start = start.astimezone(WIB)
        if minutes <= 0:
            return start
        left, day = timedelta(minutes=minutes), start.date()
        for _ in range(LONGEST):
            for opens, closes in self.spans(day):
                length = closes - max(start, opens)
                if length >= left:
                    return max(start, opens) + left
                left -= max(length, timedelta())
            day += ONE_DAY
        message = "the calendar has no working days"
        raise ValueError(message)

    def opening(self, moment: datetime) -> datetime | None:
        """The moment itself while the office is open, else None: nobody is reminded at night."""
        moment = moment.astimezone(WIB)
        return moment if any(opens <= moment < closes for opens, closes in self.spans(moment.date())) else None


def _left(span: Span, pause: Span) -> list[Span]:
    """What a pause leaves of a stretch of work."""
    parts = ((span[0], min(span[1], pause[0])), (max(span[0], pause[1]), span[1]))
    return [(start, end) for start, end in parts if start < end]
