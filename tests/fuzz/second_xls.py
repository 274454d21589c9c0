"""A second reading of XLS files, by other means: a plain walk over BIFF8 in its OLE container."""

import struct

from second_sheet import Cells, Number
from second_text import UnreadableError

OLE_SECTOR, MINI_SECTOR, MINI_CUTOFF = 512, 64, 4096


def sheets_of_xls(raw: bytes, wanted: str) -> dict[str, Cells]:
    """Sheet name -> (row, column) -> value, of the wanted sheet. Raises UnreadableError: nothing certain is meant."""
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
