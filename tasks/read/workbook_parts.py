"""Which part of a checked workbook is which sheet, and what the checks found in it."""

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import polars as pl

from tasks.read.container import locked, refuse, wrong_suffix
from tasks.read.workbook_cells import MAX_COLUMNS, Cells, column_letters, told_errors, too_sparse
from tasks.read.workbook_ole import OLE_MAGIC, BiffSheet, OleError, clean_container, read_biff, streams_of

WORKBOOK, RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
MAX_XLS_BYTES = 64 << 20
MAX_PART_BYTES = 8 << 20
RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
STRICT_ID = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
MACROS = {"macros", "vba", "_vba_project", "_vba_project_cur"}
EMBEDDED = re.compile(r"mbd[0-9a-f]{8}|objectpool")


@dataclass(frozen=True)
class SheetFacts:
    """``numbers``: addresses ("B7") of cells that are not text; ``formula``: the first cell with one, "" for none.

    ``filled``: how many cells hold something; ``fault``: what no reader can tell for certain, "" for nothing;
    ``from_1904``: the workbook counts days from 1904 on, as Excel for Mac did.
    """

    numbers: pl.Series
    formula: str
    filled: int
    fault: str = ""
    from_1904: bool = False


def xlsx_facts(path: Path, cells: dict[str, Cells]) -> list[SheetFacts]:
    """Facts of each sheet, in the workbook's order, of a checked container. Raises UserError (FILE)."""
    try:
        with zipfile.ZipFile(path) as archive:
            sheets, targets = _xml(archive, WORKBOOK), _xml(archive, RELATIONS)
    except (KeyError, ET.ParseError, zipfile.BadZipFile, OverflowError):
        raise refuse(path, "daftar lembar buku kerja tidak terbaca") from None
    relations = [(node.get("Id", ""), node.get("Target", "")) for node in targets]
    if len(dict(relations)) < len(relations):
        raise refuse(path, "daftar lembar buku kerja bertentangan")
    parts = {key: _part(target) for key, target in relations}
    from_1904 = any(
        node.tag.rpartition("}")[2] == "workbookPr" and node.get("date1904", "0").strip().lower() not in {"0", "false"}
        for node in sheets.iter()
    )
    facts: dict[str, SheetFacts] = {}
    for node in _sheet_nodes(sheets):
        part = parts.get(_relation(node), "")
        if part not in cells or node.get("name", "") in facts:
            raise refuse(path, "daftar lembar buku kerja tidak cocok dengan isinya")
        found = cells[part]
        facts[node.get("name", "")] = SheetFacts(
            found.addresses(), found.formula, found.filled, found.told_fault(), from_1904
        )
    return list(facts.values())


def parts_of(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet's name -> its member, of a workbook that ``xlsx_facts`` accepted."""
    targets = {node.get("Id", ""): _part(node.get("Target", "")) for node in _xml(archive, RELATIONS)}
    return {node.get("name", ""): targets[_relation(node)] for node in _sheet_nodes(_xml(archive, WORKBOOK))}


def _sheet_nodes(book: Any) -> list[Any]:
    return [node for node in book.iter() if node.tag.rpartition("}")[2] == "sheet"]


def _relation(node: Any) -> str:
    return node.get(RELATION_ID) or node.get(STRICT_ID) or ""


def _xml(archive: zipfile.ZipFile, name: str) -> Any:
    """A small part as a tree. DOCTYPE and ENTITY were refused before, so it cannot grow."""
    if archive.getinfo(name).file_size > MAX_PART_BYTES:
        raise OverflowError(name)
    return ET.fromstring(archive.read(name))  # noqa: S314 (see above)


def _part(target: str) -> str:
    return target.lstrip("/") if target.startswith(("/", "xl/")) else f"xl/{target}"


def xls_facts(path: Path) -> tuple[list[SheetFacts], bytes]:
    """Facts of each sheet of an XLS, and the workbook in a clean container for the reader.

    Raises UserError (FILE): too big, locked, macros, objects, far cells, damaged.
    """
    if path.stat().st_size > MAX_XLS_BYTES:
        raise refuse(path, "berkas XLS melebihi 64 MiB", "minta pengirim menyimpan sebagai XLSX lalu mengirim ulang")
    raw = path.read_bytes()
    if not raw.startswith(OLE_MAGIC):
        raise wrong_suffix(path, raw[:4096], ".xlsx" if raw.startswith(b"PK\x03\x04") else "")
    names = {name.lower() for name in streams_of(path)}
    if "encryptedpackage" in names:
        raise locked(path)
    if names & MACROS:
        raise refuse(path, "buku kerja memuat makro (VBA)")
    if any(EMBEDDED.fullmatch(name) for name in names):
        raise refuse(path, "buku kerja memuat berkas tertanam")
    try:
        biff = read_biff(raw)
    except OleError as error:  # our own words
        raise refuse(path, f"berkas XLS rusak atau terpotong ({error})") from None
    if biff.locked:
        raise locked(path)
    if biff.macros:
        raise refuse(path, "buku kerja memuat makro (Excel 4)")
    if far := next((sheet for sheet in biff.sheets if _too_far(sheet)), None):
        raise refuse(path, f"ada sel terisi terlalu jauh (baris {far.rows}, kolom {far.columns})")
    return [_biff_facts(sheet, from_1904=biff.from_1904) for sheet in biff.sheets], clean_container(biff.stream)


def _too_far(sheet: BiffSheet) -> bool:
    rectangle = max(sheet.rows * sheet.columns, sheet.declared)
    return sheet.columns > MAX_COLUMNS or too_sparse(rectangle, sheet.filled)


def _biff_facts(sheet: BiffSheet, *, from_1904: bool) -> SheetFacts:
    cells = pl.DataFrame(sheet.numbers, schema={"row": pl.Int64, "column": pl.Int64}, orient="row")
    letters = {column: column_letters(column) for column in cells["column"].unique()}
    address = pl.col("column").replace_strict(letters, return_dtype=pl.String) + pl.col("row").cast(pl.String)
    numbers = cells.select(address.alias("cell"))["cell"] if cells.height else pl.Series("cell", [], dtype=pl.String)
    formula = f"{column_letters(sheet.formula[1])}{sheet.formula[0]}" if sheet.formula else ""
    errors = told_errors([f"{column_letters(column)}{row}" for row, column in sheet.errors])
    return SheetFacts(numbers, formula, sheet.filled - sheet.blank, errors, from_1904)
