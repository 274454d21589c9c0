"""Workbooks: damaged, dangerous or merely laid out by people. Refused, or read exactly as Excel shows them."""

import datetime as dt
import os
import random
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
import xlwt
from office_kit.files import settle, write, write_xlsx

from tasks.errors import Exit, UserError
from tasks.read import Extract, read_extract
from tasks.read.workbook import read_workbook

HEADER = ("NIK", "NO_KK", "NAMA_LGKP", "JENIS_KLMIN", "TGL_LHR")
ANI = ("3576026110629001", "3576021406129001", "ANI", "2", "1962-10-21")
BUDI = ("3576020102709002", "3576021406129002", "BUDI", "1", "1970-02-01")
FLIPS = 300 if os.environ.get("SINKRON_TORTURE") else 60  # `make fuzz` damages workbooks by the hundred thousand


def names(extract: Extract) -> list[tuple[int, str]]:
    return extract.frame.select("line_no", "nama_lgkp").rows()


@pytest.fixture
def book(tmp_path: Path) -> Path:
    people = [(f"35760261106290{n:02d}", "3576021406129001", f"WARGA {n}", "2", "1962-10-21") for n in range(40)]
    return write_xlsx(tmp_path / "data.xlsx", [HEADER, *people])


def rebuilt(source: Path, target: Path, **members: bytes) -> Path:
    """A copy of a workbook with members replaced or added (name with _ for / and __ for .)."""
    changes = {name.replace("__", ".").replace("_", "/"): content for name, content in members.items()}
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, changes.pop(name, old.read(name)))
        for name, content in changes.items():
            new.writestr(name, content)
    return settle(target)


def refused(path: Path) -> UserError:
    with pytest.raises(UserError) as caught:
        read_workbook(path, path.parent)
    return caught.value


def test_a_flipped_bit_is_refused_or_harmless(book: Path, tmp_path: Path) -> None:
    """If this fails, damage on the way changes a NIK silently, or stops the office with a traceback."""
    good, raw = read_extract(book, tmp_path).frame, book.read_bytes()
    chance, outcomes = random.Random(9), {"refused": 0, "identical": 0}  # noqa: S311 (examples, not secrets)
    bad: dict[str, int] = {}
    for _ in range(FLIPS):
        at, bit = chance.randrange(len(raw)), 1 << chance.randrange(8)
        damaged = write(tmp_path / "rusak.xlsx", raw[:at] + bytes([raw[at] ^ bit]) + raw[at + 1 :])
        try:
            same = read_extract(damaged, tmp_path).frame.equals(good)
        except UserError:
            outcomes["refused"] += 1
        except BaseException as error:  # noqa: BLE001 (a panic of a Rust reader is no Exception)
            bad[type(error).__name__] = bad.get(type(error).__name__, 0) + 1
        else:
            assert same, f"bit {bit} byte {at}: dibaca dengan isi lain"
            outcomes["identical"] += 1
    assert not bad, f"bukan UserError: {bad}; {outcomes}"
    assert outcomes["refused"] > FLIPS / 2


def test_every_truncation_is_refused(book: Path, tmp_path: Path) -> None:
    """If this fails, a copy that broke off is taken for the whole."""
    raw = book.read_bytes()
    for cut in (1, 4, 30, len(raw) // 3, len(raw) // 2, len(raw) - 30, len(raw) - 1):
        assert refused(write(tmp_path / "potong.xlsx", raw[:cut])).exit_code is Exit.FILE


@pytest.mark.parametrize(
    "content", [b"<html><table><tr><td>NIK</td></tr></table>", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600),
                b"NIK;NO_KK\n1;2\n", b"PK\x05\x06" + bytes(18)],
)  # fmt: skip
def test_other_things_named_xlsx_are_refused(tmp_path: Path, content: bytes) -> None:
    """If this fails, an old .xls or a web page with a new name is read as something it is not."""
    assert refused(write(tmp_path / "data.xlsx", content)).exit_code is Exit.FILE


