"""The annex of a Berita Acara with more changes than paper bears: all of them, unmasked, in an encrypted workbook."""

import hmac
import io
from datetime import datetime

import duckdb

from expectations.codes import CODED, labels
from tasks.approvals.case import LETTERS, file_code
from tasks.documents.facts import About, change_rows
from tasks.documents.sealed_workbook import seal
from tasks.ledger import Entry, Kind
from tasks.load import ROWS_PER_FILE
from tasks.office import Office
from tasks.privacy import label
from tasks.workbooks import SAFE

PURPOSE = "lampiran"  # of the key that passwords and salts are derived from
PASSWORD_LETTERS, GROUP = 20, 5  # 100 bits, in groups that can be read out
HEADS = ("NO", "BERKAS", "BARIS", "NIK", "NAMA (DATA PUSAT)", "ELEMEN", "DATA PUSAT", "DATA KANTOR SEMULA", "MENJADI",
         "DASAR", "SEBAB", "KETERANGAN")  # fmt: skip
WIDTHS = (7, 8, 8, 19, 34, 22, 24, 24, 24, 48, 22, 20)
ALL = 10_000_000  # rows; more than any change-set has


def annex_name(agenda: str) -> str:
    """``lampiran-2026-0001.xlsx``."""
    return f"{PURPOSE}-{agenda}.xlsx"


def annex_password(office: Office, agenda: str) -> str:
    """The annex's password, derived from the office's key: ``K7Q2-...`` in four groups. It is stored nowhere."""
    derived = int.from_bytes(hmac.digest(office.key(PURPOSE), f"sandi {agenda}".encode(), "sha256"))
    letters = "".join(LETTERS[derived >> 5 * place & 31] for place in range(PASSWORD_LETTERS))
    return "-".join(letters[start : start + GROUP] for start in range(0, PASSWORD_LETTERS, GROUP))


def sealed_annex(con: duckdb.DuckDBPyConnection, office: Office, about: About, entry: Entry) -> bytes:
    """The encrypted workbook of all changes; ``entry``: the one that says they are written, whose time it bears."""
    made_at = datetime.fromisoformat(entry.at)
    content = annex_workbook(con, about, entry)
    return seal(content, annex_password(office, about[0]), (office.key(PURPOSE), made_at))


def annex_workbook(con: duckdb.DuckDBPyConnection, about: About, entry: Entry) -> bytes:
    """The workbook before encryption: one line per change, numbered as on the Berita Acara. Unmasked."""
    import xlsxwriter

    drawn = io.BytesIO()
    book = xlsxwriter.Workbook(drawn, SAFE)
    made_at = datetime.fromisoformat(entry.at).replace(tzinfo=None)
    book.set_properties({"title": f"Lampiran Berita Acara {about[0]}", "created": made_at})
    sheet = book.add_worksheet("Perubahan")
    sheet.add_write_handler(str, lambda here, *cell: here.write_string(*cell))
    heads = book.add_format({"bold": True, "bg_color": "#DDDDDD", "border": 1, "text_wrap": True, "valign": "top"})
    text = book.add_format({"num_format": "@", "valign": "top", "text_wrap": True, "border": 1})
    digest = entry.payload["digest"]
    sheet.write_string(0, 0, f"Lampiran Berita Acara agenda {about[0]}, kode berkas {file_code(digest)}")
    sheet.write_string(1, 0, f"SHA-256 usulan {digest}; Buku Agenda entri {entry.seq}, {entry.hash}")
    sheet.write_row(3, 0, HEADS, heads)
    columns = _columns(change_rows(con, about, ALL), undo=entry.kind == Kind.UNDONE)
    for place, (width, values) in enumerate(zip(WIDTHS, columns, strict=True)):
        sheet.set_column(place, place, width)
        sheet.write_column(4, place, values, text)
    sheet.freeze_panes(4, 0)
    sheet.autofilter(3, 0, 3 + len(columns[0]), len(HEADS) - 1)
    sheet.repeat_rows(3)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(f"&L{about[0]} &C{file_code(digest)} &R&P / &N")
    book.close()
    return drawn.getvalue()


def _columns(rows: list[tuple[object, ...]], *, undo: bool) -> list[list[str]]:
    """The workbook's columns as texts: identifiers keep their zeros, codes bear their word."""
    import polars as pl

    names = ("nik", "name", "row", "element", "sent", "held", "after", "basis", "cause", "writes")
    kinds = dict.fromkeys(names, pl.String) | {"row": pl.Int64, "writes": pl.Boolean}
    frame = pl.DataFrame(rows, schema=kinds, orient="row")
    words = {name: {code: f"{code} {word}" for code, word in labels(name).items()} for name in CODED}
    done, left = ("dikembalikan", "tidak dikembalikan") if undo else ("ditulis", "tidak ditulis: data kantor tetap")
    told = frame.with_columns(
        pl.coalesce(
            *(pl.when(pl.col("element") == name).then(pl.col(value).replace_strict(codes, default=None))
              for name, codes in words.items()),
            pl.col(value),
        ).alias(value)
        for value in ("sent", "held", "after")
    )  # fmt: skip
    elements = {name: label(name) for name in frame["element"].unique()}
    shown = told.select(
        pl.int_range(1, pl.len() + 1).cast(pl.String).alias("number"),
        (pl.col("row") // ROWS_PER_FILE).cast(pl.String).alias("file"),
        (pl.col("row") % ROWS_PER_FILE).cast(pl.String).alias("line"),
        "nik", "name", pl.col("element").replace(elements), "sent", "held", "after", "basis", "cause",
        pl.when("writes").then(pl.lit(done)).otherwise(pl.lit(left)).alias("end"),
    )  # fmt: skip
    return [column.fill_null("").to_list() for column in shown.iter_columns()]
