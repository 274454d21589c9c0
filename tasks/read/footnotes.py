"""Words below or between the residents of a flat file: place and date, signature, "dicetak oleh", totals."""

from dataclasses import replace

import polars as pl

from expectations.columns import STORED
from tasks.read.extract import LINE, Extract

FOOTNOTE = "catatan di luar data"
FEW_CELLS = 2  # a resident has more: name, sex, birth date
MIN_LETTERS = 3  # a NIK with a typed O or I has fewer
PERSONAL = ("nama_lgkp", "tgl_lhr", "jenis_klmin")


def without_footnotes(extract: Extract) -> Extract:
    """The extract without rows that are words: letters where the NIK stands and nothing of a person beside them.

    They become named layout lines, so that physical lines are still all accounted for.
    """
    frame = extract.frame
    filled = {name: pl.col(name).str.strip_chars().fill_null("") != "" for name in STORED}
    words = (
        (pl.col("nik").str.count_matches("[A-Za-z]").fill_null(0) >= MIN_LETTERS)
        & (pl.sum_horizontal(filled.values()) <= FEW_CELLS)
        & ~pl.any_horizontal(filled[name] for name in PERSONAL)
    )
    found = frame.filter(words)[LINE]
    if not len(found):
        return extract
    lines = extract.layout.lines | {FOOTNOTE: len(found) + extract.layout.lines.get(FOOTNOTE, 0)}
    kept = frame.filter(~pl.col(LINE).is_in(found.implode()))
    return replace(extract, frame=kept, layout=replace(extract.layout, lines=lines))
