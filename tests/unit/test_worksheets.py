"""Staff's worksheet: written with the proposal filled in, changed in Excel, read back; faults named by their cells."""

import datetime as dt
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from office_kit.files import archived
from office_kit.residents import resident
from office_kit.sheets import FIRST_ROW, HEADS, LATER, OPEN, POSTPONE, SOME_DAY, edit, edit_book, fill, letter, line_of
from office_kit.small import Batch, Opened, row_ids
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from expectations.columns import STORED
from tasks.errors import Exit, UserError
from tasks.worksheet import keep_worksheet, parse_worksheet, store_decisions, worksheet_name, write_worksheet
from tasks.worksheet.layout import EDITABLE

DOCUMENT, BIOMETRIC = row_ids("document")[0], row_ids("biometric")[0]
SYMBOL, LOSER, ABROAD = row_ids("symbol")[0], row_ids("loser")[0], row_ids("abroad")[0]
AKTA = {"DASAR": "kutipan akta kelahiran", "NOMOR": "1/2026", "TANGGAL": SOME_DAY}
FIXED = {"HASIL": "diperbaiki", "ELEMEN": "TGL_LHR", "MENJADI": "1991-02-14", **AKTA}
ANSWER = {"NOMOR": "470/12/2026", "TANGGAL": SOME_DAY}
Change = dict[str, object]


@pytest.fixture
def sheet(opened: Opened) -> Path:
    return write_worksheet(opened.con, opened.batch.office, opened.batch.agenda, 1)


def parse(opened: Opened, path: Path, round_no: int = 1) -> dict[int, dict[str, object]]:
    """row_id -> what was decided, without what is empty."""
    read = parse_worksheet(opened.con, path, opened.batch.agenda, round_no)
    return {
        row["row_id"]: {name: value for name, value in row.items() if name != "row_id" and value not in (None, [])}
        for row in read.decisions.iter_rows(named=True)
    }


def refusal(opened: Opened, path: Path) -> UserError:
    with pytest.raises(UserError) as caught:
        parse(opened, path)
    assert caught.value.exit_code is Exit.WORKSHEET
    return caught.value


def faults(opened: Opened, path: Path) -> list[str]:
    return [problem.place for problem in refusal(opened, path).problems]


def put(row_id: int, cells: Change) -> Callable[[Worksheet], None]:
    def change(page: Worksheet) -> None:
        for head, value in cells.items():
            page[f"{letter(head)}{line_of(page, row_id)}"] = value

    return change


def cells(path: Path, row_id: int) -> dict[str, str]:
    page = openpyxl.load_workbook(path)["Keputusan"]
    return {head: page[f"{letter(head)}{line_of(page, row_id)}"].value or "" for head in HEADS}


def test_the_sheet_shows_the_rows_that_need_a_person_and_those_referred(opened: Opened, sheet: Path) -> None:
    """If this fails, a case waits that nobody is shown, or another region's answer has nowhere to go."""
    page = openpyxl.load_workbook(sheet)["Keputusan"]
    query = "select row_id from outcomes where round = 1 and (needs_person or outcome = 'rujuk luar kota') order by 1"
    rows = opened.con.execute(query).fetchall()
    assert [page.cell(FIRST_ROW + at, 1).value for at in range(len(rows))] == [str(row) for (row,) in rows]
    assert page.max_row == FIRST_ROW + len(rows) - 1
    assert tuple(cell.value for cell in page[2]) == HEADS
    received, mine = resident(19), cells(sheet, DOCUMENT)
    assert [mine[head] for head in ("BARIS", "KECAMATAN", "KELURAHAN", "NIK", "NAMA", "TGL LAHIR")] == [
        f"1 / {DOCUMENT - 10_000_000}", "MAGERSARI", "KEDUNDUNG", received["NIK"], received["NAMA_LGKP"], "1990-02-14",
    ]  # fmt: skip


def test_findings_are_told_in_words_and_the_root_cause_beside_them(sheet: Path) -> None:
    """If this fails, Staff looks codes up, or mends five findings where one wrong birth year made them all."""
    mine = cells(sheet, DOCUMENT)
    assert mine["AKAR MASALAH"].startswith(f"Tanggal lahir menjadi {resident(19)['TGL_LHR']} (menurut data kantor)")
    first = mine["TEMUAN"].split("\n")[0]
    assert first == "Tanggal lahir pada NIK berbeda (ANM-NIK-09)"


