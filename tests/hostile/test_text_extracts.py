"""Delimited files as they really arrive: other encodings, broken quotes, ragged lines. No row lost, nothing guessed."""

from pathlib import Path

import pytest
from office_kit.files import write

from tasks.errors import Exit, UserError
from tasks.read import Extract, read_extract

HEADER = "NIK;NO_KK;NAMA_LGKP;JENIS_KLMIN;TGL_LHR"
ANI, BUDI = "3576026110629001;3576021406129001;ANI;2;1962-10-21", "3576020102709002;3576021406129002;BUDI;1;1970-02-01"
SECRET_NIK, SECRET_NAME = "3576026110629001", "ANI RAHASIAWATI"


def read(folder: Path, content: bytes | str, name: str = "data.csv") -> Extract:
    extract = read_extract(write(folder / name, content), folder)
    extract.check_conservation()
    return extract


def refusal(folder: Path, content: bytes | str, name: str = "data.csv") -> UserError:
    with pytest.raises(UserError) as caught:
        read(folder, content, name)
    return caught.value


def names(extract: Extract) -> list[tuple[int, str]]:
    return extract.frame.select("line_no", "nama_lgkp").rows()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_encoding_of_offices_is_read_the_same(tmp_path: Path, encoding: str) -> None:
    """If this fails, a file saved by another Excel loses letters of names, or is sent back without need."""
    curly = BUDI.replace("BUDI", "MA\u2019RUF \u201cÉ\u201d")
    extract = read(tmp_path, f"{HEADER}\n{ANI}\n{curly}\n".encode(encoding))
    assert names(extract) == [(2, "ANI"), (3, "MA\u2019RUF “É”")]
    assert extract.frame["nik"].to_list() == [SECRET_NIK, "3576020102709002"]
    assert encoding.removesuffix("-sig") in extract.layout.kind


@pytest.mark.parametrize(
    "content",
    [
        bytes(range(256)),
        f"{HEADER}\n{ANI}\n".encode("utf-16-le"),  # no byte order mark: looks like text full of NULs
        f"{HEADER}\n{ANI}\n".encode("utf-32"),
        f"{HEADER}\n{ANI}\0\n".encode(),
        b"\xff\xfe\x00\xd8" + f"{HEADER}\n".encode("utf-16-le"),  # half a surrogate pair
        b"\x89PNG\r\n\x1a\n" + bytes(range(128, 256)),
    ],
)
def test_bytes_that_are_no_text_are_refused(tmp_path: Path, content: bytes) -> None:
    """If this fails, a picture or a damaged file becomes residents."""
    assert refusal(tmp_path, content).exit_code is Exit.FILE


@pytest.mark.parametrize("content", ["", "\n", "\ufeff", "   \n\n", f"{HEADER}\n", f"{HEADER}\n\n  \n"])
def test_a_file_without_data_is_refused(tmp_path: Path, content: str) -> None:
    """If this fails, an empty file gets an agenda number and the centre is answered that all is well."""
    assert refusal(tmp_path, content).exit_code in (Exit.FILE, Exit.COLUMNS)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_do_not_matter(tmp_path: Path, end: str) -> None:
    """If this fails, line numbers on the worksheet are not those that Staff sees in an editor."""
    extract = read(tmp_path, end.join([HEADER, ANI, "", BUDI]))
    assert names(extract) == [(2, "ANI"), (4, "BUDI")]


def test_mixed_line_ends(tmp_path: Path) -> None:
    """If this fails, a file glued together from two offices loses its tail."""
    extract = read(tmp_path, f"{HEADER}\r\n{ANI}\n{BUDI}\r{ANI}\r\n\r\n{BUDI}")
    assert [line for line, _ in names(extract)] == [2, 3, 4, 6]


def test_marks_that_only_look_like_line_ends(tmp_path: Path) -> None:
    """If this fails, a form feed inside an address breaks one resident into two."""
    odd = ANI.replace("ANI", "A\x0cB\x0bC\x85D\u2028E\x1cF")
    extract = read(tmp_path, f"{HEADER}\n{odd}\n{BUDI}\n")
    assert extract.received == 2
    assert names(extract)[1] == (3, "BUDI")


