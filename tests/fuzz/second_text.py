"""A second reading of a text extract, by other means: Python's decoders and a tiny strict parser, line by line."""

import re
import struct

from dbfread.codepages import codepages

from expectations.columns import STORED, canonical_name
from tasks.read import Extract

LINE_END = re.compile(r"\r\n|\r|\n")
LETTERS = re.compile(rb"\xc3[\x80-\xbf]|\xe2\x80[\x80-\xaf]")  # accented ones and quotes, written in UTF-8
SIXTEEN_DIGITS = re.compile(r"(?<!\d)\d{16}(?!\d)")
DIGITS = re.compile(r"\d{13}")


class UnreadableError(ValueError):
    """The second reader finds no certain meaning in these bytes: then the first one must refuse them."""


def lines_of(raw: bytes, kind: str = "") -> list[str]:
    """The physical lines; a final line end starts none. ``kind``: how the first reader understood the bytes.

    What bears UTF-8's mark or its letters is UTF-8, be it damaged.
    """
    try:
        if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
            text = raw.decode("utf-16")
        else:
            try:
                text = raw.decode("utf-8-sig")
            except UnicodeDecodeError:
                if raw.startswith(b"\xef\xbb\xbf") or LETTERS.search(raw) or "rusak" in kind:
                    text = raw.decode("utf-8-sig", "replace")
                else:
                    text = raw.decode("cp1252")
    except UnicodeDecodeError as error:
        raise UnreadableError("huruf") from error
    lines = LINE_END.split(text)
    return lines[:-1] if lines[-1] == "" else lines


def cells_of(line: str, delimiter: str) -> list[str]:
    """The cells of one line. Raises UnreadableError for quotes that are not closed, or closed too early."""
    cells, at = [], 0
    while True:
        quoted = re.compile(r' *"').match(line, at)
        if not quoted:
            end = line.find(delimiter, at)
            cells.append(line[at:] if end < 0 else line[at:end])
            at = end + 1
            if end < 0:
                return cells
            continue
        closed = re.compile(r' *"((?:[^"]|"")*)" *(?=' + re.escape(delimiter) + r"|\Z)").match(line, at)
        if not closed:
            raise UnreadableError("tanda kutip")
        cells.append(closed[1].replace('""', '"'))
        at = closed.end() + 1
        if at > len(line):
            return cells


def check_text(extract: Extract, raw: bytes) -> str:
    """What the first reading of a text says otherwise than the second; "" when nothing."""
    try:
        lines = lines_of(raw, extract.layout.kind)
    except UnreadableError as error:
        return f"diterima, padahal tidak terbaca: {error}"
    if len(lines) != extract.physical:
        return f"{extract.physical} baris, seharusnya {len(lines)}"
    layout = extract.layout
    delimiter = "\t" if layout.kind.endswith("tab") else layout.kind[-2]
    try:
        header = [
            cell.strip().strip('"') for cell in cells_of(lines[layout.header_line - 1].lstrip("\ufeff"), delimiter)
        ]
    except UnreadableError:
        return "judul tidak terbaca"
    received = [text.strip('\ufeff"') for text in layout.mapping]  # a mark in the middle stays in the shown header
    if header != received or [canonical_name(cell) for cell in header] != list(layout.mapping.values()):
        return "judul dipahami lain"
    places = {
        name: received.index(text)
        for text, name in zip(received, layout.mapping.values(), strict=True)
        if name in STORED
    }
    damaged = "rusak" in layout.kind
    for row in extract.frame.iter_rows(named=True):
        line = lines[row["line_no"] - 1]
        fault = _row(row, line, (delimiter, len(header), places))
        if fault := "huruf rusak, tetapi diterima" if damaged and "\ufffd" in line else fault:
            return f"baris {row['line_no']}: {fault}"
    return _others(extract, lines)


def _row(row: dict[str, str | None], line: str, table: tuple[str, int, dict[str, int]]) -> str:
    delimiter, width, places = table
    try:
        cells = cells_of(line, delimiter)
    except UnreadableError as error:
        return f"diterima, padahal tidak terbaca: {error}"
    if len(cells) < width or any(cells[width:]):
        return f"{len(cells)} sel, seharusnya {width}"
    for name in STORED:
        if (row[name] or "") != (cells[places[name]] if name in places else ""):
            return f"{name} berbeda"
    return ""


def _others(extract: Extract, lines: list[str]) -> str:
    """Every line is in one place only; rejects keep their text; a line of the layout holds no resident."""
    rows, rejects = extract.frame["line_no"].to_list(), extract.rejects["line_no"].to_list()
    told = [*rows, *rejects]
    if len(set(told)) < len(told):
        return "baris disebut dua kali"
    for row in extract.rejects.iter_rows(named=True):
        if row["text"] != lines[row["line_no"] - 1]:
            return f"baris {row['line_no']}: teks baris tertolak berbeda"
    silent = [at for at in set(range(1, len(lines) + 1)) - set(told) if DIGITS.search(lines[at - 1])]
    return f"baris {min(silent)}: penduduk dianggap tata letak" if silent else ""


def check_dbf(extract: Extract, raw: bytes) -> str:
    """The same for a DBF table, cut by its own header."""
    count, offset, width = struct.unpack_from("<IHH", raw, 4)
    encoding = codepages[raw[29]][0] if raw[29] in codepages and raw[29] else "cp1252"
    fields, at, start = {}, 32, 1
    while raw[at] != 0x0D:
        size = raw[at + 16]
        fields[raw[at : at + 11].split(b"\0")[0].decode("latin-1").strip()] = (start, size, chr(raw[at + 11]).upper())
        at, start = at + 32, start + size
    if start != width or len(raw) < offset + count * width or count != extract.physical:
        return "kepala tabel tidak cocok"
    if not set(fields) >= set(extract.layout.mapping):
        return "kolom dipahami lain"
    seen = set(extract.rejects["line_no"].to_list())
    for row in extract.frame.iter_rows(named=True):
        record = raw[offset + (row["line_no"] - 1) * width :][:width]
        seen.add(row["line_no"])
        if record[0] != 0x20:
            return f"rekaman {row['line_no']}: terhapus, tetapi diterima"
        for header, name in extract.layout.mapping.items():
            begin, size, kind = fields[header]
            if name not in STORED:
                continue
            text = record[begin : begin + size].decode(encoding, "replace").rstrip(" \0")
            text = text.strip(" ") if kind in "NF" else text
            text = re.sub(r"^(\d{4})(\d\d)(\d\d)$", r"\1-\2-\3", text) if kind == "D" else text
            if (row[name] or "") != text:
                return f"rekaman {row['line_no']}, {name} berbeda"
    unseen = [at for at in range(1, count + 1) if at not in seen]
    alive = [
        at
        for at in unseen
        if raw[offset + (at - 1) * width] != 0x2A and raw[offset + (at - 1) * width :][:width].strip(b" \0")
    ]
    return f"rekaman {alive[0]} hilang" if alive else ""
