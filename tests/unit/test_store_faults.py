"""A store or key that is missing, damaged or held by somebody: told in words, never filled anew."""

import subprocess
import sys

import duckdb
import pytest
from office_kit.small import Batch, Opened

from tasks import store
from tasks.errors import Exit, SinkronError, UserError
from tasks.office import Office
from tasks.propose import propose
from tasks.resolve.run import resolve
from tasks.store import open_store

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
    with pytest.raises((SinkronError, duckdb.Error)) as caught:
        read_everything(batch.office)
    assert batch.office.key("store").hex() not in str(caught.value)


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
    con.execute("insert into decisions values ('2026-0001', ?, 2, 'diperbaiki', 'warna_mata', 'X', 'x')", [10_000_018])
    with pytest.raises(KeyError):
        propose(con, "2026-0001", 2)
    after = [con.sql(f"from {table} order by all").pl() for table in ("outcomes", "changes", "steps")]
    assert all(a.equals(b) for a, b in zip(before, after, strict=True))
