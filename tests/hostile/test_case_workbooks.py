"""The case workbook through LibreOffice, and tampered with: what is honest is read, the rest is told by its cells."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from office_kit.case_books import RIGHT, at, places, received
from office_kit.casework import (
    BIOMETRIC,
    DOCUMENT,
    FAMILIES,
    FAR,
    HERE,
    LETTER,
    OURS,
    PARTNER,
    THEIRS,
    answer_batch,
    case_line,
    fill_cases,
    filled_workbook,
    head_at,
    later,
    to_inbox,
)
from office_kit.files import archived, write_csv, write_letter
from office_kit.residents import resident
from office_kit.sheets import LATER, edit, edit_book
from office_kit.small import Batch
from office_kit.written import write_batch
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from flows.inbox import _groups
from tasks.cases.layout import is_case_workbook
from tasks.cases.read import read_cases
from tasks.errors import Exit, UserError
from tasks.receive import receive
from tasks.worksheet import is_worksheet

OFFICE = shutil.which("soffice")


@pytest.mark.parametrize("head", ["JENIS", "NIK", "NAMA_LGKP", "TGL_LHR", "DAERAH", "KASUS TERKAIT", "ALASAN",
                                  "TENGGAT", "NO_KAB", "NAMA_LGKP_IBU", "KOLOM"])  # fmt: skip
def test_changed_locked_cells(answerable: Batch, case_book: Path, head: str) -> None:
    """If this fails, an answer about one resident is taken for another, or another region's row for ours."""
    fill_cases(case_book, {DOCUMENT: {**RIGHT, head: "76" if head != "NO_KAB" else "15"}})
    assert at(case_book, DOCUMENT, head) in places(answerable, case_book)


def test_all_faults_are_told_at_once_and_nothing_is_taken(answerable: Batch, case_book: Path) -> None:
    """If this fails, Staff mends one cell after the other, or half of a workbook is received."""
    fill_cases(
        case_book, {FAR: {"JAWABAN": HERE["JAWABAN"]}, DOCUMENT: {**RIGHT, "NIK": "1", "ELEMEN": "X"}, OURS: HERE}
    )
    wanted = [(FAR, "NOMOR"), (FAR, "TANGGAL"), (DOCUMENT, "NIK"), (DOCUMENT, "ELEMEN")]
    assert places(answerable, case_book) == [at(case_book, *cell) for cell in wanted]


def test_what_nobody_answered_may_be_anything(answerable: Batch, case_book: Path) -> None:
    """If this fails, Staff can not sort, remove or leave lines that have no answer yet."""

    def change(sheet: Worksheet) -> None:
        sheet.delete_rows(case_line(sheet, BIOMETRIC))
        sheet.cell(case_line(sheet, PARTNER), head_at(sheet, "ALASAN")).value = "catatan"
        lines = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
        for n, line in enumerate(reversed(lines), start=3):
            for column, value in enumerate(line, start=1):
                sheet.cell(n, column).value = value

    fill_cases(edit(case_book, change, "Kasus"), {DOCUMENT: RIGHT})
    (taken,) = received(answerable, case_book)
    assert taken.extract.received == 1
    assert taken.extract.frame["nama_lgkp"].to_list() == [resident(19)["NAMA_LGKP"]]


def twice(sheet: Worksheet) -> None:
    """The line of a case copied below all others."""
    line = [cell.value for cell in sheet[case_line(sheet, FAR)]]
    sheet.append(line)


def unknown(sheet: Worksheet) -> None:
    """A case that never was."""
    sheet.cell(case_line(sheet, FAR), 1).value = "2026-0001 1/77"


def number(sheet: Worksheet) -> None:
    """A NIK that Excel took for a number."""
    cell = sheet.cell(case_line(sheet, FAR), head_at(sheet, "NIK"))
    cell.value = int(str(cell.value))


@pytest.mark.parametrize(("change", "count"), [(twice, 2), (unknown, 1), (number, 1)])
def test_lines_that_are_no_single_open_case(
    answerable: Batch, case_book: Path, change: Callable[[Worksheet], None], count: int
) -> None:
    """If this fails, a case is answered in two ways, an invented one is received, or a NIK lost a digit."""
    edit(fill_cases(case_book, {FAR: THEIRS}), change, "Kasus")
    assert len(places(answerable, case_book)) == count


@pytest.mark.parametrize("what", ["mark", "office", "sheet", "heading", "column", "nothing"])
def test_other_workbooks(answerable: Batch, case_book: Path, what: str) -> None:
    """If this fails, another office's cases, an older layout or an empty workbook are received."""

    def change(spoilt: Workbook) -> None:
        if what == "mark":
            spoilt["_kasus"]["B1"] = "sinkron-lembar-kasus/0"
        elif what == "office":
            spoilt["_kasus"]["B2"] = "0" * 16
        elif what == "sheet":
            spoilt["Kasus"].title = "Perkara"
        elif what == "heading":
            spoilt["Kasus"]["B2"] = "MACAM"
        elif what == "column":
            spoilt["Kasus"].insert_cols(3)

    fill_cases(case_book, {} if what == "nothing" else {FAR: THEIRS})
    assert places(answerable, edit_book(case_book, change))


