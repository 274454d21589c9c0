"""An office of an older version is brought to the present one: backup, entry, store step by step, ledger last.

The ledger bears the new number only when everything is done: killed anywhere in between, the next opening of either
sees that work is left, and begins again with a backup of what there is then. The entry comes before the work,
so nothing is changed that the ledger does not tell; of a step that was killed it tells twice.
"""

import contextlib
from datetime import UTC, datetime

import duckdb

from tasks.backup.make import Held, held, write_backup
from tasks.ledger import Kind, LedgerConnection, append, entry_time, head, ledger_as_it_is, writing
from tasks.ledger_tables import raise_tables
from tasks.ledger_tables import version_of as ledger_version
from tasks.migrations.store import check_shape, shape_of
from tasks.migrations.store import version_of as store_version
from tasks.migrations.versions import CURRENT, MIGRATIONS, Migration, since
from tasks.office import PRIVATE_FOLDER, Office
from tasks.schema import MARKS, make_schema
from tasks.steps import mark, newest_mark
from tasks.store import transaction

FOLDER = "cadangan"  # of the office; left out of backups


def upgrade(office: Office) -> None:
    """Brings store and ledger to the present version; does nothing when another process was first.

    Raises UserError (OFFICE) when a newer Sinkron wrote either, the disk has no room for the backup, the store stays
    busy, or its tables are not those of any version; LedgerBrokenError. Then both are as they were.
    """
    with held(office) as store, ledger_as_it_is(office) as ledger:
        con = store[1]
        before = {"store": store_version(con), "ledger": ledger_version(ledger)}
        if before["store"] is None:
            make_schema(con)
        elif before["store"] < CURRENT:
            con.execute(MARKS)  # a store that died while it was made has none: nothing was ever written in it
        if not {*before.values()} <= {None, CURRENT}:
            _try(con)
            _record(office, store, ledger, before)
            _raise_store(con)
            with writing(ledger):
                raise_tables(ledger)


def _try(con: duckdb.DuckDBPyConnection) -> None:
    """Takes all steps, and takes them back: a store that can not be raised costs no backup at every opening."""
    con.execute("begin transaction")
    try:
        for step in since(store_version(con) or 0):
            take(con, step)
        check_shape(con, _right_shape())
    finally:
        con.execute("rollback")


def _record(office: Office, store: Held, ledger: LedgerConnection, before: dict[str, int | None]) -> None:
    """The backup, and the entry of what is about to be done. An office in which nothing is written needs neither."""
    seq = head(ledger)[0]
    if not seq and not newest_mark(store[1])[0]:
        return
    now = datetime.now(UTC)
    if seq:  # with a clock that runs behind the office must open all the same: only then can it be set right
        now = max(now, datetime.fromisoformat(entry_time(ledger, seq)))
    folder = office.home / FOLDER
    folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    target = folder / f"sebelum-versi-{CURRENT}-{now:%Y%m%dT%H%M%S%f}Z.zip"
    made = write_backup(office, contextlib.nullcontext(store), target, now)
    steps = [step.what for step in since(min(version for version in before.values() if version is not None))]
    with writing(ledger):
        facts = {"before": before, "to": CURRENT, "what": steps, "backup": made["file"], "sha256": made["sha256"]}
        append(ledger, now, (Kind.MIGRATED, "", "sinkron"), facts)


def _raise_store(con: duckdb.DuckDBPyConnection) -> None:
    """One transaction for each step; after the last one the tables are what a new office gets, or it is rolled back."""
    for step in since(store_version(con) or 0):
        with transaction(con):
            take(con, step)
            if step is MIGRATIONS[-1]:
                check_shape(con, _right_shape())
            mark(con, f"skema {step.to}")


def take(con: duckdb.DuckDBPyConnection, step: Migration) -> None:
    """The statements of one step and its number, inside the caller's transaction."""
    con.execute(step.store)
    con.execute("insert into schema_versions values (?)", [step.to])


def _right_shape() -> list[tuple[str, str, str]]:
    with duckdb.connect() as fresh:
        make_schema(fresh)
        return shape_of(fresh)
