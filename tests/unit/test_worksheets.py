"""Staff's worksheet: written with the proposal filled in, for the desk and the field, and kept as it was submitted."""

import signal
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from office_kit.files import archived
from office_kit.residents import resident
from office_kit.sheets import FIRST_ROW, HEADS, OPEN, fill, letter
from office_kit.small import Batch, Opened, row_ids
from office_kit.worksheets import ABROAD, BIOMETRIC, DOCUMENT, FIXED, LOSER, SYMBOL, cells, line

from expectations.columns import STORED
from tasks.errors import Exit, UserError
from tasks.worksheet import keep_worksheet, worksheet_name, write_worksheet
from tasks.worksheet.layout import EDITABLE


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
