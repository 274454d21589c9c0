"""A second opinion on every row rule, written in Python from the handbook's words, not from the SQL."""

import re
from collections.abc import Callable
from datetime import date
from functools import partial

from expectations.codes import labels, regions

Row = dict[str, object]
CITY = "3576"
TITLES_IN_FRONT = ("H", "HJ", "DR", "DRS", "DRA", "IR", "PROF", "KH", "K.H", "HAJI", "NY", "TN")
DEGREES = ("SPD", "SH", "SE", "ST", "SKOM", "SSOS", "SAG", "MM", "MSI", "AMD")
FILLERS = ("NN", "N.N", "NN.", "N.N.", "TIDAK TAHU", "TIDAK DIKETAHUI", "TIDAK ADA", "BAYI", "ALM", "ALMARHUM",
           "TES", "TEST", "TESTING", "NO NAME", "NONAME")  # fmt: skip
LETTER_SIGNS = set("ABCDEFGHIJKLMNOPQRSTUVWXYZ .,'`\u00a0/()-")
SIGNS = set(".,/()'`;:_-")


def blank(value: object) -> bool:
    """Nothing, spaces, or a dash."""
    return value is None or str(value).strip(" \u00a0\t") in ("", "-")


def no_number(value: object) -> bool:
    """No identifier: blank or a lone zero."""
    return blank(value) or str(value).strip(" \u00a0\t") == "0"


def digits16(value: object) -> str:
    """The value when it is 16 ASCII digits, else an empty string."""
    return str(value) if re.fullmatch(r"[0-9]{16}", str(value or "")) else ""


