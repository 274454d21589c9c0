"""One sheet per kelurahan for checking on the spot with RT and RW: printed, filled in by hand, not read back."""

from typing import TYPE_CHECKING

import polars as pl

from tasks.worksheet.cells import calm, write_row
from tasks.worksheet.content import village_name
from tasks.worksheet.layout import HEAD, heights, printable

if TYPE_CHECKING:
    import xlsxwriter

COLUMNS = {"NO": 5.0, "RW": 5, "RT": 5, "ALAMAT": 30, "NIK": 18, "NAMA": 28, "TEMUAN": 52, "HASIL DI LAPANGAN": 44}
UNKNOWN = "Kelurahan tidak diketahui"
MAX_NAME = 31  # letters of a sheet's name in Excel
RESERVED = ("keputusan", "pasangan", "data kantor", "petunjuk", "_meta", "_daftar", "history")  # the last is Excel's
WRITING = 44.0  # points: two lines of handwriting
BOX = {"font_size": 10, "valign": "top", "text_wrap": True, "border": 1, "border_color": "#6B7782"}


def village_sheets(book: "xlsxwriter.Workbook", agenda: str, rows: pl.DataFrame) -> None:
    """Adds the sheets, by name. ``rows``: ``decision_rows``; rows of another region are not checked here."""
    found = rows.filter(~pl.col("outside")).with_columns(village_name().fill_null("").alias("place"))
    found = found.with_columns(_title(pl.col("place")).alias("sheet")).sort(
        "sheet", "rw", "rt", "address", "NAMA", "row_id"
    )
    head, box = book.add_format(HEAD | {"border": 1}), book.add_format(BOX)
    title = book.add_format({"bold": True, "font_size": 12})
    for (name,), here in found.group_by("sheet", maintain_order=True):
        sheet = book.add_worksheet(str(name))
        sheet.write_string(0, 0, f"Verifikasi lapangan: {name}. Agenda {agenda}, {here.height} baris.", title)
        sheet.write_string(
            1, 0, "Petugas: ______________________   RT/RW: ______________________   Tanggal: ____________"
        )
        write_row(sheet, 2, ((column, head) for column in COLUMNS))
        numbered = here.with_row_index("no", 1).select(
            pl.col("no").cast(pl.String), "rw", "rt", "address", "NIK", "NAMA", "TEMUAN", pl.lit("")
        )
        tall = heights(here, {"address": COLUMNS["ALAMAT"], "NAMA": COLUMNS["NAMA"], "TEMUAN": COLUMNS["TEMUAN"]})
        for at, (row, height) in enumerate(zip(numbered.iter_rows(), tall, strict=True), 3):
            write_row(sheet, at, ((value, box) for value in row))
            sheet.set_row(at, max(height, WRITING))
        for column, width in enumerate(COLUMNS.values()):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(3, 0)
        calm(sheet, 2 + here.height, len(COLUMNS) - 1)
        printable(sheet, 2)


def _title(place: pl.Expr) -> pl.Expr:
    """A name that Excel takes for a sheet: of its letters and length, and never one of the other sheets'."""
    clean = place.str.replace_all(r"[\[\]:*?/\\'\x00-\x1f]", " ").str.strip_chars().str.to_titlecase()
    short = clean.str.head(MAX_NAME).str.strip_chars()
    taken = short.str.to_lowercase().is_in(RESERVED) | (short == "")
    return pl.when(taken).then(pl.lit(UNKNOWN)).otherwise(short)
