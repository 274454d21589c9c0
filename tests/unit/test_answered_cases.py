"""Answers to cases on their way through a batch: rows as they were, worksheet, rounds, and letters that call people."""

from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from office_kit.cases import CORRECTED, MOVED, NOT_YET, OF_OURS, ROWS, cases
from office_kit.casework import (
    DOCUMENT,
    FAMILIES,
    FAR,
    HERE,
    LETTER,
    OURS,
    THEIRS,
    answer_batch,
    answered_office,
    filled_workbook,
    later,
    to_inbox,
)
from office_kit.files import write_csv
from office_kit.pdf_text import pages_of
from office_kit.residents import COLUMNS, resident
from office_kit.sheets import LATER, work_round
from office_kit.small import SCENARIOS, Batch, resident_id, run_steps
from office_kit.written import papers, write_batch

from expectations.cases import ANSWERED, BIRTH, RECORDING
from expectations.outcomes import BY_STAFF
from tasks.cases.call import _asked
from tasks.documents.after import papers_after
from tasks.errors import Exit, UserError
from tasks.ledger import open_ledger
from tasks.office import Office
from tasks.propose import propose
from tasks.receive import receive
from tasks.store import open_store
from tasks.worksheet import write_worksheet


def test_the_gates_worksheet_holds_the_answers(waiting_cases: Batch, tmp_path: Path) -> None:
    """If this fails, Staff types every answer twice, or the gate shows another one than was handed in."""
    batch = answer_batch(
        later(waiting_cases, tmp_path / "kantor"), {OURS: HERE, DOCUMENT: CORRECTED, FAMILIES: NOT_YET}
    )
    with open_store(batch.office) as con:
        path = write_worksheet(con, batch.office, batch.agenda, 1)
    sheet = openpyxl.load_workbook(path)["Keputusan"]
    heads = [cell.value for cell in sheet[2]]
    rows = [dict(zip(heads, (cell.value for cell in row), strict=True)) for row in sheet.iter_rows(min_row=3)]
    shown = {str(row["HASIL"]): row for row in rows}
    assert shown.keys() == {"tidak terbukti", "diperbaiki", "ditunda"}
    assert [shown["tidak terbukti"][head] for head in ("KEJADIAN", "DASAR", "NOMOR", "TANGGAL")] == [
        HERE["JAWABAN"], "surat jawaban daerah lain", LETTER["NOMOR"], "2026-01-05"]  # fmt: skip
    assert [shown["diperbaiki"][head] for head in ("ELEMEN", "MENJADI", "DASAR")] == [
        "TGL_LHR", "1963-11-12", "kutipan akta kelahiran"]  # fmt: skip
    postponed = {row["KEJADIAN"]: row["TUNDA SAMPAI"] for row in rows if row["HASIL"] == "ditunda"}
    assert postponed == {HERE["JAWABAN"]: None, None: LATER}  # the other half of OURS, and FAMILIES
    assert not [row for row in rows if "jawaban" in str(row["TEMUAN"])]


def test_rows_are_received_again_as_they_were(answered_cases: Batch) -> None:
    """If this fails, a case's row comes back with other values, and its findings or its person change on the way."""
    with open_store(answered_cases.office) as con:
        columns = [name for name, *_ in con.execute("describe extract_rows").fetchall()][4:]
        same = " and ".join(f"a.{name} is not distinct from b.{name}" for name in columns)
        rows = con.execute(f"""select count(*), count(*) filter ({same}) from case_answers c
            join extract_rows a on a.agenda = c.agenda and a.row_id = c.row_id
            join extract_rows b on b.agenda = c.case_agenda and b.row_id = c.case_row""").fetchall()
        told_columns = con.execute("select distinct columns from files").fetchall()
        subjects = con.execute("""select count(*) from case_answers c
            join subjects a on a.agenda = c.agenda and a.row_id = c.row_id
            join subjects b on b.agenda = c.case_agenda and b.row_id = c.case_row
            where a.subject = b.subject""").fetchall()
    assert rows == [(7, 7)]
    assert subjects == [(7,)]
    assert len(told_columns) == 1


