"""Many cases on two processes: `make fuzz`. A process that dies or hangs is a failure of its case, and the run goes on.

SINKRON_FUZZ: how many CSV and how many workbooks (a fifth as many tables and archives); SINKRON_FUZZ_START: the first
number; SINKRON_FUZZ_REPORT: a file for the figures. `fuzz_run.py csv 177` does one case again and keeps its file.
"""

import multiprocessing as mp
import os
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from fuzz_case import PERSONAL, SLOW_SECONDS, make, run

CHUNK, PROCESSES = 500, 2
HUNG_SECONDS = 30.0  # of the clock: other people's work on the same machine counts too
MAX_RSS_BYTES = 1_500_000_000
ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "build" / "fuzz"
Job = tuple[str, int, int]
Known = tuple[str, int]


@dataclass
class Tally:
    """What came of some cases. ``faults``: (family, number) -> what is wrong."""

    outcomes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: dict[Known, str] = field(default_factory=dict)
    printed: Counter[str] = field(default_factory=Counter)
    placed: int = 0
    slowest: tuple[float, str, int] = (0.0, "", 0)
    peak_rss: int = 0
    stopped: bool = False

    def add(self, other: "Tally") -> None:
        """Takes over what another tally counted."""
        for mine, theirs in ((self.outcomes, other.outcomes), (self.reasons, other.reasons), (self.kinds, other.kinds),
                             (self.printed, other.printed)):  # fmt: skip
            mine.update(theirs)
        self.faults |= other.faults
        self.placed += other.placed
        self.slowest = max(self.slowest, other.slowest)
        self.peak_rss = max(self.peak_rss, other.peak_rss)

    def count(self, outcome: str, family: str = "") -> int:
        """How many cases ended so."""
        return sum(n for (of, _, what), n in self.outcomes.items() if what == outcome and family in ("", of))


def _one(family: str, number: int, folder: Path, tally: Tally) -> None:
    case = make(family, number)
    verdict = run(case, folder)
    if verdict.seconds > SLOW_SECONDS:  # the machine may have been busy: the better of two counts
        verdict = min(verdict, run(case, folder), key=lambda v: v.seconds)
    fault = verdict.fault or (f"lambat: {verdict.seconds:.1f} detik" if verdict.seconds > SLOW_SECONDS else "")
    tally.outcomes[family, case.seed.suffix, verdict.outcome] += 1
    tally.kinds.update((case.seed.suffix, kind) for kind in case.kinds)
    if verdict.reason:
        tally.reasons[family, verdict.reason] += 1
    tally.placed += verdict.placed
    tally.slowest = max(tally.slowest, (verdict.seconds, family, number))
    if fault:
        tally.faults[family, number] = fault


