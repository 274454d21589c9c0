"""Times the evidence pack of a batch with 10,000 rows, and its check on a bare Python; writes bench/pack.md.

Usage: python bench/pack.py [runs, default 3]. The office is that of bench/documents.py, with more rows: received, checked,
signed and written as ever, its lembar verifikasi and Berita Acara issued. Each figure is a process of its own.
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

import documents
import pyrage

from tasks.documents import minutes as papers
from tasks.documents.issue import issue
from tasks.documents.verification_sheet import verification_sheet
from tasks.ledger import open_ledger
from tasks.office import Office
from tasks.pack.make import make_pack
from tasks.pack.sealed import seal
from tasks.store import open_store

ROOT = Path(__file__).resolve().parent.parent
ROWS, RESIDENTS, AGENDA = 10_000, 19_900, "2026-0001"
AIM = 20.0  # seconds, pack of 10,000 rows
LATER = documents.NOW + timedelta(hours=1)
VARIANTS = {
    "masked": "masked pack, made and checked by itself", "open": "pack with the signed bytes, encrypted with age",
    "check": "periksa.py on a bare Python, the masked pack", "check-open": "the same, the unmasked pack",
}  # fmt: skip


def build(home: Path) -> None:
    """A written batch with its papers, and its two packs for the checker."""
    documents.ROWS, documents.RESIDENTS, documents.CHANGES = ROWS, RESIDENTS, ROWS - 500
    documents.build(home)
    office = Office(home)
    with open_ledger(office) as ledger, open_store(office) as con:
        for paper in (
            verification_sheet(con, ledger, office, (AGENDA, 1)),
            *papers.minutes(con, ledger, office, AGENDA),
        ):
            issue(office, ledger, (AGENDA, LATER), paper)
        for name, nip in (("masked", ""), ("open", "199001012015031901")):
            (home / f"{name}.zip").write_bytes(make_pack(con, ledger, office, (AGENDA, LATER, nip)).content)


def measure(variant: str, home: Path) -> dict[str, float]:
    """One pack or check in this process: seconds, processor seconds with those of its check, peak MiB, kB."""
    office, started, before = Office(home), time.perf_counter(), os.times()
    if variant.startswith("check"):
        content = (home / ("open.zip" if variant == "check-open" else "masked.zip")).read_bytes()
        checker = ROOT / "tasks" / "pack" / "periksa.py"
        path = home / ("open.zip" if variant == "check-open" else "masked.zip")
        subprocess.run([sys.executable, "-I", "-S", checker, path], capture_output=True, check=True)
    else:
        with open_ledger(office) as ledger, open_store(office) as con:
            nip = "" if variant == "masked" else "199001012015031901"
            content = make_pack(con, ledger, office, (AGENDA, LATER, nip)).content
        if nip:
            content = seal(content, [str(pyrage.x25519.Identity.generate().to_public())])
    wall, after = time.perf_counter() - started, os.times()
    status = Path("/proc/self/status").read_text()
    own = int(re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)[1]) // 1024
    peak = 0 if variant.startswith("check") else own  # the checker is a process of its own
    return {"wall": wall, "cpu": sum(after[:4]) - sum(before[:4]), "peak": peak, "kb": len(content) / 1000}


def main() -> None:
    """Builds the office once, times every variant, writes the table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder))
        lines = []
        for variant, words in VARIANTS.items():
            found = [json.loads(subprocess.run([sys.executable, __file__, "--one", variant, folder], capture_output=True,
                     text=True, check=True).stdout) for _ in range(runs)]  # fmt: skip
            wall, cpu, peak, size = (median(one[key] for one in found) for key in ("wall", "cpu", "peak", "kb"))
            lines.append(f"| {words} | {wall:.2f} | {cpu:.2f} | {peak or '-'} | {size:,.0f} |")
    text = (
        f"# Evidence pack of {ROWS:,} rows\n\n`python bench/pack.py {runs}`: an office made from the sample register, one "
        f"batch received, signed and written; lembar verifikasi, Berita Acara and its annex issued.\nAim: a pack within {AIM:.0f} s. "
        "Medians; the store is opened in it, and the processor's seconds hold those of the pack's own check.\n\n"
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores shared with other work, Python {platform.python_version()}, "
        f"{runs} runs each.\n\n| | wall s | CPU s | peak MiB | kB |\n|---|--:|--:|--:|--:|\n" + "\n".join(lines) + "\n"
    )
    (ROOT / "bench" / "pack.md").write_text(text)
    sys.stdout.write(text)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        sys.stdout.write(json.dumps(measure(sys.argv[2], Path(sys.argv[3]))))
    else:
        main()
