"""The data contract: headers, codes and labels as offices write them."""

import csv
from pathlib import Path

import polars as pl
import pytest
from office_kit.memory import contract
from office_kit.residents import resident
from office_kit.samples import BASELINE, EXTRACTS

from expectations.codes import CITY, CODED, SHORT, code_of_label, labels, regions, squeeze
from expectations.columns import (
    BY_NAME,
    COLUMNS,
    DATES,
    EXACT,
    IDENTIFIERS,
    REQUIRED,
    STORED,
    canonical_name,
    normalise_header,
)
from tasks.normalise import normalise

ALIASES = [(alias, column.name) for column in COLUMNS for alias in (column.name, column.name.upper(), *column.aliases)]


@pytest.mark.parametrize(("header", "name"), ALIASES)
def test_every_alias_means_its_column(header: str, name: str) -> None:
    """If this fails, a column of an export that we promised to know is refused, or read as another."""
    assert canonical_name(header) == name
    assert canonical_name(f"  {header}\t") == name


def test_no_alias_belongs_to_two_columns() -> None:
    """If this fails, which column a header means depends on the order in our table."""
    spelled = [alias for column in COLUMNS for alias in (column.name, *dict.fromkeys(column.aliases))]
    assert len(EXACT) == len(set(spelled))
    assert {a for a in spelled if spelled.count(a) > 1} <= {column.name for column in COLUMNS}


@pytest.mark.parametrize(("header", "name"), [
    ("No. KK :", "no_kk"), ("no_kk", "no_kk"), ("NOMOR  KK", "no_kk"), ("Status", "status_dasar"), ("STATUS",
    "stat_kwn"),
    ("status kawin", "stat_kwn"), ("NIK.", "nik"), ("Tempat_Lahir", "tmpt_lhr"), ("", None), ("(1)", None), ("Hobi",
    None),
    ("NIK2", None), ("\u0661", None),
])  # fmt: skip
def test_spellings_of_headers(header: str, name: str | None) -> None:
    """If this fails, a dot or a space sends a file back; or an unknown column is taken for a known one."""
    assert canonical_name(header) == name


def test_headers_of_the_samples() -> None:
    """If this fails, the layouts that the office receives today are not understood."""
    import openpyxl

    for path, delimiter in ((BASELINE, ","), (EXTRACTS[0], ";")):
        with path.open(encoding="utf-8") as file:
            headers = next(csv.reader(file, delimiter=delimiter))
        assert [canonical_name(header) for header in headers] == [header.lower() for header in headers]
    book = openpyxl.load_workbook(EXTRACTS[1], read_only=True)
    headers = [str(cell.value) for cell in next(book.worksheets[0].iter_rows(max_row=1))]
    book.close()
    found = [canonical_name(header) for header in headers]
    assert None not in found
    assert len(set(found)) == len(found) == 37
    assert found[headers.index("Status")] == "status_dasar"


def test_the_contract_is_consistent() -> None:
    """If this fails, a required or identifying column is not stored, or a protected one is."""
    assert {*REQUIRED, *IDENTIFIERS, *DATES, *CODED} <= set(STORED)
    assert not [c.name for c in COLUMNS if c.privacy == "spesifik" and c.stored]
    assert len(BY_NAME) == len(COLUMNS)
    assert all(c.label for c in COLUMNS)
    assert normalise_header("No. KK :") == "NOKK"


@pytest.mark.parametrize("column", CODED)
def test_every_label_means_its_code(column: str) -> None:
    """If this fails, KRISTEN is stored as KATHOLIK, or a label of the SIAK tables is unknown."""
    table = labels(column)
    assert table
    assert {code: table[code_of_label(column)[squeeze(label)]] for code, label in table.items()} == table
    for short, code in SHORT.get(column, {}).items():
        assert code in table
        assert code_of_label(column)[short] == code


