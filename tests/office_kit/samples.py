"""The committed sample batch, run through the steps; and the facts about it that the golden file keeps."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from office_kit.signers import NOW
from office_kit.small import AS_OF
from tasks.ledger import open_ledger
from tasks.load import load, load_baseline
from tasks.office import Office
from tasks.propose import propose
from tasks.publish import publish
from tasks.receive import Receipt, receive
from tasks.reconcile.run import reconcile
from tasks.resolve.run import resolve
from tasks.steps import Summary
from tasks.store import open_store
from tasks.validate import Terms, validate

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"
BASELINE = SAMPLES / "penduduk_dkb_semester1_2026.csv"
EXTRACTS = (SAMPLES / "ditjen_ganda_2026_10.csv", SAMPLES / "ditjen_anomali_2026_10.xlsx")
LETTER = SAMPLES / "surat_pengantar.json"


@dataclass(frozen=True)
class Sample:
    """The sample's office after proposing and publishing; ``done``: summary of each step."""

    office: Office
    receipt: Receipt
    done: dict[str, Summary]


def run_sample(home: Path) -> Sample:
    """Runs the sample batch in a new office."""
    office = Office(home)
    office.create()
    receipt = receive(office, list(EXTRACTS), LETTER, (NOW, "cli"))
    agenda = receipt.agenda
    with open_store(office) as con, open_ledger(office) as ledger:
        residents = load_baseline(con, office, BASELINE)
        done: dict[str, Any] = {"baseline": {"residents": residents}, "load": load(con, office, receipt)}
        done["validate"] = validate(con, agenda, Terms(AS_OF))
        done["resolve"] = resolve(con, agenda)
        done["reconcile"] = reconcile(con, agenda, AS_OF)
        done["propose"] = propose(con, agenda, 1)
        done["publish"] = publish(con, office, ledger, (agenda, NOW))
    return Sample(office, receipt, done)


def golden_facts(sample: Sample) -> dict[str, Any]:
    """What the golden file keeps: counts of every step, and the digest that people would sign."""
    files = [{key: f[key] for key in ("name", "sha256", "layout", "received", "loaded", "rejected")}
             for f in sample.receipt.files]  # fmt: skip
    with open_store(sample.office) as con:
        return {"files": files, **sample.done, "causes": _counts(con, "cause"), "basis": _counts(con, "basis")}


def _counts(con: duckdb.DuckDBPyConnection, column: str) -> dict[str, int]:
    rows = con.execute(f"select outcome || ' | ' || {column}, count(*)::int from outcomes group by 1 order by 1")
    return dict(rows.fetchall())
