"""What the lines of a text file are that hold no resident, and which cells would run as a formula."""

import polars as pl

from tasks.read.extract import LINE
from tasks.read.text_tables import headers_below

BLANKS = ' "\t\u00a0\ufeff'
FORMULA_REASON = "rumus"
# What a spreadsheet would run: "=...", "@SUM(", "+cmd|...", "-2+3+cmd|...". Not "+62...", "-" or "-5".
FORMULA = (
    r"^\s*(?:[=\x{FF1D}]|[+@\x{FF0B}\x{FF20}]\s*[A-Za-z_=]|[-+@\x{FF0B}\x{FF20}][-+*/.()0-9\s]*[A-Za-z_][\w.]*[|(!])"
)
TOTALS = ("JUMLAH", "TOTAL", "JUMLAH TOTAL")
NIK_BYTES = 16
FIRST = "_first"
BLANK, REPEATED, NUMBERED, TOTAL = "baris kosong", "judul berulang", "nomor kolom", "baris jumlah"
OTHER = "judul tabel lain"  # the file is refused


def layout_lines(rows: pl.DataFrame, headers: tuple[str, ...], nik: str, name: str) -> pl.DataFrame:
    """``line_no`` and ``kind`` of rows that are layout: blank, a repeated header, column numbers, totals; OTHER.

    ``rows``: LINE and one String column per header, in order; ``nik`` and ``name``: the columns that tell a resident.
    A row whose NIK has 16 places is one; the others are looked at cell by cell.
    """
    # Compared, not matched: over a million rows a pattern costs as much as the rest. Gathered: a filter copies all.
    whole = (pl.col(nik).str.len_bytes() == NIK_BYTES) & pl.col(nik).is_between(pl.lit("0"), pl.lit(":"))
    odd = rows[rows.select(~whole.fill_null(value=False)).to_series().arg_true()]
    odd = odd.with_columns(pl.exclude(LINE).fill_null("").str.strip_chars(BLANKS).str.to_uppercase())
    cells = [pl.col(column) for column in rows.columns if column != LINE]
    blank = pl.all_horizontal(cell == "" for cell in cells)
    repeated, other = headers_below(odd, headers)
    numbered = pl.all_horizontal(cell.str.strip_chars("() .") == str(at) for at, cell in enumerate(cells, start=1))
    odd = odd.with_columns(pl.coalesce(pl.when(cell != "").then(cell) for cell in cells).alias(FIRST))
    title = pl.col(FIRST).str.strip_chars(": ").str.replace_all(r"\s+", " ").is_in(TOTALS)
    # A letter or a date elsewhere tells of a person; so does anything at all in the NIK or the name.
    told = {column: r"[\p{L}\d]" if column in (nik, name) else r"\p{L}|\d[-/]\d" for column in rows.columns}
    total = title & pl.all_horizontal(
        (cell == pl.col(FIRST)) | ~cell.str.contains(told[cell.meta.output_name()]) for cell in cells
    )
    kind = (
        pl.when(blank).then(pl.lit(BLANK)).when(pl.col(LINE).is_in(repeated.implode())).then(pl.lit(REPEATED))
        .when(pl.col(LINE).is_in(other.implode())).then(pl.lit(OTHER))
        .when(numbered).then(pl.lit(NUMBERED)).when(total).then(pl.lit(TOTAL))
    )  # fmt: skip
    return odd.select(LINE, kind.alias("kind")).drop_nulls("kind")


def formula_lines(rows: pl.DataFrame) -> pl.Series:
    """The numbers of the rows with a cell that a spreadsheet would run."""
    cells = [pl.col(column).str.contains(FORMULA).fill_null(value=False) for column in rows.columns if column != LINE]
    return rows.filter(pl.any_horizontal(cells))[LINE]
