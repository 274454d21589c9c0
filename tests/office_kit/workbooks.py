"""Small workbooks, new and old: of two residents, put together again from changed parts, refused by the reader."""

import zipfile
from pathlib import Path

import pytest
import xlwt

from office_kit.files import settle
from tasks.errors import UserError
from tasks.read.workbook import read_workbook

HEADER = ("NIK", "NO_KK", "NAMA_LGKP", "JENIS_KLMIN", "TGL_LHR")
ANI = ("3576026110629001", "3576021406129001", "ANI", "2", "1962-10-21")
BUDI = ("3576020102709002", "3576021406129002", "BUDI", "1", "1970-02-01")


def rebuilt(source: Path, target: Path, **members: bytes) -> Path:
    """A copy of a workbook with members replaced or added (name with _ for / and __ for .)."""
    changes = {name.replace("__", ".").replace("_", "/"): content for name, content in members.items()}
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, changes.pop(name, old.read(name)))
        for name, content in changes.items():
            new.writestr(name, content)
    return settle(target)


def refused(path: Path) -> UserError:
    """The reader's refusal of a workbook."""
    with pytest.raises(UserError) as caught:
        read_workbook(path, path.parent)
    return caught.value


def xls(path: Path, lines: list[tuple[object, ...]]) -> Path:
    """A settled workbook of an old Excel with one sheet."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("Data")
    for at, line in enumerate(lines):
        for column, value in enumerate(line):
            if value is not None:
                sheet.write(at, column, value)
    book.save(str(path))
    return settle(path)
