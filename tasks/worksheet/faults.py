"""Faults of a filled worksheet, collected from every check and told at once, in the order of sheets and cells."""

from dataclasses import dataclass

import polars as pl

from tasks.errors import Exit, Problem, UserError
from tasks.worksheet.layout import DECISIONS, LOCKED, OPEN, PAIR_LOCKED, PAIR_OPEN, PAIRS, address

HEADS = {DECISIONS: (*LOCKED, *OPEN), PAIRS: (*PAIR_LOCKED, *PAIR_OPEN)}
MEND, RESTORE = "perbaiki sel itu", "pulihkan dari lembar semula"
Told = tuple[str, str]  # (what was received, what is allowed); never a value of the sheet: it may name somebody


@dataclass(frozen=True)
class Where:
    """A column of a sheet."""

    sheet: str
    column: str


class Faults:
    """At most one fault per cell: the first that is noted says most. ``heads``: sheet -> its headings, in order."""

    def __init__(self, heads: dict[str, tuple[str, ...]] = HEADS) -> None:
        self.heads = heads
        self._cells: dict[tuple[int, int, int], Problem] = {}
        self._others: list[Problem] = []

    def note(self, where: Where, rows: pl.Series, told: Told, step: str = MEND) -> None:
        """A fault of a column in these rows (Excel's numbers)."""
        heads = self.heads[where.sheet]
        place = (list(self.heads).index(where.sheet), heads.index(where.column))
        for at in rows.to_list():
            problem = Problem(address(where.sheet, heads, where.column, at), *told, step)
            self._cells.setdefault((place[0], at, place[1]), problem)

    def rows(self, sheet: str) -> list[int]:
        """Rows of a sheet with a fault so far, in order."""
        number = list(self.heads).index(sheet)
        return sorted({at for place, at, _ in self._cells if place == number})

    def note_sheet(self, problem: Problem) -> None:
        """A fault of no single cell."""
        self._others.append(problem)

    def refuse(self) -> None:
        """Raises UserError (WORKSHEET) with all of them, if there are any."""
        if self._others or self._cells:
            raise UserError(Exit.WORKSHEET, *self._others, *(self._cells[key] for key in sorted(self._cells)))
