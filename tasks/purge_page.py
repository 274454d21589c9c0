"""The one page before a batch's data are destroyed: what goes for ever, what stays, why. No resident is named in it."""

import sqlite3
from datetime import datetime

import duckdb

from expectations.approvals import CHAIN, STAFF
from tasks.documents.words import long_date, number
from tasks.ledger import Kind, entries, entries_of
from tasks.office import WIB
from tasks.privacy import markdown
from tasks.retention.due import written_on
from tasks.steps import finished
from tasks.summary import demo_mark, fingerprint, who_decided

GOES = "berkas asal, surat, dan lembar kerja dalam arsip beserta kuncinya; daftar di outbox/; isi baris di store"
STAYS = (
    "usulan yang ditandatangani dan riwayat perubahan (juga nama dan nomor dokumen di dalamnya), dokumen tersamar, dan "
    "seluruh Buku Agenda"
)


def purge_page(
    con: duckdb.DuckDBPyConnection, ledger: sqlite3.Connection, about: tuple[str, int], shown: tuple[datetime, bool]
) -> str:
    """The summary of a destruction as Markdown; arguments as of ``one_page``."""
    agenda, round_no = about
    asked = entries(ledger, agenda, Kind.PURGE)[0].payload
    plan = finished(con, agenda)["purge", round_no]
    batch = str(asked["destroys"])
    received = entries(ledger, batch, Kind.RECEIVED)[0]
    day, written = datetime.fromisoformat(received.at).astimezone(WIB).date(), written_on(ledger, batch)
    lines = [
        f"- diterima {long_date(day)}, selesai {long_date(written) if written else '-'}",
        f"- {number(plan['files'])} berkas dalam arsip (diterima {number(len(received.payload['files']))} berkas data)",
        f"- {number(plan['rows'])} baris penduduk",
        f"- {number(plan['cases'])} kasus yang masih menunggu jawaban berakhir tanpa jawaban",
        f"- dimusnahkan untuk selamanya: {GOES}",
        f"- tetap disimpan: {STAYS}",
        f"- {backups_since(ledger, received.at)}",
    ]
    parts = [
        *demo_mark(ledger),
        f"### Pemusnahan {agenda}\n\nMemusnahkan data agenda {batch}. **Tidak dapat dibatalkan.**",
        f"Alasan: {markdown(asked['reason'], 500)}",
        "\n".join(lines),
        fingerprint(ledger, plan["digest"], (STAFF, *CHAIN) if shown[1] else ()),
        who_decided(ledger, about),
    ]
    return "\n\n".join(parts)


def backups_since(ledger: sqlite3.Connection, at: str) -> str:
    """What older backups may still hold, in words: nobody but who keeps them can destroy these."""
    made = [entry for entry in entries_of(ledger, (Kind.BACKUP,)) if entry.at >= at]
    if not made:
        return "tidak ada cadangan yang tercatat sejak data itu diterima"
    newest = datetime.fromisoformat(made[-1].at).astimezone(WIB)
    return (
        f"{number(len(made))} cadangan tercatat sejak data itu diterima, terakhir {newest:%d-%m-%Y}: musnahkan juga, "
        "karena dapat memuat kunci atau isi store dari sebelum pemusnahan"
    )
