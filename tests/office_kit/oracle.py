"""A second opinion on every row rule, written in Python from the catalogue's and the handbook's words, not the SQL."""

import re
from collections.abc import Callable
from datetime import date
from functools import partial

from expectations.codes import labels, regions
from office_kit.oracle_words import (
    CITY,
    Row,
    active,
    age,
    aged,
    blank,
    calendar,
    digits16,
    domicile,
    filler_nik,
    first_name,
    kk_date,
    known_districts,
    letters,
    name,
    nik_births,
    nik_sex,
    no_number,
    real_nik,
    simple_upper,
    words,
    younger,
)

__all__ = ["JUDGES", "Row", "active", "judges", "real_nik"]

IN_FRONT = {"H", "HJ", "DR", "DRS", "DRA", "IR", "PROF", "KH", "K.H", "HAJI", "NY", "TN"}
DEGREES = {"SPD", "SH", "SE", "ST", "SKOM", "SSOS", "SAG", "MM", "MSI", "AMD"}
SHORT_FORMS = {"MUH", "MOH", "MOCH", "MHD", "ABD"}
FILLERS = ("NN", "N.N", "NN.", "N.N.", "TIDAK TAHU", "TIDAK DIKETAHUI", "TIDAK ADA", "BAYI", "ALM", "ALMARHUM",
           "TES", "TEST", "TESTING", "NO NAME", "NONAME")  # fmt: skip
LETTER_SIGNS = set("ABCDEFGHIJKLMNOPQRSTUVWXYZ .,'`\u00a0/()-")  # other signs than letters have a rule of their own
SIGNS = set(".,/()'`;:_-")
DEFAULT_DAYS = {(1, 7), (31, 12), (1, 1)}
NEW_NAMES_SINCE = date(2022, 4, 21)  # Permendagri 73/2022, not retroactive
SIAK_SINCE = date(2004, 1, 1)
# Youngest ages at which schools are finished, by what the code table calls them.
FINISHED = {"TAMAT SD / SEDERAJAT": 10, "SLTP/SEDERAJAT": 12, "SLTA / SEDERAJAT": 15, "DIPLOMA I / II": 17,
            "AKADEMI/ DIPLOMA III/S. MUDA": 19, "DIPLOMA IV/ STRATA I": 20, "STRATA II": 22,
            "STRATA III": 24}  # fmt: skip


def work(*labelled: str) -> set[str]:
    """Codes of JENIS_PKRJN by their labels."""
    found = {code for code, label in labels("jenis_pkrjn").items() if label in labelled}
    assert len(found) == len(labelled)
    return found


NO_JOB = work("BELUM/TIDAK BEKERJA")
PUPIL = work("PELAJAR/MAHASISWA")
RETIRED = work("PENSIUNAN")
SERVANTS = work("PEGAWAI NEGERI SIPIL (PNS)", "TENTARA NASIONAL INDONESIA (TNI)", "KEPOLISIAN RI (POLRI)")


def name_of(row: Row) -> str:
    return name(row["nama_lgkp"])


def upper_name(row: Row) -> str:
    return simple_upper(name_of(row))


def title_in(text: str) -> bool:
    """A title in front (parted by a blank or a dot), or a degree behind (parted by a blank or a comma)."""
    if any(re.match(rf"{re.escape(title)}[. \u00a0\t]", text) for title in IN_FRONT):
        return True
    last = re.search(r"[, \u00a0\t]([A-Z.]+)$", text)
    plain = last[1].removesuffix(".") if last else ""
    dot = plain.find(".")  # S.PD, A.MD: the dot stands behind the first letter, nowhere else
    return plain.replace(".", "") in DEGREES and (dot == -1 or (dot == 1 and plain.count(".") == 1))


def filler(text: str) -> bool:
    return text in FILLERS or text.startswith("BAYI NY") or (bool(text) and set(text) in ({"X"}, {"?"}))


def shortened(word: str) -> bool:
    plain = word.removesuffix(".")
    return plain in SHORT_FORMS or bool(re.fullmatch("[A-Z]", plain))


