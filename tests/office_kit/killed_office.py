"""An office as small as an office can be, three residents and one letter, and what is looked at after a kill."""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from office_kit.histories import ABOUT, APPROVERS, COLUMNS, add_residents, propose_changes, sign
from office_kit.histories_model import Change
from tasks.approvals.case import Case
from tasks.ledger import Kind, LedgerConnection, entries, open_ledger, verify
from tasks.office import Office
from tasks.propose.changeset import digest
from tasks.steps import verify_marks
from tasks.store import open_store
from tasks.write.apply import apply

AGENDA = "2026-0001"
CHANGES = [
    Change(1, 1, "nama_lgkp", "A", "B"), Change(1, 1, "tgl_lhr", date(1990, 2, 14), None),
    Change(2, 2, "usulan", None, "NONAKTIF"), Change(3, 3, "alamat", "", "JL BARU"),
]  # fmt: skip
Stores = tuple[duckdb.DuckDBPyConnection, LedgerConnection]
Facts = dict[str, Any]


@contextmanager
def both(office: Office) -> Iterator[Stores]:
    """Store and ledger, as every step opens them."""
    with open_ledger(office) as ledger, open_store(office) as con:
        yield con, ledger


def found(office: Office) -> None:
    """The small office, its letter signed by all and not written."""
    office.create()
    with both(office) as (con, ledger):
        rows = {
            who: dict.fromkeys(COLUMNS) | {"resident_id": who, "no_prop": "35", "no_kab": "76"} for who in (1, 2, 3)
        }
        for change in CHANGES:
            rows[change.resident][change.element] = change.held
        add_residents(con, rows)
        sign(ledger, propose_changes(con, ledger, AGENDA, CHANGES), *APPROVERS)


def case_of(con: duckdb.DuckDBPyConnection, agenda: str) -> Case:
    """Round 1 of a batch or undo, as it lies in the store."""
    return Case(agenda, 1, digest(con, agenda, 1))


def facts(stores: Stores) -> Facts:
    """What store and ledger hold; both chains are read."""
    con, ledger = stores
    verify(ledger)
    verify_marks(con)
    text = repr(con.execute("from penduduk order by resident_id").fetchall())
    steps = con.execute("select agenda, step from steps order by all").fetchall()
    return {
        "register": hashlib.sha256(text.encode()).hexdigest()[:12],
        "applied": [list(row) for row in con.execute("select agenda, undoes, n from applied order by n").fetchall()],
        "history": dict(con.execute("select agenda, count(*) from history group by 1 order by 1").fetchall()),
        "conflicts": con.execute("select count(*) from conflicts").fetchall()[0][0],
        "steps": {step: sorted(a for a, s in steps if s == step) for step in ("apply", "undo", "void")},
        "ledger": {
            kind.name: sorted(entry.batch for entry in entries(ledger, kind=kind))
            for kind in (Kind.UNDO, Kind.VOIDED, Kind.WRITTEN, Kind.UNDONE, Kind.PROPOSED)
        },
        "signed": [[entry.batch, entry.payload["role"]] for entry in entries(ledger, kind=Kind.DECISION)],
    }


def write(stores: Stores) -> Any:
    """Writes the letter's batch."""
    return apply(*stores, case_of(stores[0], AGENDA), ABOUT)[1]


def copied(homes: tuple[Path, Path]) -> Office:
    """The second home, made anew from the first."""
    shutil.rmtree(homes[1], ignore_errors=True)
    shutil.copytree(*homes)
    return Office(homes[1])
