"""Cells of workbooks are read as they stand; rounded NIKs, formulas, errors and doubtful days are sent back."""

import datetime as dt
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
import xlwt
from office_kit.files import settle, write_xlsx
from office_kit.workbooks import ANI, BUDI, HEADER, rebuilt, refused, xls

from tasks.errors import Exit
from tasks.read import read_extract
from tasks.read.workbook import read_workbook


def test_text_cells_stay_text(tmp_path: Path) -> None:
    """If this fails, a formula, a leading zero or the word NULL in a cell becomes something else."""
    row = ("0076026110629001", "00", "NULL", "2", "1962-10-21")
    extract = read_extract(write_xlsx(tmp_path / "data.xlsx", [HEADER, row]), tmp_path)
    assert extract.frame.select("nik", "no_kk", "nama_lgkp").rows() == [row[:3]]


def test_a_numeric_nik_sends_the_file_back(tmp_path: Path) -> None:
    """If this fails, NIKs that Excel rounded to 15 digits are taken as true (BRK-04: return the file, do not guess)."""
    path = write_xlsx(tmp_path / "data.xlsx", [HEADER, (9176014107809001, *ANI[1:]), BUDI])
    assert refused(path).exit_code is Exit.FILE  # read today as 9176014107809000: another person


@pytest.mark.parametrize("sheet", [
    b'<c r="A3"><v>1</v></c>', b"<c r='A3' s='1'><v>1</v></c>", b'<c r="A3" t="n"><v>1</v></c>',
    b'<c\nr = "A3"\n><v>1</v></c>',
    b'<c x="a>b" r="A3" t="n"><v>1</v></c>', b'<c r="A3" t="b"><v>1</v></c>',
])  # fmt: skip
def test_numeric_niks_are_found_however_they_are_written(book: Path, tmp_path: Path, sheet: bytes) -> None:
    """If this fails, a program that writes its XML otherwise gets rounded NIKs past the check (BRK-04)."""
    path = rebuilt(book, tmp_path / "angka.xlsx", xl_worksheets_sheet1__xml=_with_cell(book, sheet))
    message = str(refused(path))
    assert "kolom NIK" in message
    assert "A3" in message


def _with_cell(book: Path, cell: bytes) -> bytes:
    """The sheet with the first cell of row 3 written differently."""
    with zipfile.ZipFile(book) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    start = xml.index(b'<c r="A3"')
    return xml[:start] + cell + xml[xml.index(b"</c>", start) + 4 :]


