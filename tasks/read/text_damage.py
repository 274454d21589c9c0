"""Lines that cannot be rows: found by counting separators, and kept from the parser.

The parser's own reject list costs seconds and gigabytes when most lines are damaged, and then drops some of them.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tasks.read.extract import LINE
from tasks.read.lines import CHUNK_BYTES, MAX_LINE_BYTES, Lines, Numbers, refusal
from tasks.read.text_header import Header

Flags = np.ndarray[Any, np.dtype[np.bool_]]
MAX_DOUBTFUL = 20_000  # lines with quotes that only the parser can judge
TOO_LONG, TOO_FEW, TOO_MANY = "baris terlalu panjang", "kurang kolom", "terlalu banyak kolom"
OPENED_AGAIN = "tanda kutip dibuka lagi dalam satu sel"  # "A" "B": the parser makes one cell of two


def damaged(lines: Lines, header: Header) -> pl.DataFrame:
    """LINE and reason, in order, of lines below the header that are too long or have too few or too many cells.

    Lines with quotes are left to the parser. Raises UserError (FILE) when too many of them look broken.
    """
    wanted = len(header.cells) - 1
    below = lines.filled
    below[: header.at + 1] = False
    endless = below & (lines.stops - lines.starts > MAX_LINE_BYTES)
    counts, quoted, doubled = _separators(lines, header.delimiter)
    again = np.flatnonzero(below & ~endless & doubled)
    again = again[~lines.texts(again).str.contains(_grammar(header.delimiter)).to_numpy()]
    below[again] = False
    odd = below & ~endless & (counts != wanted)
    if (doubtful := int(np.count_nonzero(odd & quoted))) > MAX_DOUBTFUL:
        received = f"{doubtful:,} baris dengan tanda kutip yang tidak berpasangan atau jumlah kolom lain"
        raise refusal(lines.name, received, "setiap tanda kutip ditutup pada baris yang sama")
    few, many = odd & ~quoted & (counts < wanted), np.flatnonzero(odd & ~quoted & (counts > wanted))
    texts = lines.texts(many)
    trailing = texts.str.len_bytes() - texts.str.strip_chars_end(header.delimiter).str.len_bytes()
    many = many[counts[many] - wanted > trailing.to_numpy()]  # empty cells too many hold nothing
    found = [
        (np.flatnonzero(endless), TOO_LONG),
        (np.flatnonzero(few), TOO_FEW),
        (many, TOO_MANY),
        (again, OPENED_AGAIN),
    ]
    return pl.concat(
        pl.DataFrame({LINE: pl.Series(at + 1, dtype=pl.Int64)}).with_columns(reason=pl.lit(reason))
        for at, reason in found
    ).sort(LINE)


def without(lines: Lines, hidden: Numbers, copy: Path) -> Path:
    """The file, or a copy in which the hidden lines are empty and every line keeps its number."""
    if not len(hidden):
        return lines.path
    shown = np.ones(len(lines), np.bool_)
    shown[hidden] = False
    with copy.open("wb") as made:
        for first, last, codes in blocks(lines):
            content = lines.stops[first:last] - lines.starts[first:last]
            ends = np.diff(np.append(lines.starts[first:last], lines.starts[first] + len(codes))) - content
            kept = np.repeat(
                np.column_stack((shown[first:last], np.ones_like(shown[first:last]))).ravel(),
                np.column_stack((content, ends)).ravel(),
            )
            made.write(codes[kept].tobytes())
    return copy


def _grammar(delimiter: str) -> str:
    """A line whose quoted cells are quoted once, from their first to their last letter."""
    mark = re.escape(delimiter)
    cell = rf'(?: *"(?:[^"]|"")*" *| *[^{mark}" ][^{mark}]*| *)'
    return rf"^{cell}(?:{mark}{cell})*$"


def _separators(lines: Lines, delimiter: str) -> tuple[Numbers, Flags, Flags]:
    """How many separators each line has outside quotes, whether it has quotes at all, and two with blanks between."""
    counts, quoted = np.zeros(len(lines), np.int64), np.zeros(len(lines), np.bool_)
    doubled = np.zeros(len(lines), np.bool_)
    for first, last, codes in blocks(lines):
        starts = lines.starts[first:last] - lines.starts[first]
        places = np.flatnonzero(codes == ord(delimiter))
        counts[first:last] = np.diff(np.append(np.searchsorted(places, starts), len(places)))
        quotes = np.flatnonzero(codes == ord('"')) if lines.quoted else places[:0]
        if len(quotes):
            before = np.searchsorted(quotes, starts)
            quoted[first:last] = np.diff(np.append(before, len(quotes))) > 0
            blank = (codes[quotes[:-1] + 1] == ord(" ")) & (codes[quotes[1:] - 1] == ord(" "))
            doubled[first + np.searchsorted(starts, quotes[:-1][blank], side="right") - 1] = True
            line = np.repeat(np.arange(last - first), counts[first:last])
            outside = (np.searchsorted(quotes, places) - before[line]) % 2 == 0
            counts[first:last] = np.bincount(line[outside], minlength=last - first)
    return counts, quoted, doubled


def blocks(lines: Lines) -> Iterator[tuple[int, int, "np.ndarray[tuple[int], np.dtype[np.uint8]]"]]:
    """Lines first to last (not included) and their bytes, some at a time."""
    size = int(lines.path.stat().st_size)
    edges = np.searchsorted(lines.starts, np.arange(0, size, CHUNK_BYTES), side="right")
    edges = np.unique(np.concatenate([[0], edges, [len(lines)]]))
    with lines.path.open("rb") as file:
        for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            start = int(lines.starts[first])
            file.seek(start)
            stop = int(lines.starts[last]) if last < len(lines) else size
            yield first, last, np.frombuffer(file.read(stop - start), np.uint8)
