"""What Staff decided stays in force over rounds, and what a sheet showed over changes of the register."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from office_kit.residents import resident
from office_kit.sheets import LATER, Cells, answer, edit, fill, work_round
from office_kit.small import Opened, resident_id, row_ids
from office_kit.worksheets import AKTA

from expectations.outcomes import BY_STAFF
from tasks.errors import UserError
from tasks.propose import propose
from tasks.retention.originals import original
from tasks.worksheet import keep_worksheet, parse_worksheet, store_decisions, write_worksheet

DOCUMENT, PARENTS, BIOMETRIC, LOSER = (
    row_ids(scenario)[0] for scenario in ("document", "parents", "biometric", "loser")
)
BASIS = "kutipan akta kelahiran nomor 1/2026 tanggal 05-01-2026"
BORN = {"HASIL": "diperbaiki", "ELEMEN": "TGL_LHR", "MENJADI": "1991-02-14", **AKTA}
FATHER = str(resident(30)["NIK"])
NOTE = {"CATATAN": "sudah ditelepon"}
CAME = {"KEJADIAN": "warga datang"}
AWAY, HOME = "15", "76"
WORD = "outcome, element, after, element_2, after_2, kept, basis, document, number, dated"


def rework(opened: Opened, round_no: int, cells: dict[int, Cells], answers: Any = None) -> None:
    """A round with these cells filled in."""
    work_round(opened.con, opened.batch.office, (opened.batch.agenda, round_no), cells, answers)


def ends(opened: Opened, row_id: int, round_no: int) -> tuple[Any, ...]:
    """(outcome, basis, cause, needs_person) and the changes."""
    query = "select outcome, basis, cause, needs_person from outcomes where row_id = ? and round = ?"
    changes = "select element, after, basis, cause from changes where row_id = ? and round = ? order by element"
    (end,) = opened.con.execute(query, [row_id, round_no]).fetchall()
    return end, opened.con.execute(changes, [row_id, round_no]).fetchall()


def word(opened: Opened, row_id: int, round_no: int) -> tuple[Any, ...]:
    """What is stored as Staff's word, but for event, day to wait for and note."""
    query = f"select {WORD} from decisions where row_id = ? and round = ?"
    return tuple(opened.con.execute(query, [row_id, round_no]).fetchall()[0])


def move(opened: Opened, regency: str) -> None:
    """The resident of row DOCUMENT moves at the counter."""
    opened.con.execute("update penduduk set no_kab = ? where resident_id = ?", [regency, resident_id(resident(19))])


EARLIER: dict[str, tuple[int, Cells]] = {
    "an element by a document": (DOCUMENT, BORN),
    "another value than proposed": (PARENTS, {"MENJADI": FATHER, **AKTA}),
    "not founded": (DOCUMENT, {"HASIL": "tidak terbukti", **AKTA}),
    "inactive by a document": (LOSER, AKTA),
    "a note alone": (PARENTS, NOTE),
}


@pytest.mark.parametrize("earlier", EARLIER)
def test_a_note_in_the_next_round_changes_nothing(opened: Opened, earlier: str) -> None:
    """If this fails, "ok" behind a decided row throws the value from the birth certificate away without a word."""
    row_id, cells = EARLIER[earlier]
    rework(opened, 2, {row_id: cells})
    assert ends(opened, row_id, 2)[0][2] == BY_STAFF
    assert (BASIS in str(ends(opened, row_id, 2))) is (earlier != "a note alone")
    rework(opened, 3, {row_id: {"CATATAN": "ok"}})
    rework(opened, 4, {row_id: {"CATATAN": None}})
    for later in (3, 4):
        assert ends(opened, row_id, later) == ends(opened, row_id, 2)
        assert word(opened, row_id, later) == word(opened, row_id, 2)
    notes = opened.con.execute("select note from decisions where row_id = ? order by round", [row_id]).fetchall()
    assert notes[1:] == [("ok",), (None,)]


@pytest.mark.parametrize("earlier", ["an element by a document", "another value than proposed", "not founded"])
def test_an_event_in_the_next_round_is_added(opened: Opened, earlier: str) -> None:
    """If this fails, a resident who turns up loses the correction that Staff decided before."""
    row_id, cells = EARLIER[earlier]
    rework(opened, 2, {row_id: cells})
    rework(opened, 3, {row_id: CAME})
    (outcome, basis, *rest), changes = ends(opened, row_id, 2)
    assert ends(opened, row_id, 3) == ((outcome, f"{basis}; warga datang", *rest), changes)


