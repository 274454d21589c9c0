"""The way out: the workbook that Staff fills in, and what they look things up in. Nothing from data becomes live."""

from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl

from expectations.outcomes import DOCUMENTS, EVENTS, Outcome
from tasks.office import Office
from tasks.private import replace_private
from tasks.steps import finished
from tasks.workbooks import A3, SAFE
from tasks.worksheet.cells import calm, protect, write_row
from tasks.worksheet.guide import guide_sheet, register_sheet
from tasks.worksheet.layout import (
    DECISIONS,
    EDITABLE,
    HEAD,
    HEAD_HEIGHT,
    LISTS,
    LOCKED,
    MARK,
    META,
    OPEN,
    OPEN_HEAD,
    OURS,
    THEIRS,
    TITLE_ROW,
    banner,
    heights,
    printable,
    worksheet_name,
)
from tasks.worksheet.pairs import pairs_sheet
from tasks.worksheet.shown import keep_shown, shown
from tasks.worksheet.villages import village_sheets

if TYPE_CHECKING:
    import xlsxwriter

# Nothing from data becomes live: no formulas, no links, no numbers out of NIKs.
CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 (a constant: the same draft gives the same bytes)
WIDTHS = (11, 8, 15, 17, 18, 22, 11, 26, 40, 40, 14, 15, 20, 15, 20, 22, 16, 12, 20, 12, 26)
CHOICES: dict[str, tuple[str, ...]] = {
    "HASIL": tuple(outcome.value for outcome in Outcome),
    "ELEMEN": EDITABLE,
    "ELEMEN 2": EDITABLE,
    "DASAR": tuple(document.name for document in DOCUMENTS),
    "KEJADIAN": tuple(event.name for event in EVENTS),
}
TOLD = {  # what Excel says when a cell is chosen
    "HASIL": "Sudah berisi usulan. Ubah hanya bila tidak tepat.",
    "MENJADI": "Tanggal: 1987-07-01. Kolom berkode: kodenya (lihat Petunjuk). NIK tidak dapat diubah.",
    "DASAR": "Wajib bila HASIL, ELEMEN atau MENJADI diubah (kecuali ditunda). Lalu isi NOMOR dan TANGGAL.",
    "TANGGAL": "Tanggal dokumen, misalnya 2026-10-05 atau 05-10-2026.",
    "TUNDA SAMPAI": "Wajib bila HASIL diubah menjadi ditunda: tanggal sesudah hari ini.",
    "KEJADIAN": "Warga datang, atau jawaban daerah lain (isi NOMOR dan TANGGAL suratnya).",
}


def write_worksheet(con: duckdb.DuckDBPyConnection, office: Office, agenda: str, round_no: int) -> Path:
    """Writes the worksheet of a drafted round to the desk; an existing one (perhaps half filled) is kept."""
    import xlsxwriter

    path = office.desk / worksheet_name(agenda, round_no)
    if path.exists():
        return path
    rows, pairs = shown(con, agenda, round_no)
    keep_shown(con, (agenda, round_no), rows, pairs)
    digest, content = draft_digest(con, agenda, round_no), BytesIO()
    with xlsxwriter.Workbook(content, SAFE) as book:
        book.set_properties({"title": f"Lembar kerja {agenda} ronde {round_no}", "created": CREATED})
        _decisions_sheet(book, banner(agenda, round_no), rows)
        pairs_sheet(book, agenda, pairs)
        register_sheet(book, con, (agenda, round_no))
        village_sheets(book, agenda, rows)
        guide_sheet(book, digest, (agenda, round_no))
        _hidden_sheets(book, (MARK, agenda, str(round_no), digest))
    replace_private(path, content.getvalue())
    return path


def draft_digest(con: duckdb.DuckDBPyConnection, agenda: str, round_no: int) -> str:
    """The digest of the draft that the sheet is made from; Staff submits exactly that. "" without one (an undo)."""
    done = finished(con, agenda)
    plan = done.get(("draft", round_no)) or done.get(("propose", round_no)) or {"digest": ""}
    return str(plan["digest"])


def _decisions_sheet(book: "xlsxwriter.Workbook", title: str, rows: pl.DataFrame) -> None:
    sheet = book.add_worksheet(DECISIONS)
    ours, theirs = book.add_format(OURS), book.add_format(THEIRS)
    head, open_head = book.add_format(HEAD), book.add_format(OPEN_HEAD)
    sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 12}))
    for column, name in enumerate((*LOCKED, *OPEN)):
        sheet.write_string(TITLE_ROW, column, name, open_head if name in OPEN else head)
    sheet.set_row(TITLE_ROW, HEAD_HEIGHT)
    looks = [ours] * len(LOCKED) + [theirs] * len(OPEN)
    wide = dict(zip((*LOCKED, *OPEN), WIDTHS, strict=True))
    tall = heights(rows, {name: wide[name] for name in (*LOCKED[5:], "MENJADI", "MENJADI 2", "DASAR", "CATATAN")})
    for at, (row, height) in enumerate(zip(rows.select(*LOCKED, *OPEN).iter_rows(), tall, strict=True), TITLE_ROW + 1):
        write_row(sheet, at, zip(row, looks, strict=True))
        sheet.set_row(at, height)
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    _validate(sheet, rows.height)
    sheet.freeze_panes(TITLE_ROW + 1, LOCKED.index("NAMA") + 1)
    sheet.autofilter(TITLE_ROW, 0, TITLE_ROW + max(rows.height, 1), len(WIDTHS) - 1)
    calm(sheet, TITLE_ROW + rows.height, len(WIDTHS) - 1)
    printable(sheet, TITLE_ROW, A3)
    protect(sheet)


def _validate(sheet: Any, rows: int) -> None:
    """Dropdowns and hints. A sheet protects nobody from pasting: the reader checks everything again."""
    heads = (*LOCKED, *OPEN)
    last = TITLE_ROW + max(rows, 1)
    for name in dict.fromkeys((*CHOICES, *TOLD)):
        place = (TITLE_ROW + 1, heads.index(name), last, heads.index(name))
        hint = {"input_title": name, "input_message": TOLD[name]} if name in TOLD else {}
        chosen = {"validate": "any"}
        if name in CHOICES:
            column = "ABCDE"[list(CHOICES).index(name)]
            chosen = {"validate": "list", "source": f"={LISTS}!${column}$1:${column}${len(CHOICES[name])}",
                      "error_title": "Di luar daftar", "error_message": "Pilih dari daftar."}  # fmt: skip
        sheet.data_validation(*place, chosen | hint)


def _hidden_sheets(book: "xlsxwriter.Workbook", marks: tuple[str, ...]) -> None:
    """What the reader knows the workbook by, and what the dropdowns offer."""
    meta = book.add_worksheet(META)
    for at, (name, value) in enumerate(zip(("LEMBAR", "AGENDA", "RONDE", "SIDIK"), marks, strict=True)):
        meta.write_string(at, 0, name)
        meta.write_string(at, 1, value)
    lists = book.add_worksheet(LISTS)
    for column, offered in enumerate(CHOICES.values()):
        for at, value in enumerate(offered):
            lists.write_string(at, column, value)
    for sheet in (meta, lists):
        sheet.protect()
        sheet.hide()
