"""Files of anybody for `sinkron link`: every data row keeps its place and its text, or the file is refused whole."""

import csv
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from office_kit.files import write, write_csv, write_xlsx
from office_kit.link_files import ADA, BUDI, PEOPLE, read, refused
from office_kit.residents import resident

from flows.settings import REPOSITORY
from tasks.errors import Exit, UserError
from tasks.tables import read_labels


@pytest.mark.parametrize("delimiter", [";", ",", "|", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_separator_encoding_and_line_end(tmp_path: Path, delimiter: str, encoding: str, end: str) -> None:
    """If this fails, an export of another program is read as other people, or not at all."""
    lines = [("Given Name", "x", "SOC-SEC-ID"), ("JOSÉ", "1", "0012345"), ("", "", ""), ("ANDRÉ", "2", "77")]
    path = write(tmp_path / "a.csv", "".join(delimiter.join(line) + end for line in lines).encode(encoding))
    table = read(path)
    assert table.frame["given_name"].to_list() == ["JOSÉ", None, "ANDRÉ"]
    assert table.frame["soc_sec_id"].to_list() == ["0012345", None, "77"]
    assert table.frame["nama kota"].to_list() == [None] * 3
    assert table.found == ("given_name", "soc_sec_id")


def test_the_offices_aliases(tmp_path: Path) -> None:
    """If this fails, a SIAK export must be renamed by hand before it can be linked."""
    path = write(tmp_path / "a.csv", f"No. KK;Nama Penduduk;Nomor Induk Kependudukan\n1;ADA;{ADA['NIK']}\n")
    assert read(path, PEOPLE).found == ("nama_lgkp", "nik", "no_kk")


def test_blank_lines_are_no_rows_and_separators_are(tmp_path: Path) -> None:
    """If this fails, left_row points at another person than the one that was compared."""
    text = "given_name,soc_sec_id\nA,1\n\n,\nB,2\n  \n\n\nC,3\n,\n"
    assert read(write(tmp_path / "a.csv", text)).frame["given_name"].to_list() == ["A", None, "B", "C", None]


def test_positions_are_those_of_pandas(tmp_path: Path) -> None:
    """If this fails, whoever looks a pair up with the usual tool reads another person's record."""
    import pandas as pd

    text = '\ngiven_name,soc_sec_id\nA,1\n\n,\n"B\n\nB",2\n  \n\nC,3\n\t\nD,4\n,\n\n'
    path = write(tmp_path / "a.csv", text)
    theirs = pd.read_csv(path, dtype=str)["given_name"].to_list()
    ours = read(path).frame["given_name"].to_list()
    assert ours == [None if pd.isna(name) else name for name in theirs]
    assert ours == ["A", None, "B\n\nB", "C", "D", None]
    book = write_xlsx(
        tmp_path / "a.xlsx", [["given_name", "soc_sec_id"], ["A", "1"], [None], ["B", "2"], [" "], [None]]
    )
    names = pd.read_excel(book, dtype=str)["given_name"]
    assert read(book).frame["given_name"].to_list()[:3] == [None if pd.isna(name) else name for name in names[:3]]


LETTERS = st.text(st.sampled_from([*"AB19 \t;,|\"'\n\r=-", "É", "\u200b", "\U0001f600"]), max_size=6)


@given(rows=st.lists(st.tuples(LETTERS, LETTERS, LETTERS), min_size=1, max_size=12), style=st.sampled_from([
    (";", "\n"), (",", "\r\n"), ("|", "\n"), ("\t", "\r\n"),
]), quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]))  # fmt: skip
def test_what_a_writer_wrote_is_what_is_read(
    tmp_path: Path, rows: list[tuple[str, str, str]], style: tuple[str, str], quoting: int
) -> None:
    """If this fails, a name with a quote, a separator or a line break moves or changes the people below it."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=style[0], lineterminator=style[1], quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(["given_name", "soc_sec_id", "nama kota"])
    # Python leaves a lone CR bare where it quotes least: then nobody can tell it from the end of a line.
    writer.writerows(rows if quoting == csv.QUOTE_ALL else [[_even(cell) for cell in row] for row in rows])
    frame = read(write(tmp_path / "a.csv", text.getvalue().encode())).frame
    even = [tuple(_even(cell) for cell in row) for row in rows]
    assert [tuple(_even(cell or "") for cell in row) for row in frame.rows()] == even


def _even(cell: str) -> str:
    """Line ends alike: a file that mixes them is read from a copy with one kind."""
    return cell.replace("\r\n", "\n").replace("\r", "\n")


def test_a_quoted_cell_keeps_separator_quote_and_line_break(tmp_path: Path) -> None:
    """If this fails, an address of two lines moves every later row by one."""
    text = 'given_name,soc_sec_id\n"A, ""B""\nC",1\nMA"ARIF,2\n'
    frame = read(write(tmp_path / "a.csv", text)).frame
    assert frame["given_name"].to_list() == ['A, "B"\nC', 'MA"ARIF']


def test_a_header_of_two_lines_and_titles_above(tmp_path: Path) -> None:
    """If this fails, a printed table's title is taken for the header."""
    text = 'DAFTAR;;\n;;\n"Given\nName";x;soc_sec_id\nA;1;2\nB;3;4\n'
    table = read(write(tmp_path / "a.csv", text))
    assert table.frame["given_name"].to_list() == ["A", "B"]
    assert table.header_line == 4


