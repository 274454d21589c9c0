"""A baseline made ready once: cleaned and keyed records in a folder, for many links against it.

The folder holds personal data of everybody in the baseline: mode 0700, its files 0600.
"""

import contextlib
import hashlib
import json
import os
import secrets
import shutil
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl

from expectations.matching import MatchingModel
from tasks.errors import Exit, Problem, UserError
from tasks.office import PRIVATE_FILE, PRIVATE_FOLDER
from tasks.resolve.link import Baseline as Records
from tasks.resolve.link import prepared_baseline
from tasks.tables.arrays import DAMAGED, load_arrays, save_arrays
from tasks.tables.read import Table

MARKER, RECORDS, READY = "sinkron-prepared.json", "records.parquet", "ready"
FORMAT = "sinkron-prepared/1"
# What prepared numbers depend on beside the model: hashes of texts differ where one of these differs.
SOURCES = (
    "tasks.resolve/prepare.py", "tasks.resolve/names.py", "tasks.resolve/runs.py", "tasks.resolve/index.py",
    "expectations/names.py",
)  # fmt: skip


@dataclass(frozen=True)
class Baseline:
    """An opened folder. ``found``: the columns the baseline has; ``rows``: how many records."""

    name: str
    prepared: Records
    found: tuple[str, ...]
    rows: int
    folder: Path

    def values(self, rows: pl.Series) -> pl.DataFrame:
        """The records at these positions as they were received, in this order."""
        return pl.read_parquet(self.folder / RECORDS, glob=False)[rows]


def fingerprint(model: MatchingModel) -> str:
    """SHA-256 of all that prepared records depend on: the model's columns, fields and keys, our code, polars."""
    told: dict[str, Any] = {
        "format": FORMAT,
        "polars": pl.__version__,
        "columns": list(model.columns.items()),
        "lengths": list(model.lengths.items()),
    }
    told |= {"fields": [asdict(field) for field in model.fields], "blocking": asdict(model.blocking)}
    for source in SOURCES:
        package, name = source.split("/")
        told[source] = hashlib.sha256((files(package) / name).read_bytes()).hexdigest()
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def save_prepared(table: Table, model: MatchingModel, folder: Path) -> None:
    """Prepares a baseline into a new folder, whole or not at all. Raises UserError (USAGE) when it cannot be made."""
    check_new_folder(folder)
    made = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    marker = {"format": FORMAT, "model": model.name, "fingerprint": fingerprint(model), "name": table.name,
              "columns": list(table.found), "rows": table.frame.height}  # fmt: skip
    try:
        made.mkdir(mode=PRIVATE_FOLDER)
        save_arrays(*prepared_baseline(table.frame, model), made / READY)
        table.frame.select(table.found).write_parquet(made / RECORDS)
        (made / MARKER).write_text(json.dumps(marker, indent=1) + "\n", encoding="utf-8")
        for path in made.rglob("*"):
            path.chmod(PRIVATE_FOLDER if path.is_dir() else PRIVATE_FILE)
        with contextlib.suppress(FileNotFoundError):
            folder.rmdir()  # an empty one gives way
        made.rename(folder)
    except (OSError, pl.exceptions.PolarsError):  # polars tells a full disk in its own words
        received, step = "tidak dapat ditulis", "periksa sisa ruang dan izin, lalu ulangi"
        raise UserError(Exit.USAGE, Problem(f"--to {folder.name}", received, "folder baru", step)) from None
    finally:
        shutil.rmtree(made, ignore_errors=True)


def check_new_folder(folder: Path) -> None:
    """Raises UserError (USAGE) unless a folder of this name can be made: nothing is ever overwritten."""
    received = ""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        received = "sudah ada dan tidak kosong"
    elif not folder.absolute().parent.is_dir():
        received = "folder induknya tidak ada"
    elif not os.access(folder.absolute().parent, os.W_OK | os.X_OK):
        received = "folder induknya tidak dapat ditulis"
    if received:
        step = "pilih nama lain, atau hapus folder lama bila tidak dipakai lagi"
        raise UserError(Exit.USAGE, Problem(f"--to {folder.name}", received, "nama folder baru", step))


def load_prepared(folder: Path, model: MatchingModel) -> Baseline:
    """Opens a folder of ``save_prepared``.

    Raises UserError, with the command that makes it anew: USAGE for another folder, FILE for one of another model or
    version and for a damaged one.
    """
    again = f"sinkron prepare BERKAS --to FOLDER_BARU --model {model.name}"
    marker = _marker(folder)
    if marker is None:
        allowed = f"berkas, atau folder dari sinkron prepare (memuat {MARKER})"
        raise UserError(Exit.USAGE, Problem(f"--against {folder.name}", "folder lain", allowed, again))
    received = ""
    if marker.get("model") != model.name:
        received = f"disiapkan dengan model {str(marker.get('model'))[:40]}"
    elif marker.get("fingerprint") != fingerprint(model):
        received = "disiapkan dengan isi model atau versi Sinkron yang lain"
    else:
        with contextlib.suppress(*DAMAGED):
            prepared = load_arrays(folder / READY)
            found, rows = tuple(marker["columns"]), int(marker["rows"])
            if len(prepared[0]) == rows and (folder / RECORDS).is_file():
                return Baseline(str(marker["name"]), prepared, found, rows, folder)
        received = "isinya rusak atau tidak lengkap"
    problem = Problem(f"--against {folder.name}", received, f"disiapkan dengan model {model.name} versi ini", again)
    raise UserError(Exit.FILE, problem)


def _marker(folder: Path) -> dict[str, Any] | None:
    try:
        marker = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return marker if isinstance(marker, dict) else None
