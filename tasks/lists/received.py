"""The centre's own columns, as they came: read again from the archived originals, in their spelling and order.

The ledger keeps headers by name and the store keeps values by code, so neither tells what the centre can compare with.
Columns the job does not need are not read (data minimisation), so they are not sent back either.
"""

from dataclasses import dataclass

import polars as pl

from expectations.columns import CONTEXT, STORED
from tasks.load import ROWS_PER_FILE, archived_extracts
from tasks.office import Office
from tasks.read import Extract
from tasks.receipts import Receipt

ROW, FILE, LINE = "row_id", "file_no", "line_no"
FOREMOST = 3
READ = {*STORED, *CONTEXT}


@dataclass(frozen=True)
class Table:
    """The rows of all files with the same headers. ``headers``: as received, in order -> contract column.

    ``frame``: row_id Int64 and one String column per header, named like it, as received; ordered by row_id.
    """

    files: tuple[int, ...]
    headers: dict[str, str]
    frame: pl.DataFrame

    @property
    def key(self) -> int:
        """So many first columns, up to the NIK, tell whose row it is; 0 when the NIK stands further back."""
        at = list(self.headers.values()).index("nik") + 1
        return at if at <= FOREMOST else 0

    def header_of(self, element: str) -> str:
        """How the centre calls a contract column; our own name in capitals where the file has none."""
        named = {name: header for header, name in self.headers.items()}
        return named.get(element, element.upper())


@dataclass(frozen=True)
class Originals:
    """A receipt's originals. ``names``: file number -> name; ``rejects``: file_no, line_no, reason, text."""

    tables: tuple[Table, ...]
    names: dict[int, str]
    rejects: pl.DataFrame


def read_originals(office: Office, receipt: Receipt) -> Originals:
    """All rows of a receipt by header row. Raises UserError (FILE) when an archived original is gone or changed."""
    found: dict[tuple[tuple[str, str], ...], list[tuple[int, pl.DataFrame]]] = {}
    names, rejects = {}, []
    for number, facts, extract in archived_extracts(office, receipt):
        headers = _headers(extract)
        found.setdefault(tuple(headers.items()), []).append((number, _as_received(number, extract, headers)))
        names[number] = facts["name"]
        rejects.append(extract.rejects.select(pl.lit(number, pl.Int64).alias(FILE), LINE, "reason", "text"))
    tables = tuple(
        Table(tuple(number for number, _ in parts), dict(headers), pl.concat([part for _, part in parts]).sort(ROW))
        for headers, parts in found.items()
    )
    return Originals(tables, names, pl.concat(rejects).sort(FILE, LINE))


def _headers(extract: Extract) -> dict[str, str]:
    """Headers the reader took, in the file's order; of a print (BIP) the labels above the families come last."""
    layout = extract.layout
    return {
        header: name for header, name in layout.mapping.items()
        if name in READ and name in extract.frame.columns and header not in layout.ignored
    }  # fmt: skip


def _as_received(number: int, extract: Extract, headers: dict[str, str]) -> pl.DataFrame:
    row = (pl.lit(number * ROWS_PER_FILE) + pl.col(LINE)).alias(ROW)
    return extract.frame.select(row, *(pl.col(name).alias(header) for header, name in headers.items()))
