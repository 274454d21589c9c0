"""Working time against a second count: minute by minute, with the holidays of the decree from a list of our own."""

from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.clock import WorkCalendar
from tasks.office import WIB

# SKB 3 Menteri 2026: libur nasional and cuti bersama on working days.
CLOSED = {
    date(2026, month, day)
    for month, days in {
        1: (1, 16), 2: (16, 17), 3: (18, 19, 20, 23, 24), 4: (3,), 5: (1, 14, 15, 27, 28), 6: (1, 16), 8: (17, 25),
        12: (24, 25),
    }.items() for day in days
}  # fmt: skip
FAST = (date(2026, 2, 19), date(2026, 3, 20))
NATIONAL = WorkCalendar()
MOMENTS = st.datetimes(datetime(2026, 1, 2), datetime(2026, 12, 15)).map(lambda m: m.replace(second=0, microsecond=0))  # noqa: DTZ001


def is_work(moment: datetime) -> bool:
    """Whether the minute that begins now is one of work: Perpres 21/2023 read as a person would."""
    day, clock, friday = moment.date(), moment.hour * 60 + moment.minute, moment.weekday() == 4
    if moment.weekday() > 4 or day in CLOSED:
        return False
    if FAST[0] <= day <= FAST[1]:
        opens, closes = 480, 930 if friday else 900
        rest = (690, 750) if friday else (720, 750)
    else:
        opens, closes = 450, 990 if friday else 960
        rest = (690, 780) if friday else (720, 780)
    return opens <= clock < closes and not rest[0] <= clock < rest[1]


@given(MOMENTS, st.integers(0, 12 * 1440))
@settings(max_examples=120, deadline=None)
def test_minutes_as_counted_one_by_one(start: datetime, length: int) -> None:
    """If this fails, the clock of the SOP runs in a break, at night or on a holiday, or stands still at work."""
    counted = sum(is_work(start + timedelta(minutes=n)) for n in range(length))
    end = start + timedelta(minutes=length)
    assert NATIONAL.minutes(start.replace(tzinfo=WIB), end.replace(tzinfo=WIB)) == counted


@given(MOMENTS, st.integers(1, 3000))
@settings(max_examples=120, deadline=None)
def test_a_limit_is_reached_exactly_when_its_minutes_have_passed(start: datetime, minutes: int) -> None:
    """If this fails, an official is late by the reminder and in time by the report."""
    began = start.replace(tzinfo=WIB)
    due = NATIONAL.after(began, minutes)
    assert NATIONAL.minutes(began, due) == minutes
    assert NATIONAL.minutes(began, due - timedelta(minutes=1)) == minutes - 1


@given(
    MOMENTS,
    st.integers(0, 4 * 1440),
    st.lists(st.tuples(st.integers(-1440, 5 * 1440), st.integers(-300, 2880)), max_size=3),
)
@settings(max_examples=120, deadline=None)
def test_a_pause_is_not_counted(start: datetime, length: int, pauses: list[tuple[int, int]]) -> None:
    """If this fails, the clock of a batch that waits for another region runs on, or stands still for too long."""
    began = start.replace(tzinfo=WIB)
    still = [(start + timedelta(minutes=n), start + timedelta(minutes=n + long)) for n, long in pauses]
    minutes = (start + timedelta(minutes=n) for n in range(length))
    counted = sum(is_work(one) and not any(first <= one < last for first, last in still) for one in minutes)
    paused = NATIONAL.without([(first.replace(tzinfo=WIB), last.replace(tzinfo=WIB)) for first, last in still])
    assert paused.minutes(began, began + timedelta(minutes=length)) == counted
    assert paused.minutes(began, paused.after(began, 777)) == 777