def test_ragged_lines_are_kept_as_rejects(tmp_path: Path) -> None:
    """If this fails, a row the reader could not split vanishes without a trace (promise 1)."""
    lines = [HEADER, ANI, "1;2;3", "", f"{BUDI};SISA;LAGI", '1;2;"C"x;1;1990-01-01', BUDI]
    extract = read(tmp_path, "\n".join(lines))
    assert names(extract) == [(2, "ANI"), (7, "BUDI")]
    assert extract.rejects.select("line_no", "reason").rows() == [
        (3, "kurang kolom"), (5, "terlalu banyak kolom"), (6, "tanda kutip tidak ditutup")]  # fmt: skip
    assert extract.rejects["text"].to_list() == [lines[2], lines[4], lines[5]]
    assert extract.received == 5
    assert extract.layout.lines == {"judul": 1, "baris kosong": 1}


def test_a_line_beyond_the_limit_is_a_reject(tmp_path: Path) -> None:
    """If this fails, one endless line stops the whole file, or takes the memory of the machine."""
    extract = read(tmp_path, f"{HEADER}\n{ANI.replace('ANI', 'A' * 1_100_000)}\n{BUDI}\n")
    assert names(extract) == [(3, "BUDI")]
    assert extract.rejects.select("line_no", "reason").rows() == [(2, "baris terlalu panjang")]


@pytest.mark.parametrize(
    "lines",
    [
        [HEADER, ANI.replace("ANI", '"ANI'), BUDI, ANI],  # never closed
        [HEADER, ANI.replace("ANI", '"ANI'), BUDI.replace("BUDI", 'BUDI"'), ANI],  # closed on the next line
        [HEADER, ANI.replace("ANI", '"ANI\nSITI"'), BUDI],
    ],
)
def test_an_open_quote_swallows_nobody(tmp_path: Path, lines: list[str]) -> None:
    """If this fails, a resident disappears inside the name of another."""
    error = refusal(tmp_path, "\n".join(lines))
    assert error.exit_code is Exit.FILE
    assert "kutip" in str(error)


def test_an_open_quote_in_a_tab_file_swallows_nobody(tmp_path: Path) -> None:
    """If this fails, an empty line hides that two residents became one: their counts cancel out."""
    lines = [HEADER, ANI, ";;;;", BUDI.replace("BUDI", '"BUDI'), ANI.replace("ANI", 'ANI"'), BUDI]
    error = refusal(tmp_path, "\n".join(lines).replace(";", "\t"), "data.tsv")
    assert error.exit_code is Exit.FILE


@pytest.mark.parametrize("delimiter", [";", ",", "|", "\t"])
def test_a_row_of_empty_cells_stops_no_file(tmp_path: Path, delimiter: str) -> None:
    """If this fails, the empty rows that Excel leaves at the end of an export send the file back, by delimiter."""
    content = f"{HEADER}\n{ANI}\n;;;;\n{BUDI}".replace(";", delimiter)
    extract = read(tmp_path, content, "data.tsv")
    assert [row for row in names(extract) if row[1]] == [(2, "ANI"), (4, "BUDI")]


def test_a_damaged_quote_begins_no_row_in_the_middle(tmp_path: Path) -> None:
    """If this fails, the rest of a damaged line and the next line become one resident, with cells of nobody."""
    error = refusal(tmp_path, f'{HEADER}\n{ANI}\n""1;"\n"1;;;;')
    assert error.exit_code is Exit.FILE


def test_words_that_parsers_like_stay_text(tmp_path: Path) -> None:
    """If this fails, a woman named Null has no name, or a NIK loses its leading zero."""
    extract = read(tmp_path, f"{HEADER}\n0076026110629001;007;NULL;2;1962-10-21\n1;2;TRUE;1;NaN\n")
    assert extract.frame["nama_lgkp"].to_list() == ["NULL", "TRUE"]
    assert extract.frame["nik"].to_list() == ["0076026110629001", "1"]


