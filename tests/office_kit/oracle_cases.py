"""Worlds for judging: generated families and rows put into a store in memory, judged through Great Expectations."""

import copy
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import duckdb
import polars as pl

from expectations.columns import DATES, STORED
from expectations.rules.cases import Case
from expectations.thresholds import DEFAULTS
from office_kit.oracle_people import World
from office_kit.oracle_words import Row
from tasks.steps import Summary
from tasks.store import memory_store
from tasks.validate import Terms, validate

AGENDA = "2026-0001"
TYPES = {name: pl.Date if name in DATES else pl.String for name in STORED}
EMPTY = dict.fromkeys([*STORED, "tgl_lhr_raw"])


def received(rows: Iterable[Row], file_no: int = 1) -> list[Row]:
    """Rows with the columns they lack, a row_id and a line, as the loader numbers them."""
    return [{**EMPTY, **row, "file_no": file_no, "line_no": at + 2, "row_id": file_no * 10_000_000 + at + 2}
            for at, row in enumerate(rows)]  # fmt: skip


def residents(people: Iterable[Row]) -> list[Row]:
    """Records of the register: no row_id, no file."""
    return [{**dict.fromkeys(STORED), **{k: v for k, v in person.items() if k in TYPES}, "row_id": None,
             "file_no": None} for person in people]  # fmt: skip


def as_world(case: Case, *, whole: bool = True) -> World:
    """One family of the rules' own cases."""
    return World(received(case.family), residents(case.register), case.dead, case.moved, {1} if whole else set())


def _insert(con: duckdb.DuckDBPyConnection, table: str, rows: list[Row], types: dict[str, object]) -> None:
    if rows:
        con.register("incoming", pl.DataFrame(rows, schema=types).to_arrow())
        con.execute(f"insert into {table} by name select * from incoming")
        con.unregister("incoming")


def fill(con: duckdb.DuckDBPyConnection, world: World, agenda: str = AGENDA) -> None:
    """Replaces all that the store holds by a world."""
    tables = ("extract_rows", "penduduk", "reference_lists", "files", "findings", "steps", "identities", "root_causes")
    for table in tables:
        con.execute(f"delete from {table}")
    numbers = {"row_id": pl.Int64, "file_no": pl.Int64, "line_no": pl.Int64}
    _insert(con, "extract_rows", [{**row, "agenda": agenda} for row in world.rows],
            TYPES | numbers | {"tgl_lhr_raw": pl.String, "agenda": pl.String})  # fmt: skip
    _insert(con, "penduduk", [{**person, "resident_id": at + 1} for at, person in enumerate(world.register)],
            TYPES | {"resident_id": pl.Int64})  # fmt: skip
    for kind, listed in (("kematian", world.dead), ("pindah", world.moved)):
        for nik in dict.fromkeys(listed):
            con.execute("insert into reference_lists values (?, ?, 'x')", [kind, nik])
    for number in {row["file_no"] for row in world.rows}:
        con.execute("insert into files by name select ? as agenda, ? as file_no, ? as whole_families",
                    [agenda, number, number in world.whole])  # fmt: skip


def findings(con: duckdb.DuckDBPyConnection, agenda: str = AGENDA) -> dict[str, set[int]]:
    """Rule code -> row_ids, as stored; no key may be there twice."""
    found: dict[str, set[int]] = {}
    stored = con.execute("select code, row_id from findings where agenda = ?", [agenda]).fetchall()
    for code, row_id in stored:
        found.setdefault(code, set()).add(row_id)
    assert len(stored) == sum(map(len, found.values()))
    return found


def through_gx(
    con: duckdb.DuckDBPyConnection, world: World, as_of: date, thresholds: dict[str, int] | None = None
) -> tuple[dict[str, set[int]], Summary]:
    """Judges a world by one Great Expectations run: what was stored, and the summary."""
    fill(con, world)
    summary = validate(con, AGENDA, Terms(as_of.isoformat(), thresholds or dict(DEFAULTS)))
    return findings(con), summary


@contextmanager
def a_store() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty store in memory."""
    with memory_store() as con:
        yield con


def crowd_of_names(**bearers: str) -> list[Row]:
    """Residents whose first names are of one sex by the register's own numbers: ``SITI="2"``.

    Each lives alone elsewhere in the city under a NIK of their own.
    """
    made = []
    for place, (word, sex) in enumerate(bearers.items()):
        for at in range(25):
            born = date(1950, 2, 2) + timedelta(days=311 * at)
            day = born.day + (40 if sex == "2" else 0)
            nik = f"357601{day:02d}{born:%m%y}9{place}{at:02d}"
            made.append({"nik": nik, "no_kk": f"3576010101059{place}{at:02d}", "nama_lgkp": f"{word} W",
                         "jenis_klmin": sex, "tgl_lhr": born, "stat_hidup": "1", "flag_status": "0",
                         "stat_hbkel": "1", "no_prop": "35", "no_kab": "76"})  # fmt: skip
    return made


def joined(worlds: Iterable[World]) -> World:
    """Several worlds as one batch: row_ids and file numbers are made new, whole files stay apart from others."""
    one = World(whole={1})
    for world in worlds:
        file_no = 1 if world.whole else 2
        for row in copy.deepcopy(world.rows):
            line = len(one.rows) + 2
            one.rows.append(row | {"file_no": file_no, "line_no": line, "row_id": file_no * 10_000_000 + line})
        one.register += world.register
        one.dead += world.dead
        one.moved += world.moved
    return one
