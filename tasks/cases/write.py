"""The way out: a workbook of open cases that Staff answers over the weeks. Nothing from data becomes live."""

from datetime import date
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from expectations.cases import MEANINGS, CaseKind
from expectations.outcomes import DOCUMENTS, EVENTS
from tasks.cases.content import mark_of
from tasks.cases.layout import (
    ANSWERS,
    CASES,
    GIVEN,
    GUIDE,
    HEADS,
    LISTS,
    MARK,
    META,
    OPEN,
    OUTCOMES,
    RECEIVED,
    REGION_ANSWERS,
    RELATED,
    TOLD,
)
from tasks.office import Office
from tasks.private import replace_private
from tasks.workbooks import A3, SAFE
from tasks.worksheet.cells import calm, protect, write_row
from tasks.worksheet.layout import EDITABLE, HEAD, HEAD_HEIGHT, OPEN_HEAD, OURS, THEIRS, TITLE_ROW, heights, printable

if TYPE_CHECKING:
    import xlsxwriter

WIDTHS = (16, 11, 18, 24, 12, 9, 18, 38, 11, 11, 11, 26, 14, 13, 20, 13, 20, 24, 18, 12, 15, 24)
BESIDE, MARKED = 14.0, 8.0
CHOICES: dict[str, tuple[str, ...]] = {
    "JAWABAN": tuple(ANSWERS), "HASIL": OUTCOMES, "ELEMEN": EDITABLE,
    "DASAR": tuple(document.name for document in DOCUMENTS),
}  # fmt: skip
# The gate's worksheet takes as many: what is answered here is shown there, and may be changed there.
SEVERAL = (
    "satu kasus satu baris; dua elemen yang salah diisi pada ELEMEN dan ELEMEN 2. Lebih dari dua: isi dua yang "
    "ditandai pada ALASAN; elemen lain lewat formulir F-1.06 di loket"
)
# A letter's line names all the cases of one person: the region answers the line, not the case.
TOGETHER = (
    "kasus lain tentang orang yang sama pada daerah yang sama: satu baris pada surat. Jawaban daerah cukup diisi pada "
    "satu kasus dan berlaku untuk semuanya; isian yang berlainan ditolak. Bila ternyata bukan orang yang sama: jawab "
    "yang satu menurut surat, yang lain dengan dokumen diterima. Kasus dengan lebih dari satu DAERAH diisi sendiri"
)
HINTS = {
    "JAWABAN": "Isi hanya kasus yang sudah ada jawabannya; baris lain dibiarkan kosong. Jawaban daerah berlaku juga "
    "untuk KASUS TERKAIT.",
    "HASIL": "Untuk dokumen diterima dan warga datang. Jawaban daerah: kosongkan, NOMOR dan TANGGAL suratnya diisi.",
    "MENJADI": "Tanggal: 1987-07-01. Kolom berkode: kodenya. NIK tidak dapat diubah.",
    "ELEMEN 2": "Elemen kedua dari kasus yang sama; kosong bila hanya satu. Selebihnya: lihat Petunjuk.",
    "TUNDA SAMPAI": "Untuk kasus yang masih menunggu: tanggal sesudah hari ini.",
}


def case_workbook(office: Office, day: date, rows: pl.DataFrame) -> Path:
    """Writes ``meja/lembar-kasus-<YYYYMMDD>.xlsx`` (0600); an older one of that day, perhaps half filled, is kept.

    ``rows``: ``open_rows``.
    """
    import xlsxwriter

    path, n = office.desk / f"lembar-kasus-{day:%Y%m%d}.xlsx", 1
    while path.exists():
        n += 1
        path = office.desk / f"lembar-kasus-{day:%Y%m%d}-{n}.xlsx"
    content = BytesIO()
    with xlsxwriter.Workbook(content, SAFE) as book:
        title = f"Kasus yang menunggu, {day:%d-%m-%Y}. Isi kolom kuning pada kasus yang sudah ada jawabannya, simpan "
        _cases_sheet(book, f"{title}ke inbox/. Kolom lain jangan diubah.", rows)
        _guide_sheet(book)
        _hidden_sheets(book, (MARK, mark_of(office)))
    replace_private(path, content.getvalue())
    return path


