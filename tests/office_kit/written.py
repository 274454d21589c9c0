"""A batch signed and written, and what goes out for it."""

from pathlib import Path

import openpyxl
import polars as pl

from expectations.outcomes import Outcome
from office_kit.files import Row
from office_kit.small import RESIDENTS, ROWS, Batch, Opened, prepare
from office_kit.writing import write
from tasks.documents.issue import Document
from tasks.ledger import open_ledger
from tasks.lists import lists_and_letters
from tasks.lists.make import NAMES
from tasks.load import ROWS_PER_FILE
from tasks.store import open_store

Papers = dict[str, Document]


def write_batch(batch: Batch) -> Batch:
    """All levels approve, and step 6 is done."""
    batch.sign()
    with open_store(batch.office) as con:
        write(Opened(batch, con))
    return batch


def written_office(home: Path, rows: tuple[Row, ...] = ROWS, residents: tuple[Row, ...] = RESIDENTS) -> Batch:
    """A new office with one written batch."""
    return write_batch(prepare(home, rows, residents))


def papers(batch: Batch) -> Papers:
    """Name -> every list and letter of the batch."""
    with open_store(batch.office) as con, open_ledger(batch.office) as ledger:
        return {document.name: document for document in lists_and_letters(con, ledger, batch.office, batch.agenda)}


def csv_of(document: Document) -> pl.DataFrame:
    """A list as a machine reads it: every column text."""
    return pl.read_csv(document.content, infer_schema=False).fill_null("")


def rows_of(frame: pl.DataFrame, file_no: int = 1) -> list[int]:
    """The row_id of each line of a list."""
    return [file_no * ROWS_PER_FILE + int(line) for line in frame["SUMBER_BARIS"]]


def list_of(out: Papers, outcome: Outcome) -> pl.DataFrame:
    """The centre's list of one outcome."""
    return csv_of(out[f"{NAMES[outcome][0]}.csv"])


def cells_of(path: Path, document: Document) -> dict[str, list[list[object]]]:
    """Sheet -> its lines, the header first, as openpyxl reads the workbook. Asserts that every cell is text."""
    path.write_bytes(document.content)
    book = openpyxl.load_workbook(path)
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line]
    assert {cell.data_type for cell in cells if cell.value is not None} <= {"s"}
    assert not [cell for cell in cells if cell.hyperlink]
    return {sheet.title: [[cell.value or "" for cell in line] for line in sheet.iter_rows()] for sheet in book}
