"""Faults of Staff's worksheet: each is named by its cell, all of them at once, and none of them with what it holds."""

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from office_kit.residents import resident
from office_kit.sheets import FIRST_ROW, HEADS, LATER, edit, edit_book, letter
from office_kit.small import Opened
from office_kit.worksheets import (
    ABROAD,
    AKTA,
    ANSWER,
    BIOMETRIC,
    DOCUMENT,
    FIXED,
    SYMBOL,
    Change,
    faults,
    line,
    parse,
    put,
    refusal,
)
from openpyxl.workbook import Workbook

from tasks.errors import UserError
from tasks.worksheet import parse_worksheet

CELL_FAULTS: dict[str, tuple[int, Change, list[str]]] = {
    "unknown outcome": (DOCUMENT, FIXED | {"HASIL": "selesai"}, ["HASIL"]),
    "no outcome": (DOCUMENT, {"HASIL": None}, ["HASIL"]),
    "referred by hand": (DOCUMENT, {"HASIL": "rujuk luar kota"}, ["HASIL"]),
    "another region's data corrected": (ABROAD, FIXED | {"KEJADIAN": "warga datang"}, ["HASIL"]),
    "another region's resident deactivated": (
        ABROAD, {"HASIL": "usul nonaktif", "KEJADIAN": "jawaban daerah: warga sana", **ANSWER}, ["HASIL"]),
    "a referral closed without an answer": (ABROAD, {"HASIL": "tidak terbukti", **AKTA}, ["KEJADIAN"]),
    "an answer that does not lead there": (
        ABROAD, {"HASIL": "tidak terbukti", "KEJADIAN": "jawaban daerah: warga sana", **ANSWER}, ["KEJADIAN"]),
    "an answer without its letter": (ABROAD, {"KEJADIAN": "jawaban daerah: warga sana"}, ["NOMOR", "TANGGAL"]),
    "an answer with another document": (
        ABROAD, {"KEJADIAN": "jawaban daerah: warga sana", **AKTA}, ["DASAR"]),
    "an answer of a region that nobody asked": (
        SYMBOL, {"KEJADIAN": "jawaban daerah: tetap di sini", **ANSWER}, ["KEJADIAN"]),
    "unknown event": (DOCUMENT, {"KEJADIAN": "lapor"}, ["KEJADIAN"]),
    "no basis": (DOCUMENT, {"HASIL": "tidak terbukti"}, ["DASAR"]),
    "a document nobody knows": (DOCUMENT, FIXED | {"DASAR": "surat sakti"}, ["DASAR"]),
    "a document without number and day": (DOCUMENT, FIXED | {"NOMOR": None, "TANGGAL": None}, ["NOMOR", "TANGGAL"]),
    "a family card without its day": (DOCUMENT, FIXED | {"DASAR": "kartu keluarga", "TANGGAL": None}, ["TANGGAL"]),
    "a number without a document": (DOCUMENT, {"NOMOR": "12"}, ["DASAR"]),
    "a document of tomorrow": (DOCUMENT, FIXED | {"TANGGAL": "2099-01-01"}, ["TANGGAL"]),
    "a day that does not exist": (DOCUMENT, FIXED | {"TANGGAL": "2026-02-30"}, ["TANGGAL"]),
    "postponed without a day": (SYMBOL, {"HASIL": "ditunda"}, ["TUNDA SAMPAI"]),
    "postponed to a day that has passed": (BIOMETRIC, {"TUNDA SAMPAI": "2020-01-01"}, ["TUNDA SAMPAI"]),
    "postponed to no day": (BIOMETRIC, {"TUNDA SAMPAI": "nanti"}, ["TUNDA SAMPAI"]),
    "a day that postpones nothing": (SYMBOL, {"TUNDA SAMPAI": LATER}, ["TUNDA SAMPAI"]),
    "nothing to correct": (DOCUMENT, FIXED | {"ELEMEN": None, "MENJADI": None}, ["ELEMEN"]),
    "no element": (DOCUMENT, FIXED | {"ELEMEN": None}, ["ELEMEN"]),
    "unknown element": (DOCUMENT, FIXED | {"ELEMEN": "WARNA_MATA"}, ["ELEMEN"]),
    "the NIK": (DOCUMENT, FIXED | {"ELEMEN": "NIK", "MENJADI": "3576020102709002"}, ["ELEMEN"]),
    "one element twice": (DOCUMENT, FIXED | {"ELEMEN 2": "TGL_LHR", "MENJADI 2": "1990-01-01"}, ["ELEMEN 2"]),
    "half of a second": (DOCUMENT, FIXED | {"MENJADI 2": "JL MAWAR"}, ["ELEMEN 2"]),
    "no value": (DOCUMENT, FIXED | {"ELEMEN": "ALAMAT", "MENJADI": None}, ["MENJADI"]),
    "no such date": (DOCUMENT, FIXED | {"MENJADI": "1991-02-30"}, ["MENJADI"]),
    "born tomorrow": (DOCUMENT, FIXED | {"MENJADI": "2099-02-03"}, ["MENJADI"]),
    "birth date as people write": (DOCUMENT, FIXED | {"MENJADI": "14-02-1991"}, ["MENJADI"]),
    "birth date that Excel made": (
        DOCUMENT, FIXED | {"MENJADI": dt.datetime(1991, 2, 14)}, ["MENJADI"]),  # noqa: DTZ001
    "element without correction": (DOCUMENT, {"ELEMEN": "ALAMAT", "MENJADI": "A"}, ["ELEMEN", "MENJADI"]),
    "several": (
        DOCUMENT, {"HASIL": "selesai", "KEJADIAN": "x", "TANGGAL": "y"}, ["HASIL", "DASAR", "TANGGAL", "KEJADIAN"]),
    "unknown sex": (DOCUMENT, FIXED | {"ELEMEN": "JENIS_KLMIN", "MENJADI": "3"}, ["MENJADI"]),
    "label for a code": (DOCUMENT, FIXED | {"ELEMEN": "STAT_KWN", "MENJADI": "KAWIN"}, ["MENJADI"]),
    "family number too short": (DOCUMENT, FIXED | {"ELEMEN": "NO_KK", "MENJADI": "357602"}, ["MENJADI"]),
    "mother's NIK with a letter": (DOCUMENT, FIXED | {"ELEMEN": "NIK_IBU", "MENJADI": "357602O102709002"}, ["MENJADI"]),
    "a note as long as a letter": (DOCUMENT, {"CATATAN": "x" * 501}, ["CATATAN"]),
    "locked NIK": (DOCUMENT, {"NIK": "3576020102709002"}, ["NIK"]),
    "locked name": (DOCUMENT, {"NAMA": "ORANG LAIN"}, ["NAMA"]),
    "locked proposal": (DOCUMENT, {"USUL": "diperbaiki"}, ["USUL"]),
    "locked cell emptied": (DOCUMENT, {"NAMA": None}, ["NAMA"]),
    "NIK turned into a number": (DOCUMENT, {"NIK": int(str(resident(19)["NIK"]))}, ["NIK"]),
    "a formula": (DOCUMENT, FIXED | {"MENJADI": "=1+1", "CATATAN": "=NOW()"}, ["MENJADI", "CATATAN"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CELL_FAULTS)
def test_every_fault_is_named_by_its_cell(opened: Opened, sheet: Path, name: str) -> None:
    """If this fails, a wrong decision is written to the register, or Staff must look for the fault."""
    row_id, change, heads = CELL_FAULTS[name]
    at = line(sheet, row_id)
    assert faults(opened, edit(sheet, put(row_id, change))) == [f"Keputusan!{letter(head)}{at}" for head in heads]


def test_faults_tell_no_value(opened: Opened, sheet: Path) -> None:
    """If this fails, a NIK or a name that slipped into the wrong cell lies on the desk as a text file, and in logs."""
    secrets = {"HASIL": "WARGA RAHASIA", "DASAR": "WARGA RAHASIA", "KEJADIAN": "WARGA RAHASIA", "NAMA": "WARGA RAHASIA",
               "TANGGAL": "WARGA RAHASIA", "ELEMEN": "WARGA RAHASIA"}  # fmt: skip
    told = str(refusal(opened, edit(sheet, put(DOCUMENT, secrets))))
    assert len(told.split("\n")) == 6 - 1  # ELEMEN is not judged where HASIL is no outcome
    assert "RAHASIA" not in told
    assert str(resident(19)["NAMA_LGKP"]) not in told


def test_missing_added_and_doubled_rows(opened: Opened, sheet: Path, tmp_path: Path) -> None:
    """If this fails, deleting a line of the sheet hides a case, or copying one decides twice."""
    copy = tmp_path / "salinan.xlsx"
    rows = openpyxl.load_workbook(sheet)["Keputusan"].max_row
    shutil.copy(sheet, copy)
    assert faults(opened, edit(copy, lambda page: page.delete_rows(FIRST_ROW))) == ["Keputusan!A"]
    shutil.copy(sheet, copy)
    assert faults(opened, edit(copy, lambda page: page.append(["99999999", *["x"] * 7]))) == [f"Keputusan!A{rows + 1}"]
    shutil.copy(sheet, copy)
    doubled = edit(copy, lambda page: page.cell(rows + 1, 1, page.cell(rows, 1).value))
    assert {f"Keputusan!A{rows}", f"Keputusan!A{rows + 1}"} <= set(faults(opened, doubled))


def test_all_faults_at_once(opened: Opened, sheet: Path) -> None:
    """If this fails, Staff mends one cell per round trip."""

    def change(book: Workbook) -> None:
        put(DOCUMENT, {"HASIL": "selesai"})(book["Keputusan"])
        put(BIOMETRIC, {"NAMA": "LAIN", "HASIL": None})(book["Keputusan"])
        book["Pasangan"]["P3"] = "entah"
        book["Pasangan"]["F4"] = "LAIN"

    here, other = line(sheet, DOCUMENT), line(sheet, BIOMETRIC)
    assert faults(opened, edit_book(sheet, change)) == [
        f"Keputusan!F{other}", f"Keputusan!K{other}", f"Keputusan!K{here}", "Pasangan!P3", "Pasangan!F4"]  # fmt: skip


def renamed(book: Workbook) -> None:
    book["Pasangan"].title = "Pasangan lama"


@pytest.mark.parametrize(("change", "places"), [
    (lambda book: book["_meta"].__setitem__("B2", "2026-0009"), ["lembar.xlsx"]),
    (lambda book: book["_meta"].__setitem__("B3", "7"), ["lembar.xlsx"]),
    (lambda book: book["_meta"].__setitem__("B4", "0" * 64), ["lembar.xlsx"]),
    (lambda book: book["_meta"].__setitem__("B1", "lain"), ["lembar.xlsx"]),
    (lambda book: book["_meta"].delete_rows(1, 9), ["lembar.xlsx"]),
    (lambda book: book.remove(book["_meta"]), ["lembar.xlsx"]),
    (renamed, ["lembar Pasangan"]),
    (lambda book: book["Keputusan"].__setitem__("K2", "KEPUTUSAN"), ["Keputusan!K2"]),
    (lambda book: book["Keputusan"].delete_cols(21), ["Keputusan!U2"]),
    (lambda book: book["Keputusan"].__setitem__("W5", "catatan saya"), ["Keputusan!W5"]),
    (lambda book: book["Keputusan"].insert_rows(1), [f"Keputusan!{letter(head)}2" for head in HEADS]),
])  # fmt: skip
def test_another_book_or_another_layout(
    opened: Opened, sheet: Path, change: Callable[[Workbook], None], places: list[str]
) -> None:
    """If this fails, the sheet of another letter, round or draft decides about this one, or a moved column does."""
    path = sheet.with_name("lembar.xlsx")
    sheet.rename(path)
    assert faults(opened, edit_book(path, change)) == places


def test_an_inserted_column_moves_all_others(opened: Opened, sheet: Path) -> None:
    """If this fails, values of one column are read as those of its neighbour."""
    found = faults(opened, edit(sheet, lambda page: page.insert_cols(3)))
    assert found[0] == "Keputusan!C2"
    assert len(found) >= len(HEADS) - 2


def test_the_sheet_of_another_round(opened: Opened, sheet: Path) -> None:
    """If this fails, decisions of a round that was refused are read as new ones."""
    with pytest.raises(UserError, match="lembar kerja ronde lain"):
        parse(opened, sheet, round_no=2)


@pytest.mark.parametrize("lines", [[], [("A",)], [("A", "B"), ("C",)]])
def test_an_empty_or_foreign_workbook(opened: Opened, tmp_path: Path, lines: list[tuple[str, ...]]) -> None:
    """If this fails, naming the wrong file at the gate ends the run with a traceback."""
    book = openpyxl.Workbook()
    for each in lines:
        book.active.append(each)
    book.save(tmp_path / "lain.xlsx")
    assert faults(opened, tmp_path / "lain.xlsx") == ["lain.xlsx"]


def test_the_heading_alone(opened: Opened, sheet: Path) -> None:
    """If this fails, a sheet of which only the first line is left ends the run with a traceback."""
    assert faults(opened, edit(sheet, lambda page: page.delete_rows(2, page.max_row)))


@pytest.mark.parametrize("content", [b"", b"bukan buku kerja", b"PK\x03\x04"])
def test_a_broken_workbook(opened: Opened, tmp_path: Path, content: bytes) -> None:
    """If this fails, a half saved sheet ends the run with a traceback."""
    path = tmp_path / "rusak.xlsx"
    path.write_bytes(content)
    assert "simpan ulang" in str(refusal(opened, path))


def test_an_undo_has_no_worksheet(opened: Opened, sheet: Path) -> None:
    """If this fails, naming a worksheet while submitting an undo ends the run with a traceback."""
    with pytest.raises(UserError, match="agenda lain"):
        parse_worksheet(opened.con, sheet, f"{opened.batch.agenda}-U1", 1)