def test_all_header_faults_at_once(tmp_path: Path) -> None:
    """If this fails, the sender mends one column a day: only the first fault is told."""
    error = refusal(tmp_path, "NIK;Nama Lengkp;NO_KK;N I K;Hobi\n1;2;3;4;5\n")
    assert error.exit_code is Exit.COLUMNS
    assert [problem.place for problem in error.problems] == [
        "data.csv, kolom 2", "data.csv, kolom 4", "data.csv, kolom 5", "data.csv, baris judul"]  # fmt: skip
    text = str(error)
    assert "'Nama Lengkp'" in text, "hampir sama dengan judul yang dikenal"
    assert "Hobi" not in text, "dapat saja nama orang"
    assert "(4 huruf)" in text
    assert "dua kali" in text
    for missing in ("NAMA_LGKP", "JENIS_KLMIN", "TGL_LHR"):
        assert missing in text.split("kolom wajib tidak ada:")[1].split(".", maxsplit=1)[0]


@pytest.mark.parametrize(
    "body",
    [
        f'{SECRET_NIK};2;"{SECRET_NAME};2;1980-01-01\n1;2;B;1;1\n',
        f'{SECRET_NIK};2;"{SECRET_NAME}\n',
        f"{SECRET_NIK};2;{SECRET_NAME}\0;2;1980\n",
        f"{SECRET_NIK};2;{SECRET_NAME}\n",
        f'"{SECRET_NIK};2;{SECRET_NAME}',
    ],
)
def test_refusals_do_not_quote_residents(tmp_path: Path, body: str) -> None:
    """If this fails, a NIK or a name travels through messages into logs (promise 5)."""
    error = refusal(tmp_path, f"{HEADER}\n{body}")
    assert SECRET_NIK not in str(error)
    assert SECRET_NAME not in str(error)


def test_a_file_without_header_line_does_not_leak_niks(tmp_path: Path) -> None:
    """If this fails, sending a file without header puts the first resident's NIK on screens and into logs."""
    error = refusal(tmp_path, f"{ANI}\n{BUDI}\n")
    assert error.exit_code is Exit.COLUMNS
    assert SECRET_NIK not in str(error)


def test_a_nik_in_the_file_name_is_masked(tmp_path: Path) -> None:
    """If this fails, a file named after a resident puts the NIK on screens and into logs."""
    assert SECRET_NIK not in str(refusal(tmp_path, f"{HEADER}\n", f"data {SECRET_NIK}.csv"))


@pytest.mark.parametrize("name", ["data.xlsm", "data.xlsb", "data.ods", "data.pdf", "data"])
def test_other_containers_are_refused_by_name(tmp_path: Path, name: str) -> None:
    """If this fails, a file nobody can read is read as something else."""
    error = refusal(tmp_path, f"{HEADER}\n{ANI}\n", name)
    assert error.exit_code is Exit.FILE
    assert ".xlsx" in str(error)


def test_nothing_stays_in_scratch(tmp_path: Path) -> None:
    """If this fails, plain copies of extracts pile up beside the encrypted store."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    path = write(tmp_path / "data.csv", f"{HEADER}\n{ANI}\n")
    read_extract(path, scratch)
    with pytest.raises(UserError):
        read_extract(write(tmp_path / "buruk.csv", f'{HEADER}\n1;2;"A;1;1\n2;2;B;1;1\n'), scratch)
    assert not list(scratch.iterdir())


def test_lines_of_spaces_are_layout(tmp_path: Path) -> None:
    """If this fails, a trailing space on the last line makes the counts differ from the letter: the file goes back."""
    extract = read(tmp_path, f"{HEADER}\n{ANI}\n   \n{BUDI}\n \n")
    assert names(extract) == [(2, "ANI"), (4, "BUDI")]
    assert extract.received == 2


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (f"{HEADER};Warna Mata", "'Warna Mata'"), (f"{HEADER};{SECRET_NAME} 1962-10-21", "huruf)"),
        (f"{HEADER}{ANI};{SECRET_NAME}", "huruf)"), (f"NIK;NO_KK;NAMA_LGKP;{SECRET_NAME};SITI", "huruf)"),
    ],
)  # fmt: skip
def test_an_unknown_header_is_quoted_only_when_it_is_one(tmp_path: Path, header: str, told: str) -> None:
    """If this fails, a resident's line glued to the header is shown as an unknown column, with name and birthday."""
    error = refusal(tmp_path, f"{header}\n{BUDI};x\n")
    assert error.exit_code is Exit.COLUMNS
    assert told in str(error)
    assert "kolom 6" in str(error) or "kolom 4" in str(error)
    assert SECRET_NAME not in str(error)
    assert "SITI" not in str(error)
