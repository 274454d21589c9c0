"""Starts every engine on every set, one after another, and keeps what they cost and what they found."""

import hashlib
import json
import os
import platform
import shutil
import tempfile
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from bench.linkage import data as sets
from bench.linkage.data import ROOT, Data
from bench.linkage.engines import ENGINES, LABELLED, PREPARED, SINKRON, Engine, prepared
from bench.linkage.evaluate import evaluate
from bench.linkage.measure import KIB, Limits, Measured, best, measure

RESULTS = Path(__file__).with_name("results.json")
PEER_SECONDS = 360.0
OWN_SECONDS = 1800.0
MEMORY_SHARE = 0.85
REPEAT_UNDER = 120.0
OWN = (SINKRON, PREPARED, LABELLED)
PACKAGES = ("splink", "recordlinkage", "dedupe", "duckdb", "polars", "pandas", "numpy")
Results = dict[str, Any]


def rounded(told: Any) -> Any:
    """Figures of nine decimals: more would be noise, and sixteen digits in a row look like a NIK."""
    if isinstance(told, dict):
        return {key: rounded(value) for key, value in told.items()}
    if isinstance(told, list):
        return [rounded(value) for value in told]
    return round(told, 9) if isinstance(told, float) else told


def compare(names: Sequence[str], engines: Sequence[Engine], into: Path, times: int = 2) -> Results:
    """Runs the engines on the named sets; results are written after each engine, so a stopped run keeps its part."""
    results = stored(into)
    results |= {"machine": machine(), "versions": versions()}
    for name in names:
        told = results["sets"].setdefault(name, {"engines": {}})
        try:
            data = sets.load(name)
        except Exception:  # noqa: BLE001 (one set that cannot be made must not lose the others)
            traceback.print_exc()
            continue
        told |= {"rows": data.rows, "model": data.model, "measured": datetime.now(UTC).date().isoformat()}
        for engine in (one for one in engines if one.runs_on(data)):
            told["engines"][engine.name] = one_run(engine, data, times)
            say(name, engine.name, told["engines"][engine.name])
            into.parent.mkdir(parents=True, exist_ok=True)
            into.write_text(json.dumps(rounded(results), indent=1, sort_keys=True) + "\n")
    return results


def stored(path: Path) -> Results:
    """What earlier runs left, or nothing yet."""
    return json.loads(path.read_text()) if path.exists() else {"sets": {}}


def one_run(engine: Engine, data: Data, times: int) -> Results:
    """Cost (best of so many where one is short) and worth of one engine on one set."""
    limits = Limits(OWN_SECONDS if engine.name in OWN else PEER_SECONDS, int(free_memory() * MEMORY_SHARE))
    once = _prepared(engine, data, limits)
    if once.get("prepare", {}).get("stopped"):
        return {"cost": once["prepare"]}
    with tempfile.TemporaryDirectory() as place:
        out = Path(place)
        runs, seen = [], set()
        while True:
            shutil.rmtree(out)
            out.mkdir()
            runs.append(measure(engine.command(data, out), limits, ROOT))
            if runs[-1].stopped:
                break
            seen.add(hashlib.sha256((out / "pairs.parquet").read_bytes()).hexdigest())
            if len(runs) >= times or runs[0].wall > REPEAT_UNDER:
                break
        told = once | {"cost": cost(runs)}
        if told["cost"]["stopped"]:
            return told
        note = out / "note.json"
        told |= json.loads(note.read_text()) if note.exists() else {}
        return (
            told
            | {"same_bytes": len(seen) == 1 if len(runs) > 1 else None}
            | evaluate(data, out, engine.threshold(data))
        )


def _prepared(engine: Engine, data: Data, limits: Limits) -> Results:
    """The cost of what an engine does once per baseline."""
    command = engine.preparation(data)
    if command:
        shutil.rmtree(prepared(data), ignore_errors=True)
    return {"prepare": cost([measure(command, limits, ROOT)])} if command else {}


def cost(runs: list[Measured]) -> Results:
    """The best of the runs, with each run's wall time."""
    return best(runs).told() | {"walls": [run.wall for run in runs]}


def say(name: str, engine: str, told: Results) -> None:
    """One line of progress on the terminal."""
    spent = told["cost"]
    if spent["stopped"]:
        print(f"{name:16} {engine:28} {spent['stopped']}", spent["last_words"][-600:], flush=True)
        return
    grouped = told.get("cluster")
    clusters = f"  cluster {grouped['pairwise']['f1']:.4f}, largest {grouped['largest']}" if grouped else ""
    print(
        f"{name:16} {engine:28} {spent['wall']:7.1f} s {spent['cpu']:7.1f} CPU-s {spent['peak'] / 1e6:7.0f} MB"
        f"  F1 {told['pair']['f1']:.4f} (best {told['pair_best']['f1']:.4f}){clusters}",
        flush=True,
    )


def free_memory() -> int:
    """Bytes that can be had now without anybody else losing theirs (Linux), else all there are."""
    told = Path("/proc/meminfo")
    lines = told.read_text().splitlines() if told.exists() else []
    return next((int(line.split()[1]) * KIB for line in lines if line.startswith("MemAvailable:")), memory())


def memory() -> int:
    """Bytes of memory of this machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def machine() -> dict[str, Any]:
    """What the figures depend on; nothing that names the machine."""
    return {"cores": os.cpu_count(), "memory_gb": round(memory() / 1e9, 1), "system": platform.system(),
            "python": platform.python_version()}  # fmt: skip


def versions() -> dict[str, str]:
    """Versions of the engines and of what they stand on."""
    return {name: metadata.version(name) for name in PACKAGES}


def tune(kinds: Sequence[str], name: str, into: Path) -> Results:
    """Each expert set-up of Splink on one set: the table of what was tried (kept under "tuned")."""
    data, results = sets.load(name), stored(into) | {"machine": machine(), "versions": versions()}
    for kind in kinds:
        engine = Engine(f"Splink 5, {kind}", "splink", kind)
        results.setdefault("tuned", {}).setdefault(name, {})[kind] = told = one_run(engine, data, 1)
        say(name, engine.name, told)
        into.write_text(json.dumps(rounded(results), indent=1, sort_keys=True) + "\n")
    return results


def chosen(wanted: str) -> list[Engine]:
    """The engines whose name begins so (comma-separated, any case), or all."""
    begun = tuple(word.strip().lower() for word in wanted.split(",") if word.strip())
    return [one for one in ENGINES if not begun or one.name.lower().startswith(begun)]
