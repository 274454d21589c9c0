"""Books of residents (BIP): who belongs to which family, address and number, and which line is no resident."""

from pathlib import Path

import openpyxl
import polars as pl
import pytest
from office_kit.books import BOOK, COLUMNS, KK1, KK2, NBSP, NUMBERS, Line, family, member, read, values
from office_kit.samples import SAMPLES

from tasks.read.workbook import read_workbook

BIP = SAMPLES / "bip_kranggan_2026.xlsx"


def walk(path: Path) -> tuple[list[tuple[int, str, str, str, str]], int]:
    """The sample read by openpyxl, cell by cell: (line, family, address, NIK, name) of residents, and all rows."""
    sheet = openpyxl.load_workbook(path).worksheets[0]
    residents, number, address = [], "", ""
    for at, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        if row[0] == "No. KK :":
            number, address = str(row[1]), str(row[8])
        elif str(row[0]).isdigit():
            residents.append((at, number, address, str(row[1]), str(row[2])))
    return residents, sheet.max_row


def test_the_sample_loads_all_its_residents() -> None:
    """If this fails, residents of the kelurahan's book are lost, or stand in another family than printed."""
    extract = read_workbook(BIP, BIP.parent)
    expected, rows = walk(BIP)
    assert values(extract, "no_kk", "alamat", "nik", "nama_lgkp") == expected
    assert (len(expected), len({line[1] for line in expected}), rows) == (904, 260, 1699)
    assert (extract.physical, extract.rejects.height, extract.layout.lines["baris KK"]) == (1699, 0, 260)
    extract.check_conservation()
    assert sum(extract.layout.lines.values()) == 1699 - 904


def test_the_sample_is_explained() -> None:
    """If this fails, the receipt does not say which layout, header row and columns were understood."""
    layout = read_workbook(BIP, BIP.parent).layout
    assert (layout.kind, layout.header_line, layout.place) == ("BIP, 260 keluarga", 7, "BIP")
    assert layout.whole_families
    assert layout.mapping["STATUS"] == "stat_kwn"
    assert layout.mapping["No. KK :"] == "no_kk"
    assert layout.mapping["alamat tanpa label pada baris KK"] == "alamat"
    assert layout.ignored == ("NO",)
    assert layout.lines["tanda tangan"] == 2
    assert "judul" in layout.lines


def test_what_stands_above_a_family_goes_to_its_members(tmp_path: Path) -> None:
    """If this fails, a resident is written into another family, or loses address and RT/RW."""
    extract = read(tmp_path, BOOK)
    assert values(extract, "no_kk", "no_rt", "no_rw", "kec_name") == [
        (8, KK1, "003", "006", "KRANGGAN"), (9, KK1, "003", "006", "KRANGGAN"), (13, KK2, "008", "004", "KRANGGAN"),
    ]  # fmt: skip
    assert extract.frame["alamat"].to_list()[0] == "DSN KRAJANANYAR RT 003 RW 006"


def test_values_stay_as_received(tmp_path: Path) -> None:
    """If this fails, what the sender wrote can no longer be shown: cleaning is a later, recorded step."""
    row = read(tmp_path, BOOK).frame.row(0, named=True)
    assert (row["nik"][-1], row["jenis_klmin"], row["stat_kwn"], row["tgl_lhr"]) == (NBSP, "Lk", "K", "21/02/1957")


def test_every_line_of_a_book_has_a_name(tmp_path: Path) -> None:
    """If this fails, lines vanish between the book and the receipt (promise 1)."""
    extract = read(tmp_path, BOOK)
    assert extract.layout.lines == {"kepala buku": 3, "baris kosong": 4, "baris KK": 2, "judul": 1, "judul berulang": 1,
                                    "nomor kolom": 1, "tanda tangan": 3}  # fmt: skip
    assert extract.rejects.is_empty()
    assert extract.physical == len(BOOK)


@pytest.mark.parametrize("stray", [
    ("12", None, None, "Lk", "MOJOKERTO"), (None, "menyusul"), (None, None, None, None, None, "01/01/2000"),
])  # fmt: skip
def test_a_stray_line_is_a_reject_with_its_place(tmp_path: Path, stray: Line) -> None:
    """If this fails, a broken line between the families is dropped without a word."""
    extract = read(tmp_path, [*BOOK[:9], stray, *BOOK[9:]])
    assert extract.rejects.rows() == [(10, "baris tanpa NIK dan nama", " | ".join(str(v) for v in stray if v))]
    assert extract.frame.height == 3