@pytest.mark.parametrize(("column", "text", "code"), [
    ("JENIS_KLMIN", "LAKI-LAKI", "1"), ("JENIS_KLMIN", "Laki - laki", "1"), ("JENIS_KLMIN", "Pr", "2"), ("JENIS_KLMIN",
    "02", "2"),
    ("JENIS_KLMIN", "X", "X"), ("STAT_KWN", "BELUM KAWIN", "1"), ("STAT_KWN", "CM", "4"), ("AGAMA", "islam", "1"),
    ("AGAMA", "ISLAMI", "ISLAMI"), ("GOL_DRH", "A+", "5"), ("GOL_DRH", "TIDAK TAHU", "13"), ("STAT_HBKEL", " 1 ", "1"),
    ("STAT_HBKEL", "00", "00"), ("PDDK_AKH", "TAMAT SD/SEDERAJAT", "3"), ("GOL_DRH", "O\u2212", "12"), ("GOL_DRH",
    "A\u2013", "6"), ("GOL_DRH", "\u2014", "13"), ("JENIS_KLMIN", "LAKI\u2010LAKI", "1"), ("AGAMA", "ISLAM?", "ISLAM?"),
    ("AGAMA", "\u00a0ISLAM\u200b", "1"), ("AGAMA", "IS\ufffdLAM", "IS\ufffdLAM"), ("AGAMA", "\u0661", "\u0661"),
])  # fmt: skip
def test_labels_become_codes_and_the_unknown_stays(column: str, text: str, code: str) -> None:
    """If this fails, a label is stored as another code, or an unknown one is hidden from the rules."""
    assert normalise(contract([resident(1, **{column: text})]))[column.lower()][0] == code


@pytest.mark.parametrize(("text", "date"), [
    ("1980-04-11", "1980-04-11"), ("11-04-1980", "1980-04-11"), ("11/04/1980", "1980-04-11"),
    ("11.04.1980", "1980-04-11"), ("1/4/1980", "1980-04-01"), ("1-4-1980", "1980-04-01"), ("1.4.1980", "1980-04-01"),
    ("31/12/1999", "1999-12-31"), ("1980-04-11 00:00:00", "1980-04-11"), ("1980-04-11T07:30:00.000", "1980-04-11"),
    ("11/04/1980 0:00", "1980-04-11"), (" '1980-04-11\u00a0", "1980-04-11"), ("29-02-2000", "2000-02-29"),
    ("29356", "1980-05-15"), ("29356.0", "1980-05-15"), ("36585", "2000-02-29"), ("10000", "1927-05-18"),
    ("80000", "2119-01-11"), ("80001", None), ("99999", None), ("2935", None), ("293560", None), ("29356.5", None),
    ("02935", None), ("-29356", None), ("29-02-1900", None), ("31-04-1980", None), ("00-00-0000", None),
    ("0000-00-00", None), ("04/13/1980", None), ("11-04/1980", None), ("11 April 1980", None), ("1980", None),
    ("19800411", None), ("11/04/19800", None), ("", None),
    ("\u0661\u0661-04-1980", None), ("\uff11\uff19\uff18\uff10-04-11", None), ("2935\u0666", None),
    ("1980-04-1\u0661", None),
])  # fmt: skip
def test_dates_are_read_or_left_to_the_rules(text: str, date: str | None) -> None:
    """If this fails, a resident gets a birthday that nobody wrote."""
    row = (
        normalise(contract([resident(1, TGL_LHR=text)])).select(pl.col("tgl_lhr").cast(pl.String), "tgl_lhr_raw").row(0)
    )
    assert row == (date, text)


@pytest.mark.parametrize("text", ["11-04-80", "11/04/12", "11.04.12", "80-04-11", "1-4-80"])
def test_years_of_two_digits_are_not_believed(text: str) -> None:
    """If this fails, a birth year 80 becomes the year 80 or 1980 by guessing, and nobody is asked (BRK-07)."""
    assert normalise(contract([resident(1, TGL_LHR=text)]))["tgl_lhr"][0] is None


@pytest.mark.parametrize("name", DATES)
def test_every_date_column_is_read_alike(name: str) -> None:
    """If this fails, a marriage date is read where a birth date is not."""
    texts = pl.Series(["31/1/2001", "36922", "2001-01-31", "1/31/2001", None])
    frame = contract([resident(n) for n in range(5)]).with_columns(texts.alias(name))
    assert normalise(frame)[name].cast(pl.String).to_list() == ["2001-01-31"] * 3 + [None] * 2


def test_region_codes_keep_their_zeros() -> None:
    """If this fails, 3576 02 1009 written as 35 76 2 1009 is an unknown place."""
    row = normalise(contract([resident(1, NO_KEC="2", NO_KEL="'1009")]))
    assert row.select("no_prop", "no_kab", "no_kec", "no_kel").row(0) == ("35", "76", "02", "1009")


NAMES = {
    ("MAGERSARI", "WATES"): "3576021010", ("Prajurit Kulon", "blooto"): "3576011008", ("KRANGGAN",
    "MERI"): "3576031003",
    ("MAGERSARI", "TIDAK ADA"): "357602", ("MAGERSARI", None): "357602", ("GUBENG", "AIRLANGGA"): "357808",
    ("NEGERI ANTAH", "X"): "0000", (None, "WATES"): "",
}  # fmt: skip


