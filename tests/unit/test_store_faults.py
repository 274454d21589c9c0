"""A store or key that is missing, damaged or held by somebody: told in words, never filled anew."""

import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest
from office_kit.files import write
from office_kit.small import Batch, Opened

from flows.guarded import guarded
from tasks import store
from tasks.anchors import STORE, newest
from tasks.errors import Exit, UserError
from tasks.office import Office
from tasks.propose import propose
from tasks.reference import DEATHS, load_list
from tasks.resolve.run import resolve
from tasks.steps import mark, newest_mark, verify_marks
from tasks.store import memory_store, open_store, transaction

HOLD = """
import sys, time
from pathlib import Path
from tasks.office import Office
from tasks.store import open_store
with open_store(Office(Path(sys.argv[1]))):
    print("open", flush=True)
    time.sleep(60)
"""


def read_everything(office: Office) -> None:
    with open_store(office) as con:
        con.execute("select sum(hash(p)) from penduduk p").fetchall()


@pytest.mark.parametrize("keep", [0.0, 0.1])
def test_a_damaged_store_is_an_error(batch: Batch, keep: float) -> None:
    """If this fails, a store cut off by a full disk is taken for an empty office, or its message quotes the key."""
    raw = batch.office.store.read_bytes()
    batch.office.store.write_bytes(raw[: int(len(raw) * keep)] + b"rusak")
    with pytest.raises(UserError, match=r"store\.duckdb: .*rusak") as caught:
        read_everything(batch.office)
    assert caught.value.exit_code is Exit.OFFICE
    assert batch.office.key("store").hex() not in str(caught.value)


