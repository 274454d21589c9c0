"""A second reading of workbooks, by other means: expat over the parts of an XLSX, a plain walk over an XLS."""

import datetime as dt
import io
import re
import struct
import zipfile
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from second_text import UnreadableError

from expectations.columns import IDENTIFIERS, STORED
from tasks.read import Extract

REFERENCE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
KK_LINE = re.compile(r"(?i)\b(?:no|nomor)\W*(?:kk|kartu)")
OLE_SECTOR, MINI_SECTOR, MINI_CUTOFF = 512, 64, 4096
EPOCH = dt.datetime(1899, 12, 30, tzinfo=dt.UTC)
MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(?:\.\d+)?)?")


@dataclass(frozen=True)
class Number:
    """A cell that is no text: what stands in it."""

    raw: str


Cells = dict[tuple[int, int], "str | Number"]


def sheets_of_xlsx(raw: bytes, wanted: str) -> dict[str, Cells]:
    """Sheet name -> (row, column) -> value, of the wanted sheet. Raises UnreadableError: nothing certain is meant."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        book, links = _tree(parts["xl/workbook.xml"]), _tree(parts["xl/_rels/workbook.xml.rels"])
        targets = {link.get("Id"): link.get("Target", "").removeprefix("/xl/").removeprefix("xl/") for link in links}
        strings = _strings(parts.get("xl/sharedStrings.xml"))
        found = {}
        for sheet in (node for node in book.iter() if _name(node) == "sheet"):
            key = next((value for name, value in sheet.attrib.items() if name.endswith("}id")), "")
            if sheet.get("name", "") == wanted:
                found[wanted] = _cells(_tree(parts["xl/" + targets[key]]), strings)
    except (KeyError, ET.ParseError, zipfile.BadZipFile, EOFError, zipfile.zlib.error, NotImplementedError) as error:  # type: ignore[attr-defined]
        raise UnreadableError(f"{type(error).__name__}") from error
    return found


def _tree(part: bytes) -> ET.Element:
    return ET.fromstring(part)  # noqa: S314 (our own damaged files)


def _name(node: ET.Element) -> str:
    return node.tag.rpartition("}")[2]


def _strings(part: bytes | None) -> list[str]:
    if part is None:
        return []
    return [_text(item) for item in _tree(part) if _name(item) == "si"]


def _text(item: ET.Element) -> str:
    """All of a string's <t>, those of its runs too, without the phonetic ones."""
    texts = []
    for node in item:
        if _name(node) == "t":
            texts.append(_kept(node))
        elif _name(node) == "r":
            texts += [_kept(part) for part in node if _name(part) == "t"]
    return "".join(texts)


def _kept(node: ET.Element) -> str:
    """Blanks at the ends of a text count only when it says so; _xHHHH_ is how Excel writes a letter by its number."""
    text = re.sub(r"_x([0-9A-Fa-f]{4})_", lambda code: chr(int(code[1], 16)), node.text or "")
    return text if node.get("{http://www.w3.org/XML/1998/namespace}space") == "preserve" else text.strip(" \t\r\n")


def _cells(sheet: ET.Element, strings: list[str]) -> Cells:
    cells: Cells = {}
    for row in (node for node in sheet.iter() if _name(node) == "row"):
        for cell in (node for node in row if _name(node) == "c"):
            value = _value(cell, strings)
            place = REFERENCE.fullmatch(cell.get("r", "").upper())
            if not place:
                raise UnreadableError("alamat sel")
            key = int(place[2]), _column(place[1])
            if key in cells:
                raise UnreadableError("alamat sel dua kali")
            cells[key] = value
    return {key: value for key, value in cells.items() if value != ""}


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _value(cell: ET.Element, strings: list[str]) -> "str | Number":
    kind, parts = cell.get("t", "n"), {_name(node): node for node in cell}
    if len(parts) < len(cell):
        raise UnreadableError("isi sel dua kali")
    text = (parts["v"].text or "") if "v" in parts else ""
    if "f" in parts:
        raise UnreadableError("rumus")
    if "is" in parts and "v" in parts:
        raise UnreadableError("isi sel dua kali")
    if "is" in parts or kind == "inlineStr":
        return _text(parts["is"]) if "is" in parts else text
    if kind == "s":
        if text == "":
            return ""
        if not re.fullmatch(r"\d+", text) or int(text) >= len(strings):
            raise UnreadableError("indeks teks")
        return strings[int(text)]
    if kind in ("str", "d"):
        return text
    if kind not in ("n", "b"):
        raise UnreadableError("jenis sel")
    return Number(text) if text != "" else ""


