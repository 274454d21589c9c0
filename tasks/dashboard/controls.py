"""The filters and download buttons: marimo's own controls, with nothing in them that data could make into markup.

marimo reads a control's label as Markdown, so labels are ours alone; what data says stands in options, which are text.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from tasks.dashboard import words
from tasks.dashboard.figures import Choices
from tasks.findings_report.look import esc

LONGEST = 60  # letters of a rule's title in a list
FILES = {
    "kelurahan": "Kelurahan",
    "aturan": "Aturan",
    "berkas": "Dibanding berkas sebelumnya",
    "langkah": "Langkah SOP",
    "batas-agenda": "Batas 60 hari: penerimaan",
    "batas-kasus": "Batas 60 hari: kasus",
    "pasangan": "Pasangan ganda",
    "kasus-ganda": "Kasus ganda",
}


def district(offered: Choices) -> Any:
    """Kecamatan of the city."""
    return _dropdown("Kecamatan", "Semua kecamatan", ((words.title(name), code) for code, name in offered.districts))


def village(offered: Choices, district_code: str) -> Any:
    """Kelurahan of the chosen kecamatan, or of all: some names occur as kecamatan and kelurahan alike."""
    inside = [(words.title(name), key) for key, inside_of, name in offered.villages if district_code in {"", inside_of}]
    return _dropdown("Kelurahan", "Semua kelurahan", inside)


def rule(offered: Choices) -> Any:
    """Rules that found something, by code."""
    told = ((f"{code} {title}", code) for code, title in offered.rules)
    return _dropdown("Aturan", "Semua aturan", told)


def agenda(offered: Choices, asked: object) -> Any:
    """Agenda numbers, the newest first. ``asked``: of the address (a run's link names its own); unknown: all."""
    value = asked if isinstance(asked, str) and asked in offered.agendas else ""
    return _dropdown("Agenda", "Semua agenda", ((number, number) for number in offered.agendas), value)


def _dropdown(label: str, everything: str, options: Iterable[tuple[str, str]], value: str = "") -> Any:
    import marimo as mo

    named = {everything: ""}
    for text, key in options:
        short = " ".join(text.split())
        short = short if len(short) <= LONGEST else f"{short[: LONGEST - 1]}…"
        named[short if short not in named and short != "--" else f"{short} ({key})"] = key
    first = next(text for text, key in named.items() if key == value)
    return mo.ui.dropdown(named, first, allow_select_none=False, label=label, full_width=True)


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
    return f'<div class="dasbor-files"><h2>Unduh angka yang ditampilkan (CSV)</h2><div>{buttons}</div></div>'
