"""Words around the residents of a flat file are no residents, and no resident is taken for words."""

from pathlib import Path

import pytest
from office_kit.files import csv_text, write, write_xlsx
from office_kit.residents import COLUMNS, resident

from tasks.read import read_extract
from tasks.read.footnotes import FOOTNOTE

WORDS = ["Mojokerto, 5 Oktober 2026", "Kepala Dinas", "NIP. 19700404 199503 1 904", "Dicetak 05/10/2026 oleh admin",
         "JUMLAH SELURUHNYA: 5"]  # fmt: skip


def padded(words: str) -> str:
    return words + ";" * (len(COLUMNS) - 1) + "\n"


@pytest.mark.parametrize("words", WORDS)
def test_words_below_a_text_file_are_no_resident(tmp_path: Path, words: str) -> None:
    """If this fails, a date line is a person without a name, and a letter's totals never agree."""
    path = write(tmp_path / "a.csv", csv_text([resident(2), resident(3)]) + padded(words))
    extract = read_extract(path, tmp_path)
    assert extract.frame["line_no"].to_list() == [2, 3]
    assert extract.rejects.height == 0
    assert extract.physical == 4


@pytest.mark.parametrize("words", WORDS)
def test_words_below_a_workbook_are_no_resident(tmp_path: Path, words: str) -> None:
    """If this fails, the signature of a flat export is judged as a resident."""
    lines = [COLUMNS, *([person[c] for c in COLUMNS] for person in (resident(2), resident(3))), [], [words]]
    extract = read_extract(write_xlsx(tmp_path / "a.xlsx", lines), tmp_path)
    assert extract.frame["line_no"].to_list() == [2, 3]


@pytest.mark.parametrize("kept", [
    {"NIK": "35760211048O9OO1"}, {"NIK": "TIDAK ADA"}, {"NIK": "BELUM PUNYA NIK", "NO_KK": ""},
])  # fmt: skip
def test_a_resident_with_words_for_a_nik_stays(tmp_path: Path, kept: dict[str, str]) -> None:
    """If this fails, a person whose NIK was not known is lost from the file."""
    path = write(tmp_path / "a.csv", csv_text([resident(2), resident(3, **kept)]))
    extract = read_extract(path, tmp_path)
    assert extract.frame.height == 2
    assert FOOTNOTE not in extract.layout.lines
