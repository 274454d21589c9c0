"""The office's clock: hours, breaks, Friday, Ramadan, national holidays, cuti bersama and the office's own calendar."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from expectations.approvals import CHAIN, STAFF
from expectations.hours import DayKind
from tasks.clock import WorkCalendar, read_calendar
from tasks.clock.working import is_decreed
from tasks.errors import UserError
from tasks.office import WIB

NATIONAL = WorkCalendar()


def at(text: str) -> datetime:
    """A moment in Mojokerto."""
    return datetime.fromisoformat(text).replace(tzinfo=WIB)


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-10-05T07:30", "2026-10-05T16:00", 450),  # a Monday
        ("2026-10-05T11:50", "2026-10-05T13:10", 20),  # over the break
        ("2026-10-09T07:30", "2026-10-09T16:30", 450),  # Friday
        ("2026-10-09T11:30", "2026-10-09T13:00", 0),  # Friday prayer
        ("2026-10-09T16:00", "2026-10-12T08:00", 60),  # over a weekend
        ("2026-02-23T07:30", "2026-02-23T16:00", 390),  # Ramadan
        ("2026-02-27T07:30", "2026-02-27T16:30", 390),  # Friday in Ramadan
        ("2026-08-17T07:30", "2026-08-17T16:00", 0),  # national holiday
        ("2026-12-24T07:30", "2026-12-24T16:00", 0),  # cuti bersama
        ("2026-10-05T07:30", "2026-10-12T07:30", 2250),  # 37.5 hours a week
        ("2026-02-23T07:30", "2026-03-02T07:30", 1950),  # 32.5 in Ramadan
        ("2026-10-05T16:00", "2026-10-05T07:30", 0),
    ],
)
def test_minutes_of_work(start: str, end: str, minutes: int) -> None:
    """If this fails, an official is told to be late for hours in which nobody works, or never told at all."""
    assert NATIONAL.minutes(at(start), at(end)) == minutes


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ("2026-10-05T07:30", STAFF.minutes, "2026-10-05T16:00"),
        ("2026-10-05T13:00", STAFF.minutes, "2026-10-06T12:00"),
        ("2026-10-09T16:00", CHAIN[0].minutes, "2026-10-12T08:00"),
        ("2026-12-23T15:45", CHAIN[2].minutes, "2026-12-28T07:45"),  # over cuti bersama, Christmas and a weekend
        ("2026-10-10T09:00", 30, "2026-10-12T08:00"),  # given on a Saturday
        ("2026-10-05T11:59", 1, "2026-10-05T12:00"),
    ],
)
def test_when_a_step_is_due(start: str, minutes: int, due: str) -> None:
    """If this fails, a limit of the SOP falls on another hour than the office counts."""
    assert NATIONAL.after(at(start), minutes) == at(due)


def test_a_moment_of_another_zone_is_the_same_moment() -> None:
    """If this fails, a server on UTC gives Mojokerto seven hours it does not have."""
    assert NATIONAL.minutes(datetime(2026, 10, 5, 0, 30, tzinfo=UTC), at("2026-10-05T08:00")) == 30


def test_a_year_without_a_decree_is_told() -> None:
    """If this fails, a deadline in a year whose cuti bersama nobody has decided passes for certain."""
    assert is_decreed(2026)
    assert not is_decreed(2030)


def test_nobody_is_reminded_at_night() -> None:
    """If this fails, an official's telephone rings at two in the morning."""
    assert NATIONAL.opening(at("2026-10-05T09:00"))
    for closed in ("2026-10-05T02:00", "2026-10-05T12:30", "2026-10-05T16:00", "2026-10-10T09:00"):
        assert NATIONAL.opening(at(closed)) is None


@pytest.mark.parametrize("part", [",", ";"])
def test_the_office_declares_its_own_days(tmp_path: Path, part: str) -> None:
    """If this fails, the city's anniversary is counted as work, or a Saturday on duty is not."""
    path = tmp_path / "kalender.csv"
    lines = [
        ("TANGGAL", "SAMPAI", "JENIS", "KETERANGAN"),
        ("20-06-2026", "", "libur", "HUT Kota Mojokerto"),
        ("22-06-2026", "23-06-2026", "Libur", ""),
        ("2026-06-27", "", "masuk", "layanan Sabtu"),
        ("01-07-2026", "02-07-2026", "ramadan", ""),
    ]
    path.write_text("\r\n".join(part.join(line) for line in lines), encoding="utf-8-sig")
    own = read_calendar(path)
    assert not own.is_working(date(2026, 6, 22))
    assert not own.is_working(date(2026, 6, 23))
    assert own.is_working(date(2026, 6, 24))
    assert own.minutes(at("2026-06-27T07:30"), at("2026-06-27T16:00")) == 450
    assert own.minutes(at("2026-07-01T07:30"), at("2026-07-01T16:00")) == 390
    assert own.minutes(at("2026-02-23T07:30"), at("2026-02-23T16:00")) == 450  # the declared month replaces the known


def test_all_faults_of_a_calendar_are_told_at_once(tmp_path: Path) -> None:
    """If this fails, an office mends its calendar line after line, or works on with half of it."""
    path = tmp_path / "kalender.csv"
    path.write_text(
        "TANGGAL;SAMPAI;JENIS;KETERANGAN\n31-02-2026;;libur;\n01-03-2026;01-02-2026;libur;\n02-03-2026;;cuti;\n"
        "01-01-2026;01-01-2027;libur;\n\n03-03-2026;;libur;benar\n",
        encoding="utf-8",
    )
    with pytest.raises(UserError) as told:
        read_calendar(path)
    said = str(told.value)
    for line in ("baris 2", "baris 3", "baris 4", "baris 5"):
        assert line in said
    assert "baris 7" not in said
    assert "libur, masuk, ramadan" in said


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"A;B\n", b"TANGGAL;JENIS\n"])
def test_a_file_that_is_no_calendar_is_refused(tmp_path: Path, content: bytes) -> None:
    """If this fails, the office counts by a calendar that nobody could read."""
    path = tmp_path / "kalender.csv"
    path.write_bytes(content)
    with pytest.raises(UserError):
        read_calendar(path)


def test_an_office_that_never_opens_is_told() -> None:
    """If this fails, a broken calendar lets the reminders search for a working day for ever."""
    closed = WorkCalendar([(date(2026, 1, 1), date(2040, 1, 1), DayKind.OFF)])
    with pytest.raises(ValueError, match="no working days"):
        closed.after(at("2026-10-05T07:30"), 30)
