"""Books of residents (BIP): families under banners, as offices and OpenSID's formats print them."""

from pathlib import Path

import openpyxl
import polars as pl
import pytest
import xlwt
from office_kit.files import settle, write_xlsx
from office_kit.samples import SAMPLES

from tasks.errors import Exit, UserError
from tasks.read import Extract
from tasks.read.workbook import read_workbook

BIP = SAMPLES / "bip_kranggan_2026.xlsx"
COLUMNS = ("NO", "NIK", "NAMA", "JK", "TMPT LHR", "TGL LHR", "G.DRH", "AGAMA", "STATUS", "SHDK", "PENDIDIKAN",
           "PEKERJAAN", "NAMA IBU", "NAMA AYAH")  # fmt: skip
NUMBERS = tuple(f"({n})" for n in range(1, 15))
KK1, KK2 = "3576030101169163", "3576030102109892"
NBSP = "\u00a0"
Line = tuple[object, ...]


def member(number: int, name: str, nik: str | None = None) -> Line:
    nik = f"357603210257{9000 + number}" if nik is None else nik
    return (str(number), nik + NBSP if nik else None, name, "Lk", "MOJOKERTO", "21/02/1957", "-", "ISLAM", "K", "ANAK",
            "SLTA/SEDERAJAT", "WIRASWASTA", "WATI UJI", "RYANTO UJI")  # fmt: skip


def family(number: str | None, head: str, address: str | None) -> Line:
    return ("No. KK :", number, None, "Nama Kepala Keluarga :", None, head, None, None, address)


BOOK: list[Line] = [
    (None, None, None, "BUKU INDUK PENDUDUK WNI"), ("PROVINSI :", None, "JAWA TIMUR"),
    ("KECAMATAN :", None, "KRANGGAN"), (),
    family(KK1, "ADI UJI", "DSN KRAJANANYAR RT 003 RW 006"), COLUMNS, NUMBERS,
    member(1, "ADI UJI"),
    member(2, "BUDI UJI"), (), family(KK2, "CITRA UJI", "JL UJI NO 1 RT 008 RW 004"), COLUMNS, member(1, "CITRA UJI"),
    (), (*[None] * 9, "Mojokerto, 02 Oktober 2026"), (*[None] * 9, "KEPALA DINAS KEPENDUDUKAN"), (),
    (*[None] * 9, "NAMA UJI"),
]  # fmt: skip


def read(folder: Path, lines: list[Line], name: str = "bip.xlsx") -> Extract:
    extract = read_workbook(write_xlsx(folder / name, lines), folder)
    extract.check_conservation()
    return extract


def values(extract: Extract, *columns: str) -> list[tuple[object, ...]]:
    return extract.frame.select("line_no", *columns).rows()


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


TWO_ROWS: list[Line] = [
    ("BUKU INDUK PENDUDUK WNI",), (), ("KECAMATAN", ":", f"{NBSP}KRANGGAN", "DESA/KELURAHAN", ":", "MERI"),
    ("No", "Nama Lengkap", "NIK", "LAHIR", None, "JK", "SHDK", "Agama", "PENDIDIKAN", "Pekerjaan", "KELUARGA", None),
    (None, None, None, "Tempat", "Tgl/Bln/Th", None, None, None, "Terakhir", None, "Ibu", "Ayah"),
    tuple(f"({n})" for n in range(1, 13)),
    (f"No. KK : {KK1} {NBSP}", None, "Alamat : MERI, Nama Dusun : -, RT/RW : 005/"),
    ("1", "ADI UJI", "3576032102579001", "KEDIRI", "21-02-1957", "Lk", "ANAK", "ISLAM", "STRATA-II", "GURU", "WATI",
     "RYAN"),
]  # fmt: skip


def test_two_header_rows_are_read_together(tmp_path: Path) -> None:
    """If this fails, OpenSID's format of 2016 is refused, or birth place and date are mixed up."""
    extract = read(tmp_path, TWO_ROWS)
    columns = ("nama_lgkp", "tmpt_lhr", "tgl_lhr", "pddk_akh", "nama_lgkp_ibu", "nama_lgkp_ayah")
    assert values(extract, *columns) == [(8, "ADI UJI", "KEDIRI", "21-02-1957", "STRATA-II", "WATI", "RYAN")]
    assert values(extract, "kec_name", "kel_name", "no_rt", "no_rw") == [(8, "KRANGGAN", "MERI", "005", None)]
    assert extract.frame["no_kk"][0].strip() == KK1
    assert extract.layout.kind == "BIP, 1 keluarga, judul dua baris (4-5)"
    assert extract.layout.mapping["LAHIR / Tempat"] == "tmpt_lhr"
    assert extract.layout.mapping["KELUARGA / Ibu"] == "nama_lgkp_ibu"
    assert extract.layout.lines["judul"] == 2


