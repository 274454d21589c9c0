"""The filters and download buttons: marimo's own controls, with nothing in them that data could make into markup.

marimo reads a control's label as Markdown, so labels are ours alone; what data says stands in options, which are text.
"""

from datetime import datetime
from typing import Any

from tasks.dashboard import words
from tasks.dashboard.figures import Choices
from tasks.findings_report.look import esc

LONGEST = 60  # letters of a rule's title in a list
NAMES = {"kecamatan": "Kecamatan", "kelurahan": "Kelurahan", "aturan": "Aturan", "agenda": "Agenda"}
FILES = {
    "kelurahan": "Kelurahan",
    "aturan": "Aturan",
    "berkas": "Dibanding berkas sebelumnya",
    "langkah": "Langkah SOP",
    "beban-kerja": "Beban kerja",
    "batas-agenda": "Batas 60 hari: penerimaan",
    "batas-kasus": "Batas 60 hari: kasus",
    "pasangan": "Pasangan ganda",
    "kasus-ganda": "Kasus ganda",
}


def options(field: str, offered: Choices, district: str = "") -> list[tuple[str, str]]:
    """What one filter offers, (text, value) in order. ``district``: only the kelurahan of this kecamatan, "" for all.

    Agenda numbers: the newest first.
    """
    return {
        "district": [(words.title(name), code) for code, name in offered.districts],
        "village": [
            (words.title(name), key) for key, inside, name in offered.villages if district in {"", inside}
        ],
        "rule": [(f"{code} {title}", code) for code, title in offered.rules],
        "agenda": [(number, number) for number in offered.agendas],
    }[field]  # fmt: skip


def everything(key: str) -> str:
    """The choice of no filter."""
    return f"Semua {key}"


def dropdown(key: str, offered: list[tuple[str, str]], value: str = "") -> Any:
    """The control of marimo for one filter. ``value``: what is chosen at first; one that is not offered: all."""
    import marimo as mo

    named = {everything(key): ""}
    for text, code in offered:
        short = " ".join(text.split())
        short = short if len(short) <= LONGEST else f"{short[: LONGEST - 1]}…"
        named[short if short not in named and short != "--" else f"{short} ({code})"] = code
    first = next((text for text, code in named.items() if code == value), everything(key))
    return mo.ui.dropdown(named, first, allow_select_none=False, label=NAMES[key], full_width=True)


def bar(*filters: Any) -> str:
    """The filters side by side, with the button that prints."""
    cells = "".join(f"<div>{control.text}</div>" for control in filters)
    return f'<div class="dasbor-bar">{cells}<button type="button" data-print>Cetak</button></div>'


def exports(files: dict[str, bytes], published: datetime) -> str:
    """A button per section; a file's name tells the day of the copy."""
    import marimo as mo

    buttons = "".join(
        mo.download(content, f"{name}-{published:%Y-%m-%d}.csv", "text/csv", label=esc(FILES[name])).text
        for name, content in files.items()
    )
    return (
        f'<div class="dasbor-files"><h2>Unduh angka yang ditampilkan (CSV)</h2><div>{buttons}</div>'
        "<p>Pertanyaan lain dijawab oleh salinan yang sama dengan SQL: <code>duckdb -readonly "
        "published/sinkron.duckdb</code>; contohnya di docs/analyst.md dan docs/queries.</p></div>"
    )