def test_residents_are_called_with_what_to_bring(waiting_cases: Batch, answered_cases: Batch) -> None:
    """If this fails, nobody is called, a letter names the wrong documents or day, or tells a NIK."""
    pages: dict[str, list[str]] = {}
    for batch in (waiting_cases, answered_cases):
        with open_store(batch.office) as con, open_ledger(batch.office) as ledger:
            made = papers_after(con, ledger, batch.office, batch.agenda)
        (letter,) = [paper for paper in made if paper.name == f"surat-panggilan-{batch.agenda}.pdf"]
        assert not letter.masked
        pages[batch.agenda] = pages_of(letter.content)
    families, document = pages["2026-0001"]
    born = SCENARIOS["document"][0]
    assert all(part in document for part in (str(born["NAMA_LGKP"]), str(born["ALAMAT"]), "Kelurahan", DOCUMENT[-4:],
                                             "20 Oktober 2026", "kutipan akta kelahiran", "KTP-el asli"))  # fmt: skip
    assert str(SCENARIOS["two families"][0]["NAMA_LGKP"]) in families
    (again_called,) = pages["2026-0002"]
    assert FAMILIES.replace(" ", "\u00a0") in again_called.replace(" 1/", "\u00a01/")
    assert "31 Desember 2099" in again_called
    every = " ".join(page for each in pages.values() for page in each)
    assert not [row["NIK"] for row in ROWS if str(row["NIK"]) in every]


def test_the_workbook_is_private_and_kept(waiting_cases: Batch, tmp_path: Path) -> None:
    """If this fails, others read residents' rows on the desk, or a half filled workbook is overwritten."""
    batch = later(waiting_cases, tmp_path / "kantor")
    paths = [filled_workbook(batch, {}), filled_workbook(batch, {FAR: THEIRS})]
    assert [path.name for path in paths] == ["lembar-kasus-20261020.xlsx", "lembar-kasus-20261020-2.xlsx"]
    for path in paths:
        book = openpyxl.load_workbook(path)
        assert book["Kasus"].protection.sheet
        assert all(cell.data_type in {"s", "n"} and (cell.value is None or isinstance(cell.value, str))
                   for sheet in book for line in sheet.iter_rows() for cell in line)  # fmt: skip
        assert {sheet.title for sheet in book if sheet.sheet_state == "hidden"} == {"_kasus", "_daftar"}


def test_rows_of_unlike_files_are_received_again_each_with_its_own_columns(
    waiting_cases: Batch, tmp_path: Path
) -> None:
    """If this fails, a row is judged by columns that its file never had, or two lists of the centre become one."""
    batch = later(waiting_cases, tmp_path / "kantor")
    columns = [name for name in COLUMNS if name not in {"AGAMA", "GOL_DRH"}]
    path = write_csv(batch.office.inbox / "lain.csv", [resident(33, TGL_LHR="1990-02-14")], columns=columns)
    receipt = receive(batch.office, [path], None, (batch.desk.clock, "inbox"))
    with open_store(batch.office) as con:
        done = run_steps(con, batch.office, receipt)
        done["propose"] = propose(con, receipt.agenda, 1)
    batch = write_batch(replace(batch, receipt=receipt, done=done))
    answered = answered_office(batch, {DOCUMENT: CORRECTED, "2026-0002 1/2": NOT_YET})
    assert [facts["received"] for facts in answered.receipt.files] == [1, 1]
    with open_store(batch.office) as con:
        rows = con.execute("""select f.loaded, list_contains(f.columns, 'agama'), r.nama_lgkp from files f
            join extract_rows r using (agenda, file_no) where f.agenda = '2026-0003' order by file_no""").fetchall()
        closed = {number: by for number, (_, _, by) in cases(con).items()}
    assert rows == [(1, True, resident(19)["NAMA_LGKP"]), (1, False, resident(33)["NAMA_LGKP"])]
    assert (closed[DOCUMENT], closed["2026-0002 1/2"]) == ("2026-0003", None)
    assert "surat-balasan-2026-0003.pdf" in papers(answered)


