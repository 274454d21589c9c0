"""Puts the report into ``laporan/``: private, whole or not at all."""

import sqlite3
from pathlib import Path

import duckdb

from tasks.findings_report.facts import gather
from tasks.findings_report.page import render
from tasks.office import PRIVATE_FOLDER, Office
from tasks.private import replace_private


def write_findings_report(
    con: duckdb.DuckDBPyConnection, ledger: sqlite3.Connection, office: Office, agenda: str
) -> Path:
    """Writes (or replaces) the report of a validated and proposed batch and returns its path (0600).

    Same store and ledger, same bytes. A reader sees the old report or the new one, never half of one.
    """
    target = office.report(agenda)
    office.reports.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)  # an office made before there were reports
    content = render(gather(con, ledger, agenda)).encode("utf-8", "replace")
    replace_private(target, content)
    return target
