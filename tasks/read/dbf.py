"""DBF tables (dBASE, FoxPro): fixed widths, read by vector; the record number is the line people count by.

Nothing of the header is believed before it agrees with the file's size: a lying count would lose residents silently.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from expectations.columns import COLUMNS, IDENTIFIERS, canonical_name
from tasks.errors import Exit, Problem, UserError
from tasks.read.extract import LINE, Extract, Layout, ignored_headers, map_headers, no_rejects, to_contract

KINDS = {0x02: "FoxBASE", 0x03: "dBASE III", 0x83: "dBASE III + memo", 0x8B: "dBASE IV + memo", 0xF5: "FoxPro + memo",
         0x30: "Visual FoxPro", 0x31: "Visual FoxPro", 0x32: "Visual FoxPro"}  # fmt: skip
MAX_BYTES = 1 << 30
CHUNK_RECORDS = 50_000
HEAD, FIELD = 32, 32
ENCRYPTED, LANGUAGE = 15, 29  # places in the head
FIELD_NAME = 10  # a name has ten letters at most: JENIS_KLMIN arrives as JENIS_KLMI
FIELDS_END = 0x0D
LIVE, DELETED, END = 0x20, 0x2A, 0x1A
TEXT_TYPES, BLANK = "CNFDL", " \0"
UNREADABLE = "\ufffd"
NUMERIC = {"N": "angka", "F": "angka", "I": "bilangan biner", "B": "angka biner", "O": "angka biner", "Y": "mata uang",
           "+": "nomor otomatis"}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One field of a record. ``start``: its first byte, counted from the deletion mark."""

    name: str
    kind: str
    start: int
    width: int


@dataclass(frozen=True)
class Table:
    """What the header says, checked against the file's size."""

    kind: str
    encoding: str
    offset: int
    records: int
    width: int
    fields: tuple[Field, ...]


def read_dbf(path: Path, scratch: Path) -> Extract:
    """Reads a DBF table; ``line_no`` is the record number, deleted records are named and not read.

    Raises UserError: FILE for a damaged or truncated table, a count that lies, identifiers stored as numbers (BRK-04),
    contents kept in another file (memo); COLUMNS for headers.
    """
    del scratch  # read in place
    table = _table(path)
    received = {number: field.name for number, field in enumerate(table.fields, start=1)}
    whole = {number: _whole_name(name) for number, name in received.items()}
    names = map_headers(path.name, whole)
    mapping = {received[number]: names[whole[number]] for number in received}
    _check_types(path, table, mapping)
    rows, rejects, lines = _records(path, table, [f for f in table.fields if mapping[f.name] not in _left_out(mapping)])
    layout = Layout(f"tabel DBF ({table.kind}, {table.encoding})", 0, mapping, ignored_headers(mapping), "", lines)
    return Extract(path.name, layout, to_contract(rows, mapping), rejects, table.records)


def _left_out(mapping: dict[str, str]) -> set[str]:
    return {mapping[header] for header in ignored_headers(mapping)}


def _whole_name(name: str) -> str:
    """A name cut at ten letters is the only SIAK name that begins so; an ambiguous one stays as it came."""
    if canonical_name(name) or len(name) != FIELD_NAME:
        return name
    longer = [column.name.upper() for column in COLUMNS if column.name.upper().startswith(name.upper())]
    return longer[0] if len(longer) == 1 else name


