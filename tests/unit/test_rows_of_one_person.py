"""Two rows of one resident that say different things are refused while Staff has the sheet, not after signatures."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from office_kit.one_person import drafted, files_of_one_person, row_of, spaced
from office_kit.residents import again, resident
from office_kit.sheets import LATER, SOME_DAY, Cells, fill, letter, line_of, work_round
from office_kit.small import CHILD, SCENARIOS, Batch, Opened, copy_of, resident_id
from office_kit.successive import row, years
from office_kit.worksheets import AKTA
from office_kit.writing import write

from tasks.approvals.case import Case
from tasks.errors import ConflictError, Exit, Problem, UserError
from tasks.propose import digest, propose
from tasks.propose.agreed import CONTRADICTED
from tasks.store import open_store
from tasks.worksheet import parse_worksheet, write_worksheet
from tasks.write.conflicts import check_conflicts

BORN = {"HASIL": "diperbaiki", "ELEMEN": "TGL_LHR", "MENJADI": "1991-02-14", **AKTA}
OTHERWISE = BORN | {"MENJADI": "1991-03-03"}
STAYS = {"HASIL": "diperbaiki", "ELEMEN": "ALAMAT", "MENJADI": "JL MAWAR NO 1", **AKTA}
GOES = {"HASIL": "usul nonaktif", "DASAR": "kutipan akta kematian", "NOMOR": "2/2026", "TANGGAL": SOME_DAY}
ONE, TWO = row_of("document", 1), row_of("document", 2)
SHORT = resident(31, TGL_LHR="1990-02-14")
BORN_31 = str(resident(31)["TGL_LHR"])


@pytest.fixture(scope="module")
def twofold(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """Do not write to it: use ``opened``."""
    extra = (spaced(2), SHORT), (spaced(2, "A"), spaced(31))
    return drafted(tmp_path_factory.mktemp("dua") / "kantor", files_of_one_person(*extra))


@pytest.fixture
def opened(twofold: Batch, tmp_path: Path) -> Iterator[Opened]:
    batch = copy_of(twofold, tmp_path / "kantor")
    with open_store(batch.office) as con:
        yield Opened(batch, con)


def blank(opened: Opened, round_no: int = 1) -> Path:
    return write_worksheet(opened.con, opened.batch.office, opened.batch.agenda, round_no)


def problems(opened: Opened, decided: Mapping[int, Cells], round_no: int = 1) -> tuple[Problem, ...]:
    """What the sheet is refused for once these rows are filled in."""
    with pytest.raises(UserError) as caught:
        parse_worksheet(opened.con, fill(blank(opened, round_no), decided), opened.batch.agenda, round_no)
    assert caught.value.exit_code is Exit.WORKSHEET
    return caught.value.problems


def cell(opened: Opened, row_id: int, head: str, round_no: int = 1) -> str:
    page = openpyxl.load_workbook(blank(opened, round_no))["Keputusan"]
    return f"Keputusan!{letter(head)}{line_of(page, row_id)}"


def go_through(opened: Opened, decided: Mapping[int, Cells]) -> None:
    """The round is worked on, signed by all and written."""
    batch = opened.batch
    batch.done["propose"] = work_round(opened.con, batch.office, (batch.agenda, 1), decided)
    batch.sign()
    assert write(opened)[1]


def test_two_values_for_one_element_are_refused_with_both_cells(opened: Opened) -> None:
    """If this fails, two birth dates of one resident are signed by four people and can be written in no round."""
    here, there = cell(opened, ONE, "MENJADI"), cell(opened, TWO, "MENJADI")
    found = {problem.place: problem for problem in problems(opened, {ONE: BORN, TWO: OTHERWISE})}
    assert set(found) == {here, there}
    assert found[here].received == f"orang yang sama, isi lain pada {there}"
    assert found[there].received == f"orang yang sama, isi lain pada {here}"
    assert "ditunda" in found[here].next_step
    assert "1991" not in str(found)


def test_equal_values_are_right_and_written_once(opened: Opened) -> None:
    """If this fails, Staff who corrects both rows from one certificate is sent back."""
    go_through(opened, {ONE: BORN, TWO: BORN})
    held = opened.con.execute("select tgl_lhr::varchar from penduduk where resident_id = ?",
                              [resident_id(resident(19))]).fetchall()  # fmt: skip
    assert held == [("1991-02-14",)]


def test_different_elements_of_one_resident_are_right(opened: Opened) -> None:
    """If this fails, one row can not mend the birth date and another the address of the same resident."""
    go_through(opened, {ONE: BORN, TWO: STAYS})
    query = "select element, after from history where resident_id = ? order by 1"
    found = opened.con.execute(query, [resident_id(resident(19))]).fetchall()
    assert found == [("alamat", "JL MAWAR NO 1"), ("tgl_lhr", "1991-02-14")]


def test_nobody_is_corrected_and_proposed_inactive_at_once(opened: Opened) -> None:
    """If this fails, the Ditjen is asked to delete a person whose data the same letter corrects."""
    corrected, goes = cell(opened, ONE, "MENJADI"), cell(opened, TWO, "HASIL")
    found = {problem.place: problem.received for problem in problems(opened, {ONE: STAYS, TWO: GOES})}
    assert found == {
        corrected: f"diperbaiki, padahal orang yang sama usul nonaktif pada {goes}",
        goes: f"usul nonaktif, padahal orang yang sama diperbaiki pada {corrected}",
    }


def test_staff_s_word_against_the_system_s_on_another_row(opened: Opened) -> None:
    """If this fails, Staff corrects one row, leaves the other as proposed, and all signatures are for nothing."""
    for person, mine, head in (("symbol", {"MENJADI": "JATMIKA LAIN", **AKTA}, "MENJADI"), ("loser", STAYS, "HASIL")):
        first, second = row_of(person, 1), row_of(person, 2)
        (found,) = problems(opened, {first: mine})
        assert found.place == cell(opened, first, "MENJADI")
        assert found.received.endswith(cell(opened, second, head))
        blank(opened).unlink()


def test_what_nobody_need_look_at_is_on_the_sheet_beside_its_other_row(opened: Opened) -> None:
    """If this fails, Staff is told of a contradicting row that the sheet does not show and can not change."""
    waits, automatic = 10_000_007, 20_000_007
    query = "select outcome, needs_person from outcomes where row_id = ?"
    assert opened.con.execute(query, [automatic]).fetchall() == [("diperbaiki", False)]
    (found,) = problems(opened, {waits: GOES})
    assert found.received.endswith(cell(opened, automatic, "MENJADI"))
    blank(opened).unlink()
    go_through(opened, {waits: GOES, automatic: {"HASIL": "ditunda", "TUNDA SAMPAI": LATER}})


def test_rows_that_the_system_itself_proposes_otherwise_wait_for_a_person(opened: Opened) -> None:
    """If this fails, two spellings of one name make a batch that nobody need look at and nobody can ever write."""
    query = "select outcome, basis, needs_person from outcomes where row_id in (10000006, 20000006)"
    assert opened.con.execute(query).fetchall() == [("ditunda", CONTRADICTED, True)] * 2
    go_through(opened, {10_000_006: {"HASIL": "diperbaiki", "ELEMEN": "NAMA_LGKP", "MENJADI": "WIDURI UJI", **AKTA}})
    query = "select nama_lgkp from penduduk where resident_id = ?"
    assert opened.con.execute(query, [resident_id(resident(2))]).fetchall() == [("WIDURI UJI",)]


def test_staff_s_word_of_an_earlier_round_counts(opened: Opened) -> None:
    """If this fails, the second round contradicts the first one unseen."""
    batch = opened.batch
    work_round(opened.con, batch.office, (batch.agenda, 1), {ONE: BORN})
    propose(opened.con, batch.agenda, 2, step="draft")
    (found,) = problems(opened, {TWO: OTHERWISE}, 2)
    assert found.received.endswith(cell(opened, ONE, "MENJADI", 2))


def test_the_system_gives_way_to_what_staff_decided_before(opened: Opened) -> None:
    """If this fails, a register that moves on while officials sign turns Staff's right decision into a dead batch."""
    batch, con = opened.batch, opened.con
    first, second = row_of("symbol", 1), row_of("symbol", 2)
    name = str(resident(3)["NAMA_LGKP"])
    work_round(con, batch.office, (batch.agenda, 1), {first: {"ELEMEN": "NAMA_LGKP", "MENJADI": name, **AKTA}})
    con.execute("update penduduk set nama_lgkp = ? where resident_id = ?", [f"{name}A", resident_id(resident(3))])
    propose(con, batch.agenda, 2, step="draft")
    query = "select row_id, outcome, basis = ? from outcomes where round = 2 and row_id in (?, ?) order by 1"
    assert con.execute(query, [CONTRADICTED, first, second]).fetchall() == [
        (first, "diperbaiki", False), (second, "ditunda", True)]  # fmt: skip


