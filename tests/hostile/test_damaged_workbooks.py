"""Workbooks that broke, or lie about their size: refused in words, never other residents or a dead process."""

import os
import random
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest
from office_kit.files import settle, write
from office_kit.workbooks import ANI, BUDI, HEADER, rebuilt, refused, xls

from tasks.errors import Exit, UserError
from tasks.read import read_extract
from tasks.read.workbook import read_workbook

FLIPS = 300 if os.environ.get("SINKRON_TORTURE") else 60  # `make fuzz` damages workbooks by the hundred thousand


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


@pytest.mark.parametrize(
    "head", [b"\xff\xfe<\0w\0", b'<?xml version="1.0" encoding="utf-7"?><worksheet/>', b"<worksheet>\xff</worksheet>"]
)
def test_sheets_that_are_not_utf8_are_refused(book: Path, tmp_path: Path, head: bytes) -> None:
    """If this fails, a sheet in another encoding is read with other letters than it shows."""
    assert "UTF-8" in str(refused(rebuilt(book, tmp_path / "huruf.xlsx", xl_worksheets_sheet1__xml=head)))


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
