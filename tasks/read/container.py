"""The XLSX container, checked before any reader sees it: a flipped bit can change a NIK, a bomb fills memory."""

import re
import zipfile
from pathlib import Path
from typing import IO
from xml.parsers import expat

from tasks.errors import Exit, Problem, UserError
from tasks.read.workbook_cells import Cells, CellsError
from tasks.read.workbook_ole import OLE_MAGIC, streams_of

MAX_INFLATED_BYTES = 1 << 30
MAX_MEMBERS = 10_000
CHUNK_BYTES = 4 << 20
ZIP_MAGIC, ZIP_END, ZIP_END_BYTES = b"PK\x03\x04", b"PK\x05\x06", 22
DANGERS = {
    "vbaproject": "makro (VBA)", "macrosheets/": "makro (Excel 4)", "activex/": "kontrol ActiveX",
    "embeddings/": "berkas tertanam", "oleobject": "objek OLE", "externallinks/": "tautan ke berkas luar",
    "connections.xml": "sambungan ke data luar", "querytables/": "sambungan ke data luar",
}  # fmt: skip
OUTSIDE = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
DECLARED = re.compile(rb"""^\s*<\?xml[^>]*encoding\s*=\s*["']([\w.-]+)["']""")
SIGNATURES = (
    (ZIP_MAGIC, "arsip ZIP atau XLSX"), (OLE_MAGIC, "XLS lama (OLE)"), (b"%PDF", "PDF"), (b"{\\rtf", "dokumen RTF"),
    (b"\x1f\x8b", "arsip GZIP"), (b"Rar!", "arsip RAR"), (b"7z\xbc\xaf", "arsip 7z"),
)  # fmt: skip


def check_container(path: Path) -> dict[str, Cells]:
    """Every member inflates within a bound and has the right CRC; nothing dangerous, no far stray cells.

    Returns what the cells of each XML member are like (member name -> Cells). Raises UserError (FILE). Streams, so a
    bomb costs no memory.
    """
    _check_magic(path)
    try:
        with zipfile.ZipFile(path) as archive:
            _check_names(path, archive)
            cells = _inflate(path, archive)
            _check_kind(path, set(archive.namelist()))
            _check_farthest(path, archive, cells)
    except UserError:
        raise
    except CellsError as error:  # our own words
        raise refuse(path, str(error)) from None
    except Exception:  # noqa: BLE001 (a damaged ZIP raises almost anything)
        raise refuse(path, "berkas XLSX rusak atau terpotong") from None
    return cells


def refuse(path: Path, received: str, next_step: str = "minta pengirim mengirim ulang berkas") -> UserError:
    """The refusal of one workbook."""
    kind = "XLS" if path.suffix.lower() == ".xls" else "XLSX"
    return UserError(Exit.FILE, Problem(path.name, received, f"{kind} utuh tanpa makro", next_step))


def what_it_is(head: bytes) -> str:
    """What the first bytes of a file say it really is, in words for the receipt."""
    for magic, name in SIGNATURES:
        if head.startswith(magic):
            return name
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:512].lower()
    if text.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<meta", b"<style")) or b"<html" in text:
        return "halaman web (HTML)"
    if text.startswith(b"<"):
        return "berkas XML"
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" not in head:
        return "teks biasa (misalnya CSV)"
    return "bukan buku kerja"


def _check_magic(path: Path) -> None:
    """The bytes must be a ZIP from the first to the last: nothing in front, nothing behind."""
    with path.open("rb") as file:
        head = file.read(4096)
        file.seek(max(0, path.stat().st_size - ZIP_END_BYTES))
        tail = file.read()
    if head.startswith(OLE_MAGIC):
        if "EncryptedPackage" in streams_of(path):
            raise locked(path)
        raise wrong_suffix(path, head, ".xls")
    if not head.startswith(ZIP_MAGIC):
        raise wrong_suffix(path, head, "")
    if not tail.startswith(ZIP_END):
        raise refuse(path, "berkas XLSX rusak atau terpotong")


def locked(path: Path) -> UserError:
    """The refusal of a workbook that opens with a password only."""
    return refuse(path, "buku kerja terkunci kata sandi", "minta pengirim menghapus kata sandi lalu mengirim ulang")


def wrong_suffix(path: Path, head: bytes, right: str) -> UserError:
    """The refusal of a file whose bytes are not what its name says."""
    step = f"ganti akhirannya menjadi {right}" if right else "simpan ulang dari Excel sebagai XLSX lalu kirim ulang"
    return refuse(path, f"isi berkas adalah {what_it_is(head)}, bukan {path.suffix.lower().lstrip('.').upper()}", step)


