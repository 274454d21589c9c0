"""Answers on the case workbook that can not be, that contradict each other, or that count for a line's other half."""

from pathlib import Path

import openpyxl
import pytest
from office_kit.case_books import RIGHT, answers, at, places, received
from office_kit.casework import (
    AKTA,
    BIOMETRIC,
    DOCUMENT,
    FAR,
    HERE,
    LETTER,
    OURS,
    PARTNER,
    THEIRS,
    answer_batch,
    case_line,
    fill_cases,
    filled_workbook,
    head_at,
    later,
)
from office_kit.residents import again, born, nik_of, resident
from office_kit.sheets import LATER, Cells, edit
from office_kit.small import SCENARIOS, Batch
from office_kit.written import written_office

from tasks.errors import UserError

WRONG: list[tuple[str, Cells, list[str]]] = [
    (FAR, {"JAWABAN": "mungkin"}, ["JAWABAN"]),
    (FAR, {"JAWABAN": "tidak datang", "TUNDA SAMPAI": LATER}, ["JAWABAN"]),
    (DOCUMENT, HERE, ["JAWABAN"]),
    (FAR, {"JAWABAN": HERE["JAWABAN"]}, ["NOMOR", "TANGGAL"]),
    (FAR, {**THEIRS, "HASIL": "diperbaiki"}, ["HASIL", "ELEMEN", "MENJADI"]),
    (FAR, {**THEIRS, "TUNDA SAMPAI": LATER}, ["TUNDA SAMPAI"]),
    (FAR, {**THEIRS, "DASAR": "ijazah"}, ["DASAR"]),
    (FAR, {**RIGHT}, ["HASIL"]),
    (DOCUMENT, {"JAWABAN": "dokumen diterima"}, ["HASIL"]),
    (DOCUMENT, {**RIGHT, "ELEMEN 2": "TGL_LHR", "MENJADI 2": "1963-11-13"}, ["ELEMEN 2"]),
    (DOCUMENT, {**RIGHT, "ELEMEN 2": "NAMA_LGKP"}, ["MENJADI 2"]),
    (DOCUMENT, {**RIGHT, "MENJADI 2": "SRI"}, ["ELEMEN 2"]),
    (DOCUMENT, {**RIGHT, "ELEMEN 2": "JENIS_KLMIN", "MENJADI 2": "9"}, ["MENJADI 2"]),
    (
        DOCUMENT,
        {**RIGHT, "HASIL": "tidak terbukti", "ELEMEN": None, "MENJADI": None, "ELEMEN 2": "AGAMA"},
        ["ELEMEN 2"],
    ),
    (DOCUMENT, {**RIGHT, "TANGGAL": "2026-10-07"}, ["TANGGAL"]),
    (DOCUMENT, {**RIGHT, "HASIL": "usul nonaktif"}, ["HASIL", "ELEMEN", "MENJADI"]),
    (DOCUMENT, {**RIGHT, "ELEMEN": "NIK"}, ["ELEMEN"]),
    (DOCUMENT, {**RIGHT, "MENJADI": "12-11-1963"}, ["MENJADI"]),
    (DOCUMENT, {**RIGHT, "MENJADI": "=1+1"}, ["MENJADI"]),
    (DOCUMENT, {**RIGHT, "DASAR": None, "NOMOR": None, "TANGGAL": None}, ["DASAR"]),
    (DOCUMENT, {**RIGHT, "TANGGAL": "2099-01-01"}, ["TANGGAL"]),
    (DOCUMENT, {**RIGHT, "NOMOR": "35760114078" + "09001"}, ["NOMOR"]),
    (DOCUMENT, {**RIGHT, "HASIL": "tidak terbukti"}, ["ELEMEN", "MENJADI"]),
    (DOCUMENT, {"JAWABAN": "warga datang", "HASIL": "ditunda"}, ["TUNDA SAMPAI"]),
    (DOCUMENT, {"JAWABAN": "tidak datang", "TUNDA SAMPAI": "2020-01-01"}, ["TUNDA SAMPAI"]),
    (DOCUMENT, {"HASIL": "tidak terbukti"}, ["JAWABAN"]),
    (DOCUMENT, {**RIGHT, "CATATAN": "x" * 501}, ["CATATAN"]),
]


@pytest.mark.parametrize(("case_no", "cells", "heads"), WRONG, ids=[f"{n}" for n in range(len(WRONG))])
def test_impossible_answers(answerable: Batch, case_book: Path, case_no: str, cells: Cells, heads: list[str]) -> None:
    """If this fails, an answer that can not be one becomes a proposal, or Staff searches the cell by eye."""
    fill_cases(case_book, {case_no: cells})
    assert places(answerable, case_book) == [at(case_book, case_no, head) for head in heads]


