"""What Staff decided on the worksheet is read back: words, documents, days and answers, as people write them."""

import datetime as dt
from pathlib import Path

from office_kit.residents import resident
from office_kit.sheets import LATER, POSTPONE, edit, fill
from office_kit.small import Opened, row_ids
from office_kit.worksheets import (
    ABROAD,
    AKTA,
    ANSWER,
    BIOMETRIC,
    DOCUMENT,
    FIXED,
    LOSER,
    SYMBOL,
    faults,
    line,
    parse,
    put,
)

from tasks.worksheet import keep_worksheet, store_decisions


def test_an_untouched_sheet_agrees_with_every_proposal(opened: Opened, sheet: Path) -> None:
    """If this fails, Staff who agrees with everything can not submit."""
    assert parse(opened, sheet) == {}
    assert parse(opened, edit(sheet, lambda _: None)) == {}  # saved again by another program


def test_decisions_are_read_back(opened: Opened, sheet: Path) -> None:
    """If this fails, approvers sign something else than what Staff decided."""
    fixed = {"outcome": "diperbaiki", "element": "tgl_lhr", "after": "1991-02-14", "number": "1/2026",
             "basis": "kutipan akta kelahiran nomor 1/2026 tanggal 05-01-2026", "document": "kutipan akta kelahiran",
             "dated": dt.date(2026, 1, 5)}  # fmt: skip
    waits = {"outcome": "ditunda", "until": dt.date(2099, 12, 31), "note": "menunggu akta"}
    assert parse(opened, fill(sheet, {DOCUMENT: FIXED, BIOMETRIC: POSTPONE})) == {DOCUMENT: fixed, BIOMETRIC: waits}


def test_spaces_case_and_days_as_people_write_them_are_forgiven(opened: Opened, sheet: Path) -> None:
    """If this fails, a space that nobody sees sends Staff back to the sheet."""
    straight = parse(opened, fill(sheet, {DOCUMENT: FIXED}))
    odd = FIXED | {"HASIL": " Diperbaiki ", "ELEMEN": "tgl_lhr", "MENJADI": "\u00a01991-02-14", "TANGGAL": "05-01-2026",
                   "DASAR": "Kutipan Akta Kelahiran"}  # fmt: skip
    assert parse(opened, fill(sheet, {DOCUMENT: odd})) == straight
    assert parse(opened, fill(sheet, {DOCUMENT: odd | {"TANGGAL": "05/01/2026"}})) == straight
    as_date = put(DOCUMENT, {"TANGGAL": dt.datetime(2026, 1, 5)})  # noqa: DTZ001 (a date cell of Excel)
    assert parse(opened, edit(sheet, as_date)) == straight


def test_a_word_alone_is_a_decision_that_keeps_the_proposal(opened: Opened, sheet: Path) -> None:
    """If this fails, a note needs a document, or replaces what the system proposed."""
    found = parse(opened, fill(sheet, {SYMBOL: {"CATATAN": "sudah ditelepon"}, LOSER: {"CATATAN": "setuju"}}))
    assert found[SYMBOL] == {"outcome": "diperbaiki", "kept": ["nama_lgkp"], "note": "sudah ditelepon"}
    assert found[LOSER] == {"outcome": "usul nonaktif", "note": "setuju"}


def test_another_basis_for_the_same_proposal(opened: Opened, sheet: Path) -> None:
    """If this fails, the change is signed with the computer's basis although Staff held the certificate."""
    found = parse(opened, fill(sheet, {SYMBOL: AKTA}))[SYMBOL]
    assert (found["element"], found["after"]) == ("nama_lgkp", resident(3)["NAMA_LGKP"])
    assert str(found["basis"]).startswith("kutipan akta kelahiran")


def test_what_we_filled_in_does_not_bind_another_outcome(opened: Opened, sheet: Path) -> None:
    """If this fails, whoever changes HASIL has to empty four more cells."""
    later = {"HASIL": "ditunda", "TUNDA SAMPAI": LATER}
    assert parse(opened, fill(sheet, {SYMBOL: later}))[SYMBOL] == {
        "outcome": "ditunda", "until": dt.date(2099, 12, 31), "basis": ""}  # fmt: skip


def test_answers_of_another_region_are_recorded(opened: Opened, sheet: Path) -> None:
    """If this fails, the other office's letter changes nothing and its residents wait for ever (handbook 8)."""
    here, there = row_ids("partner abroad")
    stays, theirs = "jawaban daerah: tetap di sini", "jawaban daerah: warga sana"
    found = parse(opened, fill(sheet, {
        here: {"HASIL": "tidak terbukti", "KEJADIAN": stays, **ANSWER},
        there: {"KEJADIAN": theirs, **ANSWER},
        ABROAD: {"HASIL": "ditunda", "KEJADIAN": "jawaban daerah: keduanya keliru", "TUNDA SAMPAI": LATER, **ANSWER},
    }))  # fmt: skip
    assert [found[row]["outcome"] for row in (here, there, ABROAD)] == ["tidak terbukti", "rujuk luar kota", "ditunda"]
    for row, event in ((here, stays), (there, theirs)):
        assert found[row]["event"] == event
        assert found[row]["basis"] == "surat jawaban daerah lain nomor 470/12/2026 tanggal 05-01-2026"


def test_a_person_who_turned_up_is_not_deactivated(opened: Opened, sheet: Path) -> None:
    """If this fails, one of the 787 of 2019 loses the NIK although they stood at the desk."""
    assert faults(opened, fill(sheet, {LOSER: {"KEJADIAN": "warga datang"}})) == [f"Keputusan!S{line(sheet, LOSER)}"]
    kept = {"KEJADIAN": "warga datang", "HASIL": "tidak terbukti", "DASAR": "KTP-el"}
    assert parse(opened, fill(sheet, {LOSER: kept}))[LOSER]["event"] == "warga datang"


def test_decisions_are_stored_once(opened: Opened, sheet: Path) -> None:
    """If this fails, a resumed flow stores decisions twice, or stores none."""
    office, agenda = opened.batch.office, opened.batch.agenda
    kept = keep_worksheet(office, fill(sheet, {DOCUMENT: FIXED}).name, (agenda, "staff-r1-c1"))
    assert store_decisions(opened.con, office, kept, (agenda, 1)) == {"decided": 1, "answered": 0}
    assert store_decisions(opened.con, office, kept, (agenda, 1)) == {"decided": 1, "answered": 0}
    assert opened.con.execute("select row_id, outcome, element, after, number from decisions").fetchall() == [
        (DOCUMENT, "diperbaiki", "tgl_lhr", "1991-02-14", "1/2026")]  # fmt: skip
