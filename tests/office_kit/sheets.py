"""Staff at work: a worksheet filled in with openpyxl, as Excel or LibreOffice would save it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import duckdb
import openpyxl
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from expectations.outcomes import Outcome
from tasks.office import Office
from tasks.propose import propose
from tasks.steps import Summary
from tasks.worksheet import keep_worksheet, store_decisions, write_worksheet

LOCKED = ("KUNCI", "BARIS", "KECAMATAN", "KELURAHAN", "NIK", "NAMA", "TGL LAHIR", "AKAR MASALAH", "TEMUAN", "USUL")
OPEN = ("HASIL", "ELEMEN", "MENJADI", "ELEMEN 2", "MENJADI 2", "DASAR", "NOMOR", "TANGGAL", "KEJADIAN", "TUNDA SAMPAI",
        "CATATAN")  # fmt: skip
HEADS = (*LOCKED, *OPEN)
FIRST_ROW = 3
POSTPONE = (Outcome.POSTPONED.value, None, None, "menunggu akta")
SOME_DAY, LATER = "2026-01-05", "2099-12-31"
Cells = Mapping[str, str | None]
# HASIL, ELEMEN, MENJADI and what it rests on, in short; or the cells themselves.
Decision = Sequence[str | None] | Cells


def letter(head: str) -> str:
    """The column of a heading on sheet "Keputusan"."""
    return openpyxl.utils.get_column_letter(HEADS.index(head) + 1)


def edit(path: Path, change: Callable[[Worksheet], None], sheet: str = "Keputusan") -> Path:
    """Opens a sheet, changes it, saves it."""
    return edit_book(path, lambda book: change(book[sheet]))


def edit_book(path: Path, change: Callable[[Workbook], None]) -> Path:
    """Opens the workbook, changes it, saves it."""
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return path


def line_of(sheet: Worksheet, row_id: int | str) -> int:
    """The sheet's row for a row_id, or for the key of a pair."""
    return next(cell.row for cell in sheet["A"] if cell.value == str(row_id))


def cells_of(decision: Decision) -> Cells:
    """The open cells of a decision told in short."""
    if isinstance(decision, Mapping):
        return decision
    outcome, element, after, basis = decision
    cells: dict[str, str | None] = {"HASIL": outcome, "ELEMEN": element, "MENJADI": after, "ELEMEN 2": None,
                                    "MENJADI 2": None}  # fmt: skip
    if outcome == Outcome.POSTPONED:
        return cells | {"TUNDA SAMPAI": LATER, "CATATAN": basis}
    return cells | {"DASAR": "surat keterangan lain", "NOMOR": basis, "TANGGAL": SOME_DAY}


def fill(path: Path, decisions: Mapping[int, Decision]) -> Path:
    """Fills the rows of some row_ids in."""

    def change(sheet: Worksheet) -> None:
        for row_id, decision in decisions.items():
            for head, value in cells_of(decision).items():
                sheet[f"{letter(head)}{line_of(sheet, row_id)}"] = value

    return edit(path, change)


def answer(path: Path, answers: Mapping[str, tuple[str, str | None]]) -> Path:
    """Fills PUTUSAN and CATATAN of some pairs in; key "left right"."""

    def change(sheet: Worksheet) -> None:
        heads = {cell.value: cell.column for cell in sheet[2]}
        for key, (verdict, note) in answers.items():
            sheet.cell(line_of(sheet, key), heads["PUTUSAN"], verdict)
            sheet.cell(line_of(sheet, key), heads["CATATAN"], note)

    return edit(path, change, "Pasangan")


def work_round(
    con: duckdb.DuckDBPyConnection,
    office: Office,
    case: tuple[str, int],
    decisions: Mapping[int, Decision],
    answers: Mapping[str, tuple[str, str | None]] | None = None,
) -> Summary:
    """One round as the flow does it: draft, worksheet, Staff's decisions and answers, proposal."""
    agenda, round_no = case
    propose(con, agenda, round_no, step="draft")
    sheet = fill(write_worksheet(con, office, agenda, round_no), decisions)
    kept = keep_worksheet(office, answer(sheet, answers or {}).name, (agenda, f"staff-r{round_no}-c1"))
    store_decisions(con, office, kept, case)
    return propose(con, agenda, round_no)