def _check_names(path: Path, archive: zipfile.ZipFile) -> None:
    names = [member.orig_filename for member in archive.infolist()]
    if len(names) > MAX_MEMBERS or len({name.lower() for name in names}) < len(names):
        raise refuse(path, "arsip berisi anggota bernama sama atau terlalu banyak anggota")
    for member in archive.infolist():
        name = member.orig_filename
        if name.startswith(("/", "\\")) or "\\" in name or ":" in name or ".." in name.split("/") or "\0" in name:
            raise refuse(path, "arsip berisi nama anggota yang menunjuk ke luar")
        if danger := next((told for part, told in DANGERS.items() if part in name.lower()), None):
            raise refuse(path, f"buku kerja memuat {danger}")
        if member.flag_bits & 1:
            raise locked(path)
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise refuse(path, "berkas XLSX dimampatkan dengan cara yang tidak dikenal")


def _check_kind(path: Path, names: set[str]) -> None:
    if "xl/workbook.xml" not in names:
        kind = "buku kerja biner (XLSB)" if "xl/workbook.bin" in names else "arsip ZIP tanpa buku kerja XLSX"
        raise refuse(path, f"isi berkas adalah {kind}", "simpan ulang dari Excel sebagai XLSX lalu kirim ulang")


def _inflate(path: Path, archive: zipfile.ZipFile) -> dict[str, Cells]:
    inflated, cells = 0, {}
    for member in archive.infolist():
        with archive.open(member) as stream:  # reading to the end checks the CRC
            found, size = _one_member(path, stream, MAX_INFLATED_BYTES - inflated)
        if member.filename.endswith((".rels", "[Content_Types].xml")):
            _check_relations(path, archive.read(member) if size <= CHUNK_BYTES else b"macroEnabled")
        inflated += size
        if found:
            cells[member.filename] = found
    return cells


def _one_member(path: Path, stream: IO[bytes], left: int) -> tuple[Cells | None, int]:
    """(its cells when the member is XML, its size); ``left``: how many bytes it may inflate to."""
    size, tail = 0, b""
    head = stream.read(CHUNK_BYTES)
    cells = Cells() if _is_xml(path, head) else None
    chunk = head
    while chunk:
        size += len(chunk)
        if size > left:
            raise refuse(path, "isi buku kerja melebihi 1 GiB")
        if cells is not None:
            tail = _look(path, cells, tail + chunk)
        chunk = stream.read(CHUNK_BYTES)
    if cells is not None:
        cells.look(tail)
        if size == len(head):
            _check_well_formed(path, head)
    return cells, size


def _check_well_formed(path: Path, part: bytes) -> None:
    """The reader forgives damaged tags and loses what they said. Parts beyond one piece: the other checks must do."""
    try:
        expat.ParserCreate(namespace_separator=" ").Parse(part, True)  # noqa: FBT003 (its own name for the last piece)
    except expat.ExpatError:  # its message could quote the part
        raise refuse(path, "XML di dalam buku kerja rusak") from None


def _check_relations(path: Path, text: bytes) -> None:
    """Links of the workbook's parts: only hyperlinks in cells may lead outside."""
    if any(b"External" in relation and b"hyperlink" not in relation for relation in OUTSIDE.findall(text)):
        raise refuse(path, "buku kerja memuat tautan ke berkas luar")
    if b"macroEnabled" in text:
        raise refuse(path, "buku kerja memuat makro (VBA)")


def _look(path: Path, cells: Cells, text: bytes) -> bytes:
    """Looks at all whole tags of a piece and hands back the rest, which belongs to the next piece."""
    if b"!" in text and (b"<!DOCTYPE" in text or b"<!ENTITY" in text):
        raise refuse(path, "XML di dalam buku kerja memuat DOCTYPE atau ENTITY")
    # Cut where a row ends (or at least something), so that a cell is looked at together with what is inside it.
    cut = max(text.rfind(b"</row>"), 0) or max(text.rfind(b":row>"), 0) or max(text.rfind(b"</"), 0)
    if len(text) - cut > CHUNK_BYTES:
        raise refuse(path, "XML di dalam buku kerja memuat potongan yang terlalu panjang")
    cells.look(text[:cut])
    return text[cut:]


def _is_xml(path: Path, head: bytes) -> bool:
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or (b"<" in head[:8] and b"\0" in head[:8]):
        raise refuse(path, "XML di dalam buku kerja bukan UTF-8")
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] != b"<":
        return False
    declared = DECLARED.match(head.removeprefix(b"\xef\xbb\xbf")[:300])
    if declared and declared[1].lower() not in (b"utf-8", b"us-ascii", b"ascii"):
        raise refuse(path, "XML di dalam buku kerja bukan UTF-8")
    return True


def _check_farthest(path: Path, archive: zipfile.ZipFile, cells: dict[str, Cells]) -> None:
    for name, found in cells.items():
        if found.too_far():  # the bound is quick and wide: count exactly before refusing
            found.measure_exactly(archive, name, CHUNK_BYTES)
        if found.too_far():
            raise refuse(path, f"ada sel terisi terlalu jauh (baris {found.rows}, kolom {found.columns})")