def work(jobs: "Connection[Any, Any]", at: Any, quiet: Path) -> None:
    """A process's life: jobs come in, tallies go out; ``at``: the case in hand. What it prints is looked at."""
    printing = os.open(quiet, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
    os.dup2(printing, 1)
    os.dup2(printing, 2)
    with tempfile.TemporaryDirectory() as folder:
        while job := jobs.recv():
            family, start, stop, skipped = job
            tally = Tally()
            for number in range(start, stop):
                at.value = number
                if (family, number) in skipped:
                    continue
                _one(family, number, Path(folder), tally)
                if size := os.fstat(printing).st_size:
                    text = quiet.read_text(errors="replace")[:size]
                    os.ftruncate(printing, 0)
                    tally.printed["panik" if "panicked" in text else "catatan"] += 1
                    if PERSONAL.search(text):
                        tally.faults[family, number] = "cetakan memuat data pribadi"
            tally.peak_rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
            if tally.peak_rss > MAX_RSS_BYTES:
                tally.faults[family, start] = f"memori {tally.peak_rss >> 20} MiB dalam {stop - start} kasus"
            jobs.send(tally)


class Worker:
    """One process and the job it has in hand."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name, self.job, self.skipped = folder, name, None, set[Known]()
        self._begin()

    def _begin(self) -> None:
        context = mp.get_context("spawn")
        self.jobs, inner = context.Pipe()
        self.at = context.Value("q", -1)
        self.seen = (-1, time.monotonic())
        self.process = context.Process(
            target=work, args=(inner, self.at, self.folder / f"{self.name}.txt"), daemon=True
        )
        self.process.start()
        inner.close()

    def give(self, job: Job | None) -> None:
        """Hands over a job, or the evening off."""
        self.job, self.seen = job, (-1, time.monotonic())
        self.jobs.send(job and (*job, self.skipped))

    def hung(self) -> bool:
        """Whether the same case has been in hand for too long."""
        if self.at.value != self.seen[0]:
            self.seen = (self.at.value, time.monotonic())
        return time.monotonic() - self.seen[1] > HUNG_SECONDS

    def replace(self) -> Known:
        """Buries the process and starts another one on the same job, without the deadly case, which is returned."""
        self.process.kill()
        self.process.join()
        job = self.job
        assert job is not None
        deadly = (job[0], int(self.at.value))
        self.skipped.add(deadly)
        self._begin()
        self.give(job)
        return deadly


def fuzz(jobs: Iterator[Job], processes: int = PROCESSES, tell: Callable[[Tally], None] = lambda _: None) -> Tally:
    """Runs all jobs and counts; ``tell`` hears how far it is."""
    total = Tally()
    with tempfile.TemporaryDirectory() as folder:
        crew = [Worker(Path(folder), f"p{n}") for n in range(processes)]
        for worker in crew:
            worker.give(next(jobs, None))
        try:
            _watch(crew, jobs, total, tell)
        except KeyboardInterrupt:
            total.stopped = True
            for worker in crew:
                worker.process.kill()
        for worker in crew:
            worker.process.join()
    return total


def _watch(crew: list[Worker], jobs: Iterator[Job], total: Tally, tell: Callable[[Tally], None]) -> None:
    """Hands out jobs and takes tallies until none is left."""
    while busy := {worker.jobs: worker for worker in crew if worker.job}:
        ready = wait(list(busy), timeout=1.0)
        for worker in (busy[end] for end in ready):  # type: ignore[index]
            try:
                total.add(worker.jobs.recv())
            except (EOFError, ConnectionResetError):
                total.faults[worker.replace()] = "proses mati"
                continue
            worker.give(next(jobs, None))
            tell(total)
        for worker in busy.values():
            if worker.job and worker.hung():
                total.faults[worker.replace()] = "macet"


def jobs_of(cases: dict[str, int], start: int = 0, chunk: int = CHUNK) -> Iterator[Job]:
    """All cases in pieces, the families in turn."""
    pieces = [(at / count, family, at, min(at + chunk, count)) for family, count in cases.items()
              for at in range(0, count, chunk)]  # fmt: skip
    return iter([(family, start + at, start + stop) for _, family, at, stop in sorted(pieces)])


def keep(known: Known) -> Path:
    """Writes the damaged file of a case, to look at."""
    case = make(*known)
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / f"{case.family}-{case.number}{case.seed.suffix}"
    path.write_bytes(case.content)
    return path


def report(tally: Tally, seconds: float) -> str:
    """The figures of a run, as Markdown."""
    lines = [
        "| Jenis | Kasus | Diterima, sama dengan pembacaan kedua | Ditolak dengan alasan |",
        "|---|---:|---:|---:|",
    ]
    for family, suffix in sorted({key[:2] for key in tally.outcomes}):
        counts = [tally.outcomes[family, suffix, outcome] for outcome in ("diterima", "ditolak")]
        lines.append(f"| {family} {suffix} | {sum(counts):,} | {counts[0]:,} | {counts[1]:,} |")
    refused = max(tally.count("ditolak"), 1)
    slow, family, number = tally.slowest
    lines += ["", f"- Kegagalan: **{len(tally.faults)}**",
              f"- Penolakan dengan lembar, baris, kolom, sel atau anggota: {tally.placed:,} dari {refused:,}",
              f"- Kasus paling lambat: {slow:.2f} detik CPU ({family} {number}); batas {SLOW_SECONDS:.0f} detik",
              f"- Memori puncak satu proses: {tally.peak_rss >> 20} MiB; batas {MAX_RSS_BYTES >> 20} MiB",
              f"- Cetakan pembaca Rust ke stderr (tanpa data pribadi): {dict(tally.printed)}",
              f"- Lama: {seconds / 60:.1f} menit, {PROCESSES} proses", "",
              "| Alasan penolakan | Kasus |", "|---|---:|"]  # fmt: skip
    lines += [
        f"| {family}: {reason.replace('|', '/')} | {count:,} |"
        for (family, reason), count in tally.reasons.most_common(40)
    ]
    lines += ["", "| Kerusakan | Kasus |", "|---|---:|"]
    lines += [f"| {suffix} {kind} | {count:,} |" for (suffix, kind), count in sorted(tally.kinds.items())]
    return "\n".join(lines) + "\n"


def _progress(tally: Tally) -> None:
    done = sum(tally.outcomes.values())
    print(f"{done:,} kasus, {len(tally.faults)} gagal", dict(list(tally.faults.items())[-3:]), file=sys.stderr)  # noqa: T201


def main() -> int:
    """One case by name, or the whole run."""
    if len(sys.argv) > 2:
        known = sys.argv[1], int(sys.argv[2])
        print(keep(known))  # noqa: T201
        with tempfile.TemporaryDirectory() as folder:
            print(make(*known).seed.name, make(*known).kinds, run(make(*known), Path(folder)))  # noqa: T201
        return 0
    count, start = int(os.environ.get("SINKRON_FUZZ", "100000")), int(os.environ.get("SINKRON_FUZZ_START", "0"))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    tally = fuzz(jobs_of({"csv": count, "workbook": count, "lain": count // 5}, start), tell=_progress)
    told = report(tally, time.monotonic() - began)
    if path := os.environ.get("SINKRON_FUZZ_REPORT"):
        wanted = f"diminta {count:,} CSV, {count:,} buku kerja, {count // 5:,} DBF dan ZIP mulai nomor {start}"
        heading = f"# Uji berkas rusak\n\n`make fuzz`: {wanted}{'; DIHENTIKAN sebelum selesai' * tally.stopped}.\n\n"
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(heading + told)
    print(told)  # noqa: T201
    for known, fault in sorted(tally.faults.items())[:200]:
        print("GAGAL", *known, fault, keep(known))  # noqa: T201
    return 2 if tally.stopped else min(len(tally.faults), 1)


if __name__ == "__main__":
    sys.exit(main())
