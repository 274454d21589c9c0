"""The old XLS container (OLE compound file) and its BIFF records: what a reader would not tell, found before it reads.

Only what is needed: names of the streams, the bytes of the workbook stream, and per sheet which cells are numbers or
formulas and how far they reach. Layout by [MS-CFB] and [MS-XLS].
"""

import struct
from dataclasses import dataclass, field
from pathlib import Path

OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
FREE = 0xFFFFFFFA  # sector numbers from here on mean free, end of chain and the like
STREAM, ROOT = 2, 5  # kinds of directory entries
CHAIN_END, CLEAN_SECTOR = 0xFFFFFFFE, 4096
ENTRY_BYTES, MINI_CUTOFF, MINI_BYTES = 128, 4096, 64
FAT_IN_HEADER = 109
BOUNDSHEET, FILEPASS, EOF, BOF = 0x0085, 0x002F, 0x000A, 0x0809
SST, DIMENSIONS, DATE1904 = 0x00FC, 0x0200, 0x0022
SST_BYTES = 8
DIMENSIONS_LAYOUT = {14: "<IIHH", 10: "<HHHH"}
IMPOSSIBLE = 1 << 40
MACRO_SHEET = 1
FORMULAS = {0x0006, 0x0206, 0x0406}
BOOLERR = 0x0205
NUMBERS = {0x0203, 0x027E, BOOLERR}  # NUMBER, RK, BOOLERR: row, column, ...
TEXTS = {0x00FD, 0x0204, 0x00D6, 0x0201}  # LABELSST, LABEL, RSTRING, BLANK
MULRK, MULBLANK = 0x00BD, 0x00BE  # row, first column, cells, last column
BLANKS = {0x0201, MULBLANK}
MULRK_BYTES = 6
BOOLERR_FLAG = 11  # after kind and size, row, column, format and the value itself: 1 says that it is an error
MULTIPLE = {MULRK, MULBLANK}
CELLS = FORMULAS | NUMBERS | TEXTS | MULTIPLE


class OleError(ValueError):
    """The compound file contradicts itself."""


@dataclass
class BiffSheet:
    """One sheet.

    ``numbers`` as (row, column) from 1; ``formula``: the first, None when there is none; ``errors``: #N/A and the like.

    ``declared``: how many cells the sheet says it has, for which a reader makes room;
    ``filled``: how many it has, of which ``blank`` ones hold nothing.
    """

    name: str
    numbers: list[tuple[int, int]] = field(default_factory=list)
    formula: tuple[int, int] | None = None
    rows: int = 0
    columns: int = 0
    declared: int = 0
    filled: int = 0
    blank: int = 0
    errors: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Biff:
    """What an XLS holds: its sheets and its own bytes.

    ``locked``: by a password; ``macros``: it has macro sheets; ``from_1904``: it counts days from 1904 on.
    """

    sheets: tuple[BiffSheet, ...]
    stream: bytes = b""
    locked: bool = False
    macros: bool = False
    from_1904: bool = False


def streams_of(path: Path) -> dict[str, tuple[int, int]]:
    """Names of all streams and folders -> (first sector, size); empty when the directory cannot be read."""
    try:
        return {name: (start, size) for name, start, size, _ in _Ole(path.read_bytes()).entries}
    except (OleError, struct.error, IndexError, ValueError):
        return {}


def read_biff(raw: bytes) -> Biff:
    """The sheets of an XLS file. Raises OleError when the container or its records contradict themselves."""
    try:
        ole = _Ole(raw)
        stream = next((ole.read(name) for name in ("Workbook", "Book", "WORKBOOK", "BOOK") if name in ole.names), None)
        if stream is None:
            raise OleError("tidak ada buku kerja di dalamnya")
        return _sheets(stream)
    except (struct.error, IndexError, UnicodeError):
        raise OleError("susunannya rusak") from None