def test_one_line_of_a_letter_has_one_answer(answerable: Batch, case_book: Path) -> None:
    """If this fails, of one person the region's answer is "here" and "theirs", and our resident is to leave."""
    fill_cases(case_book, {FAR: {"JAWABAN": HERE["JAWABAN"]}, OURS: HERE, PARTNER: THEIRS})
    sheet = openpyxl.load_workbook(case_book)["Kasus"]
    terkait = {no: sheet.cell(case_line(sheet, no), head_at(sheet, "KASUS TERKAIT")).value
               for no in (FAR, OURS, PARTNER, BIOMETRIC, DOCUMENT)}  # fmt: skip
    assert terkait == {FAR: None, OURS: PARTNER, PARTNER: OURS, BIOMETRIC: None, DOCUMENT: None}
    ours, partner = at(case_book, OURS, "JAWABAN"), at(case_book, PARTNER, "JAWABAN")
    assert places(answerable, case_book) == [at(case_book, FAR, "NOMOR"), at(case_book, FAR, "TANGGAL"), ours, partner]
    with pytest.raises(UserError) as caught:
        received(answerable, case_book)
    assert [one.received for one in caught.value.problems[2:]] == [
        f"jawaban lain daripada {partner}", f"jawaban lain daripada {ours}"]  # fmt: skip


@pytest.mark.parametrize("answered", [OURS, PARTNER])
def test_an_answer_counts_for_its_whole_line(answerable: Batch, case_book: Path, answered: str) -> None:
    """If this fails, half of a person stays open after its region answered, or is answered in another way later."""
    told = (HERE["JAWABAN"], LETTER["NOMOR"], "per pos")
    fill_cases(case_book, {answered: HERE | {"CATATAN": "per pos"}})
    assert answers(answerable, case_book) == {OURS: told, PARTNER: told}


def test_a_document_of_one_half_stands_beside_the_letter(answerable: Batch, case_book: Path) -> None:
    """If this fails, Staff can not tell that a pair is two people, or that the SKPWNI came with the letter."""
    shown = {"JAWABAN": "dokumen diterima", "HASIL": "tidak terbukti", **AKTA}
    fill_cases(case_book, {OURS: shown, PARTNER: THEIRS})
    assert {no: answer for no, (answer, *_) in answers(answerable, case_book).items()} == {
        OURS: "dokumen diterima", PARTNER: THEIRS["JAWABAN"]}  # fmt: skip


def test_the_rest_of_a_line_must_be_there_as_we_wrote_it(answerable: Batch, case_book: Path, tmp_path: Path) -> None:
    """If this fails, an answer counts for a changed row, or not at all for a row that was taken out of the sheet."""
    fill_cases(case_book, {OURS: HERE, PARTNER: {"NIK": "1"}})
    assert places(answerable, case_book) == [at(case_book, PARTNER, "NIK")]
    edit(case_book, lambda sheet: sheet.delete_rows(case_line(sheet, PARTNER)), "Kasus")
    assert places(answerable, case_book) == [at(case_book, OURS, "KASUS TERKAIT")]

    batch = later(answerable, tmp_path / "kantor")
    kept = filled_workbook(batch, {PARTNER: THEIRS})
    answer_batch(batch, {OURS: HERE})
    with pytest.raises(UserError, match="sedang dijawab pada agenda 2026-0002") as caught:
        received(batch, kept)
    assert [one.place for one in caught.value.problems] == [at(kept, no, "KASUS") for no in (OURS, PARTNER)]


def test_a_person_whom_two_regions_are_asked_about(tmp_path: Path) -> None:
    """If this fails, one region's "not mine" closes what the other still has to answer, or two letters clash."""
    ours, near = SCENARIOS["partner abroad"]
    nik = nik_of(born(ours), str(ours["JENIS_KLMIN"]), 9070)
    third = again(near, NIK=nik, NO_KK=resident(12)["NO_KK"], NO_KAB="16")
    batch = written_office(tmp_path / "kantor", (ours, near, third))
    mine, here, there = (f"2026-0001 1/{n}" for n in (2, 3, 4))
    path = filled_workbook(batch, {here: HERE})
    sheet = openpyxl.load_workbook(path)["Kasus"]
    told = {no: tuple(sheet.cell(case_line(sheet, no), head_at(sheet, head)).value
                      for head in ("DAERAH", "KASUS TERKAIT")) for no in (mine, here, there)}  # fmt: skip
    assert told == {mine: ("3515 3516", f"{here}; {there}"), here: ("3515", mine), there: ("3516", mine)}
    assert answers(batch, path).keys() == {here}
    fill_cases(path, {mine: THEIRS})
    assert places(batch, path) == [at(path, mine, "JAWABAN"), at(path, here, "JAWABAN")]
    fill_cases(path, {there: THEIRS})
    assert answers(batch, path).keys() == {mine, here, there}
