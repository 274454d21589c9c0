"""Names and addresses meant to do harm, or merely odd, on their way through Staff's worksheet."""

import zipfile
from pathlib import Path

import openpyxl
import pytest
from office_kit.sheets import FIRST_ROW, HEADS
from office_kit.small import Opened

from tasks.errors import UserError
from tasks.worksheet import parse_worksheet, write_worksheet

LIVE = ["=1+1", "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")', "http://jahat.example/x",
        "mailto:x@y", "{=A1}", "\t=1", "internal:'A'!A1", "1E5", "0012", "3576026110629001", "TRUE"]  # fmt: skip
ODD = ["A\x01B", "_x0041_", "A _x000D_ B", "\x1b[31mX", "A\u202eB", "A\u200bB", "\ufeffA", "A\u2028B", "😀", "A\x7fB",
       "A\x85B",
       "<b>&amp;</b>", "\"'", "A\tB", "A\t", "\x0bA", "\uffff", "é" * 300, "X" * 40_000]  # fmt: skip


def sheet_with(opened: Opened, names: list[str]) -> tuple[Path, dict[str, str]]:
    """The worksheet with these names in its first rows; key of the row -> name."""
    query = "select row_id from outcomes where round = 1 and (needs_person or outcome = 'rujuk luar kota') order by 1"
    rows = opened.con.execute(query).fetchall()
    keys = [row_id for (row_id,) in rows[: len(names)]]
    assert len(keys) == len(names)
    for key, name in zip(keys, names, strict=True):
        opened.con.execute("update extract_rows set nama_lgkp = ? where row_id = ?", [name, key])
    path = write_worksheet(opened.con, opened.batch.office, opened.batch.agenda, 1)
    return path, dict(zip(map(str, keys), names, strict=True))


def portions(names: list[str], size: int = 7) -> list[list[str]]:
    return [names[at : at + size] for at in range(0, len(names), size)]


@pytest.mark.parametrize("names", portions(LIVE))
def test_nothing_from_data_is_live(opened: Opened, names: list[str]) -> None:
    """If this fails, opening the worksheet runs a formula, follows a link, or changes what looks like a number."""
    path, expected = sheet_with(opened, names)
    page = openpyxl.load_workbook(path)["Keputusan"]
    cells = {row[0].value: row[HEADS.index("NAMA")] for row in page.iter_rows(min_row=FIRST_ROW)}
    for key, name in expected.items():
        assert (cells[key].data_type, cells[key].value, cells[key].hyperlink) == ("s", name, None)
    with zipfile.ZipFile(path) as archive:
        content = b"".join(archive.read(member) for member in archive.namelist() if member.startswith("xl/worksheets"))
    assert b"<f>" not in content
    assert b"hyperlink" not in content
    assert parse_worksheet(opened.con, path, opened.batch.agenda, 1).decisions.is_empty()


@pytest.mark.parametrize("names", portions(ODD))
def test_odd_names_do_not_stop_staff(opened: Opened, names: list[str]) -> None:
    """If this fails, one odd character in a name makes the untouched worksheet impossible to submit."""
    path, expected = sheet_with(opened, names)
    try:
        assert parse_worksheet(opened.con, path, opened.batch.agenda, 1).decisions.is_empty()
    except UserError as error:
        places = [problem.place for problem in error.problems]
        pytest.fail(f"lembar yang tidak disentuh ditolak: {places} {[name[:20] for name in expected.values()]}")