@pytest.mark.parametrize("member", ["xl_vbaProject__bin", "xl_externalLinks_externalLink1__xml", ".._.._etc_passwd"])
def test_macros_outside_links_and_traversal_are_refused(book: Path, tmp_path: Path, member: str) -> None:
    """If this fails, the office keeps and passes on a workbook that runs code on a colleague's computer."""
    error = refused(rebuilt(book, tmp_path / "makro.xlsx", **{member: b"x"}))
    assert error.exit_code is Exit.FILE


@pytest.mark.parametrize("part", ["xl_worksheets_sheet1__xml", "xl_workbook__xml", "xl_sharedStrings__xml"])
@pytest.mark.parametrize("content", [b"", b"\xff\xfe<<<", b"<a"])
def test_parts_that_are_no_xml_are_refused(book: Path, tmp_path: Path, part: str, content: bytes) -> None:
    """If this fails, a workbook whose checksums are right but whose content is not ends in a traceback."""
    assert refused(rebuilt(book, tmp_path / "aneh.xlsx", **{part: content})).exit_code in (Exit.FILE, Exit.COLUMNS)


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    """If this fails, one megabyte of mail fills the memory of the office's machine."""
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(bytes(1 << 24)) + packer.flush(zlib.Z_FULL_FLUSH)
    deflated = block * 70 + packer.flush()
    path = _with_one_member(tmp_path / "bom.xlsx", deflated, 70 << 24)
    assert path.stat().st_size < 2 << 20
    assert "1 GiB" in str(refused(path))


def _with_one_member(path: Path, deflated: bytes, size: int) -> Path:
    """A ZIP whose only member is this deflate stream (its checksum is never reached)."""
    name = b"xl/sharedStrings.xml"
    sizes = struct.pack("<III", 0, len(deflated), size)
    local = b"PK\x03\x04" + struct.pack("<HHHHH", 20, 0, 8, 0, 33) + sizes + struct.pack("<HH", len(name), 0) + name
    central = (b"PK\x01\x02" + struct.pack("<HHHHHH", 20, 20, 0, 8, 0, 33) + sizes
               + struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, 0) + name)  # fmt: skip
    at = len(local) + len(deflated)
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), at, 0)
    return write(path, local + deflated + central + end)


READ_SPARSE = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
from pathlib import Path
from tasks.errors import UserError
from tasks.read import read_extract
try:
    print("read", read_extract(Path(sys.argv[1]), Path(sys.argv[2])).received)
except UserError as error:
    print("refused", int(error.exit_code))
