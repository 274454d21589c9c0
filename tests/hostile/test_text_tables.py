"""Delimited files that hold more than one plain table: other headers, titles of labels, BIP prints, damaged letters."""

import csv
from pathlib import Path

import openpyxl
import pytest
from office_kit.files import write
from office_kit.samples import EXTRACTS

from tasks.errors import Exit, UserError
from tasks.normalise import normalise
from tasks.read import Extract, read_extract

HEADER = "NIK;NO_KK;NAMA_LGKP;JENIS_KLMIN;TGL_LHR"
ANI, BUDI = "3576026110629001;3576021406129001;ANI;2;1962-10-21", "3576020102709002;3576021406129002;BUDI;1;1970-02-01"


def read(folder: Path, content: bytes | list[str]) -> Extract:
    text = content if isinstance(content, bytes) else "\n".join(content)
    extract = read_extract(write(folder / "data.csv", text), folder)
    extract.check_conservation()
    return extract


def refusal(folder: Path, content: bytes | list[str]) -> str:
    with pytest.raises(UserError) as caught:
        read(folder, content)
    assert caught.value.exit_code is Exit.FILE
    for secret in ("ANI", "BUDI", "1962"):
        assert secret not in str(caught.value)
    return str(caught.value)


def names(extract: Extract) -> list[tuple[int, str]]:
    return extract.frame.select("line_no", "nama_lgkp").rows()


@pytest.mark.parametrize(
    "header",
    ["NO_KK;NIK;NAMA_LGKP;JENIS_KLMIN;TGL_LHR", "NIK;NO_KK;JK;Nama Lengkap;TGL_LHR", '"NO_KK";"NIK";"";"";""',
     "nik;no_kk;tmpt_lhr;jk;tgl_lhr", "No. KK;x;y;z;w"],
)  # fmt: skip
def test_a_second_table_with_other_columns_is_refused(tmp_path: Path, header: str) -> None:
    """If this fails, every resident below the second header has another's number or name, in silence."""
    told = refusal(tmp_path, [HEADER, ANI, header, BUDI])
    assert "baris 3" in told
    assert "judul berulang berbeda kolom" in told


@pytest.mark.parametrize(
    "header", ["No. Induk Kependudukan;Nomor KK;Nama Lengkap;JK;Tanggal Lahir", "NIK;NO KK;NAMA;KELAMIN;", HEADER]
)
def test_the_same_header_in_other_words_is_layout(tmp_path: Path, header: str) -> None:
    """If this fails, a header becomes a resident called Nama Lengkap."""
    extract = read(tmp_path, [HEADER, ANI, header, BUDI])
    assert names(extract) == [(2, "ANI"), (4, "BUDI")]
    assert extract.layout.lines == {"judul": 1, "judul berulang": 1}


def test_a_repeated_header_that_begins_with_the_family_number_is_layout(tmp_path: Path) -> None:
    """If this fails, a header of pages is taken for a family of a BIP print."""
    header, ani = "NO_KK;NIK;NAMA_LGKP;JENIS_KLMIN;TGL_LHR", "3576021406129001;3576026110629001;ANI;2;1962-10-21"
    assert names(read(tmp_path, [header, ani, header, ani])) == [(2, "ANI"), (4, "ANI")]


@pytest.mark.parametrize(
    "line", ["-;;NAMA;2;1980-01-01", ";2;KETERANGAN;1;", "NIK;NO_KK;NAMA_LGKP;JENIS_KLMIN;1980-01-01"]
)
def test_a_resident_with_words_of_headers_stays_one(tmp_path: Path, line: str) -> None:
    """If this fails, a resident without NIK vanishes because of an odd name."""
    assert len(names(read(tmp_path, [HEADER, ANI, line, BUDI]))) == 3


def test_the_header_below_a_title_of_labels_is_found(tmp_path: Path) -> None:
    """If this fails, a sender is told that columns are missing which the next line holds."""
    title = ["KECAMATAN;KRANGGAN;KELURAHAN;MIJI;RT", "PROVINSI;KABUPATEN/KOTA;KECAMATAN;KELURAHAN"]
    extract = read(tmp_path, [*title, HEADER, ANI])
    assert (extract.layout.header_line, names(extract)) == (3, [(4, "ANI")])
    assert extract.layout.lines == {"judul": 1, "di atas judul": 2}


