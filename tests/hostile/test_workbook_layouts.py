"""Workbooks laid out by people: empty columns in front, notes, stray cells. Text stays text wherever it stands."""

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from office_kit.files import settle, write_xlsx
from office_kit.workbooks import ANI, BUDI, HEADER

from tasks.errors import Exit, UserError
from tasks.read import read_extract


def shifted(rows: list[tuple[object, ...]], down: int, right: int) -> list[tuple[object, ...]]:
    return [()] * down + [(None,) * right + row for row in rows]


@pytest.mark.parametrize("down", [0, 1, 3])
@pytest.mark.parametrize("right", [1, 2])
def test_empty_rows_and_columns_in_front(tmp_path: Path, down: int, right: int) -> None:
    """If this fails, a table that does not begin in A1 is refused without need, or read from the wrong columns."""
    path = write_xlsx(tmp_path / "data.xlsx", shifted([HEADER, ANI, BUDI], down, right))
    frame = read_extract(path, tmp_path).frame
    wanted = [(down + 2, *ANI), (down + 3, *BUDI)]
    assert frame.select("line_no", *(name.lower() for name in HEADER)).rows() == wanted


@pytest.mark.parametrize("column", [0, 1])
@pytest.mark.parametrize(
    ("down", "right", "note"), [(0, 0, False), (0, 2, False), (2, 1, False), (2, 1, True), (3, 0, False), (3, 0, True)]
)
def test_numbers_are_found_wherever_the_table_stands(
    tmp_path: Path, column: int, down: int, right: int, note: bool
) -> None:
    """If this fails, NIKs that Excel rounded are taken as true because the table does not begin in A1 (BRK-04)."""
    wrong = tuple(int(value) if at == column else value for at, value in enumerate(BUDI))
    rows = shifted([HEADER, ANI, wrong], down, right)
    if note:
        rows[0] = ("catatan",)
    error = _refusal(write_xlsx(tmp_path / "data.xlsx", rows))
    assert error.exit_code is Exit.FILE
    assert HEADER[column] in str(error)


def test_positions_of_columns_after_empty_ones(tmp_path: Path) -> None:
    """If this fails, the sender is told to mend the wrong column."""
    rows = shifted([("NIK", "NO_KK", "Hobi", "NAMA_LGKP", "JENIS_KLMIN", "TGL_LHR"), ANI], 1, 2)
    error = _refusal(write_xlsx(tmp_path / "data.xlsx", rows))
    assert [problem.place for problem in error.problems] == ["data.xlsx, kolom 5"]


def test_a_number_far_down_is_found(tmp_path: Path) -> None:
    """If this fails, only the first rows are looked at, and the rounded NIK of row 2,000 is taken as true."""
    rows = [HEADER, *[ANI] * 2000, (int(ANI[0]), *ANI[1:])]
    assert _refusal(write_xlsx(tmp_path / "data.xlsx", rows)).exit_code is Exit.FILE


def test_missing_identifiers_are_no_numbers(tmp_path: Path) -> None:
    """If this fails, a file with an empty NIK is sent back as if Excel had ruined it."""
    rows = [HEADER, (None, *ANI[1:]), (BUDI[0], None, *BUDI[2:])]
    frame = read_extract(write_xlsx(tmp_path / "data.xlsx", rows), tmp_path).frame
    assert frame.select("nik", "no_kk").rows() == [(None, ANI[1]), (BUDI[0], None)]


def _refusal(path: Path) -> UserError:
    with pytest.raises(UserError) as caught:
        read_extract(path, path.parent)
    return caught.value


@pytest.mark.parametrize("at", [0, 1])
def test_sheets_without_residents_do_not_matter(tmp_path: Path, at: int) -> None:
    """If this fails, a sheet of notes before the table sends the file back."""
    book = openpyxl.Workbook()
    for line in (HEADER, ANI):
        book.active.append(line)
    book.create_sheet("Catatan", at).append(["Data anomali", "untuk", "Dinas"])
    book.create_sheet("Kosong")
    book.save(tmp_path / "data.xlsx")
    assert read_extract(settle(tmp_path / "data.xlsx"), tmp_path).received == 1


READ = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
from pathlib import Path
from tasks.errors import UserError
from tasks.read import read_extract
try:
    print("read", read_extract(Path(sys.argv[1]), Path(sys.argv[2])).received)
except UserError as error:
    print("refused", int(error.exit_code))
"""
STRAY = {
    "double quotes": lambda xml: xml.replace(b"</sheetData>", _cell(b'"XFD1048576"')),
    "single quotes": lambda xml: xml.replace(b"</sheetData>", _cell(b"'XFD1048576'")),
    "spaces": lambda xml: xml.replace(b"</sheetData>", _cell(b'"XFD1048576"', b" = ")),
    "just below the limit": lambda xml: xml.replace(b"</sheetData>", _cell(b'"AU1048576"')),
    "last row of the table's own columns": lambda xml: xml.replace(b"</sheetData>", _cell(b'"A1048576"')),
}


def _cell(reference: bytes, equals: bytes = b"=") -> bytes:
    return b'<row r="1048576"><c r' + equals + reference + b' t="inlineStr"><is><t>x</t></is></c></row></sheetData>'


@pytest.mark.parametrize("name", STRAY)
def test_stray_cells_kill_nobody(tmp_path: Path, name: str) -> None:
    """If this fails, one cell far away makes the reader take all memory, and the office's process dies."""
    _with_stray(tmp_path, STRAY[name], "xl/worksheets/sheet1.xml")


