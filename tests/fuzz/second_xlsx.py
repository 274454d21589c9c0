"""A second reading of XLSX files, by other means: expat over their parts."""

import io
import re
import zipfile
from xml.etree import ElementTree as ET

from second_sheet import Cells, Number
from second_text import UnreadableError

REFERENCE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")


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
