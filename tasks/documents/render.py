"""A paper as PDF/A-2b, made by Typst from a template beside this module and plain facts.

Data reach the template as JSON and are never read as Typst; every text goes through ``printable`` here, so that no
template can forget it. The same facts and time give the same bytes.
"""

import json
import re
import unicodedata
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

TEMPLATES = Path(__file__).parent
STANDARD = "a-2b"
UNPRINTABLE = "\u25a1"  # a white square: something stood here
# What the built-in fonts draw. PDF/A refuses a document with a letter that its font lacks.
LETTERS = ((0x20, 0x7E), (0xA1, 0x17F), (0x1E00, 0x1EFF), (0x2010, 0x2015), (0x2018, 0x201E), (0x2020, 0x2022))
ALSO = frozenset("\n\u2026\u2030\u20ac\u2190\u2191\u2192\u2193\u2212\u2260\u2264\u2265\u2713\u25a1\u00d7")
LONGEST = 2000  # letters of one text
# May be broken there (zero-width space), so that nothing leaves its column: inside a long run, else after 24 letters.
# Shorter numbers of letters stay whole and can be searched; so do a masked NIK and a NIP.
LONG_RUN, LONG_WORD, NIP = re.compile(r"[^\s/._-]{17,}"), re.compile(r"(\S{24})(?=\S)"), re.compile(r"[0-9]{18}")
HASH = re.compile(r"[0-9a-f]{64}")  # a SHA-256 is compared and copied; templates break it themselves


def printable(text: str, limit: int = LONGEST) -> str:
    """A text as paper can bear it: NFC, without marks that hide or turn text round, white squares for what no font has.

    Line feeds stay where a template wants lines; other controls become blanks.
    """
    if HASH.fullmatch(text):
        return text
    flat = unicodedata.normalize("NFC", text).replace("\r", "\n").replace("\t", " ")
    drawn = "".join(letter if _drawn(letter) else UNPRINTABLE for letter in flat[:limit])
    return LONG_WORD.sub("\\1\u200b", LONG_RUN.sub(_breakable, drawn))


def _breakable(run: re.Match[str]) -> str:
    return run[0] if NIP.fullmatch(run[0]) else re.sub(r"(\S{4})(?=\S)", "\\1\u200b", run[0])


def _drawn(letter: str) -> bool:
    code = ord(letter)
    return letter in ALSO or any(first <= code <= last for first, last in LETTERS)


def plain_facts(facts: Any) -> Any:
    """``facts`` (dicts, lists, texts, numbers, None) with every text printable; keys stay as they are."""
    if isinstance(facts, dict):
        return {key: plain_facts(value) for key, value in facts.items()}
    if isinstance(facts, list | tuple):
        return [plain_facts(value) for value in facts]
    return printable(facts) if isinstance(facts, str) else facts


@cache
def _fonts() -> Any:
    """Typst's own fonts alone: another machine's fonts would give other bytes."""
    import typst

    return typst.Fonts(include_system_fonts=False)


def _compiler(template: str, facts: dict[str, Any]) -> Any:
    import typst

    data = json.dumps(plain_facts(facts), ensure_ascii=False, sort_keys=True)
    inputs = {"data": data, "qr": _qr_svg(str(facts.get("qr", "")))}
    source = str(TEMPLATES / f"{template}.typ")
    return typst.Compiler(source, root=str(TEMPLATES), font_paths=_fonts(), sys_inputs=inputs)


def render(template: str, facts: dict[str, Any], made_at: datetime) -> bytes:
    """The PDF of ``<template>.typ`` for these facts; ``made_at`` (aware) is the document's time, whole seconds.

    The template reads ``d`` of kop.typ; a text under ``qr`` is drawn by its ``qr()``.
    """
    made = _compiler(template, facts).compile(
        format="pdf", pdf_standards=[STANDARD], timestamp=int(made_at.timestamp()), pdf_tags=False
    )
    return bytes(made)


def marks(template: str, facts: dict[str, Any], label: str) -> list[dict[str, Any]]:
    """The values of the metadata that a template marked with ``<label>`` for these facts, in the paper's order."""
    found: list[dict[str, Any]] = json.loads(_compiler(template, facts).query(f"<{label}>", field="value"))
    return found


def _qr_svg(text: str) -> str:
    """A QR code (error correction M) as SVG text."""
    import io

    import segno

    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="svg", border=0, xmldecl=False)
    return drawn.getvalue().decode()
