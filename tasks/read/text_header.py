"""Where the header row of a text file stands, and what separates its cells."""

import csv
import re
from dataclasses import dataclass

import numpy as np

from expectations.columns import canonical_name
from tasks.read.extract import HEADER_MIN_KNOWN, HEADER_SEARCH_LINES
from tasks.read.lines import Lines, refusal

DELIMITERS = (";", ",", "|", "\t")
MAX_HEADER_BYTES = 1 << 16
MAX_COLUMNS = 256
NIK = r"\d{13}"  # whole, or with a few digits lost


@dataclass(frozen=True)
class Header:
    """``at``: 0-based index of the header line; ``cells``: its texts, unquoted and stripped, no more than looked at."""

    at: int
    delimiter: str
    cells: tuple[str, ...]

    @property
    def known(self) -> int:
        """How many cells name a column of the contract."""
        return sum(canonical_name(cell) is not None for cell in self.cells)


def find_header(lines: Lines) -> Header:
    """The line, of those searched, with enough known headers: the first with NIK, else the one with most of them.

    A title of labels ("KECAMATAN;KRANGGAN;...") is none. A resident's line ends the search; without any header the
    first line with text is returned, to be refused. Raises UserError (FILE) for a header line beyond the bounds.
    """
    head = lines.starts[:HEADER_SEARCH_LINES], lines.stops[:HEADER_SEARCH_LINES]
    with lines.path.open("rb") as file:
        fallback: Header | None = None
        found: list[Header] = []
        for at, (start, stop) in enumerate(zip(*head, strict=True)):
            file.seek(start)
            raw = file.read(min(stop - start, MAX_HEADER_BYTES))
            split = _split(at, text := raw.decode("utf-8", "ignore"))
            if found and re.search(NIK, text):
                break
            fallback = fallback or (split if any(split.cells) else None)
            found += [split] if split.known >= HEADER_MIN_KNOWN else []
            if split in found and any(canonical_name(cell) == "nik" for cell in split.cells):
                return _bounded(lines, split)
    if found:
        return _bounded(lines, max(found, key=lambda header: header.known))
    return _bounded(lines, fallback) if fallback else Header(0, DELIMITERS[0], ("",))


def _split(at: int, text: str) -> Header:
    """The separator that gives most known headers; none known: the one that occurs most."""
    found = []
    for delimiter in DELIMITERS:
        cells = next(csv.reader([text], delimiter=delimiter, skipinitialspace=True), [])
        shown = cells[: MAX_COLUMNS + 1]  # enough to see that there are too many
        found.append(Header(at, delimiter, tuple(cell.strip().strip('"') for cell in shown)))
    return max(found, key=lambda header: (header.known, len(header.cells)))


def _bounded(lines: Lines, header: Header) -> Header:
    size = int(np.subtract(lines.stops[header.at], lines.starts[header.at]))
    if size > MAX_HEADER_BYTES or len(header.cells) > MAX_COLUMNS:
        received = f"baris judul {size:,} byte atau lebih dari {MAX_COLUMNS} kolom"
        allowed = f"paling banyak {MAX_COLUMNS} kolom dan {MAX_HEADER_BYTES:,} byte"
        raise refusal(f"{lines.name}, baris {header.at + 1}", received, allowed)
    return header