def test_a_day_in_the_next_round_is_added(opened: Opened) -> None:
    """If this fails, waiting longer takes away what Staff rests the waiting on."""
    rework(opened, 2, {BIOMETRIC: {"DASAR": "KTP-el", "TUNDA SAMPAI": LATER}})
    rework(opened, 3, {BIOMETRIC: {"TUNDA SAMPAI": "2098-01-31"}})
    assert ends(opened, BIOMETRIC, 2)[0][:2] == ("ditunda", "KTP-el; ditunda sampai 31-12-2099")
    assert ends(opened, BIOMETRIC, 3)[0][:2] == ("ditunda", "KTP-el; ditunda sampai 31-01-2098")


def test_another_document_in_the_next_round_replaces_the_first(opened: Opened) -> None:
    """If this fails, an earlier decision can not be corrected any more."""
    rework(opened, 2, {DOCUMENT: BORN})
    rework(opened, 3, {DOCUMENT: {"DASAR": "ijazah", "NOMOR": "7"}})
    told = "ijazah nomor 7 tanggal 05-01-2026"
    assert ends(opened, DOCUMENT, 3)[1] == [("tgl_lhr", "1991-02-14", told, BY_STAFF)]
    rework(opened, 4, {DOCUMENT: {"HASIL": "tidak terbukti"}})
    assert ends(opened, DOCUMENT, 4) == (("tidak terbukti", told, BY_STAFF, False), [])


def test_staffs_own_elements_have_cells_before_proposed_ones(opened: Opened) -> None:
    """If this fails, changing one value in the next round drops another one that Staff decided."""
    opened.con.execute("update extract_rows set nama_lgkp = replace(nama_lgkp, ' ', '  ') where row_id = ?", [PARENTS])
    opened.con.execute("insert into findings values (?, ?, 'ANM-NAM-11')", [opened.batch.agenda, PARENTS])
    rework(opened, 2, {PARENTS: {"ELEMEN": "TMPT_LHR", "MENJADI": "KEDIRI", **AKTA}})
    rework(opened, 3, {PARENTS: {"MENJADI": FATHER}})
    found = [(element, after, basis == BASIS) for element, after, basis, _ in ends(opened, PARENTS, 3)[1]]
    assert [found[0], found[2]] == [("nik_ayah", FATHER, True), ("tmpt_lhr", "KEDIRI", True)]
    assert (found[1][0], found[1][2]) == ("nik_ibu", False)


def test_a_decision_outlasts_a_round_in_which_it_could_not_be_written(opened: Opened) -> None:
    """If this fails, a note while the resident lived elsewhere ends what Staff decided."""
    rework(opened, 2, {DOCUMENT: BORN})
    move(opened, AWAY)
    rework(opened, 3, {DOCUMENT: NOTE})
    assert ends(opened, DOCUMENT, 3)[0][0] == "ditunda"
    move(opened, HOME)
    rework(opened, 4, {})
    assert ends(opened, DOCUMENT, 4) == ends(opened, DOCUMENT, 2)
    move(opened, AWAY)
    rework(opened, 5, {DOCUMENT: {"TUNDA SAMPAI": LATER}})
    move(opened, HOME)
    rework(opened, 6, {})
    assert ends(opened, DOCUMENT, 6)[0][0] == "ditunda"


def test_an_earlier_document_stands_beside_two_people(opened: Opened) -> None:
    """If this fails, a sheet that was accepted in round 2 is refused in round 3 although nobody touched it."""
    query = """select left_id || ' ' || right_id from pairs join identities on record_id in (left_id, right_id)
        where row_id = ?"""
    key = str(opened.con.execute(query, [LOSER]).fetchall()[0][0])
    rework(opened, 2, {LOSER: AKTA}, {key: ("bukan", None)})
    rework(opened, 3, {})
    assert ends(opened, LOSER, 3) == ends(opened, LOSER, 2)


