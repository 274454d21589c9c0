"""What the worksheet looks like: sheets, columns, who owns them, how cells hold text. Writer and reader share it."""

from typing import Any

import polars as pl

from expectations.columns import STORED
from expectations.matching import shipped
from expectations.outcomes import FORBIDDEN_ELEMENTS
from tasks.read.workbook_cells import column_letters
from tasks.workbooks import A4

DECISIONS, PAIRS, META, LISTS = "Keputusan", "Pasangan", "_meta", "_daftar"
MARK = "sinkron-lembar-kerja/2"  # cell B1 of META; B2 agenda, B3 round, B4 digest of the draft

# Sheet "Keputusan", one row per received row that a person decides.
LOCKED = ("KUNCI", "BARIS", "KECAMATAN", "KELURAHAN", "NIK", "NAMA", "TGL LAHIR", "AKAR MASALAH", "TEMUAN", "USUL")
OPEN = ("HASIL", "ELEMEN", "MENJADI", "ELEMEN 2", "MENJADI 2", "DASAR", "NOMOR", "TANGGAL", "KEJADIAN", "TUNDA SAMPAI",
        "CATATAN")  # fmt: skip
# Sheet "Pasangan", one row per pair of records.
FIELDS = tuple((field.label.upper(), field.column) for field in shipped().fields)
SCORE = "SKOR"  # the only numbers
PAIR_LOCKED = ("KUNCI", "BARIS", "PITA", SCORE, "PALING MUNGKIN", *(label for label, _ in FIELDS), "USUL")
PAIR_OPEN = ("PUTUSAN", "CATATAN")

TITLE_ROW = 1  # zero-based row of the headings; row 0 tells batch and round
FIRST_ROW = TITLE_ROW + 2  # Excel's number of the first row below them
EDITABLE = tuple(name.upper() for name in STORED if name not in FORBIDDEN_ELEMENTS)
BLANKS = " \u00a0"  # at a cell's ends nobody sees them
MAX_NOTE, MAX_NUMBER, MAX_VALUE = 500, 100, 100  # letters

HEAD = {"bold": True, "bg_color": "#D9E2F3", "text_wrap": True, "valign": "top", "border": 1, "border_color": "#B8C4D6"}
OPEN_HEAD = HEAD | {"bg_color": "#FFE9A8", "border_color": "#D8BE6A"}
OURS = {
    "font_size": 10,
    "valign": "top",
    "text_wrap": True,
    "bg_color": "#F3F4F6",
    "border": 1,
    "border_color": "#DADDE2",
}
THEIRS = OURS | {"bg_color": "#FFFDF3", "locked": False, "num_format": "@", "border_color": "#E4DBB8"}
HEAD_HEIGHT = 30.0  # points: two lines
LINE, TALLEST = 13.0, 31  # points of one line of text; lines: Excel's rows end at 409 points
LETTERS = 1.15  # of this text that fit into one of a column's width


def worksheet_name(agenda: str, round_no: int) -> str:
    """File name of one round's worksheet on the desk (``meja/``)."""
    return f"lembar-kerja-{agenda}-r{round_no}.xlsx"


def banner(agenda: str, round_no: int) -> str:
    """Cell A1: which batch and round the sheet belongs to, and what may be changed."""
    return (
        f"Lembar kerja agenda {agenda} ronde {round_no}. Kolom kuning sudah berisi usulan: biarkan bila setuju, "
        "ubah bila tidak tepat. Kolom lain jangan diubah."
    )


def address(sheet: str, heads: tuple[str, ...], column: str, at: int) -> str:
    """``Keputusan!K7``, as Excel's name box takes it."""
    return f"{sheet}!{column_letters(heads.index(column) + 1)}{at}"


def heights(frame: pl.DataFrame, widths: dict[str, float]) -> list[float]:
    """Points per row so that every wrapped text is seen. ``widths``: column -> letters.

    Not every program finds out by itself how high a row with wrapped text must be.
    """
    lines = [_lines(pl.col(name), max(1, int(width * LETTERS))) for name, width in widths.items()]
    tallest = pl.max_horizontal(pl.lit(1, pl.Int64), *lines).clip(upper_bound=TALLEST)
    found: list[float] = frame.select(tallest.cast(pl.Float64) * LINE + 3.0).to_series().to_list()
    return found


def _lines(text: pl.Expr, most: int) -> pl.Expr:
    """Lines a text takes in a cell of so many letters; words make it a little more."""
    each = pl.element().str.len_chars().cast(pl.Int64).clip(lower_bound=1)
    return text.str.split("\n").list.eval((each + (most - 1)) // most).list.sum().cast(pl.Int64)


def printable(sheet: Any, title_row: int, paper: int = A4) -> None:
    """Paper across, all columns on one page, headings repeated: a sheet that is checked on paper stays one sheet."""
    sheet.set_landscape()
    sheet.set_paper(paper)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, title_row)
    sheet.set_margins(left=0.35, right=0.35, top=0.45, bottom=0.6)
    sheet.set_footer("&L&A&R&P / &N")
