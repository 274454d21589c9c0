"""Whether received files are finished: nothing is read, moved or refused while somebody still writes it."""

import os
import time
from collections.abc import Iterable
from pathlib import Path

from tasks.errors import Exit, Problem, UserError
from tasks.privacy import scrub

SETTLE_SECONDS = 1.0
PARTIAL_SUFFIXES = (".part", ".tmp", ".crdownload", ".filepart")


def check_settled(paths: Iterable[Path]) -> None:
    """Refuses files that are missing or still being written: twice measured, or open for writing by a process."""
    before = {path: path.stat() if path.is_file() else None for path in paths}
    if any(stat and time.time() - stat.st_mtime < SETTLE_SECONDS for stat in before.values()):
        time.sleep(SETTLE_SECONDS)
    problems = []
    for path, stat in before.items():
        if stat is None:
            problems.append(
                Problem(scrub(path.name), "berkas tidak ditemukan", "berkas yang ada", "periksa nama berkas")
            )
        elif path.suffix.lower() in PARTIAL_SUFFIXES or _changed(path, stat) or _open_for_writing(path):
            problems.append(
                Problem(
                    scrub(path.name),
                    "berkas masih ditulis",
                    "berkas yang selesai disalin",
                    "tunggu sampai selesai, lalu ulangi",
                )
            )
    if problems:
        missing = any(stat is None for stat in before.values())
        raise UserError(Exit.USAGE if missing else Exit.STILL_WRITING, *problems)


def _changed(path: Path, stat: os.stat_result) -> bool:
    now = path.stat()
    return (now.st_size, now.st_mtime_ns) != (stat.st_size, stat.st_mtime_ns)


def _open_for_writing(path: Path) -> bool:
    """Whether any process of ours holds the file open for writing (Linux; elsewhere unknown, taken as no)."""
    inode = (path.stat().st_dev, path.stat().st_ino)
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            stat = link.stat()
            if (stat.st_dev, stat.st_ino) == inode and link.lstat().st_mode & 0o200:
                return True
        except OSError:
            continue
    return False
