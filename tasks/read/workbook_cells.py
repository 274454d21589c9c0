"""What the cells in a worksheet's XML are like, found by regular expressions in Rust: no row passes through Python."""

import re
import zipfile
from dataclasses import dataclass, field

import polars as pl

CELL = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,9})([0-9]{1,20})["']""")
REFERENCE_BYTES = 64  # a reference cut in two by a chunk's end is seen again in the next
VALUE = r"""\s*=\s*(?:"[^"]*"|'[^']*')"""
ANY = r"""[^\s=>"'/]+""" + VALUE
NOT_T = r"""(?:[^\st=>"'/][^\s=>"'/]*|t[^\s=>"'/]+)""" + VALUE
NOT_R = r"""(?:[^\sr=>"'/][^\s=>"'/]*|r[^\s=>"'/]+)""" + VALUE
# Text cells (and empty ones) of narrow sheets as nearly every program writes them; when a piece holds nothing else,
# there is nothing more to see in it.
STYLE = r'(?: s="[0-9]+")?'
PLAIN = (rf'<(?:c r="A?[A-Z][0-9]{{1,5}}"{STYLE}(?: t="s"{STYLE}><v>[0-9]+</v></c>| t="str"{STYLE}><v>[^<]*</v></c>'
         rf'| t="inlineStr"{STYLE}><is><t(?: [^<>]*)?>[^<]*</t></is></c>|/>)|row r="[0-9])')  # fmt: skip
NUMBER = rf'<c r="A?[A-Z][0-9]{{1,5}}"{STYLE}><v>-?[0-9][0-9.eE+-]*</v></c>'
PLAIN_ROWS, PLAIN_COLUMNS = 99_999, 52
TAG = r"<(?:c|row|f)[\s/>]"
UNTYPED = rf"<c(?:\s*{NOT_T})*\s*>\s*<[^/]"
TYPED = rf"""<c(?:\s*{ANY})*?\s*t\s*=\s*["'](?:n|b|d|e)["'](?:\s*{ANY})*\s*>\s*<[^/]"""
NAMELESS = rf"<(?:c|row)(?:\s*{NOT_R})*\s*/?>"
FORMULA = r"<f[\s/>]"
REFERENCE = r"""\sr\s*=\s*["']([A-Za-z]+[0-9]+)"""
FULL = "</c>"
EMPTY = r"<v(?:\s[^<>]*)?(?:/>|>\s*</v>)"  # an empty number or index is an empty cell
EMPTY_TEXT = rf"""<c(?:\s*{ANY})*?\s*t\s*=\s*["']str["'](?:\s*{ANY})*\s*>\s*{EMPTY}"""
BARE = r"<c(?:\s[^<>]*[^<>/])?>\s*</c>"
ERROR = rf"""<c(?:\s*{ANY})*?\s*t\s*=\s*["']e["'](?:\s*{ANY})*"""
# What the reader takes for the first text, or for nothing: an index that is no number, a value of another kind's tag.
ASTRAY = (rf"""<c(?:\s*{ANY})*?\s*t\s*=\s*["'](?:s["'](?:\s*{ANY})*\s*>\s*<v(?:\s[^<>]*)?>[0-9]*[^0-9<]"""
          rf"""|inlineStr["'](?:\s*{ANY})*\s*>\s*<v)|</(?:is|v)>\s*<(?:is|v)[\s/>]"""
          r"""|<v>\s*[+-]?(?i:nan|inf|infinity)\s*</v>""")  # fmt: skip
NESTED = r"<t(?:\s[^<>]*)?>[^<]*<[^/]"  # a tag inside a text: the reader would take the inner text only
PREFIXED = r":(?:c|row|v|f|is)[\s/>]"
PREFIX = re.compile(rb"<(/?)[\w.-]+:(?=(?:c|row|v|f|is)[\s/>])")
WIDE = r"""\sr\s*=\s*["']([A-Za-z]{2,})"""
NARROW_COLUMNS = 26
MAX_CELLS = 20_000_000
MAX_SHOWN = 5
MAX_COLUMNS = 1_024  # each costs the reader time, empty or not: 65,000 of them seconds
SPARSE_CELLS, SPARSE_TIMES = 2_000_000, 20
ROW_DIGITS = 6  # from here on row numbers are read one by one; below, their number of digits is enough


class CellsError(ValueError):
    """A sheet that no check can vouch for; the text says why and holds nothing of a resident."""


