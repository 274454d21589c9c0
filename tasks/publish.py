"""The analysts' copy: a masked DuckDB file, written beside and moved in place, so readers and the flow never wait.

No NIK, no names, birth years only; records are pseudonyms under the office's key (keyed, because the space of NIKs
can be enumerated).
"""

from datetime import datetime

import duckdb

from expectations.codes import CITY, labels
from expectations.outcomes import BY_STAFF
from expectations.rules import RULES
from tasks.ledger import Kind, LedgerConnection, append, entries, writing
from tasks.office import Office
from tasks.steps import Summary

PUBLISHED = "sinkron.duckdb"
# HMAC in two nested hashes (RFC 2104 without padding): DuckDB has no hmac function.
_PSEUDONYM = "left(sha256($key || sha256($key || {value})), 16)"

# What Staff typed may name people: the published copy says only that it was Staff's worksheet.
# Coded columns keep codes alone: in a file whose columns slipped they hold names.
_CODES = ", ".join(
    f"code_only({name}) as {name}"
    for name in ("jenis_klmin", "stat_kwn", "stat_hbkel", "pddk_akh", "jenis_pkrjn", "no_kec", "no_kel")
)
_PLACE = (
    f"coalesce(r.no_prop || r.no_kab <> '{CITY}', false) as luar_kota, "
    "code_only(r.no_kec) as no_kec, code_only(r.no_kel) as no_kel"
)
_BASIS = f"if(cause = '{BY_STAFF}', 'lembar kerja Staff', basis)"

_TABLES = {
    "berkas": "select agenda, file_no, layout, received, loaded, rejected from office.main.files",
    "batch": """select agenda, round, digest, written, unchanged, received, written_on, undoes as membatalkan,
        undone_by as dibatalkan_oleh from office.main.applied left join office.main.undone using (agenda)""",
    "hasil": """select o.agenda, o.round, (o.agenda, o.round) in (select (agenda, round) from office.main.applied)
        as disetujui, {row} as row_pseudonym, o.outcome, {basis} as basis, cause, o.needs_person,
        {place}, year(r.tgl_lhr) as birth_year, code_only(r.jenis_klmin) as jenis_klmin
        from office.main.outcomes o join office.main.extract_rows r using (agenda, row_id)""",
    "temuan": """select f.agenda, {row} as row_pseudonym, f.code, {place}
        from office.main.findings f join office.main.extract_rows r using (agenda, row_id)""",
    "riwayat": """select agenda, {received_row} as row_pseudonym, {resident} as resident_pseudonym, element,
        {basis} as basis, written, written_on from office.main.history""",
    "pasangan": """select agenda, {left} as left_pseudonym, {right} as right_pseudonym, weight, probability, band, kind,
        reason from office.main.pairs""",
    "penduduk": """select {resident} as resident_pseudonym, year(tgl_lhr) as birth_year,
        {codes}, if(ektp_status in {statuses}, ektp_status, null) as ektp_status, usulan from office.main.penduduk""",
}


def publish(
    con: duckdb.DuckDBPyConnection, office: Office, ledger: LedgerConnection, about: tuple[str, datetime]
) -> Summary:
    """Writes ``published/sinkron.duckdb`` anew (storage format v1.0.0) and moves it in place atomically.

    ``about``: (agenda, now). Returns {tables: {name: rows}}.
    """
    agenda, now = about
    target = office.published / PUBLISHED
    beside = office.published / f".{PUBLISHED}.baru"
    for leftover in (beside, beside.with_suffix(".baru.wal")):
        leftover.unlink(missing_ok=True)
    path = str(beside).replace("'", "''")
    con.execute(f"attach '{path}' as terbit (storage_version 'v1.0.0')")
    try:
        counts = {name: _copy(con, name, query, office.key("pseudonym").hex()) for name, query in _TABLES.items()}
        con.execute(
            "create table terbit.main.aturan (code varchar, title varchar, severity varchar, resolution varchar)"
        )
        con.executemany(
            "insert into terbit.main.aturan values (?, ?, ?, ?)",
            [(r.code, r.told(r.title), r.severity.value, r.resolution.value) for r in RULES],
        )
        con.execute("checkpoint terbit")
    finally:
        con.execute("detach terbit")
    beside.chmod(0o440)
    beside.replace(target)
    with writing(ledger):
        if not entries(ledger, agenda, Kind.PUBLISHED):
            append(ledger, now, (Kind.PUBLISHED, agenda, "sinkron"), {"tables": counts})
    return {"tables": counts}


def _copy(con: duckdb.DuckDBPyConnection, name: str, query: str, key: str) -> int:
    values = {
        "row": "agenda || '/' || row_id",
        "received_row": "regexp_replace(agenda, '-U[0-9]+$', '') || '/' || row_id",  # an undo's row is its batch's
        "resident": "'P' || resident_id",
        "left": "agenda || left_id",
        "right": "agenda || right_id",
    }
    masks = {word: _PSEUDONYM.format(value=value) for word, value in values.items()} | {
        "basis": _BASIS,
        "codes": _CODES,
        "place": _PLACE,
        "statuses": str(tuple(labels("ektp_status"))),
    }
    text = query.format(**masks)
    parameters = {"key": key} if "$key" in text else {}
    con.execute(f"create table terbit.main.{name} as {text}", parameters)
    rows = con.execute(f"select count(*) from terbit.main.{name}").fetchall()
    return int(rows[0][0])
