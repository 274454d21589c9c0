"""Results as files: checked before the long work, whole or not at all, for their owner alone."""

import contextlib
import os
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tasks.errors import Exit, Problem, UserError
from tasks.private import new_private

FORMATS = (".parquet", ".csv")
ROW_GROUP = 1 << 18  # rows; fixed, so that equal results are equal bytes on every machine
ASK = "pilih nama lain"


@dataclass(frozen=True)
class Target:
    """A file that will be written: ``option`` is how the command line calls it."""

    option: str
    path: Path
    formats: tuple[str, ...] = FORMATS


def check_targets(targets: Sequence[Target], inputs: Iterable[Path]) -> None:
    """Raises UserError (USAGE) with every problem: suffix, folder, a name given twice or that of an input."""
    problems: list[Problem] = []
    taken = {_real(path): path.name for path in inputs}
    for target in targets:
        place, real = f"{target.option} {target.path.name}", _real(target.path)
        if target.path.suffix not in target.formats:
            received = f"akhiran {target.path.suffix or '(tidak ada)'}"
            problems.append(Problem(place, received, " atau ".join(target.formats), "ganti akhirannya"))
        if target.path.is_dir():
            problems.append(Problem(place, "nama sebuah folder", "nama berkas", ASK))
        elif not target.path.parent.is_dir():
            problems.append(Problem(place, "foldernya tidak ada", "folder yang ada", "buat foldernya"))
        elif not os.access(target.path.parent, os.W_OK | os.X_OK):
            problems.append(Problem(place, "foldernya tidak dapat ditulis", "folder yang dapat ditulis", ASK))
        if real in taken:
            allowed = "berkas lain dari masukan dan hasil lain"
            problems.append(Problem(place, f"sama dengan {taken[real]}", allowed, ASK))
        taken[real] = target.option
    if problems:
        raise UserError(Exit.USAGE, *problems)


def _real(path: Path) -> str:
    return os.path.realpath(path)


def write_tables(tables: Sequence[tuple[Path, pl.DataFrame]]) -> None:
    """Writes each frame as Parquet or CSV by its suffix (mode 0600); no name is taken before all are written whole.

    Equal frames give equal bytes. Raises UserError (USAGE) when the disk refuses; then no file was replaced.
    """
    beside = [path.with_name(f".{path.name}.{secrets.token_hex(4)}") for path, _ in tables]
    try:
        for (path, frame), made in zip(tables, beside, strict=True):
            with new_private(made) as file:
                if path.suffix == ".csv":
                    frame.write_csv(file)
                else:
                    frame.write_parquet(file, row_group_size=ROW_GROUP)
                file.flush()
                os.fsync(file.fileno())
        for (path, _), made in zip(tables, beside, strict=True):
            made.replace(path)
    except (OSError, pl.exceptions.PolarsError):  # polars tells a full disk in its own words
        names = ", ".join(path.name for path, _ in tables)
        received, step = "tidak dapat ditulis", "periksa sisa ruang dan izin folder, lalu ulangi"
        raise UserError(Exit.USAGE, Problem(names, received, "folder yang dapat ditulis", step)) from None
    finally:
        for made in beside:
            with contextlib.suppress(OSError):
                made.unlink(missing_ok=True)
