"""A batch with cases of every kind, what is answered to them later, and the cases as the store tells them."""

import duckdb

from office_kit.casework import AKTA, BOTH_WRONG, DOCUMENT, FAMILIES, FAR, HERE, OURS, THEIRS, Answers
from office_kit.files import Row
from office_kit.residents import again, resident
from office_kit.sheets import LATER
from office_kit.small import ABROAD, SCENARIOS

POSSIBLE = "2026-0001 1/21"
MOVED = "2026-0001 1/22"  # a resident of ours whom the centre holds for a resident of another regency
WRONG = "2026-0001 1/23"  # nobody of ours: asked about at the same regency, a person of its own
OF_OURS = resident(30)
AWAY: Row = again(OF_OURS, **ABROAD)
ROWS = (*(row for rows in SCENARIOS.values() for row in rows), AWAY, resident(61, **ABROAD))
CORRECTED = {"JAWABAN": "dokumen diterima", "HASIL": "diperbaiki", "ELEMEN": "TGL_LHR", "MENJADI": "1963-11-12", **AKTA}
NOT_YET = {"JAWABAN": "tidak datang", "TUNDA SAMPAI": LATER}
# PARTNER is the other half of OURS on the regency's list: the answer to OURS is the answer to it.
ANSWERS: Answers = {FAR: THEIRS, MOVED: THEIRS, OURS: HERE, WRONG: BOTH_WRONG, DOCUMENT: CORRECTED, FAMILIES: NOT_YET}


def cases(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, str, str | None]]:
    """Number -> (kind, region, agenda that closed it)."""
    rows = con.execute("select case_no, kind, region, closed_by from cases").fetchall()
    return {number: (kind, region, closed) for number, kind, region, closed in rows}
