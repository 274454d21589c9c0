"""The case workbook through LibreOffice, and tampered with: what is honest is read, the rest is told by its cells."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from office_kit.casework import (
    AKTA,
    HERE,
    LETTER,
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
from office_kit.residents import again, born, nik_of, resident
from office_kit.sheets import LATER, Cells, edit, edit_book
from office_kit.small import SCENARIOS, Batch
from office_kit.written import write_batch, written_office
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from flows.inbox import _groups
from tasks.cases.layout import is_case_workbook
from tasks.cases.read import held_cases, read_cases, receive_cases
from tasks.errors import Exit, UserError
from tasks.read import Received
from tasks.read.workbook_cells import column_letters
from tasks.receive import receive
from tasks.worksheet import is_worksheet

FAR, OURS, PARTNER = "2026-0001 1/3", "2026-0001 1/10", "2026-0001 1/11"
FAMILIES, DOCUMENT, BIOMETRIC = "2026-0001 1/14", "2026-0001 1/18", "2026-0001 1/9"
OFFICE = shutil.which("soffice")
RIGHT = {"JAWABAN": "dokumen diterima", "HASIL": "diperbaiki", "ELEMEN": "TGL_LHR", "MENJADI": "1963-11-12", **AKTA}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """An office with open cases; nothing of it is changed here."""
    return written_office(tmp_path_factory.mktemp("kasus") / "kantor")


@pytest.fixture(scope="module")
def empty(first: Batch) -> Path:
    """The workbook of all open cases, nothing filled in."""
    return filled_workbook(first, {})


@pytest.fixture
def book(empty: Path, tmp_path: Path) -> Path:
    """A workbook to spoil."""
    return Path(shutil.copy(empty, tmp_path / "lembar.xlsx"))


def received(batch: Batch, path: Path) -> list[Received]:
    """A workbook as the office reads it on its way in."""
    return receive_cases(held_cases(batch.office, [path], batch.desk.clock), path)


def at(path: Path, case_no: str, head: str) -> str:
    """The address of a cell as Excel tells it."""
    sheet = openpyxl.load_workbook(path)["Kasus"]
    return f"Kasus!{column_letters(head_at(sheet, head))}{case_line(sheet, case_no)}"


def places(batch: Batch, path: Path) -> list[str]:
    """Where the office finds faults, in order. Asserts that no message quotes a cell of a resident."""
    with pytest.raises(UserError) as caught:
        received(batch, path)
    assert caught.value.exit_code is Exit.WORKSHEET
    rows = openpyxl.load_workbook(path)
    if "Kasus" in rows.sheetnames:
        names = {cell.value for cell in rows["Kasus"]["D"][2:]} | {cell.value for cell in rows["Kasus"]["C"][2:]}
        assert not [name for name in names if name and str(name) in str(caught.value)]
    return [problem.place for problem in caught.value.problems]


WRONG: list[tuple[str, Cells, list[str]]] = [
    (FAR, {"JAWABAN": "mungkin"}, ["JAWABAN"]),
    (FAR, {"JAWABAN": "tidak datang", "TUNDA SAMPAI": LATER}, ["JAWABAN"]),
    (DOCUMENT, HERE, ["JAWABAN"]),
    (FAR, {"JAWABAN": HERE["JAWABAN"]}, ["NOMOR", "TANGGAL"]),
    (FAR, {**THEIRS, "HASIL": "diperbaiki"}, ["HASIL", "ELEMEN", "MENJADI"]),
    (FAR, {**THEIRS, "TUNDA SAMPAI": LATER}, ["TUNDA SAMPAI"]),
    (FAR, {**THEIRS, "DASAR": "ijazah"}, ["DASAR"]),
    (FAR, {**RIGHT}, ["HASIL"]),
    (DOCUMENT, {"JAWABAN": "dokumen diterima"}, ["HASIL"]),
    (DOCUMENT, {**RIGHT, "ELEMEN 2": "TGL_LHR", "MENJADI 2": "1963-11-13"}, ["ELEMEN 2"]),
    (DOCUMENT, {**RIGHT, "ELEMEN 2": "NAMA_LGKP"}, ["MENJADI 2"]),
    (DOCUMENT, {**RIGHT, "MENJADI 2": "SRI"}, ["ELEMEN 2"]),
    (DOCUMENT, {**RIGHT, "ELEMEN 2": "JENIS_KLMIN", "MENJADI 2": "9"}, ["MENJADI 2"]),
    (
        DOCUMENT,
        {**RIGHT, "HASIL": "tidak terbukti", "ELEMEN": None, "MENJADI": None, "ELEMEN 2": "AGAMA"},
        ["ELEMEN 2"],
    ),
    (DOCUMENT, {**RIGHT, "TANGGAL": "2026-10-07"}, ["TANGGAL"]),
    (DOCUMENT, {**RIGHT, "HASIL": "usul nonaktif"}, ["HASIL", "ELEMEN", "MENJADI"]),
    (DOCUMENT, {**RIGHT, "ELEMEN": "NIK"}, ["ELEMEN"]),
    (DOCUMENT, {**RIGHT, "MENJADI": "12-11-1963"}, ["MENJADI"]),
    (DOCUMENT, {**RIGHT, "MENJADI": "=1+1"}, ["MENJADI"]),
    (DOCUMENT, {**RIGHT, "DASAR": None, "NOMOR": None, "TANGGAL": None}, ["DASAR"]),
    (DOCUMENT, {**RIGHT, "TANGGAL": "2099-01-01"}, ["TANGGAL"]),
    (DOCUMENT, {**RIGHT, "NOMOR": "35760114078" + "09001"}, ["NOMOR"]),
    (DOCUMENT, {**RIGHT, "HASIL": "tidak terbukti"}, ["ELEMEN", "MENJADI"]),
    (DOCUMENT, {"JAWABAN": "warga datang", "HASIL": "ditunda"}, ["TUNDA SAMPAI"]),
    (DOCUMENT, {"JAWABAN": "tidak datang", "TUNDA SAMPAI": "2020-01-01"}, ["TUNDA SAMPAI"]),
    (DOCUMENT, {"HASIL": "tidak terbukti"}, ["JAWABAN"]),
    (DOCUMENT, {**RIGHT, "CATATAN": "x" * 501}, ["CATATAN"]),
]


@pytest.mark.parametrize(("case_no", "cells", "heads"), WRONG, ids=[f"{n}" for n in range(len(WRONG))])
def test_impossible_answers(first: Batch, book: Path, case_no: str, cells: Cells, heads: list[str]) -> None:
    """If this fails, an answer that can not be one becomes a proposal, or Staff searches the cell by eye."""
    fill_cases(book, {case_no: cells})
    assert places(first, book) == [at(book, case_no, head) for head in heads]


@pytest.mark.parametrize("head", ["JENIS", "NIK", "NAMA_LGKP", "TGL_LHR", "DAERAH", "KASUS TERKAIT", "ALASAN",
                                  "TENGGAT", "NO_KAB", "NAMA_LGKP_IBU", "KOLOM"])  # fmt: skip
def test_changed_locked_cells(first: Batch, book: Path, head: str) -> None:
    """If this fails, an answer about one resident is taken for another, or another region's row for ours."""
    fill_cases(book, {DOCUMENT: {**RIGHT, head: "76" if head != "NO_KAB" else "15"}})
    assert at(book, DOCUMENT, head) in places(first, book)