@dataclass
class Cells:
    """What was seen of one sheet so far.

    ``rows`` and ``columns``: no cell lies beyond; ``numbers``: addresses of cells that are not text, in pieces;
    ``formula``: the first cell with a formula, "" when there is none; ``tags``: no more cells than this are written;
    ``filled``: how many cells hold something, empty text too: a reader that gives fewer has lost one;
    ``fault``: what no reader can tell for certain; ``errors``: addresses of cells that hold #N/A and the like.
    """

    rows: int = 0
    columns: int = NARROW_COLUMNS
    formula: str = ""
    tags: int = 0
    filled: int = 0
    fault: str = ""
    numbers: list[pl.Series] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def told_fault(self) -> str:
        """What no reader can tell for certain, cells with errors among it; "" for nothing."""
        return self.fault or told_errors(self.errors)

    def too_far(self) -> bool:
        """Whether the rectangle up to the farthest cell may be too big, or nearly empty: readers allocate all of it."""
        return self.columns > MAX_COLUMNS or too_sparse(self.rows * self.columns, self.tags)

    def addresses(self) -> pl.Series:
        """All cells that are not text, as "B7"."""
        return pl.concat(self.numbers) if self.numbers else pl.Series([], dtype=pl.String)

    def look(self, piece: bytes) -> None:
        """Notes what a piece of XML, cut between tags, holds. Raises CellsError when it cannot be judged."""
        try:
            text = pl.Series([piece], dtype=pl.Binary).cast(pl.String)
        except pl.exceptions.PolarsError:  # its message quotes the sheet
            raise CellsError("XML di dalam buku kerja bukan UTF-8") from None
        # One byte is found many times faster than two, and most sheets have neither ":" nor "!".
        if b":" in piece and text.str.contains(PREFIXED)[0]:
            piece = PREFIX.sub(rb"<\1", piece)
            text = pl.Series([piece], dtype=pl.Binary).cast(pl.String)
        if text.str.contains(NESTED)[0]:
            raise CellsError("teks sel memuat tanda XML yang tidak dikenal; perlu disimpan ulang dengan Excel")
        tags = text.str.count_matches(TAG)[0]
        if not tags:
            return
        self.tags += tags
        if b"!" in piece and b"<!" in piece:
            raise CellsError("lembar memuat komentar XML di antara selnya; perlu disimpan ulang dengan Excel")
        plain = text.str.count_matches(PLAIN)[0]
        numbers = text.str.extract_all(NUMBER).explode().drop_nulls() if plain < tags else text.clear()
        if plain + numbers.len() == tags:
            self.numbers += [numbers.str.extract(REFERENCE)] if numbers.len() else []
            self.rows, self.columns = max(self.rows, PLAIN_ROWS), max(self.columns, PLAIN_COLUMNS)
            self.filled += piece.count(FULL.encode())
        else:
            self._widen(text)
            self._look_closely(text)

    def _look_closely(self, text: pl.Series) -> None:
        if text.str.contains(NAMELESS)[0]:
            raise CellsError("lembar memuat sel atau baris tanpa alamat; perlu disimpan ulang dengan Excel")
        if text.str.contains(ASTRAY)[0]:
            self.fault = "memuat sel yang isinya tidak sesuai jenisnya"
        errors = text.str.extract_all(ERROR).explode().drop_nulls()
        self.errors += errors.str.extract(REFERENCE).str.to_uppercase().fill_null("?").to_list()
        self.filled += sum(
            sign * text.str.count_matches(pattern)[0]
            for pattern, sign in ((FULL, 1), (BARE, -1), (EMPTY, -1), (EMPTY_TEXT, 1))
        )
        found = text.str.extract_all(f"{UNTYPED}|{TYPED}").explode().drop_nulls()
        if found.len():
            self.numbers.append(found.str.extract(REFERENCE).str.to_uppercase())
        if not self.formula and text.str.contains(FORMULA)[0]:
            before = text.str.extract(rf"(?s)^(.*?){FORMULA}").str.extract_all(REFERENCE).explode().drop_nulls()
            self.formula = str(before.str.extract(REFERENCE)[-1]).upper() if before.len() else "?"

    def _widen(self, text: pl.Series) -> None:
        wide = text.str.extract_all(WIDE).explode().drop_nulls().unique().str.extract(WIDE)
        self.columns = max([self.columns, *(column_number(letters) for letters in wide)])
        far = text.str.extract_all(rf"""\sr\s*=\s*["'][A-Za-z]+[0-9]{{{ROW_DIGITS},}}""").explode().drop_nulls()
        if far.len():
            self.rows = max(self.rows, *(int(row) for row in far.str.extract(r"([0-9]+)$").unique()))
            return
        for digits in range(ROW_DIGITS - 1, 0, -1):
            if 10**digits - 1 <= self.rows:
                return
            if text.str.contains(rf"""\sr\s*=\s*["'][A-Za-z]+[0-9]{{{digits}}}""")[0]:
                self.rows = 10**digits - 1
                return

    def measure_exactly(self, archive: zipfile.ZipFile, member: str, chunk_bytes: int) -> None:
        """Reads the member once more and takes the farthest cell itself."""
        self.rows, self.columns, tail = 1, 1, b""
        with archive.open(member) as stream:
            while chunk := stream.read(chunk_bytes):
                for letters, row in set(CELL.findall(tail + chunk)):
                    self.rows = max(self.rows, int(row))
                    self.columns = max(self.columns, column_number(letters.decode()))
                tail = chunk[-REFERENCE_BYTES:]


def told_errors(cells: list[str]) -> str:
    """What a refusal says of cells that hold #N/A and the like, which readers take for empty; "" for none."""
    shown = ", ".join(cells[:MAX_SHOWN]) + (" ..." if len(cells) > MAX_SHOWN else "")
    return f"memuat {len(cells)} sel galat (#N/A, #REF! dan sejenisnya), yaitu {shown}" if cells else ""


def too_sparse(rectangle: int, filled: int) -> bool:
    """A stray cell far away makes a reader allocate a huge empty sheet: seconds and gigabytes for nothing."""
    return rectangle > MAX_CELLS or (rectangle > SPARSE_CELLS and rectangle > SPARSE_TIMES * filled)


def column_number(letters: str) -> int:
    """``"AB"`` -> 28."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def column_letters(number: int) -> str:
    """28 -> ``"AB"``."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
