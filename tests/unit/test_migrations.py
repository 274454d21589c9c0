"""The upgrade path: an office of every released version opens, whole; one of a newer version is left alone."""

import contextlib
import hashlib
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from office_kit import old_office, small
from office_kit.old_office import VERSIONS, age, contents, raw_store
from office_kit.signers import NOW, Desk

from flows import settings
from flows.commands.doctor import examine
from tasks.backup import backup, restore
from tasks.backup.sealed import password, unsealed
from tasks.errors import UserError
from tasks.evidence.findings import Severity
from tasks.evidence.verify import verdict, verify_office
from tasks.ledger import GENESIS, Kind, append, entries, head, open_ledger, writing
from tasks.ledger_tables import tables_of
from tasks.ledger_tables import version_of as ledger_version
from tasks.migrations import versions
from tasks.migrations.store import shape_of, version_of
from tasks.migrations.versions import CURRENT, MIGRATIONS
from tasks.office import Office
from tasks.steps import verify_marks
from tasks.store import memory_store, open_store

# SHA-256 of what each released migration does. A new one is added here; a line that is there never changes.
RELEASED = {1: "d582f70ca1517fcf48c5e40c47bf8fa0370dc4667489c50e4186aa192265a246"}


def versions_of(office: Office) -> tuple[int | None, int]:
    """Of the store's and the ledger's files, without opening either as an office."""
    with raw_store(office) as con, contextlib.closing(sqlite3.connect(office.ledger)) as ledger:
        return version_of(con), ledger_version(ledger)


def migrations_told(office: Office) -> list[dict[str, object]]:
    with open_ledger(office) as ledger:
        return [entry.payload for entry in entries(ledger, kind=Kind.MIGRATED)]


def backups(office: Office) -> list[Path]:
    return sorted((office.home / "cadangan").glob("*"))


def test_a_released_migration_never_changes() -> None:
    """If this fails, offices that came through the old text and those that come through the new one differ."""
    found = {s.to: hashlib.sha256("\n".join([s.store, *s.ledger]).encode()).hexdigest() for s in MIGRATIONS}
    assert found == RELEASED
    assert list(found) == list(range(1, CURRENT + 1))


def test_all_steps_lead_to_what_a_new_office_gets(tmp_path: Path) -> None:
    """If this fails, somebody changed a table without a migration: offices that are there lack the column."""
    office = Office(tmp_path / "kantor")
    office.create()
    with memory_store() as new, raw_store(office, tmp_path / "lama.duckdb") as old:
        old.execute(old_office.ddl(CURRENT))
        assert shape_of(old) == shape_of(new)
        assert version_of(old) == version_of(new) == CURRENT


@pytest.mark.parametrize("version", VERSIONS)
def test_an_office_of_every_version_opens_whole(batch: small.Batch, version: int) -> None:
    """If this fails, an office loses a batch in progress, or its evidence, with an update of the program."""
    office = batch.office
    age(office, version)
    assert versions_of(office) == (version, version)
    with raw_store(office) as con:
        before, marks = contents(con), verify_marks(con)
    with open_store(office) as con:
        after = contents(con)
        assert version_of(con) == CURRENT
        assert con.execute("select count(*) from cases").fetchone() is not None  # the views are there as well
        count, _ = verify_marks(con)
    told = [after["marks"].pop() for _ in range(count - marks[0])]
    assert [what for _, what, _ in told] == [f"skema {step.to}" for step in MIGRATIONS if step.to > version]
    assert after == before
    assert versions_of(office) == (CURRENT, CURRENT)
    assert verdict(verify_office(office, [])) is not Severity.WRONG
    assert bool(migrations_told(office)) is bool(backups(office)) is (version < CURRENT)


def test_the_batch_goes_on_after_it(batch: small.Batch) -> None:
    """If this fails, an update in the middle of a batch stops it: nobody's signature fits any more."""
    with open_store(batch.office) as con:
        signed = batch.done["propose"]["digest"]
        assert con.execute("select summary ->> 'digest' from steps where step = 'propose'").fetchall() == [(signed,)]
    age(batch.office)
    with open_store(batch.office) as con:
        from tasks.propose.changeset import digest

        assert digest(con, batch.agenda, 1) == signed


