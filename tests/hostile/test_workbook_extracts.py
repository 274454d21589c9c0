"""Rows of workbooks on any sheet: each is a resident, a reject or layout, and named by Excel's own numbers."""

from pathlib import Path

import openpyxl
import pytest
from office_kit.files import settle, write_xlsx
from office_kit.workbooks import ANI, BUDI, HEADER, refused, xls

from tasks.errors import Exit, UserError
from tasks.read import Extract, read_extract
from tasks.read.workbook import read_workbook


def names(extract: Extract) -> list[tuple[int, str]]:
    return extract.frame.select("line_no", "nama_lgkp").rows()


def test_line_numbers_are_those_of_excel(tmp_path: Path) -> None:
    """If this fails, Staff looks for a resident in the wrong row of the sheet."""
    path = write_xlsx(tmp_path / "data.xlsx", [("Data Anomali",), (), HEADER, ANI, (), BUDI])
    extract = read_extract(path, tmp_path)
    assert names(extract) == [(4, "ANI"), (6, "BUDI")]
    assert extract.layout.header_line == 3


def test_line_numbers_after_empty_rows_on_top(tmp_path: Path) -> None:
    """If this fails, two empty rows above the header shift every line number on the worksheet."""
    extract = read_extract(write_xlsx(tmp_path / "data.xlsx", [(), (), HEADER, ANI, BUDI]), tmp_path)
    assert names(extract) == [(4, "ANI"), (5, "BUDI")]


def test_positions_of_columns_are_those_of_excel(tmp_path: Path) -> None:
    """If this fails, the sender is told to mend the wrong column."""
    path = write_xlsx(
        tmp_path / "data.xlsx", [("NIK", None, "NO_KK", "NAMA_LGKP", "Hobi", "JENIS_KLMIN", "TGL_LHR"), ANI]
    )
    assert [problem.place for problem in refused(path).problems] == ["data.xlsx, kolom 5"]


def test_all_header_faults_of_a_workbook_at_once(tmp_path: Path) -> None:
    """If this fails, the sender mends one column a day."""
    error = refused(write_xlsx(tmp_path / "data.xlsx", [("NIK", "NO_KK", "NAMA_LGKP", "Hobi", "nik"), ANI]))
    assert error.exit_code is Exit.COLUMNS
    assert len(error.problems) == 3
    assert "JENIS_KLMIN, TGL_LHR" in str(error.problems[2])


@pytest.mark.parametrize("lines", [[], [("catatan",), ("lain",)], [HEADER], [("NIK", "x", "y"), ANI]])
def test_a_workbook_without_residents_is_refused(tmp_path: Path, lines: list[tuple[str, ...]]) -> None:
    """If this fails, a sheet of notes gets an agenda number."""
    with pytest.raises(UserError) as caught:
        read_extract(write_xlsx(tmp_path / "data.xlsx", lines), tmp_path)
    assert caught.value.exit_code in (Exit.COLUMNS, Exit.FILE)


def test_a_second_sheet_of_residents_is_not_ignored(tmp_path: Path) -> None:
    """If this fails, every resident of the second sheet is lost without a word (promise 1)."""
    book = openpyxl.Workbook()
    for line in (HEADER, ANI):
        book.active.append(line)
    for line in (HEADER, BUDI):
        (book["Lanjutan"] if "Lanjutan" in book.sheetnames else book.create_sheet("Lanjutan")).append(line)
    book.save(tmp_path / "data.xlsx")
    try:
        received = read_extract(settle(tmp_path / "data.xlsx"), tmp_path).received
    except UserError:
        received = 2  # sent back whole is as good as read whole
    assert received == 2


def test_hidden_sheets_with_residents_count(tmp_path: Path) -> None:
    """If this fails, residents of a hidden sheet are lost without a word (promise 1)."""
    book = openpyxl.Workbook()
    for line in (HEADER, ANI):
        book.active.append(line)
    hidden = book.create_sheet("Tersembunyi")
    hidden.sheet_state = "hidden"
    for line in (HEADER, BUDI):
        hidden.append(line)
    book.save(tmp_path / "data.xlsx")
    message = str(refused(settle(tmp_path / "data.xlsx")))
    assert "'Sheet'" in message
    assert "'Tersembunyi'" in message


def test_an_old_workbook_reads_like_a_new_one(tmp_path: Path) -> None:
    """If this fails, an office with an old Excel gets other residents than one with a new Excel."""
    lines: list[tuple[object, ...]] = [("Data Anomali",), (), HEADER, ANI, (), BUDI]
    old = read_workbook(xls(tmp_path / "data.xls", lines), tmp_path)
    new = read_workbook(write_xlsx(tmp_path / "data.xlsx", lines), tmp_path)
    assert old.frame.equals(new.frame)
    assert (old.layout.lines, old.physical) == (new.layout.lines, new.physical)


def test_rows_of_a_flat_table_are_all_accounted_for(tmp_path: Path) -> None:
    """If this fails, a line of a flat table is neither resident nor reject nor layout."""
    lines = [
        ("DATA ANOMALI",),
        (),
        HEADER,
        ("1", "2", "3", "4", "5"),
        ANI,
        (None, None, None, "2"),
        HEADER,
        BUDI,
        ("Jumlah", "2"),
        (),
        (None, None, "Mojokerto, 2 Oktober 2026"),
        (None, None, "KEPALA DINAS"),
        (None, None, "X"),
    ]
    extract = read_workbook(write_xlsx(tmp_path / "data.xlsx", lines), tmp_path)
    assert names(extract) == [(5, "ANI"), (8, "BUDI")]
    assert extract.rejects["line_no"].to_list() == [6]
    assert extract.layout.lines == {"di atas judul": 1, "baris kosong": 2, "judul": 1, "nomor kolom": 1,
                                    "judul berulang": 1, "baris jumlah": 1, "tanda tangan": 3}  # fmt: skip
    assert extract.physical == len(lines)


def test_residents_above_the_header_are_rejects(tmp_path: Path) -> None:
    """If this fails, residents pasted above the header line vanish as if they were a title."""
    extract = read_workbook(write_xlsx(tmp_path / "data.xlsx", [BUDI, HEADER, ANI]), tmp_path)
    assert extract.rejects["line_no"].to_list() == [1]
