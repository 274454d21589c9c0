"""Cases that outlive their batch: rows of the city never wait, and answers of a later batch close what they answer."""

from argparse import Namespace
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import openpyxl
import pytest
from office_kit.casework import (
    AKTA,
    BOTH_WRONG,
    DAY,
    HERE,
    LETTER,
    THEIRS,
    Answers,
    answer_batch,
    answered_office,
    filled_workbook,
    later,
    to_inbox,
)
from office_kit.files import Row, write_csv
from office_kit.pdf_text import pages_of, text_of
from office_kit.residents import COLUMNS, again, resident
from office_kit.sheets import LATER, work_round
from office_kit.small import ABROAD, SCENARIOS, Batch, Opened, resident_id, run_steps
from office_kit.writing import take_back
from office_kit.written import csv_of, papers, write_batch, written_office

from expectations.cases import ANSWERED, BIRTH, RECORDING
from expectations.outcomes import BY_STAFF
from flows.commands.cases import cases_command, told
from tasks.cases.call import _asked
from tasks.cases.content import listed
from tasks.documents.after import papers_after
from tasks.errors import Exit, UserError
from tasks.ledger import open_ledger
from tasks.office import Office
from tasks.propose import propose
from tasks.receive import receive
from tasks.store import open_store
from tasks.worksheet import write_worksheet

FAR, BIOMETRIC, OURS, PARTNER = "2026-0001 1/3", "2026-0001 1/9", "2026-0001 1/10", "2026-0001 1/11"
FAMILIES, DOCUMENT, POSSIBLE = "2026-0001 1/14", "2026-0001 1/18", "2026-0001 1/21"
MOVED = "2026-0001 1/22"  # a resident of ours whom the centre holds for a resident of another regency
WRONG = "2026-0001 1/23"  # nobody of ours: asked about at the same regency, a person of its own
OF_OURS = resident(30)
AWAY: Row = again(OF_OURS, **ABROAD)
ROWS = (*(row for rows in SCENARIOS.values() for row in rows), AWAY, resident(61, **ABROAD))
CORRECTED = {"JAWABAN": "dokumen diterima", "HASIL": "diperbaiki", "ELEMEN": "TGL_LHR", "MENJADI": "1963-11-12", **AKTA}
NOT_YET = {"JAWABAN": "tidak datang", "TUNDA SAMPAI": LATER}
# PARTNER is the other half of OURS on the regency's list: the answer to OURS is the answer to it.
ANSWERS: Answers = {FAR: THEIRS, MOVED: THEIRS, OURS: HERE, WRONG: BOTH_WRONG, DOCUMENT: CORRECTED, FAMILIES: NOT_YET}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """A written batch with rows that wait."""
    return written_office(tmp_path_factory.mktemp("kasus") / "kantor", ROWS)


@pytest.fixture(scope="module")
def second(first: Batch, tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """The same office after seven cases were answered, one of them by the answer to its other half."""
    return answered_office(later(first, tmp_path_factory.mktemp("jawaban") / "kantor"), ANSWERS)


def cases(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, str, str | None]]:
    """Number -> (kind, region, agenda that closed it)."""
    rows = con.execute("select case_no, kind, region, closed_by from cases").fetchall()
    return {number: (kind, region, closed) for number, kind, region, closed in rows}


def register(con: duckdb.DuckDBPyConnection) -> dict[int, tuple[object, ...]]:
    """Every resident of the register, by id."""
    return {int(row[0]): row[1:] for row in con.execute("select * from penduduk").fetchall()}


def test_a_batch_ends_while_its_cases_wait(first: Batch) -> None:
    """If this fails, rows of the city wait for another regency's answer, or a case is lost when its batch ends."""
    with open_store(first.office) as con:
        assert con.execute("select agenda from applied").fetchall() == [("2026-0001",)]
        written = con.execute("select count(*) from history where agenda = '2026-0001' and written").fetchall()
        assert written[0][0] > 0
        assert cases(con) == {
            FAR: ("luar kota", "3515", None), MOVED: ("luar kota", "3515", None), OURS: ("luar kota", "3515", None),
            PARTNER: ("luar kota", "3515", None), WRONG: ("luar kota", "3515", None),
            BIOMETRIC: ("biometrik", "", None), POSSIBLE: ("biometrik", "", None),
            FAMILIES: ("pemohon", "", None), DOCUMENT: ("pemohon", "", None),
        }  # fmt: skip
        days = con.execute("select distinct kind, opened_on, due_on, centre_due_on from cases order by all").fetchall()
    sixty = date(2026, 12, 5)  # received 6 October
    letter = date(2026, 11, 21)  # as our letter to the other region says
    opened = date(2026, 10, 6)
    assert days == [("biometrik", opened, sixty, sixty), ("luar kota", opened, letter, sixty),
                    ("pemohon", opened, date(2026, 10, 20), sixty)]  # fmt: skip