def test_a_remembered_decision_and_staff_s_new_one(tmp_path: Path) -> None:
    """If this fails, a decision of last year and today's contradict each other and nobody is told."""
    document = SCENARIOS["document"][0]
    with years(tmp_path / "kantor") as office:
        office.batch((document,), {row(0): BORN})
        office.draft(document, again(document, ALAMAT="JL LAIN NO 1"))
        assert office.end(row(0))[2] == "keputusan terdahulu"
        opened = Opened(office.batches[-1], office.con)
        (found,) = problems(opened, {row(1): OTHERWISE})
        assert found.received.endswith(cell(opened, row(0), "MENJADI"))


def test_a_third_element_written_into_a_cell_is_staff_s(opened: Opened) -> None:
    """If this fails, Staff who puts another proposed element into a cell stops the whole run."""
    batch = drafted(opened.batch.office.home.parent / "lain", ((CHILD, resident(33)),))
    with open_store(batch.office) as con:
        row_id = row(0)
        con.execute("update extract_rows set nama_lgkp = replace(nama_lgkp, ' ', '  ') where row_id = ?", [row_id])
        con.execute("insert into findings values (?, ?, 'ANM-NAM-11')", [batch.agenda, row_id])
        mother = str(resident(30)["NIK"])
        decided = {row_id: {"ELEMEN": "NIK_IBU", "MENJADI": mother, **AKTA}}
        work_round(con, batch.office, (batch.agenda, 2), decided)
        query = "select element, after = ? from changes where row_id = ? and round = 2 order by 1"
        assert con.execute(query, [mother, row_id]).fetchall() == [("nik_ayah", False), ("nik_ibu", True)]


