"""From the worksheet to what is signed: decisions, events and answers in the change-set, and what batches remember."""

from typing import Any

import pytest
from office_kit.residents import resident
from office_kit.sheets import LATER, Cells, fill, work_round
from office_kit.small import Opened, row_ids
from office_kit.worksheets import AKTA, ANSWER
from office_kit.writing import write

from expectations.outcomes import BY_STAFF
from tasks.propose import propose
from tasks.propose.changeset import canonical
from tasks.worksheet import parse_worksheet, write_worksheet

DOCUMENT, SYMBOL, PARENTS = row_ids("document")[0], row_ids("symbol")[0], row_ids("parents")[0]
BIOMETRIC, POSSIBLE = row_ids("biometric")[0], row_ids("possible")[0]
AKTA_BASIS = "kutipan akta kelahiran nomor 1/2026 tanggal 05-01-2026"


def rework(opened: Opened, decisions: dict[int, Cells], answers: dict[str, tuple[str, str | None]] | None = None,
           round_no: int = 2) -> str:  # fmt: skip
    """A round with these cells filled in; its digest."""
    return str(
        work_round(opened.con, opened.batch.office, (opened.batch.agenda, round_no), decisions, answers)["digest"]
    )


def ends(opened: Opened, row_id: int, round_no: int = 2) -> tuple[Any, ...]:
    query = "select outcome, basis, cause, needs_person from outcomes where row_id = ? and round = ?"
    return tuple(opened.con.execute(query, [row_id, round_no]).fetchall()[0])


def changes(opened: Opened, row_id: int, round_no: int = 2) -> list[tuple[Any, ...]]:
    query = "select element, after, basis, cause from changes where row_id = ? and round = ? order by element"
    return opened.con.execute(query, [row_id, round_no]).fetchall()


def test_a_document_is_the_basis_of_outcome_and_change(opened: Opened) -> None:
    """If this fails, the approvers do not see on which document the birth date was changed."""
    rework(opened, {DOCUMENT: {"HASIL": "diperbaiki", "ELEMEN": "TGL_LHR", "MENJADI": "1991-02-14", **AKTA}})
    assert ends(opened, DOCUMENT) == ("diperbaiki", AKTA_BASIS, BY_STAFF, False)
    assert changes(opened, DOCUMENT) == [("tgl_lhr", "1991-02-14", AKTA_BASIS, BY_STAFF)]


def test_two_elements_at_once(opened: Opened) -> None:
    """If this fails, the second correction of a person is lost."""
    rework(opened, {DOCUMENT: {"HASIL": "diperbaiki", "ELEMEN": "TGL_LHR", "MENJADI": "1991-02-14",
                               "ELEMEN 2": "ALAMAT", "MENJADI 2": "JL MAWAR NO 1", **AKTA}})  # fmt: skip
    assert [change[:2] for change in changes(opened, DOCUMENT)] == [
        ("alamat", "JL MAWAR NO 1"),
        ("tgl_lhr", "1991-02-14"),
    ]


def test_one_of_two_proposed_elements_is_taken_back(opened: Opened) -> None:
    """If this fails, an element that Staff emptied is written all the same."""
    before = changes(opened, PARENTS, 1)
    assert [change[0] for change in before] == ["nik_ayah", "nik_ibu"]
    rework(opened, {PARENTS: {"ELEMEN 2": None, "MENJADI 2": None, **AKTA}})
    assert changes(opened, PARENTS) == [(*before[0][:2], AKTA_BASIS, BY_STAFF)]


def test_a_note_keeps_what_was_proposed(opened: Opened) -> None:
    """If this fails, a note replaces the computer's basis by nothing, or drops the change."""
    rework(opened, {PARENTS: {"CATATAN": "sudah ditelepon"}})
    assert changes(opened, PARENTS) == changes(opened, PARENTS, 1)
    assert ends(opened, PARENTS)[:3] == ("diperbaiki", ends(opened, PARENTS, 1)[1], BY_STAFF)


def test_a_third_proposed_element_has_no_cell_and_stands(opened: Opened) -> None:
    """If this fails, a change that Staff agreed with by not touching it disappears from what is signed."""
    opened.con.execute("update extract_rows set nama_lgkp = replace(nama_lgkp, ' ', '  ') where row_id = ?", [PARENTS])
    opened.con.execute("insert into findings values (?, ?, 'ANM-NAM-11')", [opened.batch.agenda, PARENTS])
    rework(opened, {PARENTS: {"MENJADI": resident(6)["NAMA_LGKP"], "ELEMEN": "NAMA_LGKP", **AKTA}})
    assert [(change[0], change[2] == AKTA_BASIS) for change in changes(opened, PARENTS)] == [
        ("nama_lgkp", True), ("nik_ayah", True), ("nik_ibu", False)]  # fmt: skip


