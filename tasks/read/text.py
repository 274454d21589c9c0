"""Delimited text: surveyed line by line, then read by DuckDB's strict parser, which keeps every damaged line."""

import codecs
import shutil
import tempfile
from dataclasses import dataclass
from glob import escape
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from tasks.errors import Exit, Problem, UserError
from tasks.read.extract import LINE, MAX_SHOWN, Extract, Layout, ignored_headers, map_headers, no_rejects, to_contract
from tasks.read.lines import CHUNK_BYTES, MAX_LINE_BYTES, UTF16_MARKS, Lines, Numbers, refusal, survey
from tasks.read.text_bytes import UNREADABLE, damaged_utf8, lost_letters
from tasks.read.text_damage import TOO_FEW, TOO_LONG, TOO_MANY, damaged, without
from tasks.read.text_header import NIK, Header, find_header
from tasks.read.text_layout import BLANK, BLANKS, FORMULA_REASON, OTHER, formula_lines, layout_lines
from tasks.read.text_quotes import refuse_line_break
from tasks.read.text_tables import refuse_bip, refuse_bip_print, refuse_other_header

MAX_CELLS = 200_000_000
DAMAGED = "utf-8 (ada huruf rusak)"
HEADER, ABOVE = "judul", "di atas judul"
REASONS = {
    "TOO MANY COLUMNS": TOO_MANY,
    "MISSING COLUMNS": TOO_FEW,
    "UNQUOTED VALUE": "tanda kutip tidak ditutup",
    "LINE SIZE OVER MAXIMUM": TOO_LONG,
    "INVALID ENCODING": UNREADABLE,
}


@dataclass(frozen=True)
class _Source:
    """A surveyed file in UTF-8 with like line ends: the received one, or a copy with the same lines.

    ``hidden``: indexes of filled lines that the parser is not shown: titles (a stray quote in one would swallow the
    header) and damaged lines.
    """

    lines: Lines
    header: Header
    hidden: Numbers

    @property
    def columns(self) -> list[str]:
        """What the parser calls the columns."""
        return [f"c{at}" for at in range(len(self.header.cells))]


def read_text(path: Path, scratch: Path) -> Extract:
    """Reads CSV/TSV: separator and header found, every value stays text, every line accounted for.

    Damaged lines and lines with a formula are rejects with their text. ``scratch`` is a private folder for a copy,
    made only when the encoding, the line ends, titles above the header or damaged lines need it, and removed before
    returning. Raises UserError (FILE, COLUMNS); then nothing of the file is to be loaded.
    """
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        lines, encoding = readable(path, Path(folder) / "utf8.csv")
        try:
            return _read_lines(lines, encoding, Path(folder) / "baris.csv")
        except UserError:
            refuse_line_break(lines)  # the true reasons, when they are
            refuse_bip_print(lines)
            raise


def _read_lines(lines: Lines, encoding: str, copy: Path) -> Extract:
    header = find_header(lines)
    mapping = map_headers(lines.name, dict(enumerate(header.cells, start=1)))
    if np.count_nonzero(lines.filled) * len(header.cells) > MAX_CELLS:
        raise refusal(lines.name, f"lebih dari {MAX_CELLS:,} sel", f"paling banyak {MAX_CELLS:,} sel")
    faults = damaged(lines, header)
    if encoding == DAMAGED:
        faults = pl.concat([faults, lost_letters(lines, header.at)]).unique(LINE, keep="last").sort(LINE)
    hidden = np.append(np.flatnonzero(lines.filled[: header.at]), faults[LINE].to_numpy() - 1)
    source = _Source(lines, header, hidden)
    rows, more = _parse(source, without(lines, hidden, copy))
    rows = _numbered(source, rows, more)
    rows, rejects, counts = _sort_out(source, mapping, rows, pl.concat([faults, more]))
    named = rows.rename(dict(zip(source.columns, header.cells, strict=True)))
    separator = "tab" if header.delimiter == "\t" else repr(header.delimiter)
    kind = f"teks {encoding}, pemisah {separator}"
    layout = Layout(kind, header.at + 1, mapping, ignored_headers(mapping), lines=counts)
    return Extract(lines.name, layout, to_contract(named, mapping), rejects, len(lines))


