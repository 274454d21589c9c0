"""Names and addresses meant to do harm, or merely odd, on their way through Staff's worksheet."""

import zipfile

import openpyxl
import pytest
from office_kit.sheets import FIRST_ROW
from office_kit.small import Opened, row_ids

from tasks.errors import UserError
from tasks.worksheet import parse_worksheet, write_worksheet

DOCUMENT = row_ids("document")[0]
LIVE = ["=1+1", "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")', "http://jahat.example/x",
        "mailto:x@y", "{=A1}", "\t=1", "internal:'A'!A1", "1E5", "0012", "3576026110629001", "TRUE"]  # fmt: skip
ODD = ["A\x01B", "_x0041_", "A _x000D_ B", "\x1b[31mX", "A\u202eB", "A\u200bB", "\ufeffA", "A\u2028B", "😀", "A\x7fB",
       "A\x85B",
       "<b>&amp;</b>", "\"'", "A\tB", "A\t", "\x0bA", "\uffff", "é" * 300, "X" * 40_000]  # fmt: skip


def sheet_with(opened: Opened, name: str) -> object:
    opened.con.execute("update extract_rows set nama_lgkp = ? where row_id = ?", [name, DOCUMENT])
    return write_worksheet(opened.con, opened.batch.office, opened.batch.agenda, 1)


@pytest.mark.parametrize("name", LIVE)
def test_nothing_from_data_is_live(opened: Opened, name: str) -> None:
    """If this fails, opening the worksheet runs a formula, follows a link, or changes what looks like a number."""
    path = sheet_with(opened, name)
    page = openpyxl.load_workbook(path).worksheets[0]
    cell = next(row[3] for row in page.iter_rows(min_row=FIRST_ROW) if row[0].value == str(DOCUMENT))
    assert (cell.data_type, cell.value, cell.hyperlink) == ("s", name, None)
    with zipfile.ZipFile(path) as archive:
        content = b"".join(archive.read(member) for member in archive.namelist() if member.startswith("xl/worksheets"))
    assert b"<f>" not in content
    assert b"hyperlink" not in content
    assert parse_worksheet(opened.con, path, opened.batch.agenda, 1).is_empty()


@pytest.mark.parametrize("name", ODD)
def test_an_odd_name_does_not_stop_staff(opened: Opened, name: str) -> None:
    """If this fails, one odd character in a name makes the untouched worksheet impossible to submit."""
    path = sheet_with(opened, name)
    try:
        assert parse_worksheet(opened.con, path, opened.batch.agenda, 1).is_empty()
    except UserError as error:
        pytest.fail(f"lembar yang tidak disentuh ditolak: {error.problems[0].place} {error.problems[0].received}")
