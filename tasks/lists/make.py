"""The five lists of a written batch, and what regencies get: XLSX for people, CSV for machines, unmasked (outbox)."""

import sqlite3
from dataclasses import dataclass

import duckdb
import polars as pl

from expectations.outcomes import Outcome
from expectations.referral import ANSWER_COLUMN, ANSWERS, REFERENCE_COLUMN
from tasks.documents.facts import check_same
from tasks.documents.followed import Followed, followed
from tasks.documents.issue import Document
from tasks.lists.batch import Batch, written_batch
from tasks.lists.files import Sheet, as_csv, as_xlsx
from tasks.lists.outcomes import SOURCE, SOURCE_LINE, own_columns
from tasks.lists.received import FILE, LINE, ROW, Originals, Table, read_originals
from tasks.lists.referral import UNKNOWN, counterparts, lists_by_region, regency, to_ask, waiting_for
from tasks.office import Office

# Outcome -> the list's file name and what its rows are called in letters.
NAMES: dict[Outcome, tuple[str, str]] = {
    Outcome.CORRECTED: ("1-perbaikan", "Diperbaiki"),
    Outcome.DEACTIVATION: ("2-usul-nonaktif", "Diusulkan nonaktif atau hapus"),
    Outcome.OTHER_REGION: ("3-rujuk-luar-kota", "Dirujuk ke luar kota"),
    Outcome.UNFOUNDED: ("4-tidak-terbukti", "Tidak terbukti, ditutup tanpa perubahan"),
    Outcome.POSTPONED: ("5-ditunda", "Ditunda"),
}
REJECTED = ("6-ditolak", "Tidak dapat dibaca, dikembalikan")


@dataclass(frozen=True)
class Listed:
    """One list as files. ``rows``: received rows in it; ``called``: what letters call it; ``region``: "" = centre.

    ``lines``: lines of each file: a list in several CSVs has some of its rows in each.
    """

    called: str
    rows: int
    files: tuple[Document, ...]
    lines: tuple[int, ...]
    region: str = ""
    persons: int = 0


@dataclass(frozen=True)
class Lists:
    """All lists of a batch.

    ``unplaced``: referred rows whose region is unknown, so that nobody can be asked; ``answered``: those whose region
    has answered; ``pending``: those about which an earlier batch's letter waits for its answer; ``corrected``: what
    became of the register's value -> elements; ``follows``: the receipts whose cases the batch answers, if any.
    """

    batch: Batch
    centre: dict[Outcome, Listed]
    rejected: Listed | None
    regions: tuple[Listed, ...]
    unplaced: int
    answered: int
    pending: int
    corrected: dict[str, int]
    follows: tuple[Followed, ...]

    @property
    def files(self) -> list[Document]:
        """Every file, the centre's first."""
        kept = [*self.centre.values(), *([self.rejected] if self.rejected else []), *self.regions]
        return [file for listed in kept for file in listed.files]


def make_lists(con: duckdb.DuckDBPyConnection, ledger: sqlite3.Connection, office: Office, agenda: str) -> Lists | None:
    """The lists of a written batch (XLSX and CSV) with what letters tell of them; None for an undo.

    Each received row is in exactly one of lists 1 to 5, or in 6 (lines no reader could read). Beside them one list
    with minimum data per regency that is asked. Same batch, same bytes. Raises UserError: USAGE for a batch that is
    not written, FILE when the archived originals are gone or changed; DigestMismatchError.
    """
    batch = written_batch(ledger, agenda)
    if batch is None:
        return None
    check_same(con, (batch.agenda, batch.round), str(batch.entry.payload["digest"]))
    originals = read_originals(office, batch.receipt)
    own = own_columns(con, batch, originals)
    centre = {outcome: _centre_list(batch, outcome, originals, own[outcome]) for outcome in Outcome}
    if originals.rejects.height != batch.rejected:
        raise AssertionError("daftar ditolak tidak memuat semua barisnya")
    rejected = _rejected(batch, originals) if batch.rejected else None
    halves = counterparts(con, batch)
    held = [frame.select(pl.col("^DATA_KANTOR_.*$")) for frame in own[Outcome.CORRECTED]]
    told = pl.concat([part.unpivot()["value"] for part in held]).drop_nulls()
    return Lists(
        batch, centre, rejected, _regions(batch, originals, to_ask(halves)),
        halves.filter((pl.col("region") == UNKNOWN) & ~pl.col("answered"))[ROW].n_unique(),
        halves.filter("answered")[ROW].n_unique(), waiting_for(halves),
        dict(told.value_counts(sort=True).sort("value").iter_rows()), tuple(followed(con, ledger, agenda)),
    )  # fmt: skip


