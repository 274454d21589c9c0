"""Staff answers open cases: the case workbook written, filled in with openpyxl, received, and run to the end."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from office_kit.sheets import Cells, edit
from office_kit.small import Batch, copy_of, run_steps
from office_kit.written import write_batch
from tasks.cases.content import open_rows
from tasks.cases.write import case_workbook
from tasks.propose import propose
from tasks.receive import receive
from tasks.store import open_store

DAY, ANSWERED_AT = date(2026, 10, 20), datetime(2026, 10, 20, 2, 0, tzinfo=UTC)
LETTER = {"NOMOR": "470/12/2026", "TANGGAL": "2026-01-05"}
HERE = {"JAWABAN": "jawaban daerah: tetap di sini", **LETTER}
THEIRS = {"JAWABAN": "jawaban daerah: warga sana", **LETTER}
BOTH_WRONG = {"JAWABAN": "jawaban daerah: keduanya keliru", **LETTER}
AKTA = {"DASAR": "kutipan akta kelahiran", "NOMOR": "3576-LU-2026", "TANGGAL": "05-01-2026"}
# Cases of the small office's batch, by number: of other regencies, of people called, of a biometric test.
FAR, OURS, PARTNER = "2026-0001 1/3", "2026-0001 1/10", "2026-0001 1/11"
FAMILIES, DOCUMENT, BIOMETRIC = "2026-0001 1/14", "2026-0001 1/18", "2026-0001 1/9"
Answers = Mapping[str, Cells]


def head_at(sheet: Worksheet, head: str) -> int:
    """The column of a heading of sheet "Kasus"."""
    return next(cell.column for cell in sheet[2] if cell.value == head)


def case_line(sheet: Worksheet, case_no: str) -> int:
    """The sheet's row of a case."""
    return next(cell.row for cell in sheet["A"] if cell.value == case_no)


def later(source: Batch, home: Path) -> Batch:
    """Another office with the same files and keys, two weeks after its first batch."""
    batch = copy_of(source, home)
    batch.desk.clock = max(source.desk.clock, ANSWERED_AT)
    return batch


def filled_workbook(batch: Batch, answers: Answers, day: date = DAY) -> Path:
    """The workbook of all open cases with some of them answered."""
    with open_store(batch.office) as con:
        rows = open_rows(con)
    return fill_cases(case_workbook(batch.office, day, rows), answers)


def fill_cases(path: Path, answers: Answers) -> Path:
    """Fills the lines of some cases in."""

    def change(sheet: Worksheet) -> None:
        for case_no, cells in answers.items():
            for head, value in cells.items():
                sheet.cell(case_line(sheet, case_no), head_at(sheet, head)).value = value

    return edit(path, change, "Kasus")


def to_inbox(batch: Batch, path: Path) -> Path:
    """Staff saves the workbook into the inbox."""
    return path.rename(batch.office.inbox / path.name)


def answer_batch(batch: Batch, answers: Answers) -> Batch:
    """The answers are received as a batch of their own and proposed in round 1."""
    path = to_inbox(batch, filled_workbook(batch, answers))
    receipt = receive(batch.office, [path], None, (batch.desk.clock, "inbox"))
    with open_store(batch.office) as con:
        done = run_steps(con, batch.office, receipt)
        done["propose"] = propose(con, receipt.agenda, 1)
    return replace(batch, receipt=receipt, done=done)


def answered_office(batch: Batch, answers: Answers) -> Batch:
    """The batch of answers signed and written."""
    return write_batch(answer_batch(batch, answers))


def cells_by_case(path: Path) -> dict[str, dict[str, object]]:
    """Case number -> heading -> cell, as openpyxl reads the workbook."""
    sheet = openpyxl.load_workbook(path)["Kasus"]
    heads = [cell.value for cell in sheet[2]]
    rows = [dict(zip(heads, (cell.value for cell in row), strict=True)) for row in sheet.iter_rows(min_row=3)]
    return {str(row["KASUS"]): row for row in rows}