def test_all_faults_are_told_at_once_and_nothing_is_taken(first: Batch, book: Path) -> None:
    """If this fails, Staff mends one cell after the other, or half of a workbook is received."""
    fill_cases(book, {FAR: {"JAWABAN": HERE["JAWABAN"]}, DOCUMENT: {**RIGHT, "NIK": "1", "ELEMEN": "X"}, OURS: HERE})
    wanted = [(FAR, "NOMOR"), (FAR, "TANGGAL"), (DOCUMENT, "NIK"), (DOCUMENT, "ELEMEN")]
    assert places(first, book) == [at(book, *cell) for cell in wanted]


def test_what_nobody_answered_may_be_anything(first: Batch, book: Path) -> None:
    """If this fails, Staff can not sort, remove or leave lines that have no answer yet."""

    def change(sheet: Worksheet) -> None:
        sheet.delete_rows(case_line(sheet, BIOMETRIC))
        sheet.cell(case_line(sheet, PARTNER), head_at(sheet, "ALASAN")).value = "catatan"
        lines = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
        for n, line in enumerate(reversed(lines), start=3):
            for column, value in enumerate(line, start=1):
                sheet.cell(n, column).value = value

    fill_cases(edit(book, change, "Kasus"), {DOCUMENT: RIGHT})
    (taken,) = received(first, book)
    assert taken.extract.received == 1
    assert taken.extract.frame["nama_lgkp"].to_list() == [resident(19)["NAMA_LGKP"]]


