"""Rows on the row rules' edges: values from pools, values hypothesis thinks of, and the rules' own examples."""

import copy
import random
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from expectations.codes import labels
from expectations.columns import STORED
from expectations.rules import RULES
from expectations.rules.cases import Case
from office_kit.oracle_words import Row, known_districts

EDGE_YEARS = (0, 1, 10, 12, 13, 14, 15, 16, 17, 18, 19, 20, 22, 23, 24, 40, 41, 65, 66, 99, 100, 120, 121)
LEAP_BIRTHS = (date(1904, 2, 29), date(1996, 2, 29), date(2000, 2, 29), date(2004, 2, 29), date(2012, 2, 29))
NIKS = ("3576021104809001", "3576025104809001", "3576022902009001", "3576026902009001", "3576022902019001",
        "3576022902969001", "3576020001809001", "3576020013809001", "3576023204809001", "3576027204809001",
        "3576024004809001", "3576027104809001", "3576024104809001", "3576020100009001", "3500021104809001",
        "3576001104809001", "0576021104809001", "0500001104809001", "357602110480" + "0000", "357602510480" + "0000",
        "0000000000000000", "357602110480900", "35760211048090011", "357602110480900O", "3576 0211 0480 9001",
        "3,57602E+15", "3.576021E15", "3,57602e+15", "4E+15", "3,57602E+05", "\uff13576021104809001", "0", "-", "",
        None, "00", "\u0661\u0661\u0661", "9" * 13 + "994", "9" * 12 + "0994", "1234567890" + "123456", "7" * 16,
        "3576031406129001", "3576021406129001")  # fmt: skip
FAMILIES = ("3576021406129001", "357602140612" + "0000", "3515021406129001", "3576023202129001", "3576022902129001",
            "3576022902139001", "357602140612900", "3576021406129OO1", "0", "-", "", None, "3576020000009001",
            "3576023112039001", "3576020101049001")  # fmt: skip
NAMES = ("SITI AMINAH", "S1TI", "SITI  AMINAH", " SITI", "siti", "SITI\u00a0AMINAH", "SITI\tA", "O", "BI", "B.I",
         "A.B.C", "H. DARTO", "HJ SITI", "DRS.DARTO", "HARTONO", "KH DARTO", "K.H. DARTO", "DARTO, SH", "DARTO S.PD",
         "DARTO SPD.", "DARTO SP.D", "DARTO .SH", "DARTO ST", "BUDI ASH", "SH", "NN", "N.N.", "XXX", "BAYI NY SITI",
         "BAYI", "BAYINI", "TEST", "TESTI", "???", "NO NAME", "TIDAK ADA", "TIDAK ADA NAMA", "ALM DARTO", "ALMARHUM",
         "", "-", None, "M'ARUF", "MA`RUF", "A/B", "A;B", "A_B", "A:B", "(ANI)", "É", "ÉLAN", "PROF DR DARTO",
         "NY. SITI", "TNI DARTO", "A@B", "X", "Y\u00a0", "MOH. DARTO", "MOH.DARTO", "DARTO A.", "A\u00a0DARTO",
         "H\u00a0DARTO", "DARTO\u00a0SH", "ABD\tRAHMAN", "BAMBANG W", "HJ. BAMBANG", "SITI W", "BAMBANG", "A" * 60,
         "A" * 61, "AB " * 21, "\u0131DA", "DARTO M.SI", "DARTO M SI")  # fmt: skip
RAW_DATES = ("00-00-0000", "0000-00-00", "31-02-1980", "", "-", None, "abc", "00/07/1980", "11-04-0000", " ")
BLANKS_SEEN = ("", "-", " ", None)
POOLS: dict[str, tuple[Any, ...]] = {
    "nik": NIKS, "no_kk": FAMILIES, "nama_lgkp": NAMES, "nik_ktpel": (*BLANKS_SEEN, "0", NIKS[0], NIKS[1]),
    "jenis_klmin": ("1", "2", "1", "2", "3", "L", "", None), "agama": ("1", "7", "8", "0", None, "ISLAM"),
    "gol_drh": ("13", "1", "14", "0", None), "stat_kwn": ("1", "2", "3", "4", "5", "", "-", None),
    "stat_hbkel": ("1", "1", "2", "3", "4", "9", "12", None), "pddk_akh": (*labels("pddk_akh"), "11", None),
    "jenis_pkrjn": ("1", "3", "4", "5", "6", "7", "15", "88", "99", "999", "", None),
    "alamat": ("JL A", "", " ", "-", "--", "\u00a0", None), "no_rt": ("001", "0", "000", "", None, "A", "-", "12"),
    "no_rw": ("001", "0", "000", None, "10"), "no_prop": ("35", "35", "35", "12", None),
    "no_kab": ("76", "76", "15", None), "no_kec": ("01", "02", "03", "04", None),
    "no_kel": ("1003", "1009", "1001", "9999", None),
    "ektp_status": ("CARD PRINTED", "BELUM REKAM", "", " ", "-", None, "DUPLICATE RECORD", "ADJUDICATE RECORD",
                    "adjudicate record", "Duplicate Record"),
    "nama_lgkp_ibu": ("SUMI", "", "-", " ", None), "nama_lgkp_ayah": ("DARTO", "", "-", None),
    "nik_ibu": ("3576025104559001", "3576021104559001", "3576027204559001", "", "-", None),
    "nik_ayah": ("3576021104559001", "3576025104559001", None, " "), "no_akta_kwn": ("AK-1", *BLANKS_SEEN),
    "no_akta_crai": ("AC-1", *BLANKS_SEEN),
}  # fmt: skip


