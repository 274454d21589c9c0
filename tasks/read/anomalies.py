"""Findings about a whole file (catalogue BRK-04 to BRK-07): told on the receipt, or the reason to return the file.

Messages count cells; they never quote one.
"""

import polars as pl

from expectations.columns import BY_NAME, DATES, IDENTIFIERS
from tasks.errors import Exit, Problem, UserError
from tasks.normalise import HIDDEN, INVISIBLE, TWO_PLACES, YEAR_FIRST, serial_days
from tasks.read.extract import Anomaly, Extract

MIN_NIKS = 10  # below this a share says nothing
MAX_DAMAGED_SHARE = 0.25  # BRK-04: Excel's 15 digits make a NIK end in 0
WHOLE_NUMBER, WHOLE_DATE = (
    r"^[0-9]{16}$",
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
)  # nearly all cells: only the others are looked at closely
SCIENTIFIC = r"^[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]{1,2}$"
LOST_DIGITS = r"^[0-9]{13,15}$"
TWO_DIGIT_YEAR = r"^[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2}$"
MONTHS, WOMAN = 12, 40
ISO_PLACES = {"day": (8, 2), "month": (5, 2), "year": (0, 4)}
HEADER_LINES = ("judul", "baris judul")
_HIDDEN_CLASS = "[" + "".join(f"\\x{{{ord(c):04x}}}" for c in HIDDEN) + "]"
_AROUND_CLASS = "[" + "".join(f"\\x{{{ord(c):04x}}}" for c in INVISIBLE) + "]"
AROUND = rf"^{_AROUND_CLASS}*{_HIDDEN_CLASS}|{_HIDDEN_CLASS}{_AROUND_CLASS}*$"


def file_anomalies(extract: Extract) -> tuple[Anomaly, ...]:
    """The anomalies of one extract as read. Raises UserError (FILE) when its NIKs were kept as numbers (BRK-04)."""
    frame = extract.frame
    return (*_numbers(extract.name, frame), *_hidden(frame), *_layout_lines(extract.layout.lines), *_dates(frame))


def _numbers(name: str, frame: pl.DataFrame) -> list[Anomaly]:
    """BRK-04: what a spreadsheet leaves of a NIK that it took for a number."""
    odd = _odd(frame["nik"], WHOLE_NUMBER)
    odd = odd.filter(~odd.is_in(["", "-", "0"]))
    whole = [frame["nik"].filter(_is(frame["nik"], WHOLE_NUMBER)), odd.filter(_is(odd, WHOLE_NUMBER))]
    niks = len(whole[0]) + len(odd)
    found = (
        (sum(int(part.str.ends_with("0").sum()) for part in whole), sum(map(len, whole)), "NIK berakhir angka 0"),
        (int(odd.str.contains(SCIENTIFIC).sum()), niks, "NIK dalam notasi ilmiah"),
        (int(odd.str.contains(LOST_DIGITS).sum()), niks, "NIK kehilangan angka (13-15 angka)"),
    )
    problems = []
    for count, of, what in found:
        if of >= MIN_NIKS and count > MAX_DAMAGED_SHARE * of:
            received = f"{count} dari {of} {what} ({100 * count / of:.0f} %): tersimpan sebagai angka (BRK-04)"
            allowed = f"NIK sebagai teks 16 angka; paling banyak {100 * MAX_DAMAGED_SHARE:.0f} % seperti itu"
            step = "minta pengirim mengirim ulang dengan kolom NIK dan Nomor KK sebagai teks"
            problems.append(Problem(f"{name}, kolom {BY_NAME['nik'].label}", received, allowed, step))
    if problems:
        raise UserError(Exit.FILE, *problems)
    return _told("BRK-04", {f"{what}; rusak, ditandai per baris": count for count, _, what in found[1:]})


def _is(cells: pl.Series, pattern: str) -> pl.Series:
    return cells.str.contains(pattern).fill_null(value=False)


def _odd(cells: pl.Series, pattern: str) -> pl.Series:
    """The cells that are not plainly what they should be, without marks around them."""
    return cells.filter(~cells.str.contains(pattern)).str.strip_chars(INVISIBLE)