"""


def test_one_cell_in_the_farthest_corner_kills_nobody(book: Path, tmp_path: Path) -> None:
    """If this fails, a stray cell in XFD1048576 makes the reader allocate the whole sheet and the process dies."""
    with zipfile.ZipFile(book) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    cell = b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    far = rebuilt(book, tmp_path / "jauh.xlsx", xl_worksheets_sheet1__xml=sheet.replace(b"</sheetData>", cell))
    done = subprocess.run(
        [sys.executable, "-c", READ_SPARSE, far, tmp_path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"proses mati dengan {done.returncode}"
    assert done.stdout.split()[0] in ("read", "refused")


def test_line_numbers_are_those_of_excel(tmp_path: Path) -> None:
    """If this fails, Staff looks for a resident in the wrong row of the sheet."""
    path = write_xlsx(tmp_path / "data.xlsx", [("Data Anomali",), (), HEADER, ANI, (), BUDI])
    extract = read_extract(path, tmp_path)
    assert names(extract) == [(4, "ANI"), (6, "BUDI")]
    assert extract.layout.header_line == 3


def test_line_numbers_after_empty_rows_on_top(tmp_path: Path) -> None:
    """If this fails, two empty rows above the header shift every line number on the worksheet."""
    extract = read_extract(write_xlsx(tmp_path / "data.xlsx", [(), (), HEADER, ANI, BUDI]), tmp_path)
    assert names(extract) == [(4, "ANI"), (5, "BUDI")]


def test_positions_of_columns_are_those_of_excel(tmp_path: Path) -> None:
    """If this fails, the sender is told to mend the wrong column."""
    path = write_xlsx(
        tmp_path / "data.xlsx", [("NIK", None, "NO_KK", "NAMA_LGKP", "Hobi", "JENIS_KLMIN", "TGL_LHR"), ANI]
    )
    assert [problem.place for problem in refused(path).problems] == ["data.xlsx, kolom 5"]


def test_all_header_faults_of_a_workbook_at_once(tmp_path: Path) -> None:
    """If this fails, the sender mends one column a day."""
    error = refused(write_xlsx(tmp_path / "data.xlsx", [("NIK", "NO_KK", "NAMA_LGKP", "Hobi", "nik"), ANI]))
    assert error.exit_code is Exit.COLUMNS
    assert len(error.problems) == 3
    assert "JENIS_KLMIN, TGL_LHR" in str(error.problems[2])


@pytest.mark.parametrize("lines", [[], [("catatan",), ("lain",)], [HEADER], [("NIK", "x", "y"), ANI]])
def test_a_workbook_without_residents_is_refused(tmp_path: Path, lines: list[tuple[str, ...]]) -> None:
    """If this fails, a sheet of notes gets an agenda number."""
    with pytest.raises(UserError) as caught:
        read_extract(write_xlsx(tmp_path / "data.xlsx", lines), tmp_path)
    assert caught.value.exit_code in (Exit.COLUMNS, Exit.FILE)


def test_text_cells_stay_text(tmp_path: Path) -> None:
    """If this fails, a formula, a leading zero or the word NULL in a cell becomes something else."""
    row = ("0076026110629001", "00", "NULL", "2", "1962-10-21")
    extract = read_extract(write_xlsx(tmp_path / "data.xlsx", [HEADER, row]), tmp_path)
    assert extract.frame.select("nik", "no_kk", "nama_lgkp").rows() == [row[:3]]


def test_a_numeric_nik_sends_the_file_back(tmp_path: Path) -> None:
    """If this fails, NIKs that Excel rounded to 15 digits are taken as true (BRK-04: return the file, do not guess)."""
    path = write_xlsx(tmp_path / "data.xlsx", [HEADER, (9176014107809001, *ANI[1:]), BUDI])
    assert refused(path).exit_code is Exit.FILE  # read today as 9176014107809000: another person


def test_a_second_sheet_of_residents_is_not_ignored(tmp_path: Path) -> None:
    """If this fails, every resident of the second sheet is lost without a word (promise 1)."""
    book = openpyxl.Workbook()
    for line in (HEADER, ANI):
        book.active.append(line)
    for line in (HEADER, BUDI):
        (book["Lanjutan"] if "Lanjutan" in book.sheetnames else book.create_sheet("Lanjutan")).append(line)
    book.save(tmp_path / "data.xlsx")
    try:
        received = read_extract(settle(tmp_path / "data.xlsx"), tmp_path).received
    except UserError:
        received = 2  # sent back whole is as good as read whole
    assert received == 2


LATER = {
    "doctype": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet>&a;</worksheet>',
    "entity": b'<?xml version="1.0"?>' + b" " * (5 << 20) + b'<!ENTITY a "b"><worksheet/>',
}


@pytest.mark.parametrize("content", LATER.values(), ids=LATER.keys())
@pytest.mark.parametrize("part", ["xl_worksheets_sheet1__xml", "docProps_core__xml", "xl_styles__xml"])
def test_doctypes_are_refused_in_every_part(book: Path, tmp_path: Path, part: str, content: bytes) -> None:
    """If this fails, a workbook reads files of the office's machine into a cell (XXE), or grows without end."""
    assert "DOCTYPE" in str(refused(rebuilt(book, tmp_path / "xxe.xlsx", **{part: content})))


@pytest.mark.parametrize(("member", "told"), [
    ("xl_embeddings_oleObject1__bin", "tertanam"), ("xl_activeX_activeX1__xml", "ActiveX"),
    ("xl_macrosheets_sheet1__xml", "makro"), ("xl_connections__xml", "sambungan"),
    ("xl_queryTables_q1__xml", "sambungan"),
    ("_etc_passwd", "menunjuk ke luar"), ("xl_.._.._x", "menunjuk ke luar"), ("C:_x", "menunjuk ke luar"),
    ("XL_Workbook__xml", "bernama sama"),
])  # fmt: skip
def test_dangerous_members_are_refused_by_name(book: Path, tmp_path: Path, member: str, told: str) -> None:
    """If this fails, an object, a data connection or a path to elsewhere gets into the office's archive."""
    assert told in str(refused(rebuilt(book, tmp_path / "bahaya.xlsx", **{member: b"x"})))