def year_later(day: date, years: int) -> date:
    """The day so many years later or earlier; of 29 February, 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def near(day: date, chance: random.Random) -> date:
    return day + timedelta(days=chance.choice((-1, 0, 1)))


def edge_births(as_of: date) -> list[date | None]:
    """Birth dates on and beside every age that a rule asks for, leap days, default days, the future."""
    around = [year_later(as_of, -years) + timedelta(days=n) for years in EDGE_YEARS for n in (-1, 0, 1)]
    return [*around, *LEAP_BIRTHS, date(1955, 7, 1), date(1970, 12, 31), date(1999, 1, 1), None, None, None]


def fits(row: Row, chance: random.Random) -> None:
    """Makes NIK and birth date agree, in either century."""
    born = row["tgl_lhr"]
    if isinstance(born, date):
        woman = row["jenis_klmin"] == "2"
        region = chance.choice(("357601", "357602", "357603", "350101", "357699", "350000"))
        row["nik"] = f"{region}{born.day + 40 * woman:02d}{born:%m%y}9{chance.randrange(1000):03d}"


def pooled(as_of: date, count: int, chance: random.Random) -> list[Row]:
    """Rows with edge values everywhere; a third has NIK and birth date of one person."""
    births, rows = edge_births(as_of), []
    for at in range(count):
        row: Row = dict.fromkeys(STORED) | {column: chance.choice(pool) for column, pool in POOLS.items()}
        if at < max(map(len, POOLS.values())):  # every value of every pool occurs
            row |= {column: pool[at % len(pool)] for column, pool in POOLS.items()}
        born = row["tgl_lhr"] = births[at % len(births)]
        written = chance.choice((born.isoformat(), f"{born:%d-%m-%Y}", f"{born} 00:00:00.0000000", "30000")) if born \
            else chance.choice(RAW_DATES)  # fmt: skip
        row["tgl_lhr_raw"] = written
        start = born or date(1980, 4, 11)
        row["tgl_kwn"] = chance.choice((None, near(year_later(start, 15), chance), near(as_of, chance)))
        row["tgl_crai"] = chance.choice((None, near(row["tgl_kwn"] or as_of, chance)))
        row["tgl_entri"] = chance.choice((None, near(start, chance), near(date(2022, 4, 21), chance)))
        row["tgl_ubah"] = chance.choice((None, near(year_later(as_of, -6), chance), year_later(as_of, -7)))
        if at % 3 == 0:
            fits(row, chance)
        if at % 11 == 0:
            row["no_kk"] = row["nik"]
        rows.append(row)
    return rows


@st.composite
def numbers(draw: Any) -> str:
    """16 digits built like a NIK or NO_KK: real and unknown districts, days 00-99, months 00-13, serials."""
    known = st.sampled_from(sorted(known_districts()))
    region = draw(known | st.sampled_from(("357603", "357699", "990101", "350001", "357600", "035760")))
    day = draw(st.integers(0, 31) | st.integers(38, 73) | st.integers(0, 99))
    serial = draw(st.sampled_from(("0000", "0001", "9001", "9999")))
    return f"{region}{day:02d}{draw(st.integers(0, 13)):02d}{draw(st.integers(0, 99)):02d}" + serial


def imagined(as_of: date, count: int) -> list[Row]:
    """Rows that hypothesis thinks of; texts as the store holds them (no blanks around numbers)."""
    near_today = st.dates(as_of - timedelta(days=45_000), as_of + timedelta(days=400))
    day = st.none() | st.sampled_from([b for b in edge_births(as_of) if b]) | near_today
    text = st.text(st.sampled_from("AABDHIMOSTUXZ  ..,'`-/()\u00a0\t01Éz\u0131?_;"), max_size=9)
    number = (
        numbers() | st.sampled_from(NIKS) | st.text(st.sampled_from("0123456789OE+., "), max_size=17).map(str.strip)
    )
    columns: dict[str, Any] = dict.fromkeys(STORED, st.none()) | {c: st.sampled_from(p) for c, p in POOLS.items()}
    columns |= dict.fromkeys(("tgl_lhr", "tgl_kwn", "tgl_crai", "tgl_entri", "tgl_ubah"), day)
    columns |= dict.fromkeys(("nik", "no_kk", "nik_ibu", "nik_ayah", "nik_ktpel"), number)
    columns |= {"nama_lgkp": text | st.sampled_from(NAMES), "nama_lgkp_ibu": text, "alamat": text}
    found: list[Row] = []

    @settings(
        max_examples=count,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
        deadline=None,
    )
    @given(st.fixed_dictionaries(columns), st.sampled_from(RAW_DATES))
    def keep(row: Row, raw: str | None) -> None:
        born = row["tgl_lhr"]
        found.append(row | {"tgl_lhr_raw": born.isoformat() if isinstance(born, date) else raw})

    keep()
    return found


def exemplary(as_of: date, count: int, chance: random.Random) -> list[Row]:
    """What every row rule's own changes make of a clean family: only the rows they touched, and one clean family."""
    rows: list[Row] = list(Case(chance, as_of).family)
    for rule in RULES:
        for at in range(count if rule.is_row else 0):
            changes = rule.breaks if at % 3 else rule.keeps
            case = Case(chance, as_of)
            before = copy.deepcopy(case.family)
            changes[at % len(changes)](case)
            rows += [row for row, old in zip(case.family, before, strict=False) if row != old]
    return rows