def _hidden(frame: pl.DataFrame) -> list[Anomaly]:
    """BRK-05: marks nobody sees around a number are cleaned, those inside it are left to the rules."""
    around = inside = 0
    for name in IDENTIFIERS:
        cells = frame[name].filter(~frame[name].str.contains(WHOLE_NUMBER))
        around += int(cells.str.contains(AROUND).sum())
        inside += int(cells.str.strip_chars(INVISIBLE).str.contains(_HIDDEN_CLASS).sum())
    return _told("BRK-05", {
        "sel nomor dengan karakter tak tampak atau apostrof; dibersihkan otomatis": around,
        "sel nomor dengan karakter tak tampak di tengah; tidak diubah, ditandai per baris": inside,
    })  # fmt: skip


def _layout_lines(lines: dict[str, int]) -> list[Anomaly]:
    """BRK-06: lines between the residents that are no residents."""
    inserted = {name: count for name, count in lines.items() if name not in HEADER_LINES}
    named = ", ".join(f"{count} {name}" for name, count in inserted.items())
    return _told("BRK-06", {f"baris bukan penduduk; dilewati, dihitung ({named})": sum(inserted.values())})


def _dates(frame: pl.DataFrame) -> list[Anomaly]:
    """BRK-07: dates that can be misread. None is swapped; what is not certain is left empty for the rules."""
    text = pl.col("text")
    odd = pl.concat([_odd(frame[name], WHOLE_DATE).alias("text") for name in DATES]).to_frame()
    day, month, _ = _two_places(text)
    serials, years, months = odd.select(
        serial_days(text).is_not_null().sum().alias("serials"),
        text.str.contains(TWO_DIGIT_YEAR).sum().alias("years"),
        ((month > MONTHS) & day.is_between(1, MONTHS)).sum().alias("months"),
    ).row(0)
    right, swapped = _fits(frame)
    return _told("BRK-07", {
        "tanggal berupa nomor seri Excel; dibaca menurut sistem 1900": serials,
        "tanggal bertahun dua angka; tidak dibaca": years,
        "tanggal yang hanya mungkin bulan/hari/tahun; tidak dibaca, tidak ditukar": months,
        f"tanggal lahir cocok dengan digit NIK hanya bila hari dan bulan ditukar ({right} cocok tanpa ditukar); "
        "tidak ditukar, periksa dengan pengirim": swapped,
    })  # fmt: skip


def _two_places(text: pl.Expr) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """First number, second number and year of a dd/mm/yyyy text."""
    return tuple(  # type: ignore[return-value]
        pl.coalesce(text.str.extract(pattern, group) for pattern in TWO_PLACES).cast(pl.Int64, strict=False)
        for group in (1, 2, 3)
    )


def _fits(frame: pl.DataFrame) -> tuple[int, int]:
    """How many birth dates agree with the digits of their NIK as written, and how many only with the parts swapped."""
    born = pl.col("tgl_lhr")
    plain = _is(frame["nik"], WHOLE_NUMBER) & _is(frame["tgl_lhr"], WHOLE_DATE)
    cut = frame.filter(plain).select(
        "nik", *(born.str.slice(*place).cast(pl.Int64, strict=False).alias(part) for part, place in ISO_PLACES.items())
    )
    cleaned = frame.filter(~plain).select(pl.col("nik", "tgl_lhr").str.strip_chars(INVISIBLE))
    written = zip(_two_places(born), (3, 2, 1), ISO_PLACES, strict=True)
    read = cleaned.filter(pl.col("nik").str.contains(WHOLE_NUMBER)).select(
        "nik", *(pl.coalesce(two, born.str.extract(YEAR_FIRST, group).cast(pl.Int64, strict=False)).alias(part)
                 for two, group, part in written)
    )  # fmt: skip
    digits = [pl.col("nik").str.slice(at, 2).cast(pl.Int64, strict=False) for at in (6, 8, 10)]
    nik_day = pl.when(digits[0] > WOMAN).then(digits[0] - WOMAN).otherwise(digits[0])
    day, month = pl.col("day"), pl.col("month")
    same_year = pl.col("year") % 100 == digits[2]
    right = same_year & (day == nik_day) & (month == digits[1])
    swapped = same_year & (month == nik_day) & (day == digits[1]) & (day != month)
    counts = pl.concat([cut, read]).select(right.sum().alias("right"), swapped.sum().alias("swapped")).row(0)
    return int(counts[0]), int(counts[1])


def _told(code: str, counts: dict[str, int]) -> list[Anomaly]:
    return [Anomaly(code, int(count), told) for told, count in counts.items() if count]
