"""A filled workbook as text: the container is checked first, then batch and round, then the headings."""

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from tasks.errors import Exit, Problem, UserError
from tasks.read.container import check_container
from tasks.read.workbook import loaded, opened
from tasks.read.workbook_cells import column_letters
from tasks.read.workbook_ole import OLE_MAGIC, streams_of
from tasks.read.workbook_parts import SheetFacts, parts_of, xlsx_facts
from tasks.worksheet.faults import RESTORE, Faults
from tasks.worksheet.layout import BLANKS, FIRST_ROW, MARK, META, TITLE_ROW

FORMULA_CELL = re.compile(rb'<c r="([A-Z]{1,3}[0-9]{1,7})"[^>]*>\s*<f[ />]')
# An OpenDocument's first part, stored as it is after a ZIP entry's head of 30 bytes (OpenDocument 1.2 part 3, 3.3).
ODS_FROM, ODS_MARK = 30, b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"
LOCKED = "EncryptedPackage"  # a new workbook behind a password
OPEN_DOCUMENT, OLD = "OpenDocument (.ods)", "Excel 97-2003 (.xls)"
SAVE_AS = "buka, pilih Simpan Sebagai jenis Excel 2007-365 (.xlsx), lalu simpan lagi ke inbox/ atau meja/"
AGAIN = "simpan ulang sebagai XLSX, atau mulai lagi dari lembar kerja di meja/"


@dataclass(frozen=True)
class Filled:
    """One sheet below its headings: ``at`` (Excel's row number) and every column as trimmed text.

    ``numbers``, ``formulas``: cells that are not text, or computed (at Int64, column String: the heading); ``lines``:
    rows of the sheet as it was used, from its first.
    """

    cells: pl.DataFrame
    numbers: pl.DataFrame
    formulas: pl.DataFrame
    lines: int


def read_sheets(path: Path, marks: tuple[str, str, str], faults: Faults) -> dict[str, Filled]:
    """Both sheets that Staff fills in. ``marks``: (agenda, round, digest of the draft) that the book must bear.

    Raises UserError (WORKSHEET): damaged or dangerous, not our book, another batch, round or draft, other headings.
    """
    facts, book = open_book(path)
    if META not in facts:
        raise refused(path.name, "bukan lembar kerja Sinkron", "lembar kerja dari folder meja/", AGAIN)
    _check_marks(path, loaded(path, book, META)[0], marks)
    return read_tables(path, (facts, book), faults)


def kind_of(path: Path) -> str:
    """OPEN_DOCUMENT or OLD for a workbook that another program saved in its own way, by its bytes; else ""."""
    with path.open("rb") as file:
        head = file.read(ODS_FROM + len(ODS_MARK))
    if head[ODS_FROM:] == ODS_MARK:
        return OPEN_DOCUMENT
    return OLD if head.startswith(OLE_MAGIC) and LOCKED not in streams_of(path) else ""


def open_book(path: Path) -> tuple[dict[str, SheetFacts], Any]:
    """(sheet -> what the checks of its container found, the book). Raises UserError (WORKSHEET)."""
    if kind := kind_of(path):
        raise refused(path.name, f"disimpan sebagai {kind}", "buku kerja Excel (.xlsx)", SAVE_AS)
    try:
        return _container(path)
    except UserError as error:
        problems = [Problem(each.place, each.received, each.allowed, AGAIN) for each in error.problems]
        raise UserError(Exit.WORKSHEET, *problems) from None


def read_tables(path: Path, book: tuple[dict[str, SheetFacts], Any], faults: Faults) -> dict[str, Filled]:
    """The sheets whose headings ``faults`` knows. Raises UserError (WORKSHEET) for other headings."""
    facts, heads = book[0], faults.heads
    texts = {name: _placed(*loaded(path, book[1], name)) for name in heads if name in facts}
    for name in heads:
        _check_headings(name, texts.get(name), faults)
    faults.refuse()
    for name, text in texts.items():
        _check_lost(name, text, facts[name], faults)
    formulas = {name: _formulas(path, name) if facts[name].formula else [] for name in heads}
    return {
        name: Filled(
            _table(heads[name], text), _cells_of(heads[name], facts[name].numbers.to_list()),
            _cells_of(heads[name], formulas[name]), text.height,
        )
        for name, text in texts.items()
    }  # fmt: skip


def marks_of(path: Path) -> tuple[str, str, str] | None:
    """(agenda, round, digest) that a workbook says it is of; None when it is not ours or can not be read."""
    try:
        facts, book = _container(path)
        found = _marks(loaded(path, book, META)[0]) if META in facts else None
    except UserError:
        return None
    return (found[1], found[2], found[3]) if found and found[0] == MARK else None


def _container(path: Path) -> tuple[dict[str, SheetFacts], Any]:
    facts = xlsx_facts(path, check_container(path))
    book = opened(path)
    names = book.sheet_names
    if len(names) != len(facts):
        raise refused(path.name, "daftar lembar buku kerja tidak cocok dengan isinya", "buku kerja utuh", AGAIN)
    return dict(zip(names, facts, strict=True)), book


