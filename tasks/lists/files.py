"""A list as CSV for machines and as XLSX for people. Every cell is text: nothing from data becomes live or a number."""

import io
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from tasks.workbooks import A3, A4, MAX_CELL, SAFE, as_cells

NARROWEST, TO_FILL, WIDEST = 8, 18, 44  # widths of columns in letters
ROOM = 1.15  # of a letter's width: capitals are wider than the digits Excel measures with
LINE, TALLEST = 15.0, 27  # points of one line; lines of the highest row Excel can have
ON_A4, ON_A3 = 210, 290  # letters side by side that can still be read
HEAD = {"bold": True, "bg_color": "#D9E2F3", "text_wrap": True, "valign": "top", "border": 1, "border_color": "#8A94A0"}
LINES = {"num_format": "@", "valign": "top", "text_wrap": True, "border": 1, "border_color": "#D5DADE"}
OURS = {"bg_color": "#FCE9B8"}  # our columns beside the centre's
NO_CONTROL = dict.fromkeys((*range(32), 127), "\ufffd")
NO_TITLE = re.compile(r"[\[\]:*?/\\']")  # Excel's sheets are never called so
MAX_TITLE = 31


@dataclass(frozen=True)
class Sheet:
    """One table. ``frame``: String columns alone; the first ``received`` of them are the centre's.

    ``key``: so many first columns say whose row it is, and stay in sight and on every page; ``choices``: column -> what
    may be chosen in it by whoever fills the list in.
    """

    title: str
    frame: pl.DataFrame
    received: int = 0
    key: int = 0
    choices: dict[str, list[str]] | None = None


def as_csv(frame: pl.DataFrame) -> bytes:
    """UTF-8 without a mark, comma, all values quoted, CRLF (RFC 4180). What begins like a formula stays as it is."""
    made = io.BytesIO()
    frame.select(pl.all().fill_null("")).write_csv(made, quote_style="always", line_terminator="\r\n")
    return made.getvalue()


def as_xlsx(told: str, sheets: Iterable[Sheet], made_at: datetime) -> bytes:
    """A workbook, a sheet per table; ``told`` stands at the head of every printed page. Same input, same bytes."""
    import xlsxwriter

    made = io.BytesIO()
    with xlsxwriter.Workbook(made, SAFE) as book:
        book.set_properties({"title": told, "created": made_at.replace(tzinfo=None)})
        looks = {"head": book.add_format(HEAD), "ours": book.add_format(HEAD | OURS),
                 "text": book.add_format(LINES), "empty": book.add_format({"num_format": "@"})}  # fmt: skip
        for sheet in sheets:
            _write(book.add_worksheet(NO_TITLE.sub("-", sheet.title)[:MAX_TITLE]), told, sheet, looks)
    return made.getvalue()


def _write(page: Any, told: str, sheet: Sheet, looks: dict[str, Any]) -> None:
    frame = as_cells(sheet.frame)
    last, widths = max(frame.height, 1), _widths(frame, sheet)
    for column, values in enumerate(frame.iter_columns()):
        look = looks["head" if column < sheet.received else "ours"]
        page.write_string(0, column, values.name.translate(NO_CONTROL)[:MAX_CELL], look)
        for row, value in enumerate(values, start=1):
            page.write_string(row, column, value, looks["text"])
        page.set_column(column, column, widths[column], looks["empty"])
        if sheet.choices and values.name in sheet.choices:
            page.data_validation(1, column, last, column, {"validate": "list", "source": sheet.choices[values.name]})
    if not frame.height:
        page.write_string(1, 0, "NIHIL", looks["text"])
    for row, lines in enumerate(_lines(frame, widths), start=1):
        if lines > 1:
            page.set_row(row, LINE * lines)
    page.freeze_panes(1, sheet.key)
    page.autofilter(0, 0, last, max(frame.width - 1, 0))
    _printed(page, told, widths)
    if sheet.key:
        page.repeat_columns(0, sheet.key - 1)


def _widths(frame: pl.DataFrame, sheet: Sheet) -> list[float]:
    """Columns as wide as their texts, within bounds; a longer text takes more lines. Those to fill in have room."""
    least = [TO_FILL if sheet.choices and not any(values) else NARROWEST for values in frame.iter_columns()]
    longest = frame.select(pl.all().str.len_chars().max().fill_null(0)).row(0)
    return [
        min(max(ROOM * max(length, len(name)) + 1, narrowest), WIDEST)
        for name, length, narrowest in zip(frame.columns, longest, least, strict=True)
    ]


def _lines(frame: pl.DataFrame, widths: list[float]) -> list[int]:
    """Lines of text per row: not every program finds a row's height by itself."""
    taken = [
        (pl.col(name).str.len_chars() * ROOM / width).ceil() + pl.col(name).str.count_matches("\n")
        for name, width in zip(frame.columns, widths, strict=True)
    ]
    return frame.select(pl.max_horizontal(*taken).clip(1, TALLEST).cast(pl.Int64)).to_series().to_list()


def _printed(page: Any, told: str, widths: list[float]) -> None:
    """A4 across where all columns stay readable on it, else A3 and as many pages side by side as they need."""
    page.set_landscape()
    page.set_paper(A4 if sum(widths) <= ON_A4 else A3)
    page.fit_to_pages(max(1, math.ceil(sum(widths) / ON_A3)), 0)
    page.print_across()
    page.repeat_rows(0)
    page.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
    page.set_header(f"&L{told}&R&A")
    page.set_footer("&LMemuat data pribadi penduduk: disimpan dan dilindungi (UU 24/2013, UU 27/2022)&R&P / &N")
