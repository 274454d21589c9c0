"""The text reader: where the header stands, what each line is, what is refused before it takes the memory."""

import subprocess
import sys
from pathlib import Path

import pytest
from office_kit.files import write

from expectations.columns import COLUMNS
from tasks.errors import Exit, UserError
from tasks.read.extract import HEADER_SEARCH_LINES, Extract
from tasks.read.lines import CHUNK_BYTES, MAX_ENDLESS_BYTES, MAX_LINES, MAX_TEXT_BYTES
from tasks.read.text import MAX_CELLS, read_text

HEADER = "NIK;NO_KK;NAMA_LGKP;JENIS_KLMIN;TGL_LHR"
ANI, BUDI = "3576026110629001;3576021406129001;ANI;2;1962-10-21", "3576020102709002;3576021406129002;BUDI;1;1970-02-01"
REFUSED_MIB = 300
MEASURED = r"""
import re, sys
from pathlib import Path
from tasks.errors import UserError
from tasks.read.text import read_text
try:
    read_text(Path(sys.argv[1]), Path(sys.argv[2]))
except UserError as error:
    # Not getrusage: the kernel lets a child begin with its parent's peak.
    print(int(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[1]) // 1024)
    print(error)
"""


def read(folder: Path, lines: list[str] | str | bytes, name: str = "data.csv") -> Extract:
    extract = read_text(write(folder / name, "\n".join(lines) if isinstance(lines, list) else lines), folder)
    extract.check_conservation()
    return extract


def names(extract: Extract) -> list[tuple[int, str]]:
    return extract.frame.select("line_no", "nama_lgkp").rows()


def with_name(cell: str) -> str:
    return ANI.replace("ANI", cell)


def refused_in_its_own_process(path: Path) -> tuple[int, str]:
    """Peak MiB and the message of a refusal."""
    command = [sys.executable, "-c", MEASURED, path, path.parent]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout
    peak, _, message = told.partition("\n")
    return int(peak), message


def test_the_layout_is_told(tmp_path: Path) -> None:
    """If this fails, the receipt does not say how a file was understood, and nobody can contradict it."""
    extract = read(tmp_path, f"\ufeff{HEADER};Keterangan\n{ANI};x\n")
    assert extract.layout.kind == "teks utf-8 (BOM), pemisah ';'"
    assert extract.layout.mapping["NAMA_LGKP"] == "nama_lgkp"
    assert extract.layout.ignored == ("Keterangan",)
    assert (extract.layout.header_line, extract.physical, extract.anomalies) == (1, 2, ())
    assert read(tmp_path, f"{HEADER}\n{ANI}".replace(";", "\t")).layout.kind == "teks utf-8, pemisah tab"


def test_titles_above_the_header(tmp_path: Path) -> None:
    """If this fails, an export with a heading goes back, or a quote in its heading swallows the header."""
    lines = ['LAPORAN "Kranggan', "", "sep=;", "Bulan;Oktober", HEADER, ANI, "rusak", BUDI]
    extract = read(tmp_path, lines)
    assert extract.layout.header_line == 5
    assert extract.layout.lines == {"judul": 1, "di atas judul": 3, "baris kosong": 1}
    assert names(extract) == [(6, "ANI"), (8, "BUDI")]
    assert extract.rejects.rows() == [(7, "kurang kolom", "rusak")]


def test_the_header_is_not_searched_for_ever(tmp_path: Path) -> None:
    """If this fails, a resident's line deep in a file without header is taken for one."""
    assert read(tmp_path, ["x"] * (HEADER_SEARCH_LINES - 1) + [HEADER, ANI]).layout.header_line == HEADER_SEARCH_LINES
    with pytest.raises(UserError) as caught:
        read(tmp_path, ["x"] * HEADER_SEARCH_LINES + [HEADER, ANI])
    assert caught.value.exit_code is Exit.COLUMNS


def test_a_quoted_header_may_hold_separators(tmp_path: Path) -> None:
    """If this fails, a comma or a space inside a quoted header splits it into unknown columns."""
    extract = read(tmp_path, '"NIK", "NO. KK :","NAMA, LGKP","Jenis; Klmin","TGL;LHR;"\n1,2,"A, B",1,x\n')
    assert extract.layout.mapping == {
        "NIK": "nik", "NO. KK :": "no_kk", "NAMA, LGKP": "nama_lgkp", "Jenis; Klmin": "jenis_klmin",
        "TGL;LHR;": "tgl_lhr"}  # fmt: skip
    assert names(extract) == [(2, "A, B")]


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "=cmd|' /C calc'!A0", '"=HYPERLINK(1;2)"', " =A1", "\u00a0=A1", "@SUM(1)", "+cmd|x", "-2+3+cmd|x",
     "\uff1dA1", "-SUM(1)", "\uff0bcmd", "+A1"],
)  # fmt: skip
def test_a_formula_is_kept_and_never_loaded(tmp_path: Path, cell: str) -> None:
    """If this fails, opening a worksheet runs what a file brought, or the line that brought it is lost."""
    extract = read(tmp_path, [HEADER, ANI, with_name(cell), f"{cell};{ANI[17:]}", BUDI])
    assert names(extract) == [(2, "ANI"), (5, "BUDI")]
    assert extract.rejects.rows() == [(3, "rumus", with_name(cell)), (4, "rumus", f"{cell};{ANI[17:]}")]


