"""Staff's worksheet: written, filled in Excel, read back; every fault named by its cell."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from office_kit.residents import resident
from office_kit.sheets import FIRST_ROW, OPEN, POSTPONE, edit, fill, line_of
from office_kit.small import Opened, row_ids
from openpyxl.worksheet.worksheet import Worksheet

from expectations.columns import STORED
from tasks.errors import Exit, UserError
from tasks.worksheet import (
    EDITABLE,
    LOCKED,
    STAFF_OUTCOMES,
    keep_worksheet,
    parse_worksheet,
    store_decisions,
    worksheet_name,
    write_worksheet,
)

DOCUMENT = row_ids("document")[0]
FIXED = ("diperbaiki", "TGL_LHR", "1991-02-14", "Akta 1/2026")


@pytest.fixture
def sheet(opened: Opened) -> Path:
    return write_worksheet(opened.con, opened.batch.office, opened.batch.agenda, 1)


def parse(opened: Opened, path: Path, round_no: int = 1) -> dict[str, tuple[str, ...]]:
    decided = parse_worksheet(opened.con, path, opened.batch.agenda, round_no)
    return {row["KUNCI"]: tuple(row[c] for c in OPEN) for row in decided.iter_rows(named=True)}


def faults(opened: Opened, path: Path) -> list[str]:
    with pytest.raises(UserError) as caught:
        parse(opened, path)
    assert caught.value.exit_code is Exit.WORKSHEET
    return [problem.place for problem in caught.value.problems]


def test_the_sheet_shows_the_rows_that_need_a_person(opened: Opened, sheet: Path) -> None:
    """If this fails, a case waits that nobody is shown, or Staff is shown what needs nobody."""
    page = openpyxl.load_workbook(sheet).worksheets[0]
    rows = opened.con.execute("select row_id from outcomes where round = 1 and needs_person order by 1").fetchall()
    assert [page.cell(FIRST_ROW + at, 1).value for at in range(len(rows))] == [str(row) for (row,) in rows]
    assert page.max_row == FIRST_ROW + len(rows) - 1
    assert tuple(cell.value for cell in page[2]) == (*LOCKED, *OPEN)
    line = line_of(page, DOCUMENT)
    received = resident(19)
    assert [page.cell(line, at).value for at in (2, 3, 4, 5)] == [
        f"1 / {DOCUMENT - 10_000_000}", received["NIK"], received["NAMA_LGKP"], "1990-02-14"]  # fmt: skip


def test_an_untouched_sheet_agrees_with_every_proposal(opened: Opened, sheet: Path) -> None:
    """If this fails, Staff who agrees with everything can not submit."""
    assert parse(opened, sheet) == {}
    assert parse(opened, edit(sheet, lambda _: None)) == {}  # saved again by another program


def test_decisions_are_read_back(opened: Opened, sheet: Path) -> None:
    """If this fails, approvers sign something else than what Staff decided."""
    other = row_ids("biometric")[0]
    assert parse(opened, fill(sheet, {DOCUMENT: FIXED, other: POSTPONE})) == {
        str(DOCUMENT): FIXED, str(other): ("ditunda", "", "", "menunggu akta")}  # fmt: skip


def test_spaces_and_small_letters_are_forgiven(opened: Opened, sheet: Path) -> None:
    """If this fails, a space that nobody sees sends Staff back to the sheet."""
    filled = fill(sheet, {DOCUMENT: (" diperbaiki ", "tgl_lhr", "\u00a01991-02-14", "Akta 1/2026 ")})
    assert parse(opened, filled)[str(DOCUMENT)] == ("diperbaiki", "tgl_lhr", "1991-02-14", "Akta 1/2026")


def test_sorted_sheets_are_fine(opened: Opened, sheet: Path) -> None:
    """If this fails, Staff who sorts by name gives decisions to the wrong residents."""

    def backwards(page: Worksheet) -> None:
        rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=FIRST_ROW)]
        for at, row in enumerate(reversed(rows)):
            for column, value in enumerate(row, start=1):
                page.cell(FIRST_ROW + at, column).value = value

    assert parse(opened, edit(fill(sheet, {DOCUMENT: FIXED}), backwards)) == {str(DOCUMENT): FIXED}


def at_document(column: str, value: object) -> Callable[[Worksheet], None]:
    def change(page: Worksheet) -> None:
        page[f"{column}{line_of(page, DOCUMENT)}"] = value

    return change


def decision(*values: object) -> Callable[[Worksheet], None]:
    def change(page: Worksheet) -> None:
        line = line_of(page, DOCUMENT)
        for column, value in zip(OPEN.values(), values, strict=True):
            page.cell(line, column, value)

    return change


CELL_FAULTS = {
    "unknown outcome": (decision("selesai", None, None, "x"), ["I"]),
    "outcome of the system": (decision("rujuk luar kota", None, None, "x"), ["I"]),
    "no basis": (decision("ditunda", None, None, None), ["L"]),
    "only a basis": (decision(None, None, None, "x"), ["I"]),
    "no element": (decision("diperbaiki", None, "A", "x"), ["J"]),
    "unknown element": (decision("diperbaiki", "WARNA_MATA", "A", "x"), ["J"]),
    "the NIK": (decision("diperbaiki", "NIK", "3576020102709002", "x"), ["J"]),
    "no value": (decision("diperbaiki", "ALAMAT", None, "x"), ["K"]),
    "no such date": (decision("diperbaiki", "TGL_LHR", "1991-02-30", "x"), ["K"]),
    "date as people write": (decision("diperbaiki", "TGL_LHR", "14-02-1991", "x"), ["K"]),
    "date that Excel made": (decision("diperbaiki", "TGL_LHR", dt.datetime(1991, 2, 14), "x"), ["K"]),  # noqa: DTZ001
    "element without correction": (decision("ditunda", "ALAMAT", "A", "x"), ["J"]),
    "several": (decision("selesai", None, None, None), ["I", "L"]),
    "unknown sex": (decision("diperbaiki", "JENIS_KLMIN", "3", "x"), ["K"]),
    "label for a code": (decision("diperbaiki", "STAT_KWN", "KAWIN", "x"), ["K"]),
    "family number too short": (decision("diperbaiki", "NO_KK", "357602", "x"), ["K"]),
    "mother's NIK with a letter": (decision("diperbaiki", "NIK_IBU", "357602O102709002", "x"), ["K"]),
    "locked NIK": (at_document("C", "3576020102709002"), ["C"]),
    "locked name": (at_document("D", "ORANG LAIN"), ["D"]),
    "locked proposal": (at_document("G", "diperbaiki"), ["G"]),
    "locked cell emptied": (at_document("D", None), ["D"]),
    "NIK turned into a number": (at_document("C", int(str(resident(19)["NIK"])) + 1), ["C"]),
}


@pytest.mark.parametrize("name", CELL_FAULTS)
def test_every_fault_is_named_by_its_cell(opened: Opened, sheet: Path, name: str) -> None:
    """If this fails, a wrong decision is written to the register, or Staff must look for the fault."""
    change, columns = CELL_FAULTS[name]
    line = line_of(openpyxl.load_workbook(sheet).worksheets[0], DOCUMENT)
    assert faults(opened, edit(sheet, change)) == [f"sel {column}{line}" for column in columns]


def test_missing_added_and_doubled_rows(opened: Opened, sheet: Path) -> None:
    """If this fails, deleting a line of the sheet hides a case, or copying one decides twice."""
    rows = openpyxl.load_workbook(sheet).worksheets[0].max_row
    assert faults(opened, edit(sheet, lambda page: page.delete_rows(FIRST_ROW))) == ["kolom A"]
    sheet.unlink()
    write_worksheet(opened.con, opened.batch.office, opened.batch.agenda, 1)
    added = edit(sheet, lambda page: page.append(["99999999", *["x"] * 7]))
    assert faults(opened, added) == [f"sel A{rows + 1}"]
    doubled = edit(sheet, lambda page: page.cell(rows + 1, 1, page.cell(rows, 1).value))
    assert {f"sel A{rows}", f"sel A{rows + 1}"} <= set(faults(opened, doubled))


def test_all_faults_at_once(opened: Opened, sheet: Path) -> None:
    """If this fails, Staff mends one cell per round trip."""

    def change(page: Worksheet) -> None:
        decision("selesai", None, None, None)(page)
        page.cell(FIRST_ROW, 4, "LAIN")
        page.cell(FIRST_ROW, 9, "ditunda")

    line = line_of(openpyxl.load_workbook(sheet).worksheets[0], DOCUMENT)
    expected = [f"sel D{FIRST_ROW}", f"sel L{FIRST_ROW}", f"sel I{line}", f"sel L{line}"]
    assert sorted(faults(opened, edit(sheet, change))) == sorted(expected)


@pytest.mark.parametrize(("change", "place"), [
    (lambda page: page.__setitem__("A1", "Lembar kerja agenda 2026-0009 ronde 1."), "sel A1"),
    (lambda page: page.__setitem__("I2", "KEPUTUSAN"), "baris 2"),
    (lambda page: page.insert_cols(3), "baris 2"),
    (lambda page: page.delete_cols(12), "baris 2"),
])  # fmt: skip
def test_another_sheet_or_another_layout(
    opened: Opened, sheet: Path, change: Callable[[Worksheet], None], place: str
) -> None:
    """If this fails, the sheet of another letter or round decides about this one."""
    assert faults(opened, edit(sheet, change)) == [place]


def test_a_row_inserted_on_top_moves_the_addresses(opened: Opened, sheet: Path) -> None:
    """If this fails, Staff is sent to the row below or above the fault."""
    line = line_of(openpyxl.load_workbook(sheet).worksheets[0], DOCUMENT)

    def change(page: Worksheet) -> None:
        page.insert_rows(1)
        page.cell(line + 1, 9, "selesai")

    assert faults(opened, edit(sheet, change)) in (["sel A1"], [f"sel I{line + 1}", f"sel L{line + 1}"])


def test_the_sheet_of_another_round(opened: Opened, sheet: Path) -> None:
    """If this fails, decisions of a round that was refused are read as new ones."""
    with pytest.raises(UserError) as caught:
        parse(opened, sheet, round_no=2)
    assert [problem.place for problem in caught.value.problems] == ["sel A1"]


@pytest.mark.parametrize("lines", [[], [("A",)], [("A", "B"), ("C",)]])
def test_an_empty_or_foreign_workbook(opened: Opened, tmp_path: Path, lines: list[tuple[str, ...]]) -> None:
    """If this fails, naming the wrong file at the gate ends the run with a traceback."""
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    book.save(tmp_path / "lain.xlsx")
    assert faults(opened, tmp_path / "lain.xlsx") == ["sel A1"]


def test_the_heading_alone(opened: Opened, sheet: Path) -> None:
    """If this fails, a sheet of which only the first line is left ends the run with a traceback."""
    assert faults(opened, edit(sheet, lambda page: page.delete_rows(2, page.max_row)))


@pytest.mark.parametrize("content", [b"", b"bukan buku kerja", b"PK\x03\x04"])
def test_a_broken_workbook(opened: Opened, tmp_path: Path, content: bytes) -> None:
    """If this fails, a half saved sheet ends the run with a traceback."""
    path = tmp_path / "rusak.xlsx"
    path.write_bytes(content)
    with pytest.raises(UserError):
        parse(opened, path)


def test_an_existing_sheet_is_kept(opened: Opened, sheet: Path) -> None:
    """If this fails, a resumed flow throws away what Staff has filled in so far."""
    filled = fill(sheet, {DOCUMENT: FIXED}).read_bytes()
    assert write_worksheet(opened.con, opened.batch.office, opened.batch.agenda, 1).read_bytes() == filled


def test_what_was_submitted_is_kept(opened: Opened, sheet: Path) -> None:
    """If this fails, editing the sheet after submitting changes what was decided."""
    office, agenda = opened.batch.office, opened.batch.agenda
    kept = keep_worksheet(office, sheet.name, (agenda, "staff-r1-c1"))
    submitted = kept.read_bytes()
    fill(sheet, {DOCUMENT: FIXED})
    assert keep_worksheet(office, sheet.name, (agenda, "staff-r1-c1")).read_bytes() == submitted
    assert keep_worksheet(office, sheet.name, (agenda, "staff-r1-c2")).read_bytes() != submitted
    assert kept.stat().st_mode & 0o777 == 0o600
    with pytest.raises(UserError) as caught:
        keep_worksheet(office, "tidak_ada.xlsx", (agenda, "staff-r1-c3"))
    assert caught.value.exit_code is Exit.WORKSHEET


@pytest.mark.parametrize("name", ["../keys/office.key", "/etc/hostname"])
def test_only_files_of_the_desk_are_kept(opened: Opened, name: str) -> None:
    """If this fails, a name typed at the gate copies the office's key into the archive."""
    with pytest.raises(UserError):
        keep_worksheet(opened.batch.office, name, (opened.batch.agenda, "staff-r1-c9"))


