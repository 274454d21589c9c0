"""The one page before undoing a batch: what is taken back, why, the riskiest changes first. Masked."""

import sqlite3
from datetime import datetime

import duckdb

from expectations.approvals import CHAIN, STAFF
from tasks.ledger import Kind, entries
from tasks.privacy import markdown
from tasks.steps import finished
from tasks.summary import demo_mark, fingerprint, riskiest_changes, who_decided


def undo_page(
    con: duckdb.DuckDBPyConnection, ledger: sqlite3.Connection, about: tuple[str, int], shown: tuple[datetime, bool]
) -> str:
    """The summary of an undo as Markdown; arguments as of ``one_page``."""
    agenda, round_no = about
    asked = entries(ledger, agenda, Kind.UNDO)[0].payload
    plan = finished(con, agenda)["undo", round_no]
    what = f"{plan['changes']} elemen milik {plan['rows']} baris kembali ke isi sebelumnya"
    reason = markdown(asked["reason"], 500)
    parts = [
        *demo_mark(ledger),
        f"### Pembatalan {agenda}\n\nMembatalkan agenda {asked['undoes']}: {what}.\n\nAlasan: {reason}",
        fingerprint(ledger, plan["digest"], (STAFF, *CHAIN) if shown[1] else ()),
        riskiest_changes(con, about, plan["changes"]),
        who_decided(ledger, about),
    ]
    return "\n\n".join(parts)