def test_the_proposal_is_filled_in_and_told(opened: Opened, sheet: Path) -> None:
    """If this fails, Staff types what the system knows, or agrees with a proposal that it does not see."""
    mine = cells(sheet, SYMBOL)
    after = resident(3)["NAMA_LGKP"]
    assert (mine["HASIL"], mine["ELEMEN"], mine["MENJADI"], mine["ELEMEN 2"]) == ("diperbaiki", "NAMA_LGKP", after, "")
    assert mine["USUL"].split("\n")[:2] == ["diperbaiki", f"Nama lengkap: {mine['NAMA']} → {after}"]
    assert mine["USUL"].split("\n")[2].startswith("dasar: data kantor")
    parents = cells(sheet, row_ids("parents")[0])
    assert [parents[head] for head in ("ELEMEN", "ELEMEN 2")] == ["NIK_AYAH", "NIK_IBU"]
    outcomes = opened.con.execute("select row_id, outcome from outcomes where round = 1").fetchall()
    told = {row: cells(sheet, row)["HASIL"] for row in (LOSER, ABROAD, BIOMETRIC)}
    assert told == {row: outcome for row, outcome in outcomes if row in told}


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


def line(path: Path, row_id: int) -> int:
    return line_of(openpyxl.load_workbook(path)["Keputusan"], row_id)


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


def test_an_existing_sheet_is_kept(opened: Opened, sheet: Path) -> None:
    """If this fails, a resumed flow throws away what Staff has filled in so far."""
    filled = fill(sheet, {DOCUMENT: FIXED}).read_bytes()
    assert write_worksheet(opened.con, opened.batch.office, opened.batch.agenda, 1).read_bytes() == filled


def test_the_same_draft_gives_the_same_bytes(opened: Opened, sheet: Path) -> None:
    """If this fails, the hash that the ledger notes of a sheet says nothing: every writing gives another."""
    first = sheet.read_bytes()
    sheet.unlink()
    assert write_worksheet(opened.con, opened.batch.office, opened.batch.agenda, 1).read_bytes() == first


def test_what_was_submitted_is_kept(opened: Opened, sheet: Path) -> None:
    """If this fails, editing the sheet after submitting changes what was decided."""
    office, agenda = opened.batch.office, opened.batch.agenda
    kept = keep_worksheet(office, sheet.name, (agenda, "staff-r1-c1"))
    submitted = archived(office, agenda, kept)
    assert submitted == sheet.read_bytes()
    fill(sheet, {DOCUMENT: FIXED})
    assert keep_worksheet(office, sheet.name, (agenda, "staff-r1-c1")) == kept
    assert archived(office, agenda, kept) == submitted
    again = keep_worksheet(office, sheet.name, (agenda, "staff-r1-c2"))
    assert archived(office, agenda, again) == sheet.read_bytes() != submitted
    assert {path.stat().st_mode & 0o777 for path in (office.archive / agenda).iterdir()} == {0o600}
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
    assert store_decisions(opened.con, office, kept, (agenda, 1)) == {"decided": 1, "answered": 0}
    assert store_decisions(opened.con, office, kept, (agenda, 1)) == {"decided": 1, "answered": 0}
    assert opened.con.execute("select row_id, outcome, element, after, number from decisions").fetchall() == [
        (DOCUMENT, "diperbaiki", "tgl_lhr", "1991-02-14", "1/2026")]  # fmt: skip


def test_an_undo_has_no_worksheet(opened: Opened, sheet: Path) -> None:
    """If this fails, naming a worksheet while submitting an undo ends the run with a traceback."""
    with pytest.raises(UserError, match="agenda lain"):
        parse_worksheet(opened.con, sheet, f"{opened.batch.agenda}-U1", 1)


def test_staff_may_correct_all_but_the_nik(sheet: Path) -> None:
    """If this fails, an element the office must correct can not be entered, or the NIK can."""
    assert set(EDITABLE) == {name.upper() for name in STORED} - {"NIK"}
    offered = [cell.value for cell in openpyxl.load_workbook(sheet)["_daftar"]["B"] if cell.value]
    assert offered == list(EDITABLE)
    assert worksheet_name("2026-0001", 2) == "lembar-kerja-2026-0001-r2.xlsx"


