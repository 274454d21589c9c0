"""Times one large extract against a kabupaten's register, step by step; writes bench/growth.md: ``make bench-growth``.

Usage: python bench/growth.py [--rows 15000 160000] [--residents 1200000] [--folder FOLDER] [--memory MIB]. People are
made up (bench.population) and put into the city's kelurahan; six rows in ten of an extract are residents of whom the
register holds two records, the others any residents, one in five with another address. Each step is a process of its
own, as after every resume: its wall time, processor time, peak memory, the file's size and the machine's load.
"""

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
AGENDA, AS_OF, ROUND = "2026-0001", "2026-10-06", 1
NOW = datetime(2026, 10, 6, 2, 0, tzinfo=UTC)
TWICE, MOVED = 0.6, 0.2  # of an extract's rows: residents recorded twice, residents with another address
SAME = {"gol_drh": "13", "pddk_akh": "5", "jenis_pkrjn": "15", "stat_hidup": "1", "flag_status": "0",
        "ektp_status": "CARD PRINTED", "tgl_entri": "2012-03-01"}  # fmt: skip
KIB = 1024


def make_data(folder: Path, residents: int, rows: list[int]) -> None:
    """register.csv and extract-<rows>.csv, the same every time."""
    import numpy as np
    import polars as pl

    from bench.population.generator import Settings, generate
    from expectations.codes import CITY, regions

    made = generate(Settings(residents))
    codes = pl.Series("code", sorted(code for code in regions("kelurahan") if code.startswith(CITY)))
    rng = np.random.default_rng(7)
    home = codes.gather(rng.integers(0, len(codes), residents))
    register = made.people.drop("kec_name").with_columns(
        no_prop=home.str.slice(0, 2), no_kab=home.str.slice(2, 2), no_kec=home.str.slice(4, 2), no_kel=home.str.slice(6),
        **{name: pl.lit(value) for name, value in SAME.items()},
    )  # fmt: skip
    register = register.rename({name: name.upper() for name in register.columns})
    folder.mkdir(parents=True, exist_ok=True)
    register.write_csv(folder / "register.csv")
    several = made.truth.filter(pl.len().over("person") > 1)["row"].to_numpy()
    for count in rows:
        twice = rng.choice(several, min(len(several), round(count * TWICE)), replace=False)
        others = rng.choice(np.setdiff1d(np.arange(residents), twice), count - len(twice), replace=False)
        extract = register[np.sort(np.concatenate([twice, others]))].with_columns(
            ALAMAT=pl.when(pl.int_range(pl.len()) % round(1 / MOVED) == 0).then(pl.lit("JL BARU 7")).otherwise("ALAMAT")
        )
        extract.write_csv(folder / f"extract-{count}.csv", separator=";")


def step_baseline(office: Any, folder: Path, _: int) -> dict[str, Any]:
    """The register, once."""
    from tasks.load import load_baseline
    from tasks.store import open_store

    with open_store(office) as con:
        return {"residents": load_baseline(con, office, folder / "register.csv")}


def step_receive(office: Any, folder: Path, rows: int) -> dict[str, Any]:
    """The extract into the archive."""
    from tasks.receive import receive

    receipt = receive(office, [folder / f"extract-{rows}.csv"], None, (NOW, "cli"))
    return {"agenda": receipt.agenda}


def step_load(office: Any, *_: Any) -> dict[str, Any]:
    """Archive to store."""
    from tasks.ledger import open_ledger
    from tasks.load import load
    from tasks.receipts import find_receipt
    from tasks.store import open_store

    with open_ledger(office) as ledger, open_store(office) as con:
        return load(con, office, find_receipt(ledger, AGENDA))


def step_validate(office: Any, *_: Any) -> dict[str, Any]:
    """All rules."""
    from tasks.store import open_store
    from tasks.validate import Terms, validate

    with open_store(office) as con:
        return validate(con, AGENDA, Terms(AS_OF))


def step_resolve(office: Any, *_: Any) -> dict[str, Any]:
    """Duplicates, within the extract and against the register."""
    from tasks.resolve.run import resolve
    from tasks.store import open_store

    with open_store(office) as con:
        return resolve(con, AGENDA, office.desk / "pasangan.html")


def step_reconcile(office: Any, *_: Any) -> dict[str, Any]:
    """Against earlier extracts; here there are none."""
    from tasks.reconcile.run import reconcile
    from tasks.store import open_store

    with open_store(office) as con:
        return reconcile(con, AGENDA, AS_OF)


def step_propose(office: Any, *_: Any) -> dict[str, Any]:
    """Draft, Staff's worksheet and proposal."""
    from tasks.propose import propose
    from tasks.store import open_store
    from tasks.worksheet import write_worksheet

    with open_store(office) as con:
        propose(con, AGENDA, ROUND, step="draft")
        sheet = write_worksheet(con, office, AGENDA, ROUND)
        return propose(con, AGENDA, ROUND) | {"worksheet_mib": round(sheet.stat().st_size / KIB**2, 1)}