@pytest.mark.parametrize(("text", "told"), [
    ("given_name,soc_sec_id\nA,1\nRAHASIA\nB,2\nRAHASIA,2,3\n", ["baris 3", "baris 5"]),
    ('given_name,soc_sec_id\nA,1\n"RAHASIA,2\nB,2\n', ["baris 3"]),
    ('given_name,soc_sec_id\nA,1\n"RAHASIA,2\nB,"RAHASIA,2\n', ["baris 3"]),
    ("JUDUL,,\n,,\ngiven_name,soc_sec_id,x\nA,1,\nRAHASIA,1\n", ["baris 5"]),
])  # fmt: skip
def test_a_damaged_line_refuses_the_file(tmp_path: Path, text: str, told: list[str]) -> None:
    """If this fails, a row vanishes and every later position means another person; or a name is on the terminal."""
    error = refused(write(tmp_path / "a.csv", text))
    assert error.exit_code == Exit.FILE
    assert all(place in str(error) for place in told)
    assert "RAHASIA" not in str(error)


def test_headers_are_told_and_people_are_not(tmp_path: Path) -> None:
    """If this fails, the first resident of a file without headers stands on the terminal."""
    error = refused(write(tmp_path / "a.csv", f"{ADA['NIK']};RAHASIA;1\n{BUDI['NIK']};RAHASIA;2\n"), PEOPLE)
    assert error.exit_code == Exit.COLUMNS
    assert "RAHASIA" not in str(error)
    doubled = refused(write(tmp_path / "b.csv", "given_name,Given Name,soc_sec_id,SocSecId\nA,B,1,2\n"))
    assert len(doubled.problems) == 2


