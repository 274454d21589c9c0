"""The worksheet that Staff names when submitting: archived, checked, its faults told in short to whoever asks."""

from pathlib import Path

import pytest
from office_kit.files import archived
from office_kit.sheets import FIRST_ROW, edit, fill, letter
from office_kit.small import Batch, row_ids

from flows.worksheets import list_faults, with_worksheet
from tasks.approvals.decide import Answer
from tasks.store import open_store
from tasks.worksheet import write_worksheet

FIXED = {"HASIL": "diperbaiki", "ELEMEN": "TGL_LHR", "MENJADI": "1991-02-14", "DASAR": "KTP-el"}


@pytest.fixture
def sheet(batch: Batch) -> Path:
    with open_store(batch.office) as con:
        path = write_worksheet(con, batch.office, batch.agenda, 1)
    batch.desk.case = (batch.agenda, 1, batch.done["draft"]["digest"])
    return path


def submit(batch: Batch, name: str) -> tuple[Answer, str]:
    answer = batch.desk.answer("staff", "Ajukan", worksheet=name, file_code="x")
    return with_worksheet(batch.office, batch.desk.question("staff"), answer)


def test_a_right_sheet_is_archived_and_named(batch: Batch, sheet: Path) -> None:
    """If this fails, Staff's decisions do not reach the run, or a later edit of the sheet changes them."""
    fill(sheet, {row_ids("document")[0]: FIXED})
    answer, faults = submit(batch, sheet.name)
    assert (answer.objection, faults) == ("", "")
    assert archived(batch.office, batch.agenda, answer.worksheet) == sheet.read_bytes()


def test_no_sheet_is_no_fault(batch: Batch, sheet: Path) -> None:
    """If this fails, Staff who agrees with everything must hand in a sheet all the same."""
    answer, faults = submit(batch, "")
    assert (answer.worksheet, answer.objection, faults) == ("", "", "")


def test_faults_are_told_in_short_and_listed_after_the_code_was_right(batch: Batch, sheet: Path) -> None:
    """If this fails, Staff gets "12 masalah" and no list, or anybody without a code fills the desk with lists."""
    edit(sheet, lambda page: page.__setitem__(f"{letter('HASIL')}{FIRST_ROW}", "selesai"))
    answer, faults = submit(batch, sheet.name)
    assert answer.worksheet == ""
    told = f"lembar kerja: 1 masalah (Keputusan!K{FIRST_ROW}); daftar lengkap di meja/{sheet.name}.masalah.txt"
    assert answer.objection == told
    listing = batch.office.desk / f"{sheet.name}.masalah.txt"
    refused = batch.desk.say("staff", "Ajukan", code="000000", objection=answer.objection)
    list_faults(batch.office, faults, refused)
    assert not listing.exists()
    list_faults(batch.office, faults, batch.desk.say("staff", "Ajukan", objection=answer.objection))
    assert listing.read_text().startswith(f"Keputusan!K{FIRST_ROW}: di luar daftar.")


@pytest.mark.parametrize("name", ["../store.duckdb", "tidak-ada.xlsx", "a b.xlsx", ".", "x" * 200])
def test_what_is_no_sheet_of_the_desk_is_an_objection(batch: Batch, sheet: Path, name: str) -> None:
    """If this fails, a name typed at the gate ends the run, or leads out of the desk."""
    answer, _ = submit(batch, name)
    assert answer.worksheet == ""
    assert answer.objection.startswith("lembar kerja:")
