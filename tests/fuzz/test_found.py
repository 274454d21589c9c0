"""What damaged files have shown: cells and residents lost or changed without a word, now refused or rejected."""

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlwt
from fuzz_case import make
from fuzz_seeds import SHORT, SHORT_ROWS, people, workbook_seeds, zip_of
from office_kit.files import write
from office_kit.residents import resident

from tasks.errors import UserError
from tasks.read import Extract, read_extract

HEADER, ROWS = list(SHORT), people(SHORT, SHORT_ROWS)
PLACE = b'<c r="F3" t="s"><v>'


@pytest.fixture(scope="module")
def plain() -> bytes:
    """A workbook with shared texts, row 3 of which every test writes differently."""
    return next(seed.content for seed in workbook_seeds() if seed.name == "xlsxwriter tidak dimampatkan")


def reading(folder: Path, raw: bytes, name: str = "data.xlsx") -> Extract:
    return read_extract(write(folder / name, raw), folder)


def with_cell(raw: bytes, cell: bytes) -> bytes:
    """The workbook with the address in row 3 written as ``cell``."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = members["xl/worksheets/sheet1.xml"]
    start = sheet.index(PLACE)
    changed = sheet[:start] + cell + sheet[sheet.index(b"</c>", start) + 4 :]
    return zip_of(members | {"xl/worksheets/sheet1.xml": changed})


@pytest.mark.parametrize("cell", [
    b'<c r="F3" t="s"><v>-1</v></c>', b'<c r="F3" t="s"><v> 3 </v></c>', b'<c r="F3" t="inlineStr"><v>5</v></c>',
    b'<c r="F3" t="inlineStr"><is><t>JL A</t></is><v>5</v></c>', b'<c r="F3" t="e"><v>#N/A</v></c>',
    b'<c r="F3" t="str"><v>A</v></c><c r="F3" t="str"><v>B</v></c>', b'<c r="F4" t="str"><v>A</v></c>',
    b'<c r="F3"><v>NaN</v></c>', b'<c r="F3" t="str"><v>A</w></c>', b'<c r="F3" t="str"$><v>A</v></c>',
    b'<c r="F3" t="inlineStr"><is><t><b>x</b>JL A</t></is></c>',
])  # fmt: skip
def test_cells_that_a_reader_would_lose_are_refused(tmp_path: Path, plain: bytes, cell: bytes) -> None:
    """If this fails, a cell is read as empty or as another cell's text, and nobody is told."""
    with pytest.raises(UserError):
        reading(tmp_path, with_cell(plain, cell))


@pytest.mark.parametrize(("cell", "value"), [
    (b'<c r="F3" t="str"><v></v></c>', ""), (b'<c r="F3" t="s"/>', ""), (b'<c r="F3" s="0"></c>', ""),
    (b'<c r="F3" t="n"><v></v></c>', ""), (b'<c r="F3"><v/></c>', ""), (b"", ""),
    (b'<c r="F3" t="b"><v>1</v></c>', "true"),
    (b'<c r="F3" t="inlineStr"><is><t></t></is></c>', ""), (b'<c r="F3" t="inlineStr"><is><t/></is></c>', ""),
    (b'<c r="F3" t="inlineStr"><is><r><t>JL</t></r><r><t xml:space="preserve"> A</t></r></is></c>', "JL A"),
    (b"<c r='F3' t='str' ><v>JL A</v></c>", "JL A"), (b'<c r="F3"><v>12.5</v></c>', "12.5"),
    (b'<c r="F3" t="str"><v>NANI</v></c>', "NANI"),
])  # fmt: skip
def test_cells_of_other_programs_are_read(tmp_path: Path, plain: bytes, cell: bytes, value: str) -> None:
    """If this fails, the check for lost cells sends good workbooks of other programs back."""
    frame = reading(tmp_path, with_cell(plain, cell)).frame
    assert frame.height == SHORT_ROWS
    assert (frame["alamat"][1] or "") == value


def test_two_rows_of_one_number_are_refused(tmp_path: Path, plain: bytes) -> None:
    """If this fails, one of two residents in rows of the same number vanishes (promise 1)."""
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = members["xl/worksheets/sheet1.xml"]
    start, stop = sheet.index(b'<row r="4"'), sheet.index(b'<row r="5"')
    twice = sheet[:stop] + sheet[start:stop] + sheet[stop:]
    with pytest.raises(UserError, match="terbaca"):
        reading(tmp_path, zip_of(members | {"xl/worksheets/sheet1.xml": twice}))