def test_decisions_are_stored_once(opened: Opened, sheet: Path) -> None:
    """If this fails, a resumed flow stores decisions twice, or stores none."""
    office, agenda = opened.batch.office, opened.batch.agenda
    kept = keep_worksheet(office, fill(sheet, {DOCUMENT: FIXED}).name, (agenda, "staff-r1-c1"))
    assert store_decisions(opened.con, office, kept.name, (agenda, 1)) == {"decided": 1}
    assert store_decisions(opened.con, office, kept.name, (agenda, 1)) == {"decided": 1}
    assert opened.con.execute("select row_id, outcome, element, after, basis from decisions").fetchall() == [
        (DOCUMENT, FIXED[0], "tgl_lhr", *FIXED[2:])]  # fmt: skip


def test_staff_may_correct_all_but_the_nik() -> None:
    """If this fails, an element the office must correct can not be entered, or the NIK can."""
    assert set(EDITABLE) == {name.upper() for name in STORED} - {"NIK"}
    assert "rujuk luar kota" not in STAFF_OUTCOMES
    assert worksheet_name("2026-0001", 2) == "lembar-kerja-2026-0001-r2.xlsx"


def test_staff_see_which_one_correction_explains_most(sheet: Path) -> None:
    """If this fails, Staff mend five findings one by one where one wrong birth year made them all."""
    book = openpyxl.load_workbook(sheet, read_only=True)
    causes = list(book["Akar Masalah"].iter_rows(min_row=2, values_only=True))
    book.close()
    mine = [cause for cause in causes if cause[0] == str(DOCUMENT)]
    assert [cause[3] for cause in mine] == [str(rank) for rank in range(1, len(mine) + 1)]
    assert mine[0][2:7] == (resident(19)["NAMA_LGKP"], "1", "Tanggal lahir (TGL_LHR)", resident(19)["TGL_LHR"],
                            "data kantor")  # fmt: skip
    assert "ANM-NIK-09" in str(mine[0][8]).split()
