"""Every row rule against a second implementation, on rows that sit on the rules' edges. One Great Expectations run."""

import random
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from office_kit.oracle import JUDGES, Row

from expectations.columns import DATES, STORED
from expectations.rules import RULES
from tasks.office import Office
from tasks.store import open_store
from tasks.validate import validate

AGENDA, AS_OF, COUNT = "2026-0001", date(2026, 2, 28), 900
KIN = ("1", "2", "3", "4", "9", "12", None)
BIRTHS = [date(1980, 4, 11), date(2000, 2, 29), date(1996, 2, 29), date(2026, 2, 28), date(2026, 3, 1), date(1906, 2,
          28),
          date(1906, 3, 1), date(1905, 2, 28), date(1905, 3, 1), date(1926, 2, 28), date(1926, 3, 1), date(2011, 2, 28),
          date(2011, 3, 1), date(2007, 2, 28), date(2007, 3, 1), date(2009, 2, 28), date(2009, 3, 1), date(2002, 2, 28),
          date(2002, 3, 1), date(2003, 2, 28), date(1955, 7, 1), date(1970, 12, 31), date(1904, 2, 29), None,
          None]  # fmt: skip
NIKS = ["3576021104809001", "3576025104809001", "3576022902009001", "3576026902009001", "3576022902019001",
        "3576022902969001", "3576020001809001", "3576020013809001", "3576023204809001", "3576027204809001",
        "3576024004809001", "3576027104809001", "3576024104809001", "3576020100009001", "3500021104809001",
        "3576001104809001", "0576021104809001", "0500001104809001", "357602110480" + "0000", "357602510480" + "0000",
        "0000000000000000", "357602110480900", "35760211048090011", "357602110480900O", "3576 0211 0480 9001",
        "3,57602E+15", "3.576021E15", "3,57602e+15", "4E+15", "3,57602E+05", "\uff13576021104809001", "0", "-",
        "", " - ",
        "\u00a0", None, "3576021406129001", "00", "\u0661\u0661\u0661"]  # fmt: skip
FAMILIES = ["3576021406129001", "357602140612" + "0000", "3515021406129001", "3576023202129001", "3576022902129001",
            "3576022902139001", "357602140612900", "3576021406129OO1", "0", "-", "", None,
            "3576020000009001"]  # fmt: skip
NAMES = ["SITI AMINAH", "S1TI", "SITI  AMINAH", " SITI", "siti", "SITI\u00a0AMINAH", "SITI\tA", "O", "BI", "B.I",
         "A.B.C",
         "H. DARTO", "HJ SITI", "DRS.DARTO", "HARTONO", "KH DARTO", "K.H. DARTO", "DARTO, SH", "DARTO S.PD",
         "DARTO SPD.",
         "DARTO ST", "BUDI ASH", "SH", "NN", "N.N.", "XXX", "BAYI NY SITI", "BAYI", "BAYINI", "TEST", "TESTI", "???",
         "NO NAME", "TIDAK ADA", "TIDAK ADA NAMA", "ALM DARTO", "ALMARHUM", "", "-", None, "M'ARUF", "MA`RUF", "A/B",
         "A;B",
         "A_B", "A:B", "(ANI)", "É", "ÉLAN", "PROF DR DARTO", "NY. SITI", "TNI DARTO", "A@B", "X",
         "Y\u00a0"]  # fmt: skip
POOLS: dict[str, list[Any]] = {
    "nik": NIKS, "no_kk": FAMILIES, "nama_lgkp": NAMES, "tgl_lhr": BIRTHS,
    "jenis_klmin": ["1", "2", "1", "2", "3", "L", "", None], "agama": ["1", "7", "8", "0", None, "ISLAM"],
    "stat_kwn": ["1", "2", "3", "4", "5", "", None], "stat_hbkel": list(KIN), "pddk_akh": ["1", "10", "11", None],
    "jenis_pkrjn": ["1", "88", "99", "999", "", None], "alamat": ["JL A", "", " ", "-", "\u00a0", None],
    "no_rt": ["001", "0", "000", "", None, "A", "-"], "no_rw": ["001", "0", "000", None, "10"],
    "no_prop": ["35", "35", "35", "12", None], "no_kab": ["76", "76", "15", None],
    "no_kec": ["01", "02", "03", "04", None], "no_kel": ["1003", "1009", "1001", "9999", None],
    "ektp_status": ["CARD PRINTED", "BELUM REKAM", "", " ", "-", None, "DUPLICATE RECORD", "ADJUDICATE RECORD",
                    "adjudicate record", "Duplicate Record"],
    "nama_lgkp_ibu": ["SUMI", "", "-", " ", None], "nama_lgkp_ayah": ["DARTO", "", "-", None],
    "nik_ibu": ["3576025104559001", "", "-", None], "nik_ayah": ["3576021104559001", None, " "],
    "tgl_lhr_raw": ["1980-04-11", "00-00-0000", "0000-00-00", "31-02-1980", "", "-", None, "abc", "00/07/1980",
    "11-04-0000"],
}  # fmt: skip


