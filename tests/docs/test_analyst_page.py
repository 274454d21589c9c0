"""The analyst's page: its columns are the contract's, its answers are what the queries give.

After an intended change: ``make docs`` for the columns, SINKRON_ANSWERS=1 and a run of this file for
the answers; read the difference before committing it.
"""

import os
import re
from pathlib import Path

import duckdb
import pytest
from office_kit.two_letters import found_two_letters

from expectations.published import LADDER, TABLES, K
from flows import settings
from tasks.publish.page import END, PAGE, START, listing, with_part

QUERIES = sorted((settings.REPOSITORY / "docs" / "queries").glob("*.sql"))
ANSWERS = ("<!-- tanya -->", "<!-- akhir tanya -->")


@pytest.fixture(scope="module")
def two_letters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return found_two_letters(tmp_path_factory.mktemp("dua-surat") / "kantor")


def question(path: Path) -> str:
    """What a query answers: its first line, a comment."""
    return path.read_text().splitlines()[0].removeprefix("-- ")


def answered(copy: Path, path: Path) -> str:
    """One query and its answer as the page shows them."""
    with duckdb.connect(str(copy), read_only=True) as con:
        found = con.execute(path.read_text())
        heads = [column[0] for column in found.description]
        rows = [["-" if cell is None else str(cell) for cell in row] for row in found.fetchall()]
    assert rows, path.name
    lines = [" | ".join(cells) for cells in (heads, ["---"] * len(heads), *rows)]
    table = "\n".join(f"| {line} |" for line in lines)
    sql = "\n".join(path.read_text().strip().splitlines()[1:])
    return f"### {question(path)}\n\n[{path.name}](queries/{path.name})\n\n```sql\n{sql}\n```\n\n{table}\n"


def test_every_column_is_on_the_page() -> None:
    """If this fails, an analyst reads of columns that are not there, or does not find one that is."""
    page = PAGE.read_text(encoding="utf-8")
    assert with_part(page, (START, END), listing()) == page
    assert set(re.findall(r"^### `(\w+)`", page, re.MULTILINE)) == {table.name for table in TABLES}


def test_the_page_tells_how_people_are_hidden() -> None:
    """If this fails, the page promises another k than the office keeps."""
    assert f"k-anonymity, k = {K}." in PAGE.read_text(encoding="utf-8")
    assert K >= 5
    assert LADDER[-1] == ("no_kec",)


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_the_page_shows_what_a_query_answers(two_letters: Path, path: Path) -> None:
    """If this fails, an analyst who follows our page gets an error, or another answer than it shows."""
    shown = answered(two_letters, path)
    if os.environ.get("SINKRON_ANSWERS"):
        part = "\n".join(answered(two_letters, one) for one in QUERIES)
        PAGE.write_text(with_part(PAGE.read_text(encoding="utf-8"), ANSWERS, part), encoding="utf-8")
    assert shown in PAGE.read_text(encoding="utf-8")


def test_there_are_questions_and_no_others() -> None:
    """If this fails, the page answers a question that has no query any more."""
    page = PAGE.read_text(encoding="utf-8").partition(ANSWERS[0])[2]
    assert [question(path) for path in QUERIES] == re.findall(r"^### (.*)$", page, re.MULTILINE)
    assert len(QUERIES) >= 8


def test_a_page_without_its_marks_is_told() -> None:
    """If this fails, `make docs` writes over a page in which somebody removed the marks."""
    with pytest.raises(ValueError, match="tidak ada"):
        with_part("halaman", (START, END), "isi")
