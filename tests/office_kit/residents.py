"""Fictional residents of Kota Mojokerto, in the store's spelling. Every NIK ends in 9xxx: nobody real (handbook 5)."""

from datetime import date, timedelta

COLUMNS = (
    "NIK", "NO_KK", "NAMA_LGKP", "JENIS_KLMIN", "TMPT_LHR", "TGL_LHR", "GOL_DRH", "AGAMA", "STAT_KWN", "STAT_HBKEL",
    "PDDK_AKH", "JENIS_PKRJN", "NIK_IBU", "NAMA_LGKP_IBU", "NIK_AYAH", "NAMA_LGKP_AYAH", "ALAMAT", "NO_RT", "NO_RW",
    "NO_PROP", "NO_KAB", "NO_KEC", "NO_KEL", "STAT_HIDUP", "FLAG_STATUS", "EKTP_STATUS", "TGL_ENTRI", "TGL_UBAH",
)  # fmt: skip
FIRST = [
    "PURWA",
    "SEKAR",
    "WIDURI",
    "JATMIKA",
    "LARAS",
    "HANGGONO",
    "TIRTA",
    "SULASTRI",
    "BAGASKORO",
    "MENUR",
    "KENANGA",
    "DAMAR",
]
LAST = [
    "KUSUMAYUDHA",
    "RINENGGASARI",
    "WONOKROMO",
    "PRABASWARA",
    "TEJANINGRUM",
    "GUMELAR",
    "SASMITANINGTYAS",
    "ADIWANGSA",
]
MOTHERS = [
    "RUKMINI",
    "SUMIYATUN",
    "PARTINAH",
    "KASIYEM",
    "WARSINI",
    "MURTIASIH",
    "NGATEMI",
    "TUKINAH",
    "SAMINEM",
    "JUMINTEN",
    "ROKHAYAH",
]
FATHERS = [
    "KARTOMEJO",
    "SASTROWIJOYO",
    "DARSONO",
    "MANGUNKARSO",
    "WIRYODIKROMO",
    "PAWIROREJO",
    "ATMOSUMARTO",
    "KROMODIMEJO",
]
PLACES = ["MOJOKERTO", "JOMBANG", "GRESIK", "LAMONGAN", "KEDIRI"]
BORN_FROM = date(1962, 1, 3)


def name_of(number: int) -> str:
    """A name no other number below 96 has, and none of them alike."""
    return f"{FIRST[number % len(FIRST)]} {LAST[(number * 5 + number // len(FIRST)) % len(LAST)]}"


def nik_of(born: date, sex: str, serial: int, prefix: str = "357602") -> str:
    """NIK = region of first issue, day (a woman's + 40), month, year, serial."""
    return f"{prefix}{born.day + (40 if sex == '2' else 0):02d}{born:%m%y}{serial:04d}"


def resident(number: int, **changes: str | None) -> dict[str, str | None]:
    """Resident ``number`` (0-899), alone in the family, about whom no rule has anything to say; then ``changes``."""
    born = BORN_FROM + timedelta(days=number * 97 % 13000)
    if (born.day, born.month) in {(1, 7), (31, 12)}:
        born += timedelta(days=1)
    sex = "12"[number % 2]
    person = {
        "NIK": nik_of(born, sex, 9000 + number), "NO_KK": f"357602140612{9000 + number}", "NAMA_LGKP": name_of(number),
        "JENIS_KLMIN": sex, "TMPT_LHR": PLACES[number % len(PLACES)], "TGL_LHR": born.isoformat(), "GOL_DRH": "13",
        "AGAMA": "1", "STAT_KWN": "1", "STAT_HBKEL": "1", "PDDK_AKH": "5", "JENIS_PKRJN": "15", "NIK_IBU": None,
        "NAMA_LGKP_IBU": f"{MOTHERS[number % len(MOTHERS)]} {LAST[number % len(LAST)]}", "NIK_AYAH": None,
        "NAMA_LGKP_AYAH": f"{FATHERS[number % len(FATHERS)]} {FIRST[number * 7 % len(FIRST)]}",
        "ALAMAT": f"JL UJI NO {number}", "NO_RT": "001", "NO_RW": "002", "NO_PROP": "35", "NO_KAB": "76",
        "NO_KEC": "02", "NO_KEL": "1009", "STAT_HIDUP": "1", "FLAG_STATUS": "0", "EKTP_STATUS": "CARD PRINTED",
        "TGL_ENTRI": "2012-03-01", "TGL_UBAH": "2020-05-14",
    }  # fmt: skip
    return {**person, **changes}


def again(person: dict[str, str | None], **changes: str | None) -> dict[str, str | None]:
    """The same resident with other values in some columns."""
    return {**person, **changes}


def born(person: dict[str, str | None]) -> date:
    """Date of birth of a resident."""
    return date.fromisoformat(str(person["TGL_LHR"]))