def calendar(day: int, month: int, year: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def nik_births(nik: str) -> list[date]:
    """The birth dates a NIK can mean: 19YY and 20YY, a woman's day without its 40."""
    day, month, year = int(nik[6:8]), int(nik[8:10]), int(nik[10:12])
    found = [calendar(day - 40 if day > 40 else day, month, century + year) for century in (1900, 2000)]
    return [born for born in found if born]


def age(born: date, today: date) -> int:
    """Completed years; on 28 February nobody born on the 29th has a birthday yet."""
    return today.year - born.year - ((born.month, born.day) > (today.month, today.day))


def aged(row: Row, today: date, low: int, high: int = 10_000) -> bool:
    born = row["tgl_lhr"]
    return isinstance(born, date) and low <= age(born, today) <= high


def upper_ascii(text: object) -> str:
    return str(text).upper()


def name(row: Row) -> str:
    """The name without outer blanks, empty when missing."""
    return "" if blank(row["nama_lgkp"]) else str(row["nama_lgkp"]).strip(" \u00a0\t")


def title_in(text: str) -> bool:
    if any(text.startswith((f"{title} ", f"{title}.")) for title in TITLES_IN_FRONT):
        return True
    last = re.search(r"[, ]([A-Z.]+)$", text)
    plain = last[1].rstrip(".") if last else ""
    return plain.replace(".", "") in DEGREES and plain.count(".") <= 1


def filler(text: str) -> bool:
    return text in FILLERS or text.startswith("BAYI NY") or (bool(text) and set(text) in ({"X"}, {"?"}))


def untidy(value: object) -> bool:
    """Not in capitals, or with more than single spaces between words."""
    if blank(value):
        return False
    words = [word for word in re.split(r"[ \u00a0\t]+", str(value)) if word]
    return str(value) != " ".join(words).upper()


def scientific(nik: object) -> bool:
    return bool(re.fullmatch(r"[0-9][.,][0-9]+[eE]\+?1[0-9]", str(nik or "")))


def nik_of(row: Row) -> str:
    return digits16(row["nik"])


def dated_nik(row: Row) -> str:
    nik = nik_of(row)
    return nik if nik and nik_births(nik) else ""


def domicile(row: Row) -> str | None:
    parts = (row["no_prop"], row["no_kab"])
    return None if None in parts else "".join(map(str, parts))


def zero_or_none(value: object) -> bool:
    text = str(value or "").strip()
    return not re.fullmatch(r"[+-]?[0-9]+", text) or int(text) == 0


def unknown(column: str, row: Row, _: date) -> bool:
    return row[column] not in labels(column)


def before_today(row: Row, today: date, years: int) -> bool:
    born = row["tgl_lhr"]
    return isinstance(born, date) and age(born, today) < years


Judge = Callable[[Row, date], bool]
JUDGES: dict[str, Judge] = {
    "ANM-NIK-01": lambda r, _: no_number(r["nik"]),
    "ANM-NIK-02": lambda r, _: not no_number(r["nik"]) and str(r["nik"]).isascii() and str(r["nik"]).isdigit()
    and len(str(r["nik"])) != 16,
    "ANM-NIK-03": lambda r, _: not no_number(r["nik"]) and not re.fullmatch("[0-9]+", str(r["nik"]))
    and not scientific(r["nik"]),
    "ANM-NIK-04": lambda r, _: scientific(r["nik"]),
    "ANM-NIK-05": lambda r, _: nik_of(r).endswith("0000"),
    "ANM-NIK-07": lambda r, _: bool(nik_of(r)) and nik_of(r)[0] != "0" and "00" in (nik_of(r)[2:4], nik_of(r)[4:6]),
    "ANM-NIK-08": lambda r, _: bool(nik_of(r)) and not nik_births(nik_of(r)),
    "ANM-NIK-09": lambda r, _: bool(dated_nik(r)) and r["tgl_lhr"] is not None and not nik_of(r).endswith("0000")
    and r["tgl_lhr"] not in nik_births(nik_of(r)),
    "ANM-NIK-10": lambda r, _: bool(dated_nik(r)) and r["jenis_klmin"] in ("1", "2")
    and r["jenis_klmin"] != ("2" if int(nik_of(r)[6:8]) > 40 else "1"),
    "ANM-NIK-11": lambda r, _: nik_of(r).startswith("0"),
    "ANM-NIK-12": lambda r, _: not no_number(r["nik"]) and r["nik"] == r["no_kk"],
    "ANM-KK-01": lambda r, _: no_number(r["no_kk"]),
    "ANM-KK-02": lambda r, _: not no_number(r["no_kk"])
    and not re.fullmatch("[0-9]{16}", str(r["no_kk"]).strip(" \u00a0\t")),
    "ANM-KK-03": lambda r, _: digits16(r["no_kk"]).endswith("0000"),
    "ANM-KK-04": lambda r, _: bool(digits16(r["no_kk"])) and str(r["no_kk"])[:4] != CITY,
    "ANM-KK-05": lambda r, _: bool(digits16(r["no_kk"]))
    and calendar(int(str(r["no_kk"])[6:8]), int(str(r["no_kk"])[8:10]), 2000 + int(str(r["no_kk"])[10:12])) is None,
    "ANM-WIL-01": lambda r, _: domicile(r) not in (None, CITY),
    "ANM-WIL-02": lambda r, _: domicile(r) == CITY
    and f"{CITY}{r['no_kec'] or '??'}{r['no_kel'] or '????'}" not in regions("kelurahan"),
    "ANM-NAM-01": lambda r, _: not name(r),
    "ANM-NAM-02": lambda r, _: bool(set(upper_ascii(name(r))) - LETTER_SIGNS),
    "ANM-NAM-03": lambda r, _: bool(name(r)) and len(re.sub("[^A-Z]", "", upper_ascii(name(r)))) <= 2,
    "ANM-NAM-04": lambda r, _: bool(set(name(r)) & SIGNS),
    "ANM-NAM-05": lambda r, _: title_in(upper_ascii(name(r))),
    "ANM-NAM-09": lambda r, _: filler(upper_ascii(name(r))),
    "ANM-NAM-11": lambda r, _: untidy(r["nama_lgkp"]),
    "ANM-TGL-01": lambda r, _: blank(r["tgl_lhr_raw"]) or "0000" in str(r["tgl_lhr_raw"])
    or str(r["tgl_lhr_raw"]).startswith("00"),
    "ANM-TGL-02": lambda r, t: not JUDGES["ANM-TGL-01"](r, t) and r["tgl_lhr"] is None,
    "ANM-TGL-03": lambda r, t: r["tgl_lhr"] is not None and r["tgl_lhr"] > t,
    "ANM-TGL-04": lambda r, t: aged(r, t, 121),
    "ANM-TGL-05": lambda r, t: aged(r, t, 100, 120),
    "ANM-TGL-06": lambda r, _: isinstance(r["tgl_lhr"], date)
    and (r["tgl_lhr"].day, r["tgl_lhr"].month) in ((1, 7), (31, 12)),
    "ANM-KWN-01": lambda r, t: r["stat_kwn"] in ("2", "3", "4") and aged(r, t, 15, 18),
    "ANM-KWN-02": lambda r, t: r["stat_kwn"] in ("2", "3", "4") and before_today(r, t, 15),
    "ANM-KOD-01": partial(unknown, "jenis_klmin"), "ANM-KOD-02": partial(unknown, "agama"),
    "ANM-KOD-04": partial(unknown, "stat_hbkel"), "ANM-KOD-05": partial(unknown, "pddk_akh"),
    "ANM-KOD-06": partial(unknown, "jenis_pkrjn"), "ANM-KOD-07": partial(unknown, "stat_kwn"),
    "ANM-ALM-01": lambda r, _: blank(r["alamat"]),
    "ANM-ALM-02": lambda r, _: zero_or_none(r["no_rt"]) or zero_or_none(r["no_rw"]),
    "ANM-HDP-03": lambda r, t: aged(r, t, 24) and (blank(r["ektp_status"]) or r["ektp_status"] == "BELUM REKAM"),
    "GND-05": lambda r, _: upper_ascii(r["ektp_status"] or "") == "DUPLICATE RECORD",
    "GND-06": lambda r, _: upper_ascii(r["ektp_status"] or "") == "ADJUDICATE RECORD",
    "ANM-KEL-06": lambda r, t: r["stat_hbkel"] == "1" and before_today(r, t, 17) and r["stat_kwn"] in (None, "1"),
    "ANM-HUB-01": lambda r, _: (r["stat_hbkel"], r["jenis_klmin"]) == ("3", "1"),
    "ANM-HUB-02": lambda r, _: (r["stat_hbkel"], r["jenis_klmin"]) == ("2", "2"),
    "ANM-HUB-03": lambda r, _: r["stat_hbkel"] in ("2", "3") and r["stat_kwn"] in ("1", "3", "4"),
    "ANM-HUB-12": lambda r, _: blank(r["nama_lgkp_ibu"]) or blank(r["nama_lgkp_ayah"]),
    "ANM-HUB-13": lambda r, _: r["stat_hbkel"] == "4" and (blank(r["nik_ibu"]) or blank(r["nik_ayah"])),
}  # fmt: skip
