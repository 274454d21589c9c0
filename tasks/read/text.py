"""Delimited text: re-encoded, then read by DuckDB's strict parser, which keeps every rejected line with its reason."""

import re
import tempfile
from pathlib import Path

import duckdb
import polars as pl

from tasks.errors import Exit, Problem, UserError
from tasks.read.extract import LINE, MAX_SHOWN, Extract, map_headers, no_rejects, to_contract

DELIMITERS = (";", ",", "|", "\t")
MAX_LINE_BYTES = 1 << 20
REASONS = {
    "TOO MANY COLUMNS": "terlalu banyak kolom",
    "MISSING COLUMNS": "kurang kolom",
    "UNQUOTED VALUE": "tanda kutip tidak ditutup",
    "LINE SIZE OVER MAXIMUM": "baris terlalu panjang",
    "INVALID ENCODING": "huruf tidak terbaca",
}


def decode(path: Path) -> tuple[str, str]:
    """The text and the encoding found: UTF-16 by its mark, else UTF-8 when valid, else Windows-1252.

    Raises UserError (FILE) for bytes that are no text in any of them.
    """
    raw = path.read_bytes()
    candidates = ["utf-16"] if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "cp1252"]
    for encoding in candidates:
        try:
            text = raw.decode(encoding)
        except UnicodeError:
            continue
        if "\0" not in text:
            return text, encoding
    raise UserError(
        Exit.FILE,
        Problem(
            path.name,
            "isi berkas bukan teks yang terbaca",
            "teks UTF-8, UTF-16 atau Windows-1252",
            "simpan ulang sebagai CSV (UTF-8) atau XLSX",
        ),
    )


def read_text(path: Path, scratch: Path) -> Extract:
    """Reads CSV/TSV. Delimiter from the header line; every value stays text; structural faults are rejects."""
    text, encoding = decode(path)
    lines = pl.Series(LINE, re.split(r"\r\n|\n|\r", text))  # not splitlines(): it also breaks at form feeds and NEL
    header_line = str(lines[0])
    delimiter = max(DELIMITERS, key=header_line.count)
    headers = [cell.strip().strip('"') for cell in header_line.split(delimiter)]
    mapping = map_headers(path.name, dict(enumerate(headers, start=1)))
    # A line of nothing but spaces, quotes and delimiters is layout, not a resident.
    lines = lines.to_frame().with_columns(
        pl.when(pl.col(LINE).str.strip_chars(f' "{delimiter}') == "").then(pl.lit("")).otherwise(LINE)
    )[:, -1]
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        copy = Path(folder) / "utf8.csv"
        copy.write_text("\n".join(lines), encoding="utf-8", newline="")  # mixed line ends stop the parser
        try:
            rows, rejects = _parse(copy, headers, delimiter)
        except duckdb.Error:  # its message quotes the file: never shown
            raise _broken_quotes(path.name, "baris", "isi tidak dapat dipisah menjadi kolom") from None
    numbers = _line_numbers(lines, rejects)
    _account_for_every_line(path.name, len(numbers), rows, rejects)
    frame = to_contract(rows.with_columns(numbers), mapping)
    ignored = tuple(header for header, name in mapping.items() if name not in frame.columns)
    return Extract(path.name, f"teks {encoding}, pemisah {delimiter!r}", frame, rejects, mapping, ignored)


def _parse(copy: Path, headers: list[str], delimiter: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    con = duckdb.connect(config={"threads": 1})
    try:
        columns = ", ".join(f"'c{i}': 'varchar'" for i in range(len(headers)))
        con.execute(
            f"""create table parsed as select * from read_csv($path, delim = $delim, columns = {{{columns}}},
            header = true, quote = '"', strict_mode = true, store_rejects = true, rejects_limit = 0,
            max_line_size = {MAX_LINE_BYTES}, null_padding = false, auto_detect = false)""",
            {"path": str(copy), "delim": delimiter},
        )  # fmt: skip
        rows = con.sql("select * from parsed").pl()
        faults = con.sql(
            """select line as line_no, min(error_type::varchar) as reason, min(csv_line) as text
               from reject_errors group by line order by line"""
        ).pl()
    finally:
        con.close()
    rejects = faults.select(
        pl.col(LINE).cast(pl.Int64),
        pl.col("reason").replace(REASONS),
        pl.col("text").cast(pl.String).str.strip_chars("\r\n"),
    )
    named = rows.rename({f"c{i}": header for i, header in enumerate(headers)})
    return named, rejects if rejects.height else no_rejects()


def _line_numbers(lines: pl.Series, rejects: pl.DataFrame) -> pl.Series:
    """The 1-based numbers of the lines that must have become rows: not the header, not blank, not rejected."""
    numbered = pl.DataFrame({LINE: pl.int_range(1, len(lines) + 1, dtype=pl.Int64, eager=True), "text": lines})
    data = numbered.slice(1).filter(pl.col("text") != "")
    return data.filter(~pl.col(LINE).is_in(rejects[LINE].implode()))[LINE]


def _account_for_every_line(name: str, expected: int, rows: pl.DataFrame, rejects: pl.DataFrame) -> None:
    """Physical lines = header + rows + rejects + blank lines; otherwise an open quote swallowed some."""
    if lost := expected - rows.height:
        places = ", ".join(str(line) for line in rejects[LINE].head(MAX_SHOWN)) or "tidak diketahui"
        raise _broken_quotes(name, f"dekat baris {places}", f"{lost} baris tertelan (tanda kutip tidak ditutup)")


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
