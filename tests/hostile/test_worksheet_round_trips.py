"""The worksheet through LibreOffice, sorted and filtered, tampered with: what is honest is read, the rest is told."""

import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest
from office_kit.sheets import FIRST_ROW, HEADS, LATER, answer, edit, fill, letter
from office_kit.small import Opened, row_ids
from openpyxl.worksheet.worksheet import Worksheet

from tasks.errors import UserError
from tasks.worksheet import Worksheet as Filled
from tasks.worksheet import parse_worksheet, write_worksheet

DOCUMENT, LOSER, ABROAD = row_ids("document")[0], row_ids("loser")[0], row_ids("abroad")[0]
AKTA = {"DASAR": "kutipan akta kelahiran", "NOMOR": "3576-LU-2026", "TANGGAL": "05-01-2026"}
DECISIONS = {
    DOCUMENT: {"HASIL": "diperbaiki", "ELEMEN": "NIK_IBU", "MENJADI": "3576024102709002", **AKTA},
    LOSER: {"HASIL": "ditunda", "TUNDA SAMPAI": LATER, "CATATAN": "menunggu\nanaknya"},
    ABROAD: {"KEJADIAN": "jawaban daerah: warga sana", "NOMOR": "1", "TANGGAL": "2026-01-05"},
}
OFFICE = shutil.which("soffice")


@pytest.fixture
def sheet(opened: Opened) -> Path:
    return write_worksheet(opened.con, opened.batch.office, opened.batch.agenda, 1)


def read(opened: Opened, path: Path) -> Filled:
    return parse_worksheet(opened.con, path, opened.batch.agenda, 1)


def same(one: Filled, other: Filled) -> bool:
    return one.decisions.equals(other.decisions) and one.answers.equals(other.answers)


def faults(opened: Opened, path: Path) -> list[str]:
    with pytest.raises(UserError) as caught:
        read(opened, path)
    return [problem.place for problem in caught.value.problems]


@pytest.mark.skipif(OFFICE is None, reason="needs LibreOffice")
def test_saved_by_libreoffice(opened: Opened, sheet: Path, tmp_path: Path) -> None:
    """If this fails, an office without Excel can not hand its worksheet in, or its NIKs come back as numbers."""
    pair = openpyxl.load_workbook(sheet)["Pasangan"]["A3"].value
    answer(fill(sheet, DECISIONS), {pair: ("tidak tahu", None)})
    straight = read(opened, sheet)
    assert (straight.decisions.height, straight.answers.height) == (3, 1)
    profile = f"-env:UserInstallation=file://{tmp_path}/profil"
    command = [str(OFFICE), profile, "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path), str(sheet)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    again = tmp_path / sheet.name
    assert again.read_bytes() != sheet.read_bytes()
    assert same(read(opened, again), straight)
    book = openpyxl.load_workbook(again)
    assert book["Keputusan"].protection.sheet
    assert book["_meta"].sheet_state != "visible"
    assert book["Keputusan"].data_validations.dataValidation
    assert not book["Keputusan"][f"{letter('HASIL')}{FIRST_ROW}"].protection.locked


def backwards(page: Worksheet) -> None:
    """Rows in the other order, as sorting by any column leaves them."""
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=FIRST_ROW)]
    for at, row in enumerate(reversed(rows)):
        for column, value in enumerate(row, start=1):
            page.cell(FIRST_ROW + at, column).value = value


def test_sorted_and_filtered_sheets_are_fine(opened: Opened, sheet: Path) -> None:
    """If this fails, Staff who sorts by name gives decisions to the wrong residents."""
    straight = read(opened, fill(sheet, DECISIONS))
    for name in ("Keputusan", "Pasangan"):
        edit(sheet, backwards, name)
    hidden = edit(sheet, lambda page: setattr(page.row_dimensions[FIRST_ROW + 1], "hidden", True))
    assert same(read(opened, hidden), straight)


def test_blank_rows_between_are_fine_and_addresses_follow(opened: Opened, sheet: Path) -> None:
    """If this fails, Staff is sent to the row below or above the fault."""

    def change(page: Worksheet) -> None:
        page.insert_rows(FIRST_ROW + 2)
        page[f"{letter('HASIL')}{FIRST_ROW + 3}"] = "selesai"

    assert faults(opened, edit(sheet, change)) == [f"Keputusan!{letter('HASIL')}{FIRST_ROW + 3}"]


def test_every_locked_cell_is_watched(opened: Opened, sheet: Path) -> None:
    """If this fails, one column of ours can be changed, and Staff decides on something that nobody found."""

    def change(page: Worksheet) -> None:
        for head in HEADS[1:10]:
            page[f"{letter(head)}{FIRST_ROW}"] = "lain"

    assert faults(opened, edit(sheet, change)) == [f"Keputusan!{letter(head)}{FIRST_ROW}" for head in HEADS[1:10]]


def test_keys_exchanged_between_two_rows(opened: Opened, sheet: Path) -> None:
    """If this fails, two residents get each other's decision."""

    def change(page: Worksheet) -> None:
        first, second = page[f"A{FIRST_ROW}"], page[f"A{FIRST_ROW + 1}"]
        first.value, second.value = second.value, first.value

    found = faults(opened, edit(fill(sheet, DECISIONS), change))
    assert {f"Keputusan!F{FIRST_ROW}", f"Keputusan!F{FIRST_ROW + 1}"} <= set(found)


@pytest.mark.parametrize("value", ["#N/A", "=1/0"])
def test_errors_of_cells_are_not_read_as_empty(opened: Opened, sheet: Path, value: str) -> None:
    """If this fails, a cell that Excel could not work out counts as if Staff had left it alone."""

    def change(page: Worksheet) -> None:
        cell = page[f"{letter('CATATAN')}{FIRST_ROW}"]
        cell.value, cell.data_type = value, "e" if value.startswith("#") else "f"

    assert faults(opened, edit(sheet, change))


def test_a_sheet_with_a_macro_is_refused(opened: Opened, sheet: Path) -> None:
    """If this fails, a macro rides into the office's archive inside Staff's worksheet."""
    with zipfile.ZipFile(sheet, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    assert faults(opened, sheet) == [sheet.name]


def test_ten_thousand_faults_are_told(opened: Opened, sheet: Path) -> None:
    """If this fails, a sheet in which everything is wrong is told only in part, or takes minutes."""

    def change(page: Worksheet) -> None:
        for at in range(FIRST_ROW, FIRST_ROW + 2000):
            for column in range(1, 6):
                page.cell(at, column, f"X{at}")

    assert len(faults(opened, edit(sheet, change))) >= 2000
