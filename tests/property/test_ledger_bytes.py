"""Any change of any field of any entry is found."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from office_kit.signers import NOW

from tasks.errors import LedgerBrokenError
from tasks.ledger import Kind, append, open_ledger, verify, writing
from tasks.office import Office

FIELDS = ("at", "kind", "batch", "actor", "payload", "prev", "hash")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of eight entries without its triggers, as somebody with a SQLite tool could make it."""
    office = Office(tmp_path_factory.mktemp("buku"))
    with open_ledger(office) as con, writing(con):
        for number in range(8):
            append(con, NOW, (Kind.DECISION, f"2026-000{number}", "sinkron"), {"decision": "Ya", "note": "x\ny"})
    with sqlite3.connect(office.ledger) as con:
        con.execute("drop trigger entries_no_update")
    con.close()
    return office.ledger


@settings(max_examples=150)
@given(
    cell=st.tuples(st.integers(1, 8), st.sampled_from(FIELDS)),
    where=st.integers(0, 200),
    edit=st.tuples(st.sampled_from(["replace", "insert", "remove"]), st.characters(exclude_categories=("Cs",))),
)
def test_one_changed_character_is_found(book: Path, cell: tuple[int, str], where: int, edit: tuple[str, str]) -> None:
    """If this fails, one letter of a decision, a time or a name can be changed unseen."""
    (seq, field), (how, put) = cell, edit
    with sqlite3.connect(book, isolation_level=None) as con:
        con.execute("begin")
        (text,) = con.execute(f"select {field} from entries where seq = ?", (seq,)).fetchone()
        at = where % len(text)
        changed = text[:at] + ("" if how == "remove" else put) + text[at + (how != "insert") :]
        assume(changed != text)
        con.execute(f"update entries set {field} = ? where seq = ?", (changed, seq))
        with pytest.raises(LedgerBrokenError):
            verify(con)
        con.execute("rollback")
        assert verify(con)[0] == 8
    con.close()