def test_an_answer_stays_on_the_sheet_when_nobody_need_look_at_its_rows(opened: Opened) -> None:
    """If this fails, what Staff answered about two people is gone without a word, or can never be taken back."""
    con, office, agenda = opened.con, opened.batch.office, opened.batch.agenda
    row_id = row_ids("possible")[0]
    query = """select left_id || ' ' || right_id from pairs join identities on record_id in (left_id, right_id)
        where row_id = ?"""
    key = str(con.execute(query, [row_id]).fetchall()[0][0])
    rework(opened, 2, {}, {key: ("bukan", None)})
    for round_no, cells, left in ((3, {}, [("bukan",)]), (4, {key: ("", None)}, []), (5, {}, [])):
        propose(con, agenda, round_no, step="draft")
        con.execute("update outcomes set needs_person = false where round = ? and row_id = ?", [round_no, row_id])
        sheet = answer(write_worksheet(con, office, agenda, round_no), cells)
        shown = [cell.value for cell in openpyxl.load_workbook(sheet)["Pasangan"]["A"]]
        assert (key in shown) is (round_no < 5)
        kept = keep_worksheet(office, sheet.name, (agenda, f"staff-r{round_no}-c1"))
        store_decisions(con, office, kept, (agenda, round_no))
        found = con.execute("select verdict from pair_answers where round = ?", [round_no]).fetchall()
        assert found == left
        with original(office, agenda, kept) as path:
            read = parse_worksheet(con, path, agenda, round_no)
        assert read.answers.height == len(left)


@pytest.fixture
def sheet(opened: Opened) -> Path:
    path = write_worksheet(opened.con, opened.batch.office, opened.batch.agenda, 1)
    opened.con.execute("update penduduk set alamat = 'JL BARU NO 1', no_rt = '099'")
    return path


def test_the_register_goes_on_while_staff_works(opened: Opened, sheet: Path) -> None:
    """If this fails, one resident who moves at the counter makes an untouched sheet impossible to submit."""
    page = openpyxl.load_workbook(sheet)["Pasangan"]
    assert "JL BARU" not in str([cell.value for row in page.iter_rows() for cell in row])
    read = parse_worksheet(opened.con, sheet, opened.batch.agenda, 1)
    assert read.decisions.is_empty()
    assert read.answers.is_empty()


def test_a_locked_cell_of_a_pair_is_ours_after_the_register_changed(opened: Opened, sheet: Path) -> None:
    """If this fails, Staff answers about values that nobody showed them."""
    heads = [cell.value for cell in openpyxl.load_workbook(sheet)["Pasangan"][2]]
    at = heads.index("ALAMAT") + 1
    for value in ("JL BARU NO 1", None):
        edit(sheet, lambda page, value=value: page.cell(3, at, value), "Pasangan")
        with pytest.raises(UserError) as caught:
            parse_worksheet(opened.con, sheet, opened.batch.agenda, 1)
        assert [problem.place for problem in caught.value.problems] == [
            f"Pasangan!{openpyxl.utils.get_column_letter(at)}3"
        ]


def test_a_lost_sheet_is_written_again_as_it_was(opened: Opened, sheet: Path) -> None:
    """If this fails, Staff who saved the sheet elsewhere can not submit it once the desk's copy was written again."""
    elsewhere = sheet.rename(sheet.with_name("salinan.xlsx"))
    write_worksheet(opened.con, opened.batch.office, opened.batch.agenda, 1)
    for path in (elsewhere, sheet):
        assert parse_worksheet(opened.con, path, opened.batch.agenda, 1).answers.is_empty()


def test_an_accepted_sheet_is_stored_although_the_resident_left(opened: Opened, sheet: Path) -> None:
    """If this fails, a move between the gate and the next step fails every resume of the run."""
    office, agenda = opened.batch.office, opened.batch.agenda
    kept = keep_worksheet(office, fill(sheet, {DOCUMENT: BORN}).name, (agenda, "staff-r1-c1"))
    with original(office, agenda, kept) as path:
        parse_worksheet(opened.con, path, agenda, 1)
    move(opened, AWAY)
    assert store_decisions(opened.con, office, kept, (agenda, 1))["decided"] == 1
    opened.con.execute("delete from steps where step = 'propose'")
    propose(opened.con, agenda, 1)
    assert ends(opened, DOCUMENT, 1)[0][0] == "ditunda"
    assert ends(opened, DOCUMENT, 1)[1] == []
