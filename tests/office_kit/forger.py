"""An attacker who may write the office's files, knows every formula and leaves no trigger in place."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from tasks.ledger import GENESIS, canonical, entry_hash
from tasks.ledger_tables import TABLES
from tasks.office import Office
from tasks.tree import Tree, rests_on

TRIGGERS = ("entries_no_update", "entries_no_delete", "entries_chain")
Row = list[Any]  # seq, at, kind, batch, actor, payload (decoded), prev, hash


@contextmanager
def past_triggers(ledger: Path) -> Iterator[sqlite3.Connection]:
    """The ledger open for any SQL; afterwards the triggers are back as if nothing had been."""
    with closing(sqlite3.connect(ledger)) as con:
        for trigger in TRIGGERS:
            con.execute(f"drop trigger if exists {trigger}")
        yield con
        con.commit()
        con.executescript(TABLES)


def rows_of(ledger: Path) -> list[Row]:
    """Every entry with its payload decoded."""
    with closing(sqlite3.connect(ledger)) as con:
        rows = [list(row) for row in con.execute("select * from entries order by seq")]
    return [[*row[:5], json.loads(row[5]), *row[6:]] for row in rows]


def rechain(rows: list[Row], *, trees: bool = True) -> list[Row]:
    """The same entries with numbers, hashes, links and (unless forgotten) trees as Sinkron would have written them."""
    prev, made = GENESIS, []
    for number, row in enumerate(rows, 1):
        if trees and isinstance(row[5], dict) and "tree" in row[5]:
            earlier = {e for one in made if one[3] == row[3] for e in json.loads(one[5]).get("rests_on", ())}
            own = Tree(one[7] for one in made if rests_on(row[3], one[2], one[3], earlier))
            row[5] |= {"tree": Tree(one[7] for one in made).facts, "rests": own.facts}
        text = canonical(row[5])
        digest = entry_hash(prev, number, *row[1:5], text)
        made.append([number, *row[1:5], text, prev, digest])
        prev = digest
    return made


def rewrite(office: Office, change: Callable[[list[Row]], Any]) -> None:
    """Changes the entries in any way and closes the chain over them again."""
    rows = rows_of(office.ledger)
    change(rows)
    with past_triggers(office.ledger) as con:
        con.execute("delete from entries")
        con.executemany("insert into entries values (?, ?, ?, ?, ?, ?, ?, ?)", rechain(rows))


def forge_anchors(office: Office) -> None:
    """Makes the second file agree with the ledger as it is now; what it says of the store stays."""
    kept = [line for line in office.anchors.read_text().splitlines(keepends=True) if line.startswith("store")]
    with closing(sqlite3.connect(office.ledger)) as con:
        heads = con.execute("select seq, hash, at from entries order by seq").fetchall()
    office.anchors.write_text("".join(f"ledger {seq} {digest} {at}\n" for seq, digest, at in heads) + "".join(kept))


def numbered(rows: list[Row], kind: str) -> list[int]:
    """Places (from 0) of the entries of one kind."""
    return [at for at, row in enumerate(rows) if row[2] == kind]
