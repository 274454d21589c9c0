"""How much memory a step of the store may take, and where goes what does not fit."""

import hashlib
import os
from pathlib import Path

from tasks.errors import Exit, Problem, UserError
from tasks.office_settings import LEAST_MIB, Machine

MIB = 2**20
SHARE = 2  # polars, numpy and Prefect's server need the other half
CONTAINER = Path("/sys/fs/cgroup/memory.max")  # cgroup v2; "max" without a limit


def memory_mib(machine: Machine, container: Path = CONTAINER) -> int:
    """What kantor.toml says, else half of the memory of this machine or, if it has less, of this container (MiB)."""
    return machine.memori_mib or max(LEAST_MIB, _installed(container) // SHARE // MIB)


def _installed(container: Path) -> int:
    """Bytes."""
    installed = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        return min(installed, int(container.read_text()))
    except (OSError, ValueError):  # no container, or one without a limit
        return installed


def spill_folder(machine: Machine, scratch: Path) -> Path:
    """The office's own folder in that of kantor.toml, else its scratch.

    Raises UserError (OFFICE) when it can not be written.
    """
    if not machine.sementara:
        return scratch
    folder = Path(machine.sementara)
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        received = "bukan folder yang dapat ditulis"
        problem = Problem("kantor.toml, mesin.sementara", received, "folder yang ada, di disk yang lapang",
                          "buat folder itu (mode 0700), sambungkan disknya, atau hapus baris itu")  # fmt: skip
        raise UserError(Exit.OFFICE, problem)
    mine = folder / f"sinkron-{hashlib.sha256(str(scratch.resolve()).encode()).hexdigest()[:12]}"
    mine.mkdir(mode=0o700, exist_ok=True)  # DuckDB names its files the same in every process: no other office's folder
    return mine