def check_sheet(extract: Extract, sheets: dict[str, Cells]) -> str:
    """What the first reading of a workbook says otherwise than the second; "" when nothing."""
    cells = sheets.get(extract.layout.place)
    if cells is None:
        return "lembar lain"
    depth = max((row for row, _ in cells), default=0)
    if depth > extract.physical:
        return f"baris {extract.physical + 1}-{depth} tidak dibaca"
    try:
        columns = _columns(extract, cells)
    except KeyError:
        return "judul dipahami lain"
    families = {row for (row, _), text in cells.items() if isinstance(text, str) and KK_LINE.search(text)}
    for row in extract.frame.iter_rows(named=True):
        if fault := _row(row, cells, (columns, families)):
            return f"baris {row['line_no']}: {fault}"
    told = [*extract.frame["line_no"], *extract.rejects["line_no"]]
    if len(set(told)) < len(told):
        return "baris disebut dua kali"
    silent = {
        row for (row, column), text in cells.items()
        if column == columns["nik"] and row > extract.layout.header_line and row not in families and row not in told
        and re.search(r"\d{5}", text if isinstance(text, str) else text.raw)
    }  # fmt: skip
    return f"baris {min(silent)}: penduduk dianggap tata letak" if silent else ""


def _columns(extract: Extract, cells: Cells) -> dict[str, int]:
    """Contract column -> position, by the header as the layout tells it; banner labels have no position."""
    last, two = extract.layout.header_line, "dua baris" in extract.layout.kind
    top, width, group, shown = last - two, max(column for _, column in cells), "", {}
    for column in range(1, width + 1):
        above, below = str(cells.get((top, column), "")).strip(), str(cells.get((last, column), "")).strip()
        group = above or group
        shown[column] = f"{group} / {below}" if two and below else above
    found = {
        name: [at for at, text in shown.items() if text == header] for header, name in extract.layout.mapping.items()
    }
    if any(len(places) > 1 for places in found.values()) or not found["nik"]:
        raise KeyError
    return {name: places[0] for name, places in found.items() if places}


def _row(row: dict[str, str | None], cells: Cells, layout: tuple[dict[str, int], set[int]]) -> str:
    columns, families = layout
    line = int(str(row["line_no"]))
    for name in STORED:
        value = row[name] or ""
        if name in columns:
            if not _same(name, value, cells.get((line, columns[name]), "")):
                return f"{name} berbeda"
        elif value and not _above(name, value, (line, cells, families)):
            return f"{name} tidak berasal dari berkas"
    return ""


def _same(name: str, value: str, cell: "str | Number") -> bool:
    if isinstance(cell, str):
        return value == cell
    if name in IDENTIFIERS:
        return False
    if re.fullmatch(r"\s*[+-]?[\d.]+(?:[eE][+-]?\d+)?\s*", cell.raw):
        number = float(cell.raw)
        if moment := MOMENT.fullmatch(value):
            year, month, day, *time = (int(part or 0) for part in moment.groups())
            days = (dt.datetime(year, month, day, *time, tzinfo=dt.UTC) - EPOCH).total_seconds() / 86400
            # Excel counts a 29 February 1900 that never was: before it a serial is a day later than the sum says.
            return min(abs(days - number - shift) for shift in (0, 1462, *([1] if number < 60 else []))) < 1e-4
        return (
            (
                bool(re.fullmatch(r"-?[\d.]+(?:[eE][+-]?\d+)?", value))
                and abs(float(value) - number) <= 1e-9 * max(1, abs(number))
            )
            or (value, number) in {("true", 1), ("false", 0)}
            or (value == "true" and bool(number))
        )
    return value == cell.raw or (value, cell.raw) in {("true", "true"), ("false", "false")}


def _above(name: str, value: str, place: tuple[int, Cells, set[int]]) -> bool:
    """A value from a banner stands in a line above; that of a family in the lines since the nearest family line."""
    line, cells, families = place
    texts = {at: text for at, text in cells.items() if at[0] <= line and isinstance(text, str)}
    if name in ("no_kk", "alamat"):
        nearest = max((row for row in families if row <= line), default=0)
        texts = {at: text for at, text in texts.items() if at[0] >= nearest}
    return any(value in text for text in texts.values())


def sheets_of_xls(raw: bytes, wanted: str) -> dict[str, Cells]:
    """The same for an XLS (BIFF8 in an OLE container)."""
    try:
        stream = _workbook_stream(raw)
        strings, names = _globals(stream)
        return {name: _biff_cells(stream, at, strings) for name, at in names if name == wanted}
    except (struct.error, IndexError, KeyError, UnicodeDecodeError) as error:
        raise UnreadableError(type(error).__name__) from error