def test_the_list_tells_clocks_and_nobody(first: Batch) -> None:
    """If this fails, an overdue case is not seen, the paused clock is not told, or a NIK stands on a terminal."""
    with open_store(first.office) as con:
        lines = told(listed(con), date(2026, 11, 1))
        chosen = told(listed(con, "luar kota", "3515"), date(2026, 12, 6))
        none = listed(con, "", "3524")
        assert told(none, DAY) == ["Tidak ada kasus yang menunggu."]
        assert told(none, DAY, listed(con).height) == [
            "Tidak ada kasus yang menunggu untuk saringan ini; 9 kasus lain menunggu."]  # fmt: skip
        secrets = [value for row in con.execute("select nik, nama_lgkp from extract_rows").fetchall() for value in row]
    assert lines[-1] == "9 kasus menunggu, 2 lewat tenggat."
    assert [line[:14].strip() for line in lines if "LEWAT TENGGAT" in line] == [FAMILIES, DOCUMENT]
    assert len(chosen) == 1 + 5 + 1
    assert all("lewat 1 hari" in line and "jam SOP berhenti sejak 2026-10-06" in line for line in chosen[1:-1])
    assert not [value for value in secrets if value in "\n".join(lines)]


def test_answers_close_their_cases(second: Batch) -> None:
    """If this fails, an answered case stays open, a waiting one is closed, or (c) does not wait for the biometrics."""
    with open_store(second.office) as con:
        found = cases(con)
        until = con.execute("select due_on from cases where case_no = ?", [FAMILIES]).fetchall()
    assert {number: closed for number, (_, _, closed) in found.items() if closed} == dict.fromkeys(
        (FAR, MOVED, OURS, WRONG, DOCUMENT), "2026-0002"
    )
    (new,) = found.keys() - {FAR, MOVED, OURS, PARTNER, WRONG, BIOMETRIC, POSSIBLE, FAMILIES, DOCUMENT}
    assert new.startswith("2026-0002 1/")
    assert found[new] == ("biometrik", "", None)
    assert found[FAMILIES] == ("pemohon", "", None)
    assert found[PARTNER] == ("luar kota", "3515", None)  # stays here: its SKPWNI is still to come
    assert str(until[0][0]) == LATER


def test_each_answer_leads_where_the_handbook_says(second: Batch) -> None:
    """If this fails, a region's answer ends in another outcome than the handbook's, or counts as nobody's word."""
    with open_store(second.office) as con:
        rows = con.execute(
            """select c.case_agenda || ' 1/' || c.case_row % 10000000, o.outcome, o.resident_id, o.cause,
              o.needs_person, contains(o.basis, 'kasus ' || c.case_agenda || ' 1/' || c.case_row % 10000000)
            from outcomes o join case_answers c using (agenda, row_id) where o.agenda = '2026-0002'"""
        ).fetchall()
    assert all(row[3:] == (ANSWERED, True, True) for row in rows)
    assert {row[0]: row[1:3] for row in rows} == {
        FAR: ("rujuk luar kota", None), MOVED: ("usul nonaktif", resident_id(OF_OURS)),
        OURS: ("tidak terbukti", 13), PARTNER: ("ditunda", None), WRONG: ("ditunda", None),
        DOCUMENT: ("diperbaiki", 18), FAMILIES: ("ditunda", 16),
    }  # fmt: skip


