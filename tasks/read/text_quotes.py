"""A cell with a line break in it (Alt+Enter in Excel): the file is refused for what it is."""

import csv
import re
from itertools import pairwise

import numpy as np

from tasks.errors import Exit, Problem, UserError
from tasks.read.lines import Lines, Numbers
from tasks.read.text_damage import blocks
from tasks.read.text_header import DELIMITERS, NIK

MAX_TRIED = 100  # open quotes that are looked at
MAX_BREAKS = 20  # in one cell
MAX_CELL = 2_000


def refuse_line_break(lines: Lines) -> None:
    """Raises UserError (FILE) when a cell in properly closed quotes holds a line break.

    A cell that would swallow a separator or a NIK is an open quote, and not meant here.
    """
    odd = _odd_quotes(lines)[:MAX_TRIED]
    for first, last in pairwise(odd.tolist()):
        if last - first <= MAX_BREAKS and _one_cell(lines, first, last):
            problem = Problem(
                f"{lines.name}, baris {first + 1}-{last + 1}",
                "sel memuat ganti baris (Alt+Enter) di dalam tanda kutip",
                "setiap penduduk dan judul pada satu baris", "hapus ganti baris di dalam sel itu lalu simpan ulang",
            )  # fmt: skip
            raise UserError(Exit.FILE, problem)


def _one_cell(lines: Lines, first: int, last: int) -> bool:
    """Whether these lines are one row in which one cell goes over the line ends."""
    texts = [text + "\n" for text in lines.texts(np.arange(first, last + 1)).to_list()]
    if sum(map(len, texts)) > MAX_CELL * MAX_BREAKS:
        return False
    for delimiter in DELIMITERS:
        try:
            rows = list(csv.reader(texts, delimiter=delimiter, strict=True))
        except csv.Error:
            continue
        broken = [cell for cell in rows[0] if "\n" in cell]
        if len(rows) == 1 and len(rows[0]) > 1 and len(broken) == 1:
            return len(broken[0]) <= MAX_CELL and delimiter not in broken[0] and not re.search(NIK, broken[0])
    return False


def _odd_quotes(lines: Lines) -> Numbers:
    """Indexes of the lines with an odd number of quotes."""
    if not lines.quoted:
        return np.empty(0, np.int64)
    found = []
    for first, last, codes in blocks(lines):
        quotes = np.flatnonzero(codes == ord('"'))
        before = np.searchsorted(quotes, lines.starts[first:last] - lines.starts[first])
        found.append(first + np.flatnonzero(np.diff(np.append(before, len(quotes))) % 2))
    return np.concatenate(found)