def test_prefixed_tags_are_the_same_tags(book: Path, tmp_path: Path) -> None:
    """If this fails, workbooks of .NET programs (<x:c r="B2">) are refused, or their numeric NIKs are taken."""
    with zipfile.ZipFile(book) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    numeric = _with_cell(book, b'<c r="A3"><v>1</v></c>')
    for text, fine in ((xml, True), (numeric, False)):
        prefixed = (
            text.replace(b"<c ", b"<x:c ")
            .replace(b"</c>", b"</x:c>")
            .replace(b"<v>", b"<x:v>")
            .replace(b"</v>", b"</x:v>")
        )
        prefixed = prefixed.replace(
            b"<worksheet ", b'<worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        )
        path = rebuilt(book, tmp_path / "awalan.xlsx", xl_worksheets_sheet1__xml=prefixed)
        if fine:
            assert read_workbook(path, tmp_path).frame.equals(read_workbook(book, tmp_path).frame)
        else:
            assert "A3" in str(refused(path))


@pytest.mark.parametrize(("change", "told"), [
    ((b'<c r="A3"', b"<c"), "tanpa alamat"), ((b'<row r="3"', b"<row"), "tanpa alamat"),
    ((b'<c r="A3"', b'<!-- x --><c r="A3"'), "komentar"),
])  # fmt: skip
def test_cells_that_cannot_be_judged_are_refused(
    book: Path, tmp_path: Path, change: tuple[bytes, bytes], told: str
) -> None:
    """If this fails, a cell without an address or behind a comment gets round the checks."""
    with zipfile.ZipFile(book) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").replace(*change)
    assert told in str(refused(rebuilt(book, tmp_path / "aneh.xlsx", xl_worksheets_sheet1__xml=xml)))


def test_formulas_are_refused_with_their_first_cell(tmp_path: Path) -> None:
    """If this fails, a value that depends on something else is taken for what the sender wrote."""
    path = write_xlsx(tmp_path / "rumus.xlsx", [HEADER, ANI, (*BUDI[:2], '=CONCATENATE("A","B")', *BUDI[3:])])
    message = str(refused(path))
    assert "lembar memuat rumus" in message
    assert "C3" in message


def test_formulas_in_other_sheets_do_not_matter(tmp_path: Path) -> None:
    """If this fails, a sheet of totals beside the residents sends the file back."""
    book = openpyxl.Workbook()
    for line in (HEADER, ANI):
        book.active.append(line)
    book.create_sheet("Rekap").append(["Jumlah", "=1+1"])
    book.save(tmp_path / "data.xlsx")
    assert read_workbook(settle(tmp_path / "data.xlsx"), tmp_path).frame.height == 1


def test_a_numeric_nik_is_named_by_sheet_column_and_cell(tmp_path: Path) -> None:
    """If this fails, the sender does not know which cells to mend; or a NIK is quoted in a message."""
    wrong = (int(BUDI[0]), *BUDI[1:])
    message = str(refused(write_xlsx(tmp_path / "data.xlsx", [HEADER, ANI, *[wrong] * 7])))
    assert "lembar 'Sheet', kolom NIK: 7 sel angka, bukan teks (BRK-04), yaitu A3, A4, A5, A6, A7 ..." in message
    assert "minta pengirim mengirim ulang kolom itu sebagai teks" in message
    assert BUDI[0][:8] not in message


def test_dates_and_numbers_of_excel_become_plain_text(tmp_path: Path) -> None:
    """If this fails, a date cell loses its day, or RT 3 becomes "3.0"."""
    header = (*HEADER, "NO_RT", "TGL_KWN")
    path = tmp_path / "data.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, header)
        sheet.write_row(1, 0, [*ANI[:4]])
        sheet.write_datetime(1, 4, dt.datetime(1962, 10, 21, tzinfo=dt.UTC).replace(tzinfo=None), day)
        sheet.write_number(1, 5, 3)
        sheet.write_number(1, 6, 29356)
    row = read_workbook(settle(path), tmp_path).frame.select("tgl_lhr", "no_rt", "tgl_kwn").row(0)
    assert row == ("1962-10-21", "3", "29356")


@pytest.mark.parametrize(("value", "told"), [(3576020102709002, "B3"), (1.5, "B3"), (xlwt.Formula("1+2"), "rumus"),
                                             (True, "B3")])  # fmt: skip
def test_numbers_and_formulas_in_old_workbooks_are_refused(tmp_path: Path, value: object, told: str) -> None:
    """If this fails, an XLS brings rounded numbers that an XLSX would not (BRK-04)."""
    path = xls(tmp_path / "data.xls", [HEADER, ANI, (BUDI[0], value, *BUDI[2:])])
    message = str(refused(path))
    assert told in message
    assert "B3" in message


def calendar_book(folder: Path, suffix: str, *, from_1904: bool) -> Path:
    """Two residents: a date cell and a bare day number; both mean 2 January 1990 in a workbook of 1904."""
    path = folder / f"data.{suffix}"
    if suffix == "xls":
        old = xlwt.Workbook()
        old.dates_1904 = from_1904
        sheet, day = old.add_sheet("Data"), xlwt.easyxf(num_format_str="DD/MM/YYYY")
        for at, line in enumerate([HEADER, ANI[:4], BUDI[:4]]):
            for column, value in enumerate(line):
                sheet.write(at, column, value)
        sheet.write(1, 4, 31413, day)
        sheet.write(2, 4, 31413)
        old.save(str(path))
        return settle(path)
    with xlsxwriter.Workbook(path, {"date_1904": from_1904}) as book:
        page, day = book.add_worksheet("Data"), book.add_format({"num_format": "dd/mm/yyyy"})
        for at, line in enumerate([HEADER, ANI[:4], BUDI[:4]]):
            page.write_row(at, 0, line)
        page.write_number(1, 4, 31413, day)
        page.write_number(2, 4, 31413)
    return settle(path)


@pytest.mark.parametrize("suffix", ["xls", "xlsx"])
def test_bare_day_numbers_of_the_other_calendar_are_refused(tmp_path: Path, suffix: str) -> None:
    """If this fails, birth dates from a workbook of Excel for Mac are four years wrong."""
    message = str(refused(calendar_book(tmp_path, suffix, from_1904=True)))
    assert "sistem tanggal 1904; kolom TGL_LHR: 1 nomor seri tanpa format tanggal, yaitu E3" in message
    frame = read_workbook(calendar_book(tmp_path, suffix, from_1904=False), tmp_path).frame
    assert frame["tgl_lhr"].to_list() == ["1986-01-01", "31413"]


@pytest.mark.parametrize("suffix", ["xls", "xlsx"])
def test_date_cells_of_the_other_calendar_are_right(tmp_path: Path, suffix: str) -> None:
    """If this fails, a workbook of 1904 is sent back though its dates are formatted, or read four years wrong."""
    path = tmp_path / f"tanggal.{suffix}"
    if suffix == "xls":
        old = xlwt.Workbook()
        old.dates_1904 = True
        sheet = old.add_sheet("Data")
        for at, line in enumerate([HEADER, ANI[:4]]):
            for column, value in enumerate(line):
                sheet.write(at, column, value)
        sheet.write(1, 4, 31413, xlwt.easyxf(num_format_str="DD/MM/YYYY"))
        old.save(str(path))
    else:
        with xlsxwriter.Workbook(path, {"date_1904": True}) as book:
            page = book.add_worksheet()
            page.write_row(0, 0, HEADER)
            page.write_row(1, 0, ANI[:4])
            page.write_number(1, 4, 31413, book.add_format({"num_format": "dd/mm/yyyy"}))
    assert read_workbook(settle(path), tmp_path).frame["tgl_lhr"].to_list() == ["1990-01-02"]


def test_cells_with_errors_are_named(tmp_path: Path) -> None:
    """If this fails, an address that Excel shows as #N/A becomes an empty one, as if nobody had written any."""
    book = openpyxl.Workbook()
    for line in ((*HEADER, "ALAMAT"), (*ANI, "#N/A"), (*BUDI, "#REF!")):
        book.active.append(line)
    for cell in book.active["F"][1:]:
        cell.data_type = "e"
    book.save(tmp_path / "data.xlsx")
    message = str(refused(settle(tmp_path / "data.xlsx")))
    assert "memuat 2 sel galat (#N/A, #REF! dan sejenisnya), yaitu F2, F3" in message
    assert "minta pengirim memeriksa sel itu" in message


def test_cells_with_errors_in_old_workbooks_are_named(tmp_path: Path) -> None:
    """If this fails, an XLS loses what an XLSX would not."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("Data")
    for at, line in enumerate([(*HEADER, "ALAMAT"), ANI, BUDI]):
        for column, value in enumerate(line):
            sheet.write(at, column, value)
    sheet.row(2).set_cell_error(5, 0x2A)  # "#N/A"
    book.save(str(tmp_path / "data.xls"))
    assert "memuat 1 sel galat (#N/A, #REF! dan sejenisnya), yaitu F3" in str(refused(settle(tmp_path / "data.xls")))
