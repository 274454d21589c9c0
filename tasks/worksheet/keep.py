"""Where worksheets lie: on the desk while Staff works, in the archive once submitted; and told apart in the inbox."""

import re
import zipfile
from pathlib import Path

from tasks.errors import Exit, Problem, UserError
from tasks.office import Office
from tasks.private import copy_private
from tasks.read.workbook_parts import MAX_PART_BYTES, WORKBOOK
from tasks.retention.originals import is_kept, keep
from tasks.worksheet.layout import META, worksheet_name
from tasks.worksheet.sheets import OLD, OPEN_DOCUMENT, kind_of

NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")  # as the gate's form takes it: a name, never a path
OLDER = ".lama-"
WORKBOOKS, CONTENT = (".xlsx", ".xlsm", ".ods", ".xls"), "content.xml"  # the part of an ODS that names its sheets


def keep_worksheet(office: Office, name: str, question: tuple[str, str]) -> str:
    """Copies what Staff names on the desk into the batch's archive, so that later edits change nothing.

    ``question``: (agenda, gate key). Returns the name it has there (tasks.retention.originals opens it). Raises
    UserError: WORKSHEET when there is no such file, OFFICE without the batch's key.
    """
    agenda, key = question
    source, kept = office.desk / name, f"lembar-kerja-{key}.xlsx"
    if is_kept(office, agenda, kept):
        return kept
    if Path(name).name != name or not source.is_file():
        raise UserError(
            Exit.WORKSHEET,
            Problem(
                name,
                "lembar kerja tidak ada di folder meja/",
                "nama berkas di meja/",
                "periksa nama berkas, atau kosongkan isian lembar kerja",
            ),
        )
    keep(office, agenda, source, kept)
    return kept


def is_worksheet(path: Path) -> bool:
    """Whether a file is a workbook with our hidden sheet, whatever else is wrong with it.

    Also one that Staff's program saved as ODS or XLS: it is told to be saved again as XLSX, not returned as an extract.
    """
    return bears(path, META)


def bears(path: Path, sheet: str) -> bool:
    """Whether a file is a workbook (XLSX, XLSM, ODS, XLS) with a sheet of that name; False for what can not be read."""
    if path.suffix.lower() not in WORKBOOKS or path.is_symlink() or not path.is_file():
        return False
    try:
        return _has_sheet(path, sheet)
    except Exception:  # noqa: BLE001 (a damaged ZIP raises almost anything; it is no worksheet then)
        return False


def _has_sheet(path: Path, sheet: str) -> bool:
    kind = kind_of(path)
    if kind == OLD:  # BIFF8 keeps a sheet's name with its length before it, one byte a letter
        return path.stat().st_size <= MAX_PART_BYTES and bytes([len(sheet), 0]) + sheet.encode() in path.read_bytes()
    part, mark = (CONTENT, f'table:name="{sheet}"') if kind == OPEN_DOCUMENT else (WORKBOOK, f'name="{sheet}"')
    with zipfile.ZipFile(path) as archive:
        return archive.getinfo(part).file_size <= MAX_PART_BYTES and mark.encode() in archive.read(part)


def bring_to_desk(office: Office, path: Path, marks: tuple[str, str, str] | None) -> Path:
    """Moves a worksheet from the inbox to the desk; an older one of that name is kept beside as ``.lama-1`` and so on.

    A name that the gate's form would not take becomes that of its batch and round. ``marks``: see ``marks_of``.
    """
    name = path.name
    if not NAME.fullmatch(name):
        name = worksheet_name(marks[0], int(marks[1])) if marks and _counted(marks) else "lembar-kerja.xlsx"
        name = name if NAME.fullmatch(name) else "lembar-kerja.xlsx"
    target = office.desk / name
    draft = office.desk / f".{name}.masuk"
    draft.unlink(missing_ok=True)
    copy_private(path, draft)
    if target.exists():
        target.rename(_free(target))
    draft.rename(target)
    path.unlink()
    return target


def _counted(marks: tuple[str, str, str]) -> bool:
    """Whether the round is a number as we write it; other scripts have digits too."""
    return marks[1].isascii() and marks[1].isdecimal()


def _free(path: Path) -> Path:
    number = 1
    while (beside := path.with_name(f"{path.stem}{OLDER}{number}{path.suffix}")).exists():
        number += 1
    return beside