def _table(path: Path) -> Table:
    """The header. Raises UserError (FILE) unless version, lengths and count agree with the file."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(HEAD)
        if len(head) < HEAD or head[0] not in KINDS:
            raise _refuse(path, "bukan tabel DBF yang dikenal", "DBF dBASE III/IV, FoxPro")
        records, offset, width = struct.unpack("<IHH", head[4:12])
        raw = file.read(max(offset - HEAD, 0))
    if size > MAX_BYTES:
        raise _refuse(path, "tabel lebih besar dari 1 GiB", "tabel sampai 1 GiB")
    if head[ENCRYPTED]:
        raise _refuse(path, "tabel DBF terenkripsi", "DBF tanpa enkripsi (sandi dipasang pada ZIP)")
    fields = _fields(path, raw, width)
    _check_size(path, (offset, records, width), size)
    return Table(KINDS[head[0]], _encoding(path, head[LANGUAGE]), offset, records, width, fields)


def _fields(path: Path, raw: bytes, width: int) -> tuple[Field, ...]:
    damaged = _refuse(path, "uraian kolom DBF rusak", "kolom yang panjangnya berjumlah sama dengan panjang rekaman")
    cells = [raw[at : at + FIELD] for at in range(0, len(raw), FIELD)]
    described = []
    for cell in cells:
        if cell[:1] == bytes([FIELDS_END]):
            break
        described.append(cell)
    if not described or len(described) == len(cells) or any(len(cell) != FIELD for cell in described):
        raise damaged
    narrow = [cell[16] for cell in described]
    wide = [cell[16] | (cell[17] << 8 if cell[11:12] == b"C" else 0) for cell in described]  # Clipper: text over 255
    widths = narrow if sum(narrow) + 1 == width else wide
    if sum(widths) + 1 != width or 0 in widths:
        raise damaged
    fields, start = [], 1
    for cell, length in zip(described, widths, strict=True):
        name = cell[:11].split(b"\0")[0].decode("latin-1").strip()
        fields.append(Field(name, chr(cell[11]).upper(), start, length))
        start += length
    return tuple(fields)


def _check_size(path: Path, header: tuple[int, int, int], size: int) -> None:
    """The file holds exactly the records its header counts; behind them only the end mark and filling."""
    offset, records, width = header
    told = f"kepala tabel menyebut {records} rekaman, berkas memuat {max(size - offset, 0) // width}"
    end = offset + records * width
    with path.open("rb") as file:
        file.seek(end)
        rest = file.read(width + 1)  # no more than a record is needed to know
    if size < end or (rest and rest[0] != END) or rest[1:].strip(bytes([END, 0])):
        raise _refuse(path, f"{told} (terpotong atau kepala tabel salah)", "jumlah rekaman sama dengan isi berkas")


def _encoding(path: Path, language: int) -> str:
    """The code page by the language driver byte; Windows-1252 when the header names none."""
    from dbfread.codepages import codepages

    name = codepages[language][0] if language in codepages and language else "cp1252"
    if len(bytes(range(128)).decode(name, "replace")) != len(bytes(range(128))) or name in {"cp932", "cp936", "cp949",
                                                                                           "cp950"}:  # fmt: skip
        raise _refuse(path, f"halaman kode {name}", "halaman kode satu byte, misalnya Windows-1252")
    return name


def _check_types(path: Path, table: Table, mapping: dict[str, str]) -> None:
    """Raises UserError (FILE) naming every needed field whose type cannot hold what was meant."""
    left_out, problems = _left_out(mapping), []
    for number, field in enumerate(table.fields, start=1):
        place, name = f"{path.name}, kolom {number} ({field.name})", mapping[field.name]
        if name in left_out:
            continue
        if name in IDENTIFIERS and field.kind in NUMERIC:
            problems.append(Problem(place, f"nomor bertipe {NUMERIC[field.kind]}, bukan teks (BRK-04)",
                                    "tipe Character 16", "minta pengirim mengekspor ulang sebagai teks"))  # fmt: skip
        elif field.kind not in TEXT_TYPES:
            memo = "memo: isinya di berkas lain" if field.kind == "M" else "biner"
            problems.append(Problem(place, f"tipe kolom {field.kind} ({memo})", "tipe Character, Date atau Numeric",
                                    "minta pengirim mengekspor ulang sebagai CSV atau XLSX"))  # fmt: skip
    if problems:
        raise UserError(Exit.FILE, *problems)


def _records(path: Path, table: Table, fields: list[Field]) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, int]]:
    """Rows, rejects and named records: every record is exactly one of them."""
    import numpy as np

    data = np.memmap(path, np.uint8, "r", table.offset, (table.records, table.width)) if table.records else None
    code_points = np.array([ord(_character(byte, table.encoding)) for byte in range(256)], np.uint32)
    pieces = []
    for start in range(0, table.records, CHUNK_RECORDS):
        block = data[start : start + CHUNK_RECORDS] if data is not None else None
        pieces.append(_piece(block, code_points, fields).with_columns(pl.col(LINE) + start))
    empty = pl.DataFrame(schema={LINE: pl.Int64, "": pl.UInt8, **{f.name: pl.String for f in fields}})
    every = pl.concat([empty, *pieces])
    names = [field.name for field in fields]
    unreadable = pl.any_horizontal(pl.col(names).str.contains(f"[\0{UNREADABLE}]"))
    state = (
        pl.when(pl.col("") == DELETED).then(pl.lit("rekaman terhapus"))
        .when(pl.col("") != LIVE).then(pl.lit("penanda rekaman tidak dikenal"))
        .when(unreadable).then(pl.lit("huruf tidak terbaca"))
        .when(pl.all_horizontal(pl.col(names) == "")).then(pl.lit("rekaman kosong"))
        .otherwise(pl.lit("baris"))
    )  # fmt: skip
    told = every.with_columns(state.alias("\0"))
    named = {name: told.filter(pl.col("\0") == name).height for name in ("rekaman terhapus", "rekaman kosong")}
    broken = told.filter(pl.col("\0").is_in(["penanda rekaman tidak dikenal", "huruf tidak terbaca"]))
    rejects = broken.select(LINE, pl.col("\0").alias("reason"), pl.concat_str(names, separator="|").alias("text"))
    rows = told.filter(pl.col("\0") == "baris").select(LINE, *(_as_received(field) for field in fields))
    return rows, rejects if rejects.height else no_rejects(), {name: count for name, count in named.items() if count}


def _piece(block: Any, code_points: Any, fields: list[Field]) -> pl.DataFrame:
    """Some records as text, "" their deletion mark; numpy cuts all of them at once."""
    columns = {LINE: pl.int_range(1, len(block) + 1, dtype=pl.Int64, eager=True), "": pl.Series(block[:, 0].copy())}
    for field in fields:
        letters = code_points[block[:, field.start : field.start + field.width]]
        text = letters.view(f"<U{field.width}")[:, 0]
        columns[field.name] = pl.Series(text, dtype=pl.String).str.strip_chars_end(BLANK)
    return pl.DataFrame(columns)


def _character(byte: int, encoding: str) -> str:
    text = bytes([byte]).decode(encoding, "replace")
    return text if len(text) == 1 else UNREADABLE


def _as_received(field: Field) -> pl.Expr:
    """Text as stored; numbers without filling; a Date field as an ISO date; nothing as null."""
    text = pl.col(field.name)
    if field.kind in "NF":
        text = text.str.strip_chars()
    if field.kind == "D":
        text = text.str.replace(r"^(\d{4})(\d{2})(\d{2})$", "${1}-${2}-${3}")
    return pl.when(text != "").then(text).otherwise(None).alias(field.name)


def _refuse(path: Path, received: str, allowed: str) -> UserError:
    return UserError(Exit.FILE, Problem(path.name, received, allowed, "minta pengirim mengekspor dan mengirim ulang"))
