"""Looks for fictional people in everything a run wrote: whatever form their NIK, name or birthday was put into.

``Canaries`` says whom to look for and in which spellings; ``found_in`` reads one file, also inside databases, archives,
PDF and compressed or encoded pieces; ``leaks`` reads folders.
"""

import base64
import html
import io
import json
import re
import sqlite3
import tempfile
import unicodedata
import urllib.parse
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from office_kit.files import Row
from office_kit.pdf_text import text_of

NUMBERS = ("NIK", "NO_KK", "NIK_IBU", "NIK_AYAH")
NAMES = ("NAMA_LGKP", "NAMA_LGKP_IBU", "NAMA_LGKP_AYAH", "ALAMAT")
MARK = "ZQAR"  # ends every word of a canary's name and address: no other text holds one
PART = 12  # digits of a NIK in a row that no mask shows
SHORTEST = 7  # letters of a word to look for
DEPTH = 5  # encodings within encodings
MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November",
    "Desember",
)  # fmt: skip
LONG_NUMBER = re.compile(r"[0-9]{12,}")
BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s.\-_/,:'\u2010-\u2015]{1,3}(?=\d)")
NO_ASCII = re.compile(r"[^\x00-\x7f]+")
UNICODE_ESCAPE = re.compile(r"\\+[uU](?:0000)?([0-9a-fA-F]{4})|\\+x([0-9a-fA-F]{2})")
# Base64 is often broken into lines, and these into "\\n" by JSON.
LINE_END = re.compile(rb"(?<=[A-Za-z0-9+/]{40})(?:\r?\n|\\+n)(?=[A-Za-z0-9+/])")
BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{24,}={0,2}")
HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){16,}")
STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
COMPRESSED = (b"\x1f\x8b", b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
ASCII = bytes(range(128))
NOISE = 0.3  # of the bytes are no ASCII
CONTAINERS = (b"PK\x03\x04", b"%PDF", b"SQLite format 3\0")
READ_WHOLE = 200_000_000  # bytes; nothing of these runs is as large


@dataclass(frozen=True)
class Canaries:
    """``numbers``: any twelve digits in a row of a NIK or KK. ``needles``: words, days, base64 -> what they tell."""

    numbers: frozenset[str]
    needles: dict[str, str]

    @classmethod
    def of(cls, rows: Iterable[Row]) -> "Canaries":
        """NIK and KK, every marked word of a name or address, every birthday."""
        people = list(rows)
        numbers = {number for row in people for name in NUMBERS if (number := row.get(name))}
        words = {word for row in people for name in NAMES for word in re.findall(r"\w+", row.get(name) or "")}
        words = {word for word in words if word.endswith(MARK) and len(word) >= SHORTEST}
        needles = {day: "tanggal lahir" for row in people for day in _days(row.get("TGL_LHR") or "")}
        needles |= dict.fromkeys(words, "nama")
        needles |= {form: "nama (base64)" for word in words for form in _base64(word, word.lower(), word.title())}
        needles |= {form: "nomor (base64)" for number in numbers for form in _base64(number)}
        parts = {number[at : at + PART] for number in numbers for at in range(len(number) - PART + 1)}
        return cls(frozenset(parts), {needle.upper(): kind for needle, kind in needles.items()})

    def told_in(self, text: str) -> set[str]:
        """Kinds of what occurs in a text; letters are compared without case."""
        runs = set(LONG_NUMBER.findall(text))
        told = any(run[at : at + PART] in self.numbers for run in runs for at in range(len(run) - PART + 1))
        whole = text.encode("utf-8", "replace").decode()  # an escape may spell half a character
        found = pl.Series([whole]).str.extract_many(list(self.needles), ascii_case_insensitive=True)[0]
        return {self.needles[hit.upper()] for hit in found} | ({"nomor"} if told else set())


def marked(row: Row) -> Row:
    """The same person with words in name and address that occur nowhere else."""
    told = {name: " ".join(f"{word}{MARK}" if len(word) > 2 else word for word in text.split())
            for name in NAMES if (text := row.get(name))}  # fmt: skip
    return {**row, **told}


def _days(iso: str) -> list[str]:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", iso):
        return []
    year, month, day = iso.split("-")
    parted = [mark.join(parts) for mark in "-/." for parts in ((year, month, day), (day, month, year))]
    return [*parted, f"{int(day)} {MONTHS[int(month) - 1]} {year}", f"{day} {MONTHS[int(month) - 1][:3]} {year}"]


def _base64(*spelled: str) -> Iterator[str]:
    """What base64 makes of a text wherever it begins: three bytes are taken at a time. Only the sure letters."""
    for text in spelled:
        for before in range(3):
            coded = base64.b64encode(b"\0" * before + text.encode()).decode().rstrip("=")
            yield coded[-(-before * 8 // 6) : len(coded) - 1]


def found_in(content: bytes, canaries: Canaries, depth: int = 0) -> set[str]:
    """Kinds of personal data in these bytes, also inside what they contain."""
    if len(content) > READ_WHOLE:
        raise ValueError("berkas terlalu besar untuk diperiksa")
    found = set()
    for view in _views(content):
        found |= canaries.told_in(view)
    if depth < DEPTH:
        for inner in _inside(content):
            found |= found_in(inner, canaries, depth + 1)
    return found


def _views(content: bytes) -> Iterator[str]:
    """The text as it lies there, then read as URL, JSON and HTML are, and with digits brought together."""
    try:
        text = content.decode()
    except UnicodeDecodeError:  # no text: what stands in it stands there letter by letter
        text = content.decode("latin-1")
        yield text
        if len(content.translate(None, ASCII)) > len(content) * NOISE:
            text = ""  # encrypted or compressed: nothing is escaped there
    else:
        yield text
        text = NO_ASCII.sub(lambda one: "".join(filter(str.isprintable, unicodedata.normalize("NFKC", one[0]))), text)
    for _ in range(DEPTH):
        before, text = text, _unescaped(text)
        if text == before:
            break
        yield text
    yield BETWEEN_DIGITS.sub("", text)
    if "\0" in text:  # UTF-16
        yield text.replace("\0", "")


def _unescaped(text: str) -> str:
    for escape, read in ESCAPES:
        if escape in text:
            text = read(text)
    return text


def _read_escapes(text: str) -> str:
    return UNICODE_ESCAPE.sub(lambda one: chr(int(one[1] or one[2], 16)), text)


ESCAPES: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("%", urllib.parse.unquote), ("+", lambda text: text.replace("+", " ")), ("&", html.unescape),
    ("\\", _read_escapes),
)  # fmt: skip


def _inside(content: bytes) -> Iterator[bytes]:
    """What the bytes contain: members, decompressed and decoded pieces, cells of databases, text of pages."""
    if content.startswith(b"PK\x03\x04"):
        with suppress(zipfile.BadZipFile, RuntimeError), zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [archive.read(member) for member in archive.infolist()]
            yield from (member for member in members if member.startswith(CONTAINERS))
            yield "\n".join(archive.namelist()).encode()
            yield b"\n".join(member for member in members if not member.startswith(CONTAINERS))
    elif content.startswith(b"%PDF"):
        yield b"\n".join([text_of(content).encode(), *map(_inflated, STREAM.findall(content))])
    elif content.startswith(b"SQLite format 3\0"):
        yield b"\n".join(_sqlite_cells(content))
    elif content[8:12] == b"DUCK":
        yield b"\n".join(_duckdb_cells(content))
    elif content.startswith(COMPRESSED):
        yield _inflated(content)
    else:
        pieces = [*_decoded(BASE64, content, _read_base64), *_decoded(HEX, content, _read_hex)]
        yield from (piece for piece in pieces if piece.startswith(CONTAINERS))
        yield b"\n".join(_inflated(piece) if piece.startswith(COMPRESSED) else piece for piece in pieces)


def _decoded(runs: re.Pattern[bytes], content: bytes, read: Callable[[bytes], bytes]) -> Iterator[bytes]:
    """Every run of these letters as bytes; digests and ids come often, and are read once."""
    for run in set(runs.findall(LINE_END.sub(b"", content))):
        with suppress(ValueError):
            yield read(run)


def _read_hex(run: bytes) -> bytes:
    return bytes.fromhex(run.decode())


def _read_base64(run: bytes) -> bytes:
    return base64.b64decode(run.rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/") + b"==")


def _inflated(content: bytes) -> bytes:
    """Decompressed as far as it goes, with any header; nothing when it is none."""
    with suppress(zlib.error):
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(content, READ_WHOLE)
    return b""


def _sqlite_cells(content: bytes) -> Iterator[bytes]:
    """Every text of every table; what is compressed, decompressed."""
    with tempfile.NamedTemporaryFile(suffix=".sqlite") as copy:
        copy.write(content)
        copy.flush()
        with closing(sqlite3.connect(copy.name)) as con:
            con.text_factory = bytes
            tables = [name.decode() for (name,) in con.execute("select name from sqlite_master where type = 'table'")]
            for table in tables:
                cells = (cell for row in con.execute(f'select * from "{table}"') for cell in row)
                texts = (cell for cell in cells if isinstance(cell, bytes))
                yield from (_inflated(text) if text.startswith(COMPRESSED) else text for text in texts)


def _duckdb_cells(content: bytes) -> Iterator[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "salinan.duckdb"
        path.write_bytes(content)
        with suppress(duckdb.Error), duckdb.connect(str(path), read_only=True) as con:  # the store's key is not here
            for (table,) in con.execute("select table_name from information_schema.tables").fetchall():
                for row in con.execute(f'select columns(*)::varchar from "{table}"').fetchnumpy().values():
                    yield "\n".join(str(cell) for cell in row).encode()


def leaks(folder: Path, canaries: Canaries, data: Iterable[str] = ()) -> dict[str, list[str]]:
    """File below ``folder`` -> kinds of personal data in its name or content; ``data``: what may hold them.

    A path of ``data`` ending in "/" is a folder.
    """
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if any(name.startswith(one) if one.endswith("/") else name == one for one in data):
            continue
        kinds = found_in(name.encode(), canaries)
        if path.is_file() and not path.is_symlink():
            kinds |= found_in(whole(path), canaries)
        if kinds:
            found[name] = sorted(kinds)
    return found


def whole(path: Path) -> bytes:
    """A file's bytes, of a database with those of its log beside it."""
    return path.read_bytes()


def open_to_others(folder: Path) -> dict[str, str]:
    """File or folder -> its mode, of those that group or others may use."""
    modes = {path: path.lstat().st_mode for path in [folder, *folder.rglob("*")] if not path.is_symlink()}
    return {str(path.relative_to(folder)): oct(mode & 0o777) for path, mode in modes.items() if mode & 0o077}


def as_json(found: dict[str, list[str]]) -> str:
    """For a message."""
    return json.dumps(found, indent=1, ensure_ascii=False)