def untidy(value: object) -> bool:
    """Not in capitals, or with more than single spaces between words."""
    return not blank(value) and str(value) != simple_upper(" ".join(words(str(value))))


def scientific(nik: object) -> bool:
    return bool(re.fullmatch(r"[0-9][.,][0-9]+[eE]\+?1[0-9]", str(nik or "")))


def nik_of(row: Row) -> str:
    return digits16(row["nik"])


def dated(value: object) -> str:
    nik = digits16(value)
    return nik if nik and nik_births(nik) else ""


def empty_date(row: Row) -> bool:
    """No birth date was written: blank, or a day or year of zeros. A date that could be read was written."""
    raw = row["tgl_lhr_raw"]
    return blank(raw) or (row["tgl_lhr"] is None and ("0000" in str(raw) or str(raw).startswith("00")))


def empty_number(value: object) -> bool:
    """RT and RW: nothing, zero, or no number at all."""
    text = str(value or "").strip()
    return not re.fullmatch(r"[+-]?[0-9]+", text) or int(text) == 0


def unknown(column: str, row: Row, _: date) -> bool:
    return row[column] not in labels(column)


def day_of(row: Row, column: str) -> date | None:
    value = row[column]
    return value if isinstance(value, date) else None


def before(row: Row, earlier: str, later: str) -> bool:
    one, other = day_of(row, earlier), day_of(row, later)
    return one is not None and other is not None and one < other


def unfinished(row: Row, today: date) -> bool:
    """Too young for the school; the catalogue's table ends with "else 0": nobody finished any before birth."""
    return younger(row, today, FINISHED.get(labels("pddk_akh").get(str(row["pddk_akh"]), ""), 0))


def odd_wedding(row: Row, today: date) -> bool:
    """Married before the 15th birthday, or after the day the list came."""
    married, born = day_of(row, "tgl_kwn"), day_of(row, "tgl_lhr")
    return married is not None and (married > today or (born is not None and age(born, married) < 15))


def dormant(row: Row, today: date) -> bool:
    """More than six years without a change: the sixth anniversary is over."""
    changed = day_of(row, "tgl_ubah")
    if changed is None:
        return False
    last = calendar(changed.day, changed.month, changed.year + 6) or date(changed.year + 6, 2, 28)
    return last < today and aged(row, today, 24) and unrecorded(row)


def unrecorded(row: Row) -> bool:
    return blank(row["ektp_status"]) or str(row["ektp_status"]).strip() == "BELUM REKAM"


def wrong_parent(row: Row, parent: str, sex: str) -> bool:
    nik = dated(row[f"nik_{parent}"])
    return bool(nik) and nik_sex(nik) != sex


def status(row: Row) -> str:
    return simple_upper(row["ektp_status"] or "")


