"""An incident with the small office's batch: the report that is made of it, its files, and its sheets in plain."""

import io
from datetime import datetime, timedelta
from pathlib import Path

import msoffcrypto
import openpyxl

from office_kit.signers import NOW
from office_kit.small import Batch
from tasks.breach.report import Incident, Report, gather, report
from tasks.breach.scope import Scope, of_agendas
from tasks.documents.annex import annex_password
from tasks.ledger import open_ledger
from tasks.office import WIB
from tasks.store import open_store

FOUND = datetime(2026, 10, 6, 9, 0, tzinfo=WIB)
LATER = NOW + timedelta(hours=4)


def made(batch: Batch, scope: Scope | None = None, now: datetime = LATER, **told: str) -> Report:
    """The report about the whole batch, or about another scope."""
    with open_ledger(batch.office) as ledger, open_store(batch.office) as con:
        known = scope or of_agendas(ledger, [batch.agenda])
        incident = Incident(known, FOUND, **told)
        return report(ledger, batch.office, incident, (gather(con, incident), now))


def out(batch: Batch, done: Report, kind: str) -> Path:
    """The file of a kind that was put out for it."""
    (name,) = [name for name in done.files if name.endswith(kind)]
    return batch.office.outbox / done.number / name


def sheet(batch: Batch, done: Report, title: str) -> list[list[str]]:
    """The lines of one sheet below its heads, as Excel shows them with the password."""
    sealed = msoffcrypto.OfficeFile(io.BytesIO(out(batch, done, ".xlsx").read_bytes()))
    sealed.load_key(annex_password(batch.office, done.number), verify_password=True)
    plain = io.BytesIO()
    sealed.decrypt(plain, verify_integrity=True)
    lines = openpyxl.load_workbook(plain)[title].iter_rows(min_row=2, values_only=True)
    return [[cell or "" for cell in line] for line in lines]