def generated(count: int) -> list[Row]:
    """Rows with edge values everywhere; a part with all columns of one person agreeing."""
    chance = random.Random(76)  # noqa: S311 (examples, not secrets)
    rows = []
    for at in range(count):
        row: Row = dict.fromkeys(STORED)
        row |= {column: chance.choice(pool) for column, pool in POOLS.items()}
        if at < max(map(len, POOLS.values())):  # every value of every pool occurs
            row |= {column: pool[at % len(pool)] for column, pool in POOLS.items()}
        if at % 3 == 0 and isinstance(row["tgl_lhr"], date):  # NIK and birth date agree
            born, woman = row["tgl_lhr"], row["jenis_klmin"] == "2"
            row["nik"] = f"357602{born.day + 40 * woman:02d}{born:%m%y}9001"
        if isinstance(row["tgl_lhr"], date):
            row["tgl_lhr_raw"] = row["tgl_lhr"].isoformat()
        if at % 7 == 0:
            row["no_kk"] = row["nik"]
        rows.append(row | {"row_id": at + 1, "file_no": 1, "line_no": at + 2})
    return rows


@dataclass
class Judged:
    rows: list[Row]
    found: dict[str, set[int]]

    def wrong(self, code: str) -> dict[str, list[Row]]:
        mine = {int(str(r["row_id"])) for r in self.rows if JUDGES[code](r, AS_OF)}
        by_id = {r["row_id"]: r for r in self.rows}
        rules = self.found.get(code, set())
        return {"hanya aturan": [by_id[i] for i in sorted(rules - mine)[:3]],
                "hanya pembanding": [by_id[i] for i in sorted(mine - rules)[:3]]}  # fmt: skip


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    import polars as pl

    office = Office(tmp_path_factory.mktemp("aturan") / "kantor")
    office.create()
    rows = generated(COUNT)
    types = {name: pl.Date if name in DATES else pl.String for name in STORED} | {"tgl_lhr_raw": pl.String}
    frame = pl.DataFrame(rows, schema_overrides=types, infer_schema_length=None).with_columns(
        pl.lit(AGENDA).alias("agenda")
    )
    with open_store(office) as con:
        con.register("incoming", frame.to_arrow())
        con.execute("insert into extract_rows by name select * from incoming")
        validate(con, AGENDA, AS_OF.isoformat())
        found: dict[str, set[int]] = {}
        for code, row_id in con.execute("select code, row_id from findings").fetchall():
            found.setdefault(code, set()).add(row_id)
        doubled = con.execute("select count(*) - count(distinct (row_id, code)) from findings").fetchone()
        assert doubled == (0,)
    return Judged(rows, found)


ROW_RULES = [rule.code for rule in RULES if not rule.is_household]


def test_every_row_rule_has_a_second_opinion() -> None:
    """If this fails, a rule was added that nobody checks independently."""
    assert sorted(JUDGES) == sorted(ROW_RULES)


@pytest.mark.parametrize("code", ROW_RULES)
def test_two_implementations_agree(judged: Judged, code: str) -> None:
    """If this fails, residents are accused of something that is not so, or an anomaly of this kind is not seen."""
    count = len(judged.found.get(code, ()))
    assert 0 < count < COUNT, "tidak ada contoh yang melanggar, atau tidak ada yang benar"
    wrong = judged.wrong(code)
    keep = ("nik", "no_kk", "nama_lgkp", "tgl_lhr", "tgl_lhr_raw", "jenis_klmin", *next(
        rule.columns for rule in RULES if rule.code == code))  # fmt: skip
    assert not any(wrong.values()), {side: [{k: r[k] for k in keep} for r in rows] for side, rows in wrong.items()}


def test_more_than_two_hundred_failing_rows_are_all_kept(judged: Judged) -> None:
    """If this fails, the 201st resident with an anomaly is forgotten (Great Expectations stops at 200)."""
    many = [code for code in ROW_RULES if sum(JUDGES[code](row, AS_OF) for row in judged.rows) > 250]
    assert len(many) > 5
    assert all(len(judged.found[code]) > 250 for code in many)


def test_household_rules_stay_silent_about_unknown_families(judged: Judged) -> None:
    """If this fails, a family of which the list shows only two members is said to have no head."""
    assert not {rule.code for rule in RULES if rule.is_household} & set(judged.found)


def test_every_nik_that_is_not_sixteen_digits_is_found(judged: Judged) -> None:
    """If this fails, a broken NIK falls between the rules and its row is closed as 'tidak terbukti'."""
    broken = {int(str(r["row_id"])): r["nik"] for r in judged.rows if len(str(r["nik"] or "")) != 16
              or not str(r["nik"]).isdigit()}  # fmt: skip
    seen = set().union(*(judged.found.get(f"ANM-NIK-0{n}", set()) for n in (1, 2, 3, 4)))
    assert not {nik for row_id, nik in broken.items() if row_id not in seen}