def test_no_header_is_sought_below_residents(tmp_path: Path) -> None:
    """If this fails, residents above a second header are titles of the table below."""
    with pytest.raises(UserError, match="kolom wajib tidak ada: NIK") as caught:
        read(tmp_path, [HEADER.replace("NIK", "NO"), ANI, HEADER, BUDI])
    assert caught.value.exit_code is Exit.COLUMNS


@pytest.mark.parametrize("with_kk", [False, True])
def test_a_bip_saved_as_csv_is_refused_for_what_it_is(tmp_path: Path, *, with_kk: bool) -> None:
    """If this fails, the family lines of a book become residents without NIK."""
    book = openpyxl.load_workbook(next(EXTRACTS[0].parent.glob("bip_*.xlsx")), read_only=True)
    path = tmp_path / "bip.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        for row in book.worksheets[0].iter_rows(values_only=True):
            cells = ["" if cell is None else cell for cell in row]
            csv.writer(file).writerow(cells + ([("NO KK" if cells[1] == "NIK" else "1")] if with_kk else []))
    book.close()
    with pytest.raises(UserError) as caught:
        read_extract(path, tmp_path)
    assert "tata letak BIP hanya dibaca dari XLSX" in str(caught.value)


@pytest.mark.parametrize("start", [b"\xef\xbb\xbf", b""])
def test_one_damaged_byte_costs_one_line(tmp_path: Path, start: bytes) -> None:
    """If this fails, one bad byte turns every accented name of the file into other letters, in silence."""
    bad = BUDI.encode().replace(b"BUDI", b"BU\xffDI")
    accented = ANI.replace("ANI", "RENÉ MA\u2019RUF")
    content = start + f"{HEADER}\n{accented}\n".encode() + bad + b"\n" + f"{accented}\n".encode()
    extract = read(tmp_path, content)
    assert names(extract) == [(2, "RENÉ MA\u2019RUF"), (4, "RENÉ MA\u2019RUF")]
    assert extract.rejects.select("line_no", "reason").rows() == [(3, "huruf tidak terbaca")]
    assert "utf-8" in extract.layout.kind


def test_letters_of_windows_stay_windows(tmp_path: Path) -> None:
    """If this fails, an old Excel's export is taken for damaged UTF-8 because two of its letters look like it."""
    resident = ANI.replace("ANI", "“É” MA\u2019RUF É")
    extract = read(tmp_path, f"{HEADER}\n{resident}\n".encode("cp1252"))
    assert names(extract) == [(2, "“É” MA\u2019RUF É")]
    assert "cp1252" in extract.layout.kind


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        ([HEADER, ANI, BUDI.replace("BUDI", '"BUDI\nHARTO"'), ANI], "baris 3-4"),
        ([HEADER.replace("NAMA_LGKP", '"Nama\nLengkap"'), ANI], "baris 1-2"),
        ([HEADER, ANI + ';"x"', BUDI.replace("BUDI", '"BUDI\n\nA ""B"""')], "baris 3-5"),
        ([HEADER.replace(";", ","), BUDI.replace("BUDI", '"JL\nY"').replace(";", ",")], "baris 2-3"),
    ],
)
def test_a_line_break_in_a_cell_is_told_truly(tmp_path: Path, lines: list[str], place: str) -> None:
    """If this fails, a sender looks for an open quote that is not there: Excel closed it, after Alt+Enter."""
    told = refusal(tmp_path, lines)
    assert "Alt+Enter" in told
    assert place in told
    assert "hapus ganti baris" in told


def test_an_open_quote_is_no_line_break(tmp_path: Path) -> None:
    """If this fails, two residents in one cell are called an Alt+Enter."""
    told = refusal(tmp_path, [HEADER, ANI.replace("ANI", '"ANI'), BUDI.replace("BUDI", 'BUDI"'), ANI])
    assert "Alt+Enter" not in told


def test_the_regency_of_a_file_is_read(tmp_path: Path) -> None:
    """If this fails, the column KABUPATEN is dropped before the region is known: strangers become residents."""
    lines = [f"{HEADER};KABUPATEN;KECAMATAN;KELURAHAN", f"{ANI};TEMANGGUNG;KRANGGAN;KRANGGAN",
             f"{BUDI};KOTA MOJOKERTO;KRANGGAN;MIJI"]  # fmt: skip
    extract = read(tmp_path, lines)
    assert normalise(extract.frame).select("no_prop", "no_kab").rows() == [("33", "23"), ("35", "76")]
    assert extract.layout.ignored == ()
