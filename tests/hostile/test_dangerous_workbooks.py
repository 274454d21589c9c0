"""Workbooks with code, links or objects in them, locked ones, others under a false name: each told for what it is."""

import struct
import zipfile
from pathlib import Path

import pytest
from office_kit.files import settle, write
from office_kit.workbooks import ANI, HEADER, rebuilt, refused, xls

from tasks.errors import Exit


@pytest.mark.parametrize("member", ["xl_vbaProject__bin", "xl_externalLinks_externalLink1__xml", ".._.._etc_passwd"])
def test_macros_outside_links_and_traversal_are_refused(book: Path, tmp_path: Path, member: str) -> None:
    """If this fails, the office keeps and passes on a workbook that runs code on a colleague's computer."""
    error = refused(rebuilt(book, tmp_path / "makro.xlsx", **{member: b"x"}))
    assert error.exit_code is Exit.FILE


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


def entry(raw: bytes, old: str, new: str, kind: int = 2) -> bytes:
    """An OLE file with one directory entry renamed (an empty name: an unused entry)."""
    at = raw.index((old + "\0").encode("utf-16-le")) if old else raw.rindex(bytes(64) + struct.pack("<HB", 0, 0))
    name = (new + "\0").encode("utf-16-le")
    return raw[:at] + name.ljust(64, b"\0") + struct.pack("<HB", len(name), kind) + raw[at + 67 :]


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
