"""Workbooks: damaged, dangerous or merely laid out by people. Refused, or read exactly as Excel shows them."""

import random
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import openpyxl
import pytest
from office_kit.files import settle, write, write_xlsx

from tasks.errors import Exit, UserError
from tasks.read import Extract, read_extract

HEADER = ("NIK", "NO_KK", "NAMA_LGKP", "JENIS_KLMIN", "TGL_LHR")
ANI = ("3576026110629001", "3576021406129001", "ANI", "2", "1962-10-21")
BUDI = ("3576020102709002", "3576021406129002", "BUDI", "1", "1970-02-01")
FLIPS = 300


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
        read_extract(path, path.parent)
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
    import struct

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
    assert extract.layout.endswith("judul pada baris 3")


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
    assert refused(write_xlsx(tmp_path / "data.xlsx", lines)).exit_code in (Exit.COLUMNS, Exit.FILE)


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
