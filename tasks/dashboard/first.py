"""What stands on the page before marimo has come up: the same figures, and filters that work by the address alone.

A browser needs some seconds for marimo's own code; neither the figures nor a choice need any of it.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from tasks.dashboard import figures, page, words
from tasks.dashboard.asked import KEYS, address, asked
from tasks.dashboard.behind import missing_from
from tasks.dashboard.controls import NAMES, everything, options
from tasks.dashboard.sums import NotReadableError, sums_at_hand
from tasks.findings_report.look import esc

BEFORE = '<div id="root">'
PREPARING = '<p class="dasbor-wait">Menyiapkan unduhan ...</p>'
READING = '<article class="dasbor"><p class="dasbor-wait">Membaca salinan analis ...</p></article>'


def first(published: Path, ledger: Path, given: Mapping[str, str]) -> str:
    """The page of ``published`` at once, with the filters of its address."""
    try:
        sums = sums_at_hand(published)
    except NotReadableError as error:
        return page.refusal(error, missing_from(None, ledger))
    if sums is None:
        return READING
    offered = figures.choices(sums)
    chosen, unknown = asked(given, offered)
    shown = figures.read(sums, chosen)
    head = page.head(shown, missing_from(shown.published, ledger))
    body = page.body(shown, words.chosen(chosen, offered), unknown.values(), address(chosen))
    return f"{head}{_form(chosen, offered)}{body}{PREPARING}"


def put_first(html: str, content: str) -> str:
    """The page of marimo with ``content`` standing in until its own is there."""
    return html.replace(BEFORE, f'<div id="dasbor-awal">{content}</div>{BEFORE}', 1)


def _form(chosen: figures.Filters, offered: figures.Choices) -> str:
    """The filters as the browser's own form; its names are the address's."""
    cells = "".join(
        _select(key, options(field, offered, chosen.district), getattr(chosen, field)) for key, field in KEYS.items()
    )
    return (
        f'<form class="dasbor-bar" id="dasbor-saringan" method="get" action="/">{cells}'
        '<noscript><button>Terapkan</button></noscript><button type="button" data-print>Cetak</button></form>'
    )


def _select(key: str, offered: Iterable[tuple[str, str]], value: str) -> str:
    told = "".join(
        f'<option value="{esc(code)}"{" selected" if code == value else ""}>{esc(text)}</option>'
        for text, code in [(everything(key), ""), *offered]
    )
    name = f"saring-{key}"
    return f'<div><label for="{name}">{NAMES[key]}</label><select id="{name}" name="{key}">{told}</select></div>'
