"""A workbook on which the reader itself dies: the office's worker lives on and the file is refused."""

from pathlib import Path

import pytest
import xlwt
from office_kit.residents import COLUMNS, resident

from tasks.errors import Exit, UserError
from tasks.read import read_received, trial


@pytest.mark.parametrize("end", ["import os; os.abort()", "import time; time.sleep(60)", "x = bytearray(1 << 40)"])
def test_a_reader_that_dies_takes_nobody_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    """If this fails, one damaged XLS kills the process that holds the office's store, again at every start."""
    book, path = xlwt.Workbook(), tmp_path / "a.xls"
    sheet = book.add_sheet("Data")
    for at, column in enumerate(COLUMNS):
        sheet.write(0, at, column)
        sheet.write(1, at, resident(2)[column] or "")
    book.save(str(path))
    assert read_received(path, tmp_path)[0].extract.frame.height == 1
    # The trial process is the outside here: it ends as a crashing, a hanging and a greedy reader would.
    monkeypatch.setattr(trial, "READ_ALL", trial.READ_ALL.split("import fastexcel")[0] + end)
    monkeypatch.setattr(trial, "TRIAL_SECONDS", 1)
    if "bytearray" in end:  # an error that can be caught is for the reader itself to tell
        assert trial.survives(path.read_bytes())
        return
    with pytest.raises(UserError, match=r"a\.xls.*pembacanya berhenti") as refused:
        read_received(path, tmp_path)
    assert refused.value.exit_code is Exit.FILE