def test_only_our_own_records_are_written(first: Batch, second: Batch) -> None:
    """If this fails, an answer wrote what nobody decided, or another region's row was written."""
    with open_store(first.office) as con:
        before = register(con)
        columns = [name for name, *_ in con.execute("describe penduduk").fetchall()][1:]
    with open_store(second.office) as con:
        after = register(con)
        outside = con.execute("select count(*) from penduduk where no_prop || no_kab <> '3576'").fetchall()
    changed = {
        (key, columns[at]): value
        for key in before.keys() | after.keys()
        for at, value in enumerate(after[key]) if value != before[key][at]
    }  # fmt: skip
    assert changed == {(18, "tgl_lhr"): date(1963, 11, 12), (resident_id(OF_OURS), "usulan"): "NONAKTIF"}
    assert outside == [(0,)]


def test_lists_and_reply_of_the_answers_add_up(second: Batch) -> None:
    """If this fails, the centre gets a reply whose totals are not the rows it lists, or a region is asked again."""
    found = papers(second)
    lists = {name: csv_of(found[name]) for name in found if name.endswith(".csv")}
    assert {name[2:-4]: frame.height for name, frame in lists.items()} == {
        "perbaikan": 1, "usul-nonaktif": 1, "rujuk-luar-kota": 1, "tidak-terbukti": 1, "ditunda": 3,
    }  # fmt: skip
    assert lists["3-rujuk-luar-kota.csv"]["JAWABAN_DAERAH"][0].startswith("jawaban daerah: warga sana, surat nomor")
    assert not [name for name in found if name.startswith("surat-luar-kota")]
    reply = text_of(found["surat-balasan-2026-0002.pdf"].content)
    assert "7 (tujuh) baris data yang kami terima" in reply
    assert "1 (satu) baris telah dijawab daerahnya" in reply


def test_undoing_the_answers_opens_the_cases_again(second: Batch, tmp_path: Path) -> None:
    """If this fails, a mistaken answer can be taken back, but nobody asks for the matter any more."""
    batch = later(second, tmp_path / "kantor")
    with open_store(batch.office) as con:
        take_back(Opened(batch, con), "2026-0002")
        found = cases(con)
        assert con.execute("select count(*) from penduduk where usulan is not null and resident_id = ?",
                           [resident_id(OF_OURS)]).fetchall() == [(0,)]  # fmt: skip
    assert {number: closed for number, (_, _, closed) in found.items()} == dict.fromkeys(
        (FAR, MOVED, OURS, PARTNER, WRONG, BIOMETRIC, POSSIBLE, FAMILIES, DOCUMENT)
    )


def test_the_gates_worksheet_holds_the_answers(first: Batch, tmp_path: Path) -> None:
    """If this fails, Staff types every answer twice, or the gate shows another one than was handed in."""
    batch = answer_batch(later(first, tmp_path / "kantor"), {OURS: HERE, DOCUMENT: CORRECTED, FAMILIES: NOT_YET})
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


def test_a_region_that_keeps_an_unknown_resident_waits_for_the_skpwni(first: Batch, tmp_path: Path) -> None:
    """If this fails, a person who stays here is closed as unfounded before the office holds any record of them."""
    batch = answered_office(later(first, tmp_path / "kantor"), {FAR: HERE})
    with open_store(batch.office) as con:
        outcome = con.execute("select outcome from outcomes where agenda = '2026-0002'").fetchall()
        assert outcome == [("ditunda",)]
        assert cases(con)[FAR] == ("luar kota", "3515", None)
    arrived = {"JAWABAN": "dokumen diterima", "HASIL": "tidak terbukti", "DASAR": "surat keterangan pindah (SKPWNI)",
               "NOMOR": "SKPWNI/3515/1", "TANGGAL": "2026-01-05"}  # fmt: skip
    with open_store(answered_office(batch, {FAR: arrived}).office) as con:
        assert cases(con)[FAR] == ("luar kota", "3515", "2026-0003")


def test_rows_are_received_again_as_they_were(second: Batch) -> None:
    """If this fails, a case's row comes back with other values, and its findings or its person change on the way."""
    with open_store(second.office) as con:
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


def test_residents_are_called_with_what_to_bring(first: Batch, second: Batch) -> None:
    """If this fails, nobody is called, a letter names the wrong documents or day, or tells a NIK."""
    pages: dict[str, list[str]] = {}
    for batch in (first, second):
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


