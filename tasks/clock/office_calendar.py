"""The office's own calendar (``kalender.csv``): regional holidays, days worked all the same, Ramadan as decided."""

import csv
import io
from datetime import date, datetime
from pathlib import Path

from expectations.hours import DayKind
from tasks.clock.working import WorkCalendar
from tasks.errors import Exit, Problem, UserError

COLUMNS = ("TANGGAL", "SAMPAI", "JENIS", "KETERANGAN")
READ_AS = ("%d-%m-%Y", "%d/%m/%Y", "%Y-%m-%d")
LONGEST_DAYS = 60  # of one line: more is a mistyped year
Line = tuple[date, date, DayKind]


def read_calendar(path: Path) -> WorkCalendar:
    """The calendar of ``path``, the national one where there is no file.

    A line: TANGGAL, SAMPAI (last day, may be empty), JENIS (DayKind), KETERANGAN; parted by comma or semicolon. Raises
    UserError (OFFICE) with all faults of the file.
    """
    if not path.exists():
        return WorkCalendar()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise UserError(Exit.OFFICE, _problem("berkas", "bukan teks UTF-8 yang terbaca")) from None
    first = text.partition("\n")[0]
    rows = list(csv.reader(io.StringIO(text), delimiter=";" if ";" in first else ","))
    if not rows or tuple(cell.strip().upper() for cell in rows[0]) != COLUMNS:
        raise UserError(Exit.OFFICE, _problem("baris 1", "judul kolom lain"))
    read = [_line(number, row) for number, row in enumerate(rows[1:], 2) if any(cell.strip() for cell in row)]
    faults = [one for one in read if isinstance(one, Problem)]
    if faults:
        raise UserError(Exit.OFFICE, *faults)
    return WorkCalendar(one for one in read if not isinstance(one, Problem))


def _line(number: int, row: list[str]) -> Line | Problem:
    place = f"baris {number}"
    cells = [cell.strip() for cell in (*row, "", "", "")[: len(COLUMNS)]]
    first, last = _day(cells[0]), _day(cells[1] or cells[0])
    if first is None or last is None:
        return _problem(place, "tanggal tidak terbaca")
    if not 0 <= (last - first).days < LONGEST_DAYS:
        return _problem(place, f"SAMPAI bukan 0 sampai {LONGEST_DAYS - 1} hari sesudah TANGGAL")
    try:
        return first, last, DayKind(cells[2].lower())
    except ValueError:
        return _problem(place, f"JENIS {cells[2]!r}")


def _day(text: str) -> date | None:
    for form in READ_AS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 (a day, not a moment)
        except ValueError:
            continue
    return None


def _problem(place: str, received: str) -> Problem:
    kinds = ", ".join(DayKind)
    return Problem(
        f"kalender.csv, {place}", received,
        f"kolom {';'.join(COLUMNS)}; tanggal HH-BB-TTTT; JENIS salah satu dari {kinds}",
        "betulkan barisnya, atau hapus berkas itu untuk memakai kalender nasional saja",
    )  # fmt: skip
