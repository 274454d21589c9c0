"""What lies on the disk: the store encrypted, files private, and keys that nobody else reads (promise 5)."""

import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from office_kit.files import write_csv
from office_kit.published_texts import copy_published
from office_kit.residents import resident
from office_kit.signers import NOW
from office_kit.small import RESIDENTS, Batch, Opened

from tasks.errors import Exit, UserError
from tasks.office import Office
from tasks.store import open_store


def test_the_store_holds_nothing_in_plain_text(small: Batch, tmp_path: Path) -> None:
    """If this fails, whoever copies the store's file reads the residents of the city."""
    nik = str(RESIDENTS[0]["NIK"]).encode()
    with duckdb.connect(str(tmp_path / "terbuka.duckdb")) as con:  # the same data without a key: the search can find it
        con.execute("create table t as select unnest(?) as nik", [[str(row["NIK"]) for row in RESIDENTS]])
    assert nik in (tmp_path / "terbuka.duckdb").read_bytes()
    raw = small.office.store.read_bytes()
    assert not [row for row in RESIDENTS if str(row["NIK"]).encode() in raw or str(row["NAMA_LGKP"]).encode() in raw]


KILLED = """
import os, signal, sys
from pathlib import Path
from tasks.load import load_baseline
from tasks.office import Office
from tasks.store import open_store
office = Office(Path(sys.argv[1]))
with open_store(office) as con:
    load_baseline(con, office, Path(sys.argv[2]))
    con.execute("update office.main.penduduk set alamat = 'JL RAHASIA 77'")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_log_of_a_killed_process_is_encrypted_too(office: Office, tmp_path: Path) -> None:
    """If this fails, a power cut leaves the residents readable in the write-ahead log."""
    rows = [resident(n) for n in range(90)]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, office.home, write_csv(tmp_path / "a.csv", rows)], check=False
    )
    assert killed.returncode == -signal.SIGKILL
    log = office.store.with_name("store.duckdb.wal")
    assert log.exists()
    for path in (office.store, log):
        raw = path.read_bytes()
        assert not [r for r in rows if str(r["NIK"]).encode() in raw or str(r["NAMA_LGKP"]).encode() in raw]
        assert b"RAHASIA" not in raw
    with open_store(office) as con:
        assert con.execute("select count(*), min(alamat) from penduduk").fetchone() == (90, "JL RAHASIA 77")


def test_everything_in_the_office_is_private(batch: Batch) -> None:
    """If this fails, another account on the machine reads extracts, reasons of refusal, or keys."""
    from office_kit.files import write

    from tasks.receive import receive

    office = batch.office
    with pytest.raises(UserError):
        receive(office, [write(office.inbox / "buruk.csv", "NIK;Hobi\n1;2\n")], None, (NOW, "inbox"))
    with open_store(office) as con:
        copy_published(Opened(batch, con))
    allowed = {"dir": {0o700}, "file": {0o600, 0o440}}
    modes = {path: path.stat().st_mode & 0o777 for path in [office.home, *office.home.rglob("*")]}
    wrong = {
        str(path.relative_to(office.home)): oct(mode)
        for path, mode in modes.items()
        if mode not in allowed["dir" if path.is_dir() else "file"]
    }
    assert not {path: mode for path, mode in wrong.items() if not path.startswith(("scratch/", "keys"))}
    assert office.key_file.stat().st_mode & 0o777 == 0o600


def test_another_key_does_not_open_the_store(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, the wrong key opens an empty office, or its message tells the key."""
    key = "ab" * 32
    monkeypatch.setenv("SINKRON_KEY", key)
    with pytest.raises(UserError) as caught, open_store(Office(batch.office.home)):
        pass
    assert caught.value.exit_code is Exit.OFFICE
    assert "kunci tidak cocok" in str(caught.value)
    assert key not in str(caught.value)
    assert Office(batch.office.home).key("store").hex() not in str(caught.value)


def test_an_unencrypted_store_is_not_opened(office: Office) -> None:
    """If this fails, a store put there by somebody else is filled with residents in plain text."""
    with duckdb.connect(str(office.store)) as con:
        con.execute("create table t (a int)")
    with pytest.raises(UserError) as caught, open_store(office):
        pass
    assert caught.value.exit_code is Exit.OFFICE


HOLD = """
import sys, time
from pathlib import Path
from tasks.office import Office
from tasks.store import open_store
with open_store(Office(Path(sys.argv[1]))):
    print("open", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def test_a_busy_store_is_waited_for(office: Office) -> None:
    """If this fails, two steps at the same time end in a traceback instead of one after the other."""
    with subprocess.Popen([sys.executable, "-c", HOLD, office.home, "0.5"], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "open\n"
        with open_store(office) as con:
            assert con.execute("select count(*) from steps").fetchall() == [(0,)]
        assert other.wait() == 0


@pytest.mark.parametrize("content", ["", "abc", "zz" * 32, "ab" * 31])
def test_a_damaged_key_is_told(office: Office, content: str) -> None:
    """If this fails, a damaged key gives a traceback, or a store under a key nobody has."""
    office.key_file.write_text(content)
    with pytest.raises(UserError) as caught:
        Office(office.home).key("store")
    assert caught.value.exit_code is Exit.OFFICE


def test_a_lost_key_is_not_replaced(batch: Batch) -> None:
    """If this fails, the office makes a new key beside the data of the old one, and both are lost."""
    batch.office.key_file.unlink()
    with pytest.raises(UserError, match="kunci hilang"):
        Office(batch.office.home).create()
    assert not batch.office.key_file.exists()


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_key_open_to_others_is_not_used(office: Office, mode: int) -> None:
    """If this fails, a key that others could copy is trusted."""
    office.key_file.chmod(mode)
    with pytest.raises(UserError, match="terbuka untuk orang lain"):
        Office(office.home).key("store")


def test_keys_have_one_purpose_each(office: Office) -> None:
    """If this fails, whoever learns the pseudonym key can open the store."""
    keys = {office.key(purpose) for purpose in ("store", "totp", "pseudonym")}
    assert len(keys) == 3
    assert {len(key) for key in keys} == {32}
    assert office.key("store") == Office(office.home).key("store")
    before = office.key_file.read_bytes()
    office.create()
    assert office.key_file.read_bytes() == before
