"""The physical lines of a text file, surveyed in one streamed pass: bounds, bytes that are no text, where lines end."""

import codecs
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tasks.errors import Exit, Problem, UserError

MAX_TEXT_BYTES = 1 << 30
MAX_LINE_BYTES = 1 << 20  # longer: a reject
MAX_ENDLESS_BYTES = 1 << 24  # longer: no line of a register at all, the file is refused
MAX_LINES = 5_000_000
CHUNK_BYTES = 1 << 20  # stays in the processor's cache
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
BEFORE_CELL = np.frombuffer(b';,|\t\n\r" \xa0', np.uint8)
AFTER_MINUS = np.array([chr(code).isalnum() or chr(code) in "+-@=.(" for code in range(128)] + [True] * 128)
FULL_WIDTH = 0xEF  # first byte of the wide = + @ of East Asian keyboards, which spreadsheets take too

Numbers = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Lines:
    """Where each physical line of a file lies: ``starts`` and ``stops`` in bytes, the line end left out.

    ``name``: the file's name for people, also when ``path`` is a copy of it.

    ``utf8``: the bytes are valid UTF-8; ``even``: every line ends alike, with LF or with CR LF; ``quoted``: there is
    a quote; ``suspects``: indexes of lines where a cell may start a formula (more than do, never fewer).
    """

    path: Path
    name: str
    starts: Numbers
    stops: Numbers
    utf8: bool
    even: bool
    quoted: bool
    suspects: Numbers

    def __len__(self) -> int:
        """Physical lines; a final line end starts none."""
        return len(self.starts)

    @property
    def filled(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Which lines hold at least one byte."""
        return self.stops > self.starts

    def texts(self, indexes: Numbers) -> pl.Series:
        """The text of these lines (0-based, ascending), read again from the file. Only for valid UTF-8."""
        import pyarrow as pa

        if not len(indexes):
            return pl.Series(dtype=pl.String)
        first, last = int(indexes[0]), int(indexes[-1])
        base, end = int(self.starts[first]), int(self.stops[last])
        with self.path.open("rb") as file:
            file.seek(base)
            raw = file.read(end - base)
        if len(raw) != end - base:
            raise refusal(self.name, "berkas berubah ketika dibaca")
        # Line after line in one buffer; the next line's start bounds each, so its line end is cut off afterwards.
        bounds = np.append(self.starts[first : last + 1], end) - base
        buffers = [None, pa.py_buffer(bounds), pa.py_buffer(raw)]
        lines = pa.LargeBinaryArray.from_buffers(pa.large_binary(), last + 1 - first, buffers)
        taken = pl.Series(lines.take(pa.array(indexes - first)).cast(pa.large_string()))
        return taken.str.strip_suffix("\n").str.strip_suffix("\r")


@dataclass
class _Tally:
    """What is known after the chunks read so far."""

    name: str
    wide: bool
    at: int = 0
    last_end: int = 0
    feeds: int = 0
    returns: int = 0
    pairs: int = 0
    quoted: bool = False
    utf8: bool = True
    ends: list[Numbers] = field(default_factory=list)
    suspects: list[Numbers] = field(default_factory=list)


def survey(path: Path, name: str = "") -> Lines:
    """Reads a file once, in pieces, and tells where its lines lie. UTF-16 is bounded only: re-encode it first.

    Raises UserError (FILE) for a file or a line beyond the bounds and for bytes that are no text, as soon as they are
    met: no more than a piece of the file is ever in memory.
    """
    name, size = name or path.name, path.stat().st_size
    if size > MAX_TEXT_BYTES:
        raise refusal(name, f"berkas {size >> 20} MiB", f"paling besar {MAX_TEXT_BYTES >> 20} MiB")
    with path.open("rb") as file:
        mark = file.read(len(codecs.BOM_UTF8))
        file.seek(0)
        tally = _Tally(name, wide=mark[:2] in UTF16_MARKS)
        decoder = codecs.getincrementaldecoder("utf-8")()
        before = b"\n"
        while chunk := file.read(CHUNK_BYTES):
            _bound(tally, chunk)
            if not tally.wide:
                _decode(tally, decoder, chunk)
                _mark_ends(tally, before, chunk)
                _suspect(tally, before, chunk)
            tally.at += len(chunk)
            before = chunk[-1:]
        _decode(tally, decoder, b"")
    return _lines(path, tally, len(codecs.BOM_UTF8) if mark == codecs.BOM_UTF8 else 0)


def _bound(tally: _Tally, chunk: bytes) -> None:
    end = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
    first = min((at for at in (chunk.find(b"\n"), chunk.find(b"\r")) if at >= 0), default=len(chunk))
    if tally.at + first - tally.last_end > MAX_ENDLESS_BYTES:
        place = f"{tally.name}, baris {tally.feeds + 1}" if not tally.wide else tally.name
        received = f"baris lebih panjang dari {MAX_ENDLESS_BYTES >> 20} MiB"
        raise refusal(place, received, f"baris paling panjang {MAX_LINE_BYTES >> 20} MiB")
    if end >= 0:
        tally.last_end = tally.at + end + 1
    if not tally.wide and b"\0" in chunk:
        raise refusal(tally.name, "isi berkas bukan teks yang terbaca (byte NUL)")


def _decode(tally: _Tally, decoder: codecs.IncrementalDecoder, chunk: bytes) -> None:
    if not tally.utf8 or (chunk.isascii() and chunk and not decoder.getstate()[0]):
        return
    try:
        decoder.decode(chunk, final=not chunk)
    except UnicodeDecodeError:
        tally.utf8 = False


def _mark_ends(tally: _Tally, before: bytes, chunk: bytes) -> None:
    ends = np.flatnonzero(np.frombuffer(chunk, np.uint8) == ord("\n"))
    tally.ends.append(ends + tally.at)
    tally.feeds += len(ends)
    if tally.feeds > MAX_LINES:
        raise refusal(tally.name, f"lebih dari {MAX_LINES:,} baris", f"paling banyak {MAX_LINES:,} baris")
    if b"\r" in chunk or before == b"\r":
        tally.returns += chunk.count(b"\r")
        tally.pairs += chunk.count(b"\r\n") + (before == b"\r" and chunk[:1] == b"\n")
    tally.quoted = tally.quoted or b'"' in chunk


def _suspect(tally: _Tally, before: bytes, chunk: bytes) -> None:
    """Notes each = @ + - that stands where a cell begins; a minus only before something to count with."""
    signs = [ord(sign) for sign in "=@+-" if sign.encode() in chunk]
    signs += [FULL_WIDTH] if not chunk.isascii() else []
    codes = np.frombuffer(chunk, np.uint8)
    for sign in signs:
        at = np.flatnonzero(codes == sign)
        previous = np.where(at > 0, codes[at - 1], before[0])
        at = at[np.isin(previous, BEFORE_CELL)]
        if sign == ord("-"):
            at = at[AFTER_MINUS[codes[np.minimum(at + 1, len(codes) - 1)]] | (at + 1 == len(codes))]
        if len(at):
            tally.suspects.append(at + tally.at)


def _lines(path: Path, tally: _Tally, mark: int) -> Lines:
    ends = np.concatenate([np.empty(0, np.int64), *tally.ends])
    paired = tally.returns > 0
    stops = ends - int(paired)
    starts = np.concatenate([[np.int64(0)], ends + 1])
    if starts[-1] < tally.at:
        stops = np.append(stops, tally.at)
    else:
        starts = starts[:-1]
    if len(starts):
        starts[0] = mark
    even = tally.returns == tally.pairs and tally.pairs in {0, tally.feeds}
    places = np.sort(np.concatenate([np.empty(0, np.int64), *tally.suspects]))
    suspects = np.unique(np.searchsorted(stops, places, side="left"))
    return Lines(path, tally.name, starts, stops, tally.utf8 and not tally.wide, even, tally.quoted, suspects)


def refusal(place: str, received: str, allowed: str = "teks UTF-8, UTF-16 atau Windows-1252") -> UserError:
    """A file that is not read at all: no text, or beyond a bound."""
    return UserError(Exit.FILE, Problem(place, received, allowed, "simpan ulang sebagai CSV (UTF-8) atau XLSX"))
