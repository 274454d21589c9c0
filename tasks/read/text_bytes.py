"""Text that is UTF-8 but for a few damaged bytes: told from Windows-1252, and its damaged lines found."""

import codecs
from pathlib import Path

import numpy as np
import polars as pl

from tasks.read.extract import LINE
from tasks.read.lines import CHUNK_BYTES, Lines
from tasks.read.text_damage import blocks

UNREADABLE = "huruf tidak terbaca"
FIRST_FOREIGN = 0x80
LOST = "\ufffd".encode()  # what stands in the copy where letters were lost
# Letters that offices write. By chance two marks of Windows-1252 make a sequence too, but of a letter nobody uses.
EXPECTED = {char for code in range(FIRST_FOREIGN, 0x100) if (char := bytes([code]).decode("cp1252", "ignore"))} | {
    "\ufeff", *map(chr, range(0x2000, 0x2070))
}  # fmt: skip


def damaged_utf8(path: Path) -> bool:
    """Whether a file that is no valid UTF-8 is UTF-8 all the same: it holds letters that only UTF-8 writes so.

    Either letters that offices use, or more valid sequences than damaged bytes.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    valid = broken = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            if chunk.isascii() and not decoder.getstate()[0]:
                continue
            counts = _foreign(decoder.decode(chunk))
            if not counts.keys().isdisjoint(EXPECTED):
                return True
            broken += sum(count for char, count in counts.items() if "\udc80" <= char <= "\udcff")
            valid += sum(count for char, count in counts.items() if not "\udc80" <= char <= "\udcff")
    return valid > broken


def _foreign(text: str) -> dict[str, int]:
    """How often each character beyond ASCII occurs."""
    codes, counts = np.unique(np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32), return_counts=True)
    return {chr(code): int(count) for code, count in zip(codes, counts, strict=True) if code >= FIRST_FOREIGN}


def lost_letters(lines: Lines, header_at: int) -> pl.DataFrame:
    """LINE and reason of the lines below the header in which letters were lost."""
    found = []
    first_byte, second, third = LOST
    for first, _, codes in blocks(lines):
        at = np.flatnonzero(codes[:-2] == first_byte)
        at = at[(codes[at + 1] == second) & (codes[at + 2] == third)]
        found.append(np.unique(np.searchsorted(lines.starts, at + lines.starts[first], side="right")))
    numbers = np.unique(np.concatenate([np.empty(0, np.int64), *found]))
    return pl.DataFrame({LINE: pl.Series(numbers[numbers > header_at + 1], dtype=pl.Int64)}).with_columns(
        reason=pl.lit(UNREADABLE)
    )