def readable(path: Path, copy: Path) -> tuple[Lines, str]:
    """The file's lines when it is UTF-8 with like line ends; else those of a re-encoded copy. And the encoding."""
    lines = survey(path)
    with path.open("rb") as file:
        mark = file.read(len(codecs.BOM_UTF8))
    marked = mark == codecs.BOM_UTF8
    encoding = "utf-16" if mark[:2] in UTF16_MARKS else "utf-8" if lines.utf8 else "cp1252"
    lost = encoding == "cp1252" and (marked or damaged_utf8(path))
    if not (lines.utf8 and lines.even):
        decoder = "utf-8-sig" if lines.utf8 or lost else encoding
        try:
            with (
                path.open(encoding=decoder, errors="replace" if lost else "strict") as received,
                copy.open("w", encoding="utf-8", newline="\n") as made,
            ):
                shutil.copyfileobj(received, made, CHUNK_BYTES)  # read as text: every line end becomes LF
        except UnicodeError:
            raise refusal(path.name, "isi berkas bukan teks yang terbaca") from None
        lines = survey(copy, path.name)
    return lines, DAMAGED if lost else "utf-8 (BOM)" if marked else encoding


def _parse(source: _Source, path: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows as text, the header the first of them, and LINE, reason of the lines that are no rows.

    One thread: it needs less CPU and half the memory of two for the same time, and keeps the order of lines.
    """
    con = duckdb.connect(config={"threads": 1})
    try:
        con.execute("set produce_arrow_string_view = true")  # the layout polars keeps: no copy on the way
        rows = con.read_csv(
            escape(str(path)), columns=dict.fromkeys(source.columns, "varchar"), delimiter=source.header.delimiter,
            header=False, quotechar='"', strict_mode=True, store_rejects=True, rejects_limit=0, null_padding=False,
            max_line_size=MAX_LINE_BYTES, auto_detect=False, compression="none", hive_partitioning=False,
        ).pl()  # fmt: skip
        faults = con.execute(
            "select line::bigint, max(error_type::varchar) from reject_errors group by line order by line"
        ).pl()
    except duckdb.OperationalError:  # memory or disk: the machine's fault, not the file's
        raise
    except duckdb.Error:  # its message quotes the file: never shown
        raise _broken_quotes(source.lines.name, "baris", "isi tidak dapat dipisah menjadi kolom") from None
    finally:
        con.close()
    faults.columns = [LINE, "reason"]
    return rows, faults.with_columns(pl.col("reason").replace(REASONS))


def _numbered(source: _Source, rows: pl.DataFrame, faults: pl.DataFrame) -> pl.DataFrame:
    """The rows with their line numbers: lines that are filled, shown and not at fault.

    Proven twice: by their count, and by each row's bytes, which are those of its line. A quote that swallows lines
    breaks both.
    """
    lines, header = source.lines, source.header
    if not faults[LINE].is_between(1, len(lines)).all():
        raise _broken_quotes(source.lines.name, "baris", "isi tidak dapat dipisah menjadi kolom")
    left = lines.filled
    left[source.hidden] = False
    left[faults[LINE].to_numpy() - 1] = False
    indexes = np.flatnonzero(left)
    places = ", ".join(str(line) for line in faults[LINE].head(MAX_SHOWN)) or "tidak diketahui"
    if lost := len(indexes) - rows.height:
        received = f"{lost} baris tertelan (tanda kutip tidak ditutup)"
        raise _broken_quotes(source.lines.name, f"dekat baris {places}", received)
    if not len(indexes) or indexes[0] != header.at:
        raise _broken_quotes(
            source.lines.name, f"baris judul {header.at + 1}", "judul tidak dapat dipisah menjadi kolom"
        )
    # A row of one line has no line end in a cell: the parser sometimes goes on in the middle of a damaged line.
    if lines.quoted and rows.select(pl.any_horizontal(pl.all().str.contains("\n", literal=True)).any()).item():
        raise _broken_quotes(source.lines.name, f"dekat baris {places}", "sel lebih panjang dari barisnya")
    cells = rows.select(pl.sum_horizontal(pl.all().str.len_bytes())).to_series().to_numpy()
    spare = (lines.stops - lines.starts)[indexes] - (len(header.cells) - 1) - cells  # quotes, and blanks around them
    wrong = np.flatnonzero(spare)
    # The parser takes separators too many at the end of a line: empty cells, nothing is lost with them.
    texts = lines.texts(indexes[wrong])
    trailing = texts.str.len_bytes() - texts.str.strip_chars_end(header.delimiter).str.len_bytes()
    left_out = trailing + _marks(texts.to_frame()) - _marks(rows[wrong])
    if len(wrong := wrong[(spare[wrong] < 0) | (spare[wrong] > left_out.to_numpy())]):
        place = f"dekat baris {indexes[wrong[0]] + 1}"
        raise _broken_quotes(source.lines.name, place, "isi sel tidak sama dengan barisnya (tanda kutip tidak ditutup)")
    # In pieces as long as the parser's: frames of unlike pieces are copied whole by each later step.
    pieces = np.split(indexes + 1, np.cumsum(rows.to_series(0).chunk_lengths())[:-1])
    return rows.with_columns(pl.concat([pl.Series(LINE, piece, dtype=pl.Int64) for piece in pieces], rechunk=False))


def _marks(rows: pl.DataFrame) -> pl.Series:
    """Quotes and blanks of each row: all that may stand in a line and not in its cells."""
    return rows.select(pl.sum_horizontal(pl.all().str.count_matches('[" \t]').fill_null(0).cast(pl.Int64))).to_series()


def _sort_out(
    source: _Source, mapping: dict[str, str], rows: pl.DataFrame, faults: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, int]]:
    """Residents' rows, rejects with their text, and how many lines of each layout."""
    lines, at = source.lines, source.header.at
    rows = rows.slice(1)  # the header
    formulas = formula_lines(rows[np.flatnonzero(np.isin(rows[LINE].to_numpy(), lines.suspects + 1))])
    column = {name: source.columns[place] for place, name in enumerate(mapping.values())}
    layout = layout_lines(rows, source.header.cells, column["nik"], column["nama_lgkp"])
    refuse_other_header(lines.name, layout.filter(pl.col("kind") == OTHER)[LINE])
    layout = layout.filter(~pl.col(LINE).is_in(formulas.implode()))
    if len(formulas) + layout.height:
        rows = rows.filter(~pl.col(LINE).is_in(pl.concat([formulas, layout[LINE]]).implode()))
    refuse_bip(lines.name, rows, column["nik"])
    above = _residents_above(lines, at)
    added = [(formulas, FORMULA_REASON), (above, ABOVE)]
    found = pl.concat([faults, *(line.to_frame().with_columns(reason=pl.lit(reason)) for line, reason in added)])
    found = found.sort(LINE)
    found = found.with_columns(lines.texts(found[LINE].to_numpy() - 1).alias("text"))
    blank = found["text"].str.strip_chars(BLANKS + source.header.delimiter) == ""
    counts = {HEADER: 1, ABOVE: int(np.count_nonzero(lines.filled[:at])) - len(above)}
    counts |= dict(layout["kind"].value_counts(sort=True).iter_rows())
    counts[BLANK] = counts.get(BLANK, 0) + int(np.count_nonzero(~lines.filled)) + int(blank.sum())
    rejects = found.filter(~blank)
    return rows, rejects if rejects.height else no_rejects(), {kind: count for kind, count in counts.items() if count}


def _residents_above(lines: Lines, header_at: int) -> pl.Series:
    """Numbers of the lines above the header that hold a NIK: pasted there, and no title."""
    indexes = np.flatnonzero(lines.filled[:header_at])
    return pl.Series(LINE, indexes[lines.texts(indexes).str.contains(NIK).to_numpy()] + 1, dtype=pl.Int64)


def _broken_quotes(name: str, place: str, received: str) -> UserError:
    return UserError(
        Exit.FILE,
        Problem(
            f"{name}, {place}",
            received,
            "setiap tanda kutip ditutup pada baris yang sama",
            "perbaiki tanda kutip atau minta kirim ulang",
        ),
    )