def test_two_members_of_one_name_are_refused(book: Path, tmp_path: Path) -> None:
    """If this fails, the checks look at one sheet and the reader at another one of the same name."""
    twice = tmp_path / "ganda.xlsx"
    twice.write_bytes(book.read_bytes())
    with zipfile.ZipFile(twice, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("xl/worksheets/sheet1.xml", b"<worksheet/>")
    assert "bernama sama" in str(refused(settle(twice)))


@pytest.mark.parametrize("change", [(b'Target="', b'TargetMode="External" Target="')])
def test_links_to_other_files_are_refused(book: Path, tmp_path: Path, change: tuple[bytes, bytes]) -> None:
    """If this fails, opening the workbook fetches something from elsewhere."""
    with zipfile.ZipFile(book) as archive:
        relations = archive.read("xl/_rels/workbook.xml.rels").replace(*change)
    path = rebuilt(book, tmp_path / "tautan.xlsx", **{"xl_|rels_workbook__xml__rels": relations})
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "t.xlsx", "w") as new:
        for name in old.namelist():
            if name != "xl/_rels/workbook.xml.rels":
                new.writestr(name.replace("|", "_"), old.read(name))
    assert "tautan" in str(refused(settle(tmp_path / "t.xlsx")))


@pytest.mark.parametrize("sheet", [
    b'<c r="A3"><v>1</v></c>', b"<c r='A3' s='1'><v>1</v></c>", b'<c r="A3" t="n"><v>1</v></c>',
    b'<c\nr = "A3"\n><v>1</v></c>',
    b'<c x="a>b" r="A3" t="n"><v>1</v></c>', b'<c r="A3" t="b"><v>1</v></c>',
])  # fmt: skip
def test_numeric_niks_are_found_however_they_are_written(book: Path, tmp_path: Path, sheet: bytes) -> None:
    """If this fails, a program that writes its XML otherwise gets rounded NIKs past the check (BRK-04)."""
    path = rebuilt(book, tmp_path / "angka.xlsx", xl_worksheets_sheet1__xml=_with_cell(book, sheet))
    message = str(refused(path))
    assert "kolom NIK" in message
    assert "A3" in message


def _with_cell(book: Path, cell: bytes) -> bytes:
    """The sheet with the first cell of row 3 written differently."""
    with zipfile.ZipFile(book) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    start = xml.index(b'<c r="A3"')
    return xml[:start] + cell + xml[xml.index(b"</c>", start) + 4 :]