NEW = resident(75)
TWO_PEOPLE = NEW, again(NEW, NAMA_LGKP="ZULFA QORI UJI", NAMA_LGKP_IBU="PARTINAH LAIN", NO_KK="3576021406129777")


def test_two_unknown_people_under_one_nik_are_decided_each(tmp_path: Path) -> None:
    """If this fails, Staff can not decide about two strangers who share a NIK and a birth date."""
    ours, theirs = STAYS, STAYS | {"MENJADI": "JL MELATI NO 2"}
    with years(tmp_path / "kantor") as office:
        office.draft(*TWO_PEOPLE)
        office.work({row(0): ours, row(1): theirs})
        assert [office.changes(row(at))[0][:2] for at in (0, 1)] == [
            ("alamat", ours["MENJADI"]), ("alamat", theirs["MENJADI"])]  # fmt: skip
        assert [office.end(row(at))[0] for at in (0, 1)] == ["diperbaiki"] * 2
        office.write()


def test_two_rows_of_one_unknown_person_must_agree(tmp_path: Path) -> None:
    """If this fails, a stranger's two rows are signed with two birth dates because the register has none of them."""
    with years(tmp_path / "kantor") as office:
        office.draft(NEW, again(NEW, NO_KK="3576021406129777"))
        opened = Opened(office.batches[-1], office.con)
        assert {problem.place for problem in problems(opened, {row(0): BORN, row(1): OTHERWISE})} == {
            cell(opened, row(0), "MENJADI"), cell(opened, row(1), "MENJADI")}  # fmt: skip


def test_at_writing_the_reason_is_the_right_one(opened: Opened) -> None:
    """If this fails, a contradiction is told as a change of the register, and Staff looks for who changed it."""
    con, agenda = opened.con, opened.batch.agenda
    opened.batch.done["propose"] = propose(con, agenda, 1)
    con.execute("update changes set after = 'LAIN' where row_id = ?", [row_of("symbol", 2)])
    case = Case(agenda, 1, digest(con, agenda, 1))
    with pytest.raises(ConflictError) as caught:
        check_conflicts(con, case)
    assert "2 elemen bertentangan dengan baris lain dari orang yang sama" in str(caught.value)
    assert "berubah sejak" not in str(caught.value)
    con.execute("update penduduk set usulan = 'LAIN' where resident_id = 8")
    with pytest.raises(ConflictError) as caught:
        check_conflicts(con, replace(case))
    assert "2 elemen sudah berubah sejak diusulkan dan 2 elemen bertentangan" in str(caught.value)
