"""An office after two letters of the centre: October's is signed and written, November's waits for Kasi.

Its times are fixed, so that what an analyst reads in the copy can be printed in a page and compared with it.
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import duckdb

from expectations.approvals import CHAIN, STAFF
from office_kit.samples import BASELINE, EXTRACTS
from office_kit.signers import NOW, Desk, staff_an_office
from tasks.approvals.case import Case
from tasks.approvals.docket import DRAFT, FINAL, record_proposal
from tasks.ledger import LedgerConnection, open_ledger
from tasks.load import load, load_baseline
from tasks.office import Office
from tasks.propose import propose
from tasks.publish import PUBLISHED, publish
from tasks.receive import receive
from tasks.reconcile.run import reconcile
from tasks.resolve.run import resolve
from tasks.store import open_store
from tasks.validate import Terms, validate
from tasks.write.apply import apply

MINUTES = {STAFF.role: 310, "kasi": 45, "kabid": 130, "kadis": 20}  # what each took; the SOP gives Kabid 60
LINES = {"ditjen_ganda_2026_10.csv": (1, 800), "ditjen_ganda_2026_11.csv": (250, 1100)}
Stores = tuple[duckdb.DuckDBPyConnection, LedgerConnection]


def found_two_letters(home: Path) -> Path:
    """The path of the published copy of such an office."""
    office = Office(home)
    office.create()
    desk = staff_an_office(office)
    with open_ledger(office) as ledger, open_store(office) as con:
        load_baseline(con, office, BASELINE)
        first, second = (
            ((con, ledger), desk, "ditjen_ganda_2026_10.csv"),
            ((con, ledger), desk, "ditjen_ganda_2026_11.csv"),
        )
        _sign(desk, (con, ledger), _draft(office, *first), (STAFF.role, *(level.role for level in CHAIN)))
        case = Case(*desk.case)
        apply(con, ledger, case, (desk.clock, office.separation()))
        desk.clock = NOW + timedelta(days=31)
        _sign(desk, (con, ledger), _draft(office, *second), (STAFF.role,))
        desk.clock += timedelta(minutes=20)
        publish(con, office, ledger, (case.agenda, desk.clock))
    return office.published / PUBLISHED


def _draft(office: Office, stores: Stores, desk: Desk, name: str) -> str:
    """A letter arrives and is read, compared and drafted; its agenda number."""
    con, _ = stores
    head, *lines = EXTRACTS[0].read_bytes().splitlines(keepends=True)
    start, end = LINES[name]
    path = office.home / "inbox" / name
    path.write_bytes(b"".join([head, *lines[start - 1 : end]]))
    receipt = receive(office, [path], None, (desk.clock, "inbox"))
    load(con, office, receipt)
    validate(con, receipt.agenda, Terms(desk.clock.date().isoformat()))
    resolve(con, receipt.agenda)
    reconcile(con, receipt.agenda, desk.clock.date().isoformat())
    draft = propose(con, receipt.agenda, 1, step="draft")
    desk.clock += timedelta(minutes=8)
    _record(stores, desk, (Case(receipt.agenda, 1, draft["digest"]), DRAFT))
    return receipt.agenda


def _record(stores: Stores, desk: Desk, proposal: tuple[Case, str]) -> None:
    case, step = proposal
    record_proposal(stores[1], case, (step, {"staff": True, "rows": 1, "changes": 1}), desk.clock)
    desk.case = (case.agenda, case.round, case.digest)


def _sign(desk: Desk, stores: Stores, agenda: str, roles: Sequence[str]) -> None:
    """Staff submits the draft, the proposal is made of it, and the chain decides, each after some time."""
    for role in roles:
        desk.clock += timedelta(minutes=MINUTES[role])
        verdict = desk.say(role, "Ajukan" if role == STAFF.role else "Ya", lay=False)
        assert verdict.accepted, verdict.reason
        if role == STAFF.role:
            final = propose(stores[0], agenda, 1)
            _record(stores, desk, (Case(agenda, 1, final["digest"]), FINAL))