def test_open_cells_are_text_and_unlocked_and_ours_are_locked(opened: Opened, sheet: Path) -> None:
    """If this fails, Excel makes a number of a NIK that Staff types, or Staff can not type at all."""
    page = openpyxl.load_workbook(sheet)["Keputusan"]
    assert page.protection.sheet
    for head in HEADS:
        cell = page[f"{letter(head)}{line(sheet, DOCUMENT)}"]
        assert cell.protection.locked is (head not in OPEN), head
        assert head not in OPEN or cell.number_format == "@"


def test_each_kelurahan_has_a_sheet_for_the_field(opened: Opened, sheet: Path) -> None:
    """If this fails, RT and RW check from a list of the whole city, or a resident is on nobody's list."""
    book = openpyxl.load_workbook(sheet)
    page = book["Kedundung"]
    assert [cell.value for cell in page[3]][:7] == ["NO", "RW", "RT", "ALAMAT", "NIK", "NAMA", "TEMUAN"]
    names = [row[5] for row in page.iter_rows(min_row=4, values_only=True)]
    rows = opened.con.execute("""select r.nama_lgkp from outcomes o join extract_rows r using (agenda, row_id)
        where o.round = 1 and (o.needs_person or o.outcome = 'rujuk luar kota') and r.no_kab = '76'""").fetchall()
    assert sorted(names) == sorted(name for (name,) in rows)
    assert (page.page_setup.orientation, page.print_title_rows) == ("landscape", "$1:$3")
    assert all(row[7] is None for row in page.iter_rows(min_row=4, values_only=True))


def test_a_kelurahan_without_our_code_names_no_sheet(opened: Opened) -> None:
    """If this fails, one odd kelurahan name leaves Staff without a worksheet, or its residents on nobody's list."""
    odd = ["Petunjuk", "A[1]/B:*?\\'C", "KOTA", "", "\u212aOTA", "x" * 40_000]
    for at, row_id in enumerate((*row_ids("two families"), DOCUMENT, BIOMETRIC, LOSER, SYMBOL)):
        opened.con.execute("update extract_rows set no_kel = '9999', kel_name = ? where row_id = ?", [odd[at], row_id])
    book = openpyxl.load_workbook(write_worksheet(opened.con, opened.batch.office, opened.batch.agenda, 1))
    assert book.sheetnames == [
        "Keputusan", "Pasangan", "Data Kantor", "Kedundung", "TANPA KODE", "Petunjuk", "_meta", "_daftar"]  # fmt: skip
    told = [row[3].split("\n")[0] for row in book["TANPA KODE"].iter_rows(min_row=4, values_only=True)]
    assert sorted(told) == sorted(f"kelurahan tertulis: {name[:100] or '(kosong)'}" for name in odd)


def test_the_draft_of_a_sheet_follows_no_link(opened: Opened, tmp_path: Path) -> None:
    """If this fails, whoever lays a link on the desk chooses which file of the office the worksheet overwrites."""
    name, other = worksheet_name(opened.batch.agenda, 1), tmp_path / "lain.txt"
    other.write_text("isi")
    (opened.batch.office.desk / name).with_suffix(".baru").symlink_to(other)
    path = write_worksheet(opened.con, opened.batch.office, opened.batch.agenda, 1)
    assert other.read_text() == "isi"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir() if each.name.startswith(".")] == []


COPY = """
import resource, signal, sys
from pathlib import Path
from tasks.office import Office
from tasks.worksheet.keep import keep_worksheet
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
keep_worksheet(Office(Path(sys.argv[1])), sys.argv[2], (sys.argv[3], "staff-r1-c1"))
"""


def test_a_killed_copy_is_not_what_was_submitted(batch: Batch) -> None:
    """If this fails, half a worksheet stays in the archive as Staff's word, and the round can never be submitted."""
    source = batch.office.desk / "a.xlsx"
    source.write_bytes(b"0" * 5000)
    command = [sys.executable, "-c", COPY, str(batch.office.home), source.name, batch.agenda]
    killed = subprocess.run(command, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGXFSZ, killed.stderr
    kept = keep_worksheet(batch.office, source.name, (batch.agenda, "staff-r1-c1"))
    assert archived(batch.office, batch.agenda, kept) == source.read_bytes()
