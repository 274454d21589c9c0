"""Torn, flipped, lost and exchanged bytes of the store: everything committed is there, or a clear refusal (promise 3).

In CI a few per kind; ``SINKRON_TORTURE=1`` tries two thousand.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from office_kit.files import write_csv
from office_kit.residents import resident
from office_kit.small import Batch, copy_of
from office_kit.wrecks import COMMITS, KILLED, Wreck, facts, outcome

from tasks import anchors
from tasks.errors import Exit, Problem, UserError
from tasks.load import load_baseline
from tasks.office import Office
from tasks.steps import mark, verify_marks
from tasks.store import open_store, transaction

TORTURE = bool(os.environ.get("SINKRON_TORTURE"))
TRIES = 2_000 if TORTURE else 20


@pytest.fixture(scope="module")
def wreck(small: Batch, tmp_path_factory: pytest.TempPathFactory) -> Wreck:
    office = copy_of(small, tmp_path_factory.mktemp("rusak") / "kantor").office
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, office.home, str(COMMITS)], capture_output=True, text=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    log = office.store.with_name("store.duckdb.wal")
    lines = [line for line in office.anchors.read_bytes().splitlines(keepends=True) if line.startswith(b"store ")]
    sizes = [int(size) for size in killed.stdout.split()]
    assert (len(sizes), sizes[-1]) == (COMMITS, log.stat().st_size)
    made = Wreck(office, office.store.read_bytes(), log.read_bytes(), lines, sizes, {})
    made.whole = facts(office)
    return made


def flipped(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def zeroed(data: bytes, chance: random.Random) -> bytes:
    length = min(4096, len(data) // 3)
    at = chance.randrange(len(data) - length)
    return data[:at] + bytes(length) + data[at + length :]


def cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data))]


def scrambled(data: bytes, chance: random.Random) -> bytes:
    """Two pages exchanged: each is genuine, at the wrong place."""
    pages = [data[at : at + 4096] for at in range(0, len(data), 4096)]
    one, other = chance.sample(range(len(pages) - 1), 2) if len(pages) > 2 else (0, 0)
    pages[one], pages[other] = pages[other], pages[one]
    return b"".join(pages)


@pytest.mark.parametrize("change", [flipped, zeroed, cut, scrambled], ids=lambda change: change.__name__)
def test_a_damaged_store_never_tells_something_else(
    wreck: Wreck, change: Callable[[bytes, random.Random], bytes]
) -> None:
    """If this fails, a bad disk changes residents' data, and the office reads on as if nothing were wrong."""
    chance = random.Random(change.__name__)  # noqa: S311
    seen = []
    for _ in range(TRIES):
        damaged = change(wreck.store, chance)
        wreck.lay(store=damaged)
        seen.append(outcome(wreck))
        if seen[-1] != "utuh":
            assert wreck.office.store.read_bytes() == damaged, "penolakan mengubah berkas yang rusak"
    assert set(seen) <= {"utuh", "store.duckdb", "store.duckdb.wal"}
    assert set(seen) - {"utuh"}, "tidak satu pun kerusakan mengenai blok yang dipakai"


def test_a_flipped_length_does_not_end_the_log_unnoticed(wreck: Wreck) -> None:
    """If this fails, one bad byte between two commits drops all that come after it, and the office reads on."""
    for size in (0, *wreck.sizes[:-1]):
        for at in range(size, size + (48 if TORTURE else 4)):
            damaged = bytearray(wreck.log)
            damaged[at] ^= 1
            wreck.lay(log=bytes(damaged))
            assert outcome(wreck) in {"store.duckdb", "store.duckdb.wal"} | (set() if size else {"utuh"}), at


@pytest.mark.parametrize("change", [flipped, zeroed, cut], ids=lambda change: change.__name__)
def test_a_damaged_log_is_refused(wreck: Wreck, change: Callable[[bytes, random.Random], bytes]) -> None:
    """If this fails, what was committed before a power cut is silently gone, or other data takes its place.

    DuckDB takes a flipped length for the end of the log and says nothing: then the second file speaks. A few bytes of
    the log's own head say nothing about data; when one of them is flipped, everything is there.
    """
    chance = random.Random(change.__name__)  # noqa: S311
    for _ in range(TRIES):
        damaged = change(wreck.log, chance)
        wreck.lay(log=damaged)
        seen = outcome(wreck)
        assert seen in {"store.duckdb", "store.duckdb.wal"} | ({"utuh"} if change is flipped else set())
        assert seen == "utuh" or wreck.log_path.exists(), "penolakan membuang log yang rusak"


def test_a_torn_tail_that_nobody_was_told_of_is_dropped(wreck: Wreck) -> None:
    """If this fails, a power cut in the middle of a commit stops the office, or costs an earlier commit."""
    chance = random.Random(7)  # noqa: S311
    for _ in range(TRIES):
        done = chance.randrange(COMMITS)  # commits that were finished and noted
        start = wreck.sizes[done - 1] if done else 0
        at = chance.randrange(start, wreck.sizes[done])
        wreck.lay(log=wreck.log[:at], unnoted=COMMITS - done)
        with open_store(wreck.office) as con:
            assert con.execute("select count(*) from marks where what like 'uji %'").fetchone() == (done,)
            held = dict(con.execute("select resident_id % 5, min(alamat) from penduduk group by 1").fetchall())
            assert verify_marks(con)[0] == len(wreck.lines) - COMMITS + done
        expected = {n % 5: f"JL UJI {n}" for n in range(done)}
        assert {key: value for key, value in held.items() if key in expected} == expected


