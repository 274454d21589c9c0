"""Times reading a 100,000-row XLSX against calamine itself (fastexcel to polars, all as text); writes bench/load_xlsx.md.

Usage: python bench/load_xlsx.py [runs, default 5]. Each run is a fresh process; the two take turns. Linux: peak memory
is the process's VmHWM. The checks of the container, the numeric-NIK check and the layout are all in our time.
"""

import json
import os
import platform
import random
import subprocess
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

import xlsxwriter

ROOT = Path(__file__).resolve().parent.parent
ROWS = 100_000
COLUMNS = (
    "NIK", "NO_KK", "NAMA_LGKP", "JENIS_KLMIN", "TMPT_LHR", "TGL_LHR", "GOL_DRH", "AGAMA", "STAT_KWN", "STAT_HBKEL",
    "PDDK_AKH", "JENIS_PKRJN", "NIK_IBU", "NAMA_LGKP_IBU", "NIK_AYAH", "NAMA_LGKP_AYAH", "ALAMAT", "NO_RT", "NO_RW",
    "NO_PROP", "NO_KAB", "NO_KEC", "NO_KEL", "STAT_HIDUP", "FLAG_STATUS", "EKTP_STATUS", "TGL_ENTRI", "TGL_UBAH",
)  # fmt: skip
TIMED = """
import json, sys, time
from pathlib import Path
import fastexcel, polars
from tasks.read.workbook import read_workbook
def ours(path):
    return read_workbook(Path(path), Path(path).parent).frame.height
def calamine(path):
    sheet = fastexcel.read_excel(path).load_sheet(0, header_row=None, skip_rows=0, dtypes="string")
    return sheet.to_polars().height - 1
wall, cpu = time.perf_counter(), time.process_time()
rows = {"ours": ours, "calamine": calamine}[sys.argv[1]](sys.argv[2])
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps({"rows": rows, "wall": wall, "cpu": cpu, "peak": int(peak.split()[1]) / 1024}))
"""


def write_extract(path: Path, numeric: tuple[str, ...]) -> None:
    """A flat extract of fictional residents; the columns ``numeric`` hold number cells."""
    chance = random.Random(4)  # noqa: S311 (examples, not secrets)
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Data")
        sheet.write_row(0, 0, COLUMNS)
        for at in range(1, ROWS + 1):
            born = date(1950, 1, 1) + timedelta(days=chance.randrange(25_000))
            nik = f"357602{born:%d%m%y}9{at % 1000:03d}"
            name = f"WARGA {chance.randrange(5000)} UJI {chance.randrange(20)}"
            row = [nik, nik[::-1], name, "1", "MOJOKERTO", f"{born}", "13", "1", "2", "1", "5", "15", nik, name, nik, name,
                   f"JL UJI NO {at % 500}", "001", "002", "35", "76", "02", "1009", "1", "0", "CARD PRINTED", "2012-03-01",
                   "2020-05-14"]  # fmt: skip
            for column, value in enumerate(row):
                if COLUMNS[column] in numeric:
                    sheet.write_number(at, column, int(value))
                else:
                    sheet.write_string(at, column, value)


def timed(kind: str, path: Path) -> dict[str, float]:
    """One reading in a fresh process: rows, wall and CPU seconds, peak MiB."""
    command = [sys.executable, "-c", TIMED, kind, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    result: dict[str, float] = json.loads(done.stdout)
    if result["rows"] != ROWS:
        sys.exit(f"{kind}: {result['rows']} rows")
    return result


def measured(title: str, path: Path, runs: int) -> list[str]:
    """The table's lines for one workbook; ratios are taken run by run."""
    pairs = [(timed("ours", path), timed("calamine", path)) for _ in range(runs)]
    lines = []
    for key, unit in (("wall", "s"), ("cpu", "s"), ("peak", "MiB")):
        ours, theirs = ([pair[side][key] for pair in pairs] for side in (0, 1))
        ratios = [mine / yours for mine, yours in zip(ours, theirs, strict=True)]
        shown = f"{min(ratios):.2f} | {median(ratios):.2f} | {max(ratios):.2f}"
        lines.append(f"| {title}, {key} | {median(ours):.2f} {unit} | {median(theirs):.2f} {unit} | {shown} |")
    return lines


def main() -> None:
    """Writes both workbooks, times, prints, and writes the table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as folder:
        text, mixed = Path(folder) / "text.xlsx", Path(folder) / "mixed.xlsx"
        write_extract(text, ())
        write_extract(mixed, ("JENIS_KLMIN", "AGAMA", "NO_RT", "NO_RW", "STAT_HIDUP"))
        rows = measured("all text", text, runs) + measured("5 of 28 columns numeric", mixed, runs)
    lines = [
        "# Reading XLSX", "",
        f"`python bench/load_xlsx.py`: {ROWS:,} rows x {len(COLUMNS)} columns, `read_workbook` (checksums, dangers, far cells,",
        "numeric NIKs, layout, contract) against calamine alone (fastexcel `load_sheet` as strings, to polars). Aim: at most",
        "twice calamine's own time.", "",
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, Python {platform.python_version()}, {runs} runs in turns.", "",
        "| | ours, median | calamine, median | ratio min | median | max |", "|---|--:|--:|--:|--:|--:|", *rows,
    ]  # fmt: skip
    (ROOT / "bench" / "load_xlsx.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
