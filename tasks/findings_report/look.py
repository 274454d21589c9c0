"""The frame of a page that needs no other file and no address: look, behaviour, and how a text is made harmless."""

import base64
import hashlib
import html
import unicodedata
from functools import cache
from pathlib import Path

from expectations.rules import Severity

HERE = Path(__file__).parent
# Told by shape and word too: a colour alone says nothing to one man in twelve, nor on a grey print.
MARKS = {Severity.ERROR: ("■", "Salah"), Severity.WARNING: ("▲", "Periksa"), Severity.INFO: ("●", "Catatan")}
COLOURS = {Severity.ERROR: "#b8420f", Severity.WARNING: "#e3a008", Severity.INFO: "#3b7db5"}  # Okabe-Ito, darker red
MEANINGS = {
    Severity.ERROR: "pasti salah atau mustahil",
    Severity.WARNING: "mungkin salah, diperiksa orang",
    Severity.INFO: "untuk diketahui",
}
UNSEEN = {"Cc", "Cf", "Co", "Cs"}  # would hide in, or turn around, what people read


def esc(value: object) -> str:
    """A value as HTML text or attribute: no markup, no control or direction marks, no half characters."""
    text = " ".join(str(value if value is not None else "").split())
    return html.escape("".join("\ufffd" if unicodedata.category(c) in UNSEEN else c for c in text))


def number(value: int) -> str:
    """``12345`` -> ``12.345``."""
    return f"{value:,}".replace(",", ".")


def share(part: int, whole: int) -> str:
    """``part`` of ``whole`` as ``12,5 %``; a dash when there is nothing to share."""
    return f"{100 * part / whole:.1f} %".replace(".", ",") if whole else "-"


def mark(severity: str, count: int | None = None) -> str:
    """A severity's mark with its word, or with a count."""
    glyph, word = MARKS[Severity(severity)]
    shown = word if count is None else number(count)
    return f'<span class="mark {severity.lower()}" title="{word}"><i aria-hidden="true">{glyph}</i>{shown}</span>'


def legend() -> str:
    """What the marks mean."""
    items = "".join(
        f"<li>{mark(severity)} {MEANINGS[severity]} <small>{severity.value}</small></li>" for severity in Severity
    )
    return f'<ul class="legend">{items}</ul>'


def table(heads: tuple[str, ...], rows: list[str], css: str = "") -> str:
    """A table; heads starting with ``#`` are columns of numbers. ``rows``: finished ``<tr>`` elements."""
    cells = "".join(
        f'<th scope="col" class="n">{esc(head[1:])}</th>'
        if head.startswith("#")
        else f'<th scope="col">{esc(head)}</th>'
        for head in heads
    )
    body = "".join(rows)
    return f'<div class="wide"><table class="{css}"><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table></div>'


@cache
def _asset(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def document(title: str, body: str, style: str = "") -> str:
    """A whole page. Its policy lets nothing be loaded, and no script run but our own: that is named by its hash.

    ``style``: CSS of this page alone, after the shared one.
    """
    script = _asset("page.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        f'<!DOCTYPE html>\n<html lang="id"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer"><meta name="color-scheme" content="light">'
        f"<title>{esc(title)}</title><style>{_asset('page.css')}{style}</style></head>\n"
        f"<body>{body}<script>{script}</script></body></html>\n"
    )
