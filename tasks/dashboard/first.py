"""What stands on the page before marimo has come up: the same figures without filters, or that they are being read.

A browser needs some seconds for marimo's own code; the figures need none of it.
"""

from pathlib import Path

from tasks.dashboard import figures, page, words
from tasks.dashboard.sums import NotReadableError, sums_at_hand

BEFORE = '<div id="root">'
WAITING = '<p class="dasbor-wait">Menyiapkan saringan ...</p>'
READING = '<article class="dasbor"><p class="dasbor-wait">Membaca salinan analis ...</p></article>'


def first(published: Path, agenda: str) -> str:
    """The page of ``published`` at once, for one agenda number or ("" and unknown ones) for all."""
    try:
        sums = sums_at_hand(published)
    except NotReadableError as error:
        return page.refusal(error)
    if sums is None:
        return READING
    offered = figures.choices(sums)
    chosen = figures.Filters(agenda=agenda if agenda in offered.agendas else "")
    shown = figures.read(sums, chosen)
    told = words.chosen(chosen, offered)
    return f'{page.head(shown.published)}<div class="dasbor-bar">{WAITING}</div>{page.body(shown, told)}'


def put_first(html: str, content: str) -> str:
    """The page of marimo with ``content`` standing in until its own is there."""
    return html.replace(BEFORE, f'<div id="dasbor-awal">{content}</div>{BEFORE}', 1)
