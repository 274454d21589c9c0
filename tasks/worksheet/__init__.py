"""Staff's worksheet (lembar kerja): the rows and pairs that need a person, written to Excel and read back cell by cell.

Grey columns are ours and compared with what we wrote; yellow ones are Staff's and already hold the proposal. A row left
as it was agrees with it. Everything is text; nothing from data can become a formula or a link.
"""

from tasks.worksheet.keep import bring_to_desk, is_worksheet, keep_worksheet
from tasks.worksheet.layout import worksheet_name
from tasks.worksheet.read import Worksheet, parse_worksheet, store_decisions
from tasks.worksheet.sheets import marks_of
from tasks.worksheet.write import write_worksheet

__all__ = [
    "Worksheet",
    "bring_to_desk",
    "is_worksheet",
    "keep_worksheet",
    "marks_of",
    "parse_worksheet",
    "store_decisions",
    "worksheet_name",
    "write_worksheet",
]