def test_the_workbook_is_private_and_kept(first: Batch, tmp_path: Path) -> None:
    """If this fails, others read residents' rows on the desk, or a half filled workbook is overwritten."""
    batch = later(first, tmp_path / "kantor")
    paths = [filled_workbook(batch, {}), filled_workbook(batch, {FAR: THEIRS})]
    assert [path.name for path in paths] == ["lembar-kasus-20261020.xlsx", "lembar-kasus-20261020-2.xlsx"]
    for path in paths:
        book = openpyxl.load_workbook(path)
        assert book["Kasus"].protection.sheet
        assert all(cell.data_type in {"s", "n"} and (cell.value is None or isinstance(cell.value, str))
                   for sheet in book for line in sheet.iter_rows() for cell in line)  # fmt: skip
        assert {sheet.title for sheet in book if sheet.sheet_state == "hidden"} == {"_kasus", "_daftar"}


def test_rows_of_unlike_files_are_received_again_each_with_its_own_columns(first: Batch, tmp_path: Path) -> None:
    """If this fails, a row is judged by columns that its file never had, or two lists of the centre become one."""
    batch = later(first, tmp_path / "kantor")
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


def test_another_round_keeps_the_answers(first: Batch, tmp_path: Path) -> None:
    """If this fails, a Tidak of the Kasi loses what a region answered, and Staff has to type it again."""
    batch = answer_batch(later(first, tmp_path / "kantor"), {OURS: HERE})
    with open_store(batch.office) as con:
        for step in ("draft", "propose"):
            propose(con, batch.agenda, 2, step=step)
        rows = con.execute("select round, outcome, cause from outcomes where agenda = ? order by 1, 2", [batch.agenda])
        assert rows.fetchall() == [(n, outcome, ANSWERED) for n in (1, 2) for outcome in ("ditunda", "tidak terbukti")]


def test_two_elements_of_one_case(first: Batch, tmp_path: Path) -> None:
    """If this fails, of two wrong elements that one document shows the second is never corrected."""
    both = CORRECTED | {"ELEMEN 2": "tmpt_lhr", "MENJADI 2": "KEDIRI LAMA"}
    with open_store(answered_office(later(first, tmp_path / "kantor"), {DOCUMENT: both}).office) as con:
        written = con.execute("""select element, after, basis like 'kutipan akta kelahiran nomor%' from history
            where agenda = '2026-0002' order by element""").fetchall()
        held = con.execute("select tgl_lhr::varchar, tmpt_lhr from penduduk where resident_id = 18").fetchall()
    assert written == [("tgl_lhr", "1963-11-12", True), ("tmpt_lhr", "KEDIRI LAMA", True)]
    assert held == [("1963-11-12", "KEDIRI LAMA")]


def test_an_office_that_is_not_ready_leaves_the_workbook(first: Batch, tmp_path: Path) -> None:
    """If this fails, Staff's answers lie in rejected/ because of a fault of the office's own."""
    batch = later(first, tmp_path / "kantor")
    path = to_inbox(batch, filled_workbook(batch, {OURS: HERE}))
    batch.office.key_file.chmod(0o644)
    with pytest.raises(UserError) as caught:
        receive(Office(batch.office.home), [path], None, (batch.desk.clock, "inbox"))
    assert caught.value.exit_code is Exit.OFFICE
    assert path.exists()
    assert not list(batch.office.rejected.iterdir())


def test_a_note_of_staff_keeps_the_answer(first: Batch, tmp_path: Path) -> None:
    """If this fails, Staff can not add a word to an answer, or the word turns the answer into something else."""
    batch = answer_batch(later(first, tmp_path / "kantor"), {MOVED: THEIRS, DOCUMENT: CORRECTED})
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


@pytest.mark.parametrize("workbook", [False, True])
def test_a_choice_that_finds_none_says_so(
    first: Batch, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, workbook: bool
) -> None:
    """If this fails, an empty choice reads as if no case of the office waited at all."""
    monkeypatch.setenv("SINKRON_HOME", str(first.office.home))
    assert cases_command(Namespace(jenis="biometrik", daerah="3515", lembar=workbook)) == Exit.OK
    assert capsys.readouterr().out == "Tidak ada kasus yang menunggu untuk saringan ini; 9 kasus lain menunggu.\n"
    assert not list(first.office.desk.glob("lembar-kasus-*"))
