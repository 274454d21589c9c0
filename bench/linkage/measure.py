"""One command as a process of its own: wall time, CPU and peak memory of it and all its children, within limits."""

import os
import resource
import signal
import subprocess
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

POLL_SECONDS = 0.1
KIB = 1024


@dataclass(frozen=True)
class Limits:
    """Seconds of wall time and bytes of memory after which a command is stopped."""

    seconds: float
    memory: int


@dataclass(frozen=True)
class Measured:
    """Seconds and bytes of one run; `stopped` says why it was ended or failed, and is empty for a run that finished."""

    wall: float
    cpu: float
    peak: int
    load: float
    stopped: str = ""
    last_words: str = ""

    def told(self) -> dict[str, Any]:
        """All of it, for a results file."""
        return asdict(self)


def measure(command: list[str], limits: Limits, cwd: Path) -> Measured:
    """Runs the command; CPU is user + system of the process and the children it waited for (wait4, getrusage(2)).

    Peak memory: of a process alone its high-water mark (VmHWM), of several the sum of what they hold, shared pages once
    (PSS), each looked at ten times a second. ru_maxrss is taken only where it exceeds our own: Linux hands the parent's
    mark down through fork and exec, so a small child of a large parent would look as large.
    """
    load = os.getloadavg()[0]
    with tempfile.TemporaryFile() as said:
        started = time.perf_counter()
        try:
            child = subprocess.Popen(command, cwd=cwd, stdout=said, stderr=said, start_new_session=True)
        except FileNotFoundError:
            return Measured(0, 0, 0, load, "not installed")
        peak, stopped = 0, ""
        while True:
            pid, status, usage = os.wait4(child.pid, os.WNOHANG)
            wall = time.perf_counter() - started
            if pid:
                break
            peak = max(peak, group_memory(child.pid))
            why = over(wall, peak, limits)
            if why and not stopped:
                stopped = why
                os.killpg(child.pid, signal.SIGKILL)
            time.sleep(POLL_SECONDS if wall > 1 else POLL_SECONDS / 10)
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        words = said.read().decode(errors="replace")[-2000:] if child.returncode else ""
    if child.returncode and not stopped:
        stopped = f"exit {child.returncode}"
    if usage.ru_maxrss > resource.getrusage(resource.RUSAGE_SELF).ru_maxrss:
        peak = max(peak, usage.ru_maxrss * KIB)
    return Measured(wall, usage.ru_utime + usage.ru_stime, peak, load, stopped, words)


def over(wall: float, memory: int, limits: Limits) -> str:
    """Why the run is to be stopped, in the words of the report, or nothing."""
    if wall > limits.seconds:
        return f"> {limits.seconds:.0f} s"
    if memory > limits.memory:
        return f"> {limits.memory / 1e9:.0f} GB"
    return ""


def group_memory(group: int) -> int:
    """Bytes held by the processes of a session (one alone: its peak so far), or 0 where there is no /proc."""
    members = [entry.name for entry in os.scandir("/proc") if entry.name.isdigit() and _session(entry.name) == group]
    field, file = ("Pss:", "smaps_rollup") if len(members) > 1 else ("VmHWM:", "status")
    return sum(_kib(f"/proc/{member}/{file}", field) for member in members) * KIB


def _session(pid: str) -> int:
    try:
        # after the command's name, which may hold anything but ends with the last ")": state, parent, group, session
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[3])
    except (OSError, IndexError, ValueError):
        return -1


def _kib(path: str, field: str) -> int:
    try:
        return next((int(line.split()[1]) for line in Path(path).read_text().splitlines() if line.startswith(field)), 0)
    except OSError:
        return 0


def best(runs: list[Measured]) -> Measured:
    """The best wall and the best CPU of several runs, the highest memory, the lowest load; one stopped stops all."""
    bad = next((run for run in runs if run.stopped), None)
    if bad:
        return bad
    return replace(
        runs[0],
        wall=min(run.wall for run in runs),
        cpu=min(run.cpu for run in runs),
        peak=max(run.peak for run in runs),
        load=min(run.load for run in runs),
    )