def test_a_backup_of_before_is_taken_first(batch: small.Batch, tmp_path: Path) -> None:
    """If this fails, an office whose migration went wrong has nothing to go back to."""
    age(batch.office)
    with raw_store(batch.office) as con:
        before = contents(con)
    with open_ledger(batch.office) as ledger:
        (made,) = entries(ledger, kind=Kind.BACKUP)
        (raised,) = entries(ledger, kind=Kind.MIGRATED)
    (file,) = backups(batch.office)
    assert made.payload["file"] == raised.payload["backup"] == file.name
    assert made.payload["sha256"] == raised.payload["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert raised.payload["before"] == {"store": 0, "ledger": 0}
    assert raised.seq == made.seq + 1
    assert file.stat().st_mode & 0o077 == 0
    with unsealed(file, password(batch.office)) as sealed:
        sealed.unpack(tmp_path)
    with raw_store(batch.office, tmp_path / "store.duckdb") as con:
        assert version_of(con) == 0
        assert contents(con) == before
    with contextlib.closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as old:
        assert ledger_version(old) == 0


def test_an_old_backup_is_restored_and_raised(batch: small.Batch, tmp_path: Path) -> None:
    """If this fails, yesterday's backups are worthless from the day of an update on."""
    office = batch.office
    age(office)
    with raw_store(office) as con:
        before = contents(con)
    with open_ledger(office):
        pass
    (file,) = backups(office)
    other = Office(tmp_path / "lain")
    other.create()
    other.key_file.write_text(office.key_file.read_text())
    restore(Office(other.home), file, datetime.now(UTC))
    assert versions_of(other) == (0, 0)
    with open_store(other) as con:
        after = contents(con)
        after["marks"].pop()
        assert after == before
    assert versions_of(other) == (CURRENT, CURRENT)


def test_nothing_is_done_twice(batch: small.Batch) -> None:
    """If this fails, every opening writes a backup, and the disk fills up."""
    age(batch.office)
    for _ in range(2):
        with open_store(batch.office), open_ledger(batch.office):
            pass
    assert len(migrations_told(batch.office)) == len(backups(batch.office)) == 1


def test_a_new_office_has_nothing_to_back_up(office: Office) -> None:
    """If this fails, an office is born with a backup of nothing and an entry before anybody is registered."""
    with open_store(office), open_ledger(office) as ledger:
        assert head(ledger) == (0, GENESIS)
    assert versions_of(office) == (CURRENT, CURRENT)
    assert not (office.home / "cadangan").exists()


def test_an_office_with_people_and_no_store(desk: Desk) -> None:
    """If this fails, an office that only registered its people before the update does not open any more."""
    desk.office.store.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(desk.office.ledger)) as ledger:
        ledger.execute("pragma user_version = 0")
    with open_ledger(desk.office) as ledger:
        assert len(entries(ledger, kind=Kind.MIGRATED)) == 1
    with open_store(desk.office) as con:
        assert version_of(con) == CURRENT


def test_a_store_that_died_while_it_was_made(office: Office) -> None:
    """If this fails, an office that was cut off in its first second with the program of then never opens again."""
    with raw_store(office) as con:
        con.execute(old_office.FIRST.read_text().partition("create table files")[0])
    with open_store(office) as con, memory_store() as new:
        assert shape_of(con) == shape_of(new)
        assert version_of(con) == CURRENT
    assert not (office.home / "cadangan").exists()


@pytest.mark.parametrize("which", ["store", "ledger"])
def test_a_newer_version_is_left_alone(batch: small.Batch, which: str, tmp_path: Path) -> None:
    """If this fails, an old program writes into an office that it does not understand."""
    office = batch.office
    target = tmp_path / "cadangan.zip"
    if which == "store":
        with raw_store(office) as con:
            con.execute(f"insert into schema_versions values ({CURRENT + 1})")
    else:
        with contextlib.closing(sqlite3.connect(office.ledger)) as ledger:
            ledger.execute(f"pragma user_version = {CURRENT + 1}")
    before = office.ledger.read_bytes()
    for opening in (open_store, open_ledger) if which == "ledger" else (open_store,):
        with (
            pytest.raises(UserError, match=rf"versi {CURRENT + 1}.*Sinkron yang lebih baru.*pasang Sinkron"),
            opening(office),
        ):
            pass
    with pytest.raises(UserError, match="lebih baru"):
        backup(office, target, NOW)
    assert not target.exists()
    assert office.ledger.read_bytes() == before
    assert verdict(verify_office(office, [])) is Severity.WRONG


