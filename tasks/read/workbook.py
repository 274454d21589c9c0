"""Workbooks, read as text: flat SIAK exports and books of residents (BIP), XLSX and XLS, one sheet of residents."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fastexcel
import polars as pl

from expectations.columns import DATES, IDENTIFIERS
from tasks.errors import Exit, Problem, UserError
from tasks.normalise import INVISIBLE, serial_days
from tasks.read.banner import KK_DIGITS, rt_of, rw_of, spread
from tasks.read.container import check_container, refuse
from tasks.read.extract import (
    HEADER_SEARCH_LINES,
    LINE,
    MAX_SHOWN,
    Extract,
    Layout,
    ignored_headers,
    map_headers,
    no_rejects,
    to_contract,
)
from tasks.read.sheet import DATA, FAMILY_LINE, REJECT, Header, Lines, find_header, name_lines
from tasks.read.trial import survives
from tasks.read.workbook_cells import column_letters
from tasks.read.workbook_parts import SheetFacts, xls_facts, xlsx_facts

RESEND_AS_TEXT = "minta pengirim mengirim ulang kolom itu sebagai teks"
NO_RESIDENT = "baris tanpa NIK dan nama"
MIDNIGHT = " 00:00:00"
BELOW = (
    "no_kk", "alamat", "no_rt", "no_rw", "prop_name", "kab_name", "kec_name", "kel_name", "no_prop", "no_kab",
    "no_kec", "no_kel",
)  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """A sheet with a header: its name, cells as text (columns "1", "2", ... by position) and what the checks found."""

    name: str
    cells: pl.DataFrame
    header: Header
    facts: SheetFacts


def read_workbook(path: Path, scratch: Path) -> Extract:
    """Reads the only sheet of residents. Line numbers are Excel's row numbers.

    In a BIP, family number, address, RT/RW and place names above a family go to its members' rows. Every row of the
    used range is a resident, a reject or a named line of the layout. Raises UserError: FILE for a damaged, locked or
    dangerous workbook, numeric NIK cells (BRK-04: Excel kept 15 digits), formulas or residents on several sheets;
    COLUMNS for headers.
    """
    del scratch  # a workbook needs no re-encoded copy
    sheet = _sheet_of_residents(path)
    if sheet.facts.formula:
        raise refuse(path, f"lembar memuat rumus (lembar '{sheet.name}', sel {sheet.facts.formula})",
                     "minta pengirim menyalin lembar itu sebagai nilai lalu mengirim ulang")  # fmt: skip
    _refuse_lost(path, sheet)
    lines = name_lines(sheet.cells, sheet.header)
    if lines.moved_header:
        raise refuse(path, f"judul berulang pada baris {lines.moved_header} berbeda kolom dari judul pertama",
                     "minta pengirim menyamakan letak kolom di seluruh lembar")  # fmt: skip
    if damaged := lines.labelled_resident(sheet.cells):
        raise refuse(path, f"baris KK pada baris {damaged} tidak terbaca sebagai baris KK",
                     "minta pengirim memperbaiki baris itu; anggotanya jangan sampai masuk KK lain")  # fmt: skip
    mapping, banner_columns = _mapping(path, sheet, lines)
    _refuse_numbers(path, sheet, lines)
    _refuse_other_calendar(path, sheet, lines)
    rows = sheet.cells.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(LINE))
    given = _given_by_banner(lines, banner_columns)
    frame = _frame(rows.with_columns(given) if given else rows, sheet, lines, mapping)
    layout = _layout(sheet, lines, mapping, rows)
    extract = Extract(path.name, layout, frame, _rejects(rows, lines), sheet.cells.height)
    extract.check_conservation()
    return extract


def _refuse_lost(path: Path, sheet: Sheet) -> None:
    """Every filled cell was read: two of one address, or an index into nothing, would lose one without a word."""
    step = "minta pengirim memeriksa sel itu, menyimpan ulang lembar itu dengan Excel lalu mengirim ulang"
    if sheet.facts.fault:
        raise refuse(path, f"lembar '{sheet.name}' {sheet.facts.fault}", step)
    read = sheet.cells.height * sheet.cells.width - sum(sheet.cells.null_count().row(0))
    if read != sheet.facts.filled:
        received = f"lembar '{sheet.name}': {sheet.facts.filled} sel berisi, {read} terbaca (alamat ganda atau rusak)"
        raise refuse(path, received, step)


def opened(path: Path) -> Any:
    """The workbook of a checked container. Raises UserError (FILE), also when the reader itself breaks."""
    return _guarded(path, lambda: fastexcel.read_excel(str(path)))


def loaded(path: Path, book: Any, sheet: int | str) -> tuple[pl.DataFrame, int]:
    """(cells as text, position from 1 of the first column): the reader leaves empty columns in front out."""

    def load() -> tuple[pl.DataFrame, int]:
        loaded = book.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string")
        columns = loaded.selected_columns
        return loaded.to_polars(), int(columns[0].absolute_index) + 1 if columns else 1

    frame, first = _guarded(path, load)
    return frame, first


def _guarded(path: Path, read: Callable[[], Any]) -> Any:
    try:
        return read()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # noqa: BLE001 (a panic of the Rust reader is no Exception)
        raise refuse(path, f"berkas {path.suffix.lstrip('.').upper()} tidak dapat dibaca") from None


def _sheet_of_residents(path: Path) -> Sheet:
    """The one sheet with a header row, hidden ones too."""
    if path.suffix.lower() == ".xls":
        facts, clean = xls_facts(path)
        if not survives(clean):
            raise refuse(path, "berkas XLS rusak: pembacanya berhenti")
        book = _guarded(path, lambda: fastexcel.read_excel(clean))
    else:
        facts = xlsx_facts(path, check_container(path))
        book = opened(path)
    found = []
    if len(facts) != len(book.sheet_names):
        raise refuse(path, "daftar lembar buku kerja tidak cocok dengan isinya")
    for name, checked in zip(book.sheet_names, facts, strict=True):
        cells, first = loaded(path, book, name)
        cells.columns = [str(first + at) for at in range(cells.width)]
        # One stray cell far to the right makes hundreds of empty columns: they are left out, rows are counted all.
        used = [column for column in cells.columns if cells[column].null_count() < cells.height]
        cells = cells.select(used) if used else cells
        if header := find_header(cells):
            found.append(Sheet(name, cells, header, checked))
    if not found:
        place = f"{path.name}, baris 1-{HEADER_SEARCH_LINES}"
        allowed = "satu baris judul dengan nama kolom SIAK (NIK, Nomor KK, Nama ...)"
        problem = Problem(place, "tidak ada baris judul yang dikenal", allowed, "periksa apakah ini data penduduk")
        raise UserError(Exit.COLUMNS, problem)
    if len(found) > 1:
        names = ", ".join(f"'{sheet.name}'" for sheet in found)
        raise refuse(path, f"{len(found)} lembar berisi data penduduk ({names}); satu berkas memuat satu lembar",
                     "minta pengirim mengirim setiap lembar sebagai berkas sendiri")  # fmt: skip
    return found[0]


def _mapping(path: Path, sheet: Sheet, lines: Lines) -> tuple[dict[str, str], dict[str, str]]:
    """(received header or banner label -> contract column, the banner's labels among them)."""
    own, width = sheet.header.names, int(sheet.cells.columns[-1])
    labels = dict(lines.banner.labels) if lines.banner else {}
    if pair := labels.get("rt_rw"):
        labels = {"no_rt": f"{pair} (RT)", "no_rw": f"{pair} (RW)"} | labels
    banner = {text: name for name, text in labels.items() if name in BELOW and not sheet.header.column(name)}
    known = [name.upper() for name in banner.values()]  # a label is known by what it stands for, however printed
    mapping = map_headers(path.name, own | dict(enumerate(known, start=width + 1)))
    shown = {text: sheet.header.shown[at] for at, text in own.items()} | dict(zip(known, banner, strict=True))
    return {shown[text]: name for text, name in mapping.items()}, banner


def _given_by_banner(lines: Lines, banner: dict[str, str]) -> list[pl.Series]:
    if not lines.banner or not banner:
        return []
    below = spread(lines.banner, lines.kinds)
    return [below[name].alias(text) for text, name in banner.items()]


def _frame(rows: pl.DataFrame, sheet: Sheet, lines: Lines, mapping: dict[str, str]) -> pl.DataFrame:
    by_position = {str(at): sheet.header.shown[at] for at in sheet.header.names}
    data = rows.filter(lines.kinds == DATA).rename(by_position)
    frame = to_contract(data, mapping)
    present = set(mapping.values())
    if "alamat" in present:
        from_address = [("no_rt", rt_of), ("no_rw", rw_of)]
        frame = frame.with_columns(
            pl.coalesce(name, read(pl.col("alamat"))).alias(name)
            for name, read in from_address
            if not sheet.header.column(name)
        )
    if sheet.facts.numbers.is_empty():
        return frame
    return frame.with_columns(pl.col(name).str.strip_suffix(MIDNIGHT) for name in DATES if name in present)


def _rejects(rows: pl.DataFrame, lines: Lines) -> pl.DataFrame:
    stray = rows.filter(lines.kinds == REJECT)
    if stray.is_empty():
        return no_rejects()
    text = pl.concat_str(pl.exclude(LINE), separator=" | ", ignore_nulls=True)
    return stray.select(LINE, pl.lit(NO_RESIDENT).alias("reason"), text.alias("text"))


def _layout(sheet: Sheet, lines: Lines, mapping: dict[str, str], rows: pl.DataFrame) -> Layout:
    counts = lines.kinds.filter(~lines.kinds.is_in([DATA, REJECT])).value_counts(sort=True)
    families = lines.banner.families if lines.banner else 0
    header = sheet.header
    kind = f"BIP, {families} keluarga" if families else "buku kerja datar"
    if header.last > header.first:
        kind += f", judul dua baris ({header.first + 1}-{header.last + 1})"
    return Layout(
        kind=kind,
        header_line=header.last + 1,
        mapping=mapping,
        ignored=(*ignored_headers(mapping), *header.dropped, *_without_title(rows, header, lines)),
        place=sheet.name,
        lines=dict(counts.iter_rows()),
        whole_families=lines.whole_families,
    )


def _without_title(rows: pl.DataFrame, header: Header, lines: Lines) -> list[str]:
    """Columns that hold something in residents' rows and have no header: named, never dropped in silence."""
    untitled = [at for at in rows.columns if at.isdigit() and int(at) not in header.names]
    filled = rows.filter(lines.kinds == DATA).select(pl.col(untitled).is_not_null().any()).row(0) if untitled else ()
    return [f"kolom {at} (tanpa judul)" for at, some in zip(untitled, filled, strict=True) if some]


def _refuse_numbers(path: Path, sheet: Sheet, lines: Lines) -> None:
    """Identifiers must be text cells: Excel keeps 15 digits of a number, so a numeric NIK is another person's."""
    if sheet.facts.numbers.is_empty():
        return
    letters = {name: column_letters(at) for name in IDENTIFIERS if (at := sheet.header.column(name))}
    numbers = sheet.facts.numbers
    if not lines.banner:  # a table of half a million numbers has none of them where it matters
        numbers = numbers.filter(numbers.str.contains(rf"^(?:{'|'.join(letters.values())})[0-9]"))
    kinds = pl.DataFrame({LINE: pl.int_range(1, len(lines.kinds) + 1, eager=True), "kind": lines.kinds})
    split = pl.col("cell").str.extract_groups(r"^(?<letters>[A-Z]+)(?<line>[0-9]+)$").struct
    placed = pl.DataFrame({"cell": numbers}).with_columns(
        split.field("letters"), split.field("line").cast(pl.Int64).alias(LINE)
    )
    placed = placed.join(kinds, on=LINE).sort(LINE)
    residents = placed.filter(pl.col("kind").is_in([DATA, REJECT]))
    received = []
    for name, column in letters.items():
        received += _told(sheet.name, name, residents.filter(pl.col("letters") == column))
    if lines.banner:
        received += _told(sheet.name, "no_kk", _family_numbers(placed, sheet.cells))
    if received:
        allowed = "semua NIK dan nomor KK sebagai sel teks"
        raise UserError(Exit.FILE, *(Problem(path.name, text, allowed, RESEND_AS_TEXT) for text in received))


def _refuse_other_calendar(path: Path, sheet: Sheet, lines: Lines) -> None:
    """Day numbers without a date format are read by the 1900 system: in a workbook of 1904 they lie four years off."""
    if not sheet.facts.from_1904:
        return
    dates = {name: str(position) for name in DATES if (position := sheet.header.column(name))}
    rows = sheet.cells.with_columns(pl.int_range(1, pl.len() + 1).alias(LINE)).filter(lines.kinds == DATA)
    problems = []
    for name, at in dates.items():
        found = rows.filter(serial_days(pl.col(at).str.strip_chars(INVISIBLE)).is_not_null())[LINE]
        if found.len():
            cells = _some([f"{column_letters(int(at))}{line}" for line in found.head(MAX_SHOWN)], found.len())
            received = f"buku kerja memakai sistem tanggal 1904; kolom {name.upper()}: {found.len()} nomor seri tanpa "
            received += f"format tanggal, yaitu {cells}"
            allowed, step = "sel tanggal atau teks tanggal", "minta pengirim memformat kolom itu sebagai tanggal"
            problems.append(Problem(path.name, received, allowed, step))
    if problems:
        raise UserError(Exit.FILE, *problems)


def _some(shown: Iterable[str], count: int) -> str:
    return ", ".join(shown) + (" ..." if count > MAX_SHOWN else "")


def _told(sheet: str, name: str, wrong: pl.DataFrame) -> list[str]:
    if wrong.is_empty():
        return []
    shown = _some(wrong["cell"].head(MAX_SHOWN), wrong.height)
    return [f"lembar '{sheet}', kolom {name.upper()}: {wrong.height} sel angka, bukan teks (BRK-04), yaitu {shown}"]


def _family_numbers(numbers: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """The numeric cells of families' lines that hold a family number and no count or date."""
    letters = {at: column_letters(int(at)) for at in cells.columns}
    lines = numbers.filter(pl.col("kind") == FAMILY_LINE)
    numbered = cells.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(LINE))
    texts = numbered.join(lines.select(LINE), on=LINE, how="semi").unpivot(index=LINE, variable_name="letters")
    long = texts.filter(pl.col("value").str.count_matches(r"\d") >= KK_DIGITS)
    long = long.with_columns(pl.col("letters").replace(letters))
    return lines.join(long, on=[LINE, "letters"], how="semi").sort(LINE)
