"""The ledger (Buku Agenda elektronik): append-only, chained, checkable by anyone with a few lines of code."""

import contextlib
import hashlib
import json
import sqlite3
import subprocess
import sys
from datetime import timedelta, timezone
from pathlib import Path

import pytest
from office_kit.signers import NOW

from tasks.anchors import LEDGER, newest
from tasks.errors import Exit, LedgerBrokenError, UserError
from tasks.ledger import GENESIS, Kind, append, check_whole, entries, head, open_ledger, utc, verify, writing
from tasks.office import Office


@pytest.fixture
def book(office: Office) -> Office:
    with open_ledger(office) as con, writing(con):
        for number in range(5):
            append(con, NOW, (Kind.ATTEMPT, f"2026-000{number % 2}", "sinkron"), {"no": number, "teks": "é\n\u2028"})
    return office


def independent_check(path: Path) -> str:
    """The auditor's own verification: nothing but sqlite3, json and hashlib."""
    prev = "0" * 64
    with sqlite3.connect(path) as con:
        rows = con.execute(
            "select seq, at, kind, batch, actor, payload, prev, hash from entries order by seq"
        ).fetchall()
    con.close()
    for place, (seq, *fields, stored_prev, digest) in enumerate(rows, start=1):
        assert (seq, stored_prev) == (place, prev)
        json.loads(fields[-1])
        prev = hashlib.sha256("\n".join([prev, str(seq), *fields]).encode()).hexdigest()
        assert prev == digest
    return prev


def test_an_outsider_can_verify_the_chain(book: Office) -> None:
    """If this fails, the formula an auditor was given does not verify our ledger."""
    with open_ledger(book) as con:
        assert verify(con) == (5, independent_check(book.ledger))


def test_an_empty_book_verifies(office: Office) -> None:
    """If this fails, a new office can not start, or others on the computer read its book."""
    with open_ledger(office) as con:
        assert verify(con) == (0, GENESIS)
        check_whole(con)
    assert {path.stat().st_mode & 0o777 for path in (office.ledger, office.anchors)} == {0o600}


FORBIDDEN = {
    "update": "update entries set actor = 'lain' where seq = 2",
    "update or replace": "update or replace entries set actor = 'lain' where seq = 2",
    "delete": "delete from entries where seq = 5",
    "delete all": "delete from entries",
    "replace": "insert or replace into entries select 2, at, kind, batch, 'lain', payload, prev, hash from entries "
    "where seq = 2",
    "replace head": "replace into entries select 5, at, kind, batch, 'lain', payload, prev, hash from entries "
    "where seq = 5",
    "insert or ignore": "insert or ignore into entries select 3, at, kind, batch, 'lain', payload, prev, hash "
    "from entries where seq = 3",
    "upsert": "insert into entries select * from entries where seq = 3 on conflict do update set actor = 'lain'",
    "gap": "insert into entries select 7, at, kind, batch, actor, payload, hash, 'x' from entries where seq = 5",
    "no number": "insert into entries (at, kind, batch, actor, payload, prev, hash) select at, kind, batch, actor, "
    "payload, hash, 'x' from entries where seq = 5",
    "wrong head": "insert into entries select 6, at, kind, batch, actor, payload, prev, 'x' from entries where seq = 5",
    "before": "insert into entries select 0, at, kind, batch, actor, payload, prev, 'x' from entries where seq = 1",
}


@pytest.mark.parametrize("name", FORBIDDEN)
def test_history_can_not_be_rewritten(book: Office, name: str) -> None:
    """If this fails, somebody with the file open in any SQLite tool can change who approved what."""
    with open_ledger(book) as con:
        before = con.execute("select * from entries").fetchall()
        with pytest.raises(sqlite3.IntegrityError, match="buku agenda"):
            con.execute(FORBIDDEN[name])
        assert con.execute("select * from entries").fetchall() == before


def test_a_refused_statement_inside_a_transaction_leaves_nothing(book: Office) -> None:
    """If this fails, a program that swallows the refusal commits half of its work."""
    with open_ledger(book) as con:
        with pytest.raises(sqlite3.IntegrityError), writing(con):  # noqa: PT012 (the block is the transaction)
            append(con, NOW, (Kind.ATTEMPT, "x", "sinkron"), {})
            con.execute("delete from entries where seq = 1")
        assert verify(con)[0] == 5