def test_a_newer_backup_is_refused_before_anything_is_placed(
    batch: small.Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, restoring with an old program puts an office in place that it can not open."""
    target = tmp_path / "baru.zip"
    with raw_store(batch.office) as con:
        con.execute(f"insert into schema_versions values ({CURRENT + 1})")
    with monkeypatch.context() as later:  # the newer program makes its backup
        for module in ("tasks.migrations.store", "tasks.ledger_tables"):
            later.setattr(f"{module}.CURRENT", CURRENT + 1)
        backup(batch.office, target, datetime.now(UTC))
    other = Office(tmp_path / "lain")
    other.create()
    other.key_file.write_text(batch.office.key_file.read_text())
    with pytest.raises(UserError, match="lebih baru"):
        restore(Office(other.home), target, datetime.now(UTC))
    assert not other.store.exists()
    assert not other.ledger.exists()


def test_tables_that_were_never_ours_are_refused_whole(batch: small.Batch) -> None:
    """If this fails, an office of some other shape is half raised, and every later step fails in another way."""
    age(batch.office)
    with raw_store(batch.office) as con:
        con.execute("alter table findings rename code to kode")
        before = contents(con)
    with pytest.raises(UserError, match=r"tabel findings lain.*tidak ada yang diubah"), open_store(batch.office):
        pass
    assert not (batch.office.home / "cadangan").exists(), "cadangan pada setiap pembukaan yang gagal"
    with raw_store(batch.office) as con:
        assert contents(con) == before
        assert version_of(con) == 0


def test_a_clock_that_runs_behind_does_not_close_the_office(batch: small.Batch) -> None:
    """If this fails, an office with a wrong clock can not even be opened to set it right."""
    ahead = datetime.now(UTC) + timedelta(days=400)
    with open_ledger(batch.office) as ledger, writing(ledger):
        append(ledger, ahead, (Kind.NOTICE, "", "sinkron"), {})
    age(batch.office)
    with open_ledger(batch.office) as ledger:
        assert [entry.at[:10] for entry in entries(ledger, kind=Kind.MIGRATED)] == [ahead.date().isoformat()]


OPENING = """
import sys
from pathlib import Path
from tasks.ledger import open_ledger
from tasks.office import Office
from tasks.store import open_store
office = Office(Path(sys.argv[1]))
with open_store(office), open_ledger(office):
    pass
"""


def test_two_processes_at_once(batch: small.Batch) -> None:
    """If this fails, worker and server that start together after an update stand in each other's way."""
    age(batch.office)
    command = [sys.executable, "-c", OPENING, str(batch.office.home)]
    both = [subprocess.Popen(command, cwd=settings.REPOSITORY) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    assert len(migrations_told(batch.office)) == len(backups(batch.office)) == 1


def test_the_ledger_is_compared_at_its_own_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, a ledger that is to be migrated is called forged, or a forged one passes for an older one."""
    later = versions.Migration(CURRENT + 1, "indeks waktu", ("create index entries_at on entries (at)",))
    monkeypatch.setattr("tasks.ledger_tables.MIGRATIONS", (*MIGRATIONS, later))
    assert "entries_at" not in tables_of(CURRENT)
    assert "entries_at" in tables_of(CURRENT + 1)


def test_doctor_says_the_versions(batch: small.Batch) -> None:
    """If this fails, nobody can tell which of two offices still has to be brought up to date."""
    desk = batch.desk
    (line,) = [line for line in examine(desk.office, NOW) if line.place == "skema"]
    assert line.text == f"store versi {CURRENT}, Buku Agenda versi {CURRENT}"
    age(batch.office)
    (line,) = [line for line in examine(desk.office, NOW) if line.place == "skema"]
    assert line.text.endswith("1 cadangan dari sebelum dinaikkan di cadangan/")
    assert line.step
    (line,) = [line for line in examine(desk.office, NOW) if line.place == "cadangan"]
    assert line.text == "belum pernah dibuat"  # that one burns with the office