def test_a_member_without_nik_or_with_few_cells_stays(tmp_path: Path) -> None:
    """If this fails, a newborn without NIK is taken for layout, though the rules must see the missing NIK."""
    lone = (*member(3, "DEWI UJI", nik="")[:9], "RT : 003")
    extract = read(tmp_path, [*BOOK[:9], member(3, "EKO UJI", nik=""), lone, *BOOK[9:]])
    assert values(extract, "nik", "no_kk")[2:4] == [(10, None, KK1), (11, None, KK1)]


def test_a_family_without_number_or_address_takes_none_from_the_one_before(tmp_path: Path) -> None:
    """If this fails, a family whose KK number was left out joins the family printed above it."""
    lines = [*BOOK[:10], family(None, "CITRA UJI", None), *BOOK[11:]]
    extract = read(tmp_path, lines)
    assert values(extract, "no_kk", "alamat", "no_rt")[2] == (13, None, None, None)
    assert extract.layout.kind == "BIP, 2 keluarga"


def test_a_page_heading_does_not_end_a_family(tmp_path: Path) -> None:
    """If this fails, members printed on the next page lose their family."""
    page: list[Line] = [("KECAMATAN :", None, "MAGERSARI"), ("Halaman 2 dari 9",), COLUMNS, NUMBERS]
    extract = read(tmp_path, [*BOOK[:8], *page, *BOOK[8:]])
    assert values(extract, "no_kk", "kec_name")[:2] == [(8, KK1, "KRANGGAN"), (13, KK1, "MAGERSARI")]
    assert extract.layout.lines["nomor halaman"] == 1


def test_a_family_without_members_gives_its_number_to_nobody(tmp_path: Path) -> None:
    """If this fails, the next family's members are written under an empty family's number."""
    empty = family("3576030102109999", "KOSONG UJI", "JL KOSONG RT 001 RW 001")
    extract = read(tmp_path, [*BOOK[:10], empty, (), *BOOK[10:]])
    assert values(extract, "no_kk", "no_rt")[2] == (15, KK2, "008")
    assert extract.layout.kind == "BIP, 3 keluarga"


def test_totals_and_notes_are_layout(tmp_path: Path) -> None:
    """If this fails, "JUMLAH : 3" becomes a resident."""
    extract = read(
        tmp_path, [*BOOK[:14], ("JUMLAH", "3 jiwa"), ("Keterangan:",), ("1. Data per semester",), *BOOK[14:]]
    )
    assert (extract.layout.lines["baris jumlah"], extract.layout.lines["keterangan"]) == (1, 2)
    assert extract.frame.height == 3


def test_the_sample_has_only_known_lines() -> None:
    """If this fails, the sample's frame has rows without a family number, name or birth date."""
    frame = read_workbook(BIP, BIP.parent).frame
    assert frame.select(pl.col("no_kk", "nama_lgkp", "tgl_lhr", "nik").null_count()).row(0) == (0, 0, 0, 0)


def label_in_nik_column(number: str | None, head: str, address: str) -> Line:
    return (None, "No. KK :", number, "Nama Kepala Keluarga :", None, head, None, None, address)


def test_a_member_below_a_label_in_the_column_of_niks_is_no_family(tmp_path: Path) -> None:
    """If this fails, a member without a name vanishes, and the NIK becomes the family number of the others."""
    lines = [
        *BOOK[:4], label_in_nik_column(KK1, "ADI UJI", "JL A RT 001 RW 002"), COLUMNS, member(1, "ADI UJI"), (),
        label_in_nik_column(None, "CITRA UJI", "JL C RT 005 RW 006"), member(2, ""), member(3, "DEWI UJI"),
    ]  # fmt: skip
    extract = read(tmp_path, lines)
    assert values(extract, "no_kk", "nama_lgkp", "no_rt") == [
        (7, KK1, "ADI UJI", "001"), (10, None, None, "005"), (11, None, "DEWI UJI", "005"),
    ]  # fmt: skip
    assert extract.layout.kind == "BIP, 2 keluarga"


@pytest.mark.parametrize("first", [(), ("1", "3576032102579011", None, "Lk", "MOJOKERTO", "21/02/1957")])
def test_values_below_labels_in_the_column_of_niks(tmp_path: Path, first: Line) -> None:
    """If this fails, a book whose labels stand above the NIKs gives a resident's NIK to others as family number."""
    labels = (None, "NO.KK", None, "NAMA.KK", None, None, "ALAMAT")
    lines = [
        *BOOK[:4], labels, (None, KK1, None, "ADI UJI", None, None, "DSN A RT:001"), COLUMNS, member(1, "ADI UJI"),
        labels, first, member(2, "BUDI UJI"),
    ]  # fmt: skip
    extract = read(tmp_path, lines)
    assert [number for number in extract.frame["no_kk"].unique() if number] == [KK1]
    assert extract.frame.height == (3 if first else 2)


