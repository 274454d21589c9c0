"""Staff's worksheet of the small office: cells put and looked at, what is read back, and faults by their cells."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from office_kit.sheets import HEADS, SOME_DAY, letter, line_of
from office_kit.small import Opened, row_ids
from tasks.errors import Exit, UserError
from tasks.worksheet import parse_worksheet

DOCUMENT, BIOMETRIC = row_ids("document")[0], row_ids("biometric")[0]
SYMBOL, LOSER, ABROAD = row_ids("symbol")[0], row_ids("loser")[0], row_ids("abroad")[0]
AKTA = {"DASAR": "kutipan akta kelahiran", "NOMOR": "1/2026", "TANGGAL": SOME_DAY}
FIXED = {"HASIL": "diperbaiki", "ELEMEN": "TGL_LHR", "MENJADI": "1991-02-14", **AKTA}
ANSWER = {"NOMOR": "470/12/2026", "TANGGAL": SOME_DAY}
Change = dict[str, object]


def parse(opened: Opened, path: Path, round_no: int = 1) -> dict[int, dict[str, object]]:
    """row_id -> what was decided, without what is empty."""
    read = parse_worksheet(opened.con, path, opened.batch.agenda, round_no)
    return {
        row["row_id"]: {name: value for name, value in row.items() if name != "row_id" and value not in (None, [])}
        for row in read.decisions.iter_rows(named=True)
    }


def refusal(opened: Opened, path: Path) -> UserError:
    """How the office refuses a sheet."""
    with pytest.raises(UserError) as caught:
        parse(opened, path)
    assert caught.value.exit_code is Exit.WORKSHEET
    return caught.value


def faults(opened: Opened, path: Path) -> list[str]:
    """Where it finds faults, in order."""
    return [problem.place for problem in refusal(opened, path).problems]


def put(row_id: int, cells: Change) -> Callable[[Worksheet], None]:
    """A change of some cells of a row, for ``edit``."""

    def change(page: Worksheet) -> None:
        for head, value in cells.items():
            page[f"{letter(head)}{line_of(page, row_id)}"] = value

    return change


def cells(path: Path, row_id: int) -> dict[str, str]:
    """Heading -> text of a row."""
    page = openpyxl.load_workbook(path)["Keputusan"]
    return {head: page[f"{letter(head)}{line_of(page, row_id)}"].value or "" for head in HEADS}


def line(path: Path, row_id: int) -> int:
    """The sheet's row for a row_id."""
    return line_of(openpyxl.load_workbook(path)["Keputusan"], row_id)
