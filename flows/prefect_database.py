"""Prefect's own database in an office without Postgres: what its vacuum service deleted is given back to the disk."""

import contextlib
import sqlite3
from pathlib import Path

# Runs that ended and events are deleted by Prefect after this; the ledger keeps what they were about.
KEPT_DAYS = 180
LEAST_BYTES, LEAST_SHARE = 32 * 2**20, 0.25


def vacuum_settings() -> dict[str, str]:
    """The environment that lets Prefect delete runs which ended long ago. A run that waits has not ended."""
    return {
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(KEPT_DAYS * 24 * 3600),
    }


def shrink(database: Path) -> bool:
    """Rewrites the file (0600) when much of it is empty; True when it did. Only while no server has it open.

    SQLite takes as much room again for a while; a disk that is too full for that leaves the file as it is.
    """
    if not database.exists() or database.stat().st_size < LEAST_BYTES:
        return False
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as con:
        empty, pages = (con.execute(f"pragma {name}").fetchone()[0] for name in ("freelist_count", "page_count"))
        if empty < LEAST_SHARE * pages:
            return False
        try:
            con.execute("vacuum")
        except sqlite3.OperationalError:
            return False
    database.chmod(0o600)
    return True
