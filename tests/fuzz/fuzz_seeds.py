"""Small good files of every kind an office receives, of which the damaged ones are made. Always the same bytes."""

import datetime as dt
import io
import itertools
import re
import struct
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import xlsxwriter
import xlwt
from office_kit.residents import COLUMNS, resident

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "samples" / "bip_kranggan_2026.xlsx"
DBF_COLUMNS = ("NIK", "NO_KK", "NAMA_LGKP", "TMPT_LHR", "TGL_LHR", "ALAMAT", "JENIS_KLMI")
SHORT = ("NIK", "NO_KK", "NAMA_LGKP", "JENIS_KLMIN", "TGL_LHR", "ALAMAT", "NAMA_LGKP_IBU")
LETTERS = ("RENÉE", "MUÑOZ", "D'ARTAGNAN", "SITI (ALM)")
BIP_LINES, LONG_ROWS, SHORT_ROWS = 27, 24, 5
OLD = (1980, 1, 1, 0, 0, 0)
Table = list[list[str | None]]


@dataclass(frozen=True)
class Seed:
    """A good file: what it is for people, its suffix, its bytes."""

    name: str
    suffix: str
    content: bytes


def people(columns: tuple[str, ...], count: int) -> Table:
    """Fictional residents; some have letters beyond ASCII, and quotes and separators in their address."""
    rows = [resident(n) for n in range(count)]
    for at, letters in enumerate(LETTERS):
        rows[at % count] |= {"NAMA_LGKP_IBU": letters}
    rows[1]["ALAMAT"] = 'JL "MAWAR"; NO, 1|2'
    return [[row.get(column) for column in columns] for row in rows]


def text_seeds() -> list[Seed]:
    """CSV and TSV: separators x encodings x line ends, in turn plain, quoted, with titles, with layout lines."""
    styles = itertools.cycle(("polos", "kutip", "judul di atas", "baris tambahan", "semua kolom"))
    seeds = []
    for delimiter, encoding, end in itertools.product(
        ";,|\t", ("utf-8", "utf-8-sig", "utf-16", "cp1252"), ("\n", "\r\n")
    ):
        style = next(styles)
        columns = COLUMNS if style == "semua kolom" else SHORT
        rows = [list(columns), *people(columns, LONG_ROWS if style == "baris tambahan" else SHORT_ROWS)]
        text = end.join(_delimited(row, delimiter, every=style == "kutip") for row in rows) + end
        if style == "judul di atas":
            text = f"DATA ANOMALI{end}KOTA MOJOKERTO{end}{end}{text}"
        if style == "baris tambahan":
            numbers = delimiter.join(f"({n})" for n in range(1, len(columns) + 1))
            text += f"{numbers}{end}{delimiter.join(columns)}{end}{end}JUMLAH{delimiter * (len(columns) - 1)}{end}"
        name = f"{style}, {delimiter!r}, {encoding}, {end!r}"
        seeds.append(Seed(name, ".tsv" if delimiter == "\t" else ".csv", text.encode(encoding)))
    lone = "\r".join(_delimited(row, ";", every=False) for row in [list(SHORT), *people(SHORT, SHORT_ROWS)])
    return [*seeds, Seed("hanya CR", ".txt", lone.encode())]


def _delimited(row: list[str | None], delimiter: str, *, every: bool) -> str:
    cells = [cell or "" for cell in row]
    quoted = [
        '"' + cell.replace('"', '""') + '"' if every or delimiter in cell or '"' in cell else cell for cell in cells
    ]
    return delimiter.join(quoted)


def workbook_seeds() -> list[Seed]:
    """XLSX of two programs and XLS: flat, two header rows, with dates and numbers, several sheets, BIP."""
    flat = [list(SHORT), *people(SHORT, SHORT_ROWS)]
    wide = [list(COLUMNS), *people(COLUMNS, SHORT_ROWS)]
    long = [["DATA ANOMALI"], [], list(SHORT), *people(SHORT, LONG_ROWS), ["JUMLAH", str(LONG_ROWS)]]
    book = _book_of_families()
    return [
        Seed("openpyxl datar", ".xlsx", _by_openpyxl(flat)),
        Seed("openpyxl semua kolom", ".xlsx", _by_openpyxl(wide)),
        Seed("openpyxl tanggal dan angka", ".xlsx", _by_openpyxl(flat, dates=True)),
        Seed("openpyxl dua lembar", ".xlsx", _by_openpyxl(long, notes=True)),
        Seed("openpyxl BIP", ".xlsx", _by_openpyxl(book)),
        Seed("xlsxwriter datar", ".xlsx", _by_xlsxwriter(long)),
        Seed("xlsxwriter teks dalam sel", ".xlsx", _by_xlsxwriter(flat, constant_memory=True)),
        Seed("xlsxwriter dua baris judul", ".xlsx", _by_xlsxwriter(_two_headers())),
        Seed("xlsxwriter BIP", ".xlsx", _by_xlsxwriter(book)),
        Seed("xlsxwriter tidak dimampatkan", ".xlsx", _packed(_by_xlsxwriter(flat), zipfile.ZIP_STORED)),
        Seed("xlwt datar", ".xls", _by_xlwt(flat)),
        Seed("xlwt panjang", ".xls", _by_xlwt(long)),
        Seed("xlwt BIP", ".xls", _by_xlwt(book)),
    ]