@pytest.mark.parametrize(
    "cell", ["-", "- ", "+62 812", "A=B", "-5", "--", "A+", "", "JL. A -B (C)", "@", "+", "A@b.c", "-TIDAK ADA-"]
)
def test_what_only_looks_like_a_formula_is_loaded(tmp_path: Path, cell: str) -> None:
    """If this fails, residents without a name for their father, or with a blood type A+, are rejected."""
    extract = read(tmp_path, [HEADER, with_name(cell), BUDI])
    assert names(extract) == [(2, cell or None), (3, "BUDI")]
    assert not extract.rejects.height


@pytest.mark.parametrize("shift", [-3, -2, -1, 0, 1])
@pytest.mark.parametrize(
    ("cell", "end", "loaded"),
    [("=1", "\n", False), ("-A(1)", "\n", False), ("-", "\n", True), ("\uff1d1", "\n", False),
     ("É", "\n", True), ("1", "\r\n", True)],
)  # fmt: skip
def test_the_seams_between_pieces_hide_nothing(
    tmp_path: Path, shift: int, cell: str, end: str, *, loaded: bool
) -> None:
    """If this fails, a formula, an accent or a line end that lies between two pieces of the file is overlooked."""
    before = f"{HEADER}{end}1;2;{'A' * (CHUNK_BYTES // 2)};1;x{end}3;4;"
    between, seam = (f";{cell};x", end) if end == "\r\n" else (";", cell)
    filler = "A" * (CHUNK_BYTES + shift - len(before + between))
    text = before + filler + between + seam + (f"5;6;C;1;x{end}" if seam == end else f";x{end}5;6;C;1;x{end}")
    assert text[CHUNK_BYTES + shift :].startswith(seam)
    extract = read(tmp_path, text.encode())
    assert extract.frame["jenis_klmin"].to_list() == (["1", cell, "1"] if loaded else ["1", "1"])
    assert extract.rejects.select("line_no", "reason").rows() == ([] if loaded else [(3, "rumus")])
    assert (extract.physical, extract.layout.kind) == (4, "teks utf-8, pemisah ';'")


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("JUMLAH;;;120;118", "baris jumlah"), (";TOTAL :;;1;", "baris jumlah"), (";;Jumlah  Total;;9", "baris jumlah"),
        ("1;2;3;4;5", "nomor kolom"), ("(1);(2);(3);(4);(5)", "nomor kolom"), (HEADER.lower(), "judul berulang"),
        ("N I K;No. KK;NAMA LGKP;JENIS_KLMIN;TGL-LHR", "judul berulang"), (";;;;", "baris kosong"),
        ("\u00a0; ;;;", "baris kosong"), ("JUMLAH;1;SITI;2;1980-01-01", None), (";;TOTAL;2;1980-01-01", None),
        (";2;JUMLAH SARI;2;", None), ("JUMLAH;;SITI;;", None),
        (f"{ANI[:16]};;TOTAL;;", None), ("1;2;3;4;6", None), ("NIK;NO_KK;NAMA_LGKP;JENIS_KLMIN;1980-01-01", None),
    ],
)  # fmt: skip
def test_layout_below_the_header_is_named(tmp_path: Path, line: str, kind: str | None) -> None:
    """If this fails, a totals line becomes a resident, or a resident called Total a totals line."""
    extract = read(tmp_path, [HEADER, ANI, line, BUDI])
    assert extract.layout.lines == {"judul": 1} | ({kind: 1} if kind else {})
    assert extract.frame["line_no"].to_list() == ([2, 4] if kind else [2, 3, 4])


def test_lines_keep_their_numbers_after_endless_ones(tmp_path: Path) -> None:
    """If this fails, one line beyond the limit gives every later reject another line's number and text."""
    endless = [with_name(letter * size) for letter, size in (("A", 1 << 20), ("B", 9 << 20))]
    extract = read(tmp_path, [HEADER, endless[0], "1;2", ANI, endless[1], "", "3;4", "5;6;7;8;9;10", BUDI])
    assert names(extract) == [(4, "ANI"), (9, "BUDI")]
    assert extract.rejects.select("line_no", "reason").rows() == [
        (2, "baris terlalu panjang"), (3, "kurang kolom"), (5, "baris terlalu panjang"), (7, "kurang kolom"),
        (8, "terlalu banyak kolom")]  # fmt: skip
    assert extract.rejects["text"].to_list() == [endless[0], "1;2", endless[1], "3;4", "5;6;7;8;9;10"]


