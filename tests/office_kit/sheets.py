"""Staff at work: a worksheet filled in with openpyxl, as Excel or LibreOffice would save it."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from expectations.outcomes import Outcome
from tasks.office import Office
from tasks.propose import propose
from tasks.steps import Summary
from tasks.worksheet import keep_worksheet, store_decisions, write_worksheet

OPEN = {"HASIL": 9, "ELEMEN": 10, "MENJADI": 11, "DASAR": 12}
FIRST_ROW = 3
POSTPONE = (Outcome.POSTPONED.value, None, None, "menunggu akta")


def edit(path: Path, change: Callable[[Worksheet], None]) -> Path:
    """Opens the first sheet, changes it, saves it."""
    book = openpyxl.load_workbook(path)
    change(book.worksheets[0])
    book.save(path)
    return path


def line_of(sheet: Worksheet, row_id: int) -> int:
    """The sheet's row for a row_id."""
    return next(cell.row for cell in sheet["A"] if cell.value == str(row_id))


def fill(path: Path, decisions: dict[int, tuple[str | None, ...]]) -> Path:
    """Writes HASIL, ELEMEN, MENJADI, DASAR for some row_ids."""

    def change(sheet: Worksheet) -> None:
        for row_id, values in decisions.items():
            for column, value in zip(OPEN.values(), values, strict=True):
                sheet.cell(line_of(sheet, row_id), column, value)

    return edit(path, change)


def work_round(
    con: duckdb.DuckDBPyConnection, office: Office, case: tuple[str, int], decisions: dict[int, tuple[str | None, ...]]
) -> Summary:
    """One round as the flow does it: draft, worksheet, Staff's decisions, proposal."""
    agenda, round_no = case
    propose(con, agenda, round_no, step="draft")
    sheet = fill(write_worksheet(con, office, agenda, round_no), decisions)
    kept = keep_worksheet(office, sheet.name, (agenda, f"staff-r{round_no}-c1"))
    store_decisions(con, office, kept.name, case)
    return propose(con, agenda, round_no)
