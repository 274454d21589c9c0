"""What several files of this folder damage: a workbook of residents, and the cases of an office that stays as it is."""

import shutil
from pathlib import Path

import pytest
from office_kit.casework import filled_workbook
from office_kit.files import write_xlsx
from office_kit.small import Batch
from office_kit.workbooks import HEADER
from office_kit.written import written_office


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A workbook of forty residents."""
    people = [(f"35760261106290{n:02d}", "3576021406129001", f"WARGA {n}", "2", "1962-10-21") for n in range(40)]
    return write_xlsx(tmp_path / "data.xlsx", [HEADER, *people])


@pytest.fixture(scope="session")
def answerable(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """An office with open cases; nothing of it is changed here."""
    return written_office(tmp_path_factory.mktemp("kasus") / "kantor")


@pytest.fixture(scope="session")
def empty_case_book(answerable: Batch) -> Path:
    """The workbook of all open cases, nothing filled in."""
    return filled_workbook(answerable, {})


@pytest.fixture
def case_book(empty_case_book: Path, tmp_path: Path) -> Path:
    """A workbook of cases to spoil."""
    return Path(shutil.copy(empty_case_book, tmp_path / "lembar.xlsx"))