def test_labels_in_two_columns(tmp_path: Path) -> None:
    """If this fails, the print of Luwu Timur (labels left and right, signatures under each family) is misread."""
    lines: list[Line] = []
    for number, rt in ((KK1, "001/002"), (KK2, "003/004")):
        lines += [
            ("BUKU INDUK KEPENDUDUKAN (DAFTAR  KELUARGA)",), (),
            (None, "PROVINSI :", "JAWA TIMUR", *[None] * 6, "NO. KK :", number),
            (None, "KABUPATEN :", "MOJOKERTO", *[None] * 6, "NAMA. KK :", "ADI UJI"),
            (None, "KECAMATAN :", "KRANGGAN", *[None] * 6, "ALAMAT :", "DSN. UJI,Kodepos :61321,Telp :,-"),
            (None, "DESA :", "MERI", *[None] * 6, "NO.RT/RW :", rt), (), COLUMNS, member(1, "ADI UJI"), (),
            ("Mengetahui,", *[None] * 4, "Petugas Lapangan,", *[None] * 6, "Kepala Keluarga,"), ("Kepala Desa/Lurah",),
            ("NIP.",), ("Ket.",), ("1. Apabila terdapat kesalahan data, harap dibetulkan",), (),
        ]  # fmt: skip
    extract = read(tmp_path, lines)
    assert values(extract, "no_kk", "no_rt", "no_rw", "kel_name") == [
        (9, KK1, "001", "002", "MERI"), (25, KK2, "003", "004", "MERI"),
    ]  # fmt: skip
    assert extract.frame["alamat"][0] == "DSN. UJI,Kodepos :61321,Telp :,-"
    assert extract.rejects.is_empty()


def test_values_below_their_labels(tmp_path: Path) -> None:
    """If this fails, the print of 2012 (a line of labels, the values under it) gives families no number."""
    labels = (None, "NO.KK", None, "NAMA.KK", None, None, "ALAMAT")
    header = (None, *COLUMNS)
    lines: list[Line] = [("DESA :", *[None] * 7, "MERI")]
    for number in (KK1, KK2):
        lines += [labels, (None, number, None, "ADI UJI", None, None, "DUSUN UJI, RT:001, RW:002, Kodepos:61321,-"),
                  header, (None, *member(1, "ADI UJI"))]  # fmt: skip
    extract = read(tmp_path, lines)
    assert values(extract, "no_kk", "no_rt", "no_rw", "kel_name") == [
        (5, KK1, "001", "002", "MERI"), (9, KK2, "001", "002", "MERI"),
    ]  # fmt: skip
    assert extract.layout.kind == "BIP, 2 keluarga"


def test_labels_once_a_page_and_numbers_in_the_first_column(tmp_path: Path) -> None:
    """If this fails, the print with KTP-el columns gives only the first family of each page a number."""
    header = ("NO", "Nama Lengkap", "NIK", "Tempat dan Tanggal Lahir", None, "JK", "Wjb KTP", "KTP-eL", "Stat Rkm")
    person = ("1", "ADI UJI", "3576032102579001", "KEDIRI", "21-02-1957", "Lk", "WAJIB", "KTP-eL", "CARD PRINTED")
    extract = read(tmp_path, [
        header, (None, None, None, "Tempat Lahir", "Tgl/Bln/Th"), tuple(range(-1, -10, -1)),
        ("No. KK :", None, "Nama Kepala Keluarga :", None, "No. Blangko KK :", None, None, "Alamat :"),
        (KK1, None, "ADI UJI", *[None] * 4, "DESA UJI RT/RW : 002/000 DUSUN : -"), person, person,
        (KK2, None, "BUDI UJI", *[None] * 4, "DESA UJI RT/RW : 003/001 DUSUN : -"), person,
    ])  # fmt: skip
    assert values(extract, "no_kk", "no_rt", "no_rw", "ektp_status") == [
        (6, KK1, "002", "000", "CARD PRINTED"), (7, KK1, "002", "000", "CARD PRINTED"),
        (9, KK2, "003", "001", "CARD PRINTED"),
    ]  # fmt: skip
    assert "KTP-eL" in extract.layout.ignored


