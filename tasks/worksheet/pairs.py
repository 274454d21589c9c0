"""Sheet "Pasangan": one row per pair, both values and the reason in one cell per field, so that rows can be sorted."""

from typing import TYPE_CHECKING, Any

import polars as pl

from expectations.matching import BAND_WORDS, MATCH, NONE, POSSIBLE
from expectations.outcomes import VERDICTS
from tasks.workbooks import A3
from tasks.worksheet.cells import protect
from tasks.worksheet.layout import (
    FIELDS,
    HEAD,
    HEAD_HEIGHT,
    OPEN_HEAD,
    OURS,
    PAIR_LOCKED,
    PAIR_OPEN,
    PAIRS,
    SCORE,
    THEIRS,
    TITLE_ROW,
    heights,
    printable,
)

if TYPE_CHECKING:
    import xlsxwriter

BY_HEAD = {"KUNCI": 10.0, "BARIS": 19, "PITA": 9, SCORE: 7, "PALING MUNGKIN": 24, "NAMA": 25, "NAMA IBU": 23,
           "NAMA AYAH": 23, "NIK": 25, "NOMOR KK": 25, "ALAMAT": 25, "JENIS KELAMIN": 18, "USUL": 24, "PUTUSAN": 14,
           "CATATAN": 24}  # fmt: skip
WIDTH = 21.0  # of the other fields, in letters
BANDS = {BAND_WORDS[MATCH]: "#CFE8DC", BAND_WORDS[POSSIBLE]: "#FCE9B8", BAND_WORDS[NONE]: "#E4E7EA"}
AGREEMENTS = {1: "#E3F3EA", 0: "#FDF3D3", -1: "#FBE3D6", None: "#FFFFFF"}
EXPLAINED = ("Pasangan catatan yang mungkin orang yang sama. Isi PUTUSAN bila Anda tahu; kosong = belum ada jawaban. "
             "Warna isian: hijau sama, kuning sebagian sama, merah muda berbeda, putih tidak diisi.")  # fmt: skip


def pairs_sheet(book: "xlsxwriter.Workbook", agenda: str, pairs: pl.DataFrame) -> None:
    """Writes the sheet. ``pairs``: ``pair_rows``."""
    sheet = book.add_worksheet(PAIRS)
    sheet.write_string(0, 0, f"Agenda {agenda}. {EXPLAINED}", book.add_format({"bold": True}))
    head, open_head = book.add_format(HEAD), book.add_format(OPEN_HEAD)
    heads = (*PAIR_LOCKED, *PAIR_OPEN)
    for column, name in enumerate(heads):
        sheet.write_string(TITLE_ROW, column, name, open_head if name in PAIR_OPEN else head)
    sheet.set_row(TITLE_ROW, HEAD_HEIGHT)
    widths = {name: BY_HEAD.get(name, WIDTH) for name in heads}
    tall = heights(pairs, {name: width for name, width in widths.items() if name not in (SCORE, "PITA")})
    looks = _looks(book)
    agreements = pairs.select(f"agreement {label}" for label, _ in FIELDS)
    lines = zip(pairs.select(heads).iter_rows(), agreements.iter_rows(), tall, strict=True)
    for at, (row, agreement, height) in enumerate(lines, TITLE_ROW + 1):
        _pair(sheet, at, (row, agreement), looks)
        sheet.set_row(at, height)
    for column, width in enumerate(widths.values()):
        sheet.set_column(column, column, width)
    last = TITLE_ROW + max(pairs.height, 1)
    place = heads.index("PUTUSAN")
    sheet.data_validation(TITLE_ROW + 1, place, last, place, {
        "validate": "list", "source": list(VERDICTS), "error_title": "Di luar daftar",
        "error_message": "Pilih dari daftar, atau kosongkan."})  # fmt: skip
    sheet.freeze_panes(TITLE_ROW + 1, 4)
    sheet.autofilter(TITLE_ROW, 0, last, len(heads) - 1)
    printable(sheet, TITLE_ROW, A3)
    protect(sheet)


def _looks(book: "xlsxwriter.Workbook") -> dict[Any, Any]:
    """Formats by what a cell tells."""
    looks: dict[Any, Any] = {"ours": book.add_format(OURS), "theirs": book.add_format(THEIRS)}
    looks[SCORE] = book.add_format(OURS | {"num_format": "0.0"})
    looks |= {band: book.add_format(OURS | {"bg_color": colour, "bold": True}) for band, colour in BANDS.items()}
    return looks | {each: book.add_format(OURS | {"bg_color": colour}) for each, colour in AGREEMENTS.items()}


FIRST_FIELD = PAIR_LOCKED.index(FIELDS[0][0])


def _pair(sheet: Any, at: int, pair: tuple[tuple[Any, ...], tuple[Any, ...]], looks: dict[Any, Any]) -> None:
    row, agreement = pair
    for column, value in enumerate(row):
        head = PAIR_LOCKED[column] if column < len(PAIR_LOCKED) else ""
        if head == SCORE:
            sheet.write_number(at, column, value, looks[SCORE])
            continue
        if 0 <= column - FIRST_FIELD < len(agreement):
            look = looks[agreement[column - FIRST_FIELD]]
        else:
            look = looks.get(value, looks["ours"]) if head == "PITA" else looks["ours" if head else "theirs"]
        if value:
            sheet.write_string(at, column, value, look)
        else:
            sheet.write_blank(at, column, None, look)
