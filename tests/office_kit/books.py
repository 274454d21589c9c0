"""Books of residents (BIP) as the office's own program prints them: families under banners, read back line by line."""

from pathlib import Path

from office_kit.files import write_xlsx
from tasks.read import Extract
from tasks.read.workbook import read_workbook

COLUMNS = ("NO", "NIK", "NAMA", "JK", "TMPT LHR", "TGL LHR", "G.DRH", "AGAMA", "STATUS", "SHDK", "PENDIDIKAN",
           "PEKERJAAN", "NAMA IBU", "NAMA AYAH")  # fmt: skip
NUMBERS = tuple(f"({n})" for n in range(1, 15))
KK1, KK2 = "3576030101169163", "3576030102109892"
NBSP = "\u00a0"
Line = tuple[object, ...]


def member(number: int, name: str, nik: str | None = None) -> Line:
    """A resident's line."""
    nik = f"357603210257{9000 + number}" if nik is None else nik
    return (str(number), nik + NBSP if nik else None, name, "Lk", "MOJOKERTO", "21/02/1957", "-", "ISLAM", "K", "ANAK",
            "SLTA/SEDERAJAT", "WIRASWASTA", "WATI UJI", "RYANTO UJI")  # fmt: skip


def family(number: str | None, head: str, address: str | None) -> Line:
    """The line above a family: number, head and address."""
    return ("No. KK :", number, None, "Nama Kepala Keluarga :", None, head, None, None, address)


BOOK: list[Line] = [
    (None, None, None, "BUKU INDUK PENDUDUK WNI"), ("PROVINSI :", None, "JAWA TIMUR"),
    ("KECAMATAN :", None, "KRANGGAN"), (),
    family(KK1, "ADI UJI", "DSN KRAJANANYAR RT 003 RW 006"), COLUMNS, NUMBERS,
    member(1, "ADI UJI"),
    member(2, "BUDI UJI"), (), family(KK2, "CITRA UJI", "JL UJI NO 1 RT 008 RW 004"), COLUMNS, member(1, "CITRA UJI"),
    (), (*[None] * 9, "Mojokerto, 02 Oktober 2026"), (*[None] * 9, "KEPALA DINAS KEPENDUDUKAN"), (),
    (*[None] * 9, "NAMA UJI"),
]  # fmt: skip


def read(folder: Path, lines: list[Line], name: str = "bip.xlsx") -> Extract:
    """The book as the office reads it; every line is accounted for."""
    extract = read_workbook(write_xlsx(folder / name, lines), folder)
    extract.check_conservation()
    return extract


def values(extract: Extract, *columns: str) -> list[tuple[object, ...]]:
    """Line number and some columns of every resident."""
    return extract.frame.select("line_no", *columns).rows()