def step_apply(office: Any, *_: Any) -> dict[str, Any]:
    """Four signatures, then the writing."""
    from office_kit.signers import staff_an_office

    from tasks.approvals.case import Case
    from tasks.ledger import open_ledger
    from tasks.propose.changeset import digest
    from tasks.store import open_store
    from tasks.write.apply import apply

    desk = staff_an_office(office)
    with open_store(office) as con:
        desk.case = (AGENDA, ROUND, digest(con, AGENDA, ROUND))
        desk.sign()
        with open_ledger(office) as ledger:
            return apply(con, ledger, Case(*desk.case), (desk.clock, office.separation()))[0]


def step_publish(office: Any, *_: Any) -> dict[str, Any]:
    """The analysts' copy of the whole register."""
    from tasks.ledger import open_ledger
    from tasks.publish import publish
    from tasks.store import open_store

    with open_ledger(office) as ledger, open_store(office) as con:
        return publish(con, office, ledger, (AGENDA, NOW + timedelta(hours=1)))


STEPS: dict[str, Callable[..., dict[str, Any]]] = {
    name: globals()[f"step_{name}"]
    for name in ("baseline", "receive", "load", "validate", "resolve", "reconcile", "propose", "apply", "publish")
}


def run_step(name: str, home: Path, folder: Path, rows: int) -> None:
    """One step in this process; its figures as one line of JSON."""
    from tasks.office import Office

    office = Office(home)
    started, load = time.perf_counter(), os.getloadavg()[0]
    summary = STEPS[name](office, folder, rows)
    wall, used = time.perf_counter() - started, os.times()
    peak = int(re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)[1])
    told = {key: value for key, value in summary.items() if isinstance(value, (int, float))}
    figures = {"wall": wall, "cpu": used.user + used.system, "peak_mib": peak / KIB, "load": load}
    print(json.dumps(figures | {"store_mib": _size(office.store) / KIB**2, "told": told}))


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def measure(folder: Path, rows: int, memory: int) -> list[dict[str, Any]]:
    """Every step of one extract in an office that has the register already."""
    from tasks.office import Office

    home = folder / f"kantor-{rows}"
    shutil.rmtree(home, ignore_errors=True)
    Office(home).create()
    (home / "kantor.toml").write_text(f"[mesin]\nmemori_mib = {memory}\n")
    lines = []
    for name in STEPS:
        command = [sys.executable, __file__, "--step", name, "--home", home, "--folder", folder, "--rows", str(rows)]
        said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        lines.append({"step": name} | json.loads(said.stdout.splitlines()[-1]))
        print(json.dumps(lines[-1]), flush=True)
    return lines


def table(rows: int, residents: int, lines: list[dict[str, Any]]) -> list[str]:
    """One extract's figures as Markdown."""
    told = [f"## {rows:,} rows against {residents:,} residents", "",
            "| step | wall, s | processors, s | peak, MiB | store, MiB | load |", "|---|---|---|---|---|---|"]  # fmt: skip
    told += [
        f"| {line['step']} | {line['wall']:.1f} | {line['cpu']:.1f} | {line['peak_mib']:,.0f} "
        f"| {line['store_mib']:,.0f} | {line['load']:.1f} |"
        for line in lines
    ]
    once = [line for line in lines if line["step"] != "baseline"]
    total = f"| all but the baseline | {sum(x['wall'] for x in once):.1f} | {sum(x['cpu'] for x in once):.1f} "
    return [*told, f"{total}| {max(x['peak_mib'] for x in once):,.0f} | | |", ""]


def main() -> None:
    """All extracts asked for, or one step of one."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[15_000, 160_000])
    parser.add_argument("--residents", type=int, default=1_200_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--memory", type=int, default=2048, help="memori_mib of kantor.toml")
    parser.add_argument("--out", type=Path, default=HERE / "growth.md")
    parser.add_argument("--step", choices=STEPS)
    parser.add_argument("--home", type=Path)
    given = parser.parse_args()
    if given.step:
        run_step(given.step, given.home, given.folder, given.rows[0])
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = (given.folder or Path(temporary)).resolve()
        if not all((folder / f"extract-{rows}.csv").exists() for rows in given.rows):
            make_data(folder, given.residents, given.rows)
        tables = [table(rows, given.residents, measure(folder, rows, given.memory)) for rows in given.rows]
    about = (
        f"`make bench-growth`, {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores shared with other work "
        f"({platform.machine()}), DuckDB held to {given.memory} MiB (`memori_mib`). Wall times count for little where "
        "the load was above the number of cores; processor time and peak memory do. Each step is a process of its own "
        "and pays its imports."
    )
    head = ["# One large extract on one machine", "", about, ""]
    given.out.write_text("\n".join([*head, *(line for lines in tables for line in lines)]))


if __name__ == "__main__":
    main()