@pytest.mark.parametrize("change", [
    "delete from entries where seq = 3", "update entries set seq = 9 where seq = 5",
    "update entries set prev = 'x' where seq = 3", "update entries set payload = payload || ' ' where seq = 4",
    "update entries set payload = cast(payload as blob) where seq = 4",
    "update entries set batch = batch || char(10) || actor, actor = '' where seq = 2",
])  # fmt: skip
def test_tampering_without_triggers_is_found(book: Office, change: str) -> None:
    """If this fails, whoever drops the triggers can change the ledger and nobody sees it."""
    with sqlite3.connect(book.ledger) as con:
        for trigger in ("entries_no_update", "entries_no_delete", "entries_chain"):
            con.execute(f"drop trigger {trigger}")
        con.execute(change)
    con.close()
    with pytest.raises(LedgerBrokenError), open_ledger(book) as con:
        verify(con)


def test_entries_are_found_by_batch_and_kind(book: Office) -> None:
    """If this fails, a decision about one letter counts for another."""
    with open_ledger(book) as con, writing(con):
        append(con, NOW, (Kind.WRITTEN, "2026-0001", "sinkron"), {})
    with open_ledger(book) as con:
        assert [e.payload["no"] for e in entries(con, "2026-0000")] == [0, 2, 4]
        assert len(entries(con, "2026-0001", Kind.WRITTEN)) == 1
        assert entries(con, "2026-0099") == []
        assert len(entries(con)) == 6


@pytest.mark.parametrize("change", [
    "drop trigger entries_no_update", "drop index entries_batch",
    "create trigger lain before insert on entries begin select 1; end",
    "create table lain (x)",
])  # fmt: skip
def test_an_exchanged_rule_of_the_book_is_found(book: Office, change: str) -> None:
    """If this fails, somebody takes the guards off the ledger for a night and nobody can see it."""
    with sqlite3.connect(book.ledger) as con:
        con.execute(change)
        if change.startswith("drop trigger"):
            con.execute("create trigger entries_no_update before update on entries begin select 1; end")
        if change.startswith("drop index"):
            con.execute("create index entries_batch on entries (batch) where seq > 3")
    con.close()
    with sqlite3.connect(book.ledger) as con, pytest.raises(LedgerBrokenError, match="rusak"):
        check_whole(con)
    con.close()
    with pytest.raises(LedgerBrokenError, match="diubah atau dibuang"), open_ledger(book):
        pass


@pytest.mark.parametrize(("seconds", "written"), [(1, True), (-119, True), (-121, False), (-86_400, False)])
def test_a_clock_that_goes_back_writes_nothing(book: Office, seconds: int, written: bool) -> None:
    """If this fails, a computer set back to last week makes an expired mandate valid again."""
    now = NOW + timedelta(seconds=seconds)
    told = contextlib.nullcontext() if written else pytest.raises(UserError, match="jam komputer")
    with open_ledger(book) as con:
        with told as caught, writing(con):
            append(con, now, (Kind.ATTEMPT, "x", "sinkron"), {})
        assert written or caught.value.exit_code is Exit.OFFICE
        assert verify(con)[0] == 5 + written


def test_an_entry_about_the_clock_is_the_way_out(book: Office) -> None:
    """If this fails, one hour of a wrong clock in the future stops the office for ever."""
    back = NOW - timedelta(days=3)
    with open_ledger(book) as con, writing(con):
        append(con, back, (Kind.CLOCK, "", "sinkron"), {"why": "baterai"})
        append(con, back, (Kind.ATTEMPT, "x", "sinkron"), {})
        assert head(con)[0] == 7


def test_times_are_utc_milliseconds() -> None:
    """If this fails, entries written in WIB and in UTC can not be put in order."""
    wib = NOW.astimezone(timezone(timedelta(hours=7)))
    assert utc(wib) == utc(NOW) == "2026-10-06T02:00:00.000+00:00"


APPEND = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from tasks.ledger import Kind, append, open_ledger, writing
from tasks.office import Office
for number in range(25):
    with open_ledger(Office(Path(sys.argv[1]))) as con, writing(con):
        append(con, datetime.now(UTC), (Kind.ATTEMPT, sys.argv[2], "sinkron"), {"no": number})
"""


def test_three_processes_append_to_one_chain(office: Office) -> None:
    """If this fails, the watcher and a person at the command line break the ledger together."""
    writers = [subprocess.Popen([sys.executable, "-c", APPEND, office.home, name]) for name in "abc"]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    with open_ledger(office) as con:
        assert verify(con)[0] == 75
        for name in "abc":
            assert [e.payload["no"] for e in entries(con, name)] == list(range(25))
    assert newest(office.anchors, LEDGER).hash == independent_check(office.ledger)