@pytest.mark.parametrize("make", [
    lambda folder: write(folder / "a.csv", b""), lambda folder: write(folder / "a.pdf", b"%PDF-1.7"),
    lambda folder: write(folder / "a.xlsx", b"PK\x03\x04 bukan"), lambda folder: write(folder / "a.csv", b"a\0b\n1\n"),
    lambda folder: folder / "tidak-ada.csv", lambda folder: write(folder / "a.csv", b"\n\n \n"),
])  # fmt: skip
def test_what_is_no_table_is_told(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    """If this fails, a wrong file ends in a traceback."""
    assert refused(make(tmp_path)).problems


def test_odd_names_are_no_patterns(tmp_path: Path) -> None:
    """If this fails, a file called [a].csv or a*.parquet reads other files of the folder."""
    text = "given_name,soc_sec_id\n{},1\n"
    write(tmp_path / "a1.csv", text.format("LAIN"))
    pl.DataFrame({"given_name": ["LAIN"]}).write_parquet(tmp_path / "a1.parquet")
    assert read(write(tmp_path / "a[1].csv", text.format("INI"))).frame["given_name"].to_list() == ["INI"]
    pl.DataFrame({"given_name": ["INI"]}).write_parquet(tmp_path / "a*.parquet")
    assert read(tmp_path / "a*.parquet").frame["given_name"].to_list() == ["INI"]


def test_a_large_file_keeps_its_order(tmp_path: Path) -> None:
    """If this fails, rows of a province's file come back in the order of threads."""
    count = 300_000
    numbers = pl.DataFrame({"given_name": pl.int_range(count, eager=True).cast(pl.String), "soc_sec_id": "1"})
    numbers.write_csv(tmp_path / "a.csv", quote_style="always")
    numbers.write_parquet(tmp_path / "a.parquet", row_group_size=10_000)
    for name in ("a.csv", "a.parquet"):
        assert read(tmp_path / name).frame["given_name"].equals(numbers["given_name"])


def test_labels_are_refused_with_all_their_lines(tmp_path: Path) -> None:
    """If this fails, people mend their answers one fault at a time, or an answer counts for another pair."""
    lines = ["left_row,right_row,same", "0,1,ya", "1,0,tidak", "2,2,ya", "9,1,ya", "x,1,ya", "0,2,mungkin", "0,3,"]
    with pytest.raises(UserError) as error:
        read_labels(write(tmp_path / "a.csv", "\n".join(lines) + "\n"), 4)
    told = str(error.value)
    assert len(error.value.problems) == 5
    assert all(f"baris {line}" in told for line in ("2, 3", "4", "5", "6", "7"))


def test_labels_in_every_spelling(tmp_path: Path) -> None:
    """If this fails, a staff member's "Ya" or a tool's true is not counted."""
    lines = ["LEFT ROW;right_row;SAME;catatan", "0;1; Ya;", "3;2;TIDAK;", "0;2;tidak  tahu;", "1;2;1;", "1;3;False;"]
    answers = read_labels(write(tmp_path / "a.csv", "\n".join(lines) + "\n"), 4)
    assert answers.rows() == [(0, 1, True), (1, 2, True), (1, 3, False), (2, 3, False)]
    answers.write_parquet(tmp_path / "a.parquet")
    assert read_labels(tmp_path / "a.parquet", 4).equals(answers)
    across = read_labels(write(tmp_path / "b.csv", "left_row,right_row,same\n3,2,ya\n2,2,tidak\n"), 4, 3)
    assert across.rows() == [(2, 2, False), (3, 2, True)]


FULL_DISK = """
import resource, sys
from flows.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("words", [
    ("link", "--pairs", "p.csv", "--clusters", "k.parquet"), ("link", "--pairs", "p.csv", "--clusters", "k.csv"),
    ("prepare", "--to", "siap"),
])  # fmt: skip
def test_a_full_disk_leaves_what_was_there(tmp_path: Path, words: tuple[str, ...]) -> None:
    """If this fails, half a result stands where last month's whole one was."""
    people = write_csv(tmp_path / "a.csv", [resident(n) for n in range(1, 900)])
    before = {write(tmp_path / name, "lama").name for name in ("p.csv", "k.parquet", "k.csv")} | {people.name}
    command = [sys.executable, "-c", FULL_DISK, words[0], people.name, *words[1:]]
    # Without coverage's own file: it would not fit on the full disk either.
    around = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    done = subprocess.run(command, cwd=tmp_path, env=around | {"PYTHONPATH": str(REPOSITORY)}, capture_output=True,
                          text=True, check=False)  # fmt: skip
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert {path.name for path in tmp_path.iterdir()} == before
    assert {(tmp_path / name).read_text() for name in before - {people.name}} == {"lama"}
