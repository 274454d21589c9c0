"""Texts, numbers, days and dates as Indonesian letters write them (EYD V: thousands with a point).

``terbilang`` stands here because the one library for it (num2words) needs docopt, which has no wheel since 2014.
"""

from datetime import date, datetime

from tasks.office import WIB

MONTHS = ("Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober",
          "November", "Desember")  # fmt: skip
DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
ONES = ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas")
GROUPS = ((10**12, "triliun"), (10**9, "miliar"), (10**6, "juta"), (10**3, "ribu"), (100, "ratus"), (10, "puluh"))
TEEN = 20


def terbilang(number: int) -> str:
    """A whole number from 0 below 10**15 in words: 1,142 is "seribu seratus empat puluh dua"."""
    if not 0 <= number < 10**15:
        raise ValueError("di luar bilangan yang dapat dibilang")
    if number < len(ONES):
        return ONES[number]
    if number < TEEN:
        return f"{ONES[number - 10]} belas"
    size, name = next(group for group in GROUPS if number >= group[0])
    count, rest = divmod(number, size)
    # One hundred and one thousand are a word of their own; from a million on "satu" stands before it.
    head = f"se{name}" if count == 1 and size in {100, 1000} else f"{terbilang(count)} {name}"
    return f"{head} {terbilang(rest)}" if rest else head


def number(value: int) -> str:
    """``12345`` -> ``12.345``."""
    return f"{value:,}".replace(",", ".")


def counted(value: int) -> str:
    """``12`` -> ``12 (dua belas)``, as letters write what counts."""
    return f"{number(value)} ({terbilang(value)})"


def long_date(day: date) -> str:
    """``5 Oktober 2026``."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def letter_date(text: str) -> str:
    """A date as a letter of the centre bears it: ISO becomes ``5 Oktober 2026``, another spelling stays."""
    try:
        return long_date(date.fromisoformat(text.strip()))
    except ValueError:
        return text


def day_in_words(day: date) -> str:
    """``Senin, tanggal lima, bulan Oktober, tahun dua ribu dua puluh enam``: how a berita acara begins."""
    return (
        f"{DAYS[day.weekday()]}, tanggal {terbilang(day.day)}, bulan {MONTHS[day.month - 1]}, "
        f"tahun {terbilang(day.year)}"
    )


def wib_time(at: str) -> datetime:
    """A ledger time (UTC, ISO 8601) on the office's clock."""
    return datetime.fromisoformat(at).astimezone(WIB)


def short_time(at: str) -> str:
    """A ledger time as tables write it: ``05-10-2026 14.03 WIB``."""
    return f"{wib_time(at):%d-%m-%Y %H.%M} WIB"


def duration(minutes: int) -> str:
    """``75`` -> ``1 jam 15 menit``; days of 24 hours from two days on."""
    days, rest = divmod(minutes, 1440) if minutes >= 2 * 1440 else (0, minutes)
    hours, left = divmod(rest, 60)
    parts = [f"{count} {name}" for count, name in ((days, "hari"), (hours, "jam"), (left, "menit")) if count]
    return " ".join(parts) or "kurang dari 1 menit"


def one_line(text: str) -> str:
    """A text of somebody else without line feeds: on paper it forges no line of its own."""
    return " ".join(text.split())
