"""Time as the office counts it: working minutes between two moments, and when so many of them will have passed."""

from tasks.clock.office_calendar import read_calendar
from tasks.clock.working import WorkCalendar

__all__ = ["WorkCalendar", "read_calendar"]