def test_the_same_book_as_xls(tmp_path: Path) -> None:
    """If this fails, an office that still saves XLS gets other residents from the same book."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("BIP")
    for at, line in enumerate(BOOK):
        for column, value in enumerate(line):
            if value is not None:
                sheet.write(at, column, value)
    book.save(str(tmp_path / "bip.xls"))
    old = read_workbook(settle(tmp_path / "bip.xls"), tmp_path)
    assert old.frame.equals(read(tmp_path, BOOK).frame)
    assert old.layout.lines == read(tmp_path, BOOK).layout.lines


@pytest.mark.parametrize("at", [4, 7])
def test_numeric_family_numbers_and_niks_are_sent_back(tmp_path: Path, at: int) -> None:
    """If this fails, numbers that Excel rounded are taken as true in a BIP (BRK-04)."""
    lines = [list(line) for line in BOOK]
    lines[at][1] = int(str(lines[at][1]).strip(NBSP))
    with pytest.raises(UserError) as caught:
        read(tmp_path, [tuple(line) for line in lines])
    assert caught.value.exit_code is Exit.FILE
    assert f"B{at + 1}" in str(caught.value)
    assert "sebagai teks" in str(caught.value)


def test_numeric_column_numbers_and_counts_do_no_harm(tmp_path: Path) -> None:
    """If this fails, a book whose "(2)" Excel turned into -2 is sent back as if its NIKs were numbers."""
    lines = [*BOOK[:6], tuple(range(-1, -15, -1)), *BOOK[7:]]
    lines[7] = (1, *lines[7][1:])
    assert read(tmp_path, lines).frame.height == 3


def test_a_header_that_moves_is_refused(tmp_path: Path) -> None:
    """If this fails, members below the second header are read from the wrong columns."""
    moved = ("NO", "NAMA", "NIK", *COLUMNS[3:])
    with pytest.raises(UserError, match="judul berulang pada baris 12"):
        read(tmp_path, [*BOOK[:11], moved, *BOOK[12:]])


def test_unknown_columns_of_a_book_are_named(tmp_path: Path) -> None:
    """If this fails, a column nobody knows is guessed or dropped in silence."""
    lines = [*BOOK[:5], (*COLUMNS[:3], "HOBI", *COLUMNS[4:]), *BOOK[6:11], *BOOK[12:]]
    with pytest.raises(UserError, match="'HOBI'") as caught:
        read(tmp_path, lines)
    assert caught.value.exit_code is Exit.COLUMNS


def test_values_without_header_are_told(tmp_path: Path) -> None:
    """If this fails, cells in a column without header vanish and nobody is told."""
    lines = [*BOOK[:7], (*BOOK[7], "catatan tepi"), *BOOK[8:]]
    assert "kolom 15 (tanpa judul)" in read(tmp_path, lines).layout.ignored


def test_a_flat_table_under_a_banner(tmp_path: Path) -> None:
    """If this fails, the kecamatan named above a flat table is lost, or the table is taken for a BIP."""
    header = ("NIK", "NO_KK", "NAMA_LGKP", "JENIS_KLMIN", "TGL_LHR", "ALAMAT")
    row = ("3576026110629001", KK1, "ADI UJI", "1", "1962-10-21", "DSN UJI RT 003 RW 006")
    lines: list[Line] = [("DATA ANOMALI",), ("KECAMATAN : KRANGGAN",), (), header, row, (None, None, "JUMLAH", "1")]
    extract = read(tmp_path, lines)
    assert values(extract, "kec_name", "no_rt", "no_rw") == [(5, "KRANGGAN", "003", "006")]
    assert extract.layout.kind == "buku kerja datar"
    assert not extract.layout.whole_families
    assert extract.layout.lines == {
        "di atas judul": 1,
        "kepala buku": 1,
        "baris kosong": 1,
        "judul": 1,
        "baris jumlah": 1,
    }


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


def test_heads_stay_members_where_shdk_comes_first(tmp_path: Path) -> None:
    """If this fails, books that print SHDK left of the NIK lose every head of a family."""
    columns = ("NO", "SHDK", "NIK", "NAMA", "JK", "TGL LHR")
    head = ("1", "KEPALA KELUARGA", "3576032102579001", "ADI UJI", "L", "21/02/1957")
    extract = read(tmp_path, [*BOOK[:4], family(KK1, "ADI UJI", "JL A"), columns, head])
    assert values(extract, "no_kk", "stat_hbkel") == [(7, KK1, "KEPALA KELUARGA")]


def test_a_header_of_two_rows_may_be_repeated(tmp_path: Path) -> None:
    """If this fails, a book that prints its two header rows above each family is sent back."""
    again = [*TWO_ROWS[3:5], TWO_ROWS[6], ("2", "BUDI UJI", "3576032102579002", *TWO_ROWS[7][3:])]
    extract = read(tmp_path, [*TWO_ROWS, *again])
    assert values(extract, "nama_lgkp", "nama_lgkp_ibu") == [(8, "ADI UJI", "WATI"), (12, "BUDI UJI", "WATI")]
    assert extract.layout.lines["judul berulang"] == 2