class _Ole:
    """Sectors, their chains and the directory of a compound file in memory."""

    def __init__(self, raw: bytes) -> None:
        if not raw.startswith(OLE_MAGIC):
            raise OleError("bukan berkas OLE")
        self.raw = raw
        shift, self.mini_shift = struct.unpack_from("<HH", raw, 30)
        if shift not in (9, 12):
            raise OleError("ukuran sektor tidak dikenal")
        self.sector = 1 << shift
        directory, _, _, mini, _, more = struct.unpack_from("<6I", raw, 48)
        self.fat = self._fat(more)
        self.mini_fat = struct.iter_unpack("<I", self._chain(mini)) if mini < FREE else iter(())
        self.mini = [number for (number,) in self.mini_fat]
        self.entries = list(self._directory(self._chain(directory)))
        self.names = {name: (start, size) for name, start, size, kind in self.entries if kind == STREAM}

    def _fat(self, more: int) -> list[int]:
        sectors = list(struct.unpack_from(f"<{FAT_IN_HEADER}I", self.raw, 76))
        seen = 0
        while more < FREE:
            block = struct.unpack(f"<{self.sector // 4}I", self._at(more))
            sectors, more, seen = sectors + list(block[:-1]), block[-1], seen + 1
            if seen * self.sector > len(self.raw):
                raise OleError("rantai sektor berputar")
        return [n for at in sectors if at < FREE for n in struct.unpack(f"<{self.sector // 4}I", self._at(at))]

    def _at(self, sector: int) -> bytes:
        start = (sector + 1) * self.sector
        return self.raw[start : start + self.sector].ljust(self.sector, b"\0")

    def _chain(self, sector: int) -> bytes:
        parts: list[bytes] = []
        while sector < FREE:
            if sector >= len(self.fat) or len(parts) > len(self.fat):
                raise OleError("rantai sektor berputar atau putus")
            parts.append(self._at(sector))
            sector = self.fat[sector]
        return b"".join(parts)

    @staticmethod
    def _directory(raw: bytes) -> list[tuple[str, int, int, int]]:
        entries = []
        for at in range(0, len(raw) - ENTRY_BYTES + 1, ENTRY_BYTES):
            length, kind = struct.unpack_from("<HB", raw, at + 64)
            start, size = struct.unpack_from("<II", raw, at + 116)
            if kind:
                name = raw[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
                entries.append((name, start, size, kind))
        return entries

    def read(self, name: str) -> bytes:
        """The bytes of a stream."""
        start, size = self.names[name]
        if size >= MINI_CUTOFF:
            return self._chain(start)[:size]
        root = next((self._chain(first) for _, first, _, kind in self.entries if kind == ROOT), b"")
        parts: list[bytes] = []
        while start < FREE:
            if start >= len(self.mini) or len(parts) > len(self.mini):
                raise OleError("rantai sektor berputar atau putus")
            parts.append(root[start * MINI_BYTES : (start + 1) * MINI_BYTES])
            start = self.mini[start]
        return b"".join(parts)[:size]


def _sheets(stream: bytes) -> Biff:
    found, at, locked, from_1904 = [], 0, False, False
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        if kind == BOUNDSHEET:
            offset, _, what, length, wide = struct.unpack_from("<IBBBB", stream, at + 4)
            name = stream[at + 12 : at + 12 + length * (1 + (wide & 1))]
            found.append((offset, what, name.decode("utf-16-le" if wide & 1 else "latin-1")))
        locked = locked or kind == FILEPASS
        from_1904 = from_1904 or (kind == DATE1904 and any(stream[at + 4 : at + 4 + size]))
        if kind == EOF:
            break
        if kind == SST and size >= SST_BYTES and struct.unpack_from("<I", stream, at + 8)[0] > len(stream):
            raise OleError("jumlah teksnya mustahil")
        at += 4 + size
    if locked:
        return Biff((), b"", locked=True)
    sheets = tuple(_sheet(stream, offset, name) for offset, _, name in found)
    return Biff(sheets, stream, macros=any(what == MACRO_SHEET for _, what, _ in found), from_1904=from_1904)


def _sheet(stream: bytes, at: int, name: str) -> BiffSheet:
    """Walks the records of one sheet: their lengths chain, so this cannot be done in one sweep."""
    sheet, unpack, end, deep = BiffSheet(name), struct.Struct("<HHHH").unpack_from, len(stream) - 8, 0
    while at <= end:
        kind, size, row, column = unpack(stream, at)
        if kind in CELLS:
            last = struct.unpack_from("<H", stream, at + 2 + size)[0] if kind in MULTIPLE else column
            _note(sheet, kind, row + 1, (column + 1, min(last, column + size // MULRK_BYTES) + 1))
            if kind == BOOLERR and stream[at + BOOLERR_FLAG : at + BOOLERR_FLAG + 1] == b"\1":
                sheet.errors.append((row + 1, column + 1))
        elif kind == DIMENSIONS and size in DIMENSIONS_LAYOUT:
            sheet.declared = max(sheet.declared, _declared(stream, at + 4, DIMENSIONS_LAYOUT[size]))
        elif kind == BOF:
            deep += 1
        elif kind == EOF:
            deep -= 1
            if deep <= 0:
                break
        at += 4 + size
    return sheet


def _declared(stream: bytes, at: int, layout: str) -> int:
    """Cells from the first to the last row and column; a reader that subtracts a later from an earlier row wraps."""
    top, bottom, left, right = struct.unpack_from(layout, stream, at)
    return IMPOSSIBLE if bottom < top or right < left else (bottom - top + 1) * (right - left + 1)


def _note(sheet: BiffSheet, kind: int, row: int, columns: tuple[int, int]) -> None:
    first, last = columns
    sheet.filled += last - first + 1
    sheet.blank += (last - first + 1) * (kind in BLANKS)
    sheet.rows, sheet.columns = max(sheet.rows, row), max(sheet.columns, last)
    if kind in FORMULAS:
        sheet.formula = sheet.formula or (row, first)
    elif kind in NUMBERS:
        sheet.numbers.append((row, first))
    elif kind == MULRK:
        sheet.numbers += [(row, column) for column in range(first, last + 1)]


def clean_container(stream: bytes) -> bytes:
    """A new compound file with nothing but this workbook: the reader follows chains that we never saw in the old one.

    Sectors of 4,096 bytes: header, table of sectors, directory, an empty mini stream, the workbook.
    """
    stream = stream.ljust(MINI_CUTOFF, b"\0")
    count = -(-len(stream) // CLEAN_SECTOR)
    tables = -(-(count + 3) // (CLEAN_SECTOR // 4))
    while tables * (CLEAN_SECTOR // 4) < tables + 2 + count:
        tables += 1
    first = tables + 2
    chain = [0xFFFFFFFD] * tables + [CHAIN_END] * 2 + list(range(first + 1, first + count)) + [CHAIN_END]
    chain += [0xFFFFFFFF] * (tables * (CLEAN_SECTOR // 4) - len(chain))
    header = OLE_MAGIC + bytes(16) + struct.pack("<5H", 0x3E, 4, 0xFFFE, 12, 6) + bytes(6)
    header += struct.pack("<9I", 1, tables, tables, 0, MINI_CUTOFF, CHAIN_END, 0, CHAIN_END, 0)
    header += struct.pack(f"<{tables}I", *range(tables)).ljust(FAT_IN_HEADER * 4, b"\xff")
    directory = _entry("Root Entry", ROOT, tables + 1, MINI_BYTES) + _entry("Workbook", STREAM, first, len(stream))
    parts = [header, struct.pack(f"<{len(chain)}I", *chain), directory, b"", stream]
    return b"".join(part.ljust(-(-max(len(part), 1) // CLEAN_SECTOR) * CLEAN_SECTOR, b"\0") for part in parts)


def _entry(name: str, kind: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    child = 1 if kind == ROOT else 0xFFFFFFFF
    links = struct.pack("<BBIII", kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
    return text.ljust(64, b"\0") + struct.pack("<H", len(text)) + links + bytes(36) + struct.pack("<IQ", start, size)
