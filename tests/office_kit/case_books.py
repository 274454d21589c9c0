"""The case workbook of a small office as it is received: what is taken from it, and where its faults are told."""

from pathlib import Path

import openpyxl
import pytest

from office_kit.casework import (
    AKTA,
    case_line,
    head_at,
)
from office_kit.small import Batch
from tasks.cases.read import held_cases, receive_cases
from tasks.errors import Exit, UserError
from tasks.read import Received
from tasks.read.workbook_cells import column_letters

RIGHT = {"JAWABAN": "dokumen diterima", "HASIL": "diperbaiki", "ELEMEN": "TGL_LHR", "MENJADI": "1963-11-12", **AKTA}


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


def answers(batch: Batch, path: Path) -> dict[str, tuple[str, str, str]]:
    """Case -> (answer, number and note of the letter) as it is received."""
    found: dict[str, tuple[str, str, str]] = {}
    for one in received(batch, path):
        assert one.extract.answers is not None
        for row in one.extract.answers.iter_rows(named=True):
            case_no = f"{row['case_agenda']} 1/{row['case_row'] % 10_000_000}"
            found[case_no] = (row["answer"], row["number"], row["note"])
    return found