def test_another_round_keeps_the_answers(waiting_cases: Batch, tmp_path: Path) -> None:
    """If this fails, a Tidak of the Kasi loses what a region answered, and Staff has to type it again."""
    batch = answer_batch(later(waiting_cases, tmp_path / "kantor"), {OURS: HERE})
    with open_store(batch.office) as con:
        for step in ("draft", "propose"):
            propose(con, batch.agenda, 2, step=step)
        rows = con.execute("select round, outcome, cause from outcomes where agenda = ? order by 1, 2", [batch.agenda])
        assert rows.fetchall() == [(n, outcome, ANSWERED) for n in (1, 2) for outcome in ("ditunda", "tidak terbukti")]


def test_two_elements_of_one_case(waiting_cases: Batch, tmp_path: Path) -> None:
    """If this fails, of two wrong elements that one document shows the second is never corrected."""
    both = CORRECTED | {"ELEMEN 2": "tmpt_lhr", "MENJADI 2": "KEDIRI LAMA"}
    with open_store(answered_office(later(waiting_cases, tmp_path / "kantor"), {DOCUMENT: both}).office) as con:
        written = con.execute("""select element, after, basis like 'kutipan akta kelahiran nomor%' from history
            where agenda = '2026-0002' order by element""").fetchall()
        held = con.execute("select tgl_lhr::varchar, tmpt_lhr from penduduk where resident_id = 18").fetchall()
    assert written == [("tgl_lhr", "1963-11-12", True), ("tmpt_lhr", "KEDIRI LAMA", True)]
    assert held == [("1963-11-12", "KEDIRI LAMA")]


def test_an_office_that_is_not_ready_leaves_the_workbook(waiting_cases: Batch, tmp_path: Path) -> None:
    """If this fails, Staff's answers lie in rejected/ because of a fault of the office's own."""
    batch = later(waiting_cases, tmp_path / "kantor")
    path = to_inbox(batch, filled_workbook(batch, {OURS: HERE}))
    batch.office.key_file.chmod(0o644)
    with pytest.raises(UserError) as caught:
        receive(Office(batch.office.home), [path], None, (batch.desk.clock, "inbox"))
    assert caught.value.exit_code is Exit.OFFICE
    assert path.exists()
    assert not list(batch.office.rejected.iterdir())


def test_a_note_of_staff_keeps_the_answer(waiting_cases: Batch, tmp_path: Path) -> None:
    """If this fails, Staff can not add a word to an answer, or the word turns the answer into something else."""
    batch = answer_batch(later(waiting_cases, tmp_path / "kantor"), {MOVED: THEIRS, DOCUMENT: CORRECTED})
    with open_store(batch.office) as con:
        rows = con.execute("select row_id from case_answers order by row_id").fetchall()
        notes = {int(row_id): {"CATATAN": "sudah ditelepon"} for (row_id,) in rows}
        work_round(con, batch.office, (batch.agenda, 2), notes)
        found = con.execute(
            """select o.outcome, o.resident_id, o.cause, o.basis like '%kasus 2026-0001%', c.element, c.after, c.cause
            from outcomes o join changes c using (agenda, round, row_id) where round = 2 order by o.outcome"""
        ).fetchall()
    assert found == [
        ("diperbaiki", 18, BY_STAFF, True, "tgl_lhr", "1963-11-12", BY_STAFF),
        ("usul nonaktif", resident_id(OF_OURS), BY_STAFF, True, "usulan", "NONAKTIF", BY_STAFF),
    ]


def test_a_document_is_asked_for_once() -> None:
    """If this fails, a letter asks for the birth certificate, and below for it "if there is one"."""
    both = _asked([RECORDING, "ANM-NIK-01"])["bring"]
    assert [one for one in both if one.startswith(BIRTH)] == [BIRTH]
    assert f"{BIRTH}, bila ada" in _asked([RECORDING])["bring"]
    assert "kutipan akta kematian, bila sudah meninggal" in _asked(["ANM-TGL-05"])["bring"]
