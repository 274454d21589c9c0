"""The way back: Staff's filled workbook is compared with what we wrote, checked cell by cell, and becomes decisions."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl

from tasks.errors import Problem
from tasks.office import WIB, Office
from tasks.retention.originals import original
from tasks.steps import Summary, find, finish
from tasks.store import transaction
from tasks.worksheet.agreement import check_agreement
from tasks.worksheet.answers import answered, check_against_outcomes, check_answers
from tasks.worksheet.content import earlier_decisions
from tasks.worksheet.decisions import check_decisions, decided, joined
from tasks.worksheet.faults import HEADS, RESTORE, Faults, Where
from tasks.worksheet.layout import BLANKS, DECISIONS, LOCKED, PAIR_LOCKED, PAIRS, SCORE
from tasks.worksheet.sheets import Filled, read_sheets
from tasks.worksheet.shown import shown
from tasks.worksheet.write import draft_digest

OURS = {DECISIONS: LOCKED, PAIRS: PAIR_LOCKED}
AS_TEXT = ("MENJADI", "MENJADI 2")  # written to the register as they stand: Excel keeps 15 digits of a number
ROUNDED = 0.05  # of SKOR: programs write its last digits otherwise


@dataclass(frozen=True)
class Worksheet:
    """What Staff changed. ``decisions``: rows of table ``decisions``; ``answers``: left_id, right_id, verdict, note."""

    decisions: pl.DataFrame
    answers: pl.DataFrame


def parse_worksheet(con: duckdb.DuckDBPyConnection, path: Path, agenda: str, round_no: int) -> Worksheet:
    """Reads a filled worksheet; other row orders, hidden rows and LibreOffice are fine.

    The day it was handed in is the file's own. Raises UserError (WORKSHEET) with every wrong cell at once.
    """
    faults, today = Faults(), datetime.fromtimestamp(path.stat().st_mtime, WIB).date().isoformat()
    sheets = read_sheets(path, (agenda, str(round_no), draft_digest(con, agenda, round_no)), faults)
    written, pairs = shown(con, agenda, round_no)
    for name, ours in ((DECISIONS, written), (PAIRS, pairs)):
        _check_kind(name, sheets[name], faults)
        _check_rows(name, sheets[name].cells, ours, faults)
        _check_locked(name, sheets[name].cells, ours, faults)
    earlier = earlier_decisions(con, agenda, round_no)
    rows = joined(sheets[DECISIONS].cells, written).join(earlier, on="row_id", how="left")
    check_decisions(rows, today, faults)
    answers = sheets[PAIRS].cells.join(pairs.select("KUNCI", "left_id", "right_id"), on="KUNCI", how="inner")
    word = decided(rows)
    check_agreement(con, (agenda, round_no), (rows, word), faults)
    check_answers(answers, faults)
    check_against_outcomes(con, (agenda, round_no), (rows, answers), faults)
    faults.refuse()
    return Worksheet(word, answered(answers))


def _check_kind(name: str, sheet: Filled, faults: Faults) -> None:
    """No formulas anywhere; text where we wrote text and where the register takes what is written."""
    for (column,), cells in sheet.formulas.group_by("column", maintain_order=True):
        faults.note(Where(name, str(column)), cells["at"], ("rumus", "nilai yang diketik"), "ketik nilainya")
    text = [column for column in (*OURS[name], *AS_TEXT) if column != SCORE and column in HEADS[name]]
    filled = sheet.cells.select("at")
    for (column,), cells in sheet.numbers.join(filled, on="at").group_by("column", maintain_order=True):
        if column in text:
            told = ("angka atau tanggal Excel", "teks, seperti semula")
            faults.note(Where(name, str(column)), cells["at"], told, "ketik sebagai teks (format sel Teks)")


def _check_rows(name: str, cells: pl.DataFrame, ours: pl.DataFrame, faults: Faults) -> None:
    """Rows missing, added or doubled."""
    key, known = pl.col("KUNCI"), ours["KUNCI"].implode()
    once = "setiap kunci tepat satu kali"
    faults.note(Where(name, "KUNCI"), cells.filter(key.is_duplicated())["at"], ("kunci ganda", once), RESTORE)
    faults.note(Where(name, "KUNCI"), cells.filter(~key.is_in(known))["at"], ("kunci tidak dikenal", once), RESTORE)
    missing = ours.join(cells, on="KUNCI", how="anti")["KUNCI"]
    if len(missing):
        shown = ", ".join(missing[:3].to_list()) + (" ..." if len(missing) > 3 else "")  # noqa: PLR2004 (a few)
        problem = Problem(f"{name}!A", f"{len(missing)} baris hilang: kunci {shown}", "semua baris tetap ada", RESTORE)
        faults.note_sheet(problem)


def _check_locked(name: str, cells: pl.DataFrame, ours: pl.DataFrame, faults: Faults) -> None:
    """Cells that are ours must be as we wrote them."""
    both = cells.join(ours.select(OURS[name]), on="KUNCI", how="inner", suffix=" kami")
    for column in OURS[name][1:]:
        mine = pl.col(f"{column} kami")
        if column == SCORE:
            same = ((pl.col(column).cast(pl.Float64, strict=False) - mine).abs() < ROUNDED).fill_null(value=False)
        else:
            same = pl.col(column) == mine.str.strip_chars(BLANKS)
        faults.note(
            Where(name, column), both.filter(~same)["at"], (f"kolom {column} diubah", "seperti semula"), RESTORE
        )


def store_decisions(con: duckdb.DuckDBPyConnection, office: Office, kept: str, about: tuple[str, int]) -> Summary:
    """Stores what an accepted worksheet says (``kept``: its name in the archive). Returns {decided, answered}."""
    agenda, round_no = about
    if done := find(con, agenda, "worksheet", round_no):
        return done
    with original(office, agenda, kept) as path:
        read = parse_worksheet(con, path, agenda, round_no)
    with transaction(con):
        con.execute("delete from pair_answers where agenda = ? and round = ?", [agenda, round_no])
        for table, frame in (("decisions", read.decisions), ("pair_answers", read.answers)):
            mine = frame.with_columns(pl.lit(agenda).alias("agenda"), pl.lit(round_no).alias("round"))
            con.register("filled", mine.to_arrow())
            con.execute(f"insert into {table} by name select * from filled")
            con.unregister("filled")
        summary = {"decided": read.decisions.height, "answered": read.answers.height}
        return finish(con, agenda, ("worksheet", round_no), summary)
