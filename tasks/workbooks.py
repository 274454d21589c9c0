"""What every workbook of ours keeps to: texts stay texts, and each one is a text that XLSX can hold."""

import polars as pl

# xlsxwriter's guesses from texts, all off: no formulas, no links, no numbers out of NIKs. No file beside it on the way.
SAFE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
MAX_CELL = 32_767  # letters; Excel's limit
A3, A4 = 8, 9  # Excel's numbers of papers
_NO_XML = r"[^\t\n\r\x20-\x{d7ff}\x{e000}-\x{fffd}\x{10000}-\x{10ffff}]"  # what XML 1.0 forbids


def as_cells(frame: pl.DataFrame) -> pl.DataFrame:
    """Texts as a cell can hold them: what XML 1.0 forbids becomes U+FFFD, no more than Excel's limit; null is empty."""
    text = pl.col(pl.String).fill_null("").str.replace_all(_NO_XML, "\ufffd").str.head(MAX_CELL)
    return frame.with_columns(text)