def _cases_sheet(book: "xlsxwriter.Workbook", title: str, rows: pl.DataFrame) -> None:
    sheet, heads = book.add_worksheet(CASES), HEADS[CASES]
    ours, theirs = book.add_format(OURS), book.add_format(THEIRS)
    head, open_head = book.add_format(HEAD), book.add_format(OPEN_HEAD)
    sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 12}))
    for column, name in enumerate(heads):
        sheet.write_string(TITLE_ROW, column, name, open_head if name in OPEN else head)
    sheet.set_row(TITLE_ROW, HEAD_HEIGHT)
    looks = [theirs if name in OPEN else ours for name in heads]
    told = rows.select(*TOLD, *(pl.lit("").alias(name) for name in OPEN), *RECEIVED)
    wide = dict(zip((*TOLD, *OPEN), WIDTHS, strict=True))
    tall = heights(rows, {name: wide[name] for name in ("NAMA_LGKP", RELATED, "ALASAN")})
    for at, (row, height) in enumerate(zip(told.iter_rows(), tall, strict=True), TITLE_ROW + 1):
        write_row(sheet, at, zip(row, looks, strict=True))
        sheet.set_row(at, height)
    for column, name in enumerate(heads):
        sheet.set_column(column, column, wide.get(name, MARKED if name == GIVEN else BESIDE))
    _validate(sheet, rows.height)
    sheet.freeze_panes(TITLE_ROW + 1, TOLD.index("NAMA_LGKP") + 1)
    sheet.autofilter(TITLE_ROW, 0, TITLE_ROW + max(rows.height, 1), len(heads) - 1)
    calm(sheet, TITLE_ROW + rows.height, len(heads) - 1)
    printable(sheet, TITLE_ROW, A3)
    sheet.print_area(0, 0, TITLE_ROW + max(rows.height, 1), len(WIDTHS) - 1)
    protect(sheet)


def _validate(sheet: Any, rows: int) -> None:
    """Dropdowns and hints. A sheet protects nobody from pasting: the reader checks everything again."""
    heads, last = HEADS[CASES], TITLE_ROW + max(rows, 1)
    for name in dict.fromkeys((*CHOICES, *HINTS)):
        place = (TITLE_ROW + 1, heads.index(name), last, heads.index(name))
        hint = {"input_title": name, "input_message": HINTS[name]} if name in HINTS else {}
        chosen = {"validate": "any"}
        if (offered := "ELEMEN" if name == "ELEMEN 2" else name) in CHOICES:
            column = "ABCD"[list(CHOICES).index(offered)]
            chosen = {"validate": "list", "source": f"={LISTS}!${column}$1:${column}${len(CHOICES[offered])}",
                      "error_title": "Di luar daftar", "error_message": "Pilih dari daftar."}  # fmt: skip
        sheet.data_validation(*place, chosen | hint)


def _guide_sheet(book: "xlsxwriter.Workbook") -> None:
    """What each answer means, which cases it answers and what else must be filled in."""
    sheet, widths = book.add_worksheet(GUIDE), {"JAWABAN": 32, "UNTUK KASUS": 30, "ARTI": 64, "HASIL": 44}
    head = book.add_format(HEAD)
    look = book.add_format({"font_size": 10, "valign": "top", "text_wrap": True})
    letters = {event.name: event.meaning for event in EVENTS} | MEANINGS
    write_row(sheet, 0, ((name, head) for name in widths))
    for at, (answer, (kinds, outcomes)) in enumerate(ANSWERS.items(), start=1):
        chosen = "kosong; isi NOMOR dan TANGGAL surat daerah itu" if answer in REGION_ANSWERS else (
            " atau ".join(one or "kosong" for one in outcomes))  # fmt: skip
        cells = (answer, ", ".join(kinds), letters[answer], chosen)
        write_row(sheet, at, ((cell, look) for cell in cells))
    more = (("ELEMEN, ELEMEN 2", "HASIL diperbaiki", SEVERAL, ""), (RELATED, CaseKind.OTHER_REGION.value, TOGETHER, ""))
    for at, cells in enumerate(more, start=len(ANSWERS) + 1):
        write_row(sheet, at, ((cell, look) for cell in cells))
    for column, width in enumerate(widths.values()):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 1)
    printable(sheet, 0)


def _hidden_sheets(book: "xlsxwriter.Workbook", marks: tuple[str, ...]) -> None:
    """What the reader knows the workbook by, and what the dropdowns offer."""
    meta = book.add_worksheet(META)
    for at, (name, value) in enumerate(zip(("LEMBAR", "KANTOR"), marks, strict=True)):
        meta.write_string(at, 0, name)
        meta.write_string(at, 1, value)
    lists = book.add_worksheet(LISTS)
    for column, offered in enumerate(CHOICES.values()):
        for at, value in enumerate(offered):
            lists.write_string(at, column, value)
    for sheet in (meta, lists):
        sheet.protect()
        sheet.hide()