def _centre_list(batch: Batch, outcome: Outcome, originals: Originals, own: list[pl.DataFrame]) -> Listed:
    """One workbook with a sheet per header row, and a CSV for each, so that all names stay the centre's own."""
    name, called = NAMES[outcome]
    parts = [
        (table, table.frame.join(mine, on=ROW, how="inner", maintain_order="left").drop(ROW))
        for table, mine in zip(originals.tables, own, strict=True)
    ]
    parts = [part for part in parts if part[1].height] or parts[:1]
    rows = sum(frame.height for _, frame in parts)
    if rows != batch.rows(outcome):
        raise AssertionError(f"daftar {name} tidak memuat semua barisnya")
    one = len(originals.tables) == 1
    sheets = [Sheet(_sheet_title(name, table, one=one), frame, len(table.headers), table.key) for table, frame in parts]
    files = [_workbook(batch, (name, called), sheets)]
    for table, frame in parts:
        suffix = "" if one else f"-berkas-{'-'.join(map(str, table.files))}"
        files.append(Document(f"{name}{suffix}.csv", as_csv(frame), masked=False))
    return Listed(called, rows, tuple(files), (rows, *(frame.height for _, frame in parts)))


def _sheet_title(name: str, table: Table, *, one: bool) -> str:
    return name if one else f"berkas {', '.join(map(str, table.files))}"


def _workbook(batch: Batch, named: tuple[str, str], sheets: list[Sheet]) -> Document:
    told = f"{named[1]}, agenda {batch.agenda}"
    return Document(f"{named[0]}.xlsx", as_xlsx(told, sheets, batch.written_at), masked=False)


def _rejected(batch: Batch, originals: Originals) -> Listed:
    """Lines that no reader could read, as they came."""
    frame = originals.rejects.select(
        pl.col(FILE).replace_strict(originals.names, return_dtype=pl.String).alias(SOURCE),
        pl.col(LINE).cast(pl.String).alias(SOURCE_LINE), pl.col("reason").alias("ALASAN"), pl.col("text").alias("ISI"),
    )  # fmt: skip
    files = (_workbook(batch, REJECTED, [Sheet(REJECTED[0], frame)]),
             Document(f"{REJECTED[0]}.csv", as_csv(frame), masked=False))  # fmt: skip
    return Listed(REJECTED[1], frame.height, files, (frame.height,) * 2)


def _regions(batch: Batch, originals: Originals, asked: pl.DataFrame) -> tuple[Listed, ...]:
    references = pl.concat([table.frame.select(ROW) for table in originals.tables]).select(
        ROW, _place().alias(REFERENCE_COLUMN)
    )
    found = []
    rows = dict(asked.group_by("region").agg(pl.col(ROW).n_unique()).iter_rows())
    for region, frame in lists_by_region(asked, references, batch.agenda).items():
        name, called = f"{NAMES[Outcome.OTHER_REGION][0]}-{region}", f"Konfirmasi ke {regency(region)}"
        sheet = Sheet(region, frame, choices={ANSWER_COLUMN: list(ANSWERS)})
        files = (_workbook(batch, (name, called), [sheet]), Document(f"{name}.csv", as_csv(frame), masked=False))
        found.append(Listed(called, int(rows[region]), files, (frame.height,) * 2, region, frame.height))
    return tuple(found)


def _place() -> pl.Expr:
    """``1/15``: file and line, as people count."""
    from tasks.load import ROWS_PER_FILE

    return pl.format("{}/{}", pl.col(ROW) // ROWS_PER_FILE, pl.col(ROW) % ROWS_PER_FILE)