def test_a_commit_that_was_not_noted_yet_is_kept_and_noted(wreck: Wreck) -> None:
    """If this fails, a kill between the commit and its note makes the office refuse a sound store."""
    wreck.lay(unnoted=2)
    assert facts(wreck.office) == wreck.whole
    newest = anchors.newest(wreck.office.anchors, anchors.STORE)
    assert newest is not None
    assert f"store {newest.number} {newest.hash}".encode() in wreck.lines[-1]


def test_a_log_that_is_gone_is_noticed(wreck: Wreck) -> None:
    """If this fails, whoever deletes the log undoes the last writings, and nobody notices."""
    wreck.lay()
    wreck.log_path.unlink()
    with pytest.raises(UserError, match="log tulis hilang atau terpotong"):
        facts(wreck.office)
    wreck.log_path.write_bytes(b"")
    with pytest.raises(UserError, match=f"tanda {len(wreck.lines)}"):
        facts(wreck.office)


def test_an_older_store_is_noticed(batch: Batch, tmp_path: Path) -> None:
    """If this fails, yesterday's store put in today's place undoes approved changes, and nobody notices."""
    office = batch.office
    shutil.copy(office.store, tmp_path / "kemarin")
    with open_store(office) as con, transaction(con):
        mark(con, "hari ini")
    today = office.store.read_bytes()
    shutil.copy(tmp_path / "kemarin", office.store)
    with pytest.raises(UserError, match="hanya memuat tanda sampai"):
        facts(office)
    office.store.write_bytes(today)
    facts(office)


def test_another_store_of_the_same_office_is_noticed(batch: Batch, tmp_path: Path) -> None:
    """If this fails, a store that went another way from the same beginning is taken for the office's."""
    other = Office(shutil.copytree(batch.office.home, tmp_path / "lain"))
    for office, what in ((batch.office, "satu"), (other, "dua")):
        with open_store(office) as con, transaction(con):
            mark(con, what)
    shutil.copy(other.store, batch.office.store)
    with pytest.raises(UserError, match="memuat tanda lain"):
        facts(batch.office)


def test_a_store_that_is_gone_is_not_begun_anew(batch: Batch) -> None:
    """If this fails, a deleted store becomes an empty one, and the office goes on without its residents."""
    batch.office.store.unlink()
    with pytest.raises(UserError, match=r"store\.duckdb: hilang"):
        facts(batch.office)
    assert not batch.office.store.exists()


def test_a_log_without_its_store_is_not_thrown_away(wreck: Wreck) -> None:
    """If this fails, a new store is made beside the only copy of what was committed last, and eats it."""
    wreck.lay()
    wreck.office.store.unlink()
    wreck.office.anchors.unlink()
    with pytest.raises(UserError, match="log tulisnya"):
        facts(wreck.office)
    assert wreck.log_path.read_bytes() == wreck.log
    assert not wreck.office.store.exists()


def test_a_store_without_its_second_file_is_refused(batch: Batch) -> None:
    """If this fails, who puts an old store in place only has to delete the anchors."""
    batch.office.anchors.unlink()
    with pytest.raises(UserError, match="berkas jangkar"):
        facts(batch.office)
    assert not batch.office.anchors.exists()


def test_damage_found_while_reading_is_told_in_words(office: Office, tmp_path: Path) -> None:
    """If this fails, a bad block met in the middle of a step ends in a traceback that names paths, and no next step."""
    with open_store(office) as con:
        load_baseline(con, office, write_csv(tmp_path / "a.csv", [resident(n) for n in range(90)], delimiter=","))
        con.execute("create table office.main.besar as select i, hash(i) as isi from range(400_000) t(i)")
    raw = office.store.read_bytes()
    told = [t for at in range(len(raw) - 1000, 12_288, -400_000) if (t := read_with_a_bad_byte(office, raw, at))]
    assert told, "tidak satu pun kerusakan baru ditemukan saat membaca"
    assert set(told) == {"store.duckdb: berkas rusak"}


def read_with_a_bad_byte(office: Office, raw: bytes, at: int) -> str:
    """How the refusal begins when the store opens and its big table does not read; else nothing."""
    office.store.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
    opened = False
    try:
        with open_store(office) as con:
            opened = True
            con.execute("select sum(hash(b)) from besar b").fetchall()
    except UserError as error:
        return str(error).split(".", maxsplit=2)[0] + "." + str(error).split(".")[1] if opened else ""
    return ""


def test_ordinary_errors_stay_what_they_are(batch: Batch) -> None:
    """If this fails, a fault of ours is told as a broken disk, and somebody restores an old backup for it."""
    with pytest.raises(ZeroDivisionError), open_store(batch.office):
        raise ZeroDivisionError
    with pytest.raises(duckdb.ConversionException), open_store(batch.office) as con:
        con.execute("select 'x'::int")
    with pytest.raises(UserError, match=r"^sendiri: "), open_store(batch.office):
        raise UserError(Exit.USAGE, Problem("sendiri", "a", "b", "c"))
