"""The way back: a filled case workbook becomes rows that are received again, and what Staff answered about each."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from expectations.columns import STORED
from tasks.approvals.waiting import open_batches
from tasks.cases.answers import answered, check_answers, spelt
from tasks.cases.content import mark_of, open_rows, plain
from tasks.cases.layout import (
    CASES,
    GIVEN,
    HEADS,
    KIND,
    LOCKED,
    MARK,
    META,
    NEW,
    is_case_workbook,
    looks_like_one,
)
from tasks.cases.related import all_answered, check_related
from tasks.errors import Exit, Problem, UserError
from tasks.ledger import open_ledger
from tasks.office import WIB, Office
from tasks.private import sha256_of
from tasks.read import Received
from tasks.read.extract import LINE, Extract, Layout, no_rejects, to_contract
from tasks.read.workbook import loaded
from tasks.receipts import find_receipt
from tasks.retention.originals import original
from tasks.store import open_store
from tasks.worksheet.faults import RESTORE, Faults, Where
from tasks.worksheet.layout import BLANKS, TITLE_ROW
from tasks.worksheet.sheets import AGAIN, Filled, open_book, read_tables, refused

MARKS = 2  # lines of META: what it is, and whose


@dataclass(frozen=True)
class Held:
    """What an arriving case workbook is held against. ``rows``: ``open_rows``; ``mark``: the office's own.

    ``closed``, ``busy``: case number -> the agenda that closed it, or the open batch that answers it.
    """

    rows: pl.DataFrame
    closed: dict[str, str]
    busy: dict[str, str]
    mark: str
    today: str


def held_cases(office: Office, paths: list[Path], now: datetime) -> Held | None:
    """The office's cases as they are now; None when no case workbook arrived. Raises UserError (OFFICE).

    ``now``: by the office's clock; the day until which a document may be dated, whatever the file's own time says.
    """
    if not any(is_case_workbook(path) for path in paths):
        return None
    with open_store(office) as con:
        closed = con.execute("select case_no, closed_by from cases where closed_on is not null").fetchall()
        known, rows = {str(no): str(by) for no, by in closed}, open_rows(con)
    with open_ledger(office) as ledger:
        busy = _being_answered(office, ledger)
    return Held(rows, known, busy, mark_of(office), now.astimezone(WIB).date().isoformat())


def check_unanswered(office: Office, ledger: sqlite3.Connection, path: Path) -> None:
    """Once more before a case workbook gets its number, with the ledger held: another one may have come meanwhile.

    Raises UserError (WORKSHEET) when an open batch answers one of its cases.
    """
    faults = Faults(HEADS)
    _check_busy(all_answered(spelt(_read(path, faults)[0].cells)), _being_answered(office, ledger), faults)
    faults.refuse()


def receive_cases(held: Held | None, path: Path) -> list[Received]:
    """A filled case workbook on its way in: checked against ``held_cases``, then as ``read_cases`` gives it.

    Raises UserError (WORKSHEET) with all faults at once: another office's book, changed locked cells, cases that are
    unknown, closed or being answered by another open batch, impossible answers, other answers of one region about one
    person, no answer at all.
    """
    faults = Faults(HEADS)
    filled, mark = _read(path, faults)
    if held is None or mark != held.mark:
        raise refused(path.name, "lembar kasus kantor lain", "lembar kasus dari folder meja/ kantor ini", NEW)
    cells = spelt(filled.cells)
    told = all_answered(cells)
    _check_text(filled, told, faults)
    _check_cases(told, held, faults)
    check_answers(cells, held.today, faults)
    check_related(cells, held.rows, faults)
    faults.refuse()
    if told.is_empty():
        raise refused(path.name, "tidak ada kasus yang dijawab", "sekurangnya satu JAWABAN", "isi kolom JAWABAN")
    return read_cases(path)


def read_cases(path: Path) -> list[Received]:
    """The answered lines of a case workbook as extracts: one per set of columns that their own files had.

    With the lines that a region's answer to a related case counts for (``tasks.cases.related``). The lines that nobody
    answered are counted by name. Raises UserError (WORKSHEET) for what is no case workbook.
    """
    filled, _ = _read(path, Faults(HEADS))
    cells = all_answered(spelt(filled.cells))
    digest, groups = sha256_of(path), cells[GIVEN].unique(maintain_order=True).to_list()
    return [Received(_extract(path, filled, cells, given), None, digest) for given in groups]


def _extract(path: Path, filled: Filled, cells: pl.DataFrame, given: str) -> Extract:
    mine = cells.filter(pl.col(GIVEN) == given)
    told = set(given.split(" "))
    mapping = {name.upper(): name for name in STORED if name in told}
    texts = mine.select(pl.col("at").alias(LINE), *(
        pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in mapping
    ))  # fmt: skip
    lines = {
        "baris judul": TITLE_ROW + 1, "kasus tanpa jawaban": filled.cells.height - cells.height,
        "kasus pada tabel lain": cells.height - mine.height,
        "baris kosong": filled.lines - TITLE_ROW - 1 - filled.cells.height,
    }  # fmt: skip
    layout = Layout(
        KIND, TITLE_ROW + 1, mapping, place=CASES, lines={name: count for name, count in lines.items() if count}
    )
    extract = Extract(path.name, layout, to_contract(texts, mapping), no_rejects(), filled.lines,
                      answers=answered(mine))  # fmt: skip
    extract.check_conservation()
    return extract


def _read(path: Path, faults: Faults) -> tuple[Filled, str]:
    """(sheet "Kasus", the mark of the office it is of)."""
    facts, book = open_book(path)
    if META not in facts:
        raise refused(path.name, "bukan lembar kasus Sinkron", "lembar kasus dari folder meja/", AGAIN)
    meta, _ = loaded(path, book, META)
    found = [(value or "").strip(BLANKS) for value in meta.to_series(1).to_list()] if meta.width > 1 else []
    if len(found) < MARKS or found[0] != MARK:
        raise refused(path.name, "bukan lembar kasus Sinkron versi ini", "lembar kasus dari folder meja/", NEW)
    filled = read_tables(path, (facts, book), faults)[CASES]
    return filled, found[1]


def _check_text(filled: Filled, cells: pl.DataFrame, faults: Faults) -> None:
    """No formulas anywhere; text where we wrote text and where the register takes what is written."""
    for (column,), found in filled.formulas.group_by("column", maintain_order=True):
        faults.note(Where(CASES, str(column)), found["at"], ("rumus", "nilai yang diketik"), "ketik nilainya")
    numbers = filled.numbers.join(cells.select("at"), on="at")
    for (column,), found in numbers.group_by("column", maintain_order=True):
        if column in {*LOCKED, "MENJADI", "MENJADI 2"}:
            told = ("angka atau tanggal Excel", "teks, seperti semula")
            faults.note(Where(CASES, str(column)), found["at"], told, "ketik sebagai teks (format sel Teks)")


def _check_cases(cells: pl.DataFrame, held: Held, faults: Faults) -> None:
    """Each answered case is open, answered by nobody else, and its locked cells are as we wrote them."""
    key, place = pl.col("KASUS"), Where(CASES, "KASUS")
    here = cells.filter(~key.is_in(held.rows["KASUS"].implode()))
    faults.note(
        place, here.filter(~key.is_in(list(held.closed)))["at"], ("kasus tidak dikenal", "kasus yang terbuka"), NEW
    )
    for agenda in dict.fromkeys(held.closed.values()):
        closed = here.filter(key.is_in([no for no, by in held.closed.items() if by == agenda]))["at"]
        told = (f"kasus sudah ditutup oleh agenda {agenda}", "kasus yang terbuka")
        faults.note(place, closed, told, "kosongkan jawabannya")
    _check_busy(cells, held.busy, faults)
    both = plain(cells).join(held.rows.select(LOCKED), on="KASUS", how="inner", suffix=" kami")
    for column in LOCKED[1:]:
        changed = both.filter(pl.col(column) != pl.col(f"{column} kami"))["at"]
        told = (f"kolom {column} diubah, atau kasus berubah sesudah lembar ini dibuat", "seperti lembar semula")
        faults.note(Where(CASES, column), changed, told, f"{RESTORE}, atau {NEW}")


def _check_busy(cells: pl.DataFrame, busy: dict[str, str], faults: Faults) -> None:
    for agenda in dict.fromkeys(busy.values()):
        taken = cells.filter(pl.col("KASUS").is_in([no for no, by in busy.items() if by == agenda]))["at"]
        told = (f"kasus sedang dijawab pada agenda {agenda}", "kasus yang belum dijawab")
        step = "tunggu agenda itu selesai, atau kosongkan jawabannya dan jawaban KASUS TERKAIT"
        faults.note(Where(CASES, "KASUS"), taken, told, step)


def refuse_bare(path: Path) -> None:
    """Raises UserError (WORKSHEET) for a case workbook that lost its hidden sheet: it is no list of the centre's.

    It is known by its own headings; of a sheet "Kasus" with others nothing is said.
    """
    if not looks_like_one(path):
        return
    try:
        facts, book = open_book(path)
    except UserError:
        return  # the reader of lists tells what is wrong with it
    text = loaded(path, book, CASES)[0] if CASES in facts else None
    if text is None or text.height <= TITLE_ROW:
        return
    heads = {(value or "").strip(BLANKS) for value in text.row(TITLE_ROW)}
    if {"KASUS", "JAWABAN"} <= heads:
        received = f"lembar kasus Sinkron tanpa lembar tersembunyi {META} (disalin ke buku kerja lain?)"
        raise refused(path.name, received, "lembar kasus dari folder meja/ kantor ini",
                      f"{NEW}, lalu salin isi kolom kuning ke sana")  # fmt: skip


def _being_answered(office: Office, ledger: sqlite3.Connection) -> dict[str, str]:
    """Case number -> the open batch that answers it already, read from the archived workbooks."""
    found: dict[str, str] = {}
    for batch in open_batches(ledger):
        files = [] if batch.undoes else find_receipt(ledger, batch.agenda).files
        for name in dict.fromkeys(facts["archived"] for facts in files if facts["layout"] == KIND):
            with original(office, batch.agenda, name) as path:
                cells = all_answered(spelt(_read(path, Faults(HEADS))[0].cells))
            found |= dict.fromkeys(cells["KASUS"].to_list(), batch.agenda)
    return found


def only_cases(paths: list[Path], letter: Path | None) -> None:
    """Raises UserError (WORKSHEET) when a case workbook comes with something else: it is a receipt of its own."""
    together = [path for path in paths if is_case_workbook(path)]
    if together and (len(paths) > 1 or letter):
        problems = (Problem(path.name, "lembar kasus bersama berkas atau surat lain", "lembar kasus sendiri",
                            "terima lembar kasus dan berkas lain satu per satu") for path in together)  # fmt: skip
        raise UserError(Exit.WORKSHEET, *problems)