def test_empty_texts_and_errors_elsewhere_do_no_harm(tmp_path: Path) -> None:
    """If this fails, an error cell on a sheet of notes, or an empty text in a cell, sends the file back."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    for line in [HEADER, *ROWS]:
        book.active.append(line)
    book.create_sheet("Catatan").append(["x", "#N/A", ""])
    book.save(out)
    assert reading(tmp_path, out.getvalue()).received == SHORT_ROWS


def _xls(rows: list[list[str | None]]) -> bytes:
    book, out = xlwt.Workbook(), io.BytesIO()
    sheet = book.add_sheet("Data")
    style = xlwt.easyxf("pattern: pattern solid")
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write(at, column, value or "", style)
    book.save(out)
    return out.getvalue()


def test_an_xls_whose_text_is_not_there_is_refused(tmp_path: Path) -> None:
    """If this fails, one flipped bit in an old workbook, which has no checksums, empties a NIK without a word."""
    raw = _xls([HEADER, *ROWS])
    assert reading(tmp_path, raw, "data.xls").received == SHORT_ROWS
    at = raw.index(bytes.fromhex("fd000a00 0200 0000"))  # LABELSST of A3
    broken = raw[: at + 10] + b"\xff\xff\xff\x7f" + raw[at + 14 :]
    with pytest.raises(UserError):
        reading(tmp_path, broken, "rusak.xls")


def test_a_column_that_no_sheet_has_costs_nothing(tmp_path: Path) -> None:
    """If this fails, one flipped bit in a column number keeps the office's machine busy for ten seconds and more."""
    raw = _xls([HEADER, *ROWS])
    at = raw.index(bytes.fromhex("fd000a00 0200 0600"))  # LABELSST of G3
    with pytest.raises(UserError, match="terlalu jauh"):
        reading(tmp_path, raw[: at + 6] + b"\x02\xff" + raw[at + 8 :], "jauh.xls")


def test_a_resident_above_the_header_is_a_reject(tmp_path: Path) -> None:
    """If this fails, residents pasted above the header of a CSV vanish as if they were a title."""
    lines = [";".join(cell or "" for cell in row) for row in (ROWS[0], HEADER, ROWS[2])]
    extract = reading(tmp_path, "\n".join(lines).encode(), "data.csv")
    assert extract.rejects.rows() == [(1, "di atas judul", lines[0])]


def test_a_cell_quoted_twice_is_a_reject(tmp_path: Path) -> None:
    """If this fails, two joined lines make one resident whose mother's name holds another resident."""
    lines = [";".join(f'"{cell}"' for cell in row) for row in (HEADER, ROWS[0], ROWS[2])]
    joined = lines[1] + lines[2].replace(";", " ")
    kept = lines[2].replace('"JL UJI NO 2"', '"JL; ""A"" ""B"" ; "')
    extract = reading(tmp_path, "\n".join([lines[0], joined, kept]).encode(), "data.csv")
    assert extract.rejects.rows() == [(2, "tanda kutip dibuka lagi dalam satu sel", joined)]
    assert extract.frame["alamat"].to_list() == ['JL; "A" "B" ; ']


def test_a_resident_joined_to_the_header_is_not_quoted(tmp_path: Path) -> None:
    """If this fails, the letter about a damaged file quotes a resident's NIK and name as unknown headers."""
    text = ";".join(HEADER) + ";".join(cell or "" for cell in ROWS[0]) + "\n"
    with pytest.raises(UserError) as caught:
        reading(tmp_path, text.encode(), "data.csv")
    person = resident(0)
    told = " ".join(part for problem in caught.value.problems for part in (problem.place, problem.received))
    assert str(person["NAMA_LGKP"]) not in told
    assert str(person["NIK"]) not in told


def test_a_row_from_the_middle_of_a_line_is_refused(tmp_path: Path) -> None:
    """If this fails, two damaged lines make a resident out of the end of one and the beginning of another."""
    case = make("csv", 14756)
    assert b'\n"35\n' in case.content
    with pytest.raises(UserError, match="isi sel tidak sama dengan barisnya"):
        reading(tmp_path, case.content, "data.csv")


def test_a_family_line_taken_for_a_resident_is_refused(tmp_path: Path) -> None:
    """If this fails, one spoilt label in a BIP puts a whole family into the family above it."""
    with pytest.raises(UserError, match="tidak terbaca sebagai baris KK"):
        reading(tmp_path, make("workbook", 38506).content)