def test_without_its_hidden_sheet(answerable: Batch, case_book: Path, tmp_path: Path) -> None:
    """If this fails, a copied case workbook is judged as a list of the centre, and Staff reads of missing columns."""
    batch = later(answerable, tmp_path / "kantor")
    bare = edit_book(fill_cases(case_book, {FAR: THEIRS}), lambda spoilt: spoilt.remove(spoilt["_kasus"]))
    assert not is_case_workbook(bare)
    with pytest.raises(UserError, match="lembar kasus Sinkron tanpa lembar tersembunyi") as caught:
        receive(batch.office, [bare], None, (batch.desk.clock, "cli"))
    assert caught.value.exit_code is Exit.WORKSHEET
    assert "sinkron cases --lembar" in str(caught.value)


def test_told_apart_in_the_inbox(answerable: Batch, empty_case_book: Path, tmp_path: Path) -> None:
    """If this fails, the case workbook waits for a letter, or is taken for the gate's sheet or the centre's list."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    mine = Path(shutil.copy(empty_case_book, inbox / "ganda.xlsx"))
    letter = write_letter(inbox / "surat.json", {"a.csv": {}, "ganda.xlsx": {}})
    other = write_csv(inbox / "a.csv", [resident(0)])
    assert is_case_workbook(mine)
    assert not is_worksheet(mine)
    assert not is_case_workbook(other)
    assert _groups(inbox, 0.0) == [([mine], None)]
    sheets = [path for path in answerable.office.desk.iterdir() if is_worksheet(path)]
    assert not [path for path in sheets if is_case_workbook(path)]
    assert letter.exists()


def test_a_receipt_of_its_own(answerable: Batch, tmp_path: Path) -> None:
    """If this fails, faults vanish, a case workbook comes with the centre's files, or twice, or to a closed case."""
    batch = later(answerable, tmp_path / "kantor")
    wrong = to_inbox(batch, filled_workbook(batch, {FAR: {"JAWABAN": "mungkin"}}))
    with pytest.raises(UserError):
        receive(batch.office, [wrong], None, (batch.desk.clock, "inbox"))
    (folder,) = batch.office.rejected.iterdir()
    assert sorted(path.name for path in folder.iterdir()) == ["alasan.txt", wrong.name]
    assert "Kasus!L3" in (folder / "alasan.txt").read_text()
    assert not list(batch.office.inbox.iterdir())

    mixed = filled_workbook(batch, {FAR: THEIRS})
    with pytest.raises(UserError, match="bersama berkas atau surat lain"):
        receive(batch.office, [mixed, write_csv(tmp_path / "a.csv", [resident(0)])], None, (batch.desk.clock, "cli"))

    kept = filled_workbook(batch, {FAR: THEIRS})
    answered = answer_batch(batch, {FAR: THEIRS})
    assert answered.agenda == "2026-0002"
    with pytest.raises(UserError, match="sedang dijawab pada agenda 2026-0002"):
        received(batch, kept)
    again = tmp_path / "lagi.xlsx"
    again.write_bytes(archived(batch.office, "2026-0002", "01.xlsx"))
    with pytest.raises(UserError, match="sudah diterima"):
        receive(batch.office, [again], None, (batch.desk.clock, "cli"))
    write_batch(answered)
    with pytest.raises(UserError, match="sudah ditutup oleh agenda 2026-0002"):
        received(batch, kept)
    assert [one.extract.received for one in read_cases(again)] == [1]


def saved_as(kind: str, book: Path, folder: Path) -> Path:
    """What LibreOffice saves a workbook as."""
    profile = f"-env:UserInstallation=file://{folder}/profil"
    command = [str(OFFICE), profile, "--headless", "--convert-to", kind, "--outdir", str(folder / "lo"), str(book)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return folder / "lo" / f"{book.stem}.{kind}"


@pytest.mark.skipif(OFFICE is None, reason="needs LibreOffice")
def test_saved_in_libreoffices_own_way(answerable: Batch, case_book: Path, tmp_path: Path) -> None:
    """If this fails, answers saved as ODS are taken for a list of the centre, and nobody says how to save them."""
    saved = saved_as("ods", fill_cases(case_book, {FAR: THEIRS}), tmp_path)
    assert is_case_workbook(saved)
    with pytest.raises(UserError, match="xlsx") as caught:
        received(answerable, saved)
    assert caught.value.exit_code is Exit.WORKSHEET


@pytest.mark.skipif(OFFICE is None, reason="needs LibreOffice")
def test_saved_by_libreoffice(answerable: Batch, case_book: Path, tmp_path: Path) -> None:
    """If this fails, an office without Excel can not answer its cases, or their NIKs come back as numbers."""
    fill_cases(case_book, {FAR: THEIRS, DOCUMENT: RIGHT, FAMILIES: {"JAWABAN": "tidak datang", "TUNDA SAMPAI": LATER}})
    (straight,) = received(answerable, case_book)
    saved = saved_as("xlsx", case_book, tmp_path)
    assert is_case_workbook(saved)
    (again,) = received(answerable, saved)
    assert again.extract.frame.equals(straight.extract.frame)
    assert again.extract.answers is not None
    assert again.extract.answers.equals(straight.extract.answers)
    assert LETTER["NOMOR"] in again.extract.answers["number"].to_list()
