"""Received files and the baseline go into the store, each in one transaction."""

import itertools
import operator
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from expectations.outcomes import PROPOSAL_COLUMN
from tasks.cases.keep import keep_answers
from tasks.errors import Exit, Problem, UserError
from tasks.normalise import given, normalise
from tasks.office import Office
from tasks.passwords import zip_passwords
from tasks.private import sha256_of
from tasks.read import Extract, Received, read_extract, read_received
from tasks.receipts import Receipt
from tasks.retention.originals import original
from tasks.steps import Summary, find, finish, mark
from tasks.store import transaction

ROWS_PER_FILE = 10_000_000  # row_id = file_no * ROWS_PER_FILE + line_no
COUNTED = ("content_sha256", "physical", "received", "loaded")


def load(con: duckdb.DuckDBPyConnection, office: Office, receipt: Receipt) -> Summary:
    """Loads all files of a receipt in one transaction. Returns counts {received, loaded, rejected}.

    Asserts that every received line is loaded or rejected (promise 1) against what the receipt recorded.
    """
    if done := find(con, receipt.agenda, "load"):
        return done
    with transaction(con):
        for number, facts, extract in archived_extracts(office, receipt):
            insert_extract(con, (receipt.agenda, number), extract, (facts["name"], facts["sha256"]))
            con.execute("update files set letter_rows = ? where agenda = ? and file_no = ?",
                        [facts.get("letter_rows"), receipt.agenda, number])  # fmt: skip
            if extract.answers is not None:
                keep_answers(con, (receipt.agenda, number), extract.answers)
        return finish(con, receipt.agenda, ("load", 0), _counts(con, receipt.agenda))


def archived_extracts(office: Office, receipt: Receipt) -> Iterator[tuple[int, dict[str, Any], Extract]]:
    """Every extract of a receipt read again from the archive: (file number from 1, its facts, the extract).

    Raises UserError (FILE) when an archived original is gone or changed, or its ZIP's password is not known any more.
    """
    number = 0
    for archived, group in itertools.groupby(receipt.files, key=operator.itemgetter("archived")):
        told = list(group)
        for facts, extract in zip(told, _read_archived(office, (receipt.agenda, archived), told), strict=True):
            number += 1
            yield number, facts, extract


def _read_archived(office: Office, where: tuple[str, str], told: list[dict[str, Any]]) -> list[Extract]:
    """The extracts of one archived original, when its bytes and its counts are still those of the receipt."""
    with original(office, *where) as path:
        if not path.is_file() or sha256_of(path) != told[0]["sha256"]:
            place, told_of = f"archive/{where[0]}/{where[1]}", "arsip hilang atau isinya berubah"
            problem = Problem(place, told_of, "sha256 seperti saat diterima", "pulihkan arsip dari cadangan")
            raise UserError(Exit.FILE, problem)
        received = read_received(path, office.scratch, zip_passwords(office, [path]))
    if [_counted(r) for r in received] != [tuple(facts[name] for name in COUNTED) for facts in told]:
        raise AssertionError("pembacaan ulang memberi hasil lain")
    return [r.extract for r in received]


def _counted(received: Received) -> tuple[str, int, int, int]:
    extract = received.extract
    return received.content_sha256, extract.physical, extract.received, extract.frame.height


def _counts(con: duckdb.DuckDBPyConnection, agenda: str) -> Summary:
    received, loaded, rejected, stored = con.execute(
        """select sum(received)::int, sum(loaded)::int, sum(rejected)::int,
             (select count(*) from extract_rows where agenda = ?1) from files where agenda = ?1""",
        [agenda],
    ).fetchall()[0]
    if received != loaded + rejected or stored != loaded:
        raise AssertionError("jumlah baris tidak kekal")
    return {"received": received, "loaded": loaded, "rejected": rejected}


def insert_extract(
    con: duckdb.DuckDBPyConnection, place: tuple[str, int], extract: Extract, known_as: tuple[str, str]
) -> None:
    """One extract into ``files``, ``extract_rows`` and ``rejects``. ``place``: (agenda, file number from 1);
    ``known_as``: (name and SHA-256 of the received file, which an archived copy no longer bears).
    """  # noqa: D205 (two arguments that need their words)
    agenda, file_no = place
    layout = extract.layout
    con.execute(
        "insert into files values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, null)",
        [agenda, file_no, *known_as, layout.kind, extract.received, extract.frame.height, extract.rejects.height,
         layout.whole_families, given(layout.mapping.values())],
    )  # fmt: skip
    rows = normalise(extract.frame).with_columns(
        pl.lit(agenda).alias("agenda"),
        pl.lit(file_no).alias("file_no"),
        (pl.lit(file_no * ROWS_PER_FILE) + pl.col("line_no")).alias("row_id"),
    )
    con.register("incoming", rows.to_arrow())
    con.execute("insert into extract_rows by name select * from incoming")
    con.unregister("incoming")
    rejects = extract.rejects.select(
        pl.lit(agenda).alias("agenda"), pl.lit(file_no).alias("file_no"), "line_no", "reason", "text"
    )
    con.register("incoming", rejects.to_arrow())
    con.execute("insert into rejects by name select * from incoming")
    con.unregister("incoming")


def load_baseline(con: duckdb.DuckDBPyConnection, office: Office, path: Path) -> int:
    """Loads the office's residents once. Returns how many; the same file again changes nothing.

    Raises UserError (ALREADY_RECEIVED) when the register already holds residents of another file.
    """
    digest = sha256_of(path)
    if con.execute("select 1 from baselines where sha256 = ?", [digest]).fetchone():
        return 0
    if con.execute("select 1 from penduduk limit 1").fetchone():
        raise UserError(
            Exit.ALREADY_RECEIVED,
            Problem(
                path.name,
                "data penduduk sudah pernah dimuat",
                "satu data awal untuk satu kantor",
                "perubahan data hanya lewat berkas Ditjen yang disetujui",
            ),
        )
    extract = read_extract(path, office.scratch, passwords=zip_passwords(office, [path]))
    rows = normalise(extract.frame).drop("tgl_lhr_raw")
    if extract.rejects.height:
        lines = ", ".join(str(line) for line in extract.rejects["line_no"].head(10))
        raise UserError(
            Exit.FILE,
            Problem(
                f"{path.name}, baris {lines}",
                f"{extract.rejects.height} baris rusak",
                "data awal tanpa baris rusak",
                "perbaiki baris itu",
            ),
        )
    with transaction(con):
        con.register("incoming", rows.to_arrow())
        con.execute(f"""insert into penduduk by name
            select line_no - 1 as resident_id, * exclude (line_no), null::varchar as {PROPOSAL_COLUMN}
            from incoming""")
        con.unregister("incoming")
        con.execute("insert into baselines values (?, ?, ?)", [digest, path.name, rows.height])
        mark(con, f"baseline {digest}")
    return rows.height
