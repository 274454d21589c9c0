"""Times our reader of delimited text against DuckDB's plain `read_csv` of the same clean file; writes bench/load_csv.md.

Usage: python bench/load_csv.py [rows, default 1,000,000] [runs, default 5]. Makes its own data: fictional residents,
28 columns. Each reading is a process of its own, in turn (plain, ours, plain, ours ...), so ratios are of neighbours.
Timed is the reading alone, without interpreter start and imports. Linux: peak memory is VmHWM from /proc.
"""

import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
DAMAGED_EVERY = 100
COLUMNS = {  # header -> SQL over a counter i
    "NIK": "'35760' || (1 + i % 3) || lpad((1 + i % 28)::varchar, 2, '0') || '0' || (1 + i % 9) || lpad((i % 90)::varchar, 2, '0') || (9000 + i % 1000)",
    "NO_KK": "'35760' || (1 + i % 3) || '140612' || (9000 + i % 1000)", "NAMA_LGKP": "'WARGA UJI KE ' || i",
    "JENIS_KLMIN": "1 + i % 2", "TMPT_LHR": "'MOJOKERTO'", "TGL_LHR": "date '1940-01-01' + (i % 30000)::int",
    "GOL_DRH": "case when i % 3 = 0 then 'A+' else '-' end", "AGAMA": "'ISLAM'", "STAT_KWN": "'KAWIN'", "STAT_HBKEL": "'KEPALA KELUARGA'",
    "PDDK_AKH": "'SLTA/SEDERAJAT'", "JENIS_PKRJN": "'KARYAWAN SWASTA'", "NIK_IBU": "null", "NAMA_LGKP_IBU": "'IBU UJI KE ' || i",
    "NIK_AYAH": "null", "NAMA_LGKP_AYAH": "'AYAH UJI KE ' || i", "ALAMAT": "'JL. UJI NO. ' || i % 99 || ' - BLOK É'", "NO_RT": "'001'",
    "NO_RW": "'002'", "NO_PROP": "35", "NO_KAB": "76", "NO_KEC": "'02'", "NO_KEL": "1001", "STAT_HIDUP": "1", "FLAG_STATUS": "0",
    "EKTP_STATUS": "'PRINT READY RECORD'", "TGL_ENTRI": "'2012-03-01'", "TGL_UBAH": "'2025-07-10'",
}  # fmt: skip


def make(folder: Path, rows: int) -> dict[str, Path]:
    """The same residents: clean, every hundredth line damaged, and as Excel's Unicode text."""
    import duckdb

    clean, damaged, wide = folder / "clean.csv", folder / "damaged.csv", folder / "utf16.csv"
    select = ", ".join(f'{sql} as "{name}"' for name, sql in COLUMNS.items())
    duckdb.sql(f"copy (select {select} from range({rows}) r(i)) to '{clean}' (header, delimiter ';')")
    with (
        clean.open() as source,
        damaged.open("w") as ragged,
        wide.open("w", encoding="utf-16", newline="\r\n") as other,
    ):
        for at, line in enumerate(source, start=1):
            ragged.write(line if at % DAMAGED_EVERY else f"{line[:-1]};SISA;{at}\n")
            other.write(line)
    return {"clean": clean, "damaged": damaged, "utf-16": wide}


def plain(path: Path) -> int:
    """The peer: one thread per core, every default, as text, no line kept that it cannot split."""
    import duckdb
    import polars as pl  # noqa: F401 (imported before the clock)

    return measured(lambda: duckdb.read_csv(str(path), all_varchar=True, delimiter=";").pl().height)


def ours(path: Path) -> int:
    """The office's reader, with rejects, line numbers and the count of every physical line."""
    from tasks.read.text import read_text

    def read() -> int:
        extract = read_text(path, path.parent)
        extract.check_conservation()
        return extract.received

    return measured(read)


def measured(read: Callable[[], int]) -> int:
    """Runs one reading and prints its figures as JSON."""
    wall, cpu = time.perf_counter(), time.process_time()
    rows = read()
    figures = {"rows": rows, "wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    print(json.dumps(figures | {"peak": int(peak[1]) / 1024 if peak else 0.0}))
    return rows


def one_run(reader: str, path: Path, rows: int) -> dict[str, float]:
    """One reading in a process of its own."""
    command = [sys.executable, __file__, "--read", reader, str(path)]
    told = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, check=True
    ).stdout
    figures: dict[str, float] = json.loads(told)
    if figures["rows"] != rows:
        sys.exit(f"{reader} read {figures['rows']} of {rows} rows of {path.name}")
    return figures


def main(rows: int, runs: int) -> None:
    """Runs, prints, and writes the table."""
    with tempfile.TemporaryDirectory() as folder:
        files = make(Path(folder), rows)
        size = files["clean"].stat().st_size / (1 << 20)
        kinds = {"plain `read_csv`, clean": ("plain", "clean"), "ours, clean": ("ours", "clean"),
                 "ours, every 100th line damaged": ("ours", "damaged"), "ours, UTF-16 (re-encoded copy)": ("ours", "utf-16")}  # fmt: skip
        found: dict[str, list[dict[str, float]]] = {title: [] for title in kinds}
        for at in range(runs + 1):  # the first round only warms the disk's cache
            for title, (reader, file) in kinds.items():
                figures = one_run(reader, files[file], rows)
                found[title] += [figures] if at else []
    peer, *_ = found.values()
    lines = [
        "# Loading a CSV", "",
        f"`python bench/load_csv.py {rows} {runs}`: {rows:,} rows x {len(COLUMNS)} columns, {size:.0f} MiB, separator `;`, into a polars frame of text.",
        "Ours keeps rejects with line and reason, numbers each row as an editor does, looks for formulas, proves that no line is lost.",
        "Speed is plain's time divided by ours, run by run, median; aim: >= 60 % on the clean file. Medians of the others; seconds.", "",
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, Python {platform.python_version()}, {runs} runs each, in turn.", "",
        "| | wall | speed | CPU | speed | peak MiB |", "|---|--:|--:|--:|--:|--:|",
    ]  # fmt: skip
    for title, figures in found.items():
        cells = [title]
        for key in ("wall", "cpu"):
            ratio = median(base[key] / run[key] for base, run in zip(peer, figures, strict=True))
            cells += [f"{median(run[key] for run in figures):.2f}", f"{ratio:.0%}"]
        lines.append("| " + " | ".join([*cells, f"{median(run['peak'] for run in figures):.0f}"]) + " |")
    text = "\n".join(lines) + "\n"
    (ROOT / "bench" / "load_csv.md").write_text(text)
    print(text)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--read"]:
        {"plain": plain, "ours": ours}[sys.argv[2]](Path(sys.argv[3]))
    else:
        sizes = [int(arg) for arg in sys.argv[1:]] + [1_000_000, 5][len(sys.argv) - 1 :]
        main(*sizes)