@pytest.mark.parametrize("names", NAMES)
def test_places_by_name(names: tuple[str | None, str | None]) -> None:
    """If this fails, a resident of the city is referred to another regency, or the other way round."""
    frame = contract([resident(1, NO_PROP=None, NO_KAB=None, NO_KEC=None, NO_KEL=None)])
    frame = frame.with_columns(kec_name=pl.lit(names[0], pl.String), kel_name=pl.lit(names[1], pl.String))
    row = normalise(frame).select("no_prop", "no_kab", "no_kec", "no_kel").row(0)
    assert "".join(part or "" for part in row) == NAMES[names]


@pytest.mark.parametrize(("province", "regency", "district", "village", "code"), [
    ("JAWA TENGAH", "TEMANGGUNG", "KRANGGAN", "KRANGGAN", "332313"), (None, "TEMANGGUNG", "KRANGGAN", "MERI", "332313"),
    ("JAWA TENGAH", None, "KRANGGAN", "MERI", "332313"), ("JAWA TIMUR", "KOTA MOJOKERTO", "KRANGGAN", "MERI",
    "3576031003"),
    (None, "Kota. Mojokerto", "KRANGGAN", "MERI", "3576031003"), (None, "MOJOKERTO", "KRANGGAN", "MERI", "3576031003"),
    ("JAWA TIMUR", "KABUPATEN MOJOKERTO", "KRANGGAN", "MERI", "3516"),
    (None, "KAB. MOJOKERTO", "SOOKO", None, "351613"),
    (None, "KAB. SIDOARJO", "MAGERSARI", "WATES", "0000"), (None, "KAB. SIDOARJO", None, None, "0000"),
    (None, "KOTA MOJOKERTO", None, None, "3576"), (None, "3576", "KRANGGAN", "MERI", "3576031003"),
    ("JAWA TIMUR", "SIDOARJO", "KRANGGAN", "MERI", "0000"),
])  # fmt: skip
def test_a_regency_by_name_is_believed(
    province: str | None, regency: str | None, district: str | None, village: str | None, code: str
) -> None:
    """If this fails, people of Kranggan in Temanggung become residents of Kranggan in the city, and are written."""
    frame = contract([resident(1, NO_PROP=None, NO_KAB=None, NO_KEC=None, NO_KEL=None)])
    frame = frame.with_columns(
        prop_name=pl.lit(province, pl.String), kab_name=pl.lit(regency, pl.String),
        kec_name=pl.lit(district, pl.String), kel_name=pl.lit(village, pl.String),
    )  # fmt: skip
    row = normalise(frame).select("no_prop", "no_kab", "no_kec", "no_kel").row(0)
    assert "".join(part or "" for part in row) == code


def test_the_city_is_in_the_reference_tables() -> None:
    """If this fails, every kelurahan of the city is unknown (Kranggan was split off in 2016)."""
    home = [code for code in regions("kecamatan") if code.startswith(CITY)]
    assert home == ["357601", "357602", "357603"]
    assert len(regions("kelurahan")) == 18
    assert {code[:6] for code in regions("kelurahan")} == set(home)


@pytest.mark.parametrize(("status", "alive"), [
    ("HIDUP", ("1", "0")), ("MATI", ("2", None)), ("Meninggal", ("2", None)), ("WAFAT", ("2", None)),
    (" meninggal  dunia\u00a0", ("2", None)), ("PINDAH", (None, "2")), ("PINDAH_KELUAR", (None, "2")),
    ("Hilang", (None, "2")), ("PERGI", (None, "2")), ("TIDAK VALID", (None, "2")), ("LAIN", (None, None)),
    (None, (None, None)),
])  # fmt: skip
def test_life_from_the_flat_export(status: str | None, alive: tuple[str | None, str | None]) -> None:
    """If this fails, a deceased or removed head still leads the family, or a living one does not."""
    frame = contract([resident(1, STAT_HIDUP=None, FLAG_STATUS=None)]).with_columns(
        status_dasar=pl.lit(status, pl.String)
    )
    assert normalise(frame).select("stat_hidup", "flag_status").row(0) == alive


def test_headers_of_all_known_sources() -> None:
    """If this fails, a spelling that some office's export uses sends its file back, or fills another column."""
    path = Path(__file__).parents[1] / "golden" / "column_aliases.csv"
    with path.open(encoding="utf-8", newline="") as file:
        known = [(row["alias"], row["canonical"].lower()) for row in csv.DictReader(file)]
    assert len(known) == 147
    assert not [(alias, name, canonical_name(alias)) for alias, name in known if canonical_name(alias) != name]
