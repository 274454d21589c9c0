"""Cover letters at the receipt: their totals must be those of the files, and their files those that came (BRK-01)."""

from pathlib import Path

import pytest
from office_kit.files import archived, settle, write, write_csv, write_letter
from office_kit.receiving import ABOUT, TOTALS, arrive, receipts, refused, rejected_files
from office_kit.residents import resident

from tasks.errors import Exit
from tasks.letter import control_totals
from tasks.office import Office
from tasks.read import read_extract
from tasks.receive import receive


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [("jumlah", 3, "jumlah baris"), ("laki", 2, "laki-laki"), ("perempuan", 0, "perempuan"), ("kk", 1, "nomor KK")],
)
def test_control_totals_must_agree(office: Office, key: str, value: int, words: str) -> None:
    """If this fails, rows that got lost on the way to the office are not noticed (BRK-01)."""
    letter = write_letter(office.inbox / "surat.json", {"ganda.csv": TOTALS | {key: value}})
    error = refused(office, [arrive(office, "ganda.csv")], letter)
    assert error.exit_code is Exit.TOTALS
    assert [words in problem.place for problem in error.problems] == [True]
    assert {"ganda.csv", "surat.json", "alasan.txt"} <= set(rejected_files(office))


def test_totals_count_labels_and_missing_families(office: Office, tmp_path: Path) -> None:
    """If this fails, a correct file is refused because it writes LAKI-LAKI for 1 or leaves a family number empty."""
    rows = [resident(0, JENIS_KLMIN="LAKI-LAKI"), resident(1, JENIS_KLMIN="Perempuan"), resident(2, JENIS_KLMIN="Lk"),
            resident(3, NO_KK="-"), resident(4, NO_KK=" '" + str(resident(0)["NO_KK"]))]  # fmt: skip
    counted = control_totals(read_extract(write_csv(tmp_path / "a.csv", rows), office.scratch))
    assert counted == {"jumlah": 5, "laki": 3, "perempuan": 2, "kk": 3}


def test_rejected_lines_explain_sex_but_never_the_number_of_lines(office: Office) -> None:
    """If this fails, one broken line sends a whole file back, or hides that another line never came."""
    path = arrive(office, "ganda.csv")
    settle(write(path, path.read_text() + "rusak;rusak\n"))
    letter = write_letter(office.inbox / "surat.json", {"ganda.csv": TOTALS | {"jumlah": 3, "laki": 2}})
    receipt = receive(office, [path], letter, ABOUT)
    assert (receipt.files[0]["received"], receipt.files[0]["rejected"]) == (3, 1)
    text = path.with_name("lagi.csv")
    settle(write(text, archived(office, receipt.agenda, "01.csv").decode() + "rusak lagi\n"))
    letter = write_letter(office.inbox / "surat.json", {"lagi.csv": TOTALS | {"jumlah": 5}})
    assert refused(office, [text], letter).exit_code is Exit.TOTALS


def test_a_letter_with_one_bad_file_is_refused_whole(office: Office) -> None:
    """If this fails, half a letter gets an agenda number and the other half is forgotten."""
    good, bad = arrive(office, "baik.csv"), write(office.inbox / "buruk.csv", "NIK;Hobi\n1;2\n")
    broken = write(office.inbox / "rusak.xlsx", b"PK")
    letter = write_letter(office.inbox / "surat.json", {"baik.csv": TOTALS, "buruk.csv": {}, "rusak.xlsx": {}})
    error = refused(office, [good, bad, broken], letter)
    assert error.exit_code is Exit.COLUMNS  # the first kind, in the order given
    assert {"judul kolom tidak dikenal (4 huruf)" in str(p) for p in error.problems} == {True, False}
    assert any("rusak.xlsx" in problem.place for problem in error.problems)
    files = {"baik.csv", "buruk.csv", "rusak.xlsx", "surat.json"}
    assert set(rejected_files(office)) == files | {"alasan.txt", "surat-pengembalian.html"}
    assert receipts(office) == []
    assert not list(office.inbox.iterdir())
    assert receive(office, [arrive(office, "baik.csv")], None, ABOUT).agenda == "2026-0001"


def test_files_the_letter_names_must_come(office: Office) -> None:
    """If this fails, a file lost on the way is noticed by nobody."""
    letter = write_letter(office.inbox / "surat.json", {"ganda.csv": TOTALS, "hilang.csv": {"jumlah": 9}})
    error = refused(office, [arrive(office, "ganda.csv")], letter)
    assert error.exit_code is Exit.TOTALS
    assert "hilang.csv" in str(error)


def test_files_that_come_must_be_named(office: Office) -> None:
    """If this fails, a file nobody sent us is worked on under a letter of the centre."""
    letter = write_letter(office.inbox / "surat.json", {"lain.csv": TOTALS})
    error = refused(office, [arrive(office, "ganda.csv")], letter)
    assert error.exit_code is Exit.TOTALS
    assert "ganda.csv tidak disebut" in str(error)