def test_a_damaged_header_is_told_at_once(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, a damaged block is taken for a lock ("block"): a minute's wait, and the wrong advice."""
    monkeypatch.setattr(store, "LOCK_WAIT_SECONDS", 0.0)
    raw = bytearray(batch.office.store.read_bytes())
    raw[40] ^= 1
    batch.office.store.write_bytes(raw)
    with pytest.raises(UserError, match="berkas rusak"):
        read_everything(batch.office)


def test_every_writing_leaves_a_mark(batch: Batch) -> None:
    """If this fails, a step's work can vanish from the store with no number to miss it by."""
    with open_store(batch.office) as con:
        told = [what for (what,) in con.execute("select what from marks order by n").fetchall()]
        assert verify_marks(con) == newest_mark(con)
    steps = ("load", "validate", "resolve", "reconcile", "draft", "propose")
    written = ("baseline", *(f"{batch.agenda} {step}" for step in steps))
    assert [name for name, what in zip(written, told, strict=True) if not what.startswith(name)] == []


def commit_and_fail(office: Office) -> None:
    with open_store(office) as con:
        with transaction(con):
            mark(con, "tersimpan")
        with transaction(con):
            mark(con, "tidak tersimpan")
            raise ZeroDivisionError


def test_the_newest_mark_is_noted_also_when_a_later_step_fails(batch: Batch) -> None:
    """If this fails, what was committed before a fault can be cut off unnoticed."""
    with pytest.raises(ZeroDivisionError):
        commit_and_fail(batch.office)
    with open_store(batch.office) as con:
        number, digest = newest_mark(con)
        assert con.execute("select what from marks where n = ?", [number]).fetchone() == ("tersimpan",)
    noted = newest(batch.office.anchors, STORE)
    assert noted is not None
    assert (noted.number, noted.hash) == (number, digest)


def test_opening_alone_notes_nothing(batch: Batch) -> None:
    """If this fails, the second file grows with every look at the store."""
    before = batch.office.anchors.read_bytes()
    for _ in range(3):
        read_everything(batch.office)
    assert batch.office.anchors.read_bytes() == before


@pytest.mark.parametrize("forgery", [
    "update marks set what = 'lain' where n = 2", "delete from marks where n = 2",
    "update marks set hash = repeat('0', 64) where n = 3",
])  # fmt: skip
def test_a_changed_chain_of_marks_is_found(batch: Batch, forgery: str) -> None:
    """If this fails, who holds the key can rewrite what the store did, and `sinkron verify` says all is well."""
    with open_store(batch.office) as con:
        con.execute(forgery)
        with pytest.raises(UserError, match="rantai tanda putus"):
            verify_marks(con)


def test_a_store_in_memory_has_marks_and_no_second_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, `sinkron check` needs an office, or leaves files behind."""
    monkeypatch.chdir(tmp_path)
    with memory_store() as con:
        with transaction(con):
            mark(con, "uji")
        assert verify_marks(con)[0] == 1
    assert not list(tmp_path.iterdir())


def test_a_list_is_replaced_whole_or_not_at_all(office: Office, tmp_path: Path) -> None:
    """If this fails, a fault while a list of deaths is replaced leaves the office without one."""
    first = write(tmp_path / "a.csv", "NIK\n3576020102709002\n3576020102709003\n")
    with open_store(office) as con:
        load_list(con, DEATHS, first)
        load_list(con, DEATHS, write(tmp_path / "b.csv", "NIK\n3576020102709003\n"))
        assert con.execute("select nik from reference_lists").fetchall() == [("3576020102709003",)]
        con.execute("alter table marks rename to tanda")
        with pytest.raises(duckdb.CatalogException):
            load_list(con, DEATHS, first)
        con.execute("alter table tanda rename to marks")
        assert con.execute("select nik from reference_lists").fetchall() == [("3576020102709003",)]


def test_a_store_held_for_long_is_told(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, a step waits for ever, or breaks without saying who is in the way."""
    monkeypatch.setattr(store, "LOCK_WAIT_SECONDS", 0.3)
    with subprocess.Popen([sys.executable, "-c", HOLD, office.home], stdout=subprocess.PIPE, text=True) as other:
        try:
            assert other.stdout.readline() == "open\n"
            with pytest.raises(UserError) as caught, open_store(office):
                pass
        finally:
            other.kill()
    assert caught.value.exit_code is Exit.OFFICE
    assert "dipakai proses lain" in str(caught.value)


def test_a_run_waits_while_another_batch_writes(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, a large extract makes the runs of all other batches fail, and they stand still until recover."""
    monkeypatch.setattr(store, "LOCK_WAIT_SECONDS", 0.1)

    @guarded("uji")
    def step() -> int:
        with open_store(office) as con:
            return len(con.execute("select * from steps").fetchall())

    with subprocess.Popen([sys.executable, "-c", HOLD, office.home], stdout=subprocess.PIPE, text=True) as other:
        try:
            assert other.stdout.readline() == "open\n"
            threading.Timer(1.0, other.kill).start()
            assert step() == 0
        finally:
            other.kill()
    assert store.patience.get() is None  # a person's command after it in the same process does not wait for an hour


def test_an_office_without_key_says_so(office: Office) -> None:
    """If this fails, a missing key gives a traceback with paths instead of what to do."""
    office.key_file.unlink()
    with pytest.raises(UserError, match="kunci kantor tidak ada"):
        Office(office.home).key("store")


def test_finished_steps_are_not_run_again(opened: Opened) -> None:
    """If this fails, a resumed flow proposes anew what people are signing."""
    con, batch = opened.con, opened.batch
    con.execute("delete from outcomes")
    assert propose(con, batch.agenda, 1) == batch.done["propose"]
    assert propose(con, batch.agenda, 1, step="draft") == batch.done["draft"]
    assert resolve(con, batch.agenda) == batch.done["resolve"]
    assert con.execute("select count(*) from outcomes").fetchall() == [(0,)]


def test_a_failed_step_leaves_nothing(opened: Opened) -> None:
    """If this fails, half a proposal is in the store and the step counts as done."""
    con = opened.con
    before = [con.sql(f"from {table} order by all").pl() for table in ("outcomes", "changes", "steps")]
    con.execute("insert into decisions (agenda, row_id, round, outcome, element, after, basis) "
                "values ('2026-0001', ?, 2, 'diperbaiki', 'warna_mata', 'X', 'x')", [10_000_018])  # fmt: skip
    with pytest.raises(KeyError):
        propose(con, "2026-0001", 2)
    after = [con.sql(f"from {table} order by all").pl() for table in ("outcomes", "changes", "steps")]
    assert all(a.equals(b) for a, b in zip(before, after, strict=True))
