"""Fictional families to try rules on: one clean family, and the pieces that make it dirty. NIK serials are 9xxx."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

Row = dict[str, Any]
REGION = "3576021010"  # Kota Mojokerto, Magersari, Wates
MEN = ("DARTO", "SUTRISNO", "BAMBANG", "JOKO", "PURWANTO", "WAHYUDI", "HARIYONO")
WOMEN = ("SITI", "AMINAH", "SULASTRI", "WAHYUNI", "RAHMAWATI", "ENDANG", "KARTINI")
FAMILY_NAMES = ("WIBOWO", "SANTOSO", "LESTARI", "KUSUMA", "PRASETYO", "UTAMI", "HANDAYANI")


@dataclass
class Case:
    """A family of father (head), mother, child and sibling as of a day: clean until a rule's change breaks it.

    ``family`` are received rows; ``register`` and ``dead``/``moved`` hold what the office knows besides. Values are
    as the store holds them after loading: dates are ``date``, codes are SIAK codes, ``tgl_lhr_raw`` is text.
    """

    rng: random.Random
    as_of: date
    family: list[Row] = field(default_factory=list)
    register: list[Row] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        no_kk = f"357602{self._day(2010, 2020):%d%m%y}{self._serial()}"
        adults = {"stat_kwn": "2", "no_akta_kwn": "AK-1", "tgl_kwn": self.born(20, 5), "jenis_pkrjn": "15"}
        father = self.person("1", self.born(45, 40), no_kk=no_kk, stat_hbkel="1", **adults)
        mother = self.person("2", self.born(42, 80), no_kk=no_kk, stat_hbkel="3", **adults)
        parents = {"nik_ibu": mother["nik"], "nama_lgkp_ibu": mother["nama_lgkp"], "nik_ayah": father["nik"],
                   "nama_lgkp_ayah": father["nama_lgkp"], "no_kk": no_kk, "stat_hbkel": "4"}  # fmt: skip
        child = self.person("2", self.born(14, 90), pddk_akh="4", jenis_pkrjn="3", **parents)
        sibling = self.person("1", self.born(9, 120), pddk_akh="2", jenis_pkrjn="1", **parents)
        self.family = [father, mother, child, sibling]

    @property
    def head(self) -> Row:
        """The father, head of the family."""
        return self.family[0]

    @property
    def wife(self) -> Row:
        """The mother."""
        return self.family[1]

    @property
    def child(self) -> Row:
        """The elder child, a girl of 14."""
        return self.family[2]

    @property
    def sibling(self) -> Row:
        """The younger child, a boy of 9."""
        return self.family[3]

    def put(self, row: Row, **values: object) -> Row:
        """Changes a row; a new birth date is also the received text."""
        row.update(values)
        if "tgl_lhr" in values and "tgl_lhr_raw" not in values:
            row["tgl_lhr_raw"] = row["tgl_lhr"].isoformat() if row["tgl_lhr"] else ""
        return row

    def any(self, **values: object) -> Row:
        """Changes one member, whichever."""
        return self.put(self.rng.choice(self.family), **values)

    def pick(self, *values: Any) -> Any:
        """One of the values."""
        return self.rng.choice(values)

    def born(self, years: int, days: int = 0) -> date:
        """A birthday of somebody who turned ``years`` that many days ago (negative days: will turn)."""
        day = self.as_of - timedelta(days=days)
        try:
            return day.replace(year=day.year - years)
        except ValueError:  # no 29 February that year: the day on the side that was asked for
            return date(day.year - years, 3, 1) if days < 0 else date(day.year - years, 2, 28)

    def nik(self, row: Row, *, region: str = REGION[:6], serial: str = "", born: date | None = None) -> str:
        """A NIK that fits a person: region, DDMMYY (a woman's day + 40), serial 9xxx."""
        day = born or row["tgl_lhr"]
        woman = 40 if row["jenis_klmin"] == "2" else 0
        return f"{region}{day.day + woman:02d}{day:%m%y}{serial or self._serial()}"

    def number(self, day: str, *, region: str = REGION[:6]) -> str:
        """A NIK or NO_KK with the given six date digits."""
        return f"{region}{day}{self._serial()}"

    def copy(self, row: Row, **values: object) -> Row:
        """Another received row, made from one of the family."""
        self.family.append(self.put(dict(row), **values))
        return self.family[-1]

    def person(self, sex: str, born: date, **values: object) -> Row:
        """A clean adult record with a name and NIK of its own."""
        name = f"{self.pick(*(MEN if sex == '1' else WOMEN))} {self.pick(*FAMILY_NAMES)}"
        row: Row = {
            "nama_lgkp": name, "jenis_klmin": sex, "tmpt_lhr": "MOJOKERTO", "tgl_lhr": born, "gol_drh": "13",
            "agama": "1", "pddk_akh": "5", "nama_lgkp_ibu": "SUMIATI", "nama_lgkp_ayah": "MARYONO", "stat_kwn": "1",
            "alamat": "JL MELATI NO 5", "no_rt": "003", "no_rw": "001", "no_prop": "35", "no_kab": "76", "no_kec": "02",
            "no_kel": "1010", "stat_hidup": "1", "flag_status": "0", "tgl_entri": date(2012, 3, 1) if
            born < date(2012, 3, 1) else born + timedelta(days=1), "tgl_ubah": self.as_of - timedelta(days=200),
            "ektp_status": "CARD PRINTED" if born < self.born(18) else "BELUM WAJIB", "tgl_lhr_raw": born.isoformat(),
        }  # fmt: skip
        row["nik"] = self.nik(row)
        row["nik_ktpel"] = row["nik"]
        row["no_akta_lhr"] = f"AL-{row['nik'][6:]}"
        return row | values

    def _serial(self) -> str:
        return f"9{self.rng.randint(1, 999):03d}"

    def _day(self, first: int, last: int) -> date:
        return date(self.rng.randint(first, last), self.rng.randint(1, 12), self.rng.randint(2, 28))