Judge = Callable[[Row, date], bool]
NUMBERS: dict[str, Judge] = {
    "ANM-NIK-01": lambda r, _: no_number(r["nik"]),
    "ANM-NIK-02": lambda r, _: not no_number(r["nik"]) and bool(re.fullmatch("[0-9]+", str(r["nik"])))
    and len(str(r["nik"])) != 16,
    "ANM-NIK-03": lambda r, _: not no_number(r["nik"]) and not re.fullmatch("[0-9]+", str(r["nik"]))
    and not scientific(r["nik"]),
    "ANM-NIK-04": lambda r, _: scientific(r["nik"]),
    "ANM-NIK-05": lambda r, _: nik_of(r).endswith("0000"),
    "ANM-NIK-06": lambda r, _: bool(nik_of(r)) and nik_of(r)[0] != "0" and nik_of(r)[:6] not in known_districts(),
    "ANM-NIK-07": lambda r, _: bool(nik_of(r)) and nik_of(r)[0] != "0" and "00" in (nik_of(r)[2:4], nik_of(r)[4:6]),
    "ANM-NIK-08": lambda r, _: bool(nik_of(r)) and not nik_births(nik_of(r)),
    # A serial of 0000 is Excel's rounding: its NIK proves nothing about the birth date.
    "ANM-NIK-09": lambda r, _: bool(dated(r["nik"])) and r["tgl_lhr"] is not None and not nik_of(r).endswith("0000")
    and r["tgl_lhr"] not in nik_births(nik_of(r)),
    "ANM-NIK-10": lambda r, _: bool(dated(r["nik"])) and r["jenis_klmin"] in ("1", "2")
    and r["jenis_klmin"] != nik_sex(nik_of(r)),
    "ANM-NIK-11": lambda r, _: nik_of(r).startswith("0"),
    "ANM-NIK-12": lambda r, _: not no_number(r["nik"]) and r["nik"] == r["no_kk"],
    "ANM-NIK-13": lambda r, _: filler_nik(r["nik"]),
    "ANM-NIK-14": lambda r, _: not no_number(r["nik_ktpel"]) and name(r["nik_ktpel"]) != name(r["nik"]),
    "ANM-KK-01": lambda r, _: no_number(r["no_kk"]),
    "ANM-KK-02": lambda r, _: not no_number(r["no_kk"]) and not re.fullmatch("[0-9]{16}", name(r["no_kk"])),
    "ANM-KK-03": lambda r, _: digits16(r["no_kk"]).endswith("0000"),
    "ANM-KK-04": lambda r, _: bool(digits16(r["no_kk"])) and str(r["no_kk"])[:4] != CITY,
    "ANM-KK-05": lambda r, _: bool(digits16(r["no_kk"])) and kk_date(r["no_kk"]) is None,
    "ANM-KK-06": lambda r, t: not SIAK_SINCE <= (kk_date(r["no_kk"]) or t) <= t,
    "ANM-WIL-01": lambda r, _: domicile(r) not in (None, CITY),
    "ANM-WIL-02": lambda r, _: domicile(r) == CITY
    and f"{CITY}{r['no_kec'] or '??'}{r['no_kel'] or '????'}" not in regions("kelurahan"),
    "ANM-ALM-01": lambda r, _: blank(r["alamat"]),
    "ANM-ALM-02": lambda r, _: empty_number(r["no_rt"]) or empty_number(r["no_rw"]),
}  # fmt: skip
NAMES: dict[str, Judge] = {
    "ANM-NAM-01": lambda r, _: not name_of(r),
    "ANM-NAM-02": lambda r, _: bool(set(upper_name(r)) - LETTER_SIGNS),
    "ANM-NAM-03": lambda r, _: bool(name_of(r)) and sum(map(len, letters(r["nama_lgkp"]))) <= 2,
    "ANM-NAM-04": lambda r, _: bool(set(name_of(r)) & SIGNS),
    "ANM-NAM-05": lambda r, _: title_in(upper_name(r)),
    "ANM-NAM-06": lambda r, _: len(str(r["nama_lgkp"] or "")) > 60,
    "ANM-NAM-07": lambda r, _: len(words(name_of(r))) == 1 and (day_of(r, "tgl_entri") or date.min) >= NEW_NAMES_SINCE,
    "ANM-NAM-08": lambda r, _: any(shortened(word) for word in words(upper_name(r))),
    "ANM-NAM-09": lambda r, _: filler(upper_name(r)),
    "ANM-NAM-11": lambda r, _: untidy(r["nama_lgkp"]),
    "ANM-HUB-12": lambda r, _: blank(r["nama_lgkp_ibu"]) or blank(r["nama_lgkp_ayah"]),
}
LIVES: dict[str, Judge] = {
    "ANM-TGL-01": lambda r, _: empty_date(r),
    "ANM-TGL-02": lambda r, _: not empty_date(r) and r["tgl_lhr"] is None,
    "ANM-TGL-03": lambda r, t: (day_of(r, "tgl_lhr") or t) > t,
    "ANM-TGL-04": lambda r, t: aged(r, t, 121),
    "ANM-TGL-05": lambda r, t: aged(r, t, 100, 120),
    "ANM-TGL-06": lambda r, _: (d := day_of(r, "tgl_lhr")) is not None and (d.day, d.month) in DEFAULT_DAYS,
    "ANM-TGL-07": lambda r, _: before(r, "tgl_entri", "tgl_lhr"),
    "ANM-KWN-01": lambda r, t: r["stat_kwn"] in ("2", "3", "4") and aged(r, t, 15, 18),
    "ANM-KWN-02": lambda r, t: r["stat_kwn"] in ("2", "3", "4") and younger(r, t, 15),
    "ANM-KWN-03": lambda r, _: r["stat_kwn"] == "1" and not (blank(r["no_akta_kwn"]) and r["tgl_kwn"] is None),
    "ANM-KWN-04": lambda r, _: r["stat_kwn"] == "2" and blank(r["no_akta_kwn"]),
    "ANM-KWN-05": lambda r, _: r["stat_kwn"] == "3" and blank(r["no_akta_crai"]),
    "ANM-KWN-06": odd_wedding,
    "ANM-KWN-07": lambda r, _: before(r, "tgl_crai", "tgl_kwn"),
    "ANM-PDK-01": unfinished,
    "ANM-PKJ-01": lambda r, t: younger(r, t, 15) and r["jenis_pkrjn"] is not None
    and r["jenis_pkrjn"] not in NO_JOB | PUPIL,
    "ANM-PKJ-02": lambda r, t: r["jenis_pkrjn"] in PUPIL and aged(r, t, 41),
    "ANM-PKJ-03": lambda r, t: r["jenis_pkrjn"] in RETIRED and younger(r, t, 40),
    "ANM-PKJ-04": lambda r, t: r["jenis_pkrjn"] in SERVANTS and (younger(r, t, 18) or aged(r, t, 66)),
    "ANM-KOD-01": partial(unknown, "jenis_klmin"), "ANM-KOD-02": partial(unknown, "agama"),
    "ANM-KOD-03": partial(unknown, "gol_drh"), "ANM-KOD-04": partial(unknown, "stat_hbkel"),
    "ANM-KOD-05": partial(unknown, "pddk_akh"), "ANM-KOD-06": partial(unknown, "jenis_pkrjn"),
    "ANM-KOD-07": partial(unknown, "stat_kwn"),
    "ANM-HDP-03": lambda r, t: aged(r, t, 24) and unrecorded(r),
    "ANM-HDP-04": dormant,
    "GND-05": lambda r, _: status(r) == "DUPLICATE RECORD",
    "GND-06": lambda r, _: status(r) == "ADJUDICATE RECORD",
    "ANM-KEL-06": lambda r, t: r["stat_hbkel"] == "1" and younger(r, t, 17)
    and (blank(r["stat_kwn"]) or r["stat_kwn"] == "1"),
    "ANM-HUB-01": lambda r, _: (r["stat_hbkel"], r["jenis_klmin"]) == ("3", "1"),
    "ANM-HUB-02": lambda r, _: (r["stat_hbkel"], r["jenis_klmin"]) == ("2", "2"),
    "ANM-HUB-03": lambda r, _: r["stat_hbkel"] in ("2", "3") and r["stat_kwn"] in ("1", "3", "4"),
    "ANM-HUB-08": lambda r, _: wrong_parent(r, "ibu", "2") or wrong_parent(r, "ayah", "1"),
    "ANM-HUB-13": lambda r, _: r["stat_hbkel"] == "4" and (blank(r["nik_ibu"]) or blank(r["nik_ayah"])),
}  # fmt: skip
JUDGES: dict[str, Judge] = NUMBERS | NAMES | LIVES


def judges(usual: dict[str, str]) -> dict[str, Judge]:
    """All row judges; ``usual`` are the register's first names of one sex (ANM-NAM-10)."""

    def unusual(row: Row, _: date) -> bool:
        return row["jenis_klmin"] in ("1", "2") and usual.get(first_name(row), row["jenis_klmin"]) != row["jenis_klmin"]

    return JUDGES | {"ANM-NAM-10": unusual}
