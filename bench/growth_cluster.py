"""What a linking costs when its parts go elsewhere, per part and per record: seconds and bytes on the way; for docs/growth.md.

Usage: python -m bench.growth_cluster [residents ...] [--folder FOLDER]. One process works on the parts one after the other, each
packed and unpacked as for another machine, so that its processor time can be told from that of the driver.
"""

import argparse
import json
import os
import pickle
import re
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import polars as pl

MIB = 2**20


class Counting:
    """A ``Fan`` that counts, per kind of part: how many, bytes there and back, processor seconds, the largest."""

    def __init__(self) -> None:
        self.kinds: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        self.packing = 0.0

    def each(self, function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        """``function`` of every item, packed and unpacked."""
        count = self.kinds[function.__name__]
        for item in items:
            started = time.process_time()
            there = pickle.dumps(item, protocol=5)
            arrived = pickle.loads(there)  # noqa: S301 (our own)
            self.packing += time.process_time() - started
            started = time.process_time()
            made = function(arrived)
            used = time.process_time() - started
            back = len(pickle.dumps(made, protocol=5))
            count["parts"] += 1
            count["seconds"] += used
            count["there_mib"] += len(there) / MIB
            count["back_mib"] += back / MIB
            count["most_seconds"] = max(count["most_seconds"], used)
            count["most_mib"] = max(count["most_mib"], len(there) / MIB)
            yield made


def measure(people: Path) -> None:
    """One file linked within itself; figures as one line of JSON."""
    from tasks.resolve.link import Steering, link

    frame = pl.read_parquet(people)
    records, load = frame.height, os.getloadavg()[0]
    fan, wall, cpu = Counting(), time.perf_counter(), time.process_time()
    linked = link(frame, steering=Steering(fan=fan))
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    parts = sum(kind["seconds"] for kind in fan.kinds.values())
    peak = int(re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)[1]) / 1024
    facts = {"records": records, "candidates": linked.candidates, "pairs": linked.pairs.height, "load": load,
             "wall": wall, "cpu": cpu, "parts_cpu": parts, "packing_cpu": fan.packing, "peak_mib": peak}  # fmt: skip
    print(json.dumps({name: round(value, 2) for name, value in facts.items()}))
    for name, kind in fan.kinds.items():
        print(json.dumps({"kind": name} | {key: round(value, 2) for key, value in kind.items()}))


def main() -> None:
    """Each size in a process of its own."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("residents", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--folder", type=Path, default=Path("build/growth"))
    parser.add_argument("--people", type=Path)
    given = parser.parse_args()
    if given.people:
        measure(given.people)
        return
    for residents in given.residents:
        folder = given.folder / str(residents)
        if not (folder / "people.parquet").exists():
            subprocess.run(
                [sys.executable, "-m", "bench.population", folder, "--residents", str(residents)], check=True
            )
        command = [sys.executable, "-m", "bench.growth_cluster", "--people", folder / "people.parquet"]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