def _workbook_stream(raw: bytes) -> bytes:
    size = 1 << struct.unpack_from("<H", raw, 30)[0]
    sector = lambda at: raw[size * (at + 1) : size * (at + 2)].ljust(size, b"\0")  # noqa: E731
    fat: list[int] = []
    for at in struct.unpack_from("<109I", raw, 76):
        if at < 0xFFFFFFFA:
            fat += struct.unpack(f"<{size // 4}I", sector(at))

    def chain(at: int, table: list[int], piece) -> bytes:
        parts: list[bytes] = []
        while at < 0xFFFFFFFA:
            parts.append(piece(at))
            at = table[at]
            if len(parts) > len(table):
                raise UnreadableError("rantai")
        return b"".join(parts)

    directory = chain(struct.unpack_from("<I", raw, 48)[0], fat, sector)
    entries = {}
    for at in range(0, len(directory) - 127, 128):
        length, kind = struct.unpack_from("<HB", directory, at + 64)
        name = directory[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
        if kind in (2, 5):
            entries.setdefault("root" if kind == 5 else name.lower(), struct.unpack_from("<II", directory, at + 116))
    start, length = entries["workbook"] if "workbook" in entries else entries["book"]
    if length >= MINI_CUTOFF:
        return chain(start, fat, sector)[:length]
    mini = chain(entries["root"][0], fat, sector)
    raw_table = chain(struct.unpack_from("<I", raw, 60)[0], fat, sector)
    table = list(struct.unpack(f"<{len(raw_table) // 4}I", raw_table))
    return chain(start, table, lambda at: mini[at * MINI_SECTOR : (at + 1) * MINI_SECTOR])[:length]


def _records(stream: bytes, at: int) -> list[tuple[int, bytes]]:
    """Records from here to the EOF that ends this substream."""
    found, deep = [], 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        found.append((kind, stream[at + 4 : at + 4 + size]))
        deep += (kind == 0x809) - (kind == 0x0A)
        if kind == 0x0A and deep <= 0:
            return found
        at += 4 + size
    return found


def _globals(stream: bytes) -> tuple[list[str], list[tuple[str, int]]]:
    strings, names, records = [], [], _records(stream, 0)
    for number, (kind, body) in enumerate(records):
        if kind == 0x85:
            at, _, length, wide = struct.unpack_from("<IHBB", body)
            text = body[8 : 8 + length * (1 + (wide & 1))]
            names.append((text.decode("utf-16-le" if wide & 1 else "latin-1"), at))
        if kind == 0xFC:
            more = []
            for next_kind, piece in records[number + 1 :]:
                if next_kind != 0x3C:
                    break
                more.append(piece)
            strings = _shared(body, more)
    return strings, names


def _shared(body: bytes, more: list[bytes]) -> list[str]:
    """The string table; a string may go on in the next record, which then begins with its width again."""
    pieces, at, piece, strings = [body, *more], 8, 0, []
    count = struct.unpack_from("<I", body, 4)[0]

    def left() -> int:
        return len(pieces[piece]) - at

    for _ in range(min(count, 1 << 20)):
        if left() == 0 and piece + 1 < len(pieces):
            piece, at = piece + 1, 0
        length, flags = struct.unpack_from("<HB", pieces[piece], at)
        at += 3
        runs = struct.unpack_from("<H", pieces[piece], at)[0] if flags & 8 else 0
        at += 2 * bool(flags & 8)
        extra = struct.unpack_from("<I", pieces[piece], at)[0] if flags & 4 else 0
        at += 4 * bool(flags & 4)
        text, wide = "", flags & 1
        while length:
            taken = min(length, left() >> wide)
            text += pieces[piece][at : at + (taken << wide)].decode("utf-16-le" if wide else "latin-1")
            length, at = length - taken, at + (taken << wide)
            if length:
                piece, at = piece + 1, 1
                wide = pieces[piece][0] & 1
        skip = runs * 4 + extra
        while skip > left():
            skip, piece, at = skip - left(), piece + 1, 0
        strings.append(text)
        at += skip
    return strings


def _biff_cells(stream: bytes, at: int, strings: list[str]) -> Cells:
    cells: Cells = {}
    for kind, body in _records(stream, at):
        if kind not in (0xFD, 0x204, 0x203, 0x27E, 0xBD, 0x205, 0x06):
            continue
        row, column = struct.unpack_from("<HH", body)
        if kind == 0xBD:
            for place in range((len(body) - 6) // 6):
                _put(
                    cells,
                    (row + 1, column + 1 + place),
                    Number(str(_rk(struct.unpack_from("<I", body, 6 + 6 * place)[0]))),
                )
            continue
        value: str | Number = Number("?")
        if kind == 0xFD:
            index = struct.unpack_from("<I", body, 6)[0]
            value = strings[index]
        elif kind == 0x204:
            length, wide = struct.unpack_from("<HB", body, 6)
            value = body[9 : 9 + length * (1 + (wide & 1))].decode("utf-16-le" if wide & 1 else "latin-1")
        elif kind == 0x205:
            value = Number(("true" if body[6] else "false") if not body[7] else "?")
        elif kind == 0x203:
            value = Number(repr(struct.unpack_from("<d", body, 6)[0]))
        elif kind == 0x27E:
            value = Number(str(_rk(struct.unpack_from("<I", body, 6)[0])))
        _put(cells, (row + 1, column + 1), value)
    return {key: value for key, value in cells.items() if value != ""}


def _put(cells: Cells, key: tuple[int, int], value: "str | Number") -> None:
    if key in cells:
        raise UnreadableError("alamat sel dua kali")
    cells[key] = value


def _rk(bits: int) -> float:
    if bits & 2:
        number = float((bits >> 2) - ((bits >> 31) << 30))
    else:
        number = struct.unpack("<d", struct.pack("<Q", (bits & 0xFFFFFFFC) << 32))[0]
    return number / 100 if bits & 1 else number
