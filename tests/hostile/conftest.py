"""A workbook that several files of this folder damage."""

from pathlib import Path

import pytest
from office_kit.files import write_xlsx
from office_kit.workbooks import HEADER


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A workbook of forty residents."""
    people = [(f"35760261106290{n:02d}", "3576021406129001", f"WARGA {n}", "2", "1962-10-21") for n in range(40)]
    return write_xlsx(tmp_path / "data.xlsx", [HEADER, *people])
