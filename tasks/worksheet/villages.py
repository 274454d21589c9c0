"""One sheet per kelurahan for checking on the spot with RT and RW: printed, filled in by hand, not read back."""

from typing import TYPE_CHECKING

import polars as pl

from tasks.workbooks import MAX_CELL
from tasks.worksheet.cells import calm, write_row
from tasks.worksheet.content import village_by_code
from tasks.worksheet.layout import HEAD, MAX_VALUE, heights, printable

if TYPE_CHECKING:
    import xlsxwriter

COLUMNS = {"NO": 5.0, "RW": 5, "RT": 5, "ALAMAT": 30, "NIK": 18, "NAMA": 28, "TEMUAN": 52, "HASIL DI LAPANGAN": 44}
UNKNOWN = "TANPA KODE"  # one sheet for all whose kelurahan has no code of ours: what a letter says names no sheet
WRITING = 44.0  # points: two lines of handwriting
BOX = {"font_size": 10, "valign": "top", "text_wrap": True, "border": 1, "border_color": "#6B7782"}


def village_sheets(book: "xlsxwriter.Workbook", agenda: str, rows: pl.DataFrame) -> None:
    """Adds the sheets, by name. ``rows``: ``decision_rows``; rows of another region are not checked here."""
    known = village_by_code().str.to_titlecase()
    received = pl.col("kel_name").replace("", "(kosong)").str.head(MAX_VALUE)
    told = pl.format("kelurahan tertulis: {}\n{}", received, "address").str.head(MAX_CELL)
    found = rows.filter(~pl.col("outside")).with_columns(
        known.fill_null(UNKNOWN).alias("sheet"),
        pl.when(known.is_null()).then(told).otherwise("address").alias("address"),
    ).sort("sheet", "rw", "rt", "address", "NAMA", "row_id")  # fmt: skip
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
