"""Parquet files and workbooks for `sinkron link`: values are the text people would write; what is lost is told."""

import datetime as dt
from pathlib import Path

import polars as pl
from office_kit.files import write, write_csv, write_xlsx
from office_kit.link_files import ADA, BUDI, PEOPLE, read, refused
from office_kit.residents import resident

from tasks.errors import Exit
from tasks.tables import read_table


def test_parquet_values_are_the_text_people_would_write(tmp_path: Path) -> None:
    """If this fails, a NIK becomes 3.57e15 and a birth date a number of days: nobody matches."""
    nik = int(str(ADA["NIK"]))
    frame = pl.DataFrame({
        "NIK": [nik, None], "NO_KK": pl.Series([float(nik), None]), "tgl_lhr": [dt.date(1980, 4, 11), None],
        "jenis klmin": pl.Series(["1", "2"]).cast(pl.Categorical), "nama_lgkp": ["A", ""],
        "tmpt_lhr": pl.Series([1.5, float("nan")]), "unused": [[1], [2]],
    })  # fmt: skip
    frame.write_parquet(tmp_path / "a.parquet")
    read = read_table(tmp_path / "a.parquet", PEOPLE).frame
    first = dict(zip(read.columns, read.row(0), strict=True))
    assert (first["nik"], first["no_kk"], first["tgl_lhr"]) == (str(nik), str(nik), "1980-04-11")
    assert (first["jenis_klmin"], first["tmpt_lhr"]) == ("1", "1.5")
    assert read["tmpt_lhr"][1] is None
    assert read["nama_lgkp"].to_list() == ["A", ""]
    assert set(read.dtypes) == {pl.String}


def test_times_keep_their_clock_only_when_it_says_something(tmp_path: Path) -> None:
    """If this fails, a birth date from pandas (midnight) is no date any more."""
    times = [dt.datetime(1980, 4, 11), dt.datetime(1980, 4, 11, 7, 30)]  # noqa: DTZ001 (as files have them)
    pl.DataFrame({"TGL_LHR": times, "NIK": ["1", "2"]}).write_parquet(tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet", PEOPLE).frame["tgl_lhr"].to_list() == ["1980-04-11", "1980-04-11 07:30:00"]


def test_what_a_float_has_lost_is_refused(tmp_path: Path) -> None:
    """If this fails, people of provinces 91 to 97 are linked by a NIK that is not theirs."""
    pl.DataFrame({"NIK": [float("9171010101809" + "001")], "alamat": [["x"]]}).write_parquet(tmp_path / "a.parquet")
    error = refused(tmp_path / "a.parquet", PEOPLE)
    assert len(error.problems) == 2
    assert "9171010101809" not in str(error)


def test_a_damaged_parquet_is_told(tmp_path: Path) -> None:
    """If this fails, a truncated download ends in a traceback that quotes residents."""
    pl.DataFrame({"NIK": ["1"] * 1000}).write_parquet(tmp_path / "a.parquet")
    whole = (tmp_path / "a.parquet").read_bytes()
    assert refused(write(tmp_path / "b.parquet", whole[:-100]), PEOPLE).exit_code == Exit.FILE
    assert refused(write(tmp_path / "c.parquet", b"NIK;NAMA\n1;A\n"), PEOPLE).exit_code == Exit.FILE


def test_sheet_rows_keep_their_place(tmp_path: Path) -> None:
    """If this fails, left_row is not Excel's row less the header."""
    path = write_xlsx(tmp_path / "a.xlsx", [
        ["Daftar"], [None], ["Given Name", "soc_sec_id", "nama_kota"], ["A", 7, dt.datetime(2020, 1, 2)],  # noqa: DTZ001
        [None, None, None], ["B", "0012", "X"], [None, None, None],
    ])  # fmt: skip
    table = read(path)
    assert table.frame.rows() == [("A", "7", "2020-01-02"), (None, None, None), ("B", "0012", "X")]
    assert table.header_line == 3


def test_a_number_that_excel_has_cut_is_refused(tmp_path: Path) -> None:
    """If this fails, residents are linked by NIKs whose last digit Excel made zero."""
    path = write_xlsx(tmp_path / "a.xlsx", [["NIK", "NAMA_LGKP"], [int(str(ADA["NIK"])), "RAHASIA"], ["12", "B"]])
    error = refused(path, PEOPLE)
    assert "A2" in str(error)
    assert str(ADA["NIK"]) not in str(error)


def test_two_sheets_of_records_are_refused(tmp_path: Path) -> None:
    """If this fails, half of the people are left out without a word."""
    import openpyxl

    book = openpyxl.Workbook()
    for sheet in (book.active, book.create_sheet("Dua")):
        sheet.append(["given_name", "soc_sec_id"])
        sheet.append(["A", "1"])
    book.save(tmp_path / "a.xlsx")
    assert "Dua" in str(refused(tmp_path / "a.xlsx"))


def test_a_text_cell_of_sixteen_digits_stays(tmp_path: Path) -> None:
    """If this fails, a correct workbook of the office is refused."""
    path = write_xlsx(tmp_path / "a.xlsx", [["NIK", "NAMA"], [ADA["NIK"], "A"], [BUDI["NIK"], "B"]])
    assert read(path, PEOPLE).frame["nik"].to_list() == [ADA["NIK"], BUDI["NIK"]]


def test_the_same_people_in_every_format(tmp_path: Path) -> None:
    """If this fails, the answer depends on how a table was saved."""
    people = [ADA, BUDI, resident(3, ALAMAT=None)]
    columns = list(ADA)
    written = [
        write_csv(tmp_path / "a.csv", people),
        write_xlsx(tmp_path / "a.xlsx", [columns, *([person[c] for c in columns] for person in people)]),
        tmp_path / "a.parquet",
    ]
    pl.DataFrame(people).write_parquet(written[2])
    csv, xlsx, parquet = (read(path, PEOPLE).frame for path in written)
    assert csv.equals(xlsx)
    assert csv.equals(parquet)
