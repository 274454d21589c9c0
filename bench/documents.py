"""Times lembar verifikasi and Berita Acara of a batch with 1,000 changes; writes bench/documents.md.

Usage: python bench/documents.py [runs, default 5]. The office is made from the committed sample register, the batch is
received, checked, signed and written as ever. Each figure is a process of its own: imports and fonts are in it.
"""

import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl
import pyotp

from tasks.approvals.case import Case
from tasks.approvals.decide import Answer, Judging, Question, decide
from tasks.approvals.docket import DRAFT, FINAL, TERMINAL, record_proposal
from tasks.approvals.people import Mandate, Person, register
from tasks.documents import minutes as papers
from tasks.documents.verification_sheet import verification_sheet
from tasks.ledger import LedgerConnection, open_ledger
from tasks.load import load, load_baseline
from tasks.office import Office
from tasks.propose import propose
from tasks.receive import receive
from tasks.resolve.run import resolve
from tasks.store import open_store
from tasks.validate import Terms, validate
from tasks.write.apply import apply

ROOT = Path(__file__).resolve().parent.parent
REGISTER = ROOT / "data" / "samples" / "penduduk_dkb_semester1_2026.csv"
NOW = datetime(2026, 10, 6, 2, 0, tzinfo=UTC)
ROWS, CHANGES, RESIDENTS = 1040, 1000, 3000  # some rows end otherwise than in a change
LEVELS = (("staff", "Ajukan"), ("kasi", "Ya"), ("kabid", "Ya"), ("kadis", "Ya"))
AIM = 3.0  # seconds, Berita Acara with 1,000 rows
EVERYTHING = 10**6
VARIANTS = {
    "sheet": "lembar verifikasi",
    "uncapped": "Berita Acara, all changes on paper",
    "capped": "Berita Acara, 500 changes on paper, all in the encrypted annex",
    "boxes": "where the signatures go (the same paper, not drawn)",
}
HIRED = "19900101" + "20150319"  # the beginning of a NIP


def build(home: Path) -> int:
    """An office with a written batch: names with two blanks, half of them so in the register too. How many changes."""
    office = Office(home)
    office.create()
    rows = pl.read_csv(REGISTER, infer_schema=False).head(RESIDENTS)
    wide = pl.col("NAMA_LGKP").str.replace(" ", "  ", literal=True)
    chosen = rows.filter(pl.col("NAMA_LGKP").str.contains(" ", literal=True)).head(ROWS)
    half = chosen["NIK"].head(ROWS // 2).implode()
    base, extract = home / "scratch" / "awal.csv", home / "scratch" / "anomali.csv"
    rows.with_columns(pl.when(pl.col("NIK").is_in(half)).then(wide).otherwise("NAMA_LGKP")).write_csv(base)
    chosen.with_columns(wide).write_csv(extract)
    with open_ledger(office) as ledger:
        secrets = {role: register(ledger, office.key("totp"), (Person(f"{HIRED}{n:02d}", f"BENCH {role}"),
                   Mandate(role)), NOW) for n, (role, _) in enumerate(LEVELS)}  # fmt: skip
    receipt = receive(office, [extract], None, (NOW, "bench"))
    with open_store(office) as con, open_ledger(office) as ledger:
        load_baseline(con, office, base)
        load(con, office, receipt)
        validate(con, receipt.agenda, Terms("2026-10-06"))
        resolve(con, receipt.agenda)
        done = propose(con, receipt.agenda, 1)
        case = Case(receipt.agenda, 1, done["digest"])
        _sign(ledger, office, case, secrets)
        summary, _ = apply(con, ledger, case, (NOW + timedelta(minutes=9), office.separation()))
        changes = int(summary["written"] + summary["unchanged"])
        if changes < CHANGES:
            sys.exit(f"the batch has {changes} changes only")
        return changes


def _sign(ledger: LedgerConnection, office: Office, case: Case, secrets: dict[str, str]) -> None:
    for step in (DRAFT, FINAL):
        record_proposal(ledger, case, (step, {"staff": True, "rows": ROWS, "changes": CHANGES}), NOW)
    for n, (role, decision) in enumerate(LEVELS):
        at = NOW + timedelta(minutes=n + 1)
        code = pyotp.TOTP(secrets[role]).at(at)
        answer = Answer(decision, "", f"{HIRED}{n:02d}", code, at, case.code)
        judged = Judging(office.key("totp"), office.separation(), at)
        verdict = decide(ledger, judged, Question(case, role, 1, TERMINAL), answer)
        if not verdict.accepted:
            sys.exit(f"{role}: {verdict.reason}")


def measure(variant: str, home: Path) -> dict[str, float]:
    """One paper in this process: seconds, processor seconds, peak MiB, bytes."""
    office, agenda = Office(home), "2026-0001"
    if variant == "uncapped":
        papers.ON_PAPER = EVERYTHING
    with open_ledger(office) as ledger, open_store(office) as con:
        started, busy = time.perf_counter(), time.process_time()
        made: Any
        if variant == "sheet":
            made = [verification_sheet(con, ledger, office, (agenda, 1))]
        elif variant == "boxes":
            made = papers.signature_boxes(con, ledger, office, agenda) and []
        else:
            made = papers.minutes(con, ledger, office, agenda)
        wall, cpu = time.perf_counter() - started, time.process_time() - busy
    status = Path("/proc/self/status").read_text()  # ru_maxrss would begin with the parent's
    peak = int(re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)[1]) / 1024
    return {"wall": wall, "cpu": cpu, "peak": peak, "kb": sum(len(paper.content) for paper in made) / 1000}


def main() -> None:
    """Builds the office once, times every paper, writes the table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "kantor"
        changes = build(home)
        command = [sys.executable, __file__, "--one"]
        found = {
            name: [json.loads(subprocess.run([*command, name, home], check=True, capture_output=True).stdout)
                   for _ in range(runs)] for name in VARIANTS
        }  # fmt: skip
    lines = [
        "# Papers", "",
        f"`python bench/documents.py`: one batch with {changes:,} changes, half of them written to the register. Each run a",
        "process of its own: Typst's import and fonts are in the figures. CPU: user + system, all threads.", "",
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, Python {platform.python_version()}, {runs} runs, medians.",
        "", "| | wall s | CPU s | peak MiB | kB |", "|---|--:|--:|--:|--:|",
    ]  # fmt: skip
    for name, title in VARIANTS.items():
        middle = {key: median(run[key] for run in found[name]) for key in ("wall", "cpu", "peak", "kb")}
        lines.append(
            f"| {title} | {middle['wall']:.2f} | {middle['cpu']:.2f} | {middle['peak']:.0f} | {middle['kb']:.0f} |"
        )
    lines += ["", f"Aim: Berita Acara with 1,000 rows <= {AIM:.0f} s."]
    text = "\n".join(lines) + "\n"
    (ROOT / "bench" / "documents.md").write_text(text)
    print(text)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(sys.argv[2], Path(sys.argv[3]))))
    else:
        main()