def test_prefixed_tags_are_the_same_tags(book: Path, tmp_path: Path) -> None:
    """If this fails, workbooks of .NET programs (<x:c r="B2">) are refused, or their numeric NIKs are taken."""
    with zipfile.ZipFile(book) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    numeric = _with_cell(book, b'<c r="A3"><v>1</v></c>')
    for text, fine in ((xml, True), (numeric, False)):
        prefixed = (
            text.replace(b"<c ", b"<x:c ")
            .replace(b"</c>", b"</x:c>")
            .replace(b"<v>", b"<x:v>")
            .replace(b"</v>", b"</x:v>")
        )
        prefixed = prefixed.replace(
            b"<worksheet ", b'<worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        )
        path = rebuilt(book, tmp_path / "awalan.xlsx", xl_worksheets_sheet1__xml=prefixed)
        if fine:
            assert read_workbook(path, tmp_path).frame.equals(read_workbook(book, tmp_path).frame)
        else:
            assert "A3" in str(refused(path))


@pytest.mark.parametrize(("change", "told"), [
    ((b'<c r="A3"', b"<c"), "tanpa alamat"), ((b'<row r="3"', b"<row"), "tanpa alamat"),
    ((b'<c r="A3"', b'<!-- x --><c r="A3"'), "komentar"),
])  # fmt: skip
def test_cells_that_cannot_be_judged_are_refused(
    book: Path, tmp_path: Path, change: tuple[bytes, bytes], told: str
) -> None:
    """If this fails, a cell without an address or behind a comment gets round the checks."""
    with zipfile.ZipFile(book) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").replace(*change)
    assert told in str(refused(rebuilt(book, tmp_path / "aneh.xlsx", xl_worksheets_sheet1__xml=xml)))


@pytest.mark.parametrize(
    "head", [b"\xff\xfe<\0w\0", b'<?xml version="1.0" encoding="utf-7"?><worksheet/>', b"<worksheet>\xff</worksheet>"]
)
def test_sheets_that_are_not_utf8_are_refused(book: Path, tmp_path: Path, head: bytes) -> None:
    """If this fails, a sheet in another encoding is read with other letters than it shows."""
    assert "UTF-8" in str(refused(rebuilt(book, tmp_path / "huruf.xlsx", xl_worksheets_sheet1__xml=head)))


def test_formulas_are_refused_with_their_first_cell(tmp_path: Path) -> None:
    """If this fails, a value that depends on something else is taken for what the sender wrote."""
    path = write_xlsx(tmp_path / "rumus.xlsx", [HEADER, ANI, (*BUDI[:2], '=CONCATENATE("A","B")', *BUDI[3:])])
    message = str(refused(path))
    assert "lembar memuat rumus" in message
    assert "C3" in message


def test_formulas_in_other_sheets_do_not_matter(tmp_path: Path) -> None:
    """If this fails, a sheet of totals beside the residents sends the file back."""
    book = openpyxl.Workbook()
    for line in (HEADER, ANI):
        book.active.append(line)
    book.create_sheet("Rekap").append(["Jumlah", "=1+1"])
    book.save(tmp_path / "data.xlsx")
    assert read_workbook(settle(tmp_path / "data.xlsx"), tmp_path).frame.height == 1


def test_hidden_sheets_with_residents_count(tmp_path: Path) -> None:
    """If this fails, residents of a hidden sheet are lost without a word (promise 1)."""
    book = openpyxl.Workbook()
    for line in (HEADER, ANI):
        book.active.append(line)
    hidden = book.create_sheet("Tersembunyi")
    hidden.sheet_state = "hidden"
    for line in (HEADER, BUDI):
        hidden.append(line)
    book.save(tmp_path / "data.xlsx")
    message = str(refused(settle(tmp_path / "data.xlsx")))
    assert "'Sheet'" in message
    assert "'Tersembunyi'" in message


def test_a_numeric_nik_is_named_by_sheet_column_and_cell(tmp_path: Path) -> None:
    """If this fails, the sender does not know which cells to mend; or a NIK is quoted in a message."""
    wrong = (int(BUDI[0]), *BUDI[1:])
    message = str(refused(write_xlsx(tmp_path / "data.xlsx", [HEADER, ANI, *[wrong] * 7])))
    assert "lembar 'Sheet', kolom NIK: 7 sel angka, bukan teks (BRK-04), yaitu A3, A4, A5, A6, A7 ..." in message
    assert "minta pengirim mengirim ulang kolom itu sebagai teks" in message
    assert BUDI[0][:8] not in message


def test_dates_and_numbers_of_excel_become_plain_text(tmp_path: Path) -> None:
    """If this fails, a date cell loses its day, or RT 3 becomes "3.0"."""
    header = (*HEADER, "NO_RT", "TGL_KWN")
    path = tmp_path / "data.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, header)
        sheet.write_row(1, 0, [*ANI[:4]])
        sheet.write_datetime(1, 4, dt.datetime(1962, 10, 21, tzinfo=dt.UTC).replace(tzinfo=None), day)
        sheet.write_number(1, 5, 3)
        sheet.write_number(1, 6, 29356)
    row = read_workbook(settle(path), tmp_path).frame.select("tgl_lhr", "no_rt", "tgl_kwn").row(0)
    assert row == ("1962-10-21", "3", "29356")


def xls(path: Path, lines: list[tuple[object, ...]]) -> Path:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Data")
    for at, line in enumerate(lines):
        for column, value in enumerate(line):
            if value is not None:
                sheet.write(at, column, value)
    book.save(str(path))
    return settle(path)


def entry(raw: bytes, old: str, new: str, kind: int = 2) -> bytes:
    """An OLE file with one directory entry renamed (an empty name: an unused entry)."""
    at = raw.index((old + "\0").encode("utf-16-le")) if old else raw.rindex(bytes(64) + struct.pack("<HB", 0, 0))
    name = (new + "\0").encode("utf-16-le")
    return raw[:at] + name.ljust(64, b"\0") + struct.pack("<HB", len(name), kind) + raw[at + 67 :]


def test_an_old_workbook_reads_like_a_new_one(tmp_path: Path) -> None:
    """If this fails, an office with an old Excel gets other residents than one with a new Excel."""
    lines: list[tuple[object, ...]] = [("Data Anomali",), (), HEADER, ANI, (), BUDI]
    old = read_workbook(xls(tmp_path / "data.xls", lines), tmp_path)
    new = read_workbook(write_xlsx(tmp_path / "data.xlsx", lines), tmp_path)
    assert old.frame.equals(new.frame)
    assert (old.layout.lines, old.physical) == (new.layout.lines, new.physical)


@pytest.mark.parametrize(("value", "told"), [(3576020102709002, "B3"), (1.5, "B3"), (xlwt.Formula("1+2"), "rumus"),
                                             (True, "B3")])  # fmt: skip
def test_numbers_and_formulas_in_old_workbooks_are_refused(tmp_path: Path, value: object, told: str) -> None:
    """If this fails, an XLS brings rounded numbers that an XLSX would not (BRK-04)."""
    path = xls(tmp_path / "data.xls", [HEADER, ANI, (BUDI[0], value, *BUDI[2:])])
    message = str(refused(path))
    assert told in message
    assert "B3" in message


def test_locked_and_dangerous_old_workbooks_are_refused(tmp_path: Path) -> None:
    """If this fails, a locked workbook is called damaged, or macros come in by the old format."""
    raw = xls(tmp_path / "data.xls", [HEADER, ANI]).read_bytes()
    sealed = entry(raw, "Workbook", "EncryptedPackage")
    for name in ("kunci.xls", "kunci.xlsx"):
        assert "kata sandi" in str(refused(write(tmp_path / name, sealed)))
    assert "makro" in str(refused(write(tmp_path / "makro.xls", entry(raw, "", "_VBA_PROJECT_CUR", 1))))
    assert "tertanam" in str(refused(write(tmp_path / "objek.xls", entry(raw, "", "MBD0001ABCD", 1))))
    backup = struct.pack("<HHH", 0x0040, 2, 0)
    assert raw.count(backup) == 1
    password = raw.replace(backup, struct.pack("<HHH", 0x002F, 2, 0))
    assert "kata sandi" in str(refused(write(tmp_path / "sandi.xls", password)))


def test_damaged_old_workbooks_end_in_a_refusal(tmp_path: Path) -> None:
    """If this fails, a broken XLS stops the office with a traceback or kills the process."""
    raw = xls(tmp_path / "data.xls", [HEADER, *[ANI, BUDI] * 50]).read_bytes()
    chance = random.Random(3)  # noqa: S311 (examples, not secrets)
    for _ in range(FLIPS):
        at = chance.randrange(len(raw))
        damaged = raw[:at] + bytes([chance.randrange(256)]) + raw[at + 1 :]
        try:
            read_workbook(write(tmp_path / "rusak.xls", damaged), tmp_path)
        except UserError as error:
            assert error.exit_code in (Exit.FILE, Exit.COLUMNS)  # noqa: PT017 (both ends are fine)
    for cut in (100, 600, len(raw) // 2):
        assert refused(write(tmp_path / "potong.xls", raw[:cut])).exit_code is Exit.FILE


def test_an_old_workbook_too_big_is_refused_unread(tmp_path: Path) -> None:
    """If this fails, a file of gigabytes named .xls is taken into memory."""
    path = tmp_path / "besar.xls"
    with path.open("wb") as file:
        file.truncate((64 << 20) + 1)
    assert "64 MiB" in str(refused(settle(path)))


@pytest.mark.parametrize(("name", "content", "told"), [
    ("a.xls", b"<html><table><tr><td>NIK</td></tr></table>", "halaman web (HTML)"),
    ("a.xls", b'<?xml version="1.0"?><Workbook/>', "berkas XML"), ("a.xls", b"NIK;NO_KK\n1;2\n", "teks biasa"),
    ("a.xlsx", b"NIK;NO_KK\n1;2\n", "teks biasa"), ("a.xlsx", b"%PDF-1.7 x", "PDF"), ("a.xls", b"PK\x03\x04 xx", "ZIP"),
])  # fmt: skip
def test_a_wrong_suffix_is_named_for_what_it_is(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    """If this fails, the sender is told "damaged" and sends the same web page again."""
    assert told in str(refused(write(tmp_path / name, content)))


def test_an_old_workbook_under_a_new_name_is_named(tmp_path: Path) -> None:
    """If this fails, the office does not learn that a rename would do."""
    raw = xls(tmp_path / "data.xls", [HEADER, ANI]).read_bytes()
    message = str(refused(write(tmp_path / "data.xlsx", raw)))
    assert "XLS lama" in message
    assert ".xls" in message


def test_other_archives_are_named(tmp_path: Path) -> None:
    """If this fails, a ZIP of something else is called a damaged workbook."""
    for member, told in (("data.csv", "tanpa buku kerja"), ("xl/workbook.bin", "XLSB")):
        with zipfile.ZipFile(tmp_path / "x.xlsx", "w") as archive:
            archive.writestr(member, b"x")
        assert told in str(refused(settle(tmp_path / "x.xlsx")))


def test_bytes_behind_the_archive_are_refused(book: Path, tmp_path: Path) -> None:
    """If this fails, two programs may read two different archives out of one file."""
    assert refused(write(tmp_path / "ekor.xlsx", book.read_bytes() + b"x")).exit_code is Exit.FILE
    assert refused(write(tmp_path / "depan.xlsx", b"x" + book.read_bytes())).exit_code is Exit.FILE


def test_rows_of_a_flat_table_are_all_accounted_for(tmp_path: Path) -> None:
    """If this fails, a line of a flat table is neither resident nor reject nor layout."""
    lines = [
        ("DATA ANOMALI",),
        (),
        HEADER,
        ("1", "2", "3", "4", "5"),
        ANI,
        (None, None, None, "2"),
        HEADER,
        BUDI,
        ("Jumlah", "2"),
        (),
        (None, None, "Mojokerto, 2 Oktober 2026"),
        (None, None, "KEPALA DINAS"),
        (None, None, "X"),
    ]
    extract = read_workbook(write_xlsx(tmp_path / "data.xlsx", lines), tmp_path)
    assert names(extract) == [(5, "ANI"), (8, "BUDI")]
    assert extract.rejects["line_no"].to_list() == [6]
    assert extract.layout.lines == {"di atas judul": 1, "baris kosong": 2, "judul": 1, "nomor kolom": 1,
                                    "judul berulang": 1, "baris jumlah": 1, "tanda tangan": 3}  # fmt: skip
    assert extract.physical == len(lines)


def test_residents_above_the_header_are_rejects(tmp_path: Path) -> None:
    """If this fails, residents pasted above the header line vanish as if they were a title."""
    extract = read_workbook(write_xlsx(tmp_path / "data.xlsx", [BUDI, HEADER, ANI]), tmp_path)
    assert extract.rejects["line_no"].to_list() == [1]


def calendar_book(folder: Path, suffix: str, *, from_1904: bool) -> Path:
    """Two residents: a date cell and a bare day number; both mean 2 January 1990 in a workbook of 1904."""
    path = folder / f"data.{suffix}"
    if suffix == "xls":
        old = xlwt.Workbook()
        old.dates_1904 = from_1904
        sheet, day = old.add_sheet("Data"), xlwt.easyxf(num_format_str="DD/MM/YYYY")
        for at, line in enumerate([HEADER, ANI[:4], BUDI[:4]]):
            for column, value in enumerate(line):
                sheet.write(at, column, value)
        sheet.write(1, 4, 31413, day)
        sheet.write(2, 4, 31413)
        old.save(str(path))
        return settle(path)
    with xlsxwriter.Workbook(path, {"date_1904": from_1904}) as book:
        page, day = book.add_worksheet("Data"), book.add_format({"num_format": "dd/mm/yyyy"})
        for at, line in enumerate([HEADER, ANI[:4], BUDI[:4]]):
            page.write_row(at, 0, line)
        page.write_number(1, 4, 31413, day)
        page.write_number(2, 4, 31413)
    return settle(path)


@pytest.mark.parametrize("suffix", ["xls", "xlsx"])
def test_bare_day_numbers_of_the_other_calendar_are_refused(tmp_path: Path, suffix: str) -> None:
    """If this fails, birth dates from a workbook of Excel for Mac are four years wrong."""
    message = str(refused(calendar_book(tmp_path, suffix, from_1904=True)))
    assert "sistem tanggal 1904; kolom TGL_LHR: 1 nomor seri tanpa format tanggal, yaitu E3" in message
    frame = read_workbook(calendar_book(tmp_path, suffix, from_1904=False), tmp_path).frame
    assert frame["tgl_lhr"].to_list() == ["1986-01-01", "31413"]


@pytest.mark.parametrize("suffix", ["xls", "xlsx"])
def test_date_cells_of_the_other_calendar_are_right(tmp_path: Path, suffix: str) -> None:
    """If this fails, a workbook of 1904 is sent back though its dates are formatted, or read four years wrong."""
    path = tmp_path / f"tanggal.{suffix}"
    if suffix == "xls":
        old = xlwt.Workbook()
        old.dates_1904 = True
        sheet = old.add_sheet("Data")
        for at, line in enumerate([HEADER, ANI[:4]]):
            for column, value in enumerate(line):
                sheet.write(at, column, value)
        sheet.write(1, 4, 31413, xlwt.easyxf(num_format_str="DD/MM/YYYY"))
        old.save(str(path))
    else:
        with xlsxwriter.Workbook(path, {"date_1904": True}) as book:
            page = book.add_worksheet()
            page.write_row(0, 0, HEADER)
            page.write_row(1, 0, ANI[:4])
            page.write_number(1, 4, 31413, book.add_format({"num_format": "dd/mm/yyyy"}))
    assert read_workbook(settle(path), tmp_path).frame["tgl_lhr"].to_list() == ["1990-01-02"]


def test_cells_with_errors_are_named(tmp_path: Path) -> None:
    """If this fails, an address that Excel shows as #N/A becomes an empty one, as if nobody had written any."""
    book = openpyxl.Workbook()
    for line in ((*HEADER, "ALAMAT"), (*ANI, "#N/A"), (*BUDI, "#REF!")):
        book.active.append(line)
    for cell in book.active["F"][1:]:
        cell.data_type = "e"
    book.save(tmp_path / "data.xlsx")
    message = str(refused(settle(tmp_path / "data.xlsx")))
    assert "memuat 2 sel galat (#N/A, #REF! dan sejenisnya), yaitu F2, F3" in message
    assert "minta pengirim memeriksa sel itu" in message


def test_cells_with_errors_in_old_workbooks_are_named(tmp_path: Path) -> None:
    """If this fails, an XLS loses what an XLSX would not."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("Data")
    for at, line in enumerate([(*HEADER, "ALAMAT"), ANI, BUDI]):
        for column, value in enumerate(line):
            sheet.write(at, column, value)
    sheet.row(2).set_cell_error(5, 0x2A)  # "#N/A"
    book.save(str(tmp_path / "data.xls"))
    assert "memuat 1 sel galat (#N/A, #REF! dan sejenisnya), yaitu F3" in str(refused(settle(tmp_path / "data.xls")))
