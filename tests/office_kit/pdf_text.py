"""The text of a PDF as a reader's search finds it: by the fonts' own ToUnicode tables, page by page."""

import io
import re
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader

BLOCK = re.compile(rb"BT\b(.*?)\bET\b", re.DOTALL)
# Parentheses inside a literal are escaped, or stand in pairs.
PLAIN = rb"(?:\\.|[^\\()])"
SHOWN = re.compile(rb"/(\w+) [\d.]+ Tf|\(((?:%s|\(%s*\))*)\)|<([0-9a-fA-F]+)>" % (PLAIN, PLAIN), re.DOTALL)
ASIDE = re.compile(rb"/ActualText\s*(?:<[0-9a-fA-F]*>|\((?:\\.|[^\\()])*\))")  # not shown
ESCAPED = re.compile(rb"\\([0-7]{1,3}|\r?\n|.)", re.DOTALL)
NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r\n": b""}


def pages_of(content: bytes) -> list[str]:
    """The text of each page, one blank between words and pieces."""
    reader = PdfFileReader(io.BytesIO(content))
    return [_page(page.get_object()) for page in _leaves(reader.root["/Pages"])]


def text_of(content: bytes) -> str:
    """The text of all pages."""
    return " ".join(pages_of(content))


def letters_of(content: bytes) -> set[str]:
    """Every letter that the fonts of a PDF can hand to whoever copies or searches, also what nobody sees."""
    reader = PdfFileReader(io.BytesIO(content))
    fonts = [page.get_object()["/Resources"].get("/Font", {}) for page in _leaves(reader.root["/Pages"])]
    return {letter for known in fonts for name in known for text in _table(known[name]).values() for letter in text}


def _leaves(node: Any) -> list[Any]:
    if "/Kids" not in node:
        return [node]
    return [leaf for kid in node["/Kids"] for leaf in _leaves(kid.get_object())]


def _page(page: Any) -> str:
    known = page["/Resources"].get("/Font", {})
    fonts = {name[1:].encode(): _table(known[name]) for name in known}
    pieces, table = [], {}
    for block in BLOCK.findall(ASIDE.sub(b"", page["/Contents"].data)):
        letters = []
        for font, literal, numbers in SHOWN.findall(block):
            table = fonts[font] if font else table
            raw = bytes.fromhex(numbers.decode()) if numbers else ESCAPED.sub(_unescaped, literal)
            letters += [table.get(raw[at : at + 2], "") for at in range(0, len(raw), 2)]
        pieces.append("".join(letters))
    return " ".join(" ".join(pieces).replace("\u200b", "").split())


def _table(font: Any) -> dict[bytes, str]:
    """Code of two bytes -> letters."""
    lines = re.findall(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>\n", font["/ToUnicode"].data)
    return {bytes.fromhex(code.decode()): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in lines}


def _unescaped(found: re.Match[bytes]) -> bytes:
    code = found[1]
    return bytes([int(code, 8)]) if code[:1].isdigit() else NAMED.get(code, code)
