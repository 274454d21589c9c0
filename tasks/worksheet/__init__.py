"""Staff's worksheet (lembar kerja): the rows that need a person, written to Excel and read back row by row.

Columns A-H are ours and compared with what we wrote; I-L are Staff's: HASIL, ELEMEN, MENJADI, DASAR. An empty HASIL
keeps the proposal. Everything is text; nothing from data can become a formula or a link.
"""

from tasks.worksheet.layout import EDITABLE, LOCKED, OPEN, STAFF_OUTCOMES, TITLE_ROW, worksheet_name
from tasks.worksheet.read import keep_worksheet, parse_worksheet, store_decisions
from tasks.worksheet.write import write_worksheet

__all__ = [
    "EDITABLE",
    "LOCKED",
    "OPEN",
    "STAFF_OUTCOMES",
    "TITLE_ROW",
    "keep_worksheet",
    "parse_worksheet",
    "store_decisions",
    "worksheet_name",
    "write_worksheet",
]
