"""Puts the report into ``laporan/``: private, whole or not at all."""

import os
import secrets
import sqlite3
from pathlib import Path

import duckdb

from tasks.findings_report.facts import gather
from tasks.findings_report.page import render
from tasks.office import PRIVATE_FOLDER, Office
from tasks.private import new_private


def write_findings_report(
    con: duckdb.DuckDBPyConnection, ledger: sqlite3.Connection, office: Office, agenda: str
) -> Path:
    """Writes (or replaces) the report of a validated and proposed batch and returns its path (0600).

    Same store and ledger, same bytes. A reader sees the old report or the new one, never half of one.
    """
    target = office.report(agenda)
    office.reports.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)  # an office made before there were reports
    content = render(gather(con, ledger, agenda)).encode("utf-8", "replace")
    draft = office.reports / f".{agenda}-{secrets.token_hex(4)}"
    try:
        with new_private(draft) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return target
