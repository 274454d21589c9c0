"""Books of residents (BIP) in other prints: the headers, labels and columns understood, and what is sent back."""

from pathlib import Path

import pytest
import xlwt
from office_kit.books import BOOK, COLUMNS, KK1, KK2, NBSP, Line, family, member, read, values
from office_kit.files import settle

from tasks.errors import Exit, UserError
from tasks.read.workbook import read_workbook

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
