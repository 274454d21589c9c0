"""Numbers and dates in words: an independent reader of Indonesian gets the same number and day back."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.documents.words import counted, day_in_words, duration, letter_date, long_date, number, one_line, terbilang

DIGITS = {"nol": 0, "satu": 1, "dua": 2, "tiga": 3, "empat": 4, "lima": 5, "enam": 6, "tujuh": 7, "delapan": 8,
          "sembilan": 9}  # fmt: skip
SCALES = {"ribu": 10**3, "juta": 10**6, "miliar": 10**9, "triliun": 10**12}
DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
MONTHS = {name: place for place, name in enumerate(("Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli",
          "Agustus", "September", "Oktober", "November", "Desember"), start=1)}  # fmt: skip


def read(words: str) -> int:
    """The number that Indonesian words say, read from left to right as a listener does."""
    total = group = last = 0
    for word in words.replace("sepuluh", "satu puluh").replace("sebelas", "satu belas").replace(
        "seratus", "satu ratus").replace("seribu", "satu ribu").split():  # fmt: skip
        if word in DIGITS:
            last = DIGITS[word]
            group += last
        elif word == "belas":
            group += 10
        elif word in {"puluh", "ratus"}:
            group += last * ({"puluh": 10, "ratus": 100}[word] - 1)
        else:
            total, group = total + group * SCALES[word], 0
    return total + group


@given(st.one_of(st.integers(0, 10**15 - 1), st.integers(0, 10**4)))
def test_words_say_the_number(value: int) -> None:
    """If this fails, a Berita Acara says one number in figures and another in words."""
    words = terbilang(value)
    assert read(words) == value
    assert words == words.strip()
    assert not {"satu ratus", "satu puluh", "satu belas", "nol "} & {words[at : at + 10] for at in range(len(words))}
    assert counted(value) == f"{number(value)} ({words})"
    assert int(number(value).replace(".", "")) == value


@pytest.mark.parametrize(
    "value, words",
    [
        (0, "nol"), (10, "sepuluh"), (11, "sebelas"), (19, "sembilan belas"), (21, "dua puluh satu"),
        (100, "seratus"), (1000, "seribu"), (1100, "seribu seratus"), (2208, "dua ribu dua ratus delapan"),
        (11_000, "sebelas ribu"), (100_000, "seratus ribu"), (1_000_000, "satu juta"), (10**9, "satu miliar"),
        (101_001, "seratus satu ribu satu"),
    ],
)  # fmt: skip
def test_words_as_people_write_them(value: int, words: str) -> None:
    """If this fails, the paper reads "satu ratus" or "satu ribu", which nobody writes."""
    assert terbilang(value) == words


def test_what_has_no_words() -> None:
    """If this fails, a count gone wrong is printed as some number."""
    for value in (-1, 10**15):
        with pytest.raises(ValueError, match="di luar bilangan"):
            terbilang(value)


@given(st.dates(date(2000, 1, 1), date(2999, 12, 31)))
def test_a_day_in_words(day: date) -> None:
    """If this fails, the opening sentence of a Berita Acara names another day than its date."""
    name, of_month, month, year = day_in_words(day).split(", ")
    said = date(read(year.removeprefix("tahun ")), MONTHS[month.removeprefix("bulan ")],
                read(of_month.removeprefix("tanggal ")))  # fmt: skip
    assert (said, name) == (day, DAYS[day.weekday()])
    number_, month_, year_ = long_date(day).split()
    assert date(int(year_), MONTHS[month_], int(number_)) == day
    assert letter_date(f" {day.isoformat()}") == long_date(day)


@given(st.integers(0, 10**5))
def test_a_duration_keeps_its_minutes(minutes: int) -> None:
    """If this fails, the sheet says that Staff took another time than the ledger holds."""
    parts = duration(minutes).split()
    if minutes == 0:
        assert duration(minutes) == "kurang dari 1 menit"
        return
    units = {"hari": timedelta(days=1), "jam": timedelta(hours=1), "menit": timedelta(minutes=1)}
    told = sum((int(count) * units[unit] for count, unit in zip(parts[::2], parts[1::2], strict=True)), timedelta())
    assert told == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "5 Okt 2026", "2026-13-01", "05-10-2026"])
def test_another_spelling_of_a_date_stays(text: str) -> None:
    """If this fails, the date of a letter is printed otherwise than the letter bears it."""
    assert letter_date(text) == text


@given(st.text())
def test_a_text_of_others_stays_on_its_line(text: str) -> None:
    """If this fails, a sender's letter draws a line of its own on an official paper."""
    assert len(one_line(text).splitlines()) <= 1
