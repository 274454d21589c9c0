"""How sheets are written: text only, a look per cell, protection that keeps hands off by mistake."""

from collections.abc import Iterable
from typing import Any

from tasks.read.workbook_cells import column_letters


def write_row(sheet: Any, at: int, cells: Iterable[tuple[str, Any]]) -> None:
    """One row of text with a look per cell; empty ones keep their look."""
    for column, (value, look) in enumerate(cells):
        if value:
            sheet.write_string(at, column, value, look)
        else:
            sheet.write_blank(at, column, None, look)


def calm(sheet: Any, last_row: int, last_column: int) -> None:
    """No green corners in Excel for NIKs that are text on purpose. Zero-based row and column of the last cell."""
    sheet.ignore_errors({"number_stored_as_text": f"A1:{column_letters(last_column + 1)}{last_row + 1}"})


def protect(sheet: Any) -> None:
    """Without a password: nobody is locked out, and the reader checks every cell again. Filters stay free."""
    sheet.protect(options={"autofilter": True, "sort": True, "format_columns": True, "format_rows": True})
