"""The change-set of a writing for people to read and filter: a masked workbook. What was signed are the exact bytes."""

import io
from datetime import datetime
from typing import TYPE_CHECKING, Any

import duckdb

from tasks.load import ROWS_PER_FILE
from tasks.privacy import OF_STAFF, label, mask
from tasks.workbooks import A4, SAFE

if TYPE_CHECKING:
    import xlsxwriter

MADE = datetime(1980, 1, 1)  # noqa: DTZ001 (a workbook's properties know no zone); the same bytes each time
WIDEST = {"DASAR": 44, "SEBAB": 30, "ELEMEN": 26, "PUSAT": 30, "DATA KANTOR": 30, "MENJADI": 30}

# What Staff typed may name people: the copy that leaves the office says only that it was Staff's worksheet.
_BASIS = f"if(cause in {OF_STAFF}, 'lembar kerja Staff', basis)"
_PLACE = f"(row_id // {ROWS_PER_FILE})::varchar, (row_id % {ROWS_PER_FILE})::varchar"
_OUTCOMES = f"""
select {_PLACE}, outcome, {_BASIS}, cause from outcomes where agenda = $agenda and round = $round order by row_id
"""
_CHANGES = f"""
select {_PLACE}, element, before, register_value, after,
  if(resident_id is not null and register_value is distinct from after, 'ditulis', 'tidak ditulis'), {_BASIS}
from changes where agenda = $agenda and round = $round order by row_id, element
"""


def masked_copy(con: duckdb.DuckDBPyConnection, agenda: str, round_no: int) -> bytes:
    """A workbook (XLSX) with every outcome and every change of a written round; the same bytes each time."""
    import xlsxwriter

    place, content = {"agenda": agenda, "round": round_no}, io.BytesIO()
    changes = [
        (*row[:2], label(row[2]), *(mask(row[2], value) for value in row[3:6]), *row[6:])
        for row in con.execute(_CHANGES, place).fetchall()
    ]  # fmt: skip
    with xlsxwriter.Workbook(content, SAFE) as book:
        book.set_properties({"created": MADE, "title": f"Usulan {agenda} ronde {round_no}, tersamar"})
        heads = ("BERKAS", "BARIS", "ELEMEN", "PUSAT", "DATA KANTOR", "MENJADI", "HASIL TULIS", "DASAR")
        _sheet(book, "Perubahan", heads, changes)
        outcomes = con.execute(_OUTCOMES, place).fetchall()
        _sheet(book, "Hasil", ("BERKAS", "BARIS", "HASIL", "DASAR", "SEBAB"), outcomes)
    return content.getvalue()


def _sheet(book: "xlsxwriter.Workbook", name: str, heads: tuple[str, ...], rows: list[Any]) -> None:
    sheet, bold = book.add_worksheet(name), book.add_format({"bold": True, "bg_color": "#D9E2F3", "border": 1})
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head, bold)
        sheet.set_column(column, column, WIDEST.get(head, 16))
        for at, row in enumerate(rows, 1):
            sheet.write_string(at, column, row[column] or "")
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, max(len(rows), 1), len(heads) - 1)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer("&L&F&RHalaman &P dari &N")