def test_a_sheet_stored_elsewhere_is_watched_too(tmp_path: Path) -> None:
    """If this fails, moving the sheet to another folder of the container gets it round the guard."""
    _with_stray(tmp_path, STRAY["double quotes"], "xl/lembar/sheet1.xml")


def _with_stray(folder: Path, change: Callable[[bytes], bytes], place: str) -> None:
    book = write_xlsx(folder / "data.xlsx", [HEADER, ANI, BUDI])
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(folder / "jauh.xlsx", "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                name, content = place, change(content)  # noqa: PLW2901
            content = content.replace(b"/xl/worksheets/sheet1.xml", f"/{place}".encode())
            new.writestr(name, content.replace(b"worksheets/sheet1.xml", place.removeprefix("xl/").encode()))
    command = [sys.executable, "-c", READ, folder / "jauh.xlsx", folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"proses mati dengan {done.returncode}: {done.stderr[-300:]}"
    assert done.stdout.split()[0] in ("read", "refused")


WIDE = (*HEADER, "ALAMAT", "TMPT_LHR")
SITI, TONO = ((*line, "JL UJI 1", "MOJOKERTO") for line in (ANI, BUDI))


@pytest.mark.parametrize("header", [
    ("NIK", "Nomor KK", "NAMA", "TGL LAHIR", "JK", "Keterangan lain", "X1", "X2", "X3"),
    ("NIK", "NO KK", "NAMA", "L/P", "TGL LHR", "TMPT LHR", "ALAMAT RUMAH 2"),
    ("NO", "NIK", "NAMA"), ("NO_KK", "NIK", "NAMA"), ("NO_KK", "NIK", "NAMA LENGKAP 1", "LP"),
    ("NIK", None, "NAMA", None, None, "Kolom 2"),
])  # fmt: skip
def test_a_second_header_of_other_columns_is_refused(tmp_path: Path, header: tuple[str, ...]) -> None:
    """If this fails, residents below the second header get each other's values, because one title is unknown."""
    error = _refusal(write_xlsx(tmp_path / "data.xlsx", [WIDE, SITI, header, TONO]))
    assert "judul berulang pada baris 3 berbeda kolom" in str(error)


@pytest.mark.parametrize("header", [
    WIDE, tuple(title.lower() for title in WIDE), ("NIK", "Nomor KK", "NAMA", "JK", "Tanggal Lahir", "Alamat"),
    (*WIDE, "Hal. 2"),
])  # fmt: skip
def test_the_same_header_once_more_is_layout(tmp_path: Path, header: tuple[str, ...]) -> None:
    """If this fails, a table that prints its header on every page is sent back, or the header becomes a resident."""
    extract = read_extract(write_xlsx(tmp_path / "data.xlsx", [WIDE, SITI, header, TONO]), tmp_path)
    assert extract.frame["nik"].to_list() == [ANI[0], BUDI[0]]
    assert extract.layout.lines["judul berulang"] == 1


def test_residents_called_like_titles_are_no_header(tmp_path: Path) -> None:
    """If this fails, one resident with an odd name sends the file back."""
    odd = ((None, ANI[1], "AGAMA", "2", "1962-10-21"), (ANI[0], ANI[1], "NIK", "NAMA", "ALAMAT"))
    extract = read_extract(write_xlsx(tmp_path / "data.xlsx", [WIDE, SITI, *odd]), tmp_path)
    assert extract.frame["nama_lgkp"].to_list() == ["ANI", "AGAMA", "NIK"]


@pytest.mark.parametrize("above", [[], [(None,) * 4 + ("Mengetahui,",), (None,) * 4 + ("Kepala Dinas",)]])
@pytest.mark.parametrize("line", [
    (None, None, "TOTAL UJI", "L", "01-01-1980"), (None, None, "LURAH UJI", "2"), (None, None, "CATATAN. UJI", "P"),
    ("-", None, "SITI UJI", "P"), (None, None, "JUMLAH UJI", None, "01/01/1980"), (None, None, "ANI", None, "32875"),
    (None, None, "JUMLAH", None, "01/01/1980"),
])  # fmt: skip
def test_residents_without_nik_are_no_layout(
    tmp_path: Path, line: tuple[str, ...], above: list[tuple[str, ...]]
) -> None:
    """If this fails, a resident whose name begins like a total or stands below a signature is lost."""
    extract = read_extract(write_xlsx(tmp_path / "data.xlsx", [HEADER, ANI, *above, line, BUDI]), tmp_path)
    assert extract.frame["nama_lgkp"].to_list() == ["ANI", line[2], "BUDI"]


@pytest.mark.parametrize("line", [
    (None, None, "JUMLAH", "1"), (None, None, "JUMLAH PENDUDUK", "2"), ("Total laki-laki", None, "JUMLAH", "L"),
])  # fmt: skip
def test_totals_in_the_column_of_sexes_stay_totals(tmp_path: Path, line: tuple[str, ...]) -> None:
    """If this fails, a count of one or two at the table's end is loaded as a resident."""
    extract = read_extract(write_xlsx(tmp_path / "data.xlsx", [HEADER, ANI, BUDI, line]), tmp_path)
    assert (extract.frame.height, extract.layout.lines["baris jumlah"]) == (2, 1)