def test_rejects_across_many_pieces_keep_their_numbers(tmp_path: Path) -> None:
    """If this fails, in a file larger than the parser's buffers rejects carry the numbers of other lines."""
    lines = [
        f"rusak {at}" if at % 997 == 0 else "" if at % 1009 == 0 else with_name(f"{at:0>400}")
        for at in range(2, 90_000)
    ]
    extract = read(tmp_path, [HEADER, *lines])
    numbers = extract.rejects["line_no"].to_list()
    assert extract.rejects["text"].to_list() == [f"rusak {at}" for at in numbers]
    assert numbers == list(range(997, 90_000, 997))
    assert extract.frame.select((extract.frame["nama_lgkp"].str.to_integer() == extract.frame["line_no"]).all()).item()


@pytest.mark.parametrize("name", ["data [1]*?.csv", "a=b.csv", "data.gz.csv", "o'brien \\.csv"])
def test_a_file_name_is_no_pattern(tmp_path: Path, name: str) -> None:
    """If this fails, a file called 'data [1].csv' is not found, or several files are read as one."""
    write(tmp_path / "data 1xx.csv", f"{HEADER}\n{BUDI}\n")
    assert names(read(tmp_path, f"{HEADER}\n{ANI}\n", name)) == [(2, "ANI")]


def test_separators_at_the_end_of_lines_hold_nothing(tmp_path: Path) -> None:
    """If this fails, an export that ends each line with a separator goes back, or an eleventh cell is lost in it."""
    extract = read(tmp_path, [HEADER, f"{ANI};", f"{BUDI};;", f"{ANI};;x"])
    assert names(extract) == [(2, "ANI"), (3, "BUDI")]
    assert extract.rejects["line_no"].to_list() == [4]


@pytest.mark.parametrize("columns", [100_000, 300])
def test_a_header_beyond_the_bounds_is_refused(tmp_path: Path, columns: int) -> None:
    """If this fails, a header of a hundred thousand columns takes the machine's memory."""
    with pytest.raises(UserError, match="lebih dari 256 kolom") as caught:
        read(tmp_path, HEADER + ";X" * columns + "\n" + ANI)
    assert caught.value.exit_code is Exit.FILE
    with pytest.raises(UserError):
        read(tmp_path, "A" * 3_000_000 + f"\n{ANI}")


def test_more_lines_or_cells_than_a_register_has_are_refused(tmp_path: Path) -> None:
    """If this fails, a small file of line ends or separators unfolds into all of the memory."""
    with pytest.raises(UserError, match="baris") as caught:
        read(tmp_path, HEADER.encode() + b"\n" * (MAX_LINES + 1))
    assert caught.value.exit_code is Exit.FILE
    every = ";".join(column.name for column in COLUMNS)
    with pytest.raises(UserError, match="sel"):
        read(tmp_path, every.encode() + b"\nx" * (MAX_CELLS // len(COLUMNS) + 1))


@pytest.mark.parametrize("kind", ["hole", "line", "utf-16", "size", "accents"])
def test_what_no_memory_can_hold_is_refused_early(tmp_path: Path, kind: str) -> None:
    """If this fails, one file of a gigabyte stops the office's machine instead of being refused."""
    path = write(tmp_path / "besar.csv", f"{HEADER}\n{ANI}\n".encode("utf-16" if kind == "utf-16" else "utf-8"))
    with path.open("r+b") as file:
        file.seek(0, 2)
        if kind in {"line", "accents"}:
            file.write((b"A" if kind == "line" else b"\xe9") * (2 * MAX_ENDLESS_BYTES))
        file.truncate(MAX_TEXT_BYTES + 1 if kind == "size" else 1_000_000_000)
    peak, message = refused_in_its_own_process(path)
    assert peak < REFUSED_MIB
    expected = {"hole": "NUL", "line": "baris 3", "utf-16": "lebih panjang", "size": "1024 MiB", "accents": "baris 3"}
    assert expected[kind] in message


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_zero_bytes_of_utf16_are_letters(tmp_path: Path, encoding: str) -> None:
    """If this fails, Excel's 'Unicode text' is refused as binary; or a real NUL hides in it."""
    assert names(read(tmp_path, f"\ufeff{HEADER}\r\n{ANI}\r\n".encode(encoding))) == [(2, "ANI")]
    with pytest.raises(UserError, match="NUL"):
        read(tmp_path, "\ufeff{HEADER}\n{ANI}\0\n".encode(encoding))


def test_a_pinch_of_each_encoding(tmp_path: Path) -> None:
    """If this fails, one accent far down in a large file decides wrongly how all of it is read."""
    lines = [HEADER, *[ANI] * 30_000, with_name("É")]
    text = "\n".join(lines)
    for encoding in ("utf-8", "cp1252"):
        extract = read(tmp_path, text.encode(encoding))
        assert names(extract)[-1] == (30_002, "É")
        assert encoding in extract.layout.kind