def test_postponed_until_a_day(opened: Opened) -> None:
    """If this fails, nobody knows until when a postponed case waits."""
    rework(opened, {SYMBOL: {"HASIL": "ditunda", "TUNDA SAMPAI": LATER}, BIOMETRIC: {"TUNDA SAMPAI": LATER}})
    assert ends(opened, SYMBOL)[:2] == ("ditunda", "ditunda sampai 31-12-2099")
    assert changes(opened, SYMBOL) == []
    assert ends(opened, BIOMETRIC)[1].endswith("KTP-el; ditunda sampai 31-12-2099")


def test_another_regions_answer_is_part_of_what_is_signed(opened: Opened) -> None:
    """If this fails, a referral is closed and no approver reads on whose word."""
    here, _ = row_ids("partner abroad")
    event = "jawaban daerah: tetap di sini"
    rework(opened, {here: {"HASIL": "tidak terbukti", "KEJADIAN": event, **ANSWER}})
    assert ends(opened, here)[:2] == (
        "tidak terbukti", f"surat jawaban daerah lain nomor 470/12/2026 tanggal 05-01-2026; {event}")  # fmt: skip


def test_the_next_rounds_sheet_shows_what_was_decided(opened: Opened) -> None:
    """If this fails, Staff fills everything in again after a Tidak, or a decision changes by not being touched."""
    cells = {"HASIL": "diperbaiki", "ELEMEN": "TGL_LHR", "MENJADI": "1991-02-14", "CATATAN": "lihat map 3", **AKTA}
    key = pair_of(opened, POSSIBLE)
    rework(opened, {DOCUMENT: cells, BIOMETRIC: {"TUNDA SAMPAI": LATER}}, {key: ("bukan", "lain")})
    con, batch = opened.con, opened.batch
    propose(con, batch.agenda, 3, step="draft")
    sheet = write_worksheet(con, batch.office, batch.agenda, 3)
    read = parse_worksheet(con, sheet, batch.agenda, 3)
    assert read.decisions.is_empty()
    assert read.answers.rows() == [(*key.split(" "), "bukan", "lain")]
    again = parse_worksheet(con, fill(sheet, {DOCUMENT: {"MENJADI": "1991-02-15"}}), batch.agenda, 3)
    (row,) = again.decisions.iter_rows(named=True)
    assert (row["after"], row["basis"], row["note"]) == ("1991-02-15", AKTA_BASIS, "lihat map 3")


def pair_of(opened: Opened, row_id: int) -> str:
    query = """select left_id || ' ' || right_id from pairs join identities on record_id in (left_id, right_id)
        where row_id = ?"""
    return str(opened.con.execute(query, [row_id]).fetchall()[0][0])


def test_answers_are_part_of_what_is_signed(opened: Opened) -> None:
    """If this fails, an answer about two people can be turned round after three signatures."""
    key = pair_of(opened, POSSIBLE)
    left, right = key.split(" ")
    digests = {rework(opened, {}, {key: (verdict, None)}, at) for at, verdict in ((2, "bukan"), (3, "orang sama"))}
    lines = canonical(opened.con, opened.batch.agenda, 3).decode().split("\n")
    assert lines[0].startswith('["sinkron-change-set/2","2026-0001",3,')
    assert lines[-2] == f'["P","{left}","{right}","orang sama"]'
    assert len(digests) == 2
    opened.con.execute("update pair_answers set verdict = 'bukan' where round = 3")
    assert '"bukan"' in canonical(opened.con, opened.batch.agenda, 3).decode()


def test_an_answer_taken_back_is_none(opened: Opened) -> None:
    """If this fails, an answer that Staff emptied in the next round binds later batches."""
    key = pair_of(opened, POSSIBLE)
    rework(opened, {}, {key: ("bukan", None)})
    rework(opened, {}, {}, 3)
    rework(opened, {}, {key: ("", None)}, 4)
    found = opened.con.execute("select round, verdict from pair_answers order by round").fetchall()
    assert found == [(2, "bukan"), (3, "bukan")]


@pytest.mark.parametrize(("said", "remembered"), [("orang sama", "sama"), ("kembar", "bukan"), ("bukan", "bukan"),
                                                  ("tidak tahu", "tidak tahu")])  # fmt: skip
def test_an_explicit_answer_is_remembered_first(opened: Opened, said: str, remembered: str) -> None:
    """If this fails, the row's end speaks for a pair about which Staff said something else."""
    key = pair_of(opened, BIOMETRIC)
    digest = rework(opened, {}, {key: (said, None)})
    opened.batch.desk.case = (opened.batch.agenda, 2, digest)
    opened.batch.desk.sign()
    write(opened, 2, digest)
    ids = [int(each[1:]) for each in key.split(" ")]
    query = "select verdict, by_hand from pair_decisions where left_resident in (?, ?) and right_resident in (?, ?)"
    assert opened.con.execute(query, [*ids, *ids]).fetchall() == [(remembered, True)]