def test_a_family_line_below_labels_without_number(tmp_path: Path) -> None:
    """If this fails, a family whose number was left out below its label joins the family printed above it."""
    labels = (None, "NO.KK", None, "NAMA.KK", None, None, "ALAMAT")
    lines = [
        *BOOK[:4], labels, (None, KK1, None, "ADI UJI", None, None, "DSN A RT:001"), COLUMNS, member(1, "ADI UJI"),
        labels, (None, None, None, "BUDI UJI", None, None, "DSN B RT:002"), COLUMNS, member(2, "BUDI UJI"),
    ]  # fmt: skip
    assert values(read(tmp_path, lines), "no_kk", "no_rt") == [(8, KK1, "001"), (12, None, "002")]


OFFICE = ("ALAMAT :", None, "KANTOR UJI JL RAYA 1 RT 009 RW 009")


@pytest.mark.parametrize("office", [
    [OFFICE, family(KK2, "CITRA UJI", "JL UJI NO 1")],
    [OFFICE, family(KK2, "CITRA UJI", None)],
    [family(KK2, "CITRA UJI", None), BOOK[0], OFFICE],
    [family(KK2, "CITRA UJI", None), BOOK[2], OFFICE],
])  # fmt: skip
def test_the_address_of_the_office_is_no_familys(tmp_path: Path, office: list[Line]) -> None:
    """If this fails, a family is written to the address and RT/RW of the office named in the page's heading."""
    extract = read(tmp_path, [*BOOK[:10], *office, *BOOK[11:]])
    row = extract.frame.row(-1, named=True)
    assert (row["no_kk"], row["no_rt"], row["no_rw"]) == (KK2, None, None)
    assert row["alamat"] in (None, "JL UJI NO 1")


def test_lines_of_labels_below_the_family_number_count(tmp_path: Path) -> None:
    """If this fails, a family loses the address printed in the lines below its number, empty ones among them."""
    labels: list[Line] = [("NAMA. KK :", None, None, "KABUPATEN :", "MOJOKERTO"), ("ALAMAT :", "JL UJI"),
                          ("RT/RW :", "003/004")]  # fmt: skip
    extract = read(tmp_path, [*BOOK[:10], ("No. KK :", KK2), *labels, *BOOK[11:]])
    row = extract.frame.row(-1, named=True)
    assert (row["no_kk"], row["alamat"], row["no_rt"], row["no_rw"]) == (KK2, "JL UJI", "003", "004")


@pytest.mark.parametrize(("number", "address", "kept"), [
    (None, "DSN X RT 003 RW 004", (None, "DSN X RT 003 RW 004")), ("belum ada", "JL C", (None, "JL C")),
    ("3576 0301 0216 9163", "JL C", ("3576 0301 0216 9163", "JL C")),
    ("357603O102169163", "JL C", ("357603O102169163", "JL C")),
])  # fmt: skip
def test_words_are_no_family_number(
    tmp_path: Path, number: str | None, address: str, kept: tuple[str | None, str]
) -> None:
    """If this fails, an address becomes a family number, or a number with a typing mistake is lost."""
    extract = read(tmp_path, [*BOOK[:10], ("No. KK :", number, *[None] * 6, address), *BOOK[11:]])
    assert extract.frame.select("no_kk", "alamat").row(-1) == kept


@pytest.mark.parametrize("head", [
    ("Kepala Keluarga", "3576032102579001", "ADI UJI"), ("NAMA KEP. KELUARGA", "3576032102579001", "ADI UJI"),
    ("RT/RW :", "003/004"), ("Alamat", "JL UJI NO 12345", "KRANGGAN"), ("Kodepos", "61321"),
])  # fmt: skip
def test_a_line_of_labels_is_no_member(tmp_path: Path, head: Line) -> None:
    """If this fails, the head of a family, printed above it with NIK and name, or a line of labels is a resident."""
    extract = read(tmp_path, [*BOOK[:5], head, *BOOK[5:]])
    assert extract.frame["line_no"].to_list() == [9, 10, 14]
    assert extract.layout.lines["kepala buku"] == 4