def _marks(meta: pl.DataFrame) -> tuple[str, ...] | None:
    if meta.height < len(("mark", "agenda", "round", "digest")) or meta.width < 2:  # noqa: PLR2004 (name and value)
        return None
    return tuple((value or "").strip(BLANKS) for value in meta.to_series(1).to_list()[:4])


def _check_marks(path: Path, meta: pl.DataFrame, marks: tuple[str, str, str]) -> None:
    """Decisions about one draft never serve another: not another letter's, not an earlier round's."""
    found = _marks(meta)
    if found is None or found[0] != MARK:
        raise refused(path.name, "bukan lembar kerja Sinkron versi ini", "lembar kerja dari folder meja/", AGAIN)
    for what, received, wanted in zip(("agenda", "ronde", "draf"), found[1:], marks, strict=True):
        if received != wanted:
            right = f"lembar kerja agenda {marks[0]} ronde {marks[1]}"
            raise refused(path.name, f"lembar kerja {what} lain", right, "pakai lembar kerja ronde ini di meja/")


def _placed(text: pl.DataFrame, first: int) -> pl.DataFrame:
    """Columns named by their place from "1" on; the reader leaves empty ones in front out."""
    named = text.rename({name: str(first + at) for at, name in enumerate(text.columns)})
    return named.select(*[pl.lit(None, pl.String).alias(str(at)) for at in range(1, first)], pl.all())


def _check_headings(name: str, text: pl.DataFrame | None, faults: Faults) -> None:
    """Every heading in its place and nothing beside them: a renamed or inserted column moves all others."""
    if text is None:
        faults.note_sheet(Problem(f"lembar {name}", "tidak ada", f"lembar bernama {name}", RESTORE))
        return
    heads = faults.heads[name]
    found = [(value or "").strip(BLANKS) for value in text.row(TITLE_ROW)] if text.height > TITLE_ROW else []
    for at, head in enumerate(heads):
        if at >= len(found) or found[at] != head:
            place = f"{name}!{column_letters(at + 1)}{TITLE_ROW + 1}"
            faults.note_sheet(Problem(place, "judul kolom diubah, dipindah atau disisipi", head, RESTORE))
    beside = text.select(text.columns[len(heads) :])
    for at, column in enumerate(beside.get_columns(), len(heads) + 1):
        filled = (column.str.strip_chars(BLANKS).fill_null("") != "").arg_true()
        if len(filled):
            place = f"{name}!{column_letters(at)}{filled[0] + 1}"
            faults.note_sheet(Problem(place, "berisi di luar tabel", "kosong", "pindahkan ke CATATAN"))


def _check_lost(name: str, text: pl.DataFrame, facts: SheetFacts, faults: Faults) -> None:
    """Every filled cell was read; cells that hold #N/A and the like would be read as empty."""
    read = text.height * text.width - sum(text.null_count().row(0))
    if facts.fault or read != facts.filled:
        received = facts.fault or "ada sel yang tidak terbaca (alamat ganda atau rusak)"
        faults.note_sheet(Problem(f"lembar {name}", received, "sel berisi teks", AGAIN))


def _table(heads: tuple[str, ...], text: pl.DataFrame) -> pl.DataFrame:
    """Below the headings, without rows that are empty throughout."""
    cells = text.select(
        pl.col(str(at)).fill_null("").str.strip_chars(BLANKS).alias(head) for at, head in enumerate(heads, 1)
    )
    numbered = cells[TITLE_ROW + 1 :].with_row_index("at", FIRST_ROW).with_columns(pl.col("at").cast(pl.Int64))
    return numbered.filter(pl.any_horizontal(pl.col(*heads) != ""))


def _cells_of(table: tuple[str, ...], addresses: list[str]) -> pl.DataFrame:
    """Addresses of the table -> at, column (its heading)."""
    heads = {column_letters(at): head for at, head in enumerate(table, 1)}
    found = pl.DataFrame({"cell": addresses}, schema={"cell": pl.String})
    return found.select(
        pl.col("cell").str.extract("([0-9]+)$").cast(pl.Int64).alias("at"),
        pl.col("cell").str.extract("^([A-Z]+)").replace_strict(heads, default=None, return_dtype=pl.String)
        .alias("column"),
    ).filter(pl.col("column").is_not_null() & (pl.col("at") >= FIRST_ROW))  # fmt: skip


def _formulas(path: Path, name: str) -> list[str]:
    """Addresses of all cells with a formula; the container's check names only the first."""
    with zipfile.ZipFile(path) as archive:
        xml = archive.read(parts_of(archive)[name])
    return [found.decode() for found in FORMULA_CELL.findall(xml)]


def refused(place: str, received: str, allowed: str, step: str) -> UserError:
    """The refusal of a whole workbook."""
    return UserError(Exit.WORKSHEET, Problem(place, received, allowed, step))
