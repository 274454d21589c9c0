"""Prefect's SQLite file: what was deleted in it goes back to the disk, what is in it stays."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

from flows import prefect_database, settings
from flows.prefect_database import LEAST_BYTES, shrink

ROW = b"x" * 2**20


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database of forty runs of a megabyte each."""
    path = tmp_path / "prefect.db"
    with contextlib.closing(sqlite3.connect(path)) as con, con:
        con.execute("create table flow_run (n integer, facts blob)")
        con.executemany("insert into flow_run values (?, ?)", [(n, ROW) for n in range(40)])
    assert path.stat().st_size > LEAST_BYTES
    return path


def delete(path: Path, runs: int) -> None:
    with contextlib.closing(sqlite3.connect(path)) as con, con:
        con.execute("delete from flow_run where n < ?", [runs])


def test_a_database_that_is_mostly_empty_shrinks(database: Path) -> None:
    """If this fails, the office's disk fills with runs that were deleted long ago, or shrinking loses what stays."""
    delete(database, 35)
    before = database.stat().st_size
    assert shrink(database)
    assert database.stat().st_size < before / 4
    assert database.stat().st_mode & 0o777 == 0o600
    with contextlib.closing(sqlite3.connect(database)) as con:
        assert con.execute("select n, facts from flow_run order by n").fetchall() == [(n, ROW) for n in range(35, 40)]


def test_a_full_small_busy_or_missing_one_is_left_alone(database: Path, tmp_path: Path) -> None:
    """If this fails, every start of the office rewrites gigabytes, or does not come up at all."""
    delete(database, 5)
    before = database.read_bytes()
    assert not shrink(database)
    delete(database, 35)
    with contextlib.closing(sqlite3.connect(database)) as reader:
        reader.execute("begin")
        reader.execute("select * from flow_run").fetchone()
        assert not shrink(database)
    assert len(before) == database.stat().st_size
    assert not shrink(tmp_path / "none.db")


def test_runs_that_ended_are_deleted_after_the_declared_days() -> None:
    """If this fails, Prefect keeps every run for ever, or deletes those that people may still ask about."""
    environment = settings.prefect_environment(Path("/kantor"), "http://127.0.0.1:1/api")
    from prefect.settings.models.server.services import ServerServicesDBVacuumSettings

    chosen = ServerServicesDBVacuumSettings(
        enabled=environment["PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED"],
        retention_period=int(environment["PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD"]),
    )
    assert chosen.enabled_vacuum_types == {"events", "flow_runs", "orphans"}
    assert chosen.retention_period.days == prefect_database.KEPT_DAYS