def other_seeds() -> list[Seed]:
    """DBF tables, and ZIPs of text, workbooks and tables."""
    text, books = text_seeds(), workbook_seeds()
    dbf = dbf_of(_records(SHORT_ROWS))
    members = {"satu.csv": text[0].content, "dua.xlsx": books[0].content}
    return [
        Seed("DBF", ".dbf", dbf),
        Seed("DBF panjang", ".dbf", dbf_of(_records(LONG_ROWS), language=0x03, deleted=3)),
        Seed("ZIP teks dan buku kerja", ".zip", zip_of(members)),
        Seed("ZIP tidak dimampatkan", ".zip", zip_of({"folder/tiga.tsv": text[24].content}, zipfile.ZIP_STORED)),
        Seed("ZIP tabel dan XLS", ".zip", zip_of({"a.dbf": dbf, "b.xls": books[10].content, ".DS_Store": b"x"})),
    ]


def _records(count: int) -> Table:
    """A DBF cuts names of columns at ten letters."""
    return people(("NIK", "NO_KK", "NAMA_LGKP", "TMPT_LHR", "TGL_LHR", "ALAMAT", "JENIS_KLMIN"), count)


def _book_of_families() -> Table:
    """The first families of the committed BIP sample."""
    book = openpyxl.load_workbook(SAMPLE, read_only=True)
    rows = book.worksheets[0].iter_rows(max_row=BIP_LINES, values_only=True)
    lines = [[None if cell is None else str(cell) for cell in row] for row in rows]
    book.close()
    return lines


def _two_headers() -> Table:
    above = ["NIK", "NO_KK", "NAMA", "JK", "TGL LHR", "PENDIDIKAN", "NAMA", None]
    below = [None, None, None, None, None, "Terakhir", "Ibu", "Ayah"]
    columns = ("NIK", "NO_KK", "NAMA_LGKP", "JENIS_KLMIN", "TGL_LHR", "PDDK_AKH", "NAMA_LGKP_IBU", "NAMA_LGKP_AYAH")
    return [above, below, [f"({n})" for n in range(1, 9)], *people(columns, SHORT_ROWS)]


def _by_openpyxl(rows: Table, *, dates: bool = False, notes: bool = False) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    for at, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            if value is not None:
                sheet.cell(at, column, value)
    if dates:
        for at in range(2, len(rows) + 1):
            sheet.cell(at, 5).value = dt.date.fromisoformat(str(sheet.cell(at, 5).value))
            sheet.cell(at, 4).value = int(str(sheet.cell(at, 4).value))
    if notes:
        book.create_sheet("Catatan", 0).append(["Data anomali", "untuk", "Dinas"])
    book.save(out)
    return _packed(out.getvalue())


def _by_xlsxwriter(rows: Table, **options: object) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, **options}) as book:
        sheet = book.add_worksheet("Data")
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                if value is not None:
                    sheet.write_string(at, column, value)
    return _packed(out.getvalue())


def _by_xlwt(rows: Table) -> bytes:
    book, out = xlwt.Workbook(), io.BytesIO()
    sheet = book.add_sheet("Data")
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            if value is not None:
                sheet.write(at, column, value)
    book.save(out)
    return out.getvalue()


def _packed(raw: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The workbook packed again, with no time of today in it."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    core = members["docProps/core.xml"]
    return zip_of(
        members | {"docProps/core.xml": re.sub(rb"\d{4}-\d\d-\d\dT[\d:.]+Z", b"2026-01-01T00:00:00Z", core)}, method
    )


def zip_of(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP whose bytes depend on its members only."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, OLD)
            info.compress_type = method
            archive.writestr(info, content)
    return out.getvalue()


def dbf_of(rows: Iterable[list[str | None]], language: int = 0, deleted: int = 0) -> bytes:
    """A dBASE III table of DBF_COLUMNS; the first ``deleted`` records bear the mark of deletion."""
    widths = (16, 16, 30, 20, 10, 30, 1)
    records = [[(cell or "").encode("cp1252").ljust(width)[:width] for cell, width in zip(row, widths, strict=True)]
               for row in rows]  # fmt: skip
    offset = 32 + 32 * len(widths) + 1
    head = struct.pack("<B3BIHH", 3, 126, 10, 5, len(records), offset, sum(widths) + 1) + bytes(17)
    fields = [name.encode().ljust(11, b"\0") + b"C" + bytes(4) + bytes([width]) + bytes(15)
              for name, width in zip(DBF_COLUMNS, widths, strict=True)]  # fmt: skip
    marks = [b"*" if at < deleted else b" " for at in range(len(records))]
    body = b"".join(mark + b"".join(record) for mark, record in zip(marks, records, strict=True))
    return head + bytes([language]) + bytes(2) + b"".join(fields) + b"\r" + body + b"\x1a"