def answers(batch: Batch, path: Path) -> dict[str, tuple[str, str, str]]:
    """Case -> (answer, number and note of the letter) as it is received."""
    found: dict[str, tuple[str, str, str]] = {}
    for one in received(batch, path):
        assert one.extract.answers is not None
        for row in one.extract.answers.iter_rows(named=True):
            case_no = f"{row['case_agenda']} 1/{row['case_row'] % 10_000_000}"
            found[case_no] = (row["answer"], row["number"], row["note"])
    return found


def test_one_line_of_a_letter_has_one_answer(first: Batch, book: Path) -> None:
    """If this fails, of one person the region's answer is "here" and "theirs", and our resident is to leave."""
    fill_cases(book, {FAR: {"JAWABAN": HERE["JAWABAN"]}, OURS: HERE, PARTNER: THEIRS})
    sheet = openpyxl.load_workbook(book)["Kasus"]
    terkait = {no: sheet.cell(case_line(sheet, no), head_at(sheet, "KASUS TERKAIT")).value
               for no in (FAR, OURS, PARTNER, BIOMETRIC, DOCUMENT)}  # fmt: skip
    assert terkait == {FAR: None, OURS: PARTNER, PARTNER: OURS, BIOMETRIC: None, DOCUMENT: None}
    ours, partner = at(book, OURS, "JAWABAN"), at(book, PARTNER, "JAWABAN")
    assert places(first, book) == [at(book, FAR, "NOMOR"), at(book, FAR, "TANGGAL"), ours, partner]
    with pytest.raises(UserError) as caught:
        received(first, book)
    assert [one.received for one in caught.value.problems[2:]] == [
        f"jawaban lain daripada {partner}", f"jawaban lain daripada {ours}"]  # fmt: skip


@pytest.mark.parametrize("answered", [OURS, PARTNER])
def test_an_answer_counts_for_its_whole_line(first: Batch, book: Path, answered: str) -> None:
    """If this fails, half of a person stays open after its region answered, or is answered in another way later."""
    told = (HERE["JAWABAN"], LETTER["NOMOR"], "per pos")
    fill_cases(book, {answered: HERE | {"CATATAN": "per pos"}})
    assert answers(first, book) == {OURS: told, PARTNER: told}


def test_a_document_of_one_half_stands_beside_the_letter(first: Batch, book: Path) -> None:
    """If this fails, Staff can not tell that a pair is two people, or that the SKPWNI came with the letter."""
    shown = {"JAWABAN": "dokumen diterima", "HASIL": "tidak terbukti", **AKTA}
    fill_cases(book, {OURS: shown, PARTNER: THEIRS})
    assert {no: answer for no, (answer, *_) in answers(first, book).items()} == {
        OURS: "dokumen diterima", PARTNER: THEIRS["JAWABAN"]}  # fmt: skip


def test_the_rest_of_a_line_must_be_there_as_we_wrote_it(first: Batch, book: Path, tmp_path: Path) -> None:
    """If this fails, an answer counts for a changed row, or not at all for a row that was taken out of the sheet."""
    fill_cases(book, {OURS: HERE, PARTNER: {"NIK": "1"}})
    assert places(first, book) == [at(book, PARTNER, "NIK")]
    edit(book, lambda sheet: sheet.delete_rows(case_line(sheet, PARTNER)), "Kasus")
    assert places(first, book) == [at(book, OURS, "KASUS TERKAIT")]

    batch = later(first, tmp_path / "kantor")
    kept = filled_workbook(batch, {PARTNER: THEIRS})
    answer_batch(batch, {OURS: HERE})
    with pytest.raises(UserError, match="sedang dijawab pada agenda 2026-0002") as caught:
        received(batch, kept)
    assert [one.place for one in caught.value.problems] == [at(kept, no, "KASUS") for no in (OURS, PARTNER)]


