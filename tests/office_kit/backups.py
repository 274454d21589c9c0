"""An office to be backed up, with a written batch and an open one: all it holds, destroyed, and gone on with."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

from expectations.approvals import Separation
from office_kit.residents import resident
from office_kit.signers import NOW
from office_kit.small import Batch, receive_rows, run_steps
from tasks.approvals.case import Case
from tasks.ledger import Kind, append, entries, head, open_ledger, verify, writing
from tasks.office import Office
from tasks.private import new_private
from tasks.propose import propose
from tasks.steps import mark
from tasks.store import open_store, transaction
from tasks.write.apply import apply

LATER = NOW + timedelta(hours=1)
Drill = tuple[Batch, str, Path, dict[str, Any]]  # office, its open batch, the backup, what was held then
OPEN_ROWS = (resident(2, ALAMAT="JL BARU 5"), resident(30))


def work_on(batch: Batch) -> str:
    """A second letter arrives and is proposed (its agenda number); then the first batch is signed and written."""
    office = batch.office
    receipt = receive_rows(office, OPEN_ROWS, "kedua.csv")
    with open_store(office) as con:
        run_steps(con, office, receipt)
        propose(con, receipt.agenda, 1)
    batch.sign()
    with open_ledger(office) as ledger, open_store(office) as con:
        apply(con, ledger, Case(batch.agenda, 1, batch.digest), (LATER, Separation.STRICT))
    (office.desk / receipt.agenda).mkdir(mode=0o700)
    with new_private(office.desk / receipt.agenda / "lembar.xlsx") as sheet:
        sheet.write(b"lembar kerja")
    new_private(office.home / "ambang.toml").close()
    return receipt.agenda


def everything(office: Office) -> dict[str, Any]:
    """All that must come back: rows of every table, entries of the ledger, and the files."""
    with open_ledger(office) as ledger, open_store(office) as con:
        tables = con.execute("select table_name from duckdb_tables() where database_name = 'office'").fetchall()
        query = "select count(*), sum(hash(t)) from office.main.{} t"
        rows = {name: con.execute(query.format(name)).fetchall() for (name,) in tables}
        verify(ledger)
        told = [entry.hash for entry in entries(ledger) if entry.kind != Kind.RESTORED]
    folders = (office.archive, office.desk)
    files = {str(p.relative_to(office.home)): p.read_bytes() for f in folders for p in f.rglob("*") if p.is_file()}
    return {"rows": rows, "entries": told, "files": files, "ambang": (office.home / "ambang.toml").exists()}


def destroy(office: Office, *, anchors_too: bool) -> Office:
    """The office's disk is gone; the key was kept elsewhere. A new office on a new disk, with that key."""
    key, kept = office.key_file.read_text(), office.anchors.read_bytes()
    shutil.rmtree(office.home)
    made = Office(office.home)
    made.create()
    made.key_file.write_text(key)
    if not anchors_too:
        made.anchors.parent.mkdir(mode=0o700)
        with new_private(made.anchors) as again:
            again.write(kept)
    return made


def untouched(office: Office) -> bool:
    """Whether a refused restore left nothing: no store, no ledger, no file anywhere but the key and the anchors."""
    rest = {p.relative_to(office.home).as_posix() for p in office.home.rglob("*") if p.is_file()}
    return rest <= {"keys/office.key", "jangkar/kepala.log"}


def go_on(office: Office) -> int:
    """The office works on after its backup: an entry and a mark; returns how many entries there are now."""
    with open_ledger(office) as ledger, writing(ledger):
        append(ledger, LATER, (Kind.EXPORTED, "2026-0001", "sinkron"), {"rows": 1})
        append(ledger, LATER, (Kind.EXPORTED, "2026-0001", "sinkron"), {"rows": 2})
    with open_store(office) as con, transaction(con):
        mark(con, "sesudah cadangan")
    with open_ledger(office) as ledger:
        return head(ledger)[0]
