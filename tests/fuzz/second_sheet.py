"""What the office read of a workbook against a second reading of it, cell by cell, row by row."""

import datetime as dt
import re
from dataclasses import dataclass

from expectations.columns import IDENTIFIERS, STORED
from tasks.read import Extract

KK_LINE = re.compile(r"(?i)\b(?:no|nomor)\W*(?:kk|kartu)")
EPOCH = dt.datetime(1899, 12, 30, tzinfo=dt.UTC)
MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(?:\.\d+)?)?")


@dataclass(frozen=True)
class Number:
    """A cell that is no text: what stands in it."""

    raw: str


Cells = dict[tuple[int, int], "str | Number"]


def check_sheet(extract: Extract, sheets: dict[str, Cells]) -> str:
    """What the first reading of a workbook says otherwise than the second; "" when nothing."""
    cells = sheets.get(extract.layout.place)
    if cells is None:
        return "lembar lain"
    depth = max((row for row, _ in cells), default=0)
    if depth > extract.physical:
        return f"baris {extract.physical + 1}-{depth} tidak dibaca"
    try:
        columns = _columns(extract, cells)
    except KeyError:
        return "judul dipahami lain"
    families = {row for (row, _), text in cells.items() if isinstance(text, str) and KK_LINE.search(text)}
    for row in extract.frame.iter_rows(named=True):
        if fault := _row(row, cells, (columns, families)):
            return f"baris {row['line_no']}: {fault}"
    told = [*extract.frame["line_no"], *extract.rejects["line_no"]]
    if len(set(told)) < len(told):
        return "baris disebut dua kali"
    silent = {
        row for (row, column), text in cells.items()
        if column == columns["nik"] and row > extract.layout.header_line and row not in families and row not in told
        and re.search(r"\d{5}", text if isinstance(text, str) else text.raw)
    }  # fmt: skip
    return f"baris {min(silent)}: penduduk dianggap tata letak" if silent else ""


def _columns(extract: Extract, cells: Cells) -> dict[str, int]:
    """Contract column -> position, by the header as the layout tells it; banner labels have no position."""
    last, two = extract.layout.header_line, "dua baris" in extract.layout.kind
    top, width, group, shown = last - two, max(column for _, column in cells), "", {}
    for column in range(1, width + 1):
        above, below = str(cells.get((top, column), "")).strip(), str(cells.get((last, column), "")).strip()
        group = above or group
        shown[column] = f"{group} / {below}" if two and below else above
    found = {
        name: [at for at, text in shown.items() if text == header] for header, name in extract.layout.mapping.items()
    }
    if any(len(places) > 1 for places in found.values()) or not found["nik"]:
        raise KeyError
    return {name: places[0] for name, places in found.items() if places}


def _row(row: dict[str, str | None], cells: Cells, layout: tuple[dict[str, int], set[int]]) -> str:
    columns, families = layout
    line = int(str(row["line_no"]))
    for name in STORED:
        value = row[name] or ""
        if name in columns:
            if not _same(name, value, cells.get((line, columns[name]), "")):
                return f"{name} berbeda"
        elif value and not _above(name, value, (line, cells, families)):
            return f"{name} tidak berasal dari berkas"
    return ""


def _same(name: str, value: str, cell: "str | Number") -> bool:
    if isinstance(cell, str):
        return value == cell
    if name in IDENTIFIERS:
        return False
    if re.fullmatch(r"\s*[+-]?[\d.]+(?:[eE][+-]?\d+)?\s*", cell.raw):
        number = float(cell.raw)
        if moment := MOMENT.fullmatch(value):
            year, month, day, *time = (int(part or 0) for part in moment.groups())
            days = (dt.datetime(year, month, day, *time, tzinfo=dt.UTC) - EPOCH).total_seconds() / 86400
            # Excel counts a 29 February 1900 that never was: before it a serial is a day later than the sum says.
            return min(abs(days - number - shift) for shift in (0, 1462, *([1] if number < 60 else []))) < 1e-4
        return (
            (
                bool(re.fullmatch(r"-?[\d.]+(?:[eE][+-]?\d+)?", value))
                and abs(float(value) - number) <= 1e-9 * max(1, abs(number))
            )
            or (value, number) in {("true", 1), ("false", 0)}
            or (value == "true" and bool(number))
        )
    return value == cell.raw or (value, cell.raw) in {("true", "true"), ("false", "false")}


def _above(name: str, value: str, place: tuple[int, Cells, set[int]]) -> bool:
    """A value from a banner stands in a line above; that of a family in the lines since the nearest family line."""
    line, cells, families = place
    texts = {at: text for at, text in cells.items() if at[0] <= line and isinstance(text, str)}
    if name in ("no_kk", "alamat"):
        nearest = max((row for row in families if row <= line), default=0)
        texts = {at: text for at, text in texts.items() if at[0] >= nearest}
    return any(value in text for text in texts.values())