def test_a_person_whom_two_regions_are_asked_about(tmp_path: Path) -> None:
    """If this fails, one region's "not mine" closes what the other still has to answer, or two letters clash."""
    ours, near = SCENARIOS["partner abroad"]
    nik = nik_of(born(ours), str(ours["JENIS_KLMIN"]), 9070)
    third = again(near, NIK=nik, NO_KK=resident(12)["NO_KK"], NO_KAB="16")
    batch = written_office(tmp_path / "kantor", (ours, near, third))
    mine, here, there = (f"2026-0001 1/{n}" for n in (2, 3, 4))
    path = filled_workbook(batch, {here: HERE})
    sheet = openpyxl.load_workbook(path)["Kasus"]
    told = {no: tuple(sheet.cell(case_line(sheet, no), head_at(sheet, head)).value
                      for head in ("DAERAH", "KASUS TERKAIT")) for no in (mine, here, there)}  # fmt: skip
    assert told == {mine: ("3515 3516", f"{here}; {there}"), here: ("3515", mine), there: ("3516", mine)}
    assert answers(batch, path).keys() == {here}
    fill_cases(path, {mine: THEIRS})
    assert places(batch, path) == [at(path, mine, "JAWABAN"), at(path, here, "JAWABAN")]
    fill_cases(path, {there: THEIRS})
    assert answers(batch, path).keys() == {mine, here, there}


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
    first: Batch, book: Path, change: Callable[[Worksheet], None], count: int
) -> None:
    """If this fails, a case is answered in two ways, an invented one is received, or a NIK lost a digit."""
    edit(fill_cases(book, {FAR: THEIRS}), change, "Kasus")
    assert len(places(first, book)) == count


@pytest.mark.parametrize("what", ["mark", "office", "sheet", "heading", "column", "nothing"])
def test_other_workbooks(first: Batch, book: Path, what: str) -> None:
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

    fill_cases(book, {} if what == "nothing" else {FAR: THEIRS})
    assert places(first, edit_book(book, change))


def test_without_its_hidden_sheet(first: Batch, book: Path, tmp_path: Path) -> None:
    """If this fails, a copied case workbook is judged as a list of the centre, and Staff reads of missing columns."""
    batch = later(first, tmp_path / "kantor")
    bare = edit_book(fill_cases(book, {FAR: THEIRS}), lambda spoilt: spoilt.remove(spoilt["_kasus"]))
    assert not is_case_workbook(bare)
    with pytest.raises(UserError, match="lembar kasus Sinkron tanpa lembar tersembunyi") as caught:
        receive(batch.office, [bare], None, (batch.desk.clock, "cli"))
    assert caught.value.exit_code is Exit.WORKSHEET
    assert "sinkron cases --lembar" in str(caught.value)


def test_told_apart_in_the_inbox(first: Batch, empty: Path, tmp_path: Path) -> None:
    """If this fails, the case workbook waits for a letter, or is taken for the gate's sheet or the centre's list."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    mine = Path(shutil.copy(empty, inbox / "ganda.xlsx"))
    letter = write_letter(inbox / "surat.json", {"a.csv": {}, "ganda.xlsx": {}})
    other = write_csv(inbox / "a.csv", [resident(0)])
    assert is_case_workbook(mine)
    assert not is_worksheet(mine)
    assert not is_case_workbook(other)
    assert _groups(inbox, 0.0) == [([mine], None)]
    sheets = [path for path in first.office.desk.iterdir() if is_worksheet(path)]
    assert not [path for path in sheets if is_case_workbook(path)]
    assert letter.exists()


def test_a_receipt_of_its_own(first: Batch, tmp_path: Path) -> None:
    """If this fails, faults vanish, a case workbook comes with the centre's files, or twice, or to a closed case."""
    batch = later(first, tmp_path / "kantor")
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
def test_saved_in_libreoffices_own_way(first: Batch, book: Path, tmp_path: Path) -> None:
    """If this fails, answers saved as ODS are taken for a list of the centre, and nobody says how to save them."""
    saved = saved_as("ods", fill_cases(book, {FAR: THEIRS}), tmp_path)
    assert is_case_workbook(saved)
    with pytest.raises(UserError, match="xlsx") as caught:
        received(first, saved)
    assert caught.value.exit_code is Exit.WORKSHEET


@pytest.mark.skipif(OFFICE is None, reason="needs LibreOffice")
def test_saved_by_libreoffice(first: Batch, book: Path, tmp_path: Path) -> None:
    """If this fails, an office without Excel can not answer its cases, or their NIKs come back as numbers."""
    fill_cases(book, {FAR: THEIRS, DOCUMENT: RIGHT, FAMILIES: {"JAWABAN": "tidak datang", "TUNDA SAMPAI": LATER}})
    (straight,) = received(first, book)
    saved = saved_as("xlsx", book, tmp_path)
    assert is_case_workbook(saved)
    (again,) = received(first, saved)
    assert again.extract.frame.equals(straight.extract.frame)
    assert again.extract.answers is not None
    assert again.extract.answers.equals(straight.extract.answers)
    assert LETTER["NOMOR"] in again.extract.answers["number"].to_list()
